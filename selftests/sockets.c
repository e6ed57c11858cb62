// SPDX-License-Identifier: GPL-2.0
/*
 * Each field of a socket, compared with what the socket itself says: for TCP
 * and UDP over IPv4 and IPv6, with each option.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <net/if.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND	78
#endif

FIXTURE(sockets)
{
	struct nl nl;
	__u16 family;
	__u16 proto;
	unsigned char addr[16];
	int addr_len;
};

FIXTURE_VARIANT(sockets)
{
	const char *ip;
	const char *any;
	const char *foreign;
	int type;
};

FIXTURE_VARIANT_ADD(sockets, tcp4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .foreign = "192.0.2.1",
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(sockets, tcp6) {
	.ip = "::1", .any = "::", .foreign = "2001:db8::1",
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(sockets, udp4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .foreign = "192.0.2.1",
	.type = SOCK_DGRAM,
};

FIXTURE_VARIANT_ADD(sockets, udp6) {
	.ip = "::1", .any = "::", .foreign = "2001:db8::1",
	.type = SOCK_DGRAM,
};

FIXTURE_SETUP(sockets)
{
	bool tcp = variant->type == SOCK_STREAM;

	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->proto = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	self->addr_len = sock_addr_bytes(variant->ip, self->addr);
	self->family = self->addr_len == 4 ? AF_INET : AF_INET6;
}

FIXTURE_TEARDOWN(sockets)
{
	nl_close(&self->nl);
}

TEST_F(sockets, every_field)
{
	int fd = sock_bound(variant->ip, variant->type, 0);
	struct pt_sock *s = pt_sock_of(&self->nl, fd);

	ASSERT_NE(NULL, s);
	EXPECT_EQ(self->family, s->family);
	EXPECT_EQ(self->proto, s->proto);
	EXPECT_EQ(self->addr_len, s->addr_len);
	EXPECT_EQ(0, memcmp(self->addr, s->addr, self->addr_len));
	EXPECT_EQ(sock_port(fd), s->port);
	EXPECT_EQ(0, s->ifindex);
	EXPECT_EQ(NULL, s->dev);
	EXPECT_EQ(PORTOWNER_STATE_BOUND, s->state);
	EXPECT_EQ(ns_inode(), s->netns);
	EXPECT_EQ(sock_cookie(fd), s->cookie);
	EXPECT_EQ(sock_inode(fd), s->inode);
	EXPECT_TRUE(s->has_uid);
	EXPECT_EQ(0, s->uid);
	EXPECT_FALSE(s->owners_hidden);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);
	EXPECT_EQ(fd, s->owners[0].fd);
}

TEST_F(sockets, wildcard_address)
{
	int fd = sock_bound(variant->any, variant->type, 0);
	struct pt_sock *s = pt_sock_of(&self->nl, fd);
	unsigned char any[16] = {};

	ASSERT_NE(NULL, s);
	EXPECT_EQ(self->family, s->family);
	EXPECT_EQ(self->addr_len, s->addr_len);
	EXPECT_EQ(0, memcmp(any, s->addr, self->addr_len));
}

TEST_F(sockets, device)
{
	int fd = sock_new(variant->ip, variant->type);
	struct pt_sock *s;

	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	ASSERT_EQ(0, sock_bind(fd, variant->any, 0));
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(if_nametoindex("lo"), s->ifindex);
	ASSERT_NE(NULL, s->dev);
	EXPECT_STREQ("lo", s->dev);
}

TEST_F(sockets, uid)
{
	struct pt_sock *s;
	int fd;

	proc_fs_uid(USER);
	fd = sock_new(variant->ip, variant->type);
	proc_fs_uid(0);
	ASSERT_EQ(0, sock_bind(fd, variant->ip, 0));
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(USER, s->uid);
}

/* The record follows each option, before the bind and after it. */
TEST_F(sockets, flags)
{
	bool v6 = self->family == AF_INET6;
	int ip = v6 ? SOL_IPV6 : SOL_IP;
	const struct {
		int level, opt, flag;
	} opts[] = {
		{ SOL_SOCKET, SO_REUSEADDR, PORTOWNER_SOCK_FLAG_REUSEADDR },
		{ SOL_SOCKET, SO_REUSEPORT, PORTOWNER_SOCK_FLAG_REUSEPORT },
		{ ip, v6 ? IPV6_FREEBIND : IP_FREEBIND,
		  PORTOWNER_SOCK_FLAG_FREEBIND },
		{ ip, v6 ? IPV6_TRANSPARENT : IP_TRANSPARENT,
		  PORTOWNER_SOCK_FLAG_TRANSPARENT },
	};
	__u32 implied;
	struct pt_sock *s;
	int fd, i;

	/* binding to one IPv6 address makes the socket v6only */
	implied = v6 ? PORTOWNER_SOCK_FLAG_V6ONLY : 0;
	fd = sock_bound(variant->ip, variant->type, 0);
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(implied, s->flags);
	close(fd);

	for (i = 0; i < ARRAY_SIZE(opts); i++) {
		fd = sock_new(variant->ip, variant->type);
		sock_set(fd, opts[i].level, opts[i].opt, 1);
		ASSERT_EQ(0, sock_bind(fd, variant->ip, 0));
		s = pt_sock_of(&self->nl, fd);
		ASSERT_NE(NULL, s);
		EXPECT_EQ(implied | opts[i].flag, s->flags)
			TH_LOG("option %d", opts[i].opt);
		sock_set(fd, opts[i].level, opts[i].opt, 0);
		s = pt_sock_of(&self->nl, fd);
		ASSERT_NE(NULL, s);
		EXPECT_EQ(implied, s->flags)
			TH_LOG("option %d off again", opts[i].opt);
		close(fd);
	}
}

