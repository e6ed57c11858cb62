// SPDX-License-Identifier: GPL-2.0
/*
 * Notify the subscribers of a network namespace of new refusals in its log.
 *
 * A message contains only the number of the refusal. What a subscriber may see
 * depends on its permissions, so it requests all records after the last one it
 * knows. That way, one message suffices for many refusals, and a lost message
 * loses no record.
 *
 * A work item sends the messages: sending one takes time in proportion to the
 * subscribers that the group has in all namespaces, and anybody may subscribe
 * in a namespace of their own.
 */

#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include "core/core.h"
#include "generated/netlink.h"
#include "rejects/rejects.h"

/* Jiffies between messages per namespace, each with the latest number. */
#define PO_NOTIFY_INTERVAL	(HZ / 50)

/* Namespaces queued while the lock is held. */
#define PO_NOTIFY_BATCH		32

/**
 * struct po_notify - rate limit of messages per namespace
 * @node: in a queue of po_notify_due, in po_notify_waiting, or empty
 * @net: namespace; holds a reference while in a list
 * @next_time: earliest time of the next message, in jiffies
 *
 * Protected by po_notify_lock.
 */
struct po_notify {
	struct list_head node;
	struct net *net;
	unsigned long next_time;
};

static DEFINE_SPINLOCK(po_notify_lock);

/*
 * Namespaces to notify: those that are due, and those that have to wait, by time.
 * Both protected by po_notify_lock.
 */
static struct po_turns po_notify_due;
static LIST_HEAD(po_notify_waiting);

/* The generic netlink family is registered: messages can be sent. */
static bool po_notify_on;

static void po_notify_send(struct net *net, u64 seq)
{
	struct sk_buff *skb;
	void *hdr;

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

/* A time that is further away has passed long ago: jiffies wrap on 32 bits. */
static bool po_notify_is_due(const struct po_notify *notify)
{
	return !time_in_range(notify->next_time, jiffies + 1,
			      jiffies + PO_NOTIFY_INTERVAL);
}

/*
 * Queue the namespaces whose time has come, or all if @any. There may be very many, and
 * refused tasks wait for the lock: it is dropped after a few.
 */
static void po_notify_queue_due(bool any)
{
	struct po_notify *notify;
	int i;

	do {
		spin_lock(&po_notify_lock);
		for (i = 0; i < PO_NOTIFY_BATCH; i++) {
			notify = list_first_entry_or_null(&po_notify_waiting,
							  struct po_notify, node);
			if (!notify || !(any || po_notify_is_due(notify)))
				break;
			list_del(&notify->node);
			po_turns_add(&po_notify_due, &notify->node, notify->net);
		}
		spin_unlock(&po_notify_lock);
		cond_resched();
	} while (i == PO_NOTIFY_BATCH);
}

/*
 * Remove the next namespace that is due from its list, or any if @any. Returns
 * it with its reference, or NULL.
 */
static struct net *po_notify_next(bool any)
{
	struct po_notify *notify;
	struct net *net = NULL;
	struct list_head *node;

	po_notify_queue_due(any);
	spin_lock(&po_notify_lock);
	node = po_turns_next(&po_notify_due);
	if (node) {
		notify = list_entry(node, struct po_notify, node);
		net = notify->net;
		notify->next_time = jiffies + PO_NOTIFY_INTERVAL;
	}
	spin_unlock(&po_notify_lock);

	return net;
}

static void po_notify_send_pending(struct work_struct *work)
{
	struct net *net;

	while (READ_ONCE(po_notify_on) && (net = po_notify_next(false))) {
		po_notify_send(net, po_log_last(net));
		put_net(net);
		cond_resched();
	}
	if (!list_empty(&po_notify_waiting))
		queue_delayed_work(po_unbound_wq, to_delayed_work(work),
				   PO_NOTIFY_INTERVAL);
}

static DECLARE_DELAYED_WORK(po_notify_work, po_notify_send_pending);

/**
 * po_notify_reject() - have subscribers notified that a bind was refused
 * @net: namespace; the caller holds a reference
 *
 * Context: process context; not after po_notify_stop().
 */
void po_notify_reject(struct net *net)
{
	struct po_notify *notify = po_net_part(net, &po_notify_part);

	/* Pairs with po_notify_start(). */
	if (!smp_load_acquire(&po_notify_on) ||
	    !genl_has_listeners(&portowner_nl_family, net, PORTOWNER_NLGRP_REJECTS))
		return;

	spin_lock(&po_notify_lock);
	if (!list_empty(&notify->node))
		goto out;

	notify->net = get_net(net);
	if (po_notify_is_due(notify)) {
		po_turns_add(&po_notify_due, &notify->node, net);
		mod_delayed_work(po_unbound_wq, &po_notify_work, 0);
	} else {
		list_add_tail(&notify->node, &po_notify_waiting);
		queue_delayed_work(po_unbound_wq, &po_notify_work,
				   PO_NOTIFY_INTERVAL);
	}

out:
	spin_unlock(&po_notify_lock);
}

static int po_notify_net_init(struct net *net)
{
	struct po_notify *notify = po_net_part(net, &po_notify_part);

	INIT_LIST_HEAD(&notify->node);
	notify->next_time = jiffies;

	return 0;
}

struct po_net_part po_notify_part = {
	.init	= po_notify_net_init,
	.size	= sizeof(struct po_notify),
};

/**
 * po_notify_init() - prepare to notify
 *
 * Context: module init, before any namespace is set up.
 */
void __init po_notify_init(void)
{
	po_turns_init(&po_notify_due);
}

/**
 * po_notify_start() - send messages from now on
 *
 * Context: the generic netlink family is registered.
 */
void __init po_notify_start(void)
{
	/* Pairs with po_notify_reject(). */
	smp_store_release(&po_notify_on, true);
}

/**
 * po_notify_stop() - stop sending messages
 *
 * Context: may sleep; no more refusals are recorded, but the generic netlink
 * family is still registered.
 */
void po_notify_stop(void)
{
	struct net *net;

	WRITE_ONCE(po_notify_on, false);
	cancel_delayed_work_sync(&po_notify_work);
	while ((net = po_notify_next(true)))
		put_net(net);
}
