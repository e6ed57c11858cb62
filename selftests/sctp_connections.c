// SPDX-License-Identifier: GPL-2.0
/* SCTP connections, which have left the socket that listens or serves many. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/pt_check.h"
#include "lib/sctp.h"
#include "lib/sock.h"

static struct pt_sock *record_of(const struct pt_socks *socks, int fd)
{
	__u64 inode = sock_inode(fd);
	int i;

	for (i = 0; i < socks->n; i++)
		if (socks->v[i].inode == inode)
			return &socks->v[i];
	return NULL;
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

/* A connection that was accepted, or peeled off; and the other end of it. */
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

/* It blocks the addresses that it was bound to, not those that it uses. */
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

/* More than are read together. */
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

/* Sockets closed before the peer knows are walked, but not counted any more. */
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

TEST_HARNESS_MAIN
