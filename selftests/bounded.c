// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of a refused bind to its caller is bounded, whatever others do: what
 * the search has no time or memory for is left out, and marked.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../kselftest_harness.h"

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
#define NEAR		32	/* PO_CGROUP_NEAR */
#define LEVELS		128	/* PO_CGROUP_LEVELS */
#define SLOW_US		100	/* PO_SLOW_PATH_NS */
#define SLOW_PATHS	64	/* PO_SLOW_PATHS */

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
	struct timespec from, to;
	char addr[32];
	int i;

	clock_gettime(CLOCK_MONOTONIC, &from);
	for (i = 0; i < REFUSALS; i++) {
		snprintf(addr, sizeof(addr), "127.0.1.%d", i);
		if (sock_bind(fds[i], addr, PORT + 4) != -EADDRINUSE)
			die("not refused");
	}
	clock_gettime(CLOCK_MONOTONIC, &to);
	return (to.tv_sec - from.tv_sec) * 1000 + (to.tv_nsec - from.tv_nsec) / 1000000;
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

/* Enter a control group at @levels below the root, made as far as necessary. */
static void cgroup_descend(int levels)
{
	int i, dir = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY), next, procs;

	for (i = 0; i < levels; i++) {
		mkdirat(dir, "d", 0755);
		next = openat(dir, "d", O_PATH | O_DIRECTORY);
		if (next < 0)
			die_errno("control group");
		close(dir);
		dir = next;
	}
	procs = openat(dir, "cgroup.procs", O_WRONLY);
	if (procs < 0 || write(procs, "0", 1) != 1)
		die_errno("cgroup.procs");
	close(procs);
	close(dir);
}

/* Remove what cgroup_descend() made. */
static void cgroup_remove(int levels)
{
	char path[PATH_MAX] = "/sys/fs/cgroup";
	int i;

	for (i = 0; i < levels; i++)
		strcat(path, "/d");
	for (; levels; levels--) {
		if (rmdir(path))
			die_errno(path);
		path[strlen(path) - 2] = '\0';
	}
}

static void hold_deep(struct proc *parent, void *arg)
{
	const int *levels = arg;
	struct nl nl;

	cgroup_descend(*levels);
	/* A reader can have it as the root of all. */
	if (unshare(CLONE_NEWCGROUP))
		die_errno("unshare");
	proc_become(USER, NO_CAP);
	sock_listening("127.0.0.1", PORT + 2);
	if (nl_open(&nl) || pt_port(&nl, PORT + 2, 0).n != 1)
		die("query in a control group namespace");
	nl_close(&nl);
	proc_tell(parent);
	proc_await(parent);
}

/*
 * The kernel takes a million steps to name a control group at level 1,400, and a user
 * may own such a one: beyond some level it is not named for the refused bind of another
 * user, and far beyond for nobody.
 */
TEST_F(owners, deep_cgroup)
{
	const int levels[] = { NEAR, NEAR + 1, LEVELS, LEVELS + 1 };
	struct pt_sock *s;
	struct proc child;
	size_t i;

	if (access("/sys/fs/cgroup/cgroup.procs", F_OK))
		SKIP(return, "no control groups");
	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		proc_start(&child, hold_deep, (void *)&levels[i]);
		proc_await(&child);
		s = culprit_of(&self->nl, PORT + 2);
		ASSERT_EQ(1, s->n_owners);
		EXPECT_EQ((__u32)child.pid, s->owners[0].pid);
		EXPECT_EQ(levels[i] > NEAR, !s->owners[0].cgroup);
		EXPECT_FALSE(s->owners_incomplete);

		s = pt_port(&self->nl, PORT + 2, 0).v;
		ASSERT_EQ(1, s->n_owners);
		EXPECT_EQ(levels[i] > LEVELS, !s->owners[0].cgroup);
		proc_end(&child);
	}
	cgroup_remove(LEVELS + 1);
}

/* As another program, which holds the port. @arg: with mounts of its own. */
static void hold_as_sleep(struct proc *parent, void *arg)
{
	const bool *own_mounts = arg;
	int fd;

	proc_become(USER, NO_CAP);
	if (*own_mounts && unshare(CLONE_NEWUSER | CLONE_NEWNS))
		die_errno("unshare");
	fd = sock_listening("127.0.0.1", PORT + 3);
	if (fcntl(fd, F_SETFD, 0))
		die_errno("F_SETFD");
	execlp("sleep", "sleep", "1000", NULL);
	die_errno("sleep");
}

/* Wait until a process runs another program than this one. */
static void await_exec(pid_t pid)
{
	char path[64], exe[PATH_MAX], own[PATH_MAX];
	ssize_t len, own_len = readlink("/proc/self/exe", own, sizeof(own));

	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	do {
		usleep(1000);
		len = readlink(path, exe, sizeof(exe));
	} while (len == own_len && !memcmp(exe, own, len));
	if (len < 0)
		die_errno("the other program ended");
}

static void be_refused_too(struct proc *parent, void *arg)
{
	int fd;

	proc_become(USER, NO_CAP);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	if (sock_bind(fd, "127.0.0.1", PORT + 3) != -EADDRINUSE)
		die("not refused");
	proc_tell(parent);
	proc_await(parent);
}

