// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP, whose module may not be there: one socket that listens or serves many,
 * with several addresses, and connections that left it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/pt_check.h"
#include "lib/proc.h"
#include "lib/sock.h"

/* linux/sctp.h has them, but netinet/in.h and linux/in.h do not mix. */
#define SOL_SCTP		132
#define SCTP_BINDX_ADD		100
#define SCTP_PEELOFF		102
#define SCTP_GET_ASSOC_ID_LIST	29

#define PORT	8000
#define REFS	"/sys/module/sctp/refcnt"

static const struct pt_filter sctp = { .proto = IPPROTO_SCTP };
static const struct pt_filter sctp_all = {
	.proto = IPPROTO_SCTP, .states = PT_ALL_STATES,
};

/* References to the module; each socket has some. -1 without it. */
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

/* First of all: no later test leaves it unloaded, since it cannot be. */
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

FIXTURE(sctp)
{
	struct nl nl;
	__u16 family;
	unsigned char addr[16];
	int addr_len;
};

FIXTURE_VARIANT(sctp)
{
	const char *ip;
	const char *any;
	const char *second;
	int type;
};

FIXTURE_VARIANT_ADD(sctp, one4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .second = "127.0.0.2",
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(sctp, many4) {
	.ip = "127.0.0.1", .any = "0.0.0.0", .second = "127.0.0.2",
	.type = SOCK_SEQPACKET,
};

FIXTURE_VARIANT_ADD(sctp, one6) {
	.ip = "::1", .any = "::", .second = "::ffff:127.0.0.2",
	.type = SOCK_STREAM,
};

FIXTURE_VARIANT_ADD(sctp, many6) {
	.ip = "::1", .any = "::", .second = "::ffff:127.0.0.2",
	.type = SOCK_SEQPACKET,
};

FIXTURE_SETUP(sctp)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->addr_len = sock_addr_bytes(variant->ip, self->addr);
	self->family = self->addr_len == 4 ? AF_INET : AF_INET6;
}

FIXTURE_TEARDOWN(sctp)
{
	nl_close(&self->nl);
}

static int new_socket(const char *ip, int type)
{
	int fd = socket(strchr(ip, ':') ? AF_INET6 : AF_INET, type,
			IPPROTO_SCTP);

	if (fd < 0)
		die_errno("socket(IPPROTO_SCTP)");
	return fd;
}

static int listening(const char *ip, int type)
{
	int fd = new_socket(ip, type);

	if (sock_bind(fd, ip, PORT) || sock_listen(fd))
		die_errno("listen");
	return fd;
}

/*
 * The records of one socket, which may be several. Some kernels give a
 * connection the cookie of its listener, so it is known by its inode.
 */
static int records(const struct pt_socks *socks, int fd)
{
	__u64 inode = sock_inode(fd);
	int i, n = 0;

	for (i = 0; i < socks->n; i++)
		n += socks->v[i].inode == inode;
	return n;
}

static struct pt_sock *record_of(const struct pt_socks *socks, int fd)
{
	__u64 inode = sock_inode(fd);
	int i;

	for (i = 0; i < socks->n; i++)
		if (socks->v[i].inode == inode)
			return &socks->v[i];
	return NULL;
}

/* Bound, since it would use all addresses of the machine otherwise. */
static int connected(const char *ip)
{
	int fd = new_socket(ip, SOCK_STREAM);

	if (sock_bind(fd, ip, 0) || sock_connect(fd, ip, PORT))
		die_errno("connect");
	return fd;
}

