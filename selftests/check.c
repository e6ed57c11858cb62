// SPDX-License-Identifier: GPL-2.0
/* Would a bind succeed? What bind-check says, and that it is true. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/socket.h>

#include <linux/sctp.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt_check.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	4000

FIXTURE(check)
{
	struct nl nl;
};

FIXTURE_SETUP(check)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	sysctl_write("ipv4/ip_unprivileged_port_start", "1024");
}

FIXTURE_TEARDOWN(check)
{
	nl_close(&self->nl);
}

/* The answer, after seeing that the kernel does just that. */
static struct pt_check agree(struct __test_metadata *_metadata, struct nl *nl,
			     const struct question *q)
{
	struct pt_check c = pt_check(nl, q);
	int op, err = question_try(q, &op);

	EXPECT_EQ(0, c.failed)
		TH_LOG("'%s'", nl->text);
	EXPECT_EQ(err, c.err)
		TH_LOG("%s port %d", q->ip, q->port);
	EXPECT_EQ(!!err, c.refused);
	if (err)
		EXPECT_EQ(op, c.op);
	EXPECT_EQ(0, c.unforeseen);
	return c;
}

static void allowed(struct __test_metadata *_metadata, struct nl *nl,
		    const struct question *q)
{
	struct pt_check c = agree(_metadata, nl, q);

	EXPECT_EQ(0, c.err)
		TH_LOG("%s port %d: rule %d", q->ip, q->port, c.rule);
	EXPECT_EQ(0, c.n_culprits);
	EXPECT_FALSE(c.range.present);
}

/* Refused by @rule; @holder is the only culprit, or -1 for none. */
static struct pt_check refused(struct __test_metadata *_metadata,
			       struct nl *nl, const struct question *q,
			       int rule, int holder)
{
	struct pt_check c = agree(_metadata, nl, q);

	EXPECT_EQ(rule, c.rule)
		TH_LOG("%s port %d: errno %d", q->ip, q->port, c.err);
	EXPECT_EQ(holder >= 0, c.n_culprits);
	if (holder >= 0 && c.n_culprits)
		EXPECT_EQ(sock_cookie(holder), c.culprits[0].cookie);
	return c;
}

TEST_F(check, free)
{
	static const struct question questions[] = {
		TCP(.ip = "127.0.0.1", .listen = true),
		TCP(.ip = "0.0.0.0", .listen = true),
		TCP(.ip = "::", .listen = true),
		TCP(.ip = "::1"),
		TCP(.ip = "::ffff:127.0.0.1"),
		TCP_AT(0, .ip = "127.0.0.1", .listen = true),
		UDP(.ip = "127.0.0.1"),
		UDP(.ip = "::"),
		UDP_AT(0, .ip = "::1"),
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(questions); i++)
		allowed(_metadata, &self->nl, &questions[i]);
}

TEST_F(check, overlaps)
{
	static const struct {
		const char *holder, *binder;
		int rule;
	} cases[] = {
		{ "127.0.0.1", "127.0.0.1", RULE(ADDRESS_IN_USE) },
		{ "::", "::", RULE(ADDRESS_IN_USE) },
		{ "::ffff:127.0.0.1", "127.0.0.1", RULE(ADDRESS_IN_USE) },
		{ "0.0.0.0", "127.0.0.1", RULE(WILDCARD_COVERS) },
		{ "127.0.0.1", "0.0.0.0", RULE(WILDCARD_COVERS) },
		{ "::", "::1", RULE(WILDCARD_COVERS) },
		{ "::", "0.0.0.0", RULE(DUAL_STACK_COVERS) },
		{ "::", "127.0.0.1", RULE(DUAL_STACK_COVERS) },
		{ "127.0.0.1", "::", RULE(DUAL_STACK_COVERS) },
		{ "0.0.0.0", "::", RULE(DUAL_STACK_COVERS) },
	};
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct question q = { .port = PORT };
	int i, holder;

	for (i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		holder = sock_bound(cases[i / 2].holder, types[i % 2], PORT);
		q.ip = cases[i / 2].binder;
		q.proto = i % 2 ? IPPROTO_UDP : IPPROTO_TCP;
		refused(_metadata, &self->nl, &q, cases[i / 2].rule, holder);
		close(holder);
	}
}

