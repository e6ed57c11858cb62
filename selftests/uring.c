// SPDX-License-Identifier: GPL-2.0
/* Ports requested through io_uring, refused as by the system calls. */
#define _GNU_SOURCE
#include <errno.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/ring.h"
#include "lib/sock.h"

#define PORT	3500

FIXTURE(uring)
{
	struct nl nl;
	struct ring ring;
};

/* bind and connect, except for where the length of the address is. */
static int ring_addr(struct ring *ring, int op, int fd, const char *ip,
		     int port, int flags)
{
	struct io_uring_sqe *sqe = ring_prepare(ring, op, fd);
	union sock_addr addr;

	sqe->flags = flags;
	sqe->addr = (unsigned long)&addr;
	sqe->off = sock_addr(&addr, ip, port);
	ring_submit(ring);
	return ring_result(ring);
}

FIXTURE_SETUP(uring)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	ASSERT_EQ(0, ring_open(&self->ring, 1));
	sysctl_write("ipv4/ip_local_port_range", "40000 40001");
}

FIXTURE_TEARDOWN(uring)
{
	nl_close(&self->nl);
}

TEST_F(uring, bind)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);
	struct pt_reject *r;

	if (kernel_before(6, 11))
		SKIP(return, "io_uring has no bind before 6.11");
	sock_bound("127.0.0.1", SOCK_STREAM, PORT);
	ASSERT_EQ(-EADDRINUSE,
		  ring_addr(&self->ring, OP_BIND, fd, "127.0.0.1", PORT, 0));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_BIND, r->op);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
	EXPECT_EQ(1, r->n_culprits);
}

TEST_F(uring, listen)
{
	struct pt_reject *r;
	int fd[2], i;

	if (kernel_before(6, 11))
		SKIP(return, "io_uring has no listen before 6.11");
	for (i = 0; i < 2; i++) {
		fd[i] = sock_new("127.0.0.1", SOCK_STREAM);
		sock_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, sock_bind(fd[i], "127.0.0.1", PORT));
	}
	ASSERT_EQ(0, sock_listen(fd[0]));
	ring_prepare(&self->ring, OP_LISTEN, fd[1])->len = 1;
	ring_submit(&self->ring);
	ASSERT_EQ(-EADDRINUSE, ring_result(&self->ring));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_LISTEN, r->op);
	EXPECT_EQ(PORT, r->port);
}

/* A worker may do it, a thread of ours that never returns to user space. */
static struct pt_reject *await_reject(struct nl *nl)
{
	struct pt_reject *r = NULL;
	int tries = 100000;

	while (!r && tries--)
		r = pt_last_reject(nl);
	return r;
}

static void connect_exhausted(struct __test_metadata *_metadata, struct nl *nl,
			      struct ring *ring, int flags)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);
	struct pt_reject *r;

	if (kernel_before(6, 1))
		SKIP(return, "connect() calls nothing to probe before 6.1");
	sock_bound("127.0.0.1", SOCK_STREAM, 40000);
	sock_bound("127.0.0.1", SOCK_STREAM, 40001);
	ASSERT_EQ(-EADDRNOTAVAIL,
		  ring_addr(ring, IORING_OP_CONNECT, fd, "127.0.0.1", PORT,
			    flags));
	r = await_reject(nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(1, pt_stats(nl).seen);
	EXPECT_EQ(PORTOWNER_REJECT_OP_AUTOBIND, r->op);
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

/* Other failures do not count. */
TEST_F(uring, connect_refused)
{
	int i, fd = sock_new("127.0.0.1", SOCK_STREAM);

	for (i = 0; i < 2; i++)
		ASSERT_EQ(-ECONNREFUSED,
			  ring_addr(&self->ring, IORING_OP_CONNECT, fd,
				    "127.0.0.1", PORT, i ? IOSQE_ASYNC : 0));
	EXPECT_EQ(0, pt_stats(&self->nl).seen);
}

TEST_HARNESS_MAIN
