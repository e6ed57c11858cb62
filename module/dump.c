// SPDX-License-Identifier: GPL-2.0
/*
 * How a dump begins. Generic netlink makes the first call in the task that
 * asks, under the lock that whoever registers a family has to take: all others
 * on the host would wait behind that one until the answer is collected. Further
 * calls come from the task that receives, and hold nothing but its own socket.
 */

#include <net/genetlink.h>

#include "generated/netlink.h"
#include "internal.h"

/**
 * po_dump_begin() - put the message that comes before an answer
 * @skb: message to fill
 * @cb: dump; its request has been looked at
 * @cmd: command of the message
 * @more: flag that it has, or 0 for no attribute at all
 *
 * It says that the answer follows. Readers come back for it as they do for any
 * other message of a dump, which the type that netlink has for messages without
 * a meaning does not achieve: libnl takes NLMSG_NOOP for the end.
 *
 * Return: bytes filled, or -EMSGSIZE.
 */
int po_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		  int more)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &portowner_nl_family,
				NLM_F_MULTI, cmd);

	if (!hdr || (more && nla_put_flag(skb, more)))
		return -EMSGSIZE;

	genlmsg_end(skb, hdr);
	/* This one needs no such room, and to clear it takes longer than it. */
	cb->min_dump_alloc = PO_MIN_DUMP_ALLOC;

	return skb->len;
}
