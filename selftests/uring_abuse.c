// SPDX-License-Identifier: GPL-2.0
/* io_uring as a means to delay others: by hiding, or by being refused. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/culprit.h"
#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/ring.h"
#include "lib/sock.h"
#include "lib/tables.h"

#define PORT		3520
#define THREADS		1000
#define OTHER		1001
#define OTHERS		50
#define FLOODERS	4
/* Of one flooder together: with the others, more than all records and slots. */
#define BATCH		128

FIXTURE(holder)
{
	struct nl nl;
	struct ring ring;
	int fd;
	int err;
};

FIXTURE_SETUP(holder)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_listening("127.0.0.1", PORT);
	self->err = ring_open(&self->ring, 1);
	if (!self->err)
		ring_register(&self->ring, self->fd);
}

FIXTURE_TEARDOWN(holder)
{
	nl_close(&self->nl);
}

/* Like bounded's private_tables: the unexplained reference is the ring's. */
TEST_F_TIMEOUT(holder, private_tables, 240)
{
	struct pt_sock *s;

	if (self->err)
		SKIP(return, "io_uring: %s", strerror(-self->err));
	tables_start(THREADS);
	s = culprit_of(&self->nl, PORT);
	EXPECT_TRUE(s->owners_incomplete);
	EXPECT_EQ(0, s->unseen_refs);
	EXPECT_LE(1, s->n_owners);
	EXPECT_GT(1 + THREADS, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);

	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_FALSE(s->owners_incomplete);
	EXPECT_EQ(1 + THREADS, s->n_owners);
	EXPECT_EQ(1, s->unseen_refs);
	/* The process, once, although each of its tables has the ring. */
	ASSERT_EQ(1, s->n_unseen);
	EXPECT_EQ(PORTOWNER_UNSEEN_IO_URING, s->unseen[0].where);
	EXPECT_EQ(getpid(), s->unseen[0].pid);
}

/* No table has it, so nothing ends a search before its bounds do. */
TEST_F_TIMEOUT(holder, no_descriptor, 240)
{
	__u64 cookie = sock_cookie(self->fd);
	struct pt_sock *s;

	if (self->err)
		SKIP(return, "io_uring: %s", strerror(-self->err));
	close(self->fd);
	tables_start(THREADS);
	s = culprit_of(&self->nl, PORT);
	EXPECT_EQ(cookie, s->cookie);
	EXPECT_TRUE(s->owners_incomplete);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(0, s->unseen_refs);
	EXPECT_EQ(getpid(), s->binder.pid);

	s = pt_port(&self->nl, PORT, 0).v;
	EXPECT_EQ(cookie, s->cookie);
	EXPECT_FALSE(s->owners_incomplete);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(1, s->unseen_refs);
	ASSERT_EQ(1, s->n_unseen);
	EXPECT_EQ(getpid(), s->unseen[0].pid);
}

/* Shared by all processes of a flood. */
struct flood {
	int op;
	int flags;
	bool stop;
	/* refusals so far, of each */
	unsigned long nr[FLOODERS];
	/* the next one to begin */
	int flooder;
};

FIXTURE(flood)
{
	struct nl nl;
	struct flood *flood;
	struct proc child[FLOODERS];
};

FIXTURE_VARIANT(flood)
{
	int op;
	int flags;
};

FIXTURE_VARIANT_ADD(flood, bind) {
	.op = OP_BIND,
};

FIXTURE_VARIANT_ADD(flood, bind_by_worker) {
	.op = OP_BIND, .flags = IOSQE_ASYNC,
};

FIXTURE_VARIANT_ADD(flood, connect) {
	.op = IORING_OP_CONNECT,
};

FIXTURE_VARIANT_ADD(flood, connect_by_worker) {
	.op = IORING_OP_CONNECT, .flags = IOSQE_ASYNC,
};

FIXTURE_SETUP(flood)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->flood = mmap(NULL, sizeof(*self->flood), PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->flood);
	self->flood->op = variant->op;
	self->flood->flags = variant->flags;
	/* connect() finds no port. */
	sysctl_write("ipv4/ip_local_port_range", "40000 40001");
	sock_bound("0.0.0.0", SOCK_STREAM, 40000);
	sock_bound("0.0.0.0", SOCK_STREAM, 40001);
}

FIXTURE_TEARDOWN(flood)
{
	nl_close(&self->nl);
}

