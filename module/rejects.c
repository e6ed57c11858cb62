// SPDX-License-Identifier: GPL-2.0
/*
 * From the probe that sees a refusal to where it can be recorded.
 *
 * The probe handlers are atomic, so they only fill one of a fixed number of
 * slots. The rest is done where sleeping and bucket locks are allowed: in the
 * refused task itself, on its way back to user space, so that the record is
 * there before it knows of the refusal and the work is charged to it. Kernel
 * threads and tasks that are ending have no such way; a work item does it.
 *
 * A task may be kept from coming to its task work: by a debugger that stopped
 * it, or by a close() that lingers and is ahead in its list. It then keeps its
 * slot, so slots are shared fairly by user. Unloading does not wait for it: see
 * po_rejects_exit().
 */

#include <linux/completion.h>
#include <linux/cred.h>
#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/kmemleak.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/random.h>
#include <linux/rcupdate_wait.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/task_work.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "internal.h"

/* Slots: refusals between probe and record; a running task has one, or io_uring many. */
#define PO_SLOTS	256

/* Lists of slots in use, by a hash of their users, as a power of two. */
#define PO_USERS_BITS	6

/* Free slots that are looked at to find one whose last task has left. */
#define PO_TRIES	8

/**
 * enum po_slot_state - whose a slot is
 * @PO_FREE: nobody's; who has the lock may take it
 * @PO_WAITING: its task's or the work item's, which have not come to it yet; or
 *	of the handler that fills it
 * @PO_RUNNING: its task makes the record
 * @PO_LEAVING: nobody's as soon as &struct po_leave says so
 * @PO_WITHDRAWN: taken from its task, which will find nothing to do; by
 *	po_rejects_exit()
 *
 * From @PO_WAITING a slot is taken by cmpxchg(), since its task and
 * po_rejects_exit() may want it.
 */
enum po_slot_state {
	PO_FREE,
	PO_WAITING,
	PO_RUNNING,
	PO_LEAVING,
	PO_WITHDRAWN,
};

/**
 * struct po_leave - what is in the list of a refused task
 * @sync: its head is the task work; it is complete once no instruction of this
 *	module is left to run for it
 * @slot: what it is for; while po_task_work() may be called
 *
 * Stays when the module goes, with a task that has not come to it.
 */
struct po_leave {
	struct rcu_synchronize sync;
	struct po_slot *slot;
};

/**
 * struct po_slot - a refusal that waits to be recorded
 * @free: in @free of &struct po_slots, if it is
 * @in_use: in @in_use of that, if it is; or NULL
 * @payer: whose it is, likewise
 * @state: see &enum po_slot_state
 * @node: in po_deferred
 * @leave: what its task has of it
 * @task: that task; no reference, see po_slot_left()
 * @switches: how often that one had slept when unloading began to wait for it
 * @waiting: whether @switches is set
 * @refusal: what was refused, to whom
 *
 * The lock of &struct po_slots protects @free, @in_use and @payer. All that
 * follows @state belongs to whom that says.
 */
struct po_slot {
	struct list_head free;
	struct hlist_node in_use;
	kuid_t payer;
	enum po_slot_state state;
	struct llist_node node;
	struct po_leave *leave;
	struct task_struct *task;
	unsigned long switches;
	bool waiting;
	struct po_refusal refusal;
};

/**
 * struct po_slots - all slots
 * @lock: raw, since probe handlers take it; protects @free, @nr_free and @in_use
 * @free: those that may be taken, or whose task is about to leave; the one that
 *	has been there longest comes first
 * @nr_free: how many these are
 * @in_use: the others, by a hash of whose they are
 * @seed: secret for that
 * @all: the slots
 */
static struct po_slots {
	raw_spinlock_t lock;
	struct list_head free;
	unsigned int nr_free;
	struct hlist_head in_use[1 << PO_USERS_BITS];
	u32 seed;
	struct po_slot all[PO_SLOTS];
} po_slots = {
	.lock	= __RAW_SPIN_LOCK_UNLOCKED(po_slots.lock),
	.free	= LIST_HEAD_INIT(po_slots.free),
};

/* Slots for the work item. */
static LLIST_HEAD(po_deferred);

/* Nothing is to be recorded any more. */
static bool po_stopping;

/* Its task has done what po_task_work() left in its list; see there. */
static bool po_has_left(const struct po_slot *slot)
{
	return completion_done(&slot->leave->sync.completion);
}