/* The culprit's record, including its owners. */
TEST_F(check, culprit)
{
	const struct question q = TCP(.ip = "0.0.0.0");
	int holder = sock_listening("127.0.0.1", PORT);
	struct pt_check c = pt_check(&self->nl, &q);

	ASSERT_EQ(1, c.n_culprits);
	EXPECT_EQ(sock_cookie(holder), c.culprits[0].cookie);
	EXPECT_EQ(PORT, c.culprits[0].port);
	EXPECT_EQ(PORTOWNER_STATE_LISTEN, c.culprits[0].state);
	ASSERT_EQ(1, c.culprits[0].n_owners);
	EXPECT_EQ(getpid(), c.culprits[0].owners[0].pid);
	EXPECT_EQ(holder, c.culprits[0].owners[0].fd);
	EXPECT_EQ(getpid(), c.culprits[0].binder.pid);
}

static int times_blamed(const struct pt_check *c, int fd)
{
	int i, n = 0;

	for (i = 0; i < c->n_culprits; i++)
		n += c->culprits[i].cookie == sock_cookie(fd);
	return n;
}

/* All sockets in the way, by whichever rule, and no others. */
TEST_F(check, several_culprits)
{
	const struct question q = TCP(.ip = "0.0.0.0",
				      .flags = FLAG(REUSEADDR));
	struct pt_check c;
	int in_the_way[3], i;

	in_the_way[0] = sock_bound("127.0.0.1", SOCK_STREAM, PORT);
	in_the_way[1] = sock_new("127.0.0.2", SOCK_STREAM);
	sock_set(in_the_way[1], SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, sock_bind(in_the_way[1], "127.0.0.2", PORT));
	ASSERT_EQ(0, sock_listen(in_the_way[1]));
	in_the_way[2] = sock_bound("::ffff:127.0.0.4", SOCK_STREAM, PORT);
	/* these are not: an option on both sides, IPv6, UDP */
	sock_bound_with("127.0.0.3", SOCK_STREAM, SO_REUSEADDR, PORT);
	sock_bound("::1", SOCK_STREAM, PORT);
	sock_bound("127.0.0.1", SOCK_DGRAM, PORT);

	c = agree(_metadata, &self->nl, &q);
	EXPECT_EQ(3, c.n_culprits);
	for (i = 0; i < 3; i++)
		EXPECT_EQ(1, times_blamed(&c, in_the_way[i]));
}

TEST_F(check, options_that_help)
{
	static const int opts[] = { SO_REUSEADDR, SO_REUSEPORT };
	static const int flags[] = { FLAG(REUSEADDR), FLAG(REUSEPORT) };
	struct question q = TCP(.ip = "127.0.0.1");
	int i, holder;

	for (i = 0; i < 4; i++) {
		q.proto = i / 2 ? IPPROTO_UDP : IPPROTO_TCP;
		holder = sock_bound_with("127.0.0.1",
					 i / 2 ? SOCK_DGRAM : SOCK_STREAM,
					 opts[i % 2], PORT);
		q.flags = flags[i % 2];
		allowed(_metadata, &self->nl, &q);
		q.flags = flags[!(i % 2)];
		refused(_metadata, &self->nl, &q, RULE(ADDRESS_IN_USE),
			holder);
		close(holder);
	}
}

TEST_F(check, v6only_beside_v4)
{
	struct question q = TCP(.ip = "::", .flags = FLAG(V6ONLY));
	int holder = sock_bound("0.0.0.0", SOCK_STREAM, PORT);

	allowed(_metadata, &self->nl, &q);
	q.flags = 0;
	refused(_metadata, &self->nl, &q, RULE(DUAL_STACK_COVERS), holder);
}

TEST_F(check, reuseaddr_holder_listening)
{
	struct question q = TCP(.ip = "127.0.0.1", .flags = FLAG(REUSEADDR));
	int holder = sock_bound_with("127.0.0.1", SOCK_STREAM, SO_REUSEADDR, PORT);

	allowed(_metadata, &self->nl, &q);
	ASSERT_EQ(0, sock_listen(holder));
	refused(_metadata, &self->nl, &q, RULE(REUSEADDR_HOLDER_LISTENING),
		holder);
}

/* bind() remembers what the holder permitted when bound; listen() does not. */
TEST_F(check, listen)
{
	struct question q = TCP(.ip = "127.0.0.1", .flags = FLAG(REUSEADDR));
	int holder = sock_bound_with("127.0.0.1", SOCK_STREAM, SO_REUSEADDR, PORT);
	struct pt_check c;

	sock_set(holder, SOL_SOCKET, SO_REUSEADDR, 0);
	/* Since 6.8, a port does not remember its first socket. */
	if (kernel_before(6, 8))
		allowed(_metadata, &self->nl, &q);
	q.listen = true;
	c = refused(_metadata, &self->nl, &q, RULE(ADDRESS_IN_USE), holder);
	EXPECT_EQ(kernel_before(6, 8) ? PORTOWNER_REJECT_OP_LISTEN :
					PORTOWNER_REJECT_OP_BIND,
		  c.op);
	sock_set(holder, SOL_SOCKET, SO_REUSEADDR, 1);
	allowed(_metadata, &self->nl, &q);
	/* it listened, so the port forgot */
	sock_set(holder, SOL_SOCKET, SO_REUSEADDR, 0);
	c = refused(_metadata, &self->nl, &q, RULE(ADDRESS_IN_USE), holder);
	EXPECT_EQ(PORTOWNER_REJECT_OP_BIND, c.op);
}

