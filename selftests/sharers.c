// SPDX-License-Identifier: GPL-2.0
/* Processes that share a descriptor table: each is an owner, at no cost to its user. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"

#include "lib/clock.h"
#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT		2700

FIXTURE(sharers)
{
	struct nl nl;
	int fd;
};

FIXTURE_SETUP(sharers)
{
	const struct rlimit files = { 16384, 16384 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_bound("127.0.0.1", SOCK_DGRAM, PORT);
}

FIXTURE_TEARDOWN(sharers)
{
	nl_close(&self->nl);
}

/* Together they are more owners than an answer has. */
#define SHARED_DUPS	1500
#define SHARERS		130
/*
 * Of one user, beyond the first of the socket, for USER: a quarter of 64 MiB / 4, by
 * sizeof(struct po_owner).
 */
#define FURTHER_MAX	(64 * 1024 * 1024 / 16 / 24 + 1)

/* Of a table that does not matter: descriptors, and processes that share it. */
#define IDLE_DUPS	15000
#define IDLE_SHARERS	200

static void add_dups(int fd, int n)
{
	while (n--)
		if (dup(fd) < 0)
			die_errno("dup");
}

/* Start processes that share our table, and end with us. */
static void share_table(int n)
{
	while (n--) {
		if (syscall(SYS_clone, CLONE_FILES | SIGCHLD, NULL, NULL, NULL, NULL))
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
}

/* Many processes with one table, which has many descriptors of one socket. */
static void share_dups(struct proc *parent, void *arg)
{
	proc_become(USER, NO_CAP);
	add_dups(*(int *)arg, SHARED_DUPS);
	share_table(SHARERS);
	proc_tell(parent);
	proc_await(parent);
}

static void hold(struct proc *parent, void *arg)
{
	proc_await(parent);
}

/* Two processes of root, with another socket. */
static void hold_another(struct proc *parent, void *arg)
{
	struct proc child;

	close(*(int *)arg);
	sock_bound("127.0.0.1", SOCK_DGRAM, PORT + 1);
	proc_start(&child, hold, NULL);
	proc_tell(parent);
	proc_await(parent);
	proc_end(&child);
}

/* They cost their user nothing, and nobody an answer, or other users' owners in it. */
TEST_F_TIMEOUT(sharers, too_many_owners, 240)
{
	struct proc child, another;
	const struct pt_sock *s;
	struct pt_socks socks;

	proc_start(&child, share_dups, &self->fd);
	proc_await(&child);
	/* Its processes are found after those above. */
	proc_start(&another, hold_another, &self->fd);
	proc_await(&another);
	nl_close(&self->nl);
	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&self->nl));
	socks = pt_socks(&self->nl, NULL);
	ASSERT_EQ(0, socks.err);
	ASSERT_EQ(2, socks.n);
	s = pt_by_cookie(&socks, sock_cookie(self->fd));
	ASSERT_NE(NULL, s);
	EXPECT_TRUE(s->owners_incomplete);
	EXPECT_LT(SHARERS * SHARED_DUPS / 2, s->n_owners);
	EXPECT_GE(1 + FURTHER_MAX, s->n_owners);
	s = &socks.v[s == socks.v];
	EXPECT_EQ(PORT + 1, s->port);
	EXPECT_TRUE(s->owners_hidden);
	EXPECT_FALSE(s->owners_incomplete);
	proc_end(&another);
	proc_end(&child);
}

static void share_idle(struct proc *parent, void *arg)
{
	close(*(int *)arg);
	add_dups(open("/dev/null", O_RDONLY), IDLE_DUPS);
	proc_tell(parent);
	proc_await(parent);
	share_table(IDLE_SHARERS);
	proc_tell(parent);
	proc_await(parent);
}

/* How long it takes to search all tables, since a reference is in none of them. */
static long search_us(struct nl *nl)
{
	long start, best = LONG_MAX;
	int i;

	for (i = 0; i < 5; i++) {
		start = now_us();
		if (pt_port(nl, PORT, 0).n != 1)
			die("no socket");
		start = now_us() - start;
		if (start < best)
			best = start;
	}
	return best;
}

/* A table takes as long if very many processes share it. */
TEST_F_TIMEOUT(sharers, shared_tables, 240)
{
	struct proc child;
	long alone, shared;
	int via[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, via));
	proc_start(&child, share_idle, &self->fd);
	proc_await(&child);
	fd_send(via[0], self->fd);
	alone = search_us(&self->nl);
	proc_tell(&child);
	proc_await(&child);
	shared = search_us(&self->nl);
	TH_LOG("%ld us, %ld us if shared", alone, shared);
	EXPECT_GT(20 * alone, shared);
	proc_end(&child);
}

TEST_HARNESS_MAIN
