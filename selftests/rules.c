// SPDX-License-Identifier: GPL-2.0
/* The rule that the log names, for each way that the kernel refuses. */
#define _GNU_SOURCE

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	3000

FIXTURE(rules)
{
	struct nl nl;
};

FIXTURE_SETUP(rules)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	sysctl_write("ipv4/ip_unprivileged_port_start", "1024");
}

FIXTURE_TEARDOWN(rules)
{
	nl_close(&self->nl);
}

static const struct overlap {
	const char *holder, *binder;
	bool holder_v6only, binder_v6only;
	int rule;
} overlaps[] = {
	{ "127.0.0.1", "127.0.0.1", false, false,
	  PORTOWNER_RULE_ADDRESS_IN_USE },
	{ "::1", "::1", false, false, PORTOWNER_RULE_ADDRESS_IN_USE },
	{ "0.0.0.0", "0.0.0.0", false, false, PORTOWNER_RULE_ADDRESS_IN_USE },
	{ "::", "::", true, true, PORTOWNER_RULE_ADDRESS_IN_USE },
	{ "::", "::", false, false, PORTOWNER_RULE_ADDRESS_IN_USE },
	{ "::ffff:127.0.0.1", "127.0.0.1", false, false,
	  PORTOWNER_RULE_ADDRESS_IN_USE },
	{ "0.0.0.0", "127.0.0.1", false, false,
	  PORTOWNER_RULE_WILDCARD_COVERS },
	{ "127.0.0.1", "0.0.0.0", false, false,
	  PORTOWNER_RULE_WILDCARD_COVERS },
	{ "::", "::1", true, false, PORTOWNER_RULE_WILDCARD_COVERS },
	{ "::", "::1", false, false, PORTOWNER_RULE_WILDCARD_COVERS },
	{ "::1", "::", false, true, PORTOWNER_RULE_WILDCARD_COVERS },
	{ "::1", "::", false, false, PORTOWNER_RULE_WILDCARD_COVERS },
	{ "::", "0.0.0.0", false, false, PORTOWNER_RULE_DUAL_STACK_COVERS },
	{ "::", "127.0.0.1", false, false, PORTOWNER_RULE_DUAL_STACK_COVERS },
	{ "0.0.0.0", "::", false, false, PORTOWNER_RULE_DUAL_STACK_COVERS },
	{ "127.0.0.1", "::", false, false, PORTOWNER_RULE_DUAL_STACK_COVERS },
};

static int open_v6only(const char *ip, int type, bool v6only)
{
	int fd = sock_new(ip, type);

	if (v6only)
		sock_set(fd, SOL_IPV6, IPV6_V6ONLY, 1);
	return fd;
}

static void try_overlaps(struct __test_metadata *_metadata, struct nl *nl,
			 int type)
{
	const struct overlap *o = overlaps;
	struct pt_reject *r;
	int holder, fd;

	for (; o < overlaps + ARRAY_SIZE(overlaps); o++) {
		holder = open_v6only(o->holder, type, o->holder_v6only);
		ASSERT_EQ(0, sock_bind(holder, o->holder, PORT));
		fd = open_v6only(o->binder, type, o->binder_v6only);
		ASSERT_EQ(-EADDRINUSE, sock_bind(fd, o->binder, PORT));
		r = pt_last_reject(nl);
		ASSERT_NE(NULL, r);
		EXPECT_EQ(o - overlaps + 1, r->seq);
		EXPECT_EQ(o->rule, r->rule)
			TH_LOG("holder %s, binder %s", o->holder, o->binder);
		ASSERT_EQ(1, r->n_culprits);
		EXPECT_EQ(sock_cookie(holder), r->culprits[0].cookie);
		close(holder);
		close(fd);
	}
}

TEST_F(rules, overlap_tcp)
{
	try_overlaps(_metadata, &self->nl, SOCK_STREAM);
}

TEST_F(rules, overlap_udp)
{
	try_overlaps(_metadata, &self->nl, SOCK_DGRAM);
}

/* One option alone does not help; the rule is still the address. */
TEST_F(rules, reuseaddr_on_one_side)
{
	struct pt_reject *r;
	int fd;

	sock_bound("127.0.0.1", SOCK_STREAM, PORT);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
	EXPECT_EQ(PORTOWNER_SOCK_FLAG_REUSEADDR, r->flags);
}

static void other_users_reuseport(struct __test_metadata *_metadata,
				  struct nl *nl, int type)
{
	struct pt_reject *r;
	int holder, fd;

