// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family, and the request for its counters. */

#include <net/genetlink.h>

#include "generated/netlink.h"
#include "internal.h"

/* The numbers that are of all namespaces. */
static int po_fill_host_stats(struct sk_buff *skb)
{
	struct po_binders_stats binders;
	struct po_missed missed;
	u64 dumps, refused;

	po_binders_stats(&binders);
	po_hooks_missed(&missed);
	po_quota_stats(&dumps, &refused);
	if (nla_put_u64_64bit(skb, PORTOWNER_A_STATS_PROBE_MISSED,
			      missed.no_instance + missed.nested + missed.share,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_MISSED_NO_INSTANCE,
			      missed.no_instance, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_MISSED_NESTED,
			      missed.nested, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_MISSED_SHARE,
			      missed.share, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_BINDERS, binders.used,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_BINDERS_EVICTED,
			      binders.evicted, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_BINDERS_MAX, binders.max,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_DUMPS, dumps,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_DUMPS_REFUSED, refused,
			      PORTOWNER_A_STATS_PAD))
		return -EMSGSIZE;

	return 0;
}

static int po_fill_stats(struct sk_buff *skb, const struct net *net,
			 bool sees_host)
{
	struct po_log_stats stats;

	po_log_stats(net, po_payer(current_cred()), &stats);
	if (nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_SEEN, stats.seen,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_KEPT, stats.kept,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_DROPPED,
			      stats.dropped, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u32(skb, PORTOWNER_A_STATS_REJECTS_MAX,
			READ_ONCE(po_log_records)) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_COUNTED,
			      stats.counted, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_UNRECORDED,
			      stats.unrecorded, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_DROPPED_OWN,
			      stats.dropped_own, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_DROPPED_LAST,
			      stats.dropped_last, PORTOWNER_A_STATS_PAD))
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

	/* Not every kernel refuses attributes where there is no policy. */
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
};

/**
 * po_netlink_init() - register the family
 *
 * Return: 0 or a negative errno.
 */
int __init po_netlink_init(void)
{
	/* The generator leaves out who may join a group. */
	portowner_nl_family.mcgrps = po_mcgrps;

	return genl_register_family(&portowner_nl_family);
}

/**
 * po_netlink_exit() - unregister the family
 */
void po_netlink_exit(void)
{
	genl_unregister_family(&portowner_nl_family);
}
