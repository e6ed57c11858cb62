// SPDX-License-Identifier: GPL-2.0
/* Sockets in each state, the filters of a dump, and dumps of many sockets. */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <time.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/sock.h"

/* Enough for several messages, on one port and on many. */
#define MANY	400

FIXTURE(states)
{
	struct nl nl;
};

FIXTURE_VARIANT(states)
{
	const char *ip;
};

FIXTURE_VARIANT_ADD(states, inet) {
	.ip = "127.0.0.1",
};

FIXTURE_VARIANT_ADD(states, inet6) {
	.ip = "::1",
};

FIXTURE_SETUP(states)
{
	const struct rlimit files = { 4096, 4096 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(states)
{
	nl_close(&self->nl);
}

/* A state that the socket reaches once the peer has answered. */
static bool becomes(struct nl *nl, int fd, __u32 state)
{
	time_t end = time(NULL) + 10;
	struct pt_sock *s;

	do {
		s = pt_sock_of(nl, fd);
		if (s && s->state == state)
			return true;
	} while (time(NULL) < end);
	return false;
}

static __u32 state_of(struct nl *nl, int fd)
{
	struct pt_sock *s = pt_sock_of(nl, fd);

	return s ? s->state : 0;
}

TEST_F(states, bound_and_listening)
{
	int fd = sock_bound(variant->ip, SOCK_STREAM, 1800);

	EXPECT_EQ(PORTOWNER_STATE_BOUND, state_of(&self->nl, fd));
	ASSERT_EQ(0, sock_listen(fd));
	EXPECT_EQ(PORTOWNER_STATE_LISTEN, state_of(&self->nl, fd));
	/* a listener that is shut down keeps a port that it requested */
	ASSERT_EQ(0, shutdown(fd, SHUT_RDWR));
	EXPECT_EQ(PORTOWNER_STATE_BOUND, state_of(&self->nl, fd));
}

TEST_F(states, connection)
{
	struct sock_pair pair;
	struct pt_sock *s;

	sock_pair(&pair, variant->ip, 0);
	EXPECT_EQ(PORTOWNER_STATE_LISTEN, state_of(&self->nl, pair.listener));

	s = pt_sock_of(&self->nl, pair.client);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, s->state);
	EXPECT_EQ(sock_port(pair.client), s->port);
	EXPECT_EQ(sock_inode(pair.client), s->inode);
	EXPECT_NE(NULL, pt_owner_of(s, getpid()));

	s = pt_sock_of(&self->nl, pair.child);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, s->state);
	EXPECT_EQ(pair.port, s->port);
	EXPECT_EQ(sock_inode(pair.child), s->inode);
	ASSERT_NE(NULL, pt_owner_of(s, getpid()));
	EXPECT_EQ(pair.child, pt_owner_of(s, getpid())->fd);
}

TEST_F(states, shut_down)
{
	struct sock_pair pair;

	sock_pair(&pair, variant->ip, 0);
	ASSERT_EQ(0, shutdown(pair.client, SHUT_WR));
	EXPECT_TRUE(becomes(&self->nl, pair.client,
			    PORTOWNER_STATE_FIN_WAIT_2));
	EXPECT_TRUE(becomes(&self->nl, pair.child,
			    PORTOWNER_STATE_CLOSE_WAIT));
}

TEST_F(states, accept_queue)
{
	struct pt_socks socks;
	struct sock_pair pair;
	int i, queued = 0;

	sock_pair(&pair, variant->ip, 0);
	close(pair.child);
	pair.client = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(0, sock_connect(pair.client, variant->ip, pair.port));
	/* it has no file yet, so it has no owner */
	socks = pt_port(&self->nl, pair.port, PT_BIT(ESTABLISHED));
	ASSERT_EQ(0, socks.err);
	for (i = 0; i < socks.n; i++) {
		if (socks.v[i].inode)
			continue;
		EXPECT_EQ(0, socks.v[i].n_owners);
		queued++;
	}
	EXPECT_EQ(1, queued);
}

