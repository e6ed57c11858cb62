// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting sockets: accept backlogs, the program that selects a member of a
 * reuseport group, and the end of TIME_WAIT.
 */
#define _GNU_SOURCE
#include <errno.h>

#include <linux/filter.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	8000
#define MPTCP	262

FIXTURE(waiting)
{
	struct nl nl;
};

FIXTURE_VARIANT(waiting)
{
	const char *ip;
	int proto;
};

FIXTURE_VARIANT_ADD(waiting, tcp4) {
	.ip = "127.0.0.1", .proto = IPPROTO_TCP,
};

FIXTURE_VARIANT_ADD(waiting, tcp6) {
	.ip = "::1", .proto = IPPROTO_TCP,
};

FIXTURE_VARIANT_ADD(waiting, mptcp) {
	.ip = "127.0.0.1", .proto = MPTCP,
};

FIXTURE_VARIANT_ADD(waiting, sctp) {
	.ip = "127.0.0.1", .proto = IPPROTO_SCTP,
};

FIXTURE_SETUP(waiting)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(waiting)
{
	nl_close(&self->nl);
}

static int new_socket(const char *ip, int proto)
{
	return socket(strchr(ip, ':') ? AF_INET6 : AF_INET, SOCK_STREAM, proto);
}

/* The listener, once @wanted connections wait: the last step takes its time. */
static struct pt_sock *with_backlog(struct nl *nl, __u32 wanted)
{
	struct pt_socks socks;
	int tries = 10000;

	do {
		socks = pt_port(nl, PORT, PT_BIT(LISTEN));
		if (socks.n != 1)
			return NULL;
	} while (socks.v[0].backlog != wanted && --tries);
	return socks.v;
}

/* As many as wait, then one less. */
TEST_F(waiting, backlog)
{
	const struct pt_filter all = { .states = PT_ALL_STATES, .port = PORT };
	int i, fd, server = new_socket(variant->ip, variant->proto);
	struct pt_socks socks;
	struct pt_sock *s;

	if (server < 0 && variant->proto == MPTCP)
		SKIP(return, "no MPTCP in this kernel: %s", strerror(errno));
	ASSERT_LE(0, server);
	ASSERT_EQ(0, sock_bind(server, variant->ip, PORT));
	s = pt_sock_of(&self->nl, server);
	/* The other end of an MPTCP socket is beneath, with its own cookie. */
	if (variant->proto == IPPROTO_TCP) {
		ASSERT_NE(NULL, s);
		EXPECT_FALSE(s->has_backlog);
	}
	ASSERT_EQ(0, listen(server, 5));
	for (i = 0; i <= 3; i++) {
		s = with_backlog(&self->nl, i);
		ASSERT_NE(NULL, s);
		EXPECT_EQ(variant->proto, s->proto);
		ASSERT_TRUE(s->has_backlog);
		EXPECT_EQ(i, s->backlog);
		EXPECT_EQ(5, s->backlog_max);
		fd = new_socket(variant->ip, variant->proto);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	}
	ASSERT_NE(NULL, with_backlog(&self->nl, 4));
	ASSERT_LE(0, accept(server, NULL, NULL));
	s = with_backlog(&self->nl, 3);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(3, s->backlog);

	ASSERT_EQ(0, listen(server, 7));
	socks = pt_socks(&self->nl, &all);
	for (i = 0; i < socks.n; i++) {
		EXPECT_EQ(socks.v[i].state == PORTOWNER_STATE_LISTEN,
			  socks.v[i].has_backlog);
		if (socks.v[i].has_backlog)
			EXPECT_EQ(7, socks.v[i].backlog_max);
	}
}

static int member(int type, int port)
{
	int fd = sock_new("127.0.0.1", type);

	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (sock_bind(fd, "127.0.0.1", port))
		return -1;
	return fd;
}

