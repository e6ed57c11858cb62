// SPDX-License-Identifier: GPL-2.0
/* MPTCP binds a TCP socket beneath its own: each action is seen once. */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/sock.h"

#define PORT	8000

FIXTURE(mptcp)
{
	struct nl nl;
	int fd;
};

FIXTURE_VARIANT(mptcp)
{
	const char *ip;
	int family;
};

FIXTURE_VARIANT_ADD(mptcp, ipv4) {
	.ip = "127.0.0.1",
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(mptcp, ipv6) {
	.ip = "::1",
	.family = AF_INET6,
};

FIXTURE_SETUP(mptcp)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = socket(variant->family, SOCK_STREAM, IPPROTO_MPTCP);
}

FIXTURE_TEARDOWN(mptcp)
{
	nl_close(&self->nl);
}

/* The only socket on the port. */
static struct pt_sock *holder(struct nl *nl, int port)
{
	struct pt_socks socks = pt_port(nl, port, PT_ALL_STATES);

	return socks.n == 1 ? socks.v : NULL;
}

TEST_F(mptcp, bind)
{
	struct pt_sock *s;

	if (self->fd < 0)
		SKIP(return, "no MPTCP in this kernel");
	ASSERT_EQ(0, sock_bind(self->fd, variant->ip, PORT));
	s = holder(&self->nl, PORT);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(IPPROTO_MPTCP, s->proto);
	EXPECT_TRUE(s->binder.present);
	EXPECT_EQ(getpid(), s->binder.pid);
	EXPECT_EQ(0, pt_stats(&self->nl).seen);
}

/* listen() on a socket without a port gives it one. */
TEST_F(mptcp, listen)
{
	struct pt_sock *s;

	if (self->fd < 0)
		SKIP(return, "no MPTCP in this kernel");
	ASSERT_EQ(0, listen(self->fd, 1));
	s = holder(&self->nl, sock_port(self->fd));
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_STATE_LISTEN, s->state);
	EXPECT_TRUE(s->binder.present);
	EXPECT_EQ(getpid(), s->binder.pid);
}

TEST_F(mptcp, refused)
{
	struct pt_reject *r;

	if (self->fd < 0)
		SKIP(return, "no MPTCP in this kernel");
	sock_bound(variant->ip, SOCK_STREAM, PORT);
	ASSERT_EQ(-EADDRINUSE, sock_bind(self->fd, variant->ip, PORT));
	EXPECT_EQ(1, pt_stats(&self->nl).seen);
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_BIND, r->op);
	EXPECT_EQ(IPPROTO_MPTCP, r->proto);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(1, r->n_culprits);
}

/* Both were bound with SO_REUSEADDR; only one of them may listen. */
TEST_F(mptcp, refused_listen)
{
	struct pt_reject *r;
	int fd;

	if (self->fd < 0)
		SKIP(return, "no MPTCP in this kernel");
	fd = sock_new(variant->ip, SOCK_STREAM);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	sock_set(self->fd, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, sock_bind(fd, variant->ip, PORT));
	ASSERT_EQ(0, sock_bind(self->fd, variant->ip, PORT));
	ASSERT_EQ(0, listen(fd, 1));
	ASSERT_EQ(-1, listen(self->fd, 1));
	ASSERT_EQ(EADDRINUSE, errno);
	EXPECT_EQ(1, pt_stats(&self->nl).seen);
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_LISTEN, r->op);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(1, r->n_culprits);
}

/* Connect, and exchange data in both directions, or there is one path only. */
static int exchange(int listener)
{
	char buf[8] = "";
	int client = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP), child;

	if (client < 0 || sock_connect(client, "127.0.0.1", PORT))
		return -1;
	child = accept(listener, NULL, NULL);
	if (child < 0 || write(client, buf, 1) != 1 || read(child, buf, 1) != 1 ||
	    write(child, buf, 1) != 1 || read(client, buf, 1) != 1)
		return -1;
	return child;
}

static int add_path(void)
{
	return system("ip mptcp limits set subflow 2 add_addr_accepted 2 2>/dev/null") ||
	       system("ip mptcp endpoint add 127.0.0.2 dev lo subflow");
}

/* A connection over two paths has two TCP sockets, and one descriptor. */
TEST(subflows)
{
	int fd, child, i, tries = 20000;
	struct pt_socks socks;
	struct nl nl;

	ns_enter();
	ASSERT_EQ(0, nl_open(&nl));
	fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	if (fd < 0)
		SKIP(return, "no MPTCP in this kernel");
	if (add_path())
		SKIP(return, "this kernel does not let ip set up more paths");
	ASSERT_EQ(0, sock_bind(fd, "127.0.0.1", PORT));
	ASSERT_EQ(0, listen(fd, 1));
	child = exchange(fd);
	ASSERT_LE(0, child);
	do {
		socks = pt_port(&nl, PORT, PT_BIT(ESTABLISHED));
		ASSERT_EQ(0, socks.err);
	} while (socks.n < 2 && --tries);
	ASSERT_EQ(2, socks.n);
	for (i = 0; i < socks.n; i++) {
		EXPECT_EQ(IPPROTO_MPTCP, socks.v[i].proto);
		EXPECT_EQ(sock_inode(child), socks.v[i].inode);
		EXPECT_EQ(0, socks.v[i].unseen_refs);
		ASSERT_EQ(1, socks.v[i].n_owners);
		EXPECT_EQ(child, socks.v[i].owners[0].fd);
	}
}

TEST_HARNESS_MAIN
