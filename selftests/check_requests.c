// SPDX-License-Identifier: GPL-2.0
/* Invalid and incomplete requests of bind-check. */
#define _GNU_SOURCE
#include "../kselftest_harness.h"

#include "lib/pt_check.h"
#include "lib/sock.h"

#define PORT	5500

FIXTURE(requests)
{
	struct nl nl;
};

FIXTURE_SETUP(requests)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(requests)
{
	nl_close(&self->nl);
}

struct wrong {
	const char *what;
	__u16 family, proto;
	int len;
	int attr;
	int attr_len;
	__u32 value;
	int err;
};

/* @len bytes of address, if not 0; @attr as well, if not 0. */
static const struct wrong wrongs[] = {
	{ "no family", 0, IPPROTO_TCP, .err = -EINVAL },
	{ "no protocol", AF_INET, 0, .err = -EINVAL },
	{ "unix", AF_UNIX, IPPROTO_TCP, .err = -ERANGE },
	{ "ipx", AF_IPX, IPPROTO_TCP, .err = -EINVAL },
	{ "too large a family", 11, IPPROTO_TCP, .err = -ERANGE },
	{ "protocol without sockets", AF_INET, 89, .err = -EPROTONOSUPPORT },
	{ "too large a protocol", AF_INET, 263, .err = -ERANGE },
	{ "address of no length", AF_INET, IPPROTO_TCP, 3, .err = -EINVAL },
	{ "IPv4 address for IPv6", AF_INET6, IPPROTO_TCP, 4, .err = -EINVAL },
	{ "IPv6 address for IPv4", AF_INET, IPPROTO_TCP, 16, .err = -EINVAL },
	{ "option of the selector", AF_INET, IPPROTO_TCP,
	  .attr = PORTOWNER_A_CHECK_FLAGS, .attr_len = 4,
	  .value = PORTOWNER_SOCK_FLAG_SELECTOR, .err = -EINVAL },
	{ "unknown option", AF_INET, IPPROTO_TCP,
	  .attr = PORTOWNER_A_CHECK_FLAGS, .attr_len = 4, .value = 0x40,
	  .err = -EINVAL },
	{ "unknown device", AF_INET, IPPROTO_TCP,
	  .attr = PORTOWNER_A_CHECK_IFINDEX, .attr_len = 4, .value = 999,
	  .err = -ENODEV },
	{ "device below 0", AF_INET, IPPROTO_TCP,
	  .attr = PORTOWNER_A_CHECK_IFINDEX, .attr_len = 4, .value = -1,
	  .err = -ENODEV },
	{ "no user", AF_INET, IPPROTO_TCP, .attr = PORTOWNER_A_CHECK_UID,
	  .attr_len = 4, .value = -1, .err = -EINVAL },
	{ "listening UDP", AF_INET, IPPROTO_UDP,
	  .attr = PORTOWNER_A_CHECK_LISTEN, .err = -EOPNOTSUPP },
	{ "short scope", AF_INET, IPPROTO_TCP,
	  .attr = PORTOWNER_A_CHECK_SCOPE, .attr_len = 2, .err = -EINVAL },
	{ "attribute of the reply", AF_INET, IPPROTO_TCP,
	  .attr = PORTOWNER_A_CHECK_ERRNO, .attr_len = 4, .err = -EINVAL },
};

TEST_F(requests, wrong_requests)
{
	const struct wrong *w;
	struct nl_msg msg;
	int err;

	for (w = wrongs; w < wrongs + ARRAY_SIZE(wrongs); w++) {
		nl_msg_init(&msg, &self->nl, PORTOWNER_CMD_BIND_CHECK,
			    NLM_F_DUMP);
		nl_put_u16(&msg, PORTOWNER_A_CHECK_PORT, PORT);
		if (w->family)
			nl_put_u16(&msg, PORTOWNER_A_CHECK_FAMILY, w->family);
		if (w->proto)
			nl_put_u16(&msg, PORTOWNER_A_CHECK_PROTO, w->proto);
		if (w->len)
			nl_put(&msg, PORTOWNER_A_CHECK_ADDR, w, w->len);
		if (w->attr)
			nl_put(&msg, w->attr, &w->value, w->attr_len);
		err = nl_talk(&self->nl, &msg, NULL, NULL);
		EXPECT_EQ(w->err, err)
			TH_LOG("%s: '%s'", w->what, self->nl.text);
		EXPECT_STRNE("", self->nl.text)
			TH_LOG("nothing is said of %s", w->what);
		EXPECT_EQ(0, self->nl.messages);
	}
}

