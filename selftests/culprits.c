// SPDX-License-Identifier: GPL-2.0
/*
 * What the log says about a refused bind: what was requested, by whom, and
 * which socket of which process was in the way at that moment.
 */
#define _GNU_SOURCE
#include <limits.h>
#include <time.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP	262
#endif

#define PORT	2000

FIXTURE(culprits)
{
	struct nl nl;
	__u16 family;
	__u16 proto;
	unsigned char addr[16];
	int addr_len;
};

FIXTURE_VARIANT(culprits)
{
	const char *ip;
	const char *any;
	int type;
};

FIXTURE_VARIANT_ADD(culprits, tcp4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(culprits, tcp6) {
	.ip = "::1", .any = "::", .type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(culprits, udp4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .type = SOCK_DGRAM,
};

FIXTURE_VARIANT_ADD(culprits, udp6) {
	.ip = "::1", .any = "::", .type = SOCK_DGRAM,
};

FIXTURE_SETUP(culprits)
{
	bool tcp = variant->type == SOCK_STREAM;

	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->proto = tcp ? IPPROTO_TCP : IPPROTO_UDP;
	self->addr_len = sock_addr_bytes(variant->ip, self->addr);
	self->family = self->addr_len == 4 ? AF_INET : AF_INET6;
}

FIXTURE_TEARDOWN(culprits)
{
	nl_close(&self->nl);
}

static __u64 now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

struct holder {
	const char *ip;
	int type;
	__u64 cookie;
	__u64 inode;
	int fd;
};

/* Shared with the child, which fills it in. */
static struct holder *holder_new(const char *ip, int type)
{
	struct holder *h = mmap(NULL, sizeof(*h), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	h->ip = ip;
	h->type = type;
	return h;
}

static void hold_port(struct proc *parent, void *arg)
{
	struct holder *h = arg;

	proc_name("holder");
	h->fd = sock_bound(h->ip, h->type, PORT);
	h->cookie = sock_cookie(h->fd);
	h->inode = sock_inode(h->fd);
	proc_tell(parent);
	proc_await(parent);
}

TEST_F(culprits, every_field)
{
	struct holder *h = holder_new(variant->ip, variant->type);
	__u32 v6only = self->family == AF_INET6 ?
		PORTOWNER_SOCK_FLAG_V6ONLY : 0;
	char exe[PATH_MAX] = {};
	struct proc child;
	struct pt_reject *r;
	struct pt_sock *s;
	__u64 before;
	int fd;

	ASSERT_LT(0, readlink("/proc/self/exe", exe, sizeof(exe) - 1));
	proc_name("refused");
	proc_start(&child, hold_port, h);
	proc_await(&child);
	fd = sock_new(variant->ip, variant->type);
	before = now();
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, PORT));

	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(1, r->seq);
	EXPECT_LE(before, r->time);
	EXPECT_GE(now(), r->time);
	EXPECT_EQ(PORTOWNER_REJECT_OP_BIND, r->op);
	EXPECT_EQ(EADDRINUSE, r->err);
	EXPECT_EQ(self->family, r->family);
	EXPECT_EQ(self->proto, r->proto);
	EXPECT_EQ(self->addr_len, r->addr_len);
	EXPECT_EQ(0, memcmp(self->addr, r->addr, self->addr_len));
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(0, r->ifindex);
	EXPECT_EQ(NULL, r->dev);
	EXPECT_EQ(ns_inode(), r->netns);
	EXPECT_EQ(0, r->flags & ~v6only);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_STREQ("refused", r->comm);
	EXPECT_STREQ(exe, r->exe);
	EXPECT_EQ(0, r->uid);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);

	ASSERT_EQ(1, r->n_culprits);
	s = r->culprits;
	EXPECT_EQ(h->cookie, s->cookie);
	EXPECT_EQ(h->inode, s->inode);
	EXPECT_EQ(self->family, s->family);
	EXPECT_EQ(self->proto, s->proto);
	EXPECT_EQ(0, memcmp(self->addr, s->addr, self->addr_len));
	EXPECT_EQ(PORT, s->port);
	EXPECT_EQ(PORTOWNER_STATE_BOUND, s->state);
	EXPECT_EQ(ns_inode(), s->netns);
	EXPECT_EQ(0, s->uid);
	EXPECT_EQ(v6only, s->flags);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(child.pid, s->owners[0].pid);
	EXPECT_EQ(h->fd, s->owners[0].fd);
	EXPECT_STREQ("holder", s->owners[0].comm);
	EXPECT_STREQ(exe, s->owners[0].exe);
	EXPECT_EQ(0, s->owners[0].uid);
	proc_end(&child);
}

/* The record is of the moment of the refusal, whatever happens later. */
TEST_F(culprits, gone_afterwards)
{
	struct holder *h = holder_new(variant->ip, variant->type);
	struct proc child;
	struct pt_reject *r;
	int fd;

	proc_start(&child, hold_port, h);
	proc_await(&child);
	fd = sock_new(variant->any, variant->type);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->any, PORT));
	proc_end(&child);
	ASSERT_EQ(0, pt_port(&self->nl, PORT, PT_ALL_STATES).n);

	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_RULE_WILDCARD_COVERS, r->rule);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(h->cookie, r->culprits[0].cookie);
	ASSERT_EQ(1, r->culprits[0].n_owners);
	EXPECT_EQ(h->fd, r->culprits[0].owners[0].fd);
	EXPECT_STREQ("holder", r->culprits[0].owners[0].comm);
}

