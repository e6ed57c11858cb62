// SPDX-License-Identifier: GPL-2.0
/*
 * Users can make the path of their executable or control group take long to
 * find. Then it is left out where others would wait for it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/clock.h"
#include "lib/culprit.h"
#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT		1815
#define NEAR		32	/* PO_CGROUP_NEAR */
#define LEVELS		128	/* PO_CGROUP_LEVELS */
#define SLOW_US		100	/* PO_SLOW_PATH_NS */
#define SLOW_PATHS	64	/* PO_SLOW_PATHS */

FIXTURE(paths)
{
	struct nl nl;
};

FIXTURE_SETUP(paths)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(paths)
{
	nl_close(&self->nl);
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
	sock_listening("127.0.0.1", PORT);
	if (nl_open(&nl) || pt_port(&nl, PORT, 0).n != 1)
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
TEST_F(paths, deep_cgroup)
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
		s = culprit_of(&self->nl, PORT);
		ASSERT_EQ(1, s->n_owners);
		EXPECT_EQ((__u32)child.pid, s->owners[0].pid);
		EXPECT_EQ(levels[i] > NEAR, !s->owners[0].cgroup);
		EXPECT_FALSE(s->owners_incomplete);

		s = pt_port(&self->nl, PORT, 0).v;
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
	fd = sock_listening("127.0.0.1", PORT + 1);
	if (fcntl(fd, F_SETFD, 0))
		die_errno("F_SETFD");
	/* If the test fails, nobody waits for this process, which has its output open. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
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
	if (sock_bind(fd, "127.0.0.1", PORT + 1) != -EADDRINUSE)
		die("not refused");
	proc_tell(parent);
	proc_await(parent);
}

/* Ask for the port, which has an owner with an executable. */
static void ask_too(struct proc *parent, void *arg)
{
	/* While SCTP is loaded, its sockets take a search through all descriptors. */
	const struct pt_filter filter = { .proto = IPPROTO_TCP, .port = PORT + 1 };
	const bool *own_mounts = arg;
	struct pt_socks socks;
	struct nl nl;

	proc_become(USER, NO_CAP);
	if (nl_open(&nl))
		die("no portowner family");
	socks = pt_socks(&nl, &filter);
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
TEST_F(paths, stacked_mounts)
{
	struct proc holder, refused, reader;
	struct pt_sock *s;
	bool own_mounts;
	int i;

	for (i = 0; i < 2; i++) {
		own_mounts = i;
		proc_start(&holder, hold_as_sleep, &own_mounts);
		await_exec(holder.pid);
		s = culprit_of(&self->nl, PORT + 1);
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
		s = pt_port(&self->nl, PORT + 1, 0).v;
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
			us = now_us();
			if (readlink(fd, path, sizeof(path)) < 0)
				die_errno(fd);
			us = now_us() - us;
			if (us < best)
				best = us;
		}
	} while (best < 4 * SLOW_US);
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
	fd = sock_listening("127.0.0.1", PORT + 2);
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
TEST_F_TIMEOUT(paths, slow_paths, 120)
{
	struct proc holder;
	struct pt_sock *s;
	int i, found = 0;

	proc_start(&holder, hold_below_mounts, NULL);
	proc_await(&holder);
	s = pt_port(&self->nl, PORT + 2, 0).v;
	ASSERT_EQ(SLOW_PATHS + 8 + 1, s->n_owners);
	for (i = 0; i < s->n_owners; i++)
		if (s->owners[i].pid != (__u32)holder.pid && s->owners[i].exe)
			found++;
	EXPECT_EQ(SLOW_PATHS, found);
	proc_end(&holder);
}

TEST_HARNESS_MAIN
