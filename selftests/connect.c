// SPDX-License-Identifier: GPL-2.0
/* connect() of TCP, which needs a port: one record if it is refused one. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>

#include "refusals.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

/* What tells of them has come with 6.1. */
#define NO_CONNECT	"before 6.1 connect() calls nothing to probe"

TEST_F(refusals, exhausted)
{
	int listener, fd;
	struct po_reject *r;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	listener = sock_listening(variant->ip, PORT);
	take_range(variant->ip, SOCK_STREAM);
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EQ(IPPROTO_TCP, r->proto);
	EXPECT_EXHAUSTED(r);

	/* and again, with the same socket */
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	EXPECT_EQ(2, nr_seen(&self->nl));
	close(listener);
}

TEST_F(refusals, nonblocking)
{
	struct po_reject *r;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	sock_listening(variant->ip, PORT);
	take_range(variant->ip, SOCK_STREAM);
	fd = sock_new(variant->ip, SOCK_STREAM | SOCK_NONBLOCK);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EXHAUSTED(r);
}

/* The address is bound and the port left for connect(). */
TEST_F(refusals, no_port)
{
	struct po_reject *r;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	sock_listening(variant->ip, PORT);
	take_range(variant->ip, SOCK_STREAM);
	fd = sock_new(variant->ip, SOCK_STREAM);
	sock_set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	ASSERT_EQ(0, sock_bind(fd, variant->ip, 0));
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->ip, 0);
	EXPECT_EXHAUSTED(r);
}

/* An earlier attempt, which failed otherwise, left its port in the socket. */
TEST_F(refusals, second_attempt)
{
	struct po_reject *r;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-ECONNREFUSED, sock_connect(fd, variant->ip, PORT));
	ASSERT_EQ(0, nr_seen(&self->nl));
	take_range(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EXHAUSTED(r);
}

TEST_F(refusals, fast_open)
{
	union sock_addr addr;
	struct po_reject *r;
	socklen_t len;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	take_range(variant->ip, SOCK_STREAM);
	fd = sock_new(variant->ip, SOCK_STREAM);
	len = sock_addr(&addr, variant->ip, PORT);
	ASSERT_EQ(-1, sendto(fd, "x", 1, MSG_FASTOPEN, &addr.sa, len));
	ASSERT_EQ(EADDRNOTAVAIL, errno);
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EXHAUSTED(r);
}

/* Of each port another connection of the same kind has one end. */
TEST_F(refusals, all_connected)
{
	struct po_reject *r;
	int i, fd, first;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	sock_listening(variant->ip, PORT);
	for (i = FIRST; i <= LAST; i++) {
		fd = sock_new(variant->ip, SOCK_STREAM);
		ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	}
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EXHAUSTED(r);

	/* to another peer there is one */
	first = sock_listening(variant->ip, PORT + 1);
	ASSERT_LE(0, first);
	EXPECT_EQ(0, sock_connect(fd, variant->ip, PORT + 1));
	EXPECT_EQ(1, nr_seen(&self->nl));
}

TEST_F(refusals, mptcp)
{
	struct po_reject *r;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	fd = socket(variant->family, SOCK_STREAM, IPPROTO_MPTCP);
	if (fd < 0)
		SKIP(return, "no MPTCP in this kernel");
	take_range(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = po_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EQ(IPPROTO_MPTCP, r->proto);
	EXPECT_EXHAUSTED(r);
}

/* A failing connect() that got a port, or had one, is none of ours. */
TEST_F(refusals, other_errors)
{
	int fd = sock_new(variant->ip, SOCK_STREAM);
	int i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(-ECONNREFUSED, sock_connect(fd, variant->ip, PORT));
	close(fd);
	fd = sock_new(variant->foreign, SOCK_STREAM);
	ASSERT_EQ(-ENETUNREACH, sock_connect(fd, variant->foreign, PORT));
	close(fd);
	fd = sock_new(variant->foreign, SOCK_DGRAM);
	ASSERT_EQ(-ENETUNREACH, sock_connect(fd, variant->foreign, PORT));
	EXPECT_EQ(0, nr_seen(&self->nl));
}

/* A second connection of the same two ends. */
TEST_F(refusals, same_ends)
{
	int i, fd;

	sock_listening(variant->ip, PORT);
	for (i = 0; i < 2; i++) {
		fd = sock_new(variant->ip, SOCK_STREAM);
		sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, sock_bind(fd, variant->ip, PORT + 1));
		ASSERT_EQ(i ? -EADDRNOTAVAIL : 0,
			  sock_connect(fd, variant->ip, PORT));
	}
	EXPECT_EQ(0, nr_seen(&self->nl));
}

/* The same, but the port was chosen by the kernel: for bind() it was free. */
TEST_F(refusals, same_ends_chosen)
{
	int fd[2], i;

	sock_listening(variant->ip, PORT);
	for (i = 0; i < 2; i++) {
		fd[i] = sock_new(variant->ip, SOCK_STREAM);
		sock_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, sock_bind(fd[i], variant->ip,
				       i ? sock_port(fd[0]) : 0));
	}
	ASSERT_EQ(0, sock_connect(fd[1], variant->ip, PORT));
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd[0], variant->ip, PORT));
	EXPECT_EQ(0, nr_seen(&self->nl));
}

/* IPv6 has no address from which that could be reached. */
TEST_F(refusals, no_source)
{
	int fd;

	if (variant->family != AF_INET6)
		return;
	sysctl_write("ipv6/conf/lo/disable_ipv6", "1");
	fd = sock_new(variant->ip, SOCK_STREAM);
	EXPECT_GT(0, sock_connect(fd, variant->ip, PORT));
	EXPECT_EQ(0, nr_seen(&self->nl));
}

/* Giving up a connection is no failure. */
TEST_F(refusals, disconnect)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	struct linger linger = { .l_onoff = 1 };
	struct sock_pair pair;

	sock_pair(&pair, variant->ip, 0);
	ASSERT_EQ(0, connect(pair.client, &unspec, sizeof(unspec)));
	ASSERT_EQ(0, setsockopt(pair.child, SOL_SOCKET, SO_LINGER, &linger,
				sizeof(linger)));
	close(pair.child);
	EXPECT_EQ(0, nr_seen(&self->nl));
}

TEST_HARNESS_MAIN
