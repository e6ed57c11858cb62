// SPDX-License-Identifier: GPL-2.0
/*
 * How a dump begins. Generic netlink makes the first call in the requesting task,
 * under a lock that registering a family takes for writing: while an answer is
 * collected there, one such writer makes all generic netlink requests of the host
 * wait. Further calls come from the receiving task and hold only its own socket.
 */

#include <net/genetlink.h>

#include "generated/netlink.h"
#include "netlink/netlink.h"

/**
 * po_dump_begin() - put the message that announces an answer
 * @skb: message to fill
 * @cb: dump; its request has been checked
 * @cmd: command of the message
 * @more: flag that it has, or 0 for no attribute at all
 *
 * It announces the answer, and makes the reader call recv() again. NLMSG_NOOP
 * does not serve for that: libnl takes it for the end of the dump.
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