/* Ask for the port, which has an owner with an executable. */
static void ask_too(struct proc *parent, void *arg)
{
	const bool *own_mounts = arg;
	struct pt_socks socks;
	struct nl nl;

	proc_become(USER, NO_CAP);
	if (nl_open(&nl))
		die("no portowner family");
	socks = pt_port(&nl, PORT + 3, 0);
	if (socks.n != 1 || socks.v->n_owners != 1 || !socks.v->owners[0].exe)
		die("the owner is not found");
	if (nl.begun != *own_mounts)
		die("%s under the lock", *own_mounts ? "answered" : "not answered");
	nl_close(&nl);
	proc_tell(parent);
	proc_await(parent);
}

/*
 * To find a path, the kernel passes each mount on the way, and in a user namespace of
 * their own users can stack 100,000 of them. Then only they pay for it, and not under
 * generic netlink's lock.
 */
TEST_F(owners, stacked_mounts)
{
	struct proc holder, refused, reader;
	struct pt_sock *s;
	bool own_mounts;
	int i;

	for (i = 0; i < 2; i++) {
		own_mounts = i;
		proc_start(&holder, hold_as_sleep, &own_mounts);
		await_exec(holder.pid);
		s = culprit_of(&self->nl, PORT + 3);
		ASSERT_EQ(1, s->n_owners);
		EXPECT_EQ((__u32)holder.pid, s->owners[0].pid);
		EXPECT_EQ(own_mounts, !s->owners[0].exe);

		proc_start(&refused, be_refused_too, NULL);
		proc_await(&refused);
		s = pt_last_reject(&self->nl)->culprits;
		ASSERT_EQ(1, s->n_owners);
		EXPECT_NE(NULL, s->owners[0].exe);
		proc_end(&refused);
		proc_start(&reader, ask_too, &own_mounts);
		proc_await(&reader);
		proc_end(&reader);

		/* A query has the time. */
		s = pt_port(&self->nl, PORT + 3, 0).v;
		ASSERT_EQ(1, s->n_owners);
		EXPECT_NE(NULL, s->owners[0].exe);
		kill(holder.pid, SIGKILL);
		waitpid(holder.pid, NULL, 0);
	}
}

/*
 * Stack mounts until it takes long to find the path of a file in the last one. Returns a
 * descriptor of that mount.
 */
static int stack_mounts(const char *dir)
{
	int i, next, top = open(dir, O_PATH | O_DIRECTORY);
	struct timespec from, to;
	char fd[32], path[PATH_MAX];
	long us, best;

	snprintf(fd, sizeof(fd), "/proc/self/fd/%d", top);
	do {
		for (i = 0; i < 1000; i++) {
			next = syscall(SYS_open_tree, top, "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
			if (next < 0 || syscall(SYS_move_mount, next, "", top, "",
						MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH))
				die_errno("mount");
			dup2(next, top);
			close(next);
		}
		for (i = 0, best = LONG_MAX; i < 8; i++) {
			clock_gettime(CLOCK_MONOTONIC, &from);
			if (readlink(fd, path, sizeof(path)) < 0)
				die_errno(fd);
			clock_gettime(CLOCK_MONOTONIC, &to);
			us = (to.tv_sec - from.tv_sec) * 1000000 +
			     (to.tv_nsec - from.tv_nsec) / 1000;
			if (us < best)
				best = us;
		}
	} while (best < 2 * SLOW_US);
	return top;
}

/* A port of many processes, whose executable lies under many mounts. */
static void hold_below_mounts(struct proc *parent, void *arg)
{
	char *const args[] = { "sleep", "1000", NULL };
	int i, fd, top, running[2];

	proc_become(USER, NO_CAP);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		die_errno("unshare");
	top = stack_mounts("/usr/bin");
	fd = sock_listening("127.0.0.1", PORT + 5);
	if (fcntl(fd, F_SETFD, 0) || pipe2(running, O_CLOEXEC))
		die_errno("descriptors");
	for (i = 0; i < SLOW_PATHS + 8; i++) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		syscall(SYS_execveat, top, args[0], args, environ, 0);
		die_errno("sleep");
	}
	close(running[1]);
	if (read(running[0], &i, 1))
		die("not all processes run");
	proc_tell(parent);
	proc_await(parent);
}

/* A query finds some such paths, but not all that a user may have set up. */
TEST_F_TIMEOUT(owners, slow_paths, 120)
{
	struct proc holder;
	struct pt_sock *s;
	int i, found = 0;

	proc_start(&holder, hold_below_mounts, NULL);
	proc_await(&holder);
	s = pt_port(&self->nl, PORT + 5, 0).v;
	ASSERT_EQ(SLOW_PATHS + 8 + 1, s->n_owners);
	for (i = 0; i < s->n_owners; i++)
		if (s->owners[i].pid != (__u32)holder.pid && s->owners[i].exe)
			found++;
	EXPECT_EQ(SLOW_PATHS, found);
	proc_end(&holder);
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