TEST_F(states, time_wait)
{
	int port = sock_time_wait(variant->ip, 0);
	struct pt_socks socks = pt_port(&self->nl, port, PT_ALL_STATES);
	struct pt_sock *s = socks.v;

	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(PORTOWNER_STATE_TIME_WAIT, s->state);
	EXPECT_EQ(port, s->port);
	EXPECT_EQ(IPPROTO_TCP, s->proto);
	EXPECT_EQ(0, s->inode);
	EXPECT_FALSE(s->has_uid);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(ns_inode(), s->netns);
	EXPECT_FALSE(s->flags & PORTOWNER_SOCK_FLAG_REUSEADDR);

	port = sock_time_wait(variant->ip, 1);
	socks = pt_port(&self->nl, port, PT_BIT(TIME_WAIT));
	ASSERT_EQ(1, socks.n);
	EXPECT_TRUE(socks.v[0].flags & PORTOWNER_SOCK_FLAG_REUSEADDR);
}

TEST_F(states, udp_connected)
{
	int peer = sock_bound(variant->ip, SOCK_DGRAM, 0);
	int fd = sock_bound(variant->ip, SOCK_DGRAM, 0);

	EXPECT_EQ(PORTOWNER_STATE_BOUND, state_of(&self->nl, fd));
	ASSERT_EQ(0, sock_connect(fd, variant->ip, sock_port(peer)));
	EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, state_of(&self->nl, fd));
	EXPECT_EQ(0, pt_port(&self->nl, sock_port(fd), 0).n);
	EXPECT_EQ(1, pt_port(&self->nl, sock_port(peer), 0).n);
}

TEST_F(states, v4_client_of_a_dual_listener)
{
	int listener = sock_listening("::", 0);
	int client = sock_new("127.0.0.1", SOCK_STREAM);
	unsigned char addr[16];
	struct pt_sock *s;
	int child;

	ASSERT_EQ(0, sock_connect(client, "127.0.0.1", sock_port(listener)));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	s = pt_sock_of(&self->nl, child);
	ASSERT_NE(NULL, s);
	sock_addr_bytes("::ffff:127.0.0.1", addr);
	EXPECT_EQ(AF_INET6, s->family);
	EXPECT_EQ(0, memcmp(addr, s->addr, 16));
}

TEST_F(states, default_filter)
{
	struct pt_socks socks;
	struct sock_pair pair;
	int bound, i;

	sock_time_wait(variant->ip, 0);
	sock_pair(&pair, variant->ip, 0);
	bound = sock_bound(variant->ip, SOCK_DGRAM, 0);
	socks = pt_socks(&self->nl, NULL);
	ASSERT_EQ(0, socks.err);
	EXPECT_EQ(2, socks.n);
	for (i = 0; i < socks.n; i++)
		EXPECT_TRUE((1U << socks.v[i].state) &
			    (PT_BIT(LISTEN) | PT_BIT(BOUND)));
	EXPECT_NE(NULL, pt_by_cookie(&socks, sock_cookie(pair.listener)));
	EXPECT_NE(NULL, pt_by_cookie(&socks, sock_cookie(bound)));
}

