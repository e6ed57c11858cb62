// SPDX-License-Identifier: GPL-2.0
/*
 * The reason why an address cannot be bound, as netlink attributes. Whether
 * another network namespace has the address is looked up only here: the reader,
 * unlike the refused process, may be allowed to know, and pays for the search.
 */

#include <linux/sched/signal.h>
#include <net/net_namespace.h>
#include <net/netlink.h>

#include "core/core.h"
#include "forecast/forecast.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"

/*
 * Namespaces asked in one dump: users can make any number of them, and be refused any
 * number of addresses.
 */
#define PO_NETNS_ASKED	16384

/* Whether one more namespace may be asked. */
static bool po_netns_may_ask(const struct po_viewer *viewer)
{
	return !viewer->netns_asked ||
	       (*viewer->netns_asked)++ < PO_NETNS_ASKED;
}

/*
 * Inode number of another namespace that has the address; 0 if there is none, or
 * enough namespaces were asked. Only for readers who may list all of them: none can
 * be destroyed while it is examined.
 */
static u32 po_netns_with_addr(const struct po_viewer *viewer,
			      const struct po_sock *want)
{
	struct net *net;
	u32 inum = 0;

	if (!po_addr_is_global(want) ||
	    !po_capable(viewer->skb, &init_user_ns, CAP_NET_ADMIN))
		return 0;

	for (net = po_net_next(NULL); net; net = po_net_next(net)) {
		if (!po_netns_may_ask(viewer) || fatal_signal_pending(current)) {
			put_net(net);
			break;
		}
		if (net->ns.inum != want->netns && po_addr_is_up(net, want)) {
			inum = net->ns.inum;
			put_net(net);
			break;
		}
		cond_resched();
	}

	return inum;
}

/**
 * po_fill_reason() - put the reason of a refusal into a message
 * @skb: message, which the caller cancels on failure
 * @attrs: attributes for the reason, the device and the namespace
 * @viewer: reader
 * @want: the refused bind
 * @reason: the reason
 *
 * Context: may sleep; the task that receives the reply.
 * Return: 0 or -EMSGSIZE.
 */
int po_fill_reason(struct sk_buff *skb, const struct po_reason_attrs *attrs,
		   const struct po_viewer *viewer, const struct po_sock *want,
		   const struct po_reason *reason)
{
	enum portowner_reason value = reason->value;
	u32 netns = 0;

	if (value == PORTOWNER_REASON_NOT_CONFIGURED)
		netns = po_netns_with_addr(viewer, want);
	if (netns)
		value = PORTOWNER_REASON_OTHER_NETNS;

	if ((value && nla_put_u32(skb, attrs->reason, value)) ||
	    (*reason->dev && nla_put_string(skb, attrs->dev, reason->dev)) ||
	    (netns && nla_put_u32(skb, attrs->netns, netns)))
		return -EMSGSIZE;

	return 0;
}
