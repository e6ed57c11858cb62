// SPDX-License-Identifier: GPL-2.0
/*
 * The messages of a dump, which begins with an empty one. Generic netlink makes
 * the first dump call in the requesting task, under a lock that registering a
 * family takes for writing. While an answer is collected there, one such writer
 * blocks all generic netlink requests of the host. The receiving task makes
 * further calls, and locks only its own socket.
 */

#include <net/genetlink.h>

#include "generated/netlink.h"
#include "netlink/netlink.h"

/**
 * po_dump_put() - add a message to a dump
 * @skb: message to fill
 * @cb: dump
 * @cmd: command of the message
 *
 * Context: any.
 * Return: its user specific header, for genlmsg_end(), or NULL without room.
 */
void *po_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd)
{
	return genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			   &portowner_nl_family, NLM_F_MULTI, cmd);
}

/**
 * po_dump_begin() - put a message that announces the answer
 * @skb: message to fill
 * @cb: dump; its request has been checked
 * @cmd: command of the message
 * @more: flag attribute to add, or 0 for none
 *
 * It makes the reader call recv() again. NLMSG_NOOP would not do: libnl takes
 * it for the end of the dump.
 *
 * Context: the requesting task, under generic netlink's lock.
 * Return: bytes filled, or -EMSGSIZE.
 */
int po_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		  int more)
{
	void *hdr = po_dump_put(skb, cb, cmd);

	if (!hdr || (more && nla_put_flag(skb, more)))
		return -EMSGSIZE;

	genlmsg_end(skb, hdr);
	/* Set only now: clearing that much takes longer than this message. */
	cb->min_dump_alloc = PO_MIN_DUMP_ALLOC;

	return skb->len;
}
