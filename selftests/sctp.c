// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP, whose module may be absent: one socket that listens or serves many,
 * with several addresses.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sctp.h"
#include "lib/sock.h"

#define REFS	"/sys/module/sctp/refcnt"

/* Number of references to the module; each socket has some. -1 without it. */
static int module_refs(void)
{
	FILE *file = fopen(REFS, "r");
	int refs;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &refs) != 1)
		die(REFS);
	fclose(file);
	return refs;
}

/* Runs first: once loaded, the module cannot be unloaded. */
TEST(absent)
{
	const struct pt_filter all = {
		.proto = IPPROTO_SCTP, .all_netns = true,
	};
	struct nl nl;

	if (module_refs() >= 0)
		SKIP(return, "the kernel has SCTP loaded, and does not let go of it");
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(0, pt_socks(&nl, &sctp_all).err);
	EXPECT_EQ(0, pt_socks(&nl, &sctp_all).n);
	EXPECT_EQ(0, pt_socks(&nl, &all).n);
	EXPECT_EQ(0, pt_port(&nl, PORT, 0).err);
	EXPECT_EQ(-1, module_refs());
}

TEST_F(sctp, listener)
{
	int fd = listening(variant->ip, variant->type);
	struct pt_socks socks = pt_socks(&self->nl, &sctp);
	struct pt_sock *s;

	ASSERT_EQ(0, socks.err);
	ASSERT_EQ(1, socks.n);
	s = &socks.v[0];
	EXPECT_EQ(self->family, s->family);
	EXPECT_EQ(IPPROTO_SCTP, s->proto);
	EXPECT_EQ(self->addr_len, s->addr_len);
	EXPECT_EQ(0, memcmp(self->addr, s->addr, self->addr_len));
	EXPECT_EQ(PORT, s->port);
	EXPECT_EQ(PORTOWNER_STATE_LISTEN, s->state);
	EXPECT_EQ(sock_cookie(fd), s->cookie);
	EXPECT_EQ(sock_inode(fd), s->inode);
	EXPECT_EQ(ns_inode(), s->netns);
	EXPECT_TRUE(s->has_backlog);
	EXPECT_EQ(16, s->backlog_max);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(getpid(), s->owners[0].pid);
	EXPECT_EQ(fd, s->owners[0].fd);
	EXPECT_EQ(0, s->unseen_refs);
	ASSERT_TRUE(s->binder.present);
	EXPECT_EQ(getpid(), s->binder.pid);
	close(fd);
	EXPECT_EQ(0, pt_socks(&self->nl, &sctp_all).n);
}

/* The kernel keeps them where only a descriptor leads. */
TEST_F(sctp, bound_only)
{
	int i, fd[40], server = listening(variant->any, variant->type);
	const struct pt_filter filter = {
		.proto = IPPROTO_SCTP, .states = PT_BIT(BOUND),
	};
	struct pt_socks socks;
	struct pt_sock *s;

	/* A socket without a port takes none, and hides none. */
	new_socket(variant->ip, variant->type);
	for (i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = new_socket(variant->ip, variant->type);
		ASSERT_EQ(0, sock_bind(fd[i], variant->ip, PORT + 1 + i));
		/* A second descriptor is not a second socket. */
		ASSERT_LE(0, dup(fd[i]));
	}
	socks = pt_socks(&self->nl, &filter);
	ASSERT_EQ(0, socks.err);
	ASSERT_EQ(ARRAY_SIZE(fd), socks.n);
	for (i = 0; i < ARRAY_SIZE(fd); i++) {
		s = pt_by_cookie(&socks, sock_cookie(fd[i]));
		ASSERT_NE(NULL, s);
		EXPECT_EQ(PORTOWNER_STATE_BOUND, s->state);
		EXPECT_EQ(PORT + 1 + i, s->port);
		EXPECT_EQ(0, memcmp(self->addr, s->addr, self->addr_len));
		EXPECT_EQ(2, s->n_owners);
		EXPECT_EQ(0, s->unseen_refs);
		EXPECT_TRUE(s->binder.present);
	}
	EXPECT_EQ(1 + ARRAY_SIZE(fd), pt_socks(&self->nl, &sctp).n);
	s = pt_sock_of(&self->nl, server);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_STATE_LISTEN, s->state);
}

static void hold(struct proc *parent, void *arg)
{
	proc_tell(parent);
	proc_await(parent);
}

