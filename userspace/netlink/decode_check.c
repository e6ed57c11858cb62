// SPDX-License-Identifier: GPL-2.0
/* Decode the attributes of bind-check, and of ranges, into the model. */

#include <string.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>

#include "lib/util.h"
#include "netlink/decode.h"

static const struct nla_policy holder_policy[] = {
	[PORTOWNER_A_RANGE_HOLDER_PID]		= { .type = NLA_U32 },
	[PORTOWNER_A_RANGE_HOLDER_COMM]		= { .type = NLA_STRING },
	[PORTOWNER_A_RANGE_HOLDER_UID]		= { .type = NLA_U32 },
	[PORTOWNER_A_RANGE_HOLDER_PORTS]	= { .type = NLA_U32 },
};

static const struct nla_policy range_policy[] = {
	[PORTOWNER_A_RANGE_FIRST]	= { .type = NLA_U16 },
	[PORTOWNER_A_RANGE_LAST]	= { .type = NLA_U16 },
	[PORTOWNER_A_RANGE_RESERVED]	= { .type = NLA_U32 },
	[PORTOWNER_A_RANGE_TAKEN]	= { .type = NLA_U32 },
	[PORTOWNER_A_RANGE_HOLDER]	= { .type = NLA_NESTED },
	[PORTOWNER_A_RANGE_TIME]	= { .type = NLA_U64 },
};

static const struct nla_policy check_policy[] = {
	[PORTOWNER_A_CHECK_OP]		= { .type = NLA_U32 },
	[PORTOWNER_A_CHECK_ERRNO]	= { .type = NLA_U32 },
	[PORTOWNER_A_CHECK_RULE]	= { .type = NLA_U32 },
	[PORTOWNER_A_CHECK_UNFORESEEN]	= { .type = NLA_U32 },
	[PORTOWNER_A_CHECK_RANGE]	= { .type = NLA_NESTED },
	[PORTOWNER_A_CHECK_CULPRIT]	= { .type = NLA_NESTED },
	[PORTOWNER_A_CHECK_MORE]	= { .type = NLA_FLAG },
	[PORTOWNER_A_CHECK_REASON]	= { .type = NLA_U32 },
	[PORTOWNER_A_CHECK_REASON_DEV]	= { .type = NLA_STRING },
	[PORTOWNER_A_CHECK_REASON_NETNS] = { .type = NLA_U32 },
};

static __u32 get_u32(struct nlattr *attr)
{
	return attr ? nla_get_u32(attr) : 0;
}

static int decode_holder(struct port_range *range, struct nlattr *nest)
{
	struct nlattr *tb[ARRAY_SIZE(holder_policy)];
	struct range_holder *holder;
	int err;

	err = nla_parse_nested(tb, ARRAY_SIZE(holder_policy) - 1, nest,
			       holder_policy);
	if (err < 0)
		return err;
	holder = port_range_add_holder(range);
	holder->pid = get_u32(tb[PORTOWNER_A_RANGE_HOLDER_PID]);
	holder->uid = get_u32(tb[PORTOWNER_A_RANGE_HOLDER_UID]);
	holder->ports = get_u32(tb[PORTOWNER_A_RANGE_HOLDER_PORTS]);
	if (tb[PORTOWNER_A_RANGE_HOLDER_COMM])
		holder->comm = xstrdup(nla_get_string(tb[PORTOWNER_A_RANGE_HOLDER_COMM]));
	return 0;
}

/**
 * decode_range() - Decode the range that was exhausted.
 * @nest: the attribute, or NULL
 * @range: set to it; NULL if there is none
 *
 * Return: 0, or a negative libnl error.
 */
int decode_range(struct nlattr *nest, struct port_range **range)
{
	struct nlattr *tb[ARRAY_SIZE(range_policy)];
	struct nlattr *attr;
	int err, left;

	*range = NULL;
	if (!nest)
		return 0;
	err = nla_parse_nested(tb, ARRAY_SIZE(range_policy) - 1, nest,
			       range_policy);
	if (err < 0)
		return err;
	if (!tb[PORTOWNER_A_RANGE_FIRST] || !tb[PORTOWNER_A_RANGE_LAST])
		return -NLE_MISSING_ATTR;
	*range = xcalloc(1, sizeof(**range));
	(*range)->first = nla_get_u16(tb[PORTOWNER_A_RANGE_FIRST]);
	(*range)->last = nla_get_u16(tb[PORTOWNER_A_RANGE_LAST]);
	(*range)->reserved = get_u32(tb[PORTOWNER_A_RANGE_RESERVED]);
	(*range)->taken = get_u32(tb[PORTOWNER_A_RANGE_TAKEN]);
	if (tb[PORTOWNER_A_RANGE_TIME])
		(*range)->time = nla_get_u64(tb[PORTOWNER_A_RANGE_TIME]);
	nla_for_each_nested(attr, nest, left) {
		if (nla_type(attr) != PORTOWNER_A_RANGE_HOLDER)
			continue;
		err = decode_holder(*range, attr);
		if (err < 0)
			return err;
	}
	return 0;
}

/*
 * The verdict is in the first message, unless that only announces more; with a
 * refusal, it may contain culprits, too.
 */
static int decode_verdict(struct check *check, struct nlattr **tb)
{
	struct reject *would = &check->would;

	if (check->answered ||
	    (tb[PORTOWNER_A_CHECK_MORE] && !tb[PORTOWNER_A_CHECK_ERRNO]))
		return 0;
	check->answered = true;
	would->op = get_u32(tb[PORTOWNER_A_CHECK_OP]);
	would->err = get_u32(tb[PORTOWNER_A_CHECK_ERRNO]);
	would->rule = get_u32(tb[PORTOWNER_A_CHECK_RULE]);
	would->reason = get_u32(tb[PORTOWNER_A_CHECK_REASON]);
	would->reason_netns = get_u32(tb[PORTOWNER_A_CHECK_REASON_NETNS]);
	if (tb[PORTOWNER_A_CHECK_REASON_DEV])
		would->reason_dev = xstrdup(nla_get_string(tb[PORTOWNER_A_CHECK_REASON_DEV]));
	check->unchecked = get_u32(tb[PORTOWNER_A_CHECK_UNFORESEEN]);
	return decode_range(tb[PORTOWNER_A_CHECK_RANGE], &would->range);
}

/**
 * decode_check() - Decode a message of the bind-check dump.
 * @nlh: the message
 * @check: gets the verdict, or culprits
 *
 * Return: 0, or a negative libnl error.
 */
int decode_check(struct nlmsghdr *nlh, struct check *check)
{
	struct genlmsghdr *ghdr = genlmsg_hdr(nlh);
	struct nlattr *tb[PORTOWNER_A_CHECK_MAX + 1];
	struct nlattr *attr;
	int err, left;

	err = genlmsg_parse(nlh, 0, tb, ARRAY_SIZE(check_policy) - 1,
			    check_policy);
	if (err >= 0)
		err = decode_verdict(check, tb);
	if (err < 0)
		return err;
	nla_for_each_attr(attr, genlmsg_attrdata(ghdr, 0),
			  genlmsg_attrlen(ghdr, 0), left) {
		if (nla_type(attr) != PORTOWNER_A_CHECK_CULPRIT)
			continue;
		err = decode_socket(&check->would.culprits, attr);
		if (err < 0)
			return err;
	}
	return 0;
}
