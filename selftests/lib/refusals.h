/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by the tests of refusals: to be included once per program. */

#ifndef _REFUSALS_H
#define _REFUSALS_H

#include <string.h>
#include <unistd.h>

#include "../../kselftest_harness.h"

#include "pt.h"
#include "proc.h"
#include "sock.h"

#define PORT	3100
/* The ephemeral range of all tests here. */
#define FIRST	40000
#define LAST	40003

FIXTURE(refusals)
{
	struct nl nl;
};

FIXTURE_VARIANT(refusals)
{
	const char *ip;
	const char *any;
	const char *foreign;
	int family;
};

FIXTURE_VARIANT_ADD(refusals, ipv4) {
	.ip = "127.0.0.1",
	.any = "0.0.0.0",
	.foreign = "192.0.2.1",
	.family = AF_INET,
};

FIXTURE_VARIANT_ADD(refusals, ipv6) {
	.ip = "::1",
	.any = "::",
	.foreign = "2001:db8::1",
	.family = AF_INET6,
};

FIXTURE_SETUP(refusals)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	sysctl_write("ipv4/ip_local_port_range", "40000 40003");
}

FIXTURE_TEARDOWN(refusals)
{
	nl_close(&self->nl);
}

/* Common to all records, however the port was requested. */
static inline void expect_asked(struct __test_metadata *_metadata,
				const struct pt_reject *r, int op, int err,
				const char *ip, int port)
{
	unsigned char asked[16];

	EXPECT_EQ(op, r->op);
	EXPECT_EQ(err, r->err);
	EXPECT_EQ(strchr(ip, ':') ? AF_INET6 : AF_INET, r->family);
	EXPECT_EQ(port, r->port);
	EXPECT_EQ(sock_addr_bytes(ip, asked), r->addr_len);
	EXPECT_EQ(0, memcmp(asked, r->addr, r->addr_len));
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(ns_inode(), r->netns);
}

#define EXPECT_ASKED(r, op, err, ip, port) \
	expect_asked(_metadata, r, PORTOWNER_REJECT_OP_##op, err, ip, port)

static inline void expect_exhausted(struct __test_metadata *_metadata,
				    const struct pt_reject *r)
{
	EXPECT_EQ(PORTOWNER_RULE_EPHEMERAL_EXHAUSTED, r->rule);
	EXPECT_EQ(0, r->n_culprits);
	EXPECT_TRUE(r->range.present);
	EXPECT_EQ(FIRST, r->range.first);
	EXPECT_EQ(LAST, r->range.last);
	EXPECT_EQ(LAST - FIRST + 1, r->range.reserved + r->range.taken);
}

#define EXPECT_EXHAUSTED(r)	expect_exhausted(_metadata, r)

/* Leave no port to anyone. */
static inline void take_range(const char *ip, int type)
{
	int port;

	for (port = FIRST; port <= LAST; port++)
		sock_bound(ip, type, port);
}

static inline int nr_seen(struct nl *nl)
{
	return pt_stats(nl).seen;
}

#endif /* _REFUSALS_H */
