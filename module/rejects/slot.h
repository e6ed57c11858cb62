/* SPDX-License-Identifier: GPL-2.0 */
/* Private to rejects/: slots for refusals on the way to their record. */

#ifndef _PO_SLOT_H
#define _PO_SLOT_H

#include <linux/completion.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/rcupdate_wait.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include "rejects/refusal.h"

struct task_struct;

/* Refusals between probe and record: one per task, but many with io_uring. */
#define PO_SLOTS	256

/**
 * enum po_slot_state - who owns a slot
 * @PO_SLOT_FREE: nobody; it can be taken under the lock
 * @PO_SLOT_PENDING: the handler that fills it, then the task or work item that
 *	will record the refusal
 * @PO_SLOT_RECORDING: its task, which is recording the refusal
 * @PO_SLOT_DRAINING: nobody; it can be reused after po_slot_drained()
 * @PO_SLOT_WITHDRAWN: po_rejects_exit(); its task will find nothing to record
 *
 * A slot leaves @PO_SLOT_PENDING by cmpxchg(), since its task competes with
 * po_rejects_exit().
 */
enum po_slot_state {
	PO_SLOT_FREE,
	PO_SLOT_PENDING,
	PO_SLOT_RECORDING,
	PO_SLOT_DRAINING,
	PO_SLOT_WITHDRAWN,
};

/**
 * struct po_task_item - task work of a refused task
 * @sync: @sync.head is the task work: first po_task_work(), then
 *	wakeme_after_rcu(), which completes @sync once no instruction of this
 *	module is left to run for it
 * @slot: slot to record; used only by po_task_work()
 *
 * Outlives the module if a task does not run its task work before unloading.
 */
struct po_task_item {
	struct rcu_synchronize sync;
	struct po_slot *slot;
};

/**
 * struct po_slot - a refusal on the way to its record
 * @node: in the list of free slots, or of draining ones
 * @in_use: in a hash list of used slots by @payer, unless free
 * @payer: user charged for it, unless free
 * @state: owner, see &enum po_slot_state
 * @deferred: in po_deferred
 * @item: task work to queue to the refused task
 * @task: the refused task; no reference, see po_slot_quiescent()
 * @nvcsw: voluntary context switches of @task when po_rejects_exit() began to
 *	wait for it
 * @nvcsw_valid: @nvcsw is set
 * @quiet: po_slot_quiescent() was true
 * @nudge: further task work of @task, to have it run @item early, or NULL
 * @refusal: the refusal
 *
 * @node, @in_use and @payer are protected by the lock of slot.c. The members
 * from @deferred on belong to the owner of the slot.
 */
struct po_slot {
	struct list_head node;
	struct hlist_node in_use;
	kuid_t payer;
	enum po_slot_state state;
	struct llist_node deferred;
	struct po_task_item *item;
	struct task_struct *task;
	unsigned long nvcsw;
	bool nvcsw_valid;
	bool quiet;
	struct rcu_synchronize *nudge;
	struct po_refusal refusal;
};

extern struct po_slot po_slots_all[PO_SLOTS];

/* Whether the task has run all of its task work, see &struct po_task_item. */
static inline bool po_slot_drained(const struct po_slot *slot)
{
	return completion_done(&slot->item->sync.completion);
}

int po_slots_init(void);
void po_slots_destroy(void);
struct po_slot *po_slot_take(kuid_t payer);
void po_slot_free(struct po_slot *slot);
void po_slot_drain(struct po_slot *slot);

#endif /* _PO_SLOT_H */
