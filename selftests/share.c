// SPDX-License-Identifier: GPL-2.0
/* Why sockets on one port may coexist, how many do, and who bound them. */
#define _GNU_SOURCE

#include "../kselftest_harness.h"

#include "po.h"
#include "proc.h"
#include "sock.h"

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

static int with_option(const char *ip, int type, int opt)
{
	int fd = sock_new(ip, type);

	sock_set(fd, SOL_SOCKET, opt, 1);
	if (sock_bind(fd, ip, PORT))
		return -1;
	return fd;
}

static void hold(struct proc *parent, void *arg)
{
	proc_tell(parent);
	proc_await(parent);
}

TEST_F(share, exclusive)
{
	int fd = with_option("127.0.0.1", variant->type, SO_REUSEPORT);
	struct po_sock *s = po_sock_of(&self->nl, fd);

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
	struct po_sock *s = po_sock_of(&self->nl, one);

	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_SHARE_EXCLUSIVE, s->share);
	EXPECT_EQ(1, s->group_size);
	s = po_sock_of(&self->nl, two);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(1, s->group_size);
}

static void share_by(struct __test_metadata *_metadata, struct nl *nl,
		     int type, int opt, int share)
{
	static const char * const ips[] = { "127.0.0.1", "0.0.0.0", "0.0.0.0" };
	struct po_sock *s;
	int i, fds[3];

	for (i = 0; i < 3; i++) {
		fds[i] = with_option(ips[i], type, opt);
		ASSERT_LE(0, fds[i]);
	}
	for (i = 0; i < 3; i++) {
		s = po_sock_of(nl, fds[i]);
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
	struct po_sock *s;

	proc_start(&child, hold, NULL);
	proc_await(&child);
	s = po_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_SHARE_INHERITED, s->share);
	EXPECT_EQ(1, s->group_size);
	proc_end(&child);
	s = po_sock_of(&self->nl, fd);
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

/* The binder is remembered when it has gone and others hold the socket. */
TEST_F(share, binder)
{
	int fd = sock_new("127.0.0.1", variant->type);
	struct proc child;
	struct po_sock *s;

	proc_start(&child, bind_for_other, &fd);
	proc_await(&child);
	s = po_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_TRUE(s->binder.present);
	EXPECT_EQ(child.pid, s->binder.pid);
	EXPECT_EQ(0, s->binder.uid);
	EXPECT_TRUE(s->binder.alive);
	ASSERT_NE(NULL, s->binder.comm);
	EXPECT_STREQ("binder", s->binder.comm);
	proc_end(&child);
	s = po_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_TRUE(s->binder.present);
	EXPECT_FALSE(s->binder.alive);
	ASSERT_NE(NULL, s->binder.comm);
	EXPECT_STREQ("binder", s->binder.comm);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);
}

TEST_HARNESS_MAIN
