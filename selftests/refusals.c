// SPDX-License-Identifier: GPL-2.0
/*
 * Every way to request a port and be refused: one record each, of the request.
 * TCP's connect() has a file of its own, connect.c.
 */
#define _GNU_SOURCE
#include <errno.h>

#include "lib/refusals.h"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

/* ---- bind ---- */

TEST_F(refusals, bind_family)
{
	int fd = sock_new(variant->ip, SOCK_STREAM);
	union sock_addr addr;
	struct pt_reject *r;

	sock_addr(&addr, variant->ip, PORT);
	addr.sa.sa_family = AF_UNIX;
	ASSERT_EQ(-1, bind(fd, &addr.sa, sizeof(addr)));
	ASSERT_EQ(EAFNOSUPPORT, errno);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	/* an address of an unknown family is none */
	EXPECT_ASKED(r, BIND, EAFNOSUPPORT, variant->any, 0);
	EXPECT_EQ(PORTOWNER_RULE_INVALID_ARGUMENT, r->rule);
}

/* The family is that of the socket, the address is the requested one. */
TEST_F(refusals, bind_other_family)
{
	const char *other = variant->family == AF_INET6 ? "127.0.0.1" : "::1";
	int fd = sock_new(variant->ip, SOCK_STREAM);
	unsigned char asked[16];
	union sock_addr addr;
	struct pt_reject *r;

	sock_addr(&addr, other, PORT);
	ASSERT_EQ(-1, bind(fd, &addr.sa, sizeof(addr)));
	ASSERT_EQ(EAFNOSUPPORT, errno);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(variant->family, r->family);
	EXPECT_EQ(PORT, r->port);
	EXPECT_EQ(sock_addr_bytes(other, asked), r->addr_len);
	EXPECT_EQ(0, memcmp(asked, r->addr, r->addr_len));
}

TEST_F(refusals, bind_device)
{
	struct sockaddr_in6 addr = {
		.sin6_family = AF_INET6,
		.sin6_port = htons(PORT),
		.sin6_scope_id = 4711,
	};
	struct pt_reject *r;
	int fd;

	if (variant->family != AF_INET6)
		return;
	sock_addr_bytes("fe80::1", &addr.sin6_addr);
	fd = sock_new(variant->ip, SOCK_DGRAM);
	ASSERT_EQ(-1, bind(fd, (void *)&addr, sizeof(addr)));
	ASSERT_EQ(ENODEV, errno);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, BIND, ENODEV, "fe80::1", PORT);
	EXPECT_EQ(PORTOWNER_RULE_INVALID_ARGUMENT, r->rule);
}

TEST_F(refusals, bind_connected)
{
	struct sock_pair pair;
	struct pt_reject *r;

	sock_pair(&pair, variant->ip, 0);
	ASSERT_EQ(-EINVAL, sock_bind(pair.client, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, BIND, EINVAL, variant->ip, PORT);
	EXPECT_EQ(PORTOWNER_RULE_ALREADY_BOUND, r->rule);
}

TEST_F(refusals, bind_exhausted)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };
	struct pt_reject *r;
	int i, fd;

	for (i = 0; i < 2; i++) {
		take_range(variant->ip, types[i]);
		fd = sock_new(variant->ip, types[i]);
		ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, 0));
		ASSERT_EQ(i + 1, nr_seen(&self->nl));
		r = pt_last_reject(&self->nl);
		EXPECT_ASKED(r, BIND, EADDRINUSE, variant->ip, 0);
		EXPECT_EXHAUSTED(r);
	}
}

/* ---- listen ---- */

TEST_F(refusals, listen_unbound)
{
	int fd = sock_new(variant->ip, SOCK_STREAM);
	struct pt_reject *r;

	take_range(variant->any, SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_listen(fd));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, LISTEN, EADDRINUSE, variant->any, 0);
	EXPECT_EXHAUSTED(r);
}

/* Sockets that cannot listen at all are not refused a port. */
TEST_F(refusals, listen_datagram)
{
	ASSERT_EQ(-EOPNOTSUPP,
		  sock_listen(sock_bound(variant->ip, SOCK_DGRAM, PORT)));
	EXPECT_EQ(0, nr_seen(&self->nl));
}

