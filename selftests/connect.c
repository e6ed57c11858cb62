// SPDX-License-Identifier: GPL-2.0
/* connect() of TCP, which needs a port: one record if it gets none. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>

#include "lib/die.h"
#include "lib/refusals.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

/* The function to probe came with 6.1. */
#define NO_CONNECT	"before 6.1 connect() calls nothing to probe"

TEST_F(refusals, exhausted)
{
	int listener, fd;
	struct pt_reject *r;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	listener = sock_listening(variant->ip, PORT);
	take_range(variant->ip, SOCK_STREAM);
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
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
	struct pt_reject *r;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	sock_listening(variant->ip, PORT);
	take_range(variant->ip, SOCK_STREAM);
	fd = sock_new(variant->ip, SOCK_STREAM | SOCK_NONBLOCK);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EXHAUSTED(r);
}

/* The address is bound, and the port left to connect(). */
TEST_F(refusals, no_port)
{
	struct pt_reject *r;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	sock_listening(variant->ip, PORT);
	take_range(variant->ip, SOCK_STREAM);
	fd = sock_new(variant->ip, SOCK_STREAM);
	sock_set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	ASSERT_EQ(0, sock_bind(fd, variant->ip, 0));
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->ip, 0);
	EXPECT_EXHAUSTED(r);
}

/* An earlier attempt, which failed otherwise, left its port behind. */
TEST_F(refusals, second_attempt)
{
	struct pt_reject *r;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-ECONNREFUSED, sock_connect(fd, variant->ip, PORT));
	ASSERT_EQ(0, nr_seen(&self->nl));
	take_range(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EXHAUSTED(r);
}

TEST_F(refusals, fast_open)
{
	union sock_addr addr;
	struct pt_reject *r;
	socklen_t len;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	take_range(variant->ip, SOCK_STREAM);
	fd = sock_new(variant->ip, SOCK_STREAM);
	len = sock_addr(&addr, variant->ip, PORT);
	ASSERT_EQ(-1, sendto(fd, "x", 1, MSG_FASTOPEN, &addr.sa, len));
	ASSERT_EQ(EADDRNOTAVAIL, errno);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EXHAUSTED(r);
}

/* On each port, another connection of the same kind has one end. */
TEST_F(refusals, all_connected)
{
	struct pt_reject *r;
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
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EXHAUSTED(r);

	/* for another peer there is one */
	first = sock_listening(variant->ip, PORT + 1);
	ASSERT_LE(0, first);
	EXPECT_EQ(0, sock_connect(fd, variant->ip, PORT + 1));
	EXPECT_EQ(1, nr_seen(&self->nl));
}

TEST_F(refusals, mptcp)
{
	struct pt_reject *r;
	int fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	fd = socket(variant->family, SOCK_STREAM, IPPROTO_MPTCP);
	if (fd < 0)
		SKIP(return, "no MPTCP in this kernel");
	take_range(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, variant->any, 0);
	EXPECT_EQ(IPPROTO_MPTCP, r->proto);
	EXPECT_EXHAUSTED(r);
}

/* A failing connect() that got a port, or had one, does not count. */
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

/* A socket to connect from PORT + 1. */
static int from_port(const char *ip)
{
	int fd = sock_new(ip, SOCK_STREAM);

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (sock_bind(fd, ip, PORT + 1))
		die_errno("bind");
	return fd;
}

/* Refused because PORT + 1 of @ip is already connected to @to. */
static void expect_same_ends(struct __test_metadata *_metadata,
			     const struct pt_reject *r, const char *ip,
			     const char *to, int rule)
{
	unsigned char peer[16];

	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EADDRNOTAVAIL, ip, PORT + 1);
	EXPECT_EQ(IPPROTO_TCP, r->proto);
	EXPECT_EQ(rule, r->rule);
	EXPECT_EQ(PORTOWNER_REASON_TUPLE_IN_USE, r->reason.value);
	EXPECT_EQ(NULL, r->reason.dev);
	EXPECT_EQ(PORT, r->peer_port);
	EXPECT_EQ(sock_addr_bytes(to, peer), r->peer_addr_len);
	EXPECT_EQ(0, memcmp(peer, r->peer_addr, r->peer_addr_len));
	EXPECT_FALSE(r->range.present);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(PORT + 1, r->culprits[0].port);
	EXPECT_EQ(PORT, r->culprits[0].peer_port);
}

