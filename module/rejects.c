// SPDX-License-Identifier: GPL-2.0
/*
 * From the probe that sees a refusal to where it can be recorded.
 *
 * The probe handlers are atomic, so they only fill one of a fixed number of
 * slots. The rest is done where sleeping and bucket locks are allowed: in the
 * refused task itself, on its way back to user space, so that the record is
 * there before it knows of the refusal and the work is charged to it. Kernel
 * threads and tasks that are ending have no such way; a work item does it.
 */

#include <linux/cred.h>
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/sched/task.h>
#include <linux/task_work.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "internal.h"

/* Slots: refusals between probe and record; a running task has one, or io_uring many. */
#define PO_SLOTS	112

/**
 * struct po_slot - a refusal that waits to be recorded
 * @work: in the list of the refused task
 * @node: in po_free or po_deferred
 * @module_held: whether the slot keeps the module from being unloaded
 * @refusal: what was refused, to whom
 *
 * Belongs to whoever took it from one of the lists.
 */
struct po_slot {
	union {
		struct callback_head work;
		struct llist_node node;
	};
	bool module_held;
	struct po_refusal refusal;
};

static struct po_slot po_slots[PO_SLOTS];

/* Slots to be had. Taking needs po_free_lock, giving back does not. */
static LLIST_HEAD(po_free);
static DEFINE_RAW_SPINLOCK(po_free_lock);

/* Slots for the work item. */
static LLIST_HEAD(po_deferred);

/* Slots in use, and who waits for there to be none. */
static atomic_t po_busy = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(po_idle);

static struct po_slot *po_slot_get(void)
{
	struct llist_node *node;
	unsigned long flags;

	raw_spin_lock_irqsave(&po_free_lock, flags);
	node = llist_del_first(&po_free);
	raw_spin_unlock_irqrestore(&po_free_lock, flags);

	return node ? llist_entry(node, struct po_slot, node) : NULL;
}

/* The last thing done to a refusal; po_rejects_exit() waits for it. */
static void po_slot_finish(struct po_slot *slot)
{
	bool module_held = slot->module_held;

	po_refusal_record(&slot->refusal);
	put_cred(slot->refusal.cred);
	put_pid(slot->refusal.pid);
	sock_put(slot->refusal.sk);
	put_net(slot->refusal.net);
	llist_add(&slot->node, &po_free);
	if (atomic_dec_and_test(&po_busy))
		wake_up(&po_idle);
	if (module_held)
		module_put(THIS_MODULE);
}

static void po_task_work(struct callback_head *work)
{
	po_slot_finish(container_of(work, struct po_slot, work));
}

static void po_deferred_work(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&po_deferred);
	struct po_slot *slot, *next;

	llist_for_each_entry_safe(slot, next, llist_reverse_order(list), node)
		po_slot_finish(slot);
}

static DECLARE_WORK(po_work, po_deferred_work);

static void po_refusal_fill(struct po_refusal *refusal, struct sock *sk,
			    const struct po_want *want, enum portowner_op op,
			    int err)
{
	refusal->time = ktime_get_real_ns();
	refusal->op = op;
	refusal->err = -err;
	refusal->want = *want;
	sock_hold(sk);
	refusal->sk = sk;
	refusal->pid = get_pid(task_tgid(current));
	refusal->cred = get_current_cred();
	/* Another thread may be writing it; torn but always terminated. */
	memcpy(refusal->comm, current->group_leader->comm,
	       sizeof(refusal->comm));
	refusal->comm[sizeof(refusal->comm) - 1] = '\0';
}

/* Whether the slot could be queued to the way back of the refused task. */
static bool po_slot_to_task(struct po_slot *slot)
{
	if (current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_EXITING))
		return false;

	/*
	 * The task may have to end a close() first, which lingers as long as
	 * its peer likes: such tasks must not take all slots, and unloading
	 * has to fail meanwhile, not to hang.
	 */
	if (atomic_read(&po_busy) > PO_SLOTS / 2 || !try_module_get(THIS_MODULE))
		return false;

	init_task_work(&slot->work, po_task_work);
	slot->module_held = true;
	slot->refusal.in_task = true;
	if (!task_work_add(current, &slot->work, TWA_RESUME))
		return true;

	slot->module_held = false;
	slot->refusal.in_task = false;
	module_put(THIS_MODULE);

	return false;
}

/**
 * po_reject_begin() - note a refusal, to be recorded as soon as possible
 * @sk: socket that was refused; the caller holds a reference
 * @want: what was asked for
 * @op: how
 * @err: negative errno, or 0 if it is not certain to be -EADDRNOTAVAIL: then
 *	it may turn out to be no refusal at all
 *
 * A refusal for which there is no slot is counted as lost.
 *
 * Context: any that is not NMI, in the refused task; probe handlers included.
 */
void po_reject_begin(struct sock *sk, const struct po_want *want,
		     enum portowner_op op, int err)
{
	struct net *net = maybe_get_net(sock_net(sk));
	struct po_slot *slot;

	/* Of a kernel socket, in a namespace that is going away with its log. */
	if (!net)
		return;

	slot = po_slot_get();
	if (!slot) {
		po_log_lost(net);
		put_net(net);
		return;
	}
	atomic_inc(&po_busy);
	slot->module_held = false;
	slot->refusal.net = net;
	slot->refusal.in_task = false;
	po_refusal_fill(&slot->refusal, sk, want, op, err);
	if (!po_slot_to_task(slot)) {
		llist_add(&slot->node, &po_deferred);
		queue_work(po_unbound_wq, &po_work);
	}
}

/**
 * po_rejects_init() - make the slots
 */
void po_rejects_init(void)
{
	unsigned int i;

	for (i = 0; i < PO_SLOTS; i++)
		llist_add(&po_slots[i].node, &po_free);
}

/**
 * po_rejects_exit() - wait for all refusals to be recorded
 *
 * Context: may sleep. po_reject_begin() is not called any more.
 */
void po_rejects_exit(void)
{
	flush_work(&po_work);
	wait_event(po_idle, !atomic_read(&po_busy));
	/* Those that woke us may still be on their last instructions here. */
	flush_work(&po_work);
	synchronize_rcu_tasks();
}
