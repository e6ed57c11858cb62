// SPDX-License-Identifier: GPL-2.0
/* A namespace with its own UDP table, which Linux 6.2 introduced. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/sock.h"

#define PORT		6000
#define CHILD_ENTRIES	"/proc/sys/net/ipv4/udp_child_hash_entries"
#define OWN_ENTRIES	"/proc/sys/net/ipv4/udp_hash_entries"

FIXTURE(udp_table)
{
	/* In the surrounding namespace, and in that one. */
	struct nl around;
	struct nl nl;
	int fd;
};

/* Number of entries; negative for a table that others share. */
static int entries(void)
{
	FILE *file = fopen(OWN_ENTRIES, "r");
	int n = 0;

	if (file && fscanf(file, "%d", &n) != 1)
		n = 0;
	if (file)
		fclose(file);
	return n;
}

FIXTURE_SETUP(udp_table)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->around));
	self->fd = -1;
	if (access(CHILD_ENTRIES, F_OK))
		return;
	sysctl_write("ipv4/udp_child_hash_entries", "1024");
	ns_enter();
	ASSERT_EQ(1024, entries());
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_bound("127.0.0.1", SOCK_DGRAM, PORT);
}

FIXTURE_TEARDOWN(udp_table)
{
	if (self->fd < 0)
		return;
	nl_close(&self->around);
	nl_close(&self->nl);
}

#define NO_TABLES	"before 6.2 all namespaces share one UDP table"

TEST_F(udp_table, listed)
{
	struct pt_sock *s;

	if (self->fd < 0)
		SKIP(return, NO_TABLES);
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORT, s->port);
	EXPECT_NE(NULL, pt_owner_of(s, getpid()));
	EXPECT_TRUE(s->binder.present);
	EXPECT_EQ(getpid(), s->binder.pid);
}

TEST_F(udp_table, listed_with_all)
{
	const struct pt_filter all = { .port = PORT, .all_netns = true };
	struct pt_socks socks;
	struct pt_sock *s;

	if (self->fd < 0)
		SKIP(return, NO_TABLES);
	socks = pt_socks(&self->around, &all);
	ASSERT_EQ(0, socks.err);
	s = pt_by_cookie(&socks, sock_cookie(self->fd));
	ASSERT_NE(NULL, s);
	EXPECT_EQ(ns_inode(), s->netns);
	EXPECT_NE(NULL, pt_owner_of(s, getpid()));
	EXPECT_EQ(getpid(), s->binder.pid);
}

TEST_F(udp_table, culprit)
{
	struct pt_reject *r;

	if (self->fd < 0)
		SKIP(return, NO_TABLES);
	ASSERT_EQ(-EADDRINUSE, sock_bind(sock_new("127.0.0.1", SOCK_DGRAM),
					 "127.0.0.1", PORT));
	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(self->fd), r->culprits[0].cookie);
	EXPECT_EQ(0, pt_stats(&self->around).seen);
}

TEST_HARNESS_MAIN
