// SPDX-License-Identifier: GPL-2.0
/*
 * Pass a refusal from the probe handler to a context that can record it.
 *
 * Probe handlers are atomic, so they only fill one of a fixed number of slots.
 * The rest requires sleeping and bucket locks. It is done by the refused task
 * itself before it returns to user space, so that the record exists before the
 * task learns of the refusal, and the work is charged to it. An io_uring's own
 * thread does it before its next request. For kernel threads and exiting tasks,
 * which run no task work, a work item does it.
 *
 * A task may be prevented from running its task work, by a debugger or by a
 * lingering close() ahead of it in the list. It then keeps its slot, so slots
 * are shared fairly among users. Unloading does not wait for such a task, see
 * po_rejects_exit().
 */

#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/llist.h>
#include <linux/rcupdate_wait.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "rejects/refusal.h"
#include "rejects/rejects.h"
#include "rejects/slot.h"

bool po_log_on = true;

/* Checks of tasks that are waited for before they are asked to hurry. */
#define PO_NUDGE_AFTER	20

/* Slots to be recorded by the work item. */
static LLIST_HEAD(po_deferred);

/* Set when unloading: nothing is recorded any more. */
static bool po_rejects_stopping;

static void po_refusal_drop(struct po_refusal *refusal)
{
	put_cred(refusal->cred);
	put_pid(refusal->pid);
	sock_put(refusal->sk);
	put_net(refusal->net);
}

static void po_slot_record(struct po_slot *slot)
{
	if (!READ_ONCE(po_rejects_stopping))
		po_refusal_record(&slot->refusal);
	po_refusal_drop(&slot->refusal);
}

/*
 * Finally queues the same task work once more with a function of the kernel,
 * not of this module. task_work_run() repeats until the list is empty, even in
 * an exiting task, so that function runs after this one has returned.
 */
static void po_task_work(struct callback_head *work)
{
	struct po_task_item *item =
		container_of(work, struct po_task_item, sync.head);
	unsigned int over_high = po_pages_over_high();
	struct po_slot *slot = item->slot;

	/* Unless po_rejects_exit() has withdrawn it. */
	if (cmpxchg(&slot->state, PO_SLOT_PENDING, PO_SLOT_RECORDING) ==
	    PO_SLOT_PENDING) {
		po_slot_record(slot);
		/* The record is charged to the task, but it does not wait for that. */
		po_set_pages_over_high(over_high);
		po_slot_drain(slot);
	}
	/* Nothing from here on sleeps. */
	init_task_work(work, wakeme_after_rcu);
	task_work_add(current, work, TWA_NONE);
}

static void po_record_deferred(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&po_deferred);
	struct po_slot *slot, *next;

	llist_for_each_entry_safe(slot, next, llist_reverse_order(list),
				  deferred) {
		po_slot_record(slot);
		po_slot_free(slot);
	}
}

static DECLARE_WORK(po_deferred_work, po_record_deferred);

static void po_refusal_fill(struct po_refusal *refusal, struct sock *sk,
			    const struct po_want *want, enum portowner_reject_op op,
			    int err)
{
	refusal->time.real = ktime_get_real_ns();
	refusal->time.boot = ktime_get_boottime_ns();
	refusal->op = op;
	refusal->err = -err;
	refusal->want = *want;
	sock_hold(sk);
	refusal->sk = sk;
	refusal->pid = get_pid(task_tgid(current));
	refusal->cred = po_get_cred(current_cred());
	po_copy_comm(refusal->comm, current->group_leader);
}

/* Queue a slot as task work of the refused task. Returns false on failure. */
static bool po_slot_queue_to_task(struct po_slot *slot)
{
	struct callback_head *work = &slot->item->sync.head;

	/* Before 5.12, the threads of an io_uring are kernel threads. */
	if (current->flags & (PF_KTHREAD | PF_EXITING))
		return false;

	reinit_completion(&slot->item->sync.completion);
	slot->task = current;
	/* Threads of an io_uring return from no system call. */
	slot->refusal.in_syscall = !(current->flags & PF_IO_WORKER);
	init_task_work(work, po_task_work);
	if (!task_work_add(current, work, TWA_RESUME))
		return true;

	slot->refusal.in_syscall = false;
	complete(&slot->item->sync.completion);

	return false;
}

/**
 * po_reject_begin() - queue a refusal to be recorded
 * @sk: socket that was refused; the caller holds a reference
 * @want: what was requested
 * @op: operation that was refused
 * @err: negative errno, or 0 if -EADDRNOTAVAIL is only suspected, so that it
 *	may not be a refusal
 *
 * A refusal that exceeds its user's share of slots is counted as lost, unless
 * it is only suspected.
 *
 * Context: the refused task, any context but NMI; probe handlers included.
 */
void po_reject_begin(struct sock *sk, const struct po_want *want,
		     enum portowner_reject_op op, int err)
{
	struct po_slot *slot;
	struct net *net;
	kuid_t payer;

	if (!READ_ONCE(po_log_on))
		return;