static int attach(int fd)
{
	struct sock_filter code[] = { BPF_STMT(BPF_RET | BPF_K, 0) };
	struct sock_fprog prog = { .len = 1, .filter = code };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
			  sizeof(prog));
}

FIXTURE(selector)
{
	struct nl nl;
};

FIXTURE_VARIANT(selector)
{
	int type;
};

FIXTURE_VARIANT_ADD(selector, tcp) {
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(selector, udp) {
	.type = SOCK_DGRAM,
};

FIXTURE_SETUP(selector)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(selector)
{
	nl_close(&self->nl);
}

static bool has_selector(struct nl *nl, int fd)
{
	const struct pt_sock *s = pt_sock_of(nl, fd);

	return s && s->flags & PORTOWNER_SOCK_FLAG_SELECTOR;
}

/* The program belongs to the group, whichever member set it, and only to it. */
TEST_F(selector, attached)
{
	int i, fd[2], other[2];
	struct pt_sock *s;

	for (i = 0; i < 2; i++) {
		fd[i] = member(variant->type, PORT);
		other[i] = member(variant->type, PORT + 1);
		ASSERT_LE(0, fd[i]);
		ASSERT_LE(0, other[i]);
		if (variant->type == SOCK_STREAM) {
			ASSERT_EQ(0, sock_listen(fd[i]));
			ASSERT_EQ(0, sock_listen(other[i]));
		}
	}
	for (i = 0; i < 2; i++)
		EXPECT_FALSE(has_selector(&self->nl, fd[i]));
	ASSERT_EQ(0, attach(fd[1]));
	for (i = 0; i < 2; i++) {
		EXPECT_TRUE(has_selector(&self->nl, fd[i]));
		EXPECT_FALSE(has_selector(&self->nl, other[i]));
	}
	ASSERT_EQ(0, setsockopt(fd[0], SOL_SOCKET, SO_DETACH_REUSEPORT_BPF,
				&i, sizeof(i)));
	EXPECT_FALSE(has_selector(&self->nl, fd[0]));
	s = pt_sock_of(&self->nl, fd[0]);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(2, s->group_size);
}

/* It does not separate members with it from those without. */
TEST_F(selector, group)
{
	int fd[2], any = sock_new("0.0.0.0", variant->type);
	struct pt_sock *s;

	sock_set(any, SOL_SOCKET, SO_REUSEPORT, 1);
	ASSERT_EQ(0, sock_bind(any, "0.0.0.0", PORT));
	fd[0] = member(variant->type, PORT);
	fd[1] = member(variant->type, PORT);
	ASSERT_LE(0, fd[0]);
	ASSERT_LE(0, fd[1]);
	ASSERT_EQ(0, attach(fd[0]));
	s = pt_sock_of(&self->nl, fd[0]);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(3, s->group_size);
	EXPECT_EQ(PORTOWNER_SHARE_REUSEPORT, s->share);
	s = pt_sock_of(&self->nl, any);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(3, s->group_size);
	EXPECT_FALSE(s->flags & PORTOWNER_SOCK_FLAG_SELECTOR);
}

TEST(time_wait)
{
	const __u64 minute = 60 * 1000000000ULL;
	struct pt_socks socks;
	struct nl nl;
	__u64 before;
	int port;

	ns_enter();
	ASSERT_EQ(0, nl_open(&nl));
	port = sock_time_wait("127.0.0.1", 0);
	socks = pt_port(&nl, port, PT_BIT(TIME_WAIT));
	ASSERT_EQ(1, socks.n);
	before = socks.v[0].expires;
	EXPECT_LT(0, before);
	EXPECT_GE(minute + minute / 10, before);
	do {
		socks = pt_port(&nl, port, PT_BIT(TIME_WAIT));
	} while (socks.n == 1 && socks.v[0].expires == before);
	ASSERT_EQ(1, socks.n);
	EXPECT_GT(before, socks.v[0].expires);
	EXPECT_FALSE(socks.v[0].has_backlog);
}

TEST_HARNESS_MAIN