#define EXPECT_SAME_ENDS(r, ip, to, rule) \
	expect_same_ends(_metadata, r, ip, to, PORTOWNER_RULE_##rule)

/* A second connection between the same two ends. */
TEST_F(refusals, same_ends)
{
	struct pt_reject *r;
	int first, fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	sock_listening(variant->ip, PORT);
	/* another one on that port is not in the way */
	sock_listening(variant->ip, PORT + 2);
	fd = from_port(variant->ip);
	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT + 2));
	first = from_port(variant->ip);
	ASSERT_EQ(0, sock_connect(first, variant->ip, PORT));
	fd = from_port(variant->ip);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	EXPECT_SAME_ENDS(r, variant->ip, variant->ip, ADDRESS_IN_USE);
	EXPECT_EQ(sock_cookie(first), r->culprits[0].cookie);
	EXPECT_NE(NULL, pt_owner_of(&r->culprits[0], getpid()));

	/* and again, with the same socket; but not to another peer */
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	EXPECT_EQ(2, nr_seen(&self->nl));
	r = pt_last_reject(&self->nl);
	EXPECT_EQ(2, r->count);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT + 2));
	r = pt_last_reject(&self->nl);
	EXPECT_EQ(1, r->count);
	EXPECT_EQ(PORT + 2, r->peer_port);
}

/* The address is left to connect(), as usual. */
TEST_F(refusals, same_ends_any)
{
	struct pt_reject *r;
	int first, fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	sock_listening(variant->ip, PORT);
	first = from_port(variant->any);
	ASSERT_EQ(0, sock_connect(first, variant->ip, PORT));
	fd = from_port(variant->any);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	EXPECT_SAME_ENDS(r, variant->ip, variant->ip, ADDRESS_IN_USE);
	EXPECT_EQ(sock_cookie(first), r->culprits[0].cookie);
}

/* One connection of IPv4, the other of an IPv6 socket. */
TEST_F(refusals, same_ends_mapped)
{
	static const char mapped[] = "::ffff:127.0.0.1";
	struct pt_reject *r;
	int first, fd;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	if (variant->family != AF_INET6)
		return;
	sock_listening("127.0.0.1", PORT);
	first = from_port("127.0.0.1");
	ASSERT_EQ(0, sock_connect(first, "127.0.0.1", PORT));
	fd = from_port(mapped);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, mapped, PORT));
	r = pt_only_reject(&self->nl);
	EXPECT_SAME_ENDS(r, mapped, mapped, ADDRESS_IN_USE);
	EXPECT_EQ(sock_cookie(first), r->culprits[0].cookie);
}

TEST_F(refusals, same_ends_time_wait)
{
	struct pt_reject *r;
	int listener, child, fd;
	char byte;

	if (kernel_before(6, 1))
		SKIP(return, NO_CONNECT);
	/* with timestamps it would take over a port in TIME_WAIT */
	sysctl_write("ipv4/tcp_timestamps", "0");
	listener = sock_listening(variant->ip, PORT);
	fd = from_port(variant->ip);
	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	close(fd);
	ASSERT_EQ(0, read(child, &byte, 1));
	close(child);
	while (!pt_port(&self->nl, PORT + 1, PT_BIT(TIME_WAIT)).n)
		;
	fd = from_port(variant->ip);
	/* if it were the only one on its port, it would not be checked */
	from_port(variant->ip);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	EXPECT_SAME_ENDS(r, variant->ip, variant->ip, TIME_WAIT);
	EXPECT_EQ(PORTOWNER_STATE_TIME_WAIT, r->culprits[0].state);
}

/* listen() on a connected socket is refused for another reason. */
TEST_F(refusals, listen_connected)
{
	struct pt_reject *r;
	int fd;

	sock_listening(variant->ip, PORT);
	fd = from_port(variant->ip);
	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	ASSERT_EQ(-EINVAL, sock_listen(fd));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, LISTEN, EINVAL, variant->ip, PORT + 1);
	EXPECT_EQ(PORTOWNER_RULE_INVALID_ARGUMENT, r->rule);
	EXPECT_EQ(PORTOWNER_REASON_NONE, r->reason.value);
	EXPECT_EQ(0, r->peer_port);
	EXPECT_EQ(0, r->n_culprits);
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

/* IPv6 has no source address to reach that. */
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

/* Giving up a connection is not a failure. */
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
