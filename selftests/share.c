// SPDX-License-Identifier: GPL-2.0
/* Why sockets on one port may coexist, how many do, and who bound them. */
#define _GNU_SOURCE
#include <stdlib.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	8000

FIXTURE(share)
{
	struct nl nl;
};

FIXTURE_VARIANT(share)
{
	int type;
};

FIXTURE_VARIANT_ADD(share, tcp) {
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(share, udp) {
	.type = SOCK_DGRAM,
};

FIXTURE_SETUP(share)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(share)
{
	nl_close(&self->nl);
}

static void hold(struct proc *parent, void *arg)
{
	proc_tell(parent);
	proc_await(parent);
}

TEST_F(share, exclusive)
{
	int fd = sock_bound_with("127.0.0.1", variant->type, SO_REUSEPORT, PORT);
	struct pt_sock *s = pt_sock_of(&self->nl, fd);

	ASSERT_NE(NULL, s);
	ASSERT_TRUE(s->has_share);
	EXPECT_EQ(PORTOWNER_SHARE_EXCLUSIVE, s->share);
	EXPECT_EQ(1, s->group_size);
}

/* Sockets whose addresses do not overlap share nothing. */
TEST_F(share, side_by_side)
{
	int one = sock_bound("127.0.0.1", variant->type, PORT);
	int two = sock_bound("127.0.0.2", variant->type, PORT);
	struct pt_sock *s = pt_sock_of(&self->nl, one);

	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_SHARE_EXCLUSIVE, s->share);
	EXPECT_EQ(1, s->group_size);
	s = pt_sock_of(&self->nl, two);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(1, s->group_size);
}

static void share_by(struct __test_metadata *_metadata, struct nl *nl,
		     int type, int opt, int share)
{
	static const char * const ips[] = { "127.0.0.1", "0.0.0.0", "0.0.0.0" };
	struct pt_sock *s;
	int i, fds[3];

	for (i = 0; i < 3; i++)
		fds[i] = sock_bound_with(ips[i], type, opt, PORT);
	for (i = 0; i < 3; i++) {
		s = pt_sock_of(nl, fds[i]);
		ASSERT_NE(NULL, s);
		EXPECT_EQ(share, s->share);
		EXPECT_EQ(3, s->group_size);
	}
}

TEST_F(share, reuseport)
{
	share_by(_metadata, &self->nl, variant->type, SO_REUSEPORT,
		 PORTOWNER_SHARE_REUSEPORT);
}

TEST_F(share, reuseaddr)
{
	share_by(_metadata, &self->nl, variant->type, SO_REUSEADDR,
		 PORTOWNER_SHARE_REUSEADDR);
}

/* One socket that several processes hold. */
TEST_F(share, inherited)
{
	int fd = sock_bound("127.0.0.1", variant->type, PORT);
	struct proc child;
	struct pt_sock *s;

	proc_start(&child, hold, NULL);
	proc_await(&child);
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_SHARE_INHERITED, s->share);
	EXPECT_EQ(1, s->group_size);
	proc_end(&child);
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_SHARE_EXCLUSIVE, s->share);
}

static void bind_for_other(struct proc *parent, void *arg)
{
	proc_name("binder");
	if (sock_bind(*(int *)arg, "127.0.0.1", PORT))
		_exit(1);
	proc_tell(parent);
	proc_await(parent);
}

/* The binder is remembered when it has ended and others hold the socket. */
TEST_F(share, binder)
{
	int fd = sock_new("127.0.0.1", variant->type);
	struct proc child;
	struct pt_sock *s;

	proc_start(&child, bind_for_other, &fd);
	proc_await(&child);
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_TRUE(s->binder.present);
	EXPECT_EQ(child.pid, s->binder.pid);
	EXPECT_EQ(0, s->binder.uid);
	EXPECT_TRUE(s->binder.alive);
	ASSERT_NE(NULL, s->binder.comm);
	EXPECT_STREQ("binder", s->binder.comm);
	proc_end(&child);
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_TRUE(s->binder.present);
	EXPECT_FALSE(s->binder.alive);
	ASSERT_NE(NULL, s->binder.comm);
	EXPECT_STREQ("binder", s->binder.comm);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);
}