static struct hlist_head *po_slots_of(kuid_t payer)
{
	u32 hash = hash_32(__kuid_val(payer) ^ po_slots.seed, PO_USERS_BITS);

	return &po_slots.in_use[hash];
}

/* How many a user has. The caller holds the lock. */
static unsigned int po_slots_held(kuid_t payer)
{
	const struct po_slot *slot;
	unsigned int held = 0;

	hlist_for_each_entry(slot, po_slots_of(payer), in_use)
		held += uid_eq(slot->payer, payer);

	return held;
}

/* One that nothing of the last task is left of. The caller holds the lock. */
static struct po_slot *po_slot_free(void)
{
	struct po_slot *slot;
	unsigned int i;

	for (i = 0; i < PO_TRIES && !list_empty(&po_slots.free); i++) {
		slot = list_first_entry(&po_slots.free, struct po_slot, free);
		if (slot->state == PO_FREE || po_has_left(slot))
			return slot;
		list_move_tail(&slot->free, &po_slots.free);
	}

	return NULL;
}

/* A slot for one more refusal of a user, if that is fair. */
static struct po_slot *po_slot_take(kuid_t payer)
{
	struct po_slot *slot = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&po_slots.lock, flags);
	if (po_fair(po_slots_held(payer), po_slots.nr_free))
		slot = po_slot_free();
	if (slot) {
		list_del(&slot->free);
		po_slots.nr_free--;
		slot->payer = payer;
		hlist_add_head(&slot->in_use, po_slots_of(payer));
		WRITE_ONCE(slot->state, PO_WAITING);
	}
	raw_spin_unlock_irqrestore(&po_slots.lock, flags);

	return slot;
}

/* The refusal is recorded. */
static void po_slot_give(struct po_slot *slot, enum po_slot_state state)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&po_slots.lock, flags);
	hlist_del(&slot->in_use);
	list_add_tail(&slot->free, &po_slots.free);
	po_slots.nr_free++;
	/* Pairs with po_slot_left(). */
	smp_store_release(&slot->state, state);
	raw_spin_unlock_irqrestore(&po_slots.lock, flags);
}

static void po_refusal_drop(struct po_refusal *refusal)
{
	put_cred(refusal->cred);
	put_pid(refusal->pid);
	sock_put(refusal->sk);
	put_net(refusal->net);
}

static void po_slot_record(struct po_slot *slot)
{
	if (!READ_ONCE(po_stopping))
		po_refusal_record(&slot->refusal);
	po_refusal_drop(&slot->refusal);
}

/*
 * Its last act is to leave something behind in the list of the task that is no
 * code of this module: task_work_run() looks at the list again until it is
 * empty, also in a task that ends, so that is run when this has returned.
 */
static void po_task_work(struct callback_head *work)
{
	struct po_leave *leave = container_of(work, struct po_leave, sync.head);
	struct po_slot *slot = leave->slot;

	/* Else po_rejects_exit() was faster. */
	if (cmpxchg(&slot->state, PO_WAITING, PO_RUNNING) == PO_WAITING) {
		po_slot_record(slot);
		po_slot_give(slot, PO_LEAVING);
	}
	/* Nothing from here on sleeps. */
	init_task_work(work, wakeme_after_rcu);
	task_work_add(current, work, TWA_NONE);
}

static void po_deferred_work(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&po_deferred);
	struct po_slot *slot, *next;

	llist_for_each_entry_safe(slot, next, llist_reverse_order(list), node) {
		po_slot_record(slot);
		po_slot_give(slot, PO_FREE);
	}
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
	struct callback_head *work = &slot->leave->sync.head;

	if (current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_EXITING))
		return false;

	reinit_completion(&slot->leave->sync.completion);
	slot->task = current;
	slot->refusal.in_task = true;
	init_task_work(work, po_task_work);
	if (!task_work_add(current, work, TWA_RESUME))
		return true;

	slot->refusal.in_task = false;
	complete(&slot->leave->sync.completion);

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
 * A refusal for which there is no slot, or none that its user has a share in, is
 * counted as lost.
 *
 * Context: any that is not NMI, in the refused task; probe handlers included.
 */
void po_reject_begin(struct sock *sk, const struct po_want *want,
		     enum portowner_op op, int err)
{
	struct po_slot *slot;
	struct net *net;

	if (!READ_ONCE(po_log_on))
		return;