/* Other sockets of its protocol can listen, but it cannot. */
TEST_F(refusals, listen_raw)
{
	int fd = socket(variant->family, SOCK_RAW, IPPROTO_TCP);

	ASSERT_LE(0, fd);
	ASSERT_EQ(-EOPNOTSUPP, sock_listen(fd));
	EXPECT_EQ(0, nr_seen(&self->nl));
}

TEST_F(refusals, listen_connected)
{
	struct sock_pair pair;
	struct pt_reject *r;

	sock_pair(&pair, variant->ip, 0);
	ASSERT_EQ(-EINVAL, sock_listen(pair.client));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, LISTEN, EINVAL, variant->ip, sock_port(pair.client));
	EXPECT_EQ(PORTOWNER_RULE_INVALID_ARGUMENT, r->rule);
}

/* ---- automatic binds: UDP ---- */

TEST_F(refusals, sendto_exhausted)
{
	int fd = sock_new(variant->ip, SOCK_DGRAM);
	union sock_addr addr;
	struct pt_reject *r;
	socklen_t len;

	take_range(variant->any, SOCK_DGRAM);
	len = sock_addr(&addr, variant->ip, PORT);
	ASSERT_EQ(-1, sendto(fd, "x", 1, 0, &addr.sa, len));
	ASSERT_EQ(EAGAIN, errno);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EAGAIN, variant->any, 0);
	EXPECT_EQ(IPPROTO_UDP, r->proto);
	EXPECT_EXHAUSTED(r);
}

TEST_F(refusals, connect_datagram_exhausted)
{
	int fd = sock_new(variant->ip, SOCK_DGRAM);
	struct pt_reject *r;

	take_range(variant->any, SOCK_DGRAM);
	ASSERT_EQ(-EAGAIN, sock_connect(fd, variant->ip, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EAGAIN, variant->any, 0);
	EXPECT_EXHAUSTED(r);
}

TEST_F(refusals, sendto_no_port)
{
	int fd = sock_new(variant->ip, SOCK_DGRAM);
	union sock_addr addr;
	struct pt_reject *r;
	socklen_t len;

	take_range(variant->any, SOCK_DGRAM);
	sock_set(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
	ASSERT_EQ(0, sock_bind(fd, variant->ip, 0));
	len = sock_addr(&addr, variant->ip, PORT);
	ASSERT_EQ(-1, sendto(fd, "x", 1, 0, &addr.sa, len));
	ASSERT_EQ(EAGAIN, errno);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, AUTOBIND, EAGAIN, variant->ip, 0);
	EXPECT_EXHAUSTED(r);
}

/* A port obtained by sending has a binder, as if it had been bound. */
TEST_F(refusals, sendto_binder)
{
	int fd = sock_new(variant->ip, SOCK_DGRAM);
	union sock_addr addr;
	struct pt_sock *sock;
	socklen_t len;

	sock_bound(variant->ip, SOCK_DGRAM, PORT);
	len = sock_addr(&addr, variant->ip, PORT);
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, &addr.sa, len));
	sock = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, sock);
	EXPECT_TRUE(sock->binder.present);
	EXPECT_EQ(getpid(), sock->binder.pid);
	EXPECT_EQ(0, nr_seen(&self->nl));
}

/* ---- other protocols ---- */

/* Returns false if the kernel lacks the protocol. */
static bool two_sockets(int fd[2], int family, int type, int proto)
{
	fd[0] = socket(family, type, proto);
	fd[1] = socket(family, type, proto);

	return fd[0] >= 0 && fd[1] >= 0;
}

static void expect_second_refused(struct __test_metadata *_metadata,
				  struct nl *nl, const int fd[2],
				  const char *ip, int proto)
{
	struct pt_reject *r;

	ASSERT_EQ(0, sock_bind(fd[0], ip, PORT));
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd[1], ip, PORT));
	r = pt_only_reject(nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, BIND, EADDRINUSE, ip, PORT);
	EXPECT_EQ(proto, r->proto);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
}

TEST_F(refusals, udplite)
{
	int fd[2];

	if (!two_sockets(fd, variant->family, SOCK_DGRAM, IPPROTO_UDPLITE))
		SKIP(return, "no UDP-Lite in this kernel");
	expect_second_refused(_metadata, &self->nl, fd, variant->ip,
			      IPPROTO_UDPLITE);
}

