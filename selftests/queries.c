// SPDX-License-Identifier: GPL-2.0
/* What a query costs all others: locks, memory, and their share of answers. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"

#include "lib/clock.h"
#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT		2600
#define OTHER		1001
/* Users of a user namespace, and the first of them outside. */
#define SUBUIDS		16
#define SUBUID		100000
/* Each of them asks this often, and reads nothing. */
#define ASKED		16

/* Together they have so many descriptors that a query takes long. */
#define HOLDERS		120
#define DUPS		4000

#define MANY		4000
/* More than what is sent before the reader comes for it. */
#define SOME		600

FIXTURE(queries)
{
	struct nl nl;
	int fd;
};

FIXTURE_SETUP(queries)
{
	const struct rlimit files = { 16384, 16384 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_bound("127.0.0.1", SOCK_DGRAM, PORT);
}

FIXTURE_TEARDOWN(queries)
{
	nl_close(&self->nl);
}

/* A request is only checked when sent: the answer is made when it is read. */
TEST_F(queries, collected_by_the_reader)
{
	const struct pt_filter filter = { .port = PORT, .port_last = PORT + 1 };
	struct pt_socks socks;
	int fd;

	pt_socks_ask(&self->nl, &filter);
	fd = sock_bound("127.0.0.1", SOCK_DGRAM, PORT + 1);
	socks = pt_socks_hear(&self->nl);
	ASSERT_EQ(0, socks.err);
	EXPECT_TRUE(self->nl.begun);
	EXPECT_EQ(2, socks.n);
	EXPECT_NE(NULL, pt_by_cookie(&socks, sock_cookie(fd)));
}

/* But errors in it are reported immediately. */
TEST_F(queries, refused_at_once)
{
	struct nl_msg msg;

	nl_msg_init(&msg, &self->nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
	nl_put_u16(&msg, PORTOWNER_A_PORT_PORT_LAST, PORT);
	EXPECT_EQ(-EINVAL, nl_talk(&self->nl, &msg, NULL, NULL));
	EXPECT_FALSE(self->nl.begun);
}

static void start_holders(struct proc *holders, int fd)
{
	struct proc_dups dups = { .fd = fd, .nr = DUPS };
	int i;

	for (i = 0; i < HOLDERS; i++)
		proc_start(&holders[i], proc_hold_dups, &dups);
	for (i = 0; i < HOLDERS; i++)
		proc_await(&holders[i]);
}

static void end_holders(struct proc *holders)
{
	int i;

	for (i = 0; i < HOLDERS; i++)
		proc_end(&holders[i]);
}

/* One query after the other, with the time that each took. */
static void ask_always(struct proc *parent, void *arg)
{
	atomic_long *took = arg;
	struct nl_msg msg;
	struct nl nl;
	long start;

	if (nl_open(&nl))
		_exit(1);
	proc_tell(parent);
	for (;;) {
		start = now_us();
		nl_msg_init(&msg, &nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
		nl_put_u16(&msg, PORTOWNER_A_PORT_PORT, PORT);
		if (nl_talk(&nl, &msg, NULL, NULL))
			_exit(2);
		*took = (now_us() - start) / 1000;
	}
}

static int kgenl_load(void)
{
	struct utsname uts;
	char path[256];
	int fd, err;

	if (uname(&uts))
		die_errno("uname");
	snprintf(path, sizeof(path), "/lib/modules/%s/updates/kgenl.ko",
		 uts.release);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

static int kgenl_unload(void)
{
	return syscall(SYS_delete_module, "kgenl", 0) ? -errno : 0;
}

/* Microseconds to register a family. */
static long register_us(void)
{
	static const char path[] = "/sys/module/kgenl/parameters/took_us";
	FILE *file;
	long took;

	if (kgenl_load())
		die("kgenl cannot be loaded");
	file = fopen(path, "r");
	if (!file || fscanf(file, "%ld", &took) != 1)
		die_errno(path);
	fclose(file);
	if (kgenl_unload())
		die("kgenl cannot be unloaded");
	return took;
}

/*
 * Registering a family takes generic netlink's lock for writing. It would wait
 * for each query that holds it, and so would all others on the host: for half a
 * query on average. Neither waits for the other, but both have a CPU less.
 */
TEST_F_TIMEOUT(queries, nobody_waits, 240)
{
	struct proc holders[HOLDERS], child;
	long took, all = 0, longest = 0;
	atomic_long *query;
	int n;

	query = mmap(NULL, sizeof(*query), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, query);
	start_holders(holders, self->fd);
	proc_start(&child, ask_always, query);
	proc_await(&child);
	for (n = 0; n < 20 || !*query; n++) {
		took = register_us();
		all += took;
		if (took > longest)
			longest = took;
	}
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
	TH_LOG("a query takes %ld ms, to register a family meanwhile %ld us, at most %ld",
	       (long)*query, all / n, longest);
	EXPECT_GT(*query * 1000 / 10, all / n);
	end_holders(holders);
}

/* A query of a killed process does not go on. */
TEST_F_TIMEOUT(queries, killed, 240)
{
	struct proc holders[HOLDERS], child;
	atomic_long *took;
	long start;
	int i;

	took = mmap(NULL, sizeof(*took), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, took);
	start_holders(holders, self->fd);
	for (i = 0; i < 5; i++) {
		*took = 0;
		proc_start(&child, ask_always, took);
		proc_await(&child);
		while (!*took)
			usleep(1000);
		usleep(*took * 1000 * i / 5);
		start = now_us();
		kill(child.pid, SIGKILL);
		waitpid(child.pid, NULL, 0);
		/* What it has found so far has to be freed. */
		EXPECT_GT(50 + *took, 2 * ((now_us() - start) / 1000));
	}
	end_holders(holders);
}

/* Ask, and leave the answer unread. Returns how many are in progress then. */
static int leave_unread(int n)
{
	const struct pt_filter all = {};
	struct nl_msg msg;
	struct nl nl;
	int left = 0;
	char buf[64];

	while (n--) {
		if (nl_open(&nl))
			die("no family");
		nl_msg_init(&msg, &nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
		pt_socks_ask(&nl, &all);
		if (recv(nl.fd, buf, sizeof(buf), MSG_PEEK) < 0)
			die_errno("receive");
		left += ((struct nlmsghdr *)buf)->nlmsg_type == nl.family;
	}
	return left;
}

static void map_ids(pid_t pid, const char *file)
{
	char path[64], map[64];
	int fd, len;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	len = snprintf(map, sizeof(map), "0 %d %d\n", SUBUID, SUBUIDS);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, map, len) != len)
		die_errno(path);
	close(fd);
}

struct subuid {
	uid_t uid;
	int *left;
};

static void be_subuid(struct proc *parent, void *arg)
{
	const struct subuid *who = arg;

	if (setresgid(who->uid, who->uid, who->uid) ||
	    setresuid(who->uid, who->uid, who->uid))
		die_errno("setresuid");
	*who->left += leave_unread(ASKED);
	proc_tell(parent);
	proc_await(parent);
}

/* A user with a range of others, as newuidmap gives to every user. */
static void be_many(struct proc *parent, void *arg)
{
	struct proc children[SUBUIDS];
	struct subuid who = { .left = arg };

	proc_become(USER, NO_CAP);
	if (unshare(CLONE_NEWUSER))
		die_errno("CLONE_NEWUSER");
	proc_tell(parent);
	proc_await(parent);
	for (; who.uid < SUBUIDS; who.uid++) {
		proc_start(&children[who.uid], be_subuid, &who);
		proc_await(&children[who.uid]);
	}
	proc_tell(parent);
	proc_await(parent);
	while (who.uid--)
		proc_end(&children[who.uid]);
}

static void ask_as_other(struct proc *parent, void *arg)
{
	struct pt_socks socks;
	struct nl nl;

	proc_become(OTHER, NO_CAP);
	if (nl_open(&nl))
		_exit(1);
	socks = pt_socks(&nl, NULL);
	*(int *)arg = socks.err ?: socks.n;
	/* The same holds for the limit of one user. */
	((int *)arg)[1] = leave_unread(ASKED + 1);
	proc_tell(parent);
	proc_await(parent);
}

/* Leaving answers unread uses up one's own share, and no one else's. */
TEST_F_TIMEOUT(queries, fair_shares, 120)
{
	struct pt_stats before = pt_stats(&self->nl), stats;
	struct proc user, other;
	int i, *shared;

	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, shared);
	EXPECT_EQ(0, before.dumps);
	for (i = 1; i < SOME; i++)
		sock_bound("127.0.0.1", SOCK_DGRAM, 0);

	proc_start(&user, be_many, &shared[0]);
	proc_await(&user);
	map_ids(user.pid, "gid_map");
	map_ids(user.pid, "uid_map");
	proc_tell(&user);
	proc_await(&user);
	/* A quarter of all. */
	EXPECT_EQ(64, shared[0]);

	proc_start(&other, ask_as_other, &shared[1]);
	proc_await(&other);
	EXPECT_EQ(SOME, shared[1]);
	EXPECT_EQ(ASKED, shared[2]);
	stats = pt_stats(&self->nl);
	EXPECT_EQ(shared[0] + shared[2], stats.dumps);
	EXPECT_EQ(SUBUIDS * ASKED - shared[0] + 1,
		  stats.dumps_refused - before.dumps_refused);
	/* Administrators always get theirs. */
	EXPECT_EQ(1, pt_port(&self->nl, PORT, 0).n);

	proc_end(&other);
	proc_end(&user);
}

static long read_long(const char *path)
{
	FILE *file = fopen(path, "re");
	long val = -1;

	if (!file || fscanf(file, "%ld", &val) != 1)
		val = -1;
	if (file)
		fclose(file);
	return val;
}

/* What an answer keeps is charged to its reader, until it is gone. */
TEST_F_TIMEOUT(queries, memory_is_charged, 120)
{
	char dir[64], path[96], buf[64];
	long before, during, after;
	int i, fd;

	snprintf(dir, sizeof(dir), "/sys/fs/cgroup/queries-%d", getpid());
	fd = open("/sys/fs/cgroup/cgroup.subtree_control", O_WRONLY);
	if (fd < 0 || write(fd, "+memory", 7) != 7)
		SKIP(return, "no memory controller of cgroup v2");
	close(fd);
	for (i = 0; i < MANY; i++)
		sock_bound("127.0.0.1", SOCK_DGRAM, 0);

	ASSERT_EQ(0, mkdir(dir, 0755));
	snprintf(path, sizeof(path), "%s/cgroup.procs", dir);
	fd = open(path, O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, write(fd, "0", 1));
	close(fd);
	snprintf(path, sizeof(path), "%s/memory.current", dir);

	before = read_long(path);
	pt_socks_ask(&self->nl, &(struct pt_filter){});
	ASSERT_LT(0, recv(self->nl.fd, buf, sizeof(buf), 0));
	during = read_long(path);
	nl_close(&self->nl);
	/* Some kernels free it in a work item; a charge goes a little later. */
	for (i = 0; i < 1000; i++) {
		after = read_long(path);
		if (after < during - MANY * 100)
			break;
		usleep(10000);
	}
	TH_LOG("%ld, with %d sockets %ld, then %ld", before, MANY, during,
	       after);
	EXPECT_LT(before + MANY * 200, during);
	EXPECT_GT(during - MANY * 100, after);

	ASSERT_EQ(0, nl_open(&self->nl));
	fd = open("/sys/fs/cgroup/cgroup.procs", O_WRONLY);
	ASSERT_LE(0, fd);
	ASSERT_EQ(1, write(fd, "0", 1));
	rmdir(dir);
}

TEST_HARNESS_MAIN
