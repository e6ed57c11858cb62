// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family, and the request for counters. */

#include <net/genetlink.h>

#include "core/core.h"
#include "generated/netlink.h"
#include "netlink/netlink.h"
#include "owners/owners.h"
#include "probes/probes.h"
#include "rejects/rejects.h"

/**
 * struct po_counter - location and attribute of a counter
 * @attrtype: attribute
 * @offset: offset of the 64-bit counter in the structure with the counters
 */
struct po_counter {
	int attrtype;
	size_t offset;
};

static int po_put_counters(struct sk_buff *skb, const void *stats,
			   const struct po_counter *counters, size_t nr)
{
	const u8 *start = stats;
	const u64 *value;
	size_t i;

	for (i = 0; i < nr; i++) {
		value = (const u64 *)(start + counters[i].offset);
		if (nla_put_u64_64bit(skb, counters[i].attrtype, *value,
				      PORTOWNER_A_STATS_PAD))
			return -EMSGSIZE;
	}

	return 0;
}

/**
 * struct po_host_stats - counters of the whole host
 * @binders: binder records
 * @missed: calls that no probe saw
 * @all_missed: sum of @missed
 * @dumps: dumps in progress
 * @dumps_refused: dump requests refused
 */
struct po_host_stats {
	struct po_binders_stats binders;
	struct po_missed missed;
	u64 all_missed;
	u64 dumps;
	u64 dumps_refused;
};

#define PO_COUNTER(attr, type, member) \
	{ PORTOWNER_A_STATS_##attr, offsetof(struct type, member) }

static const struct po_counter po_host_counters[] = {
	PO_COUNTER(PROBE_MISSED, po_host_stats, all_missed),
	PO_COUNTER(MISSED_NO_INSTANCE, po_host_stats, missed.no_instance),
	PO_COUNTER(MISSED_NESTED, po_host_stats, missed.nested),
	PO_COUNTER(MISSED_SHARE, po_host_stats, missed.share),
	PO_COUNTER(BINDERS, po_host_stats, binders.used),
	PO_COUNTER(BINDERS_EVICTED, po_host_stats, binders.evicted),
	PO_COUNTER(BINDERS_MAX, po_host_stats, binders.max),
	PO_COUNTER(DUMPS, po_host_stats, dumps),
	PO_COUNTER(DUMPS_REFUSED, po_host_stats, dumps_refused),
};

static int po_fill_host_stats(struct sk_buff *skb)
{
	struct po_host_stats stats;

	po_binders_stats(&stats.binders);
	po_probes_missed(&stats.missed);
	po_quota_stats(&stats.dumps, &stats.dumps_refused);
	stats.all_missed = stats.missed.no_instance + stats.missed.nested +
			   stats.missed.share;

	return po_put_counters(skb, &stats, po_host_counters,
			       ARRAY_SIZE(po_host_counters));
}

static const struct po_counter po_log_counters[] = {
	PO_COUNTER(REJECTS_SEEN, po_log_stats, seen),
	PO_COUNTER(REJECTS_KEPT, po_log_stats, kept),
	PO_COUNTER(REJECTS_DROPPED, po_log_stats, dropped),
	PO_COUNTER(REJECTS_COUNTED, po_log_stats, counted),
	PO_COUNTER(REJECTS_UNRECORDED, po_log_stats, unrecorded),
	PO_COUNTER(REJECTS_DROPPED_OWN, po_log_stats, dropped_own),
	PO_COUNTER(REJECTS_DROPPED_LAST, po_log_stats, dropped_last),
};

static int po_put_rule_count(struct sk_buff *skb, u32 op, u32 rule, u64 count)
{
	struct nlattr *nest = nla_nest_start(skb, PORTOWNER_A_STATS_REJECTS_BY_RULE);

	if (!nest || nla_put_u32(skb, PORTOWNER_A_RULE_COUNT_OP, op) ||
	    nla_put_u32(skb, PORTOWNER_A_RULE_COUNT_RULE, rule) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_RULE_COUNT_COUNT, count,
			      PORTOWNER_A_RULE_COUNT_PAD))
		return -EMSGSIZE;

	nla_nest_end(skb, nest);

	return 0;
}

/* The message has room for all counts. */
static int po_put_by_rule(struct sk_buff *skb, const struct po_log_stats *stats)
{
	u32 op, rule;
	u64 count;

	for (op = 0; op < PO_REJECT_OPS; op++) {
		for (rule = 0; rule < PO_RULES; rule++) {
			count = stats->by_rule[op][rule];
			if (count && po_put_rule_count(skb, op, rule, count))
				return -EMSGSIZE;
		}
	}

	return 0;
}

static int po_fill_stats(struct sk_buff *skb, const struct net *net,
			 bool sees_host)
{
	struct po_log_stats stats;

	po_log_stats(net, po_payer(current_cred()), &stats);
	if (po_put_counters(skb, &stats, po_log_counters,
			    ARRAY_SIZE(po_log_counters)) ||
	    nla_put_u32(skb, PORTOWNER_A_STATS_REJECTS_MAX,
			READ_ONCE(po_log_records)) ||
	    po_put_by_rule(skb, &stats))
		return -EMSGSIZE;

	return sees_host ? po_fill_host_stats(skb) : 0;
}

/**
 * po_stats_get_doit() - answer a request for counters
 * @skb: request
 * @info: request
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int po_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *rsp;
	void *hdr;
	int err;

	/* Not every kernel rejects attributes if there is no policy. */
	if (genlmsg_len(info->genlhdr)) {
		NL_SET_ERR_MSG(info->extack, "stats-get takes no attributes");
		return -EINVAL;
	}

	rsp = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!rsp)
		return -ENOMEM;

	err = -EMSGSIZE;
	hdr = genlmsg_put_reply(rsp, info, &portowner_nl_family, 0,
				PORTOWNER_CMD_STATS_GET);
	if (!hdr)
		goto err_free_msg;

	err = po_fill_stats(rsp, genl_info_net(info), po_sees_host(skb));
	if (err)
		goto err_free_msg;

	genlmsg_end(rsp, hdr);

	return genlmsg_reply(rsp, info);

err_free_msg:
	nlmsg_free(rsp);
	return err;
}

static const struct genl_multicast_group po_mcgrps[] = {
	[PORTOWNER_NLGRP_REJECTS] = {
		.name = PORTOWNER_MCGRP_REJECTS,
		PO_MCGRP_NET_ADMIN,
	},
	[PORTOWNER_NLGRP_CALLS] = {
		.name = PORTOWNER_MCGRP_CALLS,
		PO_MCGRP_NET_ADMIN,
	},
};

/**
 * po_netlink_init() - register the family
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_netlink_init(void)
{
	/* The generator omits who may join a group. */
	portowner_nl_family.mcgrps = po_mcgrps;

	return genl_register_family(&portowner_nl_family);
}

/**
 * po_netlink_exit() - unregister the family
 *
 * Context: may sleep.
 */
void po_netlink_exit(void)
{
	genl_unregister_family(&portowner_nl_family);
}