/* Another process holds it, and then none does. */
TEST_F(sctp, bound_only_elsewhere)
{
	int fd = new_socket(variant->ip, variant->type);
	struct pt_socks socks;
	struct proc child;

	ASSERT_EQ(0, sock_bind(fd, variant->ip, PORT));
	proc_start(&child, hold, NULL);
	proc_await(&child);
	close(fd);
	socks = pt_socks(&self->nl, &sctp);
	ASSERT_EQ(1, socks.n);
	EXPECT_NE(NULL, pt_owner_of(&socks.v[0], child.pid));
	EXPECT_EQ(1, socks.v[0].n_owners);
	EXPECT_EQ(getpid(), socks.v[0].binder.pid);
	proc_tell(&child);
	proc_end(&child);
	EXPECT_EQ(0, pt_socks(&self->nl, &sctp_all).n);
}

TEST_F(sctp, wildcard)
{
	unsigned char any[16] = {};
	struct pt_sock *s;
	int fd;

	fd = listening(variant->any, variant->type);
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(self->addr_len, s->addr_len);
	EXPECT_EQ(0, memcmp(any, s->addr, self->addr_len));
}

TEST_F(sctp, filters)
{
	struct pt_filter filter = {};

	listening(variant->ip, variant->type);
	filter.proto = IPPROTO_TCP;
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
	filter.proto = IPPROTO_RAW;
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
	filter.proto = IPPROTO_SCTP;
	filter.family = self->family;
	EXPECT_EQ(1, pt_socks(&self->nl, &filter).n);
	filter.family = AF_INET + AF_INET6 - self->family;
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
	filter.family = 0;
	filter.port = PORT + 1;
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
	filter.port = PORT;
	EXPECT_EQ(1, pt_socks(&self->nl, &filter).n);
	filter.states = PT_BIT(BOUND);
	EXPECT_EQ(0, pt_socks(&self->nl, &filter).n);
}

/* A record for each address, with the same owner in each. */
TEST_F(sctp, several_addresses)
{
	union sock_addr addr;
	socklen_t len = sock_addr(&addr, variant->second, PORT);
	unsigned char second[16];
	struct pt_socks socks;
	int fd, i, found = 0;

	fd = new_socket(variant->ip, variant->type);
	ASSERT_EQ(0, sock_bind(fd, variant->ip, PORT));
	ASSERT_EQ(0, setsockopt(fd, SOL_SCTP, SCTP_BINDX_ADD, &addr, len));
	ASSERT_EQ(0, sock_listen(fd));
	socks = pt_socks(&self->nl, &sctp);
	ASSERT_EQ(2, socks.n);
	EXPECT_EQ(2, records(&socks, fd));
	sock_addr_bytes(variant->second, second);
	for (i = 0; i < 2; i++) {
		EXPECT_EQ(self->family, socks.v[i].family);
		EXPECT_EQ(1, socks.v[i].group_size);
		EXPECT_EQ(0, socks.v[i].unseen_refs);
		ASSERT_EQ(1, socks.v[i].n_owners);
		EXPECT_EQ(getpid(), socks.v[i].owners[0].pid);
		EXPECT_TRUE(socks.v[i].binder.present);
		found |= !memcmp(socks.v[i].addr, self->addr,
				 self->addr_len) ? 1 : 0;
		found |= !memcmp(socks.v[i].addr, second,
				 self->addr_len) ? 2 : 0;
	}
	EXPECT_EQ(3, found);
}

TEST_F(sctp, of_all_namespaces)
{
	const struct pt_filter all = {
		.proto = IPPROTO_SCTP, .all_netns = true, .port = PORT,
	};
	int home = ns_open(), here, there;
	struct pt_socks socks;

	here = listening(variant->ip, variant->type);
	ns_enter();
	there = listening(variant->ip, variant->type);
	socks = pt_socks(&self->nl, &all);
	ASSERT_EQ(0, socks.err);
	ASSERT_NE(NULL, pt_by_cookie(&socks, sock_cookie(here)));
	ASSERT_NE(NULL, pt_by_cookie(&socks, sock_cookie(there)));
	EXPECT_EQ(ns_inode(), pt_by_cookie(&socks, sock_cookie(there))->netns);
	ns_switch(home);
	EXPECT_EQ(1, pt_socks(&self->nl, &sctp).n);
}

/* A query holds neither the module nor any of its sockets. */
TEST_F(sctp, nothing_is_held)
{
	int i, refs;

	listening(variant->ip, variant->type);
	connected(variant->ip);
	refs = module_refs();
	if (refs < 0)
		SKIP(return, "SCTP is no module of this kernel, but a part of it");
	for (i = 0; i < 50; i++) {
		EXPECT_EQ(0, pt_socks(&self->nl, &sctp_all).err);
		EXPECT_EQ(0, pt_port(&self->nl, PORT, PT_ALL_STATES).err);
	}
	/* Sockets of earlier tests may still be on their way out. */
	EXPECT_GE(refs, module_refs());
}

TEST_HARNESS_MAIN
