// SPDX-License-Identifier: GPL-2.0
/*
 * Where the records of who bound a socket come from. A probe handler takes
 * them, so they are made beforehand, and each CPU has some of its own. It gets
 * them from the pool by the batch; so what all CPUs share is written once in as
 * many binds as a batch has records.
 */

#include <linux/hash.h>
#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pid.h>
#include <linux/random.h>
#include <linux/refcount.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "binders.h"
#include "internal.h"

#define PO_BATCH		32
#define PO_FIRST_CHUNKS		2
#define PO_PAYERS_BITS		8

/**
 * struct po_local - free records of one CPU
 * @free: the records
 * @nr: how many these are
 * @lost: binds for which there was none
 *
 * Written by its CPU alone, with preemption disabled.
 */
struct po_local {
	struct po_binder *free;
	u32 nr;
	u64 lost;
};

static DEFINE_PER_CPU(struct po_local, po_local);

/**
 * struct po_pool - free records of all
 * @lock: raw, since probe handlers take it; protects all the rest
 * @batches: first record of each batch
 * @nr: number of records
 * @gone: records that CPUs ever got; comes round to 0
 * @low: with fewer than these, more are asked for and each has to be shared out
 * @asked: more were asked for
 * @seed: secret for @taken
 * @taken: records taken since then, by a hash of who is charged for them
 */
static struct po_pool {
	raw_spinlock_t lock;
	struct po_binder *batches;
	u32 nr;
	u32 gone;
	u32 low;
	bool asked;
	u32 seed;
	u16 taken[1 << PO_PAYERS_BITS];
} po_pool = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(po_pool.lock),
};

/* Records that were replaced, whose pid is still to be put. */
static LLIST_HEAD(po_dead_binders);

/* Only the work item of the binders, init and exit write these. */
static struct po_chunk *po_chunks;
static u32 po_nr_total;

/* The caller holds the lock of the pool, which is not empty. */
static struct po_binder *po_take_batch(struct po_local *local)
{
	struct po_binder *binder = po_pool.batches, *last;
	u32 nr = 1;

	po_pool.batches = binder->batch;
	for (last = binder; last->next; last = last->next)
		nr++;
	WRITE_ONCE(po_pool.nr, po_pool.nr - nr);
	WRITE_ONCE(po_pool.gone, po_pool.gone + nr);
	local->free = binder->next;
	WRITE_ONCE(local->nr, nr - 1);

	return binder;
}

/*
 * One record, to whoever has not had more than a fair share of the last ones. The
 * caller holds the lock of the pool, which is not empty.
 */
static struct po_binder *po_take_share(kuid_t payer)
{
	u16 *taken = &po_pool.taken[hash_32(__kuid_val(payer) ^ po_pool.seed,
					    PO_PAYERS_BITS)];
	struct po_binder *binder = po_pool.batches, *next = binder->next;

	if (!po_fair(*taken, po_pool.nr))
		return NULL;

	if (next) {
		next->batch = binder->batch;
		po_pool.batches = next;
	} else {
		po_pool.batches = binder->batch;
	}
	WRITE_ONCE(po_pool.nr, po_pool.nr - 1);
	WRITE_ONCE(po_pool.gone, po_pool.gone + 1);
	++*taken;

	return binder;
}

/* The CPU has no record of its own; preemption is disabled. */
static noinline struct po_binder *po_pool_refill(struct po_local *local,
						 kuid_t payer, bool *scarce)
{
	struct po_binder *binder = NULL;

	raw_spin_lock(&po_pool.lock);
	if (po_pool.nr >= po_pool.low && po_pool.batches)
		binder = po_take_batch(local);
	else if (po_pool.batches)
		binder = po_take_share(payer);
	if (po_pool.nr < po_pool.low && !po_pool.asked) {
		po_pool.asked = true;
		*scarce = true;
	}
	raw_spin_unlock(&po_pool.lock);

	return binder;
}

/**
 * po_pool_get() - take a record
 * @payer: who is charged for it
 * @scarce: result: set to true if more have to be made, and nobody was told yet
 *
 * Context: that of a task; atomic in probe handlers.
 * Return: a record, or NULL if there is none left for @payer.
 */
