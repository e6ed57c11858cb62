// SPDX-License-Identifier: GPL-2.0
/*
 * Trace calls while there are subscribers.
 *
 * A request for calls enables tracing, in the reader's namespace or in all. It
 * stays enabled while the multicast group has subscribers in the reader's
 * namespace, which is checked every second. As for refusals, a message only
 * says that there are new calls to request, see rejects/notify.c.
 *
 * The kernel tells only whether the group has subscribers in any namespace, and
 * anybody may be one in a namespace of their own. So tracing also ends if no
 * message has reached anybody for some time; a subscriber may have no room left
 * because it was stopped.
 */

#include <linux/atomic.h>
#include <linux/mutex.h>
#include <linux/workqueue.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "core/core.h"
#include "generated/netlink.h"
#include "trace/ring.h"

/* Jiffies after which a subscriber with no room for messages counts as none. */
#define PO_TRACE_UNHEARD	(30 * HZ)

/* Jiffies to join the group after a request, and between two checks. */
#define PO_TRACE_GRACE	(3 * HZ)
#define PO_TRACE_CHECK	HZ

DEFINE_STATIC_KEY_FALSE(po_trace_key);

/* Earliest time of the next update, in jiffies; a hint, read without a lock. */
unsigned long po_trace_next_update;

/* Everything below is protected by po_history_mutex. */

/* Traced namespaces; the initial one while all are traced. */
static LIST_HEAD(po_trace_nets);

/* Those with new calls. */
static struct po_turns po_trace_due;

/* Set when unloading: tracing cannot be enabled any more. */
static bool po_trace_stopped;

/* Returns whether there was a subscriber with room for it, as far as is known. */
static bool po_trace_send(struct net *net)
{
	struct sk_buff *skb = genlmsg_new(nla_total_size(sizeof(u32)),
					  GFP_KERNEL);
	void *hdr;

	if (!skb)
		return true;

	hdr = genlmsg_put(skb, 0, 0, &portowner_nl_family, 0,
			  PORTOWNER_CMD_TRACE_NTF);
	if (!hdr || nla_put_u32(skb, PORTOWNER_A_CALL_NETNS, net->ns.inum)) {
		nlmsg_free(skb);
		return true;
	}
	genlmsg_end(skb, hdr);

	return genlmsg_multicast_netns(&portowner_nl_family, net, skb, 0,
				       PORTOWNER_NLGRP_CALLS,
				       GFP_KERNEL) != -ESRCH;
}

/**
 * po_trace_notify() - have the subscribers of a namespace notified of new calls
 * @net: namespace; nothing happens if it is traced only along with all others
 *
 * Context: po_history_mutex is held.
 */
void po_trace_notify(const struct net *net)
{
	struct po_trace_net *trace = po_trace_net(net);

	lockdep_assert_held(&po_history_mutex);

	if (!list_empty(&trace->node) && list_empty(&trace->due))
		po_turns_add(&po_trace_due, &trace->due, net);
}

/* Get the next namespace with new calls, referenced, or NULL. */
static struct net *po_trace_next(void)
{
	struct list_head *node;
	struct net *net;

	lockdep_assert_held(&po_history_mutex);

	while ((node = po_turns_next(&po_trace_due))) {
		net = maybe_get_net(list_entry(node, struct po_trace_net, due)->net);
		if (net)
			return net;
	}

	return NULL;
}

/*
 * Notify subscribers of new calls. A message takes time in proportion to those
 * in all namespaces; readers do not wait for that.
 */
static void po_trace_send_pending(struct work_struct *work)
{
	struct po_trace_net *trace;
	struct net *net;
	bool heard;

	mutex_lock(&po_history_mutex);
	while (!po_trace_stopped && (net = po_trace_next())) {
		mutex_unlock(&po_history_mutex);
		heard = po_trace_send(net);
		cond_resched();
		mutex_lock(&po_history_mutex);
		trace = po_trace_net(net);
		if (heard || !trace->unheard)
			trace->unheard_since = jiffies;
		/* Whoever has just asked may not have joined the group yet. */
		trace->unheard = !heard && time_after(jiffies, trace->expires);
		put_net(net);
	}
	mutex_unlock(&po_history_mutex);
}

static DECLARE_WORK(po_trace_send_work, po_trace_send_pending);

/* Move new calls to the history, where readers find them. */
static void po_trace_update(struct work_struct *work)
{
	WRITE_ONCE(po_trace_next_update, jiffies + PO_TRACE_INTERVAL);
	mutex_lock(&po_history_mutex);
	po_history_update();
	mutex_unlock(&po_history_mutex);
	queue_work(po_unbound_wq, &po_trace_send_work);
}

DECLARE_DELAYED_WORK(po_trace_work, po_trace_update);

