// SPDX-License-Identifier: GPL-2.0
/*
 * Invalid requests: each gets an errno and a message that says what was wrong,
 * and does no harm to later ones.
 */
#define _GNU_SOURCE
#include <stdio.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

FIXTURE(netlink)
{
	struct nl nl;
	struct nl_msg msg;
	int fd;
};

FIXTURE_SETUP(netlink)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_bound("127.0.0.1", SOCK_STREAM, 0);
	nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
}

/* Whatever was requested, the family still answers, on the same socket. */
FIXTURE_TEARDOWN(netlink)
{
	EXPECT_NE(NULL, pt_sock_of(&self->nl, self->fd));
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).err);
	EXPECT_EQ(0, pt_stats(&self->nl).err);
	nl_close(&self->nl);
}

/* Refused with an errno for bad values, and with a message. */
static bool invalid(struct nl *nl, struct nl_msg *msg)
{
	int err = nl_talk(nl, msg, NULL, NULL);

	switch (-err) {
	case EINVAL:
	case ERANGE:
	case EOPNOTSUPP:
	case EAFNOSUPPORT:
	case EPROTONOSUPPORT:
		if (nl->text[0])
			return true;
		fprintf(stderr, "# errno %d without a message\n", -err);
		return false;
	default:
		fprintf(stderr, "# errno %d\n", -err);
		return false;
	}
}

/* The same, and if an attribute is blamed it is that one, the last. */
static bool invalid_value(struct nl *nl, struct nl_msg *msg, int type)
{
	const struct nlattr *nla;

	if (!invalid(nl, msg))
		return false;
	/* kernels before 6.13 lose the offset if a dump ends with an error */
	if (!nl->offs)
		return true;
	if (nl->offs < NLMSG_LENGTH(GENL_HDRLEN) ||
	    nl->offs >= msg->hdr.nlmsg_len) {
		fprintf(stderr, "# '%s': no attribute at %u\n", nl->text,
			nl->offs);
		return false;
	}
	nla = (const struct nlattr *)(msg->buf + nl->offs);
	if (nla_id(nla) == type)
		return true;
	fprintf(stderr, "# '%s': attribute %d blamed, not %d\n", nl->text,
		nla_id(nla), type);
	return false;
}

/* The same, and the attribute is blamed. */
static bool invalid_attr(struct nl *nl, struct nl_msg *msg, int type)
{
	return invalid_value(nl, msg, type) && nl->offs;
}

TEST_F(netlink, unknown_attribute)
{
	nl_put_u32(&self->msg, PORTOWNER_A_PORT_MAX + 1, 0);
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

TEST_F(netlink, reply_attribute)
{
	nl_put(&self->msg, PORTOWNER_A_PORT_SOCKET | NLA_F_NESTED,
	       "\x07\x00\x63", 3);
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

TEST_F(netlink, attribute_zero)
{
	nl_put_u32(&self->msg, 0, 0);
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

TEST_F(netlink, pad_attribute)
{
	nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_REJECT_GET, NLM_F_DUMP);
	nl_put_u32(&self->msg, PORTOWNER_A_REJECT_PAD, 0);
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

TEST_F(netlink, attribute_length)
{
	static const struct {
		int type;
		size_t len;
	} bad[] = {
		{ PORTOWNER_A_PORT_FAMILY, 0 },
		{ PORTOWNER_A_PORT_FAMILY, 1 },
		{ PORTOWNER_A_PORT_PROTO, 4 },
		{ PORTOWNER_A_PORT_PORT, 3 },
		{ PORTOWNER_A_PORT_PORT_LAST, 8 },
		{ PORTOWNER_A_PORT_STATES, 2 },
		{ PORTOWNER_A_PORT_STATES, 8 },
		{ PORTOWNER_A_PORT_ALL_NETNS, 1 },
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_PORT_GET,
			    NLM_F_DUMP);
		nl_put(&self->msg, bad[i].type, "\0\0\0\0\0\0\0", bad[i].len);
		EXPECT_TRUE(invalid_attr(&self->nl, &self->msg, bad[i].type))
			TH_LOG("attribute %d with %zu bytes", bad[i].type,
			       bad[i].len);
	}
}

TEST_F(netlink, trailing_bytes)
{
	nl_put_u16(&self->msg, PORTOWNER_A_PORT_PORT, 80);
	self->msg.hdr.nlmsg_len += 3;
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

/* An attribute that claims to be longer than the message. */
TEST_F(netlink, attribute_beyond_the_end)
{
	struct nlattr *nla = (void *)(self->msg.buf +
				      self->msg.hdr.nlmsg_len);

	nl_put_u16(&self->msg, PORTOWNER_A_PORT_PORT, 80);
	nla->nla_len = 4000;
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

TEST_F(netlink, attribute_shorter_than_its_header)
{
	struct nlattr *nla = (void *)(self->msg.buf +
				      self->msg.hdr.nlmsg_len);

	nl_put_u16(&self->msg, PORTOWNER_A_PORT_PORT, 80);
	nla->nla_len = 1;
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

TEST_F(netlink, family_value)
{
	static const __u16 bad[] = { AF_UNSPEC, AF_UNIX, 255, 0xffff };
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_PORT_GET,
			    NLM_F_DUMP);
		nl_put_u16(&self->msg, PORTOWNER_A_PORT_FAMILY, bad[i]);
		EXPECT_TRUE(invalid_value(&self->nl, &self->msg,
					  PORTOWNER_A_PORT_FAMILY))
			TH_LOG("family %d", bad[i]);
	}
}

TEST_F(netlink, proto_value)
{
	static const __u16 bad[] = { 0, IPPROTO_ICMPV6, IPPROTO_DCCP, 0xffff };
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_PORT_GET,
			    NLM_F_DUMP);
		nl_put_u16(&self->msg, PORTOWNER_A_PORT_PROTO, bad[i]);
		EXPECT_TRUE(invalid_value(&self->nl, &self->msg,
					  PORTOWNER_A_PORT_PROTO))
			TH_LOG("protocol %d", bad[i]);
	}
}

TEST_F(netlink, states_value)
{
	static const __u32 bad[] = { 0, 1, PT_ALL_STATES + 2, 1U << 31,
				     1U << (PORTOWNER_STATE_SHUTDOWN_ACK_SENT + 1) };
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_PORT_GET,
			    NLM_F_DUMP);
		nl_put_u32(&self->msg, PORTOWNER_A_PORT_STATES, bad[i]);
		EXPECT_TRUE(invalid_value(&self->nl, &self->msg,
					  PORTOWNER_A_PORT_STATES))
			TH_LOG("states %#x", bad[i]);
	}
}

