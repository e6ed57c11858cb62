// SPDX-License-Identifier: GPL-2.0
/* The log as a whole: numbers, bounds, and an exact account of each refusal. */
#define _GNU_SOURCE
#include <pthread.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	4000

FIXTURE(log)
{
	struct nl nl;
	int holder;
};

FIXTURE_SETUP(log)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->holder = sock_listening("127.0.0.1", PORT);
}

FIXTURE_TEARDOWN(log)
{
	nl_close(&self->nl);
}

/* Returns the number of refused binds of @n. */
static int refuse(int n)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);
	int refused = 0;

	while (n--)
		refused += sock_bind(fd, "127.0.0.1", PORT) == -EADDRINUSE;
	close(fd);
	return refused;
}

/* The same of @n ports, of an address that no interface has. */
static int refuse_ports(int first, int n)
{
	int fd = sock_new("192.0.2.1", SOCK_DGRAM);
	int refused = 0, i;

	for (i = 0; i < n; i++)
		refused += sock_bind(fd, "192.0.2.1", first + i) ==
			   -EADDRNOTAVAIL;
	close(fd);
	return refused;
}

TEST_F(log, starts_empty)
{
	struct pt_stats stats = pt_stats(&self->nl);

	ASSERT_EQ(0, stats.err);
	EXPECT_EQ(0, stats.seen);
	EXPECT_EQ(0, stats.kept);
	EXPECT_EQ(0, stats.dropped);
	EXPECT_LT(0, stats.max);
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).n);
}

TEST_F(log, one_record_each)
{
	struct pt_rejects rejects;
	struct pt_stats stats;
	int i;

	ASSERT_EQ(20, refuse_ports(PORT, 20));
	stats = pt_stats(&self->nl);
	EXPECT_EQ(20, stats.seen);
	EXPECT_EQ(20, stats.kept);
	EXPECT_EQ(0, stats.dropped);
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(0, rejects.err);
	ASSERT_EQ(20, rejects.n);
	for (i = 0; i < 20; i++) {
		EXPECT_EQ(i + 1, rejects.v[i].seq);
		EXPECT_EQ(1, rejects.v[i].count);
		EXPECT_EQ(rejects.v[i].time, rejects.v[i].first_time);
		if (i)
			EXPECT_LE(rejects.v[i - 1].time, rejects.v[i].time);
	}
}

TEST_F(log, since)
{
	struct pt_rejects rejects;

	ASSERT_EQ(10, refuse_ports(PORT, 10));
	rejects = pt_rejects(&self->nl, 7);
	ASSERT_EQ(3, rejects.n);
	EXPECT_EQ(8, rejects.v[0].seq);
	EXPECT_EQ(10, rejects.v[2].seq);
	EXPECT_EQ(0, pt_rejects(&self->nl, 10).n);
	EXPECT_EQ(0, pt_rejects(&self->nl, ~0ULL).n);
}

/* A reader that comes back with its last number misses nothing. */
TEST_F(log, poll_with_since)
{
	struct pt_rejects rejects;
	__u64 last = 0;
	int i, total = 0;

	for (i = 1; i < 8; i++) {
		ASSERT_EQ(i, refuse_ports(PORT + total, i));
		rejects = pt_rejects(&self->nl, last);
		ASSERT_EQ(i, rejects.n);
		last = rejects.v[i - 1].seq;
		total += i;
		EXPECT_EQ(total, last);
	}
}

TEST_F_TIMEOUT(log, full, 90)
{
	struct pt_rejects rejects;
	struct pt_stats stats;
	int i, n, max;

	max = pt_stats(&self->nl).max;
	n = max + max / 2 + 1;
	ASSERT_EQ(n, refuse_ports(1, n));
	stats = pt_stats(&self->nl);
	EXPECT_EQ(n, stats.seen);
	EXPECT_EQ(max, stats.kept);
	EXPECT_EQ(n - max, stats.dropped);
	EXPECT_EQ(n - max, stats.dropped_own);
	EXPECT_EQ(n - max, stats.dropped_last);
	EXPECT_EQ(0, stats.unrecorded);
	EXPECT_EQ(n, stats.by_rule[PORTOWNER_REJECT_OP_BIND]
				  [PORTOWNER_RULE_ADDRESS_NOT_LOCAL]);
	EXPECT_EQ(n, pt_by_rules(&stats));
	/* the newest are kept, in order, and each is whole */
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(0, rejects.err);
	ASSERT_EQ(max, rejects.n);
	for (i = 0; i < max; i++) {
		ASSERT_EQ(n - max + i + 1, rejects.v[i].seq);
		ASSERT_EQ(n - max + i + 1, rejects.v[i].port);
		ASSERT_EQ(getpid(), rejects.v[i].pid);
	}
}