	net = maybe_get_net(sock_net(sk));
	/* The namespace of a kernel socket may be going away, with its log. */
	if (!net)
		return;

	payer = po_payer_current(net);
	slot = po_slot_take(payer);
	if (!slot) {
		if (err)
			po_log_lost(net);
		put_net(net);
		return;
	}
	slot->refusal.net = net;
	slot->refusal.payer = payer;
	slot->refusal.in_syscall = false;
	po_refusal_fill(&slot->refusal, sk, want, op, err);
	if (!po_slot_queue_to_task(slot)) {
		llist_add(&slot->deferred, &po_deferred);
		queue_work(po_unbound_wq, &po_deferred_work);
	}
}

/**
 * po_rejects_init() - allocate slots for refusals
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_rejects_init(void)
{
	return po_slots_init();
}

/*
 * Take back a slot whose task has not run its task work yet, and replace the
 * function by one of the kernel. The task may have read the old one just
 * before.
 */
static void po_slot_withdraw(struct po_slot *slot)
{
	if (cmpxchg(&slot->state, PO_SLOT_PENDING, PO_SLOT_WITHDRAWN) !=
	    PO_SLOT_PENDING)
		return;

	po_refusal_drop(&slot->refusal);
	WRITE_ONCE(slot->item->sync.head.func, wakeme_after_rcu);
	/* Before checking the task; pairs with the barriers in schedule(). */
	smp_mb();
}

/*
 * Whether no code of this module is left to run for a slot.
 *
 * That is certain once its task has run all its task work. Until then, the task
 * may have read the address of po_task_work() without having called it yet, or
 * be at the end of it. Neither takes more than a few instructions, which never
 * sleep. So a task that sleeps, or has slept since it was first checked, is at
 * neither point, and will read what po_slot_withdraw() has written. Any other
 * task will soon be past them.
 */
static bool po_slot_quiescent(struct po_slot *slot)
{
	/* Pairs with po_slot_put() and po_slot_drain(). */
	enum po_slot_state state = smp_load_acquire(&slot->state);
	unsigned long nvcsw;
	bool done;

	if (state == PO_SLOT_FREE || slot->quiet)
		return true;
	if (state == PO_SLOT_RECORDING)
		return false;

	/*
	 * A task runs all its task work before it exits, and its task_struct is
	 * freed after a grace period. So it is still valid if not drained.
	 */
	rcu_read_lock();
	done = po_slot_drained(slot);
	if (!done) {
		/* Only voluntary switches: a preempted task has not slept. */
		nvcsw = READ_ONCE(slot->task->nvcsw);
		done = !task_is_running(slot->task) ||
		       (slot->nvcsw_valid && nvcsw != slot->nvcsw);
		if (!slot->nvcsw_valid)
			slot->nvcsw = nvcsw;
		slot->nvcsw_valid = true;
	}
	rcu_read_unlock();
	slot->quiet = done;

	return done;
}

/*
 * Have a task run its task work soon. It may otherwise stay in a system call for as
 * long as its user likes, without sleeping: an io_uring submits thousands of requests
 * in one call. This ends that early, as a signal would, for those not yet done.
 */
static void po_slot_nudge(struct po_slot *slot)
{
	struct rcu_synchronize *nudge = kmalloc(sizeof(*nudge), GFP_KERNEL);

	if (!nudge)
		return;

	init_completion(&nudge->completion);
	init_task_work(&nudge->head, wakeme_after_rcu);
	rcu_read_lock();
	/* As in po_slot_quiescent(). */
	if (po_slot_drained(slot) ||
	    task_work_add(slot->task, &nudge->head, TWA_SIGNAL))
		complete(&nudge->completion);
	rcu_read_unlock();
	slot->nudge = nudge;
}

/* Nudge all tasks that are still waited for. */
static void po_slots_nudge(void)
{
	unsigned int i;

	for (i = 0; i < PO_SLOTS; i++)
		if (!po_slot_quiescent(&po_slots_all[i]))
			po_slot_nudge(&po_slots_all[i]);
}

/**
 * po_rejects_exit() - drop all refusals not recorded yet
 *
 * Does not wait for tasks that are prevented from running their task work. Each
 * leaks one &struct po_task_item, which could not be freed later.
 *
 * Context: may sleep; po_reject_begin() is no longer called.
 */
void po_rejects_exit(void)
{
	unsigned int i, waited = 0;

	WRITE_ONCE(po_rejects_stopping, true);
	/* No slot is added to po_deferred any more. */
	flush_work(&po_deferred_work);
	for (i = 0; i < PO_SLOTS; i++)
		po_slot_withdraw(&po_slots_all[i]);
	for (i = 0; i < PO_SLOTS; i++) {
		while (!po_slot_quiescent(&po_slots_all[i])) {
			if (++waited == PO_NUDGE_AFTER)
				po_slots_nudge();
			usleep_range(100, 1000);
		}
	}
	po_reject_print_flush();
	po_slots_destroy();
}
