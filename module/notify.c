// SPDX-License-Identifier: GPL-2.0
/*
 * Tell the subscribers of a network namespace that its log has news.
 *
 * The message names a record only. What a subscriber may know of it depends on
 * who it is, so it asks; one that missed a message asks for what follows the last
 * record it knows. So one message will do for all refusals of a moment.
 */

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>
#include <net/sock.h>

#include "generated/netlink.h"
#include "internal.h"

/* At most one message in this time for a namespace: the first, then the last. */
#define PO_NOTIFY_TIME	(HZ / 50)

/**
 * struct po_notify - what the subscribers of a namespace are to be told
 * @node: in po_notify_late, or empty
 * @net: namespace; holds a reference while in that list
 * @next: when they may be told again, in jiffies
 * @told: @next was set
 *
 * Protected by po_notify_lock.
 */
struct po_notify {
	struct list_head node;
	struct net *net;
	unsigned long next;
	bool told;
};

static unsigned int po_notify_id __read_mostly;
static DEFINE_SPINLOCK(po_notify_lock);

/* Namespaces that have news since they were told. */
static LIST_HEAD(po_notify_late);

static void po_notify_send(struct net *net, u64 seq, gfp_t gfp)
{
	struct sk_buff *skb;
	void *hdr;

	skb = genlmsg_new(nla_total_size_64bit(sizeof(u64)) +
			  nla_total_size(sizeof(u32)), gfp);
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
				PORTOWNER_NLGRP_REJECTS, gfp);
}

/*
 * The next one that may be told again, or just the next one if @any, taken from
 * the list with its reference; NULL if there is none.
 */
static struct net *po_notify_take(bool any)
{
	struct po_notify *notify;
	struct net *net = NULL;

	spin_lock(&po_notify_lock);
	notify = list_first_entry_or_null(&po_notify_late, struct po_notify,
					  node);
	if (notify && (any || time_after_eq(jiffies, notify->next))) {
		list_del_init(&notify->node);
		net = notify->net;
		notify->next = jiffies + PO_NOTIFY_TIME;
	}
	spin_unlock(&po_notify_lock);

	return net;
}

static void po_notify_work(struct work_struct *work)
{
	struct net *net;

	while ((net = po_notify_take(false))) {
		po_notify_send(net, po_log_last(net), GFP_KERNEL);
		put_net(net);
		cond_resched();
	}
	if (!list_empty(&po_notify_late))
		queue_delayed_work(po_unbound_wq, to_delayed_work(work),
				   PO_NOTIFY_TIME);
}

static DECLARE_DELAYED_WORK(po_notify_later, po_notify_work);

/* Whether to tell at once; if not, it is told later. */
static bool po_notify_now(struct net *net)
{
	struct po_notify *notify = net_generic(net, po_notify_id);
	bool now = false;

	spin_lock(&po_notify_lock);
	if (!list_empty(&notify->node))
		goto out;

	now = !notify->told || time_after_eq(jiffies, notify->next);
	if (now) {
		notify->told = true;
		notify->next = jiffies + PO_NOTIFY_TIME;
	} else {
		notify->net = get_net(net);
		list_add_tail(&notify->node, &po_notify_late);
		queue_delayed_work(po_unbound_wq, &po_notify_later,
				   PO_NOTIFY_TIME);
	}

out:
	spin_unlock(&po_notify_lock);

	return now;
}

/**
 * po_notify_reject() - multicast that a bind was refused
 * @net: namespace; the caller holds a reference
 * @seq: number of the refusal
 *
 * Context: may sleep. po_notify_stop() was not called.
 */
void po_notify_reject(struct net *net, u64 seq)
{
	if (genl_has_listeners(&portowner_nl_family, net,
			       PORTOWNER_NLGRP_REJECTS) &&
	    po_notify_now(net))
		po_notify_send(net, seq, PO_GFP_REFUSED);
}

static int __net_init po_notify_net_init(struct net *net)
{
	struct po_notify *notify = net_generic(net, po_notify_id);

	INIT_LIST_HEAD(&notify->node);

	return 0;
}

static struct pernet_operations po_notify_ops = {
	.init	= po_notify_net_init,
	.id	= &po_notify_id,
	.size	= sizeof(struct po_notify),
};

/**
 * po_notify_init() - prepare to tell
 *
 * Return: 0 or a negative errno.
 */
int po_notify_init(void)
{
	return register_pernet_subsys(&po_notify_ops);
}

/**
 * po_notify_stop() - tell nobody any more
 *
 * Context: may sleep. There are no refusals any more; the family is still there.
 */
void po_notify_stop(void)
{
	struct net *net;

	cancel_delayed_work_sync(&po_notify_later);
	while ((net = po_notify_take(true)))
		put_net(net);
}

/**
 * po_notify_exit() - forget who was told
 *
 * Context: may sleep, after po_notify_stop().
 */
void po_notify_exit(void)
{
	unregister_pernet_subsys(&po_notify_ops);
}
