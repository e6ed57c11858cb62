// SPDX-License-Identifier: GPL-2.0
/* Places of references that are not descriptors: in messages, in io_urings. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include <linux/io_uring.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	1710

FIXTURE(unseen)
{
	struct nl nl;
	int fd;
};

FIXTURE_SETUP(unseen)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_listening("127.0.0.1", PORT);
}

FIXTURE_TEARDOWN(unseen)
{
	nl_close(&self->nl);
}

static struct pt_sock *listener(struct nl *nl)
{
	struct pt_socks socks = pt_port(nl, PORT, 0);

	if (socks.err || socks.n != 1)
		die("error %d, %d sockets", socks.err, socks.n);
	return socks.v;
}

#define SECRET	"from 7.0 on, and with PREEMPT_RT, queues of unix sockets are not read"

static bool flight_is_secret(void)
{
	return !kernel_before(7, 0) || kernel_is_rt();
}

/* All references are descriptors: there is nothing to look for. */
TEST_F(unseen, nothing)
{
	struct pt_sock *s = listener(&self->nl);

	EXPECT_EQ(1, s->n_owners);
	EXPECT_EQ(0, s->unseen_refs);
	EXPECT_EQ(0, s->n_unseen);
}

static void hold_one_end(struct proc *parent, void *arg)
{
	int *pair = arg;

	close(pair[0]);
	proc_name("receiver");
	proc_tell(parent);
	proc_await(parent);
}

/* A child holds the end of a socket pair where the message waits. */
static void start_receiver(struct proc *child, int *pair, int type, int fd)
{
	if (socketpair(AF_UNIX, type, 0, pair))
		die_errno("socketpair");
	proc_start(child, hold_one_end, pair);
	proc_await(child);
	close(pair[1]);
	fd_send(pair[0], fd);
}

#define EXPECT_FLIGHT(s, i, of) do {					\
	ASSERT_GT((s)->n_unseen, i);					\
	EXPECT_EQ(PORTOWNER_UNSEEN_IN_FLIGHT, (s)->unseen[i].where);	\
	EXPECT_EQ((of), (s)->unseen[i].pid);				\
} while (0)

TEST_F(unseen, in_a_stream)
{
	struct proc child;
	struct pt_sock *s;
	int pair[2];

	if (flight_is_secret())
		SKIP(return, SECRET);
	start_receiver(&child, pair, SOCK_STREAM, self->fd);
	s = listener(&self->nl);
	/* The child inherited a copy of the descriptor. */
	EXPECT_EQ(2, s->n_owners);
	EXPECT_EQ(1, s->unseen_refs);
	EXPECT_EQ(1, s->n_unseen);
	EXPECT_FLIGHT(s, 0, child.pid);
	EXPECT_STREQ("receiver", s->unseen[0].comm);
	proc_end(&child);
}

static void read_in_parts(struct proc *parent, void *arg)
{
	int i, fd = *(int *)arg;
	char byte, rest[64];
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		die_errno("socketpair");
	proc_tell(parent);
	for (i = 0; i < 20000; i++) {
		fd_send_more(pair[0], fd, sizeof(rest));
		/* The descriptor comes with the first byte, and is dropped. */
		if (read(pair[1], &byte, 1) != 1 ||
		    read(pair[1], rest, sizeof(rest)) != sizeof(rest))
			die_errno("read");
	}
	proc_await(parent);
}

/* Its reader takes the descriptors out of a message that stays in the queue. */
TEST_F_TIMEOUT(unseen, read_in_parts, 240)
{
	struct proc child;
	int i;

	proc_start(&child, read_in_parts, &self->fd);
	proc_await(&child);
	for (i = 0; i < 300; i++)
		ASSERT_EQ(2, listener(&self->nl)->n_owners);
	proc_end(&child);
}

/* All descriptors are closed; the message alone keeps the port. */
TEST_F(unseen, only_in_datagrams)
{
	struct pt_sock *s;
	int pair[2];

	if (flight_is_secret())
		SKIP(return, SECRET);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	fd_send(pair[0], self->fd);
	fd_send(pair[0], self->fd);
	close(self->fd);
	s = listener(&self->nl);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(2, s->unseen_refs);
	EXPECT_EQ(2, s->n_unseen);
	EXPECT_FLIGHT(s, 0, getpid());
	EXPECT_FLIGHT(s, 1, getpid());
}

/* Sent over a connection that nobody has accepted yet. */
TEST_F(unseen, not_accepted)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int server, client;
	struct pt_sock *s;

	if (flight_is_secret())
		SKIP(return, SECRET);
	snprintf(addr.sun_path + 1, sizeof(addr.sun_path) - 1, "unseen.%d",
		 getpid());
	server = socket(AF_UNIX, SOCK_STREAM, 0);
	ASSERT_EQ(0, bind(server, (struct sockaddr *)&addr, sizeof(addr)));
	ASSERT_EQ(0, listen(server, 1));
	client = socket(AF_UNIX, SOCK_STREAM, 0);
	ASSERT_EQ(0, connect(client, (struct sockaddr *)&addr, sizeof(addr)));
	fd_send(client, self->fd);
	close(self->fd);
	s = listener(&self->nl);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(1, s->unseen_refs);
	EXPECT_EQ(1, s->n_unseen);
	EXPECT_FLIGHT(s, 0, getpid());
}