	net = maybe_get_net(sock_net(sk));
	/* Of a kernel socket, in a namespace that is going away with its log. */
	if (!net)
		return;

	slot = po_slot_take(po_payer(current_cred()));
	if (!slot) {
		po_log_lost(net);
		put_net(net);
		return;
	}
	slot->refusal.net = net;
	slot->refusal.in_task = false;
	po_refusal_fill(&slot->refusal, sk, want, op, err);
	if (!po_slot_to_task(slot)) {
		llist_add(&slot->node, &po_deferred);
		queue_work(po_unbound_wq, &po_work);
	}
}

/* Free what tasks have in their lists, unless it is there still. */
static void po_leaves_free(void)
{
	unsigned int i;

	for (i = 0; i < PO_SLOTS && po_slots.all[i].leave; i++) {
		if (po_has_left(&po_slots.all[i]))
			kfree(po_slots.all[i].leave);
		else
			kmemleak_not_leak(po_slots.all[i].leave);
		po_slots.all[i].leave = NULL;
	}
}

/**
 * po_rejects_init() - make the slots
 *
 * Return: 0 or a negative errno.
 */
int __init po_rejects_init(void)
{
	struct po_leave *leave;
	struct po_slot *slot;

	po_slots.seed = get_random_u32();
	for (slot = po_slots.all; slot < po_slots.all + PO_SLOTS; slot++) {
		leave = kmalloc(sizeof(*leave), GFP_KERNEL);
		if (!leave) {
			po_leaves_free();
			return -ENOMEM;
		}
		init_completion(&leave->sync.completion);
		complete(&leave->sync.completion);
		leave->slot = slot;
		slot->leave = leave;
		list_add_tail(&slot->free, &po_slots.free);
		po_slots.nr_free++;
	}

	return 0;
}

/*
 * Take a slot from the task that has not come to it. When that comes there it
 * finds code that is not of this module; but it may have looked just before.
 */
static void po_slot_withdraw(struct po_slot *slot)
{
	if (cmpxchg(&slot->state, PO_WAITING, PO_WITHDRAWN) != PO_WAITING)
		return;

	po_refusal_drop(&slot->refusal);
	WRITE_ONCE(slot->leave->sync.head.func, wakeme_after_rcu);
	/* Before its task is looked at; pairs with the barriers of schedule(). */
	smp_mb();
}

/*
 * Whether nothing of this module is left to run for a slot.
 *
 * If its task has done all that is in its list, that is sure. Else the task may
 * have read where to find po_task_work() and not have called it yet, or be at
 * the end of it. These are a few instructions that never sleep: who is asleep,
 * or has been since it was looked at first, is not there. Once it wakes up it
 * reads what po_slot_withdraw() has written. Others do not stay there for long.
 */
static bool po_slot_left(struct po_slot *slot)
{
	/* Pairs with po_slot_give(). */
	enum po_slot_state state = smp_load_acquire(&slot->state);
	unsigned long switches;
	bool left;

	if (state == PO_FREE)
		return true;
	if (state == PO_RUNNING)
		return false;

	/*
	 * A task has done all that is in its list before it ends, and RCU keeps
	 * it after that: so it is there still if it had not yet in here.
	 */
	rcu_read_lock();
	left = po_has_left(slot);
	if (!left) {
		/* A voluntary switch, not one of who was preempted. */
		switches = READ_ONCE(slot->task->nvcsw);
		left = !task_is_running(slot->task) ||
		       (slot->waiting && switches != slot->switches);
		if (!slot->waiting)
			slot->switches = switches;
		slot->waiting = true;
	}
	rcu_read_unlock();

	return left;
}

/**
 * po_rejects_exit() - forget all refusals that wait to be recorded
 *
 * Tasks that are kept from coming to theirs are not waited for. Each of them
 * keeps one &struct po_leave for good, which nobody could free later.
 *
 * Context: may sleep. po_reject_begin() is not called any more.
 */
void po_rejects_exit(void)
{
	unsigned int i;

	WRITE_ONCE(po_stopping, true);
	/* All that were for it are queued. */
	flush_work(&po_work);
	for (i = 0; i < PO_SLOTS; i++)
		po_slot_withdraw(&po_slots.all[i]);
	for (i = 0; i < PO_SLOTS; i++)
		while (!po_slot_left(&po_slots.all[i]))
			usleep_range(100, 1000);
	po_leaves_free();
}