static void po_trace_off(struct po_trace_net *trace)
{
	list_del_init(&trace->node);
	list_del_init(&trace->due);
	if (net_eq(trace->net, &init_net))
		WRITE_ONCE(po_trace_all, false);
	/* ORDER: last. A namespace that is not traced ends without the mutex. */
	smp_store_release(&trace->on, false);
}

/* Disable tracing if no namespace is traced. */
static void po_trace_disable(void)
{
	if (!list_empty(&po_trace_nets))
		return;

	static_branch_disable(&po_trace_key);
	po_history_stop();
}

static bool po_trace_unheard(const struct po_trace_net *trace)
{
	return time_after(jiffies, trace->expires) &&
	       ((trace->unheard &&
		 time_after(jiffies, trace->unheard_since + PO_TRACE_UNHEARD)) ||
		!genl_has_listeners(&portowner_nl_family, trace->net,
				    PORTOWNER_NLGRP_CALLS));
}

/* Stop tracing namespaces without subscribers. */
static void po_trace_check(struct work_struct *work)
{
	struct po_trace_net *trace, *next;

	mutex_lock(&po_history_mutex);
	list_for_each_entry_safe(trace, next, &po_trace_nets, node)
		if (po_trace_unheard(trace))
			po_trace_off(trace);
	po_trace_disable();
	if (!list_empty(&po_trace_nets))
		queue_delayed_work(po_unbound_wq, to_delayed_work(work),
				   PO_TRACE_CHECK);
	mutex_unlock(&po_history_mutex);
}

static DECLARE_DELAYED_WORK(po_trace_check_work, po_trace_check);

/**
 * po_trace_begin() - start tracing a namespace
 * @net: namespace; the caller holds a reference
 * @all: trace all namespaces; @net is the initial one
 *
 * Tracing ends some time after the last subscriber in @net has left.
 *
 * Context: may sleep; between po_history_lock_started() and po_history_unlock().
 * Return: 0, or -ENODEV while the module is being unloaded.
 */
int po_trace_begin(struct net *net, bool all)
{
	struct po_trace_net *trace = po_trace_net(net);

	lockdep_assert_held(&po_history_mutex);

	if (po_trace_stopped) {
		po_history_stop();
		return -ENODEV;
	}

	trace->expires = jiffies + PO_TRACE_GRACE;
	trace->unheard = false;
	if (list_empty(&trace->node))
		list_add_tail(&trace->node, &po_trace_nets);
	WRITE_ONCE(trace->on, true);
	if (all)
		WRITE_ONCE(po_trace_all, true);
	static_branch_enable(&po_trace_key);
	queue_delayed_work(po_unbound_wq, &po_trace_check_work, PO_TRACE_CHECK);

	return 0;
}

/**
 * po_trace_flush() - move all calls recorded so far into the history
 *
 * Context: may sleep; po_history_mutex is not held.
 */
void po_trace_flush(void)
{
	flush_delayed_work(&po_trace_work);
}

static int po_trace_net_init(struct net *net)
{
	static atomic64_t last_id = ATOMIC64_INIT(0);
	struct po_trace_net *trace = po_trace_net(net);

	trace->id = atomic64_inc_return(&last_id);
	trace->net = net;
	INIT_LIST_HEAD(&trace->node);
	INIT_LIST_HEAD(&trace->due);

	return 0;
}

static void po_trace_net_exit(struct net *net)
{
	struct po_trace_net *trace = po_trace_net(net);

	/* No task is left in it that could enable tracing. */
	if (!smp_load_acquire(&trace->on))
		return;

	/*
	 * The next check disables tracing if this was the last one: it patches
	 * code on all CPUs, and anybody can make namespaces end in a row.
	 */
	mutex_lock(&po_history_mutex);
	if (trace->on)
		po_trace_off(trace);
	mutex_unlock(&po_history_mutex);
}

struct po_net_part po_trace_part = {
	.init	= po_trace_net_init,
	.exit	= po_trace_net_exit,
	.size	= sizeof(struct po_trace_net),
};

/**
 * po_trace_init() - prepare to trace calls
 *
 * Context: module init.
 */
void __init po_trace_init(void)
{
	po_ring_init();
	po_turns_init(&po_trace_due);
}

/**
 * po_trace_stop() - stop tracing and notifying
 *
 * Context: may sleep; po_trace_record() is no longer called, but the generic
 * netlink family is still registered.
 */
void po_trace_stop(void)
{
	struct po_trace_net *trace, *next;

	mutex_lock(&po_history_mutex);
	po_trace_stopped = true;
	list_for_each_entry_safe(trace, next, &po_trace_nets, node)
		po_trace_off(trace);
	po_trace_disable();
	mutex_unlock(&po_history_mutex);
	cancel_delayed_work_sync(&po_trace_check_work);
	cancel_delayed_work_sync(&po_trace_work);
	cancel_work_sync(&po_trace_send_work);
}