/* A socket that the kernel ignores is not among the culprits. */
TEST_F(culprits, bystanders)
{
	const char *other = self->family == AF_INET ? "127.0.0.2" : "::2";
	int other_type = variant->type == SOCK_STREAM ?
		SOCK_DGRAM : SOCK_STREAM;
	struct pt_reject *r;
	int fd, holder;

	sock_bound(variant->ip, variant->type, PORT + 1);
	sock_bound(variant->ip, other_type, PORT);
	fd = sock_new(other, variant->type);
	if (self->family == AF_INET)
		ASSERT_EQ(0, sock_bind(fd, other, PORT));
	holder = sock_bound(variant->ip, variant->type, PORT);
	fd = sock_new(variant->ip, variant->type);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, PORT));
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(holder), r->culprits[0].cookie);
}

TEST_F(culprits, options_and_device)
{
	int holder = sock_bound(variant->ip, variant->type, PORT);
	int fd = sock_new(variant->ip, variant->type);
	struct pt_reject *r;

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, PORT));
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_SOCK_FLAG_REUSEADDR | PORTOWNER_SOCK_FLAG_REUSEPORT,
		  r->flags & ~PORTOWNER_SOCK_FLAG_V6ONLY);
	EXPECT_EQ(1, r->ifindex);
	ASSERT_NE(NULL, r->dev);
	EXPECT_STREQ("lo", r->dev);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(holder), r->culprits[0].cookie);
	EXPECT_EQ(NULL, r->culprits[0].dev);
}

static void be_refused(struct proc *parent, void *arg)
{
	const char *ip = arg;
	int fd;

	proc_name("\x1b[2J\"user\xfe");
	proc_become(USER, NO_CAP);
	fd = sock_new(ip, SOCK_STREAM);
	if (sock_bind(fd, ip, PORT) != -EADDRINUSE)
		_exit(1);
	proc_tell(parent);
	proc_await(parent);
}

/* The caller is another user's process, with a hostile name. */
TEST_F(culprits, caller)
{
	struct pt_reject *r;
	struct proc child;
	int holder;

	holder = sock_bound(variant->ip, SOCK_STREAM, PORT);
	proc_start(&child, be_refused, (void *)variant->ip);
	proc_await(&child);
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(child.pid, r->pid);
	EXPECT_EQ(USER, r->uid);
	EXPECT_STREQ("\x1b[2J\"user\xfe", r->comm);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_NE(NULL, pt_owner_of(&r->culprits[0], getpid()));
	EXPECT_EQ(sock_cookie(holder), r->culprits[0].cookie);
	proc_end(&child);
}

/* A child that also holds the culprit is named as well. */
TEST_F(culprits, all_owners)
{
	int holder = sock_bound(variant->ip, variant->type, PORT);
	struct holder *h = holder_new(variant->any, SOCK_DGRAM);
	struct pt_reject *r;
	struct proc child;
	int fd;

	h->type = variant->type == SOCK_STREAM ? SOCK_DGRAM : SOCK_STREAM;
	proc_start(&child, hold_port, h);
	proc_await(&child);
	fd = sock_new(variant->ip, variant->type);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, PORT));
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(2, r->culprits[0].n_owners);
	EXPECT_NE(NULL, pt_owner_of(&r->culprits[0], getpid()));
	EXPECT_NE(NULL, pt_owner_of(&r->culprits[0], child.pid));
	EXPECT_EQ(sock_cookie(holder), r->culprits[0].cookie);
	proc_end(&child);
}

/* A wildcard bind is refused because of each of several sockets. */
TEST_F(culprits, first_of_several)
{
	__u64 cookies[3];
	struct pt_reject *r;
	char ip[INET_ADDRSTRLEN];
	int fd, i, k, known;

	if (self->family != AF_INET)
		return;
	for (i = 0; i < 3; i++) {
		snprintf(ip, sizeof(ip), "127.0.0.%d", i + 1);
		cookies[i] = sock_cookie(sock_bound(ip, variant->type, PORT));
	}
	fd = sock_new("0.0.0.0", variant->type);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "0.0.0.0", PORT));
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	ASSERT_LE(1, r->n_culprits);
	for (i = 0; i < r->n_culprits; i++) {
		for (k = 0, known = 0; k < 3; k++)
			known += r->culprits[i].cookie == cookies[k];
		EXPECT_EQ(1, known);
	}
}

TEST_F(culprits, a_bind_that_succeeds)
{
	sock_bound(variant->ip, variant->type, PORT);
	sock_bound(variant->ip, variant->type, 0);
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).n);
	EXPECT_EQ(0, pt_stats(&self->nl).seen);
}

TEST(mptcp_counts_once)
{
	struct pt_reject *r;
	struct nl nl;
	int fd;

	ns_enter();
	ASSERT_EQ(0, nl_open(&nl));
	fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	if (fd < 0)
		SKIP(return, "no MPTCP in this kernel: %s", strerror(errno));
	sock_bound("127.0.0.1", SOCK_STREAM, PORT);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	EXPECT_EQ(1, pt_stats(&nl).seen);
	r = pt_last_reject(&nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(1, r->n_culprits);
}

TEST_HARNESS_MAIN
