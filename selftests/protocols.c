// SPDX-License-Identifier: GPL-2.0
/*
 * Each protocol that has ports, or something similar: its sockets are found,
 * with address, number, owner and binder, and only when requested.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	89
#define MANY	200

#define ABSENT	"this kernel has no UDP-Lite any more"

/* All that can be requested, except TCP, whose filter includes MPTCP. */
static const __u16 protos[] = {
	IPPROTO_UDP, IPPROTO_MPTCP, IPPROTO_UDPLITE, IPPROTO_SCTP,
	IPPROTO_ICMP, IPPROTO_RAW,
};

FIXTURE(protocols)
{
	struct nl nl;
	__u16 family;
	unsigned char addr[16];
	int addr_len;
	int fd;
	bool absent;
};

FIXTURE_VARIANT(protocols)
{
	const char *ip;
	const char *any;
	int type;
	int ipproto;
	__u16 proto;
};

FIXTURE_VARIANT_ADD(protocols, udplite4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .type = SOCK_DGRAM,
	.ipproto = IPPROTO_UDPLITE, .proto = IPPROTO_UDPLITE,
};

FIXTURE_VARIANT_ADD(protocols, udplite6) {
	.ip = "::1", .any = "::", .type = SOCK_DGRAM,
	.ipproto = IPPROTO_UDPLITE, .proto = IPPROTO_UDPLITE,
};

FIXTURE_VARIANT_ADD(protocols, icmp4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .type = SOCK_DGRAM,
	.ipproto = IPPROTO_ICMP, .proto = IPPROTO_ICMP,
};

FIXTURE_VARIANT_ADD(protocols, icmp6) {
	.ip = "::1", .any = "::", .type = SOCK_DGRAM,
	.ipproto = IPPROTO_ICMPV6, .proto = IPPROTO_ICMP,
};

FIXTURE_VARIANT_ADD(protocols, raw4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .type = SOCK_RAW,
	.ipproto = PORT, .proto = IPPROTO_RAW,
};

FIXTURE_VARIANT_ADD(protocols, raw6) {
	.ip = "::1", .any = "::", .type = SOCK_RAW,
	.ipproto = PORT, .proto = IPPROTO_RAW,
};

static int new_socket(const char *ip, int type, int proto)
{
	return socket(strchr(ip, ':') ? AF_INET6 : AF_INET, type, proto);
}

/* Bound to the port and the address, or -1. */
static int bound(const char *ip, int type, int proto, int port)
{
	int fd = new_socket(ip, type, proto);

	if (fd >= 0 && sock_bind(fd, ip, port)) {
		close(fd);
		return -1;
	}
	return fd;
}

FIXTURE_SETUP(protocols)
{
	ns_enter();
	sysctl_write("ipv4/ping_group_range", "0 2147483647");
	ASSERT_EQ(0, nl_open(&self->nl));
	self->addr_len = sock_addr_bytes(variant->ip, self->addr);
	self->family = self->addr_len == 4 ? AF_INET : AF_INET6;
	self->fd = new_socket(variant->ip, variant->type, variant->ipproto);
	self->absent = self->fd < 0 && errno == EPROTONOSUPPORT &&
		       variant->proto == IPPROTO_UDPLITE;
	if (self->absent)
		return;
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, sock_bind(self->fd, variant->ip, PORT));
}

FIXTURE_TEARDOWN(protocols)
{
	nl_close(&self->nl);
}

TEST_F(protocols, every_field)
{
	struct pt_sock *s;

	if (self->absent)
		SKIP(return, ABSENT);
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(self->family, s->family);
	EXPECT_EQ(variant->proto, s->proto);
	EXPECT_EQ(self->addr_len, s->addr_len);
	EXPECT_EQ(0, memcmp(self->addr, s->addr, self->addr_len));
	EXPECT_EQ(PORT, s->port);
	EXPECT_EQ(PORTOWNER_STATE_BOUND, s->state);
	EXPECT_EQ(ns_inode(), s->netns);
	EXPECT_EQ(sock_inode(self->fd), s->inode);
	EXPECT_TRUE(s->has_uid);
	EXPECT_EQ(0, s->uid);
	EXPECT_EQ(1, s->group_size);
	EXPECT_EQ(0, s->unseen_refs);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);
	EXPECT_EQ(self->fd, s->owners[0].fd);
	ASSERT_TRUE(s->binder.present);
	EXPECT_TRUE(s->binder.alive);
	EXPECT_EQ(getpid(), s->binder.pid);
}