TEST_F(refusals, raw)
{
	struct pt_reject *r;
	int fd;

	fd = socket(variant->family, SOCK_RAW, IPPROTO_UDP);
	ASSERT_LE(0, fd);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_bind(fd, variant->foreign, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, BIND, EADDRNOTAVAIL, variant->foreign, PORT);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_NOT_LOCAL, r->rule);
	EXPECT_EQ(0, r->n_culprits);
}

/* A raw socket of IPv4 takes any address for one of IPv4. */
TEST_F(refusals, raw_other_family)
{
	union sock_addr addr;
	struct pt_reject *r;
	int fd;

	if (variant->family != AF_INET)
		return;
	fd = socket(variant->family, SOCK_RAW, IPPROTO_UDP);
	ASSERT_LE(0, fd);
	sock_addr(&addr, variant->foreign, PORT);
	addr.sa.sa_family = AF_INET6;
	ASSERT_EQ(-1, bind(fd, &addr.sa, sizeof(addr.in6)));
	ASSERT_EQ(EADDRNOTAVAIL, errno);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, BIND, EADDRNOTAVAIL, variant->foreign, PORT);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_NOT_LOCAL, r->rule);
}

TEST_F(refusals, ping)
{
	struct pt_reject *r;
	int fd;

	sysctl_write("ipv4/ping_group_range", "0 0");
	fd = socket(variant->family, SOCK_DGRAM, variant->family == AF_INET ?
		    IPPROTO_ICMP : IPPROTO_ICMPV6);
	ASSERT_LE(0, fd);
	ASSERT_EQ(-EADDRNOTAVAIL, sock_bind(fd, variant->foreign, PORT));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, BIND, EADDRNOTAVAIL, variant->foreign, PORT);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_NOT_LOCAL, r->rule);
}

#define NO_SCTP	"no SCTP in this kernel"

TEST_F(refusals, sctp)
{
	int fd[2];

	if (!two_sockets(fd, variant->family, SOCK_STREAM, IPPROTO_SCTP))
		SKIP(return, NO_SCTP);
	expect_second_refused(_metadata, &self->nl, fd, variant->ip,
			      IPPROTO_SCTP);
}

/* Both may bind with SO_REUSEADDR, but only the first may listen. */
TEST_F(refusals, sctp_listen)
{
	struct pt_reject *r;
	int fd[2], i;

	if (!two_sockets(fd, variant->family, SOCK_STREAM, IPPROTO_SCTP))
		SKIP(return, NO_SCTP);
	for (i = 0; i < 2; i++) {
		sock_set(fd[i], SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, sock_bind(fd[i], variant->ip, PORT));
	}
	ASSERT_EQ(0, sock_listen(fd[0]));
	ASSERT_EQ(-EADDRINUSE, sock_listen(fd[1]));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_LISTEN, r->op);
	EXPECT_EQ(EADDRINUSE, r->err);
	EXPECT_EQ(IPPROTO_SCTP, r->proto);
	EXPECT_EQ(PORT, r->port);
}

TEST_F(refusals, sctp_listen_unbound)
{
	struct pt_reject *r;
	int port, fd;

	for (port = FIRST; port <= LAST; port++) {
		fd = socket(variant->family, SOCK_STREAM, IPPROTO_SCTP);
		if (fd < 0)
			SKIP(return, NO_SCTP);
		ASSERT_EQ(0, sock_bind(fd, variant->any, port));
	}
	fd = socket(variant->family, SOCK_STREAM, IPPROTO_SCTP);
	ASSERT_EQ(-EAGAIN, sock_listen(fd));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_ASKED(r, LISTEN, EAGAIN, variant->any, 0);
	EXPECT_EQ(PORTOWNER_RULE_EPHEMERAL_EXHAUSTED, r->rule);
}

/* ---- the exhausted range ---- */

#define RANGES	16	/* PO_RANGES_COUNTED */

static void hold(struct proc *parent, void *arg)
{
	const char *ip = arg;

	proc_name("hoarder");
	proc_become(USER, NO_CAP);
	sock_bound(ip, SOCK_STREAM, FIRST);
	sock_bound(ip, SOCK_STREAM, FIRST + 2);
	proc_tell(parent);
	proc_await(parent);
}

static void take_rest(const char *ip)
{
	int port;

	for (port = FIRST + 1; port <= LAST; port++)
		sock_bound(ip, SOCK_STREAM, port);
}