struct po_binder *po_pool_get(kuid_t payer, bool *scarce)
{
	struct po_local *local = get_cpu_ptr(&po_local);
	struct po_binder *binder = local->free;

	if (likely(binder)) {
		local->free = binder->next;
		WRITE_ONCE(local->nr, local->nr - 1);
	} else {
		binder = po_pool_refill(local, payer, scarce);
		if (!binder)
			WRITE_ONCE(local->lost, local->lost + 1);
	}
	put_cpu_ptr(&po_local);

	return binder;
}

/**
 * po_pool_drop() - give a record back that has a pid still
 * @binder: record that nothing refers to
 *
 * Context: any; atomic in probe handlers, so that the work item has to put the
 * pid.
 */
void po_pool_drop(struct po_binder *binder)
{
	llist_add(&binder->dead, &po_dead_binders);
}

/**
 * po_heap_add() - have one more free record
 * @heap: where it goes
 * @binder: record that nothing refers to
 *
 * Context: that of a task, but no probe handler.
 */
void po_heap_add(struct po_heap *heap, struct po_binder *binder)
{
	binder->next = heap->first;
	heap->first = binder;
	if (++heap->nr == PO_BATCH)
		po_heap_give(heap);
}

/**
 * po_heap_give() - give the records of a heap to the pool
 * @heap: heap; is empty then
 *
 * Context: that of a task, but no probe handler.
 */
void po_heap_give(struct po_heap *heap)
{
	if (!heap->nr)
		return;

	raw_spin_lock(&po_pool.lock);
	heap->first->batch = po_pool.batches;
	po_pool.batches = heap->first;
	WRITE_ONCE(po_pool.nr, po_pool.nr + heap->nr);
	raw_spin_unlock(&po_pool.lock);
	heap->first = NULL;
	heap->nr = 0;
}

/**
 * po_pool_bury() - make the records that po_pool_drop() left usable again
 *
 * Context: that of a task, but no probe handler; one task at a time.
 */
void po_pool_bury(void)
{
	struct llist_node *list = llist_del_all(&po_dead_binders);
	struct po_binder *binder, *next;
	struct po_heap heap = {};

	llist_for_each_entry_safe(binder, next, list, dead) {
		put_pid(binder->pid);
		po_heap_add(&heap, binder);
	}
	po_heap_give(&heap);
}

/**
 * po_pool_grow() - make more records
 *
 * Context: may sleep; one task at a time.
 * Return: 0, or -ENOMEM.
 */
int po_pool_grow(void)
{
	struct po_heap heap = {};
	struct po_chunk *chunk;
	unsigned int i;

	BUILD_BUG_ON(sizeof(struct po_binder) > 64);
	BUILD_BUG_ON(sizeof(*chunk) > SZ_32K);

	chunk = kvzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;

	chunk->next = po_chunks;
	po_chunks = chunk;
	/* Before they are free: who counts may see more in use, never less than none. */
	WRITE_ONCE(po_nr_total, po_nr_total + PO_BINDERS_CHUNK);
	for (i = 0; i < PO_BINDERS_CHUNK; i++) {
		chunk->binders[i].index = i;
		po_heap_add(&heap, &chunk->binders[i]);
	}
	po_heap_give(&heap);

	return 0;
}

static struct po_chunk *po_chunk_of(struct po_binder *binder)
{
	return container_of(binder - binder->index, struct po_chunk,
			    binders[0]);
}

/* Take what the pool has more than @keep, and tell each chunk how much is its. */
static struct po_binder *po_pool_take(u32 keep)
{
	struct po_binder *first, *last, *all = NULL;
	u32 nr;

	for (;;) {
		raw_spin_lock(&po_pool.lock);
		first = po_pool.nr > keep ? po_pool.batches : NULL;
		if (first) {
			po_pool.batches = first->batch;
			for (last = first, nr = 1; last->next; nr++)
				last = last->next;
			WRITE_ONCE(po_pool.nr, po_pool.nr - nr);
		}
		raw_spin_unlock(&po_pool.lock);
		if (!first)
			return all;

		last->next = all;
		all = first;
		for (; first != last->next; first = first->next)
			po_chunk_of(first)->nr_free++;
		cond_resched();
	}
}