static bool is_v4(const struct pt_sock *s)
{
	return s->addr_len == 4 ||
	       IN6_IS_ADDR_V4MAPPED((const struct in6_addr *)s->addr);
}

static __u32 v4_of(const struct pt_sock *s)
{
	__u32 addr;

	memcpy(&addr, s->addr + s->addr_len - 4, sizeof(addr));
	return addr;
}

static bool is_any(const struct pt_sock *s)
{
	static const unsigned char none[16];

	return is_v4(s) ? !v4_of(s) : !memcmp(s->addr, none, sizeof(none));
}

/* Could a packet match both of them? */
static bool overlap(const struct pt_sock *a, const struct pt_sock *b)
{
	const struct pt_sock *v6 = is_v4(a) ? b : a;

	if (a->ifindex && b->ifindex && a->ifindex != b->ifindex)
		return false;
	if (is_v4(a) != is_v4(b))
		return is_any(v6) &&
		       !(v6->flags & PORTOWNER_SOCK_FLAG_V6ONLY);
	if (is_any(a) || is_any(b))
		return true;
	return is_v4(a) ? v4_of(a) == v4_of(b) : !memcmp(a->addr, b->addr, 16);
}

/* Compared in pairs, which the module does not need to do. */
static void expect_share(struct __test_metadata *_metadata,
			 const struct pt_socks *socks, int nr)
{
	const struct pt_sock *s = &socks->v[nr];
	__u32 share = PORTOWNER_SHARE_EXCLUSIVE, size = 1;
	int i;

	for (i = 0; i < socks->n; i++) {
		if (i == nr || !overlap(s, &socks->v[i]))
			continue;
		size++;
		if (s->flags & socks->v[i].flags &
		    PORTOWNER_SOCK_FLAG_REUSEPORT)
			share = PORTOWNER_SHARE_REUSEPORT;
		else if (share == PORTOWNER_SHARE_EXCLUSIVE)
			share = PORTOWNER_SHARE_REUSEADDR;
	}
	EXPECT_EQ(size, s->group_size);
	EXPECT_EQ(share, s->share);
}

static void add_devices(void)
{
	if (system("ip link add share0 type dummy && "
		   "ip link add share1 type dummy"))
		die("no dummy devices");
}

static int random_sock(int type)
{
	static const char * const ips[] = {
		"0.0.0.0", "127.0.0.1", "127.0.0.2", "127.0.0.6", "::", "::",
		"::1", "::ffff:127.0.0.1", "::ffff:0.0.0.0",
	};
	static const char * const devs[] = { "", "", "lo", "share0", "share1" };
	const char *ip = ips[rand() % ARRAY_SIZE(ips)];
	const char *dev = devs[rand() % ARRAY_SIZE(devs)];
	int fd = sock_new(ip, type);

	/* This address has to be on the device. */
	if (!strcmp(ip, "::1"))
		dev = "lo";
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (rand() % 2)
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (!strcmp(ip, "::"))
		sock_set(fd, SOL_IPV6, IPV6_V6ONLY, rand() % 2);
	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, strlen(dev)))
		die_errno("SO_BINDTODEVICE");
	if (sock_bind(fd, ip, PORT))
		die("%s on %s", ip, dev);
	return fd;
}

/* Any mixture of addresses, devices and options, few and many sockets. */
TEST_F_TIMEOUT(share, as_compared_in_pairs, 120)
{
	static const int counts[] = { 2, 3, 5, 10, 150 };
	int i, k, round, fds[150];
	struct pt_socks socks;

	add_devices();
	srand(1);
	for (round = 0; round < 40; round++) {
		k = counts[round % ARRAY_SIZE(counts)];
		for (i = 0; i < k; i++)
			fds[i] = random_sock(variant->type);
		socks = pt_port(&self->nl, PORT, 0);
		ASSERT_EQ(0, socks.err);
		ASSERT_EQ(k, socks.n);
		for (i = 0; i < k; i++)
			expect_share(_metadata, &socks, i);
		for (i = 0; i < k; i++)
			close(fds[i]);
	}
}

TEST_HARNESS_MAIN