/* The largest holder comes first, and only as visible to the reader. */
TEST_F(refusals, range_holders)
{
	struct pt_range *range;
	struct proc child;
	struct nl nl;
	int i, fd;

	sysctl_write("ipv4/ip_local_reserved_ports", "40003");
	proc_start(&child, hold, (void *)variant->ip);
	proc_await(&child);
	sock_bound(variant->ip, SOCK_STREAM, FIRST + 1);
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, 0));
	range = &pt_only_reject(&self->nl)->range;
	ASSERT_TRUE(range->present);
	EXPECT_EQ(FIRST, range->first);
	EXPECT_EQ(LAST, range->last);
	EXPECT_EQ(1, range->reserved);
	EXPECT_EQ(3, range->taken);
	ASSERT_EQ(2, range->n_holders);
	EXPECT_EQ(child.pid, range->holders[0].pid);
	EXPECT_EQ(USER, range->holders[0].uid);
	EXPECT_EQ(2, range->holders[0].ports);
	EXPECT_STREQ("hoarder", range->holders[0].comm);
	EXPECT_EQ(getpid(), range->holders[1].pid);
	EXPECT_EQ(1, range->holders[1].ports);

	/* another user sees own refusals, and no other user's processes */
	proc_become(USER + 1, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, 0));
	range = &pt_last_reject(&nl)->range;
	ASSERT_TRUE(range->present);
	EXPECT_EQ(3, range->taken);
	for (i = 0; i < range->n_holders; i++)
		EXPECT_EQ(getpid(), range->holders[i].pid);
	proc_end(&child);
}

/*
 * The refused process does not count the ports, the first reader does: ports
 * taken in between are reported, and later readers are told the same.
 */
TEST_F(refusals, range_counted_once)
{
	struct pt_reject *r;
	struct pt_range first;
	int fd, freed;

	freed = sock_bound(variant->ip, SOCK_STREAM, FIRST);
	take_rest(variant->ip);
	fd = sock_new(variant->ip, SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, 0));
	close(freed);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	first = r->range;
	ASSERT_TRUE(first.present);
	EXPECT_EQ(LAST - FIRST, first.taken);
	EXPECT_LT(r->time, first.time);

	sock_bound(variant->ip, SOCK_STREAM, FIRST);
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(LAST - FIRST, r->range.taken);
	EXPECT_EQ(first.time, r->range.time);
}

/* One dump counts the ports of some ranges only, and the next one those of others. */
TEST_F(refusals, many_ranges)
{
	struct pt_rejects log;
	char range[32], ip[32];
	int i, n, fd;

	if (variant->family != AF_INET)
		return;
	fd = sock_new(variant->ip, SOCK_DGRAM);
	for (i = 1; i <= RANGES + 2; i++) {
		snprintf(range, sizeof(range), "%d %d", FIRST + i, FIRST + i);
		sysctl_write("ipv4/ip_local_port_range", range);
		sock_bound(variant->any, SOCK_DGRAM, FIRST + i);
		/* Each has a record of its own. */
		snprintf(ip, sizeof(ip), "127.0.0.%d", i);
		ASSERT_EQ(-EADDRINUSE, sock_bind(fd, ip, 0));
	}
	for (n = RANGES; n <= RANGES + 2; n += 2) {
		log = pt_rejects(&self->nl, 0);
		ASSERT_EQ(RANGES + 2, log.n);
		for (i = 0; i < log.n; i++)
			EXPECT_EQ(i < n, log.v[i].range.present);
	}
}

/* A socket may be limited to a part of the range. */
TEST_F(refusals, range_of_socket)
{
	__u32 part = (__u32)FIRST << 16 | FIRST;
	struct pt_reject *r;
	int fd;

	fd = sock_new(variant->ip, SOCK_STREAM);
	if (setsockopt(fd, SOL_IP, IP_LOCAL_PORT_RANGE, &part, sizeof(part)))
		SKIP(return, "no IP_LOCAL_PORT_RANGE in this kernel");
	sock_bound(variant->ip, SOCK_STREAM, FIRST);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, variant->ip, 0));
	r = pt_only_reject(&self->nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_RULE_EPHEMERAL_EXHAUSTED, r->rule);
	EXPECT_EQ(FIRST, r->range.first);
	EXPECT_EQ(FIRST, r->range.last);
	EXPECT_EQ(1, r->range.taken);
}

TEST_HARNESS_MAIN
