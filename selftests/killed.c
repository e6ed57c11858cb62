// SPDX-License-Identifier: GPL-2.0
/*
 * A task that is killed while its refused bind is being recorded ends
 * immediately, however much of the port's holder the search has to examine; and
 * what it leaves behind is counted like any other refusal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/clock.h"
#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"
#include "lib/tables.h"

#define PORT		1830
#define VICTIM		(USER + 1)
#define KILLS		100
#define AGAIN		20
/* Threads of the holder, and descriptors in the table of each. */
#define THREADS		3000
#define FDS		900
/* Number of addresses requested; each has a record of its own. */
#define ADDRESSES	60000
/* For the slowest, and for nine tenths: emulated CPUs may be delayed. */
#define LIMIT_US	1000000
#define MOST_US		50000

/* Calls of bind() that the victims have started, and seen to return. */
struct calls {
	unsigned long begun;
	unsigned long ended;
};

FIXTURE(killed)
{
	struct nl nl;
	struct proc holder;
	struct calls *calls;
};

static void hold(struct proc *parent, void *arg)
{
	int fd, i, pair[2];

	fd = sock_listening("0.0.0.0", PORT);
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die_errno("socketpair");
	fd_send(pair[0], fd);
	for (i = 0; i < FDS; i++)
		if (dup(STDIN_FILENO) < 0)
			die_errno("dup");
	proc_become(USER, NO_CAP);
	tables_start(THREADS);
	proc_tell(parent);
	proc_await(parent);
}

FIXTURE_SETUP(killed)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->calls = mmap(NULL, sizeof(*self->calls), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->calls);
	proc_start(&self->holder, hold, NULL);
	proc_await(&self->holder);
}

FIXTURE_TEARDOWN(killed)
{
	nl_close(&self->nl);
	/* This many threads take their time to end. */
	kill(self->holder.pid, SIGKILL);
	waitpid(self->holder.pid, NULL, 0);
}

/* Never the same address twice: a repeat is counted without a search. */
static void refuse(unsigned int nr)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);
	char ip[32];

	snprintf(ip, sizeof(ip), "127.%u.%u.%u", 1 + nr / 40000,
		 nr / 200 % 200, 1 + nr % 200);
	if (sock_bind(fd, ip, PORT) != -EADDRINUSE)
		die("not refused");
	close(fd);
}

static void victim(struct calls *calls)
{
	proc_become(VICTIM, NO_CAP);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		refuse(calls->begun++ % ADDRESSES);
		calls->ended++;
	}
}

/* The same user, who is charged for what is kept. */
static void refused_again(struct proc *parent, void *arg)
{
	int i;

	proc_become(VICTIM, NO_CAP);
	for (i = 1; i <= AGAIN; i++)
		refuse(ADDRESSES + i);
	proc_await(parent);
}

/* Time from the signal to the end. */
static long end_us(pid_t pid)
{
	long begin = now_us();
	int status;

	if (kill(pid, SIGKILL) || waitpid(pid, &status, 0) != pid)
		die_errno("SIGKILL");
	if (!WIFSIGNALED(status))
		die("victim ended with status %#x", status);
	return now_us() - begin;
}

static pid_t start_victim(struct calls *calls)
{
	unsigned long before = calls->ended;
	pid_t pid = fork();

	if (pid < 0)
		die_errno("fork");
	if (!pid)
		victim(calls);
	/* Once it has been refused, at any moment of the next call. */
	while (__atomic_load_n(&calls->ended, __ATOMIC_RELAXED) == before &&
	       !waitpid(pid, NULL, WNOHANG))
		usleep(100);
	usleep(random() % 5000);
	return pid;
}

TEST_F_TIMEOUT(killed, ends_at_once, 300)
{
	struct pt_stats stats;
	struct pt_reject *r;
	long us, worst = 0;
	struct proc last;
	int i, slow = 0;
	__u64 unrecorded;
	pid_t pid;

	/* The search could last: it ends before it has found everything. */
	refuse(ADDRESSES);
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_TRUE(r->culprits[0].owners_incomplete);

	for (i = 0; i < KILLS; i++) {
		pid = start_victim(self->calls);
		us = end_us(pid);
		slow += us > MOST_US;
		worst = us > worst ? us : worst;
	}
	TH_LOG("%lu refusals, %lu to the end; the slowest end of a task took %ld us",
	       self->calls->begun, self->calls->ended, worst);
	EXPECT_GT(LIMIT_US, worst);
	EXPECT_GE(KILLS / 10, slow);
	/* Some were killed in the middle of it. */
	EXPECT_LT(self->calls->ended, self->calls->begun);

	stats = pt_stats(&self->nl);
	EXPECT_EQ(stats.seen, stats.counted + stats.dropped);
	EXPECT_LT(1 + self->calls->ended, stats.seen);
	EXPECT_GE(1 + self->calls->begun, stats.seen);

	/* None has kept a slot: a user has fewer slots than were killed. */
	unrecorded = stats.unrecorded;
	proc_start(&last, refused_again, NULL);
	proc_end(&last);
	stats = pt_stats(&self->nl);
	EXPECT_EQ(unrecorded, stats.unrecorded);
	EXPECT_EQ(VICTIM, pt_last_reject(&self->nl)->uid);
	EXPECT_EQ(stats.seen, stats.counted + stats.dropped);
}

TEST_HARNESS_MAIN