/**
 * po_pool_shrink() - free chunks of which no record is in use
 * @keep: records that stay free
 *
 * Nothing happens unless there are many more.
 *
 * Context: may sleep; one task at a time.
 */
void po_pool_shrink(u32 keep)
{
	struct po_chunk *chunk, **link = &po_chunks;
	struct po_binder *binder, *next;
	struct po_heap heap = {};

	if (po_pool_free() / 2 < keep + PO_BINDERS_CHUNK)
		return;

	for (binder = po_pool_take(keep); binder; binder = next) {
		next = binder->next;
		if (po_chunk_of(binder)->nr_free < PO_BINDERS_CHUNK)
			po_heap_add(&heap, binder);
	}
	po_heap_give(&heap);

	while (*link) {
		chunk = *link;
		if (chunk->nr_free < PO_BINDERS_CHUNK) {
			chunk->nr_free = 0;
			link = &chunk->next;
			continue;
		}
		*link = chunk->next;
		WRITE_ONCE(po_nr_total, po_nr_total - PO_BINDERS_CHUNK);
		kvfree(chunk);
		cond_resched();
	}
}

/**
 * po_pool_watch() - say when to make more records
 * @low: when fewer than these are free
 *
 * Context: that of a task, but no probe handler.
 */
void po_pool_watch(u32 low)
{
	u32 seed = get_random_u32();

	raw_spin_lock(&po_pool.lock);
	po_pool.low = low;
	po_pool.asked = false;
	po_pool.seed = seed;
	memset(po_pool.taken, 0, sizeof(po_pool.taken));
	raw_spin_unlock(&po_pool.lock);
}

/**
 * po_pool_free() - how many records any CPU may have
 *
 * Return: their number.
 */
u32 po_pool_free(void)
{
	return READ_ONCE(po_pool.nr);
}

/**
 * po_pool_gone() - how many records CPUs ever got
 *
 * Return: their number, which comes round to 0.
 */
u32 po_pool_gone(void)
{
	return READ_ONCE(po_pool.gone);
}

/**
 * po_pool_total() - how many records there are
 *
 * Return: their number.
 */
u32 po_pool_total(void)
{
	return READ_ONCE(po_nr_total);
}

/**
 * po_pool_used() - how many records are in use, or dropped
 *
 * Return: their number.
 */
u32 po_pool_used(void)
{
	u32 total = READ_ONCE(po_nr_total), free = po_pool_free();
	int cpu;

	for_each_possible_cpu(cpu)
		free += READ_ONCE(per_cpu_ptr(&po_local, cpu)->nr);

	/* Some may be on their way from one place to another. */
	return total - min(free, total);
}

/**
 * po_pool_nr_lost() - for how many binds there was no record
 *
 * Return: their number since the module was loaded.
 */
u64 po_pool_nr_lost(void)
{
	u64 lost = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		lost += READ_ONCE(per_cpu_ptr(&po_local, cpu)->lost);

	return lost;
}

/**
 * po_pool_chunks() - all records there are
 *
 * Context: one task at a time, the one that makes more.
 * Return: the first chunk.
 */
struct po_chunk *po_pool_chunks(void)
{
	return po_chunks;
}

/**
 * po_pool_init() - make the first records
 *
 * Return: 0 or -ENOMEM.
 */
int __init po_pool_init(void)
{
	int i, err = 0;

	for (i = 0; i < PO_FIRST_CHUNKS && !err; i++)
		err = po_pool_grow();
	if (err)
		po_pool_exit();

	return err;
}

/**
 * po_pool_exit() - free all records; nobody uses one any more
 *
 * Context: may sleep.
 */
void po_pool_exit(void)
{
	struct po_chunk *chunk;

	po_pool_bury();
	while (po_chunks) {
		chunk = po_chunks;
		po_chunks = chunk->next;
		kvfree(chunk);
	}
}