TEST_F(states, filters)
{
	bool v6 = strchr(variant->ip, ':');
	const char *other = v6 ? "127.0.0.1" : "::1";
	int tcp = sock_bound(variant->ip, SOCK_STREAM, 1100);
	int udp = sock_bound(variant->ip, SOCK_DGRAM, 1101);
	int far = sock_listening(other, 1102);
	struct pt_filter f = { .family = v6 ? AF_INET6 : AF_INET };
	struct pt_socks socks = pt_socks(&self->nl, &f);

	ASSERT_EQ(2, socks.n);
	EXPECT_EQ(NULL, pt_by_cookie(&socks, sock_cookie(far)));

	f = (struct pt_filter) { .proto = IPPROTO_UDP };
	socks = pt_socks(&self->nl, &f);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(sock_cookie(udp), socks.v[0].cookie);

	f = (struct pt_filter) { .port = 1100 };
	socks = pt_socks(&self->nl, &f);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(sock_cookie(tcp), socks.v[0].cookie);

	f = (struct pt_filter) { .port = 1101, .port_last = 1200 };
	socks = pt_socks(&self->nl, &f);
	ASSERT_EQ(2, socks.n);
	EXPECT_EQ(NULL, pt_by_cookie(&socks, sock_cookie(tcp)));

	f = (struct pt_filter) { .port = 1100, .port_last = 1100 };
	EXPECT_EQ(1, pt_socks(&self->nl, &f).n);
	f = (struct pt_filter) { .port = 1103, .port_last = 65535 };
	EXPECT_EQ(0, pt_socks(&self->nl, &f).n);

	f = (struct pt_filter) { .states = PT_BIT(LISTEN) };
	socks = pt_socks(&self->nl, &f);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(sock_cookie(far), socks.v[0].cookie);

	f = (struct pt_filter) { .port = 1100, .port_last = 1102,
		.proto = IPPROTO_TCP, .family = v6 ? AF_INET : AF_INET6,
		.states = PT_BIT(LISTEN) | PT_BIT(BOUND) };
	EXPECT_EQ(1, pt_socks(&self->nl, &f).n);
}

/* How many of the descriptors have no socket in @socks. */
static int missing(const struct pt_socks *socks, const int *fds, int n)
{
	int i, lost = 0;

	for (i = 0; i < n; i++) {
		struct pt_sock *s = pt_by_cookie(socks, sock_cookie(fds[i]));

		if (!s || s->n_owners != 1 || s->owners[0].fd != fds[i])
			lost++;
	}
	return lost;
}

TEST_F(states, many_ports)
{
	const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct pt_socks socks;
	int fds[MANY];
	int i;

	for (i = 0; i < MANY; i++)
		fds[i] = sock_bound(variant->ip, types[i % 2], 0);
	socks = pt_socks(&self->nl, NULL);
	ASSERT_EQ(0, socks.err);
	EXPECT_LT(1, self->nl.messages);
	EXPECT_EQ(MANY, socks.n);
	EXPECT_EQ(0, missing(&socks, fds, MANY));
}

TEST_F(states, many_on_one_port)
{
	const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct pt_socks socks;
	int fds[MANY];
	int i;

	for (i = 0; i < MANY; i++) {
		fds[i] = sock_new(variant->ip, types[i % 2]);
		sock_set(fds[i], SOL_SOCKET, SO_REUSEPORT, 1);
		ASSERT_EQ(0, sock_bind(fds[i], variant->ip, 1234));
		if (i % 4 == 0)
			ASSERT_EQ(0, sock_listen(fds[i]));
	}
	socks = pt_port(&self->nl, 1234, 0);
	ASSERT_EQ(0, socks.err);
	EXPECT_LT(1, self->nl.messages);
	EXPECT_EQ(MANY, socks.n);
	EXPECT_EQ(0, missing(&socks, fds, MANY));
}

TEST_F(states, many_connections)
{
	struct sock_pair pair;
	struct pt_socks socks;
	int fds[MANY];
	int i;

	sock_pair(&pair, variant->ip, 0);
	for (i = 0; i < MANY; i += 2) {
		fds[i] = sock_new(variant->ip, SOCK_STREAM);
		ASSERT_EQ(0, sock_connect(fds[i], variant->ip, pair.port));
		fds[i + 1] = accept(pair.listener, NULL, NULL);
		ASSERT_LE(0, fds[i + 1]);
	}
	socks = pt_port(&self->nl, 0, PT_BIT(ESTABLISHED));
	ASSERT_EQ(0, socks.err);
	EXPECT_EQ(MANY + 2, socks.n);
	EXPECT_EQ(0, missing(&socks, fds, MANY));
}

TEST_HARNESS_MAIN
