// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of a refused bind to its caller is bounded, whatever others do: what
 * the search has no time or memory for is left out, and marked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/clock.h"
#include "lib/culprit.h"
#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/reload.h"
#include "lib/sock.h"
#include "lib/tables.h"

#define PORT		1810
#define SOCKETS		12000
#define CGROUP		"/sys/fs/cgroup/pt_bounded"
#define MEMORY		"2097152"
#define RECORDED	32
#define REFUSALS	200
#define THREADS		1000
#define BYSTANDERS	700
#define PINGS		1100

FIXTURE(bounded)
{
	struct nl nl;
};

FIXTURE_VARIANT(bounded)
{
	const char *any;
	int type;
};

FIXTURE_VARIANT_ADD(bounded, udp4) {
	.any = "0.0.0.0", .type = SOCK_DGRAM,
};

FIXTURE_VARIANT_ADD(bounded, tcp6) {
	.any = "::", .type = SOCK_STREAM,
};

FIXTURE_SETUP(bounded)
{
	const struct rlimit files = { SOCKETS + 64, SOCKETS + 64 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(bounded)
{
	nl_close(&self->nl);
}

struct crowd {
	const char *any;
	int type;
};

/* Very many sockets on one port, of an unprivileged user. */
static void hold_crowd(struct proc *parent, void *arg)
{
	const struct crowd *crowd = arg;
	int i, fd;

	proc_become(USER, NO_CAP);
	for (i = 0; i < SOCKETS; i++) {
		fd = sock_new(crowd->any, crowd->type);
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
		if (sock_bind(fd, crowd->any, PORT))
			die_errno("bind");
	}
	proc_tell(parent);
	proc_await(parent);
}

static bool write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool done = fd >= 0 && write(fd, text, strlen(text)) > 0;

	if (fd >= 0)
		close(fd);
	return done;
}

static bool cgroup_make(void)
{
	write_to("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	rmdir(CGROUP);
	return !mkdir(CGROUP, 0755) &&
	       write_to(CGROUP "/memory.max", MEMORY);
}

static int oom_kills(void)
{
	FILE *file = fopen(CGROUP "/memory.events", "r");
	char key[32];
	int value;

	while (file && fscanf(file, "%31s %d", key, &value) == 2)
		if (!strcmp(key, "oom_kill"))
			return fclose(file), value;
	return -1;
}

/* Get refused in a control group with little memory. Exits with the errno. */
static void be_refused(const struct crowd *crowd)
{
	int fd = sock_new(crowd->any, crowd->type);

	if (!write_to(CGROUP "/cgroup.procs", "0"))
		_exit(255);
	_exit(-sock_bind(fd, crowd->any, PORT));
}

TEST_F_TIMEOUT(bounded, memory, 240)
{
	struct crowd crowd = { variant->any, variant->type };
	struct pt_reject *r;
	struct proc child;
	int status;
	pid_t pid;

	if (!cgroup_make())
		SKIP(return, "no memory control groups");
	proc_start(&child, hold_crowd, &crowd);
	proc_await(&child);

	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid)
		be_refused(&crowd);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_TRUE(WIFEXITED(status));
	EXPECT_EQ(EADDRINUSE, WEXITSTATUS(status));
	EXPECT_EQ(0, oom_kills());

	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ((__u32)pid, r->pid);
	EXPECT_LE(1, r->n_culprits);
	EXPECT_GE(RECORDED, r->n_culprits);
	EXPECT_TRUE(r->culprits_incomplete);
	proc_end(&child);
	rmdir(CGROUP);
}

/* Milliseconds that it takes to be refused often enough for many pages of records. */
static long ms_refused(const int *fds)
{
	long start = now_us();
	char addr[32];
	int i;

	for (i = 0; i < REFUSALS; i++) {
		snprintf(addr, sizeof(addr), "127.0.1.%d", i);
		if (sock_bind(fds[i], addr, PORT + 4) != -EADDRINUSE)
			die("not refused");
	}
	return (now_us() - start) / 1000;
}

/* Take more than memory.high permits, then get refused. */
static void be_refused_over_high(struct proc *parent, void *arg)
{
	const size_t size = 8 * atoi(MEMORY);
	char *memory = malloc(size);
	int i, fds[REFUSALS];

	/* These take memory, too. */
	for (i = 0; i < REFUSALS; i++)
		fds[i] = sock_new("127.0.0.1", SOCK_STREAM);
	if (!memory || !write_to(CGROUP "/cgroup.procs", "0"))
		die_errno("control group");
	memset(memory, 1, size);
	if (mlock(memory, size) || !write_to(CGROUP "/memory.high", MEMORY))
		die_errno("memory.high");
	*(long *)arg = ms_refused(fds);
	write_to(CGROUP "/memory.high", "max");
	write_to("/sys/fs/cgroup/cgroup.procs", "0");
	proc_tell(parent);
	proc_await(parent);
}

/*
 * A task that takes memory while its control group has too much is made to wait for up
 * to two seconds, which must not happen because a record is made for it.
 */
TEST(memory_high)
{
	long *ms = mmap(NULL, sizeof(*ms), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct proc child;

	ASSERT_NE(MAP_FAILED, ms);
	ns_enter();
	sock_listening("0.0.0.0", PORT + 4);
	if (!cgroup_make() || !write_to(CGROUP "/memory.max", "max"))
		SKIP(return, "no memory control groups");
	proc_start(&child, be_refused_over_high, ms);
	proc_await(&child);
	EXPECT_GT(1000, *ms);
	proc_end(&child);
	rmdir(CGROUP);
}

FIXTURE(owners)
{
	struct nl nl;
	int fd;
};

FIXTURE_SETUP(owners)
{
	const struct rlimit files = { 4096, 4096 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_listening("127.0.0.1", PORT);
}

FIXTURE_TEARDOWN(owners)
{
	nl_close(&self->nl);
}

/* Without obstruction the result is complete, and says so. */
TEST_F(owners, complete)
{
	struct pt_sock *s = culprit_of(&self->nl, PORT);

	EXPECT_FALSE(s->owners_incomplete);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);
	EXPECT_FALSE(pt_last_reject(&self->nl)->culprits_incomplete);
}

/* A table for each thread, and a reference that none of them explains. */
TEST_F_TIMEOUT(owners, private_tables, 240)
{
	struct pt_sock *s;
	int pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	fd_send(pair[0], self->fd);
	tables_start(THREADS);

	s = culprit_of(&self->nl, PORT);
	EXPECT_TRUE(s->owners_incomplete);
	/* It is unknown then which are unseen. */
	EXPECT_EQ(0, s->unseen_refs);
	EXPECT_LE(1, s->n_owners);
	EXPECT_GT(1 + THREADS, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);

	/* A query has the time for all of them. */
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_FALSE(s->owners_incomplete);
	EXPECT_EQ(1 + THREADS, s->n_owners);
	EXPECT_EQ(1, s->unseen_refs);
}

static void stand_by(void)
{
	int i;
	pid_t pid;

	for (i = 0; i < BYSTANDERS; i++) {
		pid = fork();
		if (pid < 0)
			die_errno("fork");
		if (!pid) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
	}
}

static void hold_port(struct proc *parent, void *arg)
{
	*(int *)arg = sock_listening("127.0.0.1", PORT + 1);
	proc_tell(parent);
	proc_await(parent);
}

/*
 * A socket older than the module has no binder. The process that holds it is
 * found nevertheless, behind more processes than the search has time for.
 */
TEST_F_TIMEOUT(owners, older_than_module, 240)
{
	struct pt_reject *r = NULL;
	struct proc child;
	int fd, held, i;

	stand_by();
	proc_start(&child, hold_port, &held);
	proc_await(&child);
	nl_close(&self->nl);
	reload();
	ASSERT_EQ(0, nl_open(&self->nl));

	fd = sock_new("127.0.0.1", SOCK_STREAM);
	/* The walk then takes its time; another user means another record. */
	for (i = 0; i < 200; i++) {
		ASSERT_EQ(0, seteuid(10000 + i));
		ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT + 1));
		ASSERT_EQ(0, seteuid(0));
		r = pt_last_reject(&self->nl);
		ASSERT_NE(NULL, r);
		ASSERT_EQ(1, r->n_culprits);
		if (r->culprits[0].n_owners)
			break;
		usleep(50000);
	}
	ASSERT_EQ(1, r->culprits[0].n_owners);
	EXPECT_EQ((__u32)child.pid, r->culprits[0].owners[0].pid);
	EXPECT_FALSE(r->culprits[0].owners_incomplete);
	/* The holder is not the binder. */
	EXPECT_EQ(NULL, r->culprits[0].binder.comm);
	proc_end(&child);
}

