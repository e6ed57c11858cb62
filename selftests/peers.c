// SPDX-License-Identifier: GPL-2.0
/* The peer of a connection, and who chose the local port. */
#define _GNU_SOURCE
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/sock.h"

#define PORT	5200

enum chosen {
	UNKNOWN,
	BY_PROGRAM,
	BY_KERNEL,
};

FIXTURE(peers)
{
	struct nl nl;
};

FIXTURE_VARIANT(peers)
{
	const char *ip;
};

FIXTURE_VARIANT_ADD(peers, ipv4) {
	.ip = "127.0.0.1",
};

FIXTURE_VARIANT_ADD(peers, ipv6) {
	.ip = "::1",
};

FIXTURE_VARIANT_ADD(peers, mapped) {
	.ip = "::ffff:127.0.0.1",
};

FIXTURE_SETUP(peers)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(peers)
{
	nl_close(&self->nl);
}

/* @port is that of the peer, at the address of the test, or 0 for none. */
static void expect_end(struct __test_metadata *_metadata,
		       const struct pt_sock *s, const char *ip, int port,
		       enum chosen chosen)
{
	unsigned char addr[16];

	ASSERT_NE(NULL, s);
	EXPECT_EQ(port, s->peer_port);
	EXPECT_EQ(port ? sock_addr_bytes(ip, addr) : 0, s->peer_addr_len);
	EXPECT_EQ(0, memcmp(addr, s->peer_addr, s->peer_addr_len));
	EXPECT_EQ(chosen != UNKNOWN, s->has_port_by_kernel);
	EXPECT_EQ(chosen == BY_KERNEL, s->port_by_kernel);
}

#define EXPECT_END(fd, port, chosen) \
	expect_end(_metadata, pt_sock_of(&self->nl, fd), variant->ip, port, \
		   chosen)

/* The only socket on @port in @state, a single bit. */
static struct pt_sock *in_state(struct nl *nl, int port, __u32 state)
{
	struct pt_socks socks = pt_port(nl, port, state);

	return socks.n == 1 ? socks.v : NULL;
}

TEST_F(peers, tcp)
{
	struct sock_pair pair;

	sock_pair(&pair, variant->ip, 0);
	EXPECT_END(pair.listener, 0, BY_KERNEL);
	EXPECT_END(pair.client, pair.port, BY_KERNEL);
	EXPECT_END(pair.child, sock_port(pair.client), UNKNOWN);
	EXPECT_END(sock_listening(variant->ip, PORT), 0, BY_PROGRAM);
}

TEST_F(peers, tcp_bound)
{
	int fd = sock_bound(variant->ip, SOCK_STREAM, PORT + 1);
	int any = sock_bound(variant->ip, SOCK_STREAM, 0);
	int listener = sock_listening(variant->ip, PORT);
	struct pt_sock *s;

	EXPECT_END(fd, 0, BY_PROGRAM);
	EXPECT_END(any, 0, BY_KERNEL);
	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	EXPECT_END(fd, PORT, BY_PROGRAM);
	/* not accepted yet */
	s = in_state(&self->nl, PORT, PT_BIT(ESTABLISHED));
	expect_end(_metadata, s, variant->ip, PORT + 1, UNKNOWN);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(NULL, s->kernel_owner);
	/* now it could have been accepted as well */
	ASSERT_EQ(0, sock_connect(any, variant->ip, PORT));
	EXPECT_END(any, PORT, UNKNOWN);
	close(listener);
}

/* A connection to itself. */
TEST_F(peers, self)
{
	int fd = sock_bound(variant->ip, SOCK_STREAM, PORT);

	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	EXPECT_END(fd, PORT, BY_PROGRAM);

	/* by chance, of which there is none here */
	sysctl_write("ipv4/ip_local_port_range", "40000 40000");
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(0, sock_connect(fd, variant->ip, 40000));
	EXPECT_END(fd, 40000, BY_KERNEL);
}

TEST_F(peers, time_wait)
{
	struct sock_pair pair;
	struct pt_sock *s;
	char byte;
	int port;

	/* closed by the server */
	port = sock_time_wait(variant->ip, 0);
	s = in_state(&self->nl, port, PT_BIT(TIME_WAIT));
	ASSERT_NE(NULL, s);
	EXPECT_NE(0, s->peer_port);
	expect_end(_metadata, s, variant->ip, s->peer_port, UNKNOWN);

	/* and by the client */
	sock_pair(&pair, variant->ip, 0);
	port = sock_port(pair.client);
	close(pair.client);
	ASSERT_EQ(0, read(pair.child, &byte, 1));
	close(pair.child);
	do
		s = in_state(&self->nl, port, PT_BIT(TIME_WAIT));
	while (!s);
	expect_end(_metadata, s, variant->ip, pair.port, BY_KERNEL);
}

/* After a connection was reset, its port is still bound. */
TEST_F(peers, reset)
{
	int fd = sock_bound(variant->ip, SOCK_STREAM, PORT + 1);
	int child, listener = sock_listening(variant->ip, PORT);
	struct linger linger = { .l_onoff = 1 };
	char byte;

	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	ASSERT_EQ(0, setsockopt(child, SOL_SOCKET, SO_LINGER, &linger,
				sizeof(linger)));
	close(child);
	ASSERT_EQ(-1, read(fd, &byte, 1));
	EXPECT_END(fd, 0, BY_PROGRAM);
}

TEST_F(peers, udp)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };
	int fixed = sock_bound(variant->ip, SOCK_DGRAM, PORT);
	int any = sock_bound(variant->ip, SOCK_DGRAM, 0);
	int fd = sock_new(variant->ip, SOCK_DGRAM);

	EXPECT_END(fixed, 0, BY_PROGRAM);
	EXPECT_END(any, 0, BY_KERNEL);
	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	EXPECT_END(fd, PORT, BY_KERNEL);
	ASSERT_EQ(0, sock_connect(fixed, variant->ip, PORT + 1));
	EXPECT_END(fixed, PORT + 1, BY_PROGRAM);
	ASSERT_EQ(0, connect(fixed, &none, sizeof(none)));
	EXPECT_END(fixed, 0, BY_PROGRAM);
}

TEST_HARNESS_MAIN