TEST_F(sockets, v6only)
{
	struct pt_sock *s;
	int fd, on;

	if (self->family != AF_INET6)
		return;
	for (on = 0; on < 2; on++) {
		fd = sock_new("::", variant->type);
		sock_set(fd, SOL_IPV6, IPV6_V6ONLY, on);
		ASSERT_EQ(0, sock_bind(fd, "::", 0));
		s = pt_sock_of(&self->nl, fd);
		ASSERT_NE(NULL, s);
		EXPECT_EQ(on ? PORTOWNER_SOCK_FLAG_V6ONLY : 0, s->flags);
	}
}

/* An address that no interface has, thanks to IP_FREEBIND. */
TEST_F(sockets, foreign_address)
{
	bool v6 = self->family == AF_INET6;
	int fd = sock_new(variant->ip, variant->type);
	unsigned char addr[16];
	struct pt_sock *s;

	sock_set(fd, v6 ? SOL_IPV6 : SOL_IP,
		 v6 ? IPV6_FREEBIND : IP_FREEBIND, 1);
	ASSERT_EQ(0, sock_bind(fd, variant->foreign, 0));
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	sock_addr_bytes(variant->foreign, addr);
	EXPECT_EQ(0, memcmp(addr, s->addr, self->addr_len));
	EXPECT_TRUE(s->flags & PORTOWNER_SOCK_FLAG_FREEBIND);
}

/* An IPv6 socket with an IPv4 address keeps its family. */
TEST_F(sockets, v4_mapped)
{
	unsigned char addr[16];
	struct pt_sock *s;
	int fd;

	if (self->family != AF_INET6)
		return;
	fd = sock_bound("::ffff:127.0.0.1", variant->type, 0);
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	sock_addr_bytes("::ffff:127.0.0.1", addr);
	EXPECT_EQ(AF_INET6, s->family);
	EXPECT_EQ(16, s->addr_len);
	EXPECT_EQ(0, memcmp(addr, s->addr, 16));
	EXPECT_EQ(0, s->flags);
}

/* A socket without a port occupies none. */
TEST_F(sockets, unbound)
{
	int fd = sock_new(variant->ip, variant->type);
	const struct pt_filter all = { .states = PT_ALL_STATES };
	struct pt_socks socks = pt_socks(&self->nl, &all);

	ASSERT_EQ(0, socks.err);
	EXPECT_EQ(NULL, pt_by_cookie(&socks, sock_cookie(fd)));
	EXPECT_EQ(0, socks.n);
}

TEST_F(sockets, closed)
{
	int fd = sock_bound(variant->ip, variant->type, 0);
	int port = sock_port(fd);

	ASSERT_EQ(1, pt_port(&self->nl, port, PT_ALL_STATES).n);
	close(fd);
	EXPECT_EQ(0, pt_port(&self->nl, port, PT_ALL_STATES).n);
}

TEST_HARNESS_MAIN