/* A socket for the only association of one that serves many. */
static int peel_off(int server)
{
	struct { __u32 nr; __s32 id[1]; } assocs = {};
	struct { __s32 id; int fd; } peel;
	socklen_t len = sizeof(assocs);

	if (getsockopt(server, SOL_SCTP, SCTP_GET_ASSOC_ID_LIST, &assocs, &len))
		die_errno("SCTP_GET_ASSOC_ID_LIST");
	peel.id = assocs.id[0];
	len = sizeof(peel);
	/* It returns the descriptor. */
	if (getsockopt(server, SOL_SCTP, SCTP_PEELOFF, &peel, &len) < 0)
		die_errno("SCTP_PEELOFF");
	return peel.fd;
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

/* The kernel keeps them where only a descriptor leads to. */
TEST_F(sctp, bound_only)
{
	int i, fd[40], server = listening(variant->any, variant->type);
	const struct pt_filter filter = {
		.proto = IPPROTO_SCTP, .states = PT_BIT(BOUND),
	};
	struct pt_socks socks;
	struct pt_sock *s;

	/* One that has no port yet takes none, and hides none. */
	new_socket(variant->ip, variant->type);
	for (i = 0; i < ARRAY_SIZE(fd); i++) {
		fd[i] = new_socket(variant->ip, variant->type);
		ASSERT_EQ(0, sock_bind(fd[i], variant->ip, PORT + 1 + i));
		/* A second descriptor is no second socket. */
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

/* Another process has it, and then nobody. */
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

/* A record for each address, and the same owner in each. */
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

/* One that was accepted, or made its own socket; and the other end of it. */
TEST_F(sctp, connection)
{
	int one, server = listening(variant->ip, variant->type);
	int client = connected(variant->ip);
	struct pt_socks socks;
	struct pt_sock *s;

	one = variant->type == SOCK_STREAM ? accept(server, NULL, NULL) :
					     peel_off(server);
	ASSERT_LE(0, one);
	socks = pt_socks(&self->nl, &sctp_all);
	EXPECT_EQ(1, records(&socks, server));
	EXPECT_EQ(1, records(&socks, one));
	s = record_of(&socks, one);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, s->state);
	EXPECT_EQ(PORT, s->port);
	EXPECT_EQ(0, memcmp(self->addr, s->addr, self->addr_len));
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(one, s->owners[0].fd);
	s = record_of(&socks, client);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, s->state);
	EXPECT_EQ(sock_port(client), s->port);
	/* Neither is a server. */
	EXPECT_EQ(1, pt_socks(&self->nl, &sctp).n);
}

/* Closed, with data that cannot reach the peer, and no descriptor any more. */
TEST_F(sctp, shutdown)
{
	const struct pt_filter pending = {
		.proto = IPPROTO_SCTP, .states = PT_BIT(SHUTDOWN_PENDING),
	};
	int one, client, server;
	struct pt_socks socks;

	if (variant->type != SOCK_STREAM)
		return;
	server = listening(variant->ip, variant->type);
	client = connected(variant->ip);
	one = accept(server, NULL, NULL);
	ASSERT_LE(0, one);
	ASSERT_EQ(0, system("ip link set lo down"));
	ASSERT_EQ(1, send(one, "x", 1, 0));
	close(one);
	close(server);
	socks = pt_socks(&self->nl, &pending);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(PORTOWNER_STATE_SHUTDOWN_PENDING, socks.v[0].state);
	EXPECT_EQ(PORT, socks.v[0].port);
	EXPECT_EQ(0, socks.v[0].n_owners);
	/* Nothing is bound or listening. */
	EXPECT_EQ(0, pt_socks(&self->nl, &sctp).n);
	close(client);
}

/* A connection has each address that its association may use. */
TEST_F(sctp, several_addresses_of_a_connection)
{
	int fd = new_socket(variant->any, SOCK_STREAM);
	struct pt_socks socks;
	int i;

	listening(variant->ip, variant->type);
	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	socks = pt_port(&self->nl, sock_port(fd), PT_ALL_STATES);
	/* The loopback device has one of each family. */
	ASSERT_EQ(self->family == AF_INET ? 1 : 2, socks.n);
	EXPECT_EQ(socks.n, records(&socks, fd));
	for (i = 0; i < socks.n; i++) {
		EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, socks.v[i].state);
		ASSERT_EQ(1, socks.v[i].n_owners);
		EXPECT_EQ(fd, socks.v[i].owners[0].fd);
	}
}

