// SPDX-License-Identifier: GPL-2.0
/* Tell the subscribers of a network namespace that its log has grown. */

#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "generated/netlink.h"
#include "internal.h"

/**
 * po_notify_reject() - multicast that a bind was refused
 * @net: namespace; the caller holds a reference
 * @seq: number of its record
 *
 * The message names the record only. What a subscriber may know of it depends
 * on who it is, so it asks; one that missed a message asks for what follows
 * the last record it knows.
 *
 * Context: may sleep.
 */
void po_notify_reject(struct net *net, u64 seq)
{
	struct sk_buff *skb;
	void *hdr;

	if (!genl_has_listeners(&portowner_nl_family, net,
				PORTOWNER_NLGRP_REJECTS))
		return;

	skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)) +
			  nla_total_size(sizeof(u32)), GFP_KERNEL);
	if (!skb)
		return;

	hdr = genlmsg_put(skb, 0, 0, &portowner_nl_family, 0,
			  PORTOWNER_CMD_REJECT_NTF);
	if (!hdr ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_SEQ, seq,
			      PORTOWNER_A_REJECT_PAD) ||
	    nla_put_u32(skb, PORTOWNER_A_REJECT_NETNS, net->ns.inum)) {
		nlmsg_free(skb);
		return;
	}
	genlmsg_end(skb, hdr);
	genlmsg_multicast_netns(&portowner_nl_family, net, skb, 0,
				PORTOWNER_NLGRP_REJECTS, GFP_KERNEL);
}