TEST_F(protocols, default_list)
{
	struct pt_socks socks = pt_socks(&self->nl, NULL);

	if (self->absent)
		SKIP(return, ABSENT);
	ASSERT_EQ(0, socks.err);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(sock_cookie(self->fd), socks.v[0].cookie);
}

TEST_F(protocols, filters)
{
	struct pt_filter filter = {};
	int i;

	if (self->absent)
		SKIP(return, ABSENT);
	for (i = 0; i < ARRAY_SIZE(protos); i++) {
		filter.proto = protos[i];
		EXPECT_EQ(protos[i] == variant->proto,
			  pt_socks(&self->nl, &filter).n)
			TH_LOG("protocol %d", protos[i]);
	}
	filter.proto = IPPROTO_TCP;
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
	filter.proto = variant->proto;
	filter.family = AF_INET + AF_INET6 - self->family;
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
	filter.family = self->family;
	EXPECT_EQ(1, pt_socks(&self->nl, &filter).n);
	filter.port = PORT - 1;
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
	filter.port_last = PORT;
	EXPECT_EQ(1, pt_socks(&self->nl, &filter).n);
	filter.states = PT_BIT(ESTABLISHED);
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
}

TEST_F(protocols, connected)
{
	const struct pt_filter all = { .states = PT_BIT(ESTABLISHED) };
	struct pt_socks socks;

	if (self->absent)
		SKIP(return, ABSENT);
	ASSERT_EQ(0, sock_connect(self->fd, variant->ip, 4));
	EXPECT_EQ(0, pt_socks(&self->nl, NULL).n);
	socks = pt_socks(&self->nl, &all);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(PORT, socks.v[0].port);
	EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, socks.v[0].state);
}

TEST_F(protocols, closed)
{
	const struct pt_filter all = { .states = PT_ALL_STATES };

	if (self->absent)
		SKIP(return, ABSENT);
	ASSERT_EQ(1, pt_socks(&self->nl, &all).n);
	close(self->fd);
	EXPECT_EQ(0, pt_socks(&self->nl, &all).n);
}

static void bind_it(struct proc *parent, void *arg)
{
	const struct { const char *ip; int fd; } *what = arg;

	if (sock_bind(what->fd, what->ip, PORT + 1))
		_exit(1);
	proc_tell(parent);
	proc_await(parent);
}

/* The process that bound it, not the one that made it and has ended since. */
TEST_F(protocols, binder)
{
	struct { const char *ip; int fd; } what = { .ip = variant->ip };
	struct proc child;
	struct pt_sock *s;

	if (self->absent)
		SKIP(return, ABSENT);
	what.fd = new_socket(variant->ip, variant->type, variant->ipproto);
	ASSERT_LE(0, what.fd);
	proc_start(&child, bind_it, &what);
	proc_await(&child);
	s = pt_sock_of(&self->nl, what.fd);
	ASSERT_NE(NULL, s);
	ASSERT_TRUE(s->binder.present);
	EXPECT_EQ(child.pid, s->binder.pid);
	EXPECT_TRUE(s->binder.alive);
	EXPECT_NE(NULL, pt_owner_of(s, child.pid));
	EXPECT_NE(NULL, pt_owner_of(s, getpid()));
	proc_tell(&child);
	proc_end(&child);
	s = pt_sock_of(&self->nl, what.fd);
	ASSERT_NE(NULL, s);
	ASSERT_TRUE(s->binder.present);
	EXPECT_FALSE(s->binder.alive);
}

/* Many on one number, each with the option that permits it. */
TEST_F(protocols, many)
{
	const struct pt_filter filter = { .proto = variant->proto, .port = 77 };
	int proto = variant->type == SOCK_RAW ? 77 : variant->ipproto;
	struct pt_socks socks;
	int i, fd;

	if (self->absent)
		SKIP(return, ABSENT);
	for (i = 0; i < MANY; i++) {
		fd = new_socket(variant->any, variant->type, proto);
		ASSERT_LE(0, fd);
		sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, sock_bind(fd, variant->any, 77));
	}
	socks = pt_socks(&self->nl, &filter);
	ASSERT_EQ(0, socks.err);
	ASSERT_EQ(MANY, socks.n);
	for (i = 0; i < MANY; i++) {
		EXPECT_EQ(MANY, socks.v[i].group_size);
		EXPECT_EQ(PORTOWNER_SHARE_REUSEADDR, socks.v[i].share);
		EXPECT_EQ(1, socks.v[i].n_owners);
		EXPECT_EQ(0, socks.v[i].unseen_refs);
		ASSERT_NE(NULL, pt_by_cookie(&socks, socks.v[i].cookie));
	}
}