	proc_fs_uid(USER);
	holder = sock_new("127.0.0.1", type);
	proc_fs_uid(0);
	sock_set(holder, SOL_SOCKET, SO_REUSEPORT, 1);
	ASSERT_EQ(0, sock_bind(holder, "127.0.0.1", PORT));
	fd = sock_new("127.0.0.1", type);
	sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	r = pt_only_reject(nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_RULE_REUSEPORT_UID_DIFFERS, r->rule);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(holder), r->culprits[0].cookie);
	EXPECT_EQ(USER, r->culprits[0].uid);
	EXPECT_TRUE(r->culprits[0].flags & PORTOWNER_SOCK_FLAG_REUSEPORT);
}

TEST_F(rules, reuseport_uid_tcp)
{
	other_users_reuseport(_metadata, &self->nl, SOCK_STREAM);
}

TEST_F(rules, reuseport_uid_udp)
{
	other_users_reuseport(_metadata, &self->nl, SOCK_DGRAM);
}

static int reuseaddr_socket(int port)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);

	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (port && sock_bind(fd, "127.0.0.1", port))
		return -1;
	return fd;
}

TEST_F(rules, reuseaddr_holder_listening)
{
	struct pt_reject *r;
	int holder, fd;

	holder = reuseaddr_socket(PORT);
	ASSERT_LE(0, holder);
	ASSERT_EQ(0, sock_listen(holder));
	fd = reuseaddr_socket(0);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_BIND, r->op);
	EXPECT_EQ(PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING, r->rule);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(PORTOWNER_STATE_LISTEN, r->culprits[0].state);
	EXPECT_EQ(sock_cookie(holder), r->culprits[0].cookie);
}

/* Both may bind, but only the first may listen. */
TEST_F(rules, listen_of_the_second)
{
	struct pt_reject *r;
	int first, second;

	first = reuseaddr_socket(PORT);
	second = reuseaddr_socket(PORT);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	ASSERT_EQ(0, sock_listen(first));
	ASSERT_EQ(-EADDRINUSE, sock_listen(second));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_LISTEN, r->op);
	EXPECT_EQ(EADDRINUSE, r->err);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(4, r->addr_len);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), *(__u32 *)r->addr);
	EXPECT_EQ(PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING, r->rule);
	/* it also has the port, but is not in its own way */
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(first), r->culprits[0].cookie);
}

TEST_F(rules, time_wait)
{
	static const char * const ips[] = { "127.0.0.1", "::1" };
	struct pt_reject *r;
	int i, port, fd;

	for (i = 0; i < 2; i++) {
		port = sock_time_wait(ips[i], 0);
		ASSERT_EQ(1, pt_port(&self->nl, port, PT_BIT(TIME_WAIT)).n);
		fd = sock_new(ips[i], SOCK_STREAM);
		sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(-EADDRINUSE, sock_bind(fd, ips[i], port));
		r = pt_last_reject(&self->nl);
		ASSERT_NE(NULL, r);
		EXPECT_EQ(port, r->port);
		EXPECT_EQ(PORTOWNER_RULE_TIME_WAIT, r->rule);
		ASSERT_EQ(1, r->n_culprits);
		EXPECT_EQ(PORTOWNER_STATE_TIME_WAIT, r->culprits[0].state);
		EXPECT_EQ(0, r->culprits[0].n_owners);
		EXPECT_FALSE(r->culprits[0].has_uid);
	}
}

TEST_F(rules, connected_client)
{
	struct sock_pair pair;
	struct pt_reject *r;
	int fd;

	sock_pair(&pair, "127.0.0.1", 0);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE,
		  sock_bind(fd, "127.0.0.1", sock_port(pair.client)));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(pair.client), r->culprits[0].cookie);
	EXPECT_EQ(PORTOWNER_STATE_ESTABLISHED, r->culprits[0].state);
	ASSERT_EQ(1, r->culprits[0].n_owners);
	EXPECT_EQ(pair.client, r->culprits[0].owners[0].fd);
}

/* Leftovers of an old server, in the way of its successor. */
TEST_F(rules, accepted_child)
{
	struct sock_pair pair;
	struct pt_reject *r;
	int fd;

	sock_pair(&pair, "127.0.0.1", 0);
	close(pair.listener);
	fd = reuseaddr_socket(0);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "0.0.0.0", pair.port));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_RULE_WILDCARD_COVERS, r->rule);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(pair.child), r->culprits[0].cookie);
}

