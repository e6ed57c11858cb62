// SPDX-License-Identifier: GPL-2.0
/* Ports asked for through io_uring, refused like by the system calls. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

#include "../kselftest_harness.h"

#include "die.h"
#include "po.h"
#include "proc.h"
#include "sock.h"

#define PORT	3500

/* Of 6.11; the headers may be older. */
#define OP_BIND		56
#define OP_LISTEN	57

/* A ring for one request at a time. */
struct ring {
	int fd;
	struct io_uring_params params;
	char *sq;
	char *cq;
	struct io_uring_sqe *sqes;
};

FIXTURE(uring)
{
	struct nl nl;
	struct ring ring;
};

static void *ring_map(int fd, size_t size, off_t offset)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_POPULATE, fd, offset);

	if (p == MAP_FAILED)
		die_errno("io_uring map");
	return p;
}

static void ring_open(struct ring *ring)
{
	struct io_uring_params *p = &ring->params;

	memset(ring, 0, sizeof(*ring));
	ring->fd = syscall(SYS_io_uring_setup, 1, p);
	if (ring->fd < 0)
		die_errno("io_uring_setup");
	ring->sq = ring_map(ring->fd, p->sq_off.array + sizeof(__u32),
			    IORING_OFF_SQ_RING);
	ring->cq = ring_map(ring->fd, p->cq_off.cqes + p->cq_entries *
			    sizeof(struct io_uring_cqe), IORING_OFF_CQ_RING);
	ring->sqes = ring_map(ring->fd, sizeof(*ring->sqes), IORING_OFF_SQES);
}

static __u32 *ring_word(char *base, __u32 offset)
{
	return (__u32 *)(base + offset);
}

/* Submit the request in the only slot, and wait for what comes of it. */
static int ring_result(struct ring *ring)
{
	const struct io_uring_params *p = &ring->params;
	__u32 *tail = ring_word(ring->sq, p->sq_off.tail);
	__u32 *head = ring_word(ring->cq, p->cq_off.head);
	__u32 mask = *ring_word(ring->cq, p->cq_off.ring_mask);
	struct io_uring_cqe *cqes = (void *)(ring->cq + p->cq_off.cqes);
	int res;

	*ring_word(ring->sq, p->sq_off.array) = 0;
	__atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1,
		    IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		die_errno("io_uring_enter");
	res = cqes[*head & mask].res;
	__atomic_store_n(head, *head + 1, __ATOMIC_RELEASE);
	return res;
}

/* bind and connect, but for where they have the length of the address. */
static int ring_addr(struct ring *ring, int op, int fd, const char *ip,
		     int port, int flags)
{
	union sock_addr addr;

	memset(ring->sqes, 0, sizeof(*ring->sqes));
	ring->sqes->opcode = op;
	ring->sqes->flags = flags;
	ring->sqes->fd = fd;
	ring->sqes->addr = (unsigned long)&addr;
	ring->sqes->off = sock_addr(&addr, ip, port);
	return ring_result(ring);
}

FIXTURE_SETUP(uring)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	ring_open(&self->ring);
	sysctl_write("ipv4/ip_local_port_range", "40000 40001");
}

FIXTURE_TEARDOWN(uring)
{
	nl_close(&self->nl);
}

TEST_F(uring, bind)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);
	struct po_reject *r;

	if (kernel_before(6, 11))
		SKIP(return, "io_uring has no bind before 6.11");
	sock_bound("127.0.0.1", SOCK_STREAM, PORT);
	ASSERT_EQ(-EADDRINUSE,
		  ring_addr(&self->ring, OP_BIND, fd, "127.0.0.1", PORT, 0));
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_OP_BIND, r->op);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
	EXPECT_EQ(1, r->n_culprits);
}

TEST_F(uring, listen)
{
	struct po_reject *r;
	int fd[2], i;

	if (kernel_before(6, 11))
		SKIP(return, "io_uring has no listen before 6.11");
	for (i = 0; i < 2; i++) {
		fd[i] = sock_new("127.0.0.1", SOCK_STREAM);
		sock_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, sock_bind(fd[i], "127.0.0.1", PORT));
	}
	ASSERT_EQ(0, sock_listen(fd[0]));
	memset(self->ring.sqes, 0, sizeof(*self->ring.sqes));
	self->ring.sqes->opcode = OP_LISTEN;
	self->ring.sqes->fd = fd[1];
	self->ring.sqes->len = 1;
	ASSERT_EQ(-EADDRINUSE, ring_result(&self->ring));
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_OP_LISTEN, r->op);
	EXPECT_EQ(PORT, r->port);
}

/* A worker may do it, which is a thread of ours and has no way to user space. */
static struct po_reject *await_reject(struct nl *nl)
{
	struct po_reject *r = NULL;
	int tries = 100000;

	while (!r && tries--)
		r = po_last_reject(nl);
	return r;
}

static void connect_exhausted(struct __test_metadata *_metadata, struct nl *nl,
			      struct ring *ring, int flags)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);
	struct po_reject *r;

	if (kernel_before(6, 1))
		SKIP(return, "connect() calls nothing to probe before 6.1");
	sock_bound("127.0.0.1", SOCK_STREAM, 40000);
	sock_bound("127.0.0.1", SOCK_STREAM, 40001);
	ASSERT_EQ(-EADDRNOTAVAIL,
		  ring_addr(ring, IORING_OP_CONNECT, fd, "127.0.0.1", PORT,
			    flags));
	r = await_reject(nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(1, po_stats(nl).seen);
	EXPECT_EQ(PORTOWNER_OP_AUTOBIND, r->op);
	EXPECT_EQ(EADDRNOTAVAIL, r->err);
	EXPECT_EQ(0, r->port);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(PORTOWNER_RULE_EPHEMERAL_EXHAUSTED, r->rule);
	EXPECT_EQ(2, r->range.taken);
}

TEST_F(uring, connect)
{
	connect_exhausted(_metadata, &self->nl, &self->ring, 0);
}

TEST_F(uring, connect_by_worker)
{
	connect_exhausted(_metadata, &self->nl, &self->ring, IOSQE_ASYNC);
}

/* What fails otherwise is none of ours. */
TEST_F(uring, connect_refused)
{
	int i, fd = sock_new("127.0.0.1", SOCK_STREAM);

	for (i = 0; i < 2; i++)
		ASSERT_EQ(-ECONNREFUSED,
			  ring_addr(&self->ring, IORING_OP_CONNECT, fd,
				    "127.0.0.1", PORT, i ? IOSQE_ASYNC : 0));
	EXPECT_EQ(0, po_stats(&self->nl).seen);
}

TEST_HARNESS_MAIN
