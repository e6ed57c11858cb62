// SPDX-License-Identifier: GPL-2.0
/* Very many of everything, and much of it changing. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT		1720
#define NAMESPACES	300
#define CHILDREN	400
#define DUPS		25
/* Some more until the attempt has succeeded, unless the test takes too long. */
#define DUMPS		400

FIXTURE(crowd)
{
	struct nl nl;
	int fd;
};

FIXTURE_SETUP(crowd)
{
	const struct rlimit files = { 4096, 4096 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_listening("127.0.0.1", PORT);
}

FIXTURE_TEARDOWN(crowd)
{
	nl_close(&self->nl);
}

static int by_number(const void *a, const void *b)
{
	const __u32 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* One query over hundreds of namespaces, each with the same port. */
TEST_F_TIMEOUT(crowd, namespaces, 240)
{
	const struct pt_filter all = {
		.port = PORT, .port_last = PORT, .all_netns = true,
	};
	__u32 inodes[NAMESPACES + 1] = {};
	struct pt_socks socks;
	int i, fds[NAMESPACES];

	for (i = 0; i < NAMESPACES; i++) {
		ns_enter();
		fds[i] = sock_listening("127.0.0.1", PORT);
	}
	socks = pt_socks(&self->nl, &all);
	ASSERT_EQ(0, socks.err);
	ASSERT_EQ(NAMESPACES + 1, socks.n);
	for (i = 0; i < socks.n; i++) {
		inodes[i] = socks.v[i].netns;
		EXPECT_EQ(1, socks.v[i].group_size);
		ASSERT_EQ(1, socks.v[i].n_owners);
		EXPECT_EQ(getpid(), socks.v[i].owners[0].pid);
		EXPECT_EQ(0, socks.v[i].unseen_refs);
	}
	qsort(inodes, socks.n, sizeof(*inodes), by_number);
	for (i = 1; i < socks.n; i++)
		EXPECT_NE(inodes[i - 1], inodes[i]);
	/* Each of them still has only one. */
	EXPECT_EQ(1, pt_port(&self->nl, PORT, 0).n);
	for (i = 0; i < NAMESPACES; i++)
		close(fds[i]);
}

/* Ten thousand descriptors of one socket, in four hundred processes. */
TEST_F_TIMEOUT(crowd, holders, 240)
{
	struct proc_dups dups = { .fd = self->fd, .nr = DUPS - 1 };
	struct proc child[CHILDREN];
	__u32 pids[CHILDREN] = {};
	struct pt_sock *s;
	int i, n = 0;

	for (i = 0; i < CHILDREN; i++)
		proc_start(&child[i], proc_hold_dups, &dups);
	for (i = 0; i < CHILDREN; i++)
		proc_await(&child[i]);

	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	ASSERT_EQ(1 + CHILDREN * DUPS, s->n_owners);
	EXPECT_EQ(0, s->unseen_refs);
	EXPECT_EQ(PORTOWNER_SHARE_INHERITED, s->share);
	/* Those of a process are adjacent; each has its paths. */
	for (i = 0; i < s->n_owners; i++) {
		ASSERT_NE(NULL, s->owners[i].exe);
		if (s->owners[i].pid == (__u32)getpid() ||
		    (i && s->owners[i].pid == s->owners[i - 1].pid))
			continue;
		ASSERT_GT(CHILDREN, n);
		pids[n++] = s->owners[i].pid;
	}
	ASSERT_EQ(CHILDREN, n);
	qsort(pids, n, sizeof(*pids), by_number);
	for (i = 1; i < n; i++)
		EXPECT_NE(pids[i - 1], pids[i]);
	for (i = 0; i < CHILDREN; i++)
		proc_end(&child[i]);
}

struct mover {
	atomic_bool stop;
	int port;
};

/* Sockets that come, get more descriptors, and go, all the time. */
static void *open_and_close(void *arg)
{
	struct mover *mover = arg;
	int fd, more[3], i;

	while (!mover->stop) {
		fd = sock_listening("127.0.0.1", mover->port);
		for (i = 0; i < 3; i++)
			more[i] = dup(fd);
		close(fd);
		for (i = 0; i < 3; i++)
			close(more[i]);
	}
	return NULL;
}

/* What does not change is complete, whatever happens beside it. */
#define EXPECT_STEADY(s) do {						\
	ASSERT_NE(NULL, (s));						\
	ASSERT_EQ(1, (s)->n_owners);					\
	EXPECT_EQ(getpid(), (s)->owners[0].pid);			\
	EXPECT_EQ(self->fd, (s)->owners[0].fd);				\
	EXPECT_NE(NULL, (s)->owners[0].exe);				\
	EXPECT_EQ(0, (s)->unseen_refs);					\
	EXPECT_FALSE((s)->owners_hidden);				\
} while (0)

/* A socket that is closed in the middle of the walk. */
TEST_F_TIMEOUT(crowd, closed_meanwhile, 120)
{
	struct mover mover = { .port = PORT + 1 };
	__u64 cookie = sock_cookie(self->fd);
	struct pt_socks socks;
	struct pt_sock *s;
	pthread_t thread;
	int i, k, seen = 0;

	ASSERT_EQ(0, pthread_create(&thread, NULL, open_and_close, &mover));
	for (i = 0; i < DUMPS || !seen; i++) {
		socks = pt_socks(&self->nl, NULL);
		ASSERT_EQ(0, socks.err);
		EXPECT_STEADY(pt_by_cookie(&socks, cookie));
		for (k = 0; k < socks.n; k++) {
			s = &socks.v[k];
			if (s->cookie == cookie)
				continue;
			seen++;
			EXPECT_EQ(mover.port, s->port);
			/* It never has more than that. */
			EXPECT_GE(4, s->n_owners);
			EXPECT_GE(5, s->unseen_refs);
		}
	}
	mover.stop = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(1, pt_socks(&self->nl, NULL).n);
}

/* Processes that inherit all sockets, and exit immediately. */
static void fork_and_exit(struct proc *parent, void *arg)
{
	struct mover *mover = arg;
	pid_t pid;

	/* Both in one place: the held one must be steady. */
	close(mover->port);
	sock_listening("127.0.0.1", PORT + 1);
	proc_tell(parent);
	for (;;) {
		pid = fork();
		if (!pid)
			_exit(0);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			_exit(1);
	}
}

/* A process that exits in the middle of the walk. */
TEST_F_TIMEOUT(crowd, exiting_meanwhile, 120)
{
	struct mover mover = { .port = self->fd };
	__u64 cookie = sock_cookie(self->fd);
	struct pt_socks socks;
	struct proc child;
	struct pt_sock *s;
	int i, k, both = 0;

	proc_start(&child, fork_and_exit, &mover);
	proc_await(&child);
	for (i = 0; i < DUMPS || !both; i++) {
		socks = pt_socks(&self->nl, NULL);
		ASSERT_EQ(0, socks.err);
		ASSERT_EQ(2, socks.n);
		s = pt_by_cookie(&socks, cookie);
		EXPECT_STEADY(s);
		s = s == &socks.v[0] ? &socks.v[1] : &socks.v[0];
		ASSERT_LE(1, s->n_owners);
		EXPECT_NE(NULL, pt_owner_of(s, child.pid));
		/* Those that come and go are each listed once. */
		for (k = 1; k < s->n_owners; k++)
			EXPECT_LT(s->owners[k - 1].pid, s->owners[k].pid);
		both += s->n_owners > 1;
	}
	kill(child.pid, SIGKILL);
	waitpid(child.pid, NULL, 0);
}

/* Threads with their own tables, while they leave. */
static void *private_life(void *arg)
{
	struct mover *mover = arg;
	int fd;

	if (unshare(CLONE_FILES))
		die_errno("CLONE_FILES");
	fd = sock_listening("127.0.0.1", mover->port);
	close(fd);
	return NULL;
}

static void *private_lives(void *arg)
{
	struct mover *mover = arg;
	pthread_t thread;

	while (!mover->stop)
		if (pthread_create(&thread, NULL, private_life, mover) ||
		    pthread_join(thread, NULL))
			die("a thread did not run");
	return NULL;
}

/*
 * While a thread has a copy of the table, it holds the socket there, too. One
 * may be seen after another has gone, so their number means nothing.
 */
TEST_F_TIMEOUT(crowd, private_tables_meanwhile, 120)
{
	struct mover mover = { .port = PORT + 1 };
	__u64 cookie = sock_cookie(self->fd);
	struct pt_socks socks;
	struct pt_sock *s;
	pthread_t thread;
	int i, k;

	ASSERT_EQ(0, pthread_create(&thread, NULL, private_lives, &mover));
	for (i = 0; i < DUMPS; i++) {
		socks = pt_socks(&self->nl, NULL);
		ASSERT_EQ(0, socks.err);
		s = pt_by_cookie(&socks, cookie);
		ASSERT_NE(NULL, s);
		ASSERT_LE(1, s->n_owners);
		for (k = 0; k < s->n_owners; k++) {
			EXPECT_EQ(getpid(), s->owners[k].pid);
			EXPECT_EQ(self->fd, s->owners[k].fd);
		}
	}
	mover.stop = true;
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

TEST_HARNESS_MAIN