TEST_F(rules, address_not_local)
{
	static const char * const ips[] = { "192.0.2.1", "2001:db8::1" };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	unsigned char addr[16];
	struct pt_reject *r;
	int i, fd, len;

	for (i = 0; i < 4; i++) {
		fd = sock_new(ips[i % 2], types[i / 2]);
		ASSERT_EQ(-EADDRNOTAVAIL, sock_bind(fd, ips[i % 2], PORT));
		r = pt_last_reject(&self->nl);
		ASSERT_NE(NULL, r);
		EXPECT_EQ(i + 1, r->seq);
		EXPECT_EQ(EADDRNOTAVAIL, r->err);
		EXPECT_EQ(PORTOWNER_RULE_ADDRESS_NOT_LOCAL, r->rule);
		EXPECT_EQ(PORT, r->port);
		len = sock_addr_bytes(ips[i % 2], addr);
		EXPECT_EQ(len, r->addr_len);
		EXPECT_EQ(0, memcmp(addr, r->addr, len));
		EXPECT_EQ(0, r->n_culprits);
	}
}

TEST_F(rules, privileged_port)
{
	static const char * const ips[] = { "127.0.0.1", "::1" };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct pt_reject *r;
	struct nl nl;
	int i, fd;

	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	for (i = 0; i < 4; i++) {
		fd = sock_new(ips[i % 2], types[i / 2]);
		ASSERT_EQ(-EACCES, sock_bind(fd, ips[i % 2], 80));
		ASSERT_EQ(0, close(fd));
		r = pt_last_reject(&nl);
		ASSERT_NE(NULL, r);
		EXPECT_EQ(i + 1, r->seq);
		EXPECT_EQ(EACCES, r->err);
		EXPECT_EQ(80, r->port);
		EXPECT_EQ(USER, r->uid);
		EXPECT_EQ(PORTOWNER_RULE_PRIVILEGED_PORT, r->rule);
		EXPECT_EQ(0, r->n_culprits);
	}
}

TEST_F(rules, already_bound)
{
	static const char * const ips[] = { "127.0.0.1", "::1" };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct pt_reject *r;
	int i, fd;

	for (i = 0; i < 4; i++) {
		fd = sock_bound(ips[i % 2], types[i / 2], PORT);
		ASSERT_EQ(-EINVAL, sock_bind(fd, ips[i % 2], PORT + 1));
		r = pt_last_reject(&self->nl);
		ASSERT_NE(NULL, r);
		EXPECT_EQ(i + 1, r->seq);
		EXPECT_EQ(EINVAL, r->err);
		EXPECT_EQ(PORT + 1, r->port);
		EXPECT_EQ(PORTOWNER_RULE_ALREADY_BOUND, r->rule);
	}
}

/* An address that is too short; the bytes after it must not be reported. */
TEST_F(rules, short_address)
{
	static const char * const ips[] = { "127.0.0.1", "::1" };
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	union sock_addr addr;
	struct pt_reject *r;
	int i, fd;

	for (i = 0; i < 4; i++) {
		fd = sock_new(ips[i % 2], types[i / 2]);
		sock_addr(&addr, ips[i % 2], PORT);
		ASSERT_EQ(-1, bind(fd, &addr.sa, sizeof(__u16)));
		ASSERT_EQ(EINVAL, errno);
		r = pt_last_reject(&self->nl);
		ASSERT_NE(NULL, r);
		EXPECT_EQ(i + 1, r->seq);
		EXPECT_EQ(EINVAL, r->err);
		EXPECT_EQ(PORTOWNER_RULE_INVALID_ARGUMENT, r->rule);
		EXPECT_EQ(0, r->port);
		EXPECT_EQ(getpid(), r->pid);
	}
}

TEST_F(rules, v4_mapped_on_v6only)
{
	int fd = open_v6only("::", SOCK_STREAM, true);
	struct pt_reject *r;

	ASSERT_EQ(-EINVAL, sock_bind(fd, "::ffff:127.0.0.1", PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(PORTOWNER_RULE_INVALID_ARGUMENT, r->rule);
	EXPECT_TRUE(r->flags & PORTOWNER_SOCK_FLAG_V6ONLY);
}

/* Any port was requested, and none is left. */
TEST_F(rules, ephemeral_exhausted)
{
	struct pt_reject *r;
	int fd;

	sysctl_write("ipv4/ip_local_port_range", "40000 40001");
	sock_bound("127.0.0.1", SOCK_STREAM, 40000);
	sock_bound("127.0.0.1", SOCK_STREAM, 40001);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", 0));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_BIND, r->op);
	EXPECT_EQ(0, r->port);
	EXPECT_EQ(PORTOWNER_RULE_EPHEMERAL_EXHAUSTED, r->rule);
}

TEST_HARNESS_MAIN