/* Bind a ping socket, and leave it open. Returns 0 or a negative errno. */
static int bind_ping(int port)
{
	int fd = socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP);

	if (fd < 0)
		die_errno("ping socket");
	/* By default they share. */
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 0);
	return sock_bind(fd, "127.0.0.1", port);
}

static void enter_for_ping(void)
{
	ns_enter();
	sysctl_write("ipv4/ping_group_range", "0 2147483647");
}

/* Get refused an identifier, and return the record. */
static struct pt_reject *refused_ping(struct nl *nl)
{
	struct pt_reject *r;

	if (bind_ping(PORT) != -EADDRINUSE)
		die("not refused");
	r = pt_last_reject(nl);
	if (!r)
		die("no record");
	return r;
}

/* All namespaces have one table of ping sockets, which has one lock. */
TEST(pings_elsewhere)
{
	const struct rlimit files = { PINGS + 64, PINGS + 64 };
	struct pt_reject *r;
	struct nl nl;
	int i, home;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	enter_for_ping();
	home = ns_open();
	ASSERT_EQ(0, nl_open(&nl));
	ASSERT_EQ(0, bind_ping(PORT));
	r = refused_ping(&nl);
	EXPECT_EQ(1, r->n_culprits);
	EXPECT_FALSE(r->culprits_incomplete);

	enter_for_ping();
	for (i = 0; i < PINGS; i++)
		ASSERT_EQ(0, bind_ping(0));
	ns_switch(home);
	r = refused_ping(&nl);
	EXPECT_EQ(0, r->n_culprits);
	EXPECT_TRUE(r->culprits_incomplete);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
	/* A query has the time, and no other waits for it. */
	EXPECT_EQ(1, pt_port(&nl, PORT, 0).n);
	EXPECT_TRUE(nl.begun);
	nl_close(&nl);
}

TEST_HARNESS_MAIN