static int wanted(const char *ip, int port)
{
	int err, fd = new_socket(ip, SOCK_STREAM);

	err = sock_bind(fd, ip, port);
	close(fd);
	return err;
}

/* It keeps others off the addresses that it was bound to, not those it uses. */
TEST_F(sctp, culprit_of_a_connection)
{
	struct question q = { .proto = IPPROTO_SCTP, .ip = variant->second };
	int fd = new_socket(variant->any, SOCK_STREAM);
	struct pt_check c;

	listening(variant->ip, SOCK_STREAM);
	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	q.port = sock_port(fd);
	c = pt_check(&self->nl, &q);
	EXPECT_EQ(EADDRINUSE, c.err);
	EXPECT_EQ(self->family == AF_INET ? PORTOWNER_RULE_WILDCARD_COVERS :
					    PORTOWNER_RULE_DUAL_STACK_COVERS,
		  c.rule);
	ASSERT_EQ(-EADDRINUSE, wanted(variant->second, q.port));
	ASSERT_EQ(1, pt_last_reject(&self->nl)->n_culprits);
	EXPECT_EQ(sock_inode(fd), pt_last_reject(&self->nl)->culprits[0].inode);
}

/* One socket with many associations is one socket, which is not connected. */
TEST_F(sctp, many_associations)
{
	int fd, server = listening(variant->ip, variant->type);
	const char *ip = variant->ip;
	struct pt_socks socks;

	server = new_socket(ip, SOCK_STREAM);
	ASSERT_EQ(0, sock_bind(server, ip, PORT + 1));
	ASSERT_EQ(0, sock_listen(server));
	fd = new_socket(ip, SOCK_SEQPACKET);
	ASSERT_EQ(0, sock_bind(fd, ip, PORT + 2));
	ASSERT_EQ(0, sock_connect(fd, ip, PORT));
	ASSERT_EQ(0, sock_connect(fd, ip, PORT + 1));
	socks = pt_port(&self->nl, PORT + 2, PT_ALL_STATES);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(sock_cookie(fd), socks.v[0].cookie);
	EXPECT_EQ(PORTOWNER_STATE_BOUND, socks.v[0].state);
	EXPECT_EQ(1, socks.v[0].n_owners);
	EXPECT_TRUE(socks.v[0].binder.present);
}

/* More than are read at a time. */
TEST_F(sctp, many_connections)
{
	const struct pt_filter all = {
		.proto = IPPROTO_SCTP, .states = PT_BIT(ESTABLISHED),
		.port = PORT + 1, .port_last = 65535,
	};
	int i, clients[150], server = listening(variant->ip, variant->type);
	struct pt_socks socks;

	ASSERT_EQ(0, listen(server, 256));
	for (i = 0; i < ARRAY_SIZE(clients); i++)
		clients[i] = connected(variant->ip);
	socks = pt_socks(&self->nl, &all);
	ASSERT_EQ(0, socks.err);
	EXPECT_EQ(ARRAY_SIZE(clients), socks.n);
	for (i = 0; i < ARRAY_SIZE(clients); i++)
		EXPECT_EQ(1, records(&socks, clients[i]));
}

/* What was closed before its peer knows is walked, but not counted any more. */
TEST_F(sctp, closed_and_bound_only)
{
	int fd, client, server = listening(variant->ip, SOCK_STREAM);
	struct pt_socks socks;

	client = connected(variant->ip);
	ASSERT_LE(0, accept(server, NULL, NULL));
	fd = new_socket(variant->ip, SOCK_STREAM);
	ASSERT_EQ(0, sock_bind(fd, variant->ip, PORT + 1));
	ASSERT_EQ(0, system("ip link set lo down"));
	close(client);
	ASSERT_EQ(0, system("ip link set lo up"));
	socks = pt_port(&self->nl, PORT + 1, 0);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(sock_inode(fd), socks.v[0].inode);
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

/* A query does not keep the module, nor any socket of it. */
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
	/* Sockets of tests before may still be on their way out. */
	EXPECT_GE(refs, module_refs());
}

TEST_HARNESS_MAIN
