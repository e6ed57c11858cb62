// SPDX-License-Identifier: GPL-2.0
/* Decode the counters of the module. */

#include <netlink/genl/genl.h>

#include "lib/util.h"
#include "netlink/attr.h"
#include "netlink/decode.h"

/* An operation or rule of a newer module counts as one without a name. */
static int decode_rule_count(struct nlattr *nest, struct counters *counters)
{
	static const struct nla_policy policy[PORTOWNER_A_RULE_COUNT_MAX + 1] = {
		[PORTOWNER_A_RULE_COUNT_OP]	= { .type = NLA_U32 },
		[PORTOWNER_A_RULE_COUNT_RULE]	= { .type = NLA_U32 },
		[PORTOWNER_A_RULE_COUNT_COUNT]	= { .type = NLA_U64 },
	};
	struct nlattr *tb[PORTOWNER_A_RULE_COUNT_MAX + 1];
	__u32 op, rule;
	int err;

	err = attr_parse_nested(tb, PORTOWNER_A_RULE_COUNT_MAX, nest, policy);
	if (err < 0)
		return err;
	op = get_u32(tb[PORTOWNER_A_RULE_COUNT_OP]);
	rule = get_u32(tb[PORTOWNER_A_RULE_COUNT_RULE]);
	if (op >= COUNTED_OPS)
		op = COUNTED_OPS - 1;
	if (rule >= COUNTED_RULES)
		rule = PORTOWNER_RULE_OTHER;
	counters->by_rule[op][rule] += get_u64(tb[PORTOWNER_A_RULE_COUNT_COUNT]);
	return 0;
}

static int decode_rule_counts(struct nlattr *attr, int left,
			      struct counters *counters)
{
	int err = 0;

	for (; err >= 0 && attr_ok(attr, left); attr = attr_next(attr, &left))
		if (attr_type(attr) == PORTOWNER_A_STATS_REJECTS_BY_RULE)
			err = decode_rule_count(attr, counters);
	return err;
}

/**
 * decode_stats() - Decode the reply to stats-get.
 * @nlh: the message
 * @counters: set to its contents
 *
 * Return: 0, or a negative libnl error.
 */
int decode_stats(struct nlmsghdr *nlh, struct counters *counters)
{
	static const struct nla_policy policy[PORTOWNER_A_STATS_MAX + 1] = {
		[PORTOWNER_A_STATS_REJECTS_SEEN]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_REJECTS_KEPT]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_REJECTS_DROPPED]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_REJECTS_MAX]		= { .type = NLA_U32 },
		[PORTOWNER_A_STATS_PROBE_MISSED]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_BINDERS]		= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_BINDERS_EVICTED]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_MISSED_NO_INSTANCE]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_MISSED_NESTED]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_MISSED_SHARE]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_BINDERS_MAX]		= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_REJECTS_COUNTED]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_REJECTS_UNRECORDED]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_REJECTS_DROPPED_OWN]	= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_REJECTS_DROPPED_LAST] = { .type = NLA_U64 },
		[PORTOWNER_A_STATS_DUMPS]		= { .type = NLA_U64 },
		[PORTOWNER_A_STATS_DUMPS_REFUSED]	= { .type = NLA_U64 },
	};
	struct nlattr *tb[PORTOWNER_A_STATS_MAX + 1];
	int err, i;

	err = genlmsg_parse(nlh, 0, tb, PORTOWNER_A_STATS_MAX, policy);
	if (err < 0)
		return err;
	for (i = 1; i <= PORTOWNER_A_STATS_MAX; i++)
		counters->v[i] = policy[i].type == NLA_U32 ? get_u32(tb[i]) :
				 policy[i].type == NLA_U64 ? get_u64(tb[i]) : 0;
	memset(counters->by_rule, 0, sizeof(counters->by_rule));
	return decode_rule_counts(genlmsg_attrdata(genlmsg_hdr(nlh), 0),
				  genlmsg_attrlen(genlmsg_hdr(nlh), 0), counters);
}