#define THREADS		8
#define PER_THREAD	150

static void *refuse_many(void *arg)
{
	return (void *)(long)refuse(PER_THREAD);
}

/* All threads together: no refusal escapes the account. */
TEST_F_TIMEOUT(log, parallel, 90)
{
	pthread_t thread[THREADS];
	struct pt_rejects rejects;
	struct pt_stats stats;
	__u64 missed;
	void *ret;
	int i, n = 0;

	missed = pt_stats(&self->nl).missed;
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, refuse_many,
					    NULL));
	/* with readers at the same time */
	for (i = 0; i < 10; i++) {
		rejects = pt_rejects(&self->nl, 0);
		EXPECT_EQ(0, rejects.err);
		stats = pt_stats(&self->nl);
		EXPECT_EQ(stats.seen, stats.counted + stats.dropped);
		EXPECT_EQ(stats.seen, pt_by_rules(&stats) + stats.unrecorded);
	}
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &ret));
		n += (long)ret;
	}
	ASSERT_EQ(THREADS * PER_THREAD, n);
	stats = pt_stats(&self->nl);
	EXPECT_EQ(0, stats.missed - missed);
	EXPECT_EQ(n, stats.seen);
	EXPECT_EQ(n, stats.counted + stats.dropped);
	EXPECT_EQ(n, pt_by_rules(&stats) + stats.unrecorded);
	rejects = pt_rejects(&self->nl, 0);
	/* all are one record, except those that found no room */
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(stats.counted, rejects.v->count);
	EXPECT_EQ(n, rejects.v->seq + stats.unrecorded);
}

/* One refusal of each kind; returns their number. */
static int refuse_each_way(void)
{
	int fd[4], n = 0, i;
	union sock_addr addr;
	socklen_t len;

	for (i = 0; i < 4; i++)
		fd[i] = sock_new("127.0.0.1", i < 3 ? SOCK_STREAM : SOCK_DGRAM);
	n += sock_bind(fd[0], "192.0.2.1", PORT) == -EADDRNOTAVAIL;
	n += sock_bind(fd[1], "127.0.0.1", PORT) == -EADDRINUSE;
	n += sock_listen(fd[1]) == -EADDRINUSE;
	if (!kernel_before(6, 1))
		n += sock_connect(fd[2], "127.0.0.1", PORT) == -EADDRNOTAVAIL;
	len = sock_addr(&addr, "127.0.0.1", PORT);
	n += sendto(fd[3], "x", 1, 0, &addr.sa, len) < 0 && errno == EAGAIN;
	for (i = 0; i < 4; i++)
		close(fd[i]);
	return n;
}

/* Each refusal counts for its operation and rule, including repetitions. */
TEST_F(log, by_rule)
{
	__u64 connects = kernel_before(6, 1) ? 0 : 2;
	struct pt_stats stats;
	int i;

	sysctl_write("ipv4/ip_local_port_range", "40000 40000");
	sock_bound("0.0.0.0", SOCK_STREAM, 40000);
	sock_bound("0.0.0.0", SOCK_DGRAM, 40000);
	for (i = 0; i < 2; i++)
		ASSERT_EQ(connects ? 5 : 4, refuse_each_way());
	stats = pt_stats(&self->nl);
	EXPECT_EQ(2, stats.by_rule[PORTOWNER_REJECT_OP_BIND]
				  [PORTOWNER_RULE_ADDRESS_NOT_LOCAL]);
	EXPECT_EQ(2, stats.by_rule[PORTOWNER_REJECT_OP_BIND]
				  [PORTOWNER_RULE_ADDRESS_IN_USE]);
	EXPECT_EQ(2, stats.by_rule[PORTOWNER_REJECT_OP_LISTEN]
				  [PORTOWNER_RULE_EPHEMERAL_EXHAUSTED]);
	EXPECT_EQ(2 + connects, stats.by_rule[PORTOWNER_REJECT_OP_AUTOBIND]
					     [PORTOWNER_RULE_EPHEMERAL_EXHAUSTED]);
	EXPECT_EQ(8 + connects, stats.seen);
	EXPECT_EQ(8 + connects, pt_by_rules(&stats));
}

