// SPDX-License-Identifier: GPL-2.0
/*
 * How long does a request keep the CPU from a task of the highest priority?
 * One process asks at the lowest priority, another sleeps for short times at
 * the highest and prints the longest that it slept too long. The kernel must
 * not preempt itself (preempt=none or voluntary): then that is also how long
 * the answer went without a point at which others may run, all its RCU
 * read-side sections and locks included.
 * Usage: latency RUNS idle | latency RUNS PORT STATES [left]; one number a run.
 * With "left" nobody reads the answer, whose memory is freed some time later.
 */
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/die.h"
#include "ports.h"
#include "ticks.h"

/* A prime number, so that every part of the work is hit. */
#define PERIOD_NS	39989
/* One run repeats the request, or does nothing, for this long. */
#define RUN_NS		300000000
/* Time after which an abandoned answer has certainly been freed, ns. */
#define LEFT_NS		300000000

enum phase { STARTING, WORKING, ENDED };

static atomic_int *phase;

static void priority(int policy, int level)
{
	struct sched_param param = { .sched_priority = level };

	if (sched_setscheduler(0, policy, &param))
		die_errno("sched_setscheduler");
}

static __u64 late(__u64 deadline)
{
	struct timespec when = {
		.tv_sec = deadline / 1000000000,
		.tv_nsec = deadline % 1000000000,
	};

	if (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, NULL))
		die("clock_nanosleep failed");
	return ticks() - deadline;
}

static void leave(int port, __u32 states)
{
	const struct timespec pause = { .tv_nsec = LEFT_NS };

	ports_leave(port, states);
	nanosleep(&pause, NULL);
}

static void work(const char *port, __u32 states, bool left)
{
	__u64 start = ticks();
	struct nl nl;

	priority(SCHED_OTHER, 0);
	if (nl_open(&nl))
		die("the module is not loaded");
	*phase = WORKING;
	while (ticks() - start < RUN_NS)
		if (left)
			leave(atoi(port), states);
		else if (strcmp(port, "idle"))
			ports_get(&nl, atoi(port), states);
	*phase = ENDED;
	for (;;)
		;
}

static __u64 run(const char *port, __u32 states, bool left)
{
	__u64 delay, max = 0;
	int before;
	pid_t pid;

	*phase = STARTING;
	pid = fork();
	if (pid < 0)
		die_errno("fork");
	if (!pid)
		work(port, states, left);
	do {
		before = *phase;
		delay = late(ticks() + PERIOD_NS);
		if (before == WORKING && delay > max)
			max = delay;
		if (waitpid(pid, NULL, WNOHANG))
			die("the request failed");
	} while (*phase != ENDED);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return max;
}

int main(int argc, char **argv)
{
	__u32 states = argc > 3 ? strtoul(argv[3], NULL, 0) : 0;
	int runs = argc > 2 ? atoi(argv[1]) : 0;
	bool left = argc > 4;

	if (runs < 1)
		die("usage: latency RUNS idle | PORT STATES [left]");
	phase = mmap(NULL, sizeof(*phase), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (phase == MAP_FAILED || mlockall(MCL_CURRENT | MCL_FUTURE))
		die_errno("memory");
	priority(SCHED_FIFO, 99);
	while (runs-- > 0)
		printf("%llu ", run(argv[2], states, left));
	printf("\n");
	return 0;
}
