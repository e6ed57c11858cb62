// SPDX-License-Identifier: GPL-2.0
/*
 * Slots for refusals between probe and record: a fixed number, shared fairly
 * among users, since a task may be prevented from running its task work.
 */

#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/kmemleak.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "core/core.h"
#include "rejects/slot.h"

/* log2 of the number of hash lists of used slots. */
#define PO_SLOT_HASH_BITS	6

/* Draining slots checked each time a slot is taken. */
#define PO_SLOT_RECLAIM	8

/**
 * struct po_slots - lists of slots
 * @lock: raw, since probe handlers take it; protects all other members
 * @free: free slots
 * @nr_free: number of free slots
 * @draining: recorded slots whose task has not finished its task work, oldest
 *	first; still charged to their users
 * @in_use: all slots that are not free, by a hash of the payer
 * @seed: random seed of that hash
 */
static struct po_slots {
	raw_spinlock_t lock;
	struct list_head free;
	unsigned int nr_free;
	struct list_head draining;
	struct hlist_head in_use[1 << PO_SLOT_HASH_BITS];
	u32 seed;
} po_slots = {
	.lock		= __RAW_SPIN_LOCK_UNLOCKED(po_slots.lock),
	.free		= LIST_HEAD_INIT(po_slots.free),
	.draining	= LIST_HEAD_INIT(po_slots.draining),
};

struct po_slot po_slots_all[PO_SLOTS];

static struct hlist_head *po_slots_of(kuid_t payer)
{
	u32 hash = hash_32(__kuid_val(payer) ^ po_slots.seed,
			   PO_SLOT_HASH_BITS);

	return &po_slots.in_use[hash];
}

/* Slots charged to a user. The caller holds the lock. */
static unsigned int po_slots_held(kuid_t payer)
{
	const struct po_slot *slot;
	unsigned int held = 0;

	hlist_for_each_entry(slot, po_slots_of(payer), in_use)
		held += uid_eq(slot->payer, payer);

	return held;
}

/* The caller holds the lock. */
static void po_slot_put(struct po_slot *slot)
{
	hlist_del(&slot->in_use);
	list_add(&slot->node, &po_slots.free);
	po_slots.nr_free++;
	/* Pairs with po_slot_quiescent(). */
	smp_store_release(&slot->state, PO_SLOT_FREE);
}

/*
 * Free drained slots, checking more per slot taken than can be added, so that
 * the list does not grow. The caller holds the lock.
 */
static void po_slots_reclaim(void)
{
	struct po_slot *slot;
	unsigned int i;

	for (i = 0; i < PO_SLOT_RECLAIM; i++) {
		if (list_empty(&po_slots.draining))
			break;
		slot = list_first_entry(&po_slots.draining, struct po_slot,
					node);
		if (po_slot_drained(slot)) {
			list_del(&slot->node);
			po_slot_put(slot);
		} else {
			list_move_tail(&slot->node, &po_slots.draining);
		}
	}
}

/**
 * po_slot_take() - take a slot for a refusal
 * @payer: user charged for it
 *
 * Context: any but NMI.
 * Return: a slot, or NULL if the user already holds a fair share of them.
 */
struct po_slot *po_slot_take(kuid_t payer)
{
	struct po_slot *slot = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&po_slots.lock, flags);
	po_slots_reclaim();
	if (po_fair(po_slots_held(payer), po_slots.nr_free)) {
		slot = list_first_entry(&po_slots.free, struct po_slot, node);
		list_del(&slot->node);
		po_slots.nr_free--;
		slot->payer = payer;
		hlist_add_head(&slot->in_use, po_slots_of(payer));
		WRITE_ONCE(slot->state, PO_SLOT_PENDING);
	}
	raw_spin_unlock_irqrestore(&po_slots.lock, flags);

	return slot;
}

/**
 * po_slot_free() - release a slot, called by the work item
 * @slot: slot
 *
 * Context: process context.
 */
void po_slot_free(struct po_slot *slot)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&po_slots.lock, flags);
	po_slot_put(slot);
	raw_spin_unlock_irqrestore(&po_slots.lock, flags);
}

/**
 * po_slot_drain() - release a slot, called by its task
 * @slot: slot
 *
 * The task still has a few instructions of this module to run; the slot can be
 * reused once it has, see po_slot_drained().
 *
 * Context: process context.
 */
void po_slot_drain(struct po_slot *slot)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&po_slots.lock, flags);
	list_add_tail(&slot->node, &po_slots.draining);
	/* Pairs with po_slot_quiescent(). */
	smp_store_release(&slot->state, PO_SLOT_DRAINING);
	raw_spin_unlock_irqrestore(&po_slots.lock, flags);
}

/* Free the memory of a task work, unless it is still queued. */
static void po_task_work_free(void *memory, struct completion *done)
{
	if (completion_done(done))
		kfree(memory);
	else
		kmemleak_not_leak(memory);
}

/**
 * po_slots_destroy() - free the task work items that are no longer queued
 *
 * Context: may sleep.
 */
void po_slots_destroy(void)
{
	struct po_slot *slot;

	for (slot = po_slots_all; slot < po_slots_all + PO_SLOTS && slot->item; slot++) {
		po_task_work_free(slot->item, &slot->item->sync.completion);
		if (slot->nudge)
			po_task_work_free(slot->nudge, &slot->nudge->completion);
		slot->item = NULL;
	}
}

/**
 * po_slots_init() - allocate the task work items and fill the free list
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_slots_init(void)
{
	struct po_task_item *item;
	struct po_slot *slot;

	po_slots.seed = get_random_u32();
	for (slot = po_slots_all; slot < po_slots_all + PO_SLOTS; slot++) {
		item = kmalloc(sizeof(*item), GFP_KERNEL);
		if (!item) {
			po_slots_destroy();
			return -ENOMEM;
		}
		init_completion(&item->sync.completion);
		complete(&item->sync.completion);
		item->slot = slot;
		slot->item = item;
		list_add_tail(&slot->node, &po_slots.free);
		po_slots.nr_free++;
	}

	return 0;
}