TEST_F(check, time_wait)
{
	struct question q = TCP(.ip = "127.0.0.1", .flags = FLAG(REUSEADDR));
	struct pt_check c;

	q.port = sock_time_wait("127.0.0.1", 0);
	c = agree(_metadata, &self->nl, &q);
	EXPECT_EQ(RULE(TIME_WAIT), c.rule);
	ASSERT_EQ(1, c.n_culprits);
	EXPECT_EQ(PORTOWNER_STATE_TIME_WAIT, c.culprits[0].state);
	q.port = sock_time_wait("127.0.0.1", 1);
	allowed(_metadata, &self->nl, &q);
}

TEST_F(check, connected_client)
{
	struct question q = TCP(.ip = "127.0.0.1", .flags = FLAG(REUSEADDR));
	struct sock_pair pair;

	sock_pair(&pair, "127.0.0.1", 0);
	q.port = sock_port(pair.client);
	refused(_metadata, &self->nl, &q, RULE(ADDRESS_IN_USE), pair.client);
}

TEST_F(check, address_not_local)
{
	static const struct question questions[] = {
		TCP(.ip = "192.0.2.1"), TCP(.ip = "2001:db8::1"),
		UDP(.ip = "192.0.2.1"), UDP(.ip = "2001:db8::1"),
		TCP(.ip = "::ffff:192.0.2.1"),
	};
	struct question q;
	int i;

	for (i = 0; i < ARRAY_SIZE(questions); i++) {
		q = questions[i];
		refused(_metadata, &self->nl, &q, RULE(ADDRESS_NOT_LOCAL), -1);
		q.flags = FLAG(FREEBIND);
		allowed(_metadata, &self->nl, &q);
		q.flags = FLAG(TRANSPARENT);
		allowed(_metadata, &self->nl, &q);
	}
}

TEST_F(check, invalid_argument)
{
	static const struct question questions[] = {
		TCP(.ip = "::ffff:127.0.0.1", .flags = FLAG(V6ONLY)),
		UDP(.ip = "::ffff:127.0.0.1", .flags = FLAG(V6ONLY)),
		TCP(.ip = "ff02::1"),
		TCP(.ip = "fe80::1"),
		UDP(.ip = "ff02::1"),
		UDP(.ip = "fe80::1"),
	};
	static const struct question fine = UDP(.ip = "224.0.0.7");
	int i;

	for (i = 0; i < ARRAY_SIZE(questions); i++)
		refused(_metadata, &self->nl, &questions[i],
			RULE(INVALID_ARGUMENT), -1);
	allowed(_metadata, &self->nl, &fine);
}

/* It binds nothing, logs nothing, and records no binder. */
TEST_F(check, binds_nothing)
{
	static const struct question questions[] = {
		TCP(.ip = "127.0.0.1"), TCP(.ip = "::1", .listen = true),
		TCP_AT(0, .ip = "::"), UDP(.ip = "127.0.0.1"),
		TCP_AT(PORT + 1, .ip = "127.0.0.1"),
		TCP(.ip = "192.0.2.1"),
	};
	__u64 seen;
	int i;

	sock_bound("127.0.0.1", SOCK_STREAM, PORT + 1);
	seen = pt_stats(&self->nl).seen;
	for (i = 0; i < ARRAY_SIZE(questions); i++)
		EXPECT_EQ(0, pt_check(&self->nl, &questions[i]).failed);
	EXPECT_EQ(seen, pt_stats(&self->nl).seen);
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).n);
	EXPECT_EQ(1, pt_socks(&self->nl, NULL).n);
}

