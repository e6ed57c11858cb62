// SPDX-License-Identifier: GPL-2.0
/* Network namespaces: separate from each other, and gone once they end. */
#define _GNU_SOURCE
#include <sched.h>

#include <linux/capability.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	6000

struct space {
	int ns;
	__u32 inode;
	struct nl nl;
	int holder;
	__u64 cookie;
};

FIXTURE(netns)
{
	struct space a, b;
};

static int space_make(struct space *space)
{
	ns_enter();
	space->ns = ns_open();
	space->inode = ns_inode();
	space->holder = sock_listening("127.0.0.1", PORT);
	space->cookie = sock_cookie(space->holder);
	return nl_open(&space->nl);
}

FIXTURE_SETUP(netns)
{
	ASSERT_EQ(0, space_make(&self->a));
	ASSERT_EQ(0, space_make(&self->b));
}

FIXTURE_TEARDOWN(netns)
{
	nl_close(&self->a.nl);
	nl_close(&self->b.nl);
}

static void refuse_in(struct __test_metadata *_metadata,
		      const struct space *space, int n)
{
	int fd;

	ns_switch(space->ns);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	while (n--)
		ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	close(fd);
}

/* The same port twice; each namespace knows its own only. */
TEST_F(netns, sockets_apart)
{
	struct pt_socks socks;

	socks = pt_socks(&self->a.nl, NULL);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(self->a.cookie, socks.v[0].cookie);
	EXPECT_EQ(self->a.inode, socks.v[0].netns);
	EXPECT_EQ(self->a.holder, socks.v[0].owners[0].fd);

	socks = pt_socks(&self->b.nl, NULL);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(self->b.cookie, socks.v[0].cookie);
	EXPECT_EQ(self->b.inode, socks.v[0].netns);
	EXPECT_EQ(self->b.holder, socks.v[0].owners[0].fd);
}

TEST_F(netns, rejects_apart)
{
	struct pt_rejects rejects;

	refuse_in(_metadata, &self->a, 3);
	EXPECT_EQ(3, pt_stats(&self->a.nl).seen);
	EXPECT_EQ(0, pt_stats(&self->b.nl).seen);
	EXPECT_EQ(0, pt_rejects(&self->b.nl, 0).n);

	refuse_in(_metadata, &self->b, 1);
	rejects = pt_rejects(&self->b.nl, 0);
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(1, rejects.v[0].seq);
	EXPECT_EQ(self->b.inode, rejects.v[0].netns);
	ASSERT_EQ(1, rejects.v[0].n_culprits);
	EXPECT_EQ(self->b.cookie, rejects.v[0].culprits[0].cookie);
	rejects = pt_rejects(&self->a.nl, 0);
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(3, rejects.v[0].count);
}

/* A socket belongs to the namespace where it was made, wherever it is used. */
TEST_F(netns, socket_carried_away)
{
	struct pt_rejects rejects;
	int fd;

	ns_switch(self->a.ns);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	ns_switch(self->b.ns);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	EXPECT_EQ(0, pt_rejects(&self->b.nl, 0).n);
	rejects = pt_rejects(&self->a.nl, 0);
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(self->a.inode, rejects.v[0].netns);
	ASSERT_EQ(1, rejects.v[0].n_culprits);
	EXPECT_EQ(self->a.cookie, rejects.v[0].culprits[0].cookie);
}

/* The owner of a socket may be in any namespace. */
TEST_F(netns, owner_elsewhere)
{
	struct pt_socks socks;

	ns_switch(self->b.ns);
	socks = pt_socks(&self->a.nl, NULL);
	ASSERT_EQ(1, socks.n);
	ASSERT_EQ(1, socks.v[0].n_owners);
	EXPECT_EQ(getpid(), socks.v[0].owners[0].pid);
}

TEST_F(netns, all_as_root)
{
	const struct pt_filter all = { .port = PORT, .all_netns = true };
	struct pt_socks socks;
	struct pt_sock *a, *b;

	socks = pt_socks(&self->a.nl, &all);
	ASSERT_EQ(0, socks.err);
	EXPECT_EQ(2, socks.n);
	a = pt_by_cookie(&socks, self->a.cookie);
	b = pt_by_cookie(&socks, self->b.cookie);
	ASSERT_NE(NULL, a);
	ASSERT_NE(NULL, b);
	EXPECT_EQ(self->a.inode, a->netns);
	EXPECT_EQ(self->b.inode, b->netns);
	EXPECT_NE(NULL, pt_owner_of(a, getpid()));
	EXPECT_NE(NULL, pt_owner_of(b, getpid()));
}

TEST_F(netns, all_as_user)
{
	const struct pt_filter all = { .port = PORT, .all_netns = true };
	struct nl nl;

	proc_become(USER, NO_CAP);
	EXPECT_EQ(-EPERM, pt_socks(&self->b.nl, &all).err);
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(-EPERM, pt_socks(&nl, &all).err);
	EXPECT_STRNE("", nl.text);
	EXPECT_EQ(1, pt_port(&nl, PORT, 0).n);
}

TEST_F(netns, all_with_net_admin)
{
	const struct pt_filter all = { .port = PORT, .all_netns = true };
	struct nl nl;

	proc_become(USER, CAP_NET_ADMIN);
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(2, pt_socks(&nl, &all).n);
}

/* Root of a user namespace, even in a network namespace of its own. */
TEST_F(netns, all_in_a_user_namespace)
{
	const struct pt_filter all = { .port = PORT, .all_netns = true };
	struct nl nl;

	ASSERT_EQ(0, unshare(CLONE_NEWUSER));
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(-EPERM, pt_socks(&nl, &all).err);
	ns_enter();
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(-EPERM, pt_socks(&nl, &all).err);
	EXPECT_EQ(0, pt_socks(&nl, NULL).n);
}

/* A namespace that ends takes its log with it, at any moment. */
TEST_F_TIMEOUT(netns, come_and_go, 120)
{
	struct space space;
	struct pt_stats stats;
	int i;

	for (i = 0; i < 100; i++) {
		ASSERT_EQ(0, space_make(&space));
		refuse_in(_metadata, &space, 3);
		stats = pt_stats(&space.nl);
		/* a new namespace starts empty */
		EXPECT_EQ(3, stats.seen);
		EXPECT_EQ(3, stats.counted);
		close(space.holder);
		nl_close(&space.nl);
		ns_switch(self->a.ns);
		close(space.ns);
	}
	EXPECT_EQ(0, pt_stats(&self->a.nl).seen);
}

static void refuse_until_killed(struct proc *parent, void *arg)
{
	int fd;

	ns_enter();
	sock_listening("127.0.0.1", PORT);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	proc_tell(parent);
	while (sock_bind(fd, "127.0.0.1", PORT) == -EADDRINUSE)
		;
	_exit(1);
}

/* The last process of a namespace is killed in the middle of refusals. */
TEST_F_TIMEOUT(netns, killed_while_refused, 90)
{
	const struct pt_filter all = { .all_netns = true };
	struct proc child;
	int i, status;

	for (i = 0; i < 20; i++) {
		proc_start(&child, refuse_until_killed, NULL);
		proc_await(&child);
		/* walk over it while it dies */
		ASSERT_EQ(0, kill(child.pid, SIGKILL));
		EXPECT_EQ(0, pt_socks(&self->a.nl, &all).err);
		ASSERT_EQ(child.pid, waitpid(child.pid, &status, 0));
		ASSERT_TRUE(WIFSIGNALED(status));
	}
	EXPECT_EQ(0, pt_rejects(&self->a.nl, 0).n);
}

TEST_HARNESS_MAIN