TEST_F(netlink, range_without_start)
{
	nl_put_u16(&self->msg, PORTOWNER_A_PORT_PORT_LAST, 80);
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

TEST_F(netlink, range_backwards)
{
	nl_put_u16(&self->msg, PORTOWNER_A_PORT_PORT, 81);
	nl_put_u16(&self->msg, PORTOWNER_A_PORT_PORT_LAST, 80);
	EXPECT_TRUE(invalid_value(&self->nl, &self->msg,
				  PORTOWNER_A_PORT_PORT_LAST));
}

TEST_F(netlink, since_length)
{
	nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_REJECT_GET,
		    NLM_F_DUMP);
	nl_put_u32(&self->msg, PORTOWNER_A_REJECT_SINCE, 1);
	EXPECT_TRUE(invalid_attr(&self->nl, &self->msg,
				 PORTOWNER_A_REJECT_SINCE));
}

TEST_F(netlink, reject_reply_attribute)
{
	nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_REJECT_GET,
		    NLM_F_DUMP);
	nl_put_u64(&self->msg, PORTOWNER_A_REJECT_SEQ, 1);
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

TEST_F(netlink, stats_attribute)
{
	nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_STATS_GET, NLM_F_ACK);
	nl_put_u64(&self->msg, PORTOWNER_A_STATS_REJECTS_SEEN, 1);
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

/* Each command has one mode; the other one does not exist. */
TEST_F(netlink, wrong_mode)
{
	nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_PORT_GET, NLM_F_ACK);
	EXPECT_EQ(-EOPNOTSUPP, nl_talk(&self->nl, &self->msg, NULL, NULL));
	nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_REJECT_GET, NLM_F_ACK);
	EXPECT_EQ(-EOPNOTSUPP, nl_talk(&self->nl, &self->msg, NULL, NULL));
	nl_msg_init(&self->msg, &self->nl, PORTOWNER_CMD_STATS_GET, NLM_F_DUMP);
	EXPECT_EQ(-EOPNOTSUPP, nl_talk(&self->nl, &self->msg, NULL, NULL));
}

TEST_F(netlink, unknown_command)
{
	static const int cmds[] = { 0, PORTOWNER_CMD_REJECT_NTF,
				    PORTOWNER_CMD_MAX + 1, 255 };
	int i;

	for (i = 0; i < ARRAY_SIZE(cmds); i++) {
		nl_msg_init(&self->msg, &self->nl, cmds[i], NLM_F_ACK);
		EXPECT_EQ(-EOPNOTSUPP,
			  nl_talk(&self->nl, &self->msg, NULL, NULL));
		nl_msg_init(&self->msg, &self->nl, cmds[i], NLM_F_DUMP);
		EXPECT_EQ(-EOPNOTSUPP,
			  nl_talk(&self->nl, &self->msg, NULL, NULL));
	}
}

/* Too short for the generic netlink header. */
TEST_F(netlink, truncated_header)
{
	self->msg.hdr.nlmsg_len = NLMSG_LENGTH(1);
	EXPECT_EQ(-EINVAL, nl_talk(&self->nl, &self->msg, NULL, NULL));
}

TEST_F(netlink, reserved_bytes)
{
	nl_msg_genl(&self->msg)->reserved = 1;
	if (kernel_before(6, 1))
		SKIP(return, "kernels below 6.1 do not check reserved bytes");
	EXPECT_TRUE(invalid(&self->nl, &self->msg));
}

/* A reader that goes away in the middle of a dump. */
TEST_F(netlink, abandoned_dump)
{
	struct nl nl;
	int i;

	for (i = 0; i < 200; i++)
		sock_bound("127.0.0.1", SOCK_DGRAM, 0);
	for (i = 0; i < 20; i++) {
		ASSERT_EQ(0, nl_open(&nl));
		nl_msg_init(&self->msg, &nl, PORTOWNER_CMD_PORT_GET,
			    NLM_F_DUMP);
		ASSERT_LT(0, send(nl.fd, &self->msg, self->msg.hdr.nlmsg_len,
				  0));
		nl_close(&nl);
	}
}

TEST_HARNESS_MAIN
