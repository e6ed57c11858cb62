// SPDX-License-Identifier: GPL-2.0
/* The multicast group: who may join, and what arrives. */
#define _GNU_SOURCE
#include <sched.h>

#include <linux/capability.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT		5000
#define SOON_MS		10000

FIXTURE(events)
{
	struct nl nl;
	int fd;
};

FIXTURE_SETUP(events)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	sock_listening("127.0.0.1", PORT);
	self->fd = sock_new("127.0.0.1", SOCK_STREAM);
}

FIXTURE_TEARDOWN(events)
{
	nl_close(&self->nl);
}

struct event {
	int cmd;
	int attributes;
	__u64 seq;
	__u32 netns;
};

static void read_event(const struct nlmsghdr *hdr, void *arg)
{
	const struct genlmsghdr *genl = NLMSG_DATA(hdr);
	const struct nlattr *nla;
	struct event *event = arg;
	struct nla_iter iter;

	memset(event, 0, sizeof(*event));
	event->cmd = genl->cmd;
	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) == PORTOWNER_A_REJECT_PAD)
			continue;
		event->attributes++;
		if (nla_id(nla) == PORTOWNER_A_REJECT_SEQ)
			event->seq = nla_u64(nla);
		else if (nla_id(nla) == PORTOWNER_A_REJECT_NETNS)
			event->netns = nla_u32(nla);
	}
}

TEST_F(events, arrive)
{
	struct event event;
	int i;

	ASSERT_EQ(0, nl_join(&self->nl));
	for (i = 1; i < 4; i++) {
		ASSERT_EQ(-EADDRINUSE, sock_bind(self->fd, "127.0.0.1", PORT));
		ASSERT_TRUE(nl_next_event(&self->nl, read_event, &event,
					  SOON_MS));
		EXPECT_EQ(PORTOWNER_CMD_REJECT_NTF, event.cmd);
		EXPECT_EQ(i, event.seq);
		EXPECT_EQ(ns_inode(), event.netns);
		/* nothing that only some readers may know */
		EXPECT_EQ(2, event.attributes);
	}
}

/* Once a number is announced, its record is there. */
TEST_F(events, record_is_there)
{
	struct pt_rejects rejects;
	struct event event;
	struct nl reader;

	ASSERT_EQ(0, nl_open(&reader));
	ASSERT_EQ(0, nl_join(&self->nl));
	ASSERT_EQ(-EADDRINUSE, sock_bind(self->fd, "127.0.0.1", PORT));
	ASSERT_TRUE(nl_next_event(&self->nl, read_event, &event, SOON_MS));
	rejects = pt_rejects(&reader, event.seq - 1);
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(event.seq, rejects.v[0].seq);
	EXPECT_EQ(PORT, rejects.v[0].port);
}

TEST_F(events, success_is_silent)
{
	struct event event;

	ASSERT_EQ(0, nl_join(&self->nl));
	ASSERT_EQ(0, sock_bind(self->fd, "127.0.0.1", PORT + 1));
	/* the first event is a refusal after it */
	ASSERT_EQ(-EINVAL, sock_bind(self->fd, "127.0.0.1", PORT));
	ASSERT_TRUE(nl_next_event(&self->nl, read_event, &event, SOON_MS));
	EXPECT_EQ(1, event.seq);
}

/* No event reaches a subscriber in another namespace. */
TEST_F(events, other_namespace)
{
	struct event event;
	struct nl other;
	int here, fd;

	here = ns_open();
	ns_enter();
	ASSERT_EQ(0, nl_open(&other));
	ASSERT_EQ(0, nl_join(&other));
	ns_switch(here);
	ASSERT_EQ(0, nl_join(&self->nl));

	ASSERT_EQ(-EADDRINUSE, sock_bind(self->fd, "127.0.0.1", PORT));
	ASSERT_TRUE(nl_next_event(&self->nl, read_event, &event, SOON_MS));
	/* ours has arrived, so theirs would have */
	EXPECT_FALSE(nl_next_event(&other, read_event, &event, 0));

	fd = sock_new("192.0.2.1", SOCK_DGRAM);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_bind(fd, "192.0.2.1", 1));
	ASSERT_TRUE(nl_next_event(&self->nl, read_event, &event, SOON_MS));
	EXPECT_EQ(2, event.seq);
	EXPECT_FALSE(nl_next_event(&other, read_event, &event, 0));
}

TEST_F(events, user_may_not_join)
{
	struct nl nl;

	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(-EPERM, nl_join(&nl));
	/* not even with a socket that root opened */
	EXPECT_EQ(-EPERM, nl_join(&self->nl));
}

TEST_F(events, net_admin_may_join)
{
	struct event event;
	struct nl nl;

	if (kernel_before(5, 11))
		SKIP(return, "kernels below 5.11 want CAP_SYS_ADMIN");
	proc_become(USER, CAP_NET_ADMIN);
	ASSERT_EQ(0, nl_open(&nl));
	ASSERT_EQ(0, nl_join(&nl));
	ASSERT_EQ(-EADDRINUSE, sock_bind(self->fd, "127.0.0.1", PORT));
	EXPECT_TRUE(nl_next_event(&nl, read_event, &event, SOON_MS));
}

/* Root of a user namespace has no rights over namespaces it does not own. */
TEST_F(events, user_namespace)
{
	struct nl nl;

	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, unshare(CLONE_NEWUSER));
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(-EPERM, nl_join(&nl));
	/* but over its own one it may */
	ns_enter();
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(0, nl_join(&nl));
}

TEST_HARNESS_MAIN