/* Above ten sockets, UDP also searches by address. */
TEST_F(check, crowded_udp_port)
{
	static const char * const ips[] = {
		"127.0.0.1", "127.0.0.200", "0.0.0.0", "::", "::1",
		"::ffff:127.0.0.1", "::ffff:127.0.0.200",
	};
	struct question q = { .proto = IPPROTO_UDP, .port = PORT };
	struct pt_check c;
	char ip[INET_ADDRSTRLEN];
	int i, k;

	for (i = 1; i <= 12; i++) {
		snprintf(ip, sizeof(ip), "127.0.0.%d", i);
		sock_bound(ip, SOCK_DGRAM, PORT);
		for (k = 0; i > 8 && k < ARRAY_SIZE(ips); k++) {
			q.ip = ips[k];
			agree(_metadata, &self->nl, &q);
		}
	}
	/* old kernels overlook them there */
	q.ip = "0.0.0.0";
	c = agree(_metadata, &self->nl, &q);
	EXPECT_EQ(c.refused ? 12 : 0, c.n_culprits);
	q.ip = "127.0.0.200";
	allowed(_metadata, &self->nl, &q);
}

/* More sockets than are compared under the lock of their bucket. */
TEST_F(check, very_crowded_udp_port)
{
	struct question q = {
		.proto = IPPROTO_UDP, .ip = "127.0.0.1", .port = PORT,
		.flags = FLAG(REUSEADDR),
	};
	int i;

	for (i = 0; i < 600; i++)
		sock_bound_with("127.0.0.1", SOCK_DGRAM, SO_REUSEADDR, PORT);
	allowed(_metadata, &self->nl, &q);
	q.flags = 0;
	EXPECT_EQ(EADDRINUSE, agree(_metadata, &self->nl, &q).err);
	/* The kernel would choose that port, but the forecast gives up on it. */
	sysctl_write("ipv4/ip_local_port_range", "4000 4000");
	q.flags = FLAG(REUSEADDR);
	q.port = 0;
	EXPECT_EQ(EADDRINUSE, pt_check(&self->nl, &q).err);
}

/* The namespace of the socket that asks counts. */
TEST_F(check, another_namespace)
{
	const struct question q = TCP(.ip = "0.0.0.0");
	int holder = sock_bound("127.0.0.1", SOCK_STREAM, PORT);
	int here = ns_open();
	struct nl there;

	ns_enter();
	ASSERT_EQ(0, nl_open(&there));
	allowed(_metadata, &there, &q);
	ns_switch(here);
	refused(_metadata, &self->nl, &q, RULE(WILDCARD_COVERS), holder);
	EXPECT_EQ(0, pt_check(&there, &q).n_culprits);
	EXPECT_FALSE(pt_check(&there, &q).refused);
}

static int sctp_holder(int reuseaddr, int reuseport)
{
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);

	if (fd < 0)
		die_errno("sctp");
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, reuseaddr);
	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, reuseport);
	if (sock_bind(fd, "127.0.0.1", PORT))
		die_errno("sctp bind");
	return fd;
}

/* What counts is how the sockets were bound, not what they are now. */
TEST_F(check, sctp_remembers)
{
	const struct question addr = {
		.proto = IPPROTO_SCTP, .ip = "127.0.0.1", .port = PORT,
		.flags = FLAG(REUSEADDR),
	};
	const struct question port = {
		.proto = IPPROTO_SCTP, .ip = "127.0.0.1", .port = PORT,
		.flags = FLAG(REUSEPORT), .listen = true,
	};
	int fd = sctp_holder(1, 1);

	allowed(_metadata, &self->nl, &addr);
	ASSERT_EQ(0, sock_listen(fd));
	/* With SO_REUSEPORT, listening does not make the port forget. */
	allowed(_metadata, &self->nl, &addr);
	allowed(_metadata, &self->nl, &port);
	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 0);
	allowed(_metadata, &self->nl, &port);
	close(fd);

	fd = sctp_holder(1, 0);
	refused(_metadata, &self->nl, &port, RULE(ADDRESS_IN_USE), fd);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 0);
	allowed(_metadata, &self->nl, &addr);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, sock_listen(fd));
	refused(_metadata, &self->nl, &addr,
		RULE(REUSEADDR_HOLDER_LISTENING), fd);
	close(fd);
}

/* An option of its own, with the effect of SO_REUSEADDR. */
TEST_F(check, sctp_reuse_port)
{
	const struct question q = {
		.proto = IPPROTO_SCTP, .ip = "127.0.0.1", .port = PORT,
		.flags = FLAG(REUSEADDR),
	};
	int fd = socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP);

	ASSERT_LE(0, fd);
	sock_set(fd, IPPROTO_SCTP, SCTP_REUSE_PORT, 1);
	ASSERT_EQ(0, sock_bind(fd, "127.0.0.1", PORT));
	allowed(_metadata, &self->nl, &q);
	ASSERT_EQ(0, sock_listen(fd));
	refused(_metadata, &self->nl, &q, RULE(REUSEADDR_HOLDER_LISTENING), fd);
}

TEST_HARNESS_MAIN