static void *refuse_many_ways(void *arg)
{
	long n = 0;
	int i;

	for (i = 0; i < PER_THREAD / 5; i++)
		n += refuse_each_way();
	return (void *)n;
}

/* The same for refusals of all kinds together. */
TEST_F_TIMEOUT(log, parallel_ways, 120)
{
	pthread_t thread[THREADS];
	int ways = kernel_before(6, 1) ? 4 : 5;
	struct pt_stats stats;
	__u64 missed;
	void *ret;
	int i, n = 0;

	missed = pt_stats(&self->nl).missed;
	sysctl_write("ipv4/ip_local_port_range", "40000 40000");
	sock_bound("0.0.0.0", SOCK_STREAM, 40000);
	sock_bound("0.0.0.0", SOCK_DGRAM, 40000);
	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, refuse_many_ways,
					    NULL));
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &ret));
		n += (long)ret;
	}
	ASSERT_EQ(THREADS * (PER_THREAD / 5) * ways, n);
	stats = pt_stats(&self->nl);
	EXPECT_EQ(0, stats.missed - missed);
	EXPECT_EQ(n, stats.seen);
	EXPECT_EQ(n, stats.counted + stats.dropped);
	EXPECT_EQ(n, pt_by_rules(&stats) + stats.unrecorded);
}

static void *refuse_and_close(void *arg)
{
	int *stop = arg;
	long n = 0;

	do {
		n += refuse(1);
	} while (!__atomic_load_n(stop, __ATOMIC_ACQUIRE));
	return (void *)n;
}

/* Culprits come and go while they are being named. */
TEST_F_TIMEOUT(log, racing_culprits, 90)
{
	struct pt_rejects rejects;
	struct pt_stats stats;
	pthread_t thread[2];
	int i, k, stop = 0;
	long n = 0;
	void *ret;

	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, refuse_and_close,
					    &stop));
	for (i = 0; i < 300; i++) {
		close(self->holder);
		do {
			self->holder = sock_new("127.0.0.1", SOCK_STREAM);
			k = sock_bind(self->holder, "127.0.0.1", PORT);
			n += k == -EADDRINUSE;
			if (k)
				close(self->holder);
		} while (k);
		ASSERT_EQ(0, sock_listen(self->holder));
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &ret));
		n += (long)ret;
	}
	stats = pt_stats(&self->nl);
	EXPECT_EQ(n, stats.seen);
	EXPECT_EQ(n, stats.counted + stats.dropped);
	rejects = pt_rejects(&self->nl, 0);
	for (i = 0; i < rejects.n; i++) {
		EXPECT_EQ(PORT, rejects.v[i].port);
		for (k = 0; k < rejects.v[i].n_culprits; k++)
			EXPECT_EQ(PORT, rejects.v[i].culprits[k].port);
	}
}

/* Every socket of a large group is a culprit of one that does not fit in. */
TEST_F(log, many_culprits)
{
	struct pt_reject *r;
	int i, fd;

	for (i = 0; i < 60; i++) {
		fd = sock_new("127.0.0.1", SOCK_DGRAM);
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
		ASSERT_EQ(0, sock_bind(fd, "127.0.0.1", PORT));
	}
	fd = sock_new("127.0.0.1", SOCK_DGRAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_LE(1, r->n_culprits);
	EXPECT_GE(60, r->n_culprits);
	for (i = 0; i < r->n_culprits; i++)
		EXPECT_EQ(IPPROTO_UDP, r->culprits[i].proto);
}

TEST_HARNESS_MAIN