/* Sockets that are each refused in another record. */
static int flood_socket(const struct flood *flood, union sock_addr *addr, int nr)
{
	char ip[32];
	int fd;

	if (flood->op == OP_BIND) {
		sock_addr(addr, "192.0.2.1", 10000 + nr);
		return sock_new("192.0.2.1", SOCK_DGRAM);
	}
	snprintf(ip, sizeof(ip), "127.0.%d.%d", 1 + nr / 200, 1 + nr % 200);
	fd = sock_new(ip, SOCK_STREAM);
	sock_set(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	if (sock_bind(fd, ip, 0))
		die_errno("bind without a port");
	sock_addr(addr, "127.0.0.1", PORT);
	return fd;
}

static void flood_batch(struct flood *flood, struct ring *ring, const int *fds,
			const union sock_addr *addrs)
{
	struct io_uring_sqe *sqe;
	int i, res;

	for (i = 0; i < BATCH; i++) {
		sqe = ring_prepare(ring, flood->op, fds[i]);
		sqe->flags = flood->flags;
		sqe->addr = (unsigned long)&addrs[i];
		sqe->off = sizeof(addrs[i].in);
	}
	ring_submit(ring);
	for (i = 0; i < BATCH; i++) {
		res = ring_result(ring);
		if (res != -EADDRNOTAVAIL)
			die("not refused: %d", res);
	}
}

static void flooder(struct proc *parent, void *arg)
{
	struct flood *flood = arg;
	int i, fds[BATCH], me = flood->flooder++;
	union sock_addr addrs[BATCH];
	struct ring ring;

	proc_become(USER, NO_CAP);
	/* It does not check whether to go on until it is told to stop. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (ring_open(&ring, BATCH))
		die("no ring");
	for (i = 0; i < BATCH; i++)
		fds[i] = flood_socket(flood, &addrs[i], me * BATCH + i);
	proc_tell(parent);
	while (!__atomic_load_n(&flood->stop, __ATOMIC_ACQUIRE)) {
		flood_batch(flood, &ring, fds, addrs);
		flood->nr[me] += BATCH;
	}
	proc_await(parent);
}

/* Another user, who is not involved. */
static void bystander(struct proc *parent, void *arg)
{
	int i, fd;

	proc_become(OTHER, NO_CAP);
	for (i = 0; i < OTHERS; i++) {
		fd = sock_new("192.0.2.1", SOCK_DGRAM);
		if (sock_bind(fd, "192.0.2.1", 20000 + i) != -EADDRNOTAVAIL)
			die("not refused");
		close(fd);
	}
	proc_await(parent);
}

static int records_of(struct nl *nl, __u32 uid)
{
	struct pt_rejects rejects = pt_rejects(nl, 0);
	int i, nr = 0;

	for (i = 0; i < rejects.n; i++)
		nr += rejects.v[i].uid == uid;
	return nr;
}

/*
 * Until the flood has no room left, in the log or on the way to it. A thread of
 * the ring itself takes no more than one slot at a time.
 */
static void await_overflow(struct nl *nl, bool by_worker)
{
	struct pt_stats stats;
	int tries = 10000;

	do {
		if (!tries--)
			die("the flood is no flood");
		usleep(1000);
		stats = pt_stats(nl);
	} while ((!stats.unrecorded && !by_worker) || stats.kept < stats.max ||
		 stats.dropped == stats.unrecorded);
}

/* Each is counted once; refusals of workers a little later. */
static void await_seen(struct nl *nl, unsigned long nr)
{
	int tries = 10000;

	while (pt_stats(nl).seen != nr) {
		if (!tries--)
			die("%lu refusals, %llu seen", nr,
			    (unsigned long long)pt_stats(nl).seen);
		usleep(1000);
	}
}

TEST_F_TIMEOUT(flood, loses_its_own, 120)
{
	unsigned long nr = OTHERS;
	struct pt_stats stats;
	struct proc other;
	int i;

	if (variant->op == OP_BIND && kernel_before(6, 11))
		SKIP(return, "io_uring has no bind before 6.11");
	if (kernel_before(6, 1))
		SKIP(return, "connect() calls nothing to probe before 6.1");
	for (i = 0; i < FLOODERS; i++) {
		proc_start(&self->child[i], flooder, self->flood);
		proc_await(&self->child[i]);
	}
	await_overflow(&self->nl, variant->flags & IOSQE_ASYNC);
	proc_start(&other, bystander, NULL);
	proc_end(&other);
	EXPECT_EQ(OTHERS, records_of(&self->nl, OTHER));
	__atomic_store_n(&self->flood->stop, true, __ATOMIC_RELEASE);
	for (i = 0; i < FLOODERS; i++) {
		proc_end(&self->child[i]);
		nr += self->flood->nr[i];
	}
	await_seen(&self->nl, nr);
	stats = pt_stats(&self->nl);
	EXPECT_EQ(stats.seen, stats.counted + stats.dropped);
	EXPECT_EQ(OTHERS, records_of(&self->nl, OTHER));
	/* only the flood's own refusals were dropped */
	proc_become(OTHER, NO_CAP);
	EXPECT_EQ(0, pt_stats(&self->nl).dropped_own);
	EXPECT_LT(0, stats.dropped);
}

TEST_HARNESS_MAIN