/* Is it @proto, or in @text all of them? */
static bool is_listed(int proto, const char *text)
{
	static const struct {
		int proto;
		const char *name;
	} protos[] = {
		{ IPPROTO_TCP, "TCP" }, { IPPROTO_MPTCP, "MPTCP" },
		{ IPPROTO_UDP, "UDP" }, { IPPROTO_UDPLITE, "UDPLITE" },
		{ IPPROTO_ICMP, "ICMP" }, { IPPROTO_RAW, "RAW" },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(protos); i++) {
		if (text && !strstr(text, protos[i].name))
			return false;
		if (protos[i].proto == proto)
			return true;
	}
	return text;
}

/* The accepted protocols are those that the message lists. */
TEST_F(requests, listed_protocols)
{
	struct nl_msg msg;
	int proto, err;

	for (proto = 1; proto <= IPPROTO_MPTCP; proto++) {
		/* it is left out where its tables cannot be walked */
		if (proto == IPPROTO_SCTP)
			continue;
		nl_msg_init(&msg, &self->nl, PORTOWNER_CMD_BIND_CHECK,
			    NLM_F_DUMP);
		nl_put_u16(&msg, PORTOWNER_A_CHECK_FAMILY, AF_INET);
		nl_put_u16(&msg, PORTOWNER_A_CHECK_PROTO, proto);
		nl_put_u16(&msg, PORTOWNER_A_CHECK_PORT, PORT);
		err = nl_talk(&self->nl, &msg, NULL, NULL);
		if (is_listed(proto, NULL)) {
			EXPECT_EQ(0, err)
				TH_LOG("%d: '%s'", proto, self->nl.text);
			continue;
		}
		EXPECT_EQ(-EPROTONOSUPPORT, err);
		EXPECT_TRUE(is_listed(0, self->nl.text))
			TH_LOG("'%s'", self->nl.text);
	}
}

TEST_F(requests, no_port)
{
	struct nl_msg msg;

	nl_msg_init(&msg, &self->nl, PORTOWNER_CMD_BIND_CHECK, NLM_F_DUMP);
	nl_put_u16(&msg, PORTOWNER_A_CHECK_FAMILY, AF_INET);
	nl_put_u16(&msg, PORTOWNER_A_CHECK_PROTO, IPPROTO_TCP);
	EXPECT_EQ(-EINVAL, nl_talk(&self->nl, &msg, NULL, NULL));
	EXPECT_STRNE("", self->nl.text);
}

/* Without an address, it is the wildcard. */
TEST_F(requests, no_address)
{
	static const int families[] = { AF_INET, AF_INET6 };
	struct verdict v;
	struct nl_msg msg;
	int i;

	sock_bound("127.0.0.1", SOCK_STREAM, PORT);
	for (i = 0; i < 2; i++) {
		nl_msg_init(&msg, &self->nl, PORTOWNER_CMD_BIND_CHECK,
			    NLM_F_DUMP);
		nl_put_u16(&msg, PORTOWNER_A_CHECK_FAMILY, families[i]);
		nl_put_u16(&msg, PORTOWNER_A_CHECK_PROTO, IPPROTO_TCP);
		nl_put_u16(&msg, PORTOWNER_A_CHECK_PORT, PORT);
		memset(&v, 0, sizeof(v));
		EXPECT_EQ(0, nl_talk(&self->nl, &msg, verdict_read, &v));
		EXPECT_EQ(EADDRINUSE, v.err);
		EXPECT_EQ(i ? PORTOWNER_RULE_DUAL_STACK_COVERS :
			      PORTOWNER_RULE_WILDCARD_COVERS,
			  v.rule);
	}
}

TEST_HARNESS_MAIN