/* Spread over all buckets, with sockets of other namespaces in between. */
TEST_F(protocols, of_all_namespaces)
{
	const struct pt_filter all = { .proto = variant->proto, .all_netns = true };
	const struct pt_filter here = { .proto = variant->proto };
	int i, fd, home = ns_open(), before, mine = 0, theirs = 0;
	__u32 inode = ns_inode();
	struct pt_socks socks;

	if (self->absent)
		SKIP(return, ABSENT);
	before = pt_socks(&self->nl, &all).n - 1;
	for (i = 0; i < MANY; i++) {
		if (i == MANY / 2) {
			ns_enter();
			sysctl_write("ipv4/ping_group_range", "0 2147483647");
		}
		fd = bound(variant->any, variant->type,
			   variant->type == SOCK_RAW ? 90 + i % (MANY / 2) :
						       variant->ipproto,
			   90 + i % (MANY / 2));
		ASSERT_LE(0, fd);
	}
	socks = pt_socks(&self->nl, &all);
	ASSERT_EQ(0, socks.err);
	EXPECT_EQ(before + 1 + MANY, socks.n);
	for (i = 0; i < socks.n; i++) {
		mine += socks.v[i].netns == inode;
		theirs += socks.v[i].netns == ns_inode();
	}
	EXPECT_EQ(1 + MANY / 2, mine);
	EXPECT_EQ(MANY / 2, theirs);
	ns_switch(home);
	EXPECT_EQ(1 + MANY / 2, pt_socks(&self->nl, &here).n);
}

/* A raw socket is not a socket of the protocol whose number it has. */
TEST(raw_is_not_its_number)
{
	static const int numbers[] = {
		IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_SCTP,
		IPPROTO_UDPLITE,
	};
	struct pt_filter filter = {};
	struct pt_socks socks;
	struct nl nl;
	int i;

	ns_enter();
	ASSERT_EQ(0, nl_open(&nl));
	for (i = 0; i < ARRAY_SIZE(numbers); i++)
		ASSERT_LE(0, bound("127.0.0.1", SOCK_RAW, numbers[i], 0));
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		filter.proto = numbers[i];
		EXPECT_EQ(0, pt_socks(&nl, &filter).n);
	}
	filter.proto = IPPROTO_RAW;
	socks = pt_socks(&nl, &filter);
	ASSERT_EQ(ARRAY_SIZE(numbers), socks.n);
	for (i = 0; i < socks.n; i++) {
		EXPECT_EQ(IPPROTO_RAW, socks.v[i].proto);
		EXPECT_TRUE(socks.v[i].binder.present);
		EXPECT_EQ(getpid(), socks.v[i].binder.pid);
	}
}

/* A raw socket has its number from the start; others need a bind. */
TEST(without_a_bind)
{
	struct pt_socks socks;
	struct nl nl;

	ns_enter();
	sysctl_write("ipv4/ping_group_range", "0 2147483647");
	ASSERT_EQ(0, nl_open(&nl));
	ASSERT_LE(0, new_socket("127.0.0.1", SOCK_DGRAM, IPPROTO_ICMP));
	ASSERT_LE(0, new_socket("::1", SOCK_DGRAM, IPPROTO_ICMPV6));
	EXPECT_EQ(0, pt_socks(&nl, NULL).n);
	ASSERT_LE(0, new_socket("::1", SOCK_RAW, PORT));
	socks = pt_socks(&nl, NULL);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(IPPROTO_RAW, socks.v[0].proto);
	EXPECT_EQ(PORT, socks.v[0].port);
	EXPECT_FALSE(socks.v[0].binder.present);
	EXPECT_EQ(1, socks.v[0].n_owners);
}

TEST_HARNESS_MAIN