/* Two processes hold the receiving end: the reference is one. */
TEST_F(unseen, receivers_share)
{
	struct proc child;
	struct pt_sock *s;
	int pair[2];

	if (flight_is_secret())
		SKIP(return, SECRET);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	fd_send(pair[0], self->fd);
	close(self->fd);
	proc_start(&child, hold_one_end, pair);
	proc_await(&child);
	s = listener(&self->nl);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(1, s->unseen_refs);
	EXPECT_EQ(1, s->n_unseen);
	proc_end(&child);
}

/* A reader who may not see the process learns the number, and no more. */
TEST_F(unseen, of_another_user)
{
	struct proc child;
	struct pt_sock *s;
	struct nl nl;
	int pair[2];

	if (flight_is_secret())
		SKIP(return, SECRET);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	fd_send(pair[0], self->fd);
	proc_start(&child, hold_one_end, pair);
	proc_await(&child);
	close(pair[0]);
	close(pair[1]);
	close(self->fd);
	EXPECT_EQ(1, listener(&self->nl)->n_unseen);

	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	s = listener(&nl);
	EXPECT_EQ(1, s->unseen_refs);
	EXPECT_EQ(0, s->n_unseen);
	nl_close(&nl);
	proc_end(&child);
}

struct ring {
	int fd;
	void *map;
};

/* A ring with @fd registered; false if this kernel does not permit one. */
static bool ring_open(struct ring *ring, int fd)
{
	struct io_uring_params params = {};
	size_t size;

	ring->fd = syscall(SYS_io_uring_setup, 4, &params);
	if (ring->fd < 0 && errno == EPERM)
		return false;
	if (ring->fd < 0)
		die_errno("io_uring_setup");
	size = params.sq_off.array + params.sq_entries * sizeof(__u32);
	ring->map = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_POPULATE, ring->fd,
			 IORING_OFF_SQ_RING);
	if (ring->map == MAP_FAILED)
		die_errno("mmap of a ring");
	if (syscall(SYS_io_uring_register, ring->fd, IORING_REGISTER_FILES,
		    &fd, 1))
		die_errno("IORING_REGISTER_FILES");
	return true;
}

#define EXPECT_RING(s, of) do {						\
	EXPECT_EQ(0, (s)->n_owners);					\
	EXPECT_EQ(1, (s)->unseen_refs);					\
	ASSERT_EQ(1, (s)->n_unseen);					\
	EXPECT_EQ(PORTOWNER_UNSEEN_IO_URING, (s)->unseen[0].where);	\
	EXPECT_EQ((of), (s)->unseen[0].pid);				\
} while (0)

TEST_F(unseen, in_a_ring)
{
	struct pt_sock *s;
	struct ring ring;

	if (!ring_open(&ring, self->fd))
		SKIP(return, "io_uring: %s", strerror(errno));
	close(self->fd);
	s = listener(&self->nl);
	EXPECT_RING(s, getpid());
}

/* No descriptor leads to the ring either, just a mapping. */
TEST_F(unseen, in_a_mapped_ring)
{
	struct pt_sock *s;
	struct ring ring;

	if (!ring_open(&ring, self->fd))
		SKIP(return, "io_uring: %s", strerror(errno));
	close(self->fd);
	close(ring.fd);
	s = listener(&self->nl);
	EXPECT_RING(s, getpid());
}

static void ring_elsewhere(struct proc *parent, void *arg)
{
	struct ring ring;
	int fd = *(int *)arg;

	proc_name("ring");
	if (!ring_open(&ring, fd))
		_exit(0);
	close(fd);
	proc_tell(parent);
	proc_await(parent);
}

static void no_ring(struct proc *parent, void *arg)
{
	close(*(int *)arg);
	proc_tell(parent);
	proc_await(parent);
}

/* The process with the ring is named, and none without a ring. */
TEST_F(unseen, in_a_ring_of_another)
{
	struct proc child, other;
	struct pt_sock *s;
	struct ring ring;

	if (!ring_open(&ring, STDIN_FILENO))
		SKIP(return, "io_uring: %s", strerror(errno));
	munmap(ring.map, 1);
	close(ring.fd);
	proc_start(&other, no_ring, &self->fd);
	proc_await(&other);
	proc_start(&child, ring_elsewhere, &self->fd);
	proc_await(&child);
	close(self->fd);
	s = listener(&self->nl);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(1, s->unseen_refs);
	ASSERT_LE(1, s->n_unseen);
	/* This process had a ring, too. */
	ASSERT_GE(2, s->n_unseen);
	EXPECT_TRUE(s->unseen[0].pid == child.pid ||
		    (s->n_unseen == 2 && s->unseen[1].pid == child.pid));
	proc_end(&other);
	proc_end(&child);
}

TEST_HARNESS_MAIN
