// SPDX-License-Identifier: GPL-2.0
/*
 * Free binder records. Probe handlers take them, so they are allocated in
 * advance, and each CPU has its own stock, refilled from the pool in batches.
 * So data shared by all CPUs is written only once in PO_POOL_BATCH binds.
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

#include "core/core.h"
#include "owners/binder.h"

/* Records moved between the pool and a CPU at a time. */
#define PO_POOL_BATCH		32
/* Chunks allocated when the module is loaded. */
#define PO_FIRST_CHUNKS		2
/* log2 of the size of po_pool.taken. */
#define PO_TAKEN_BITS		8

/**
 * struct po_cpu_pool - free records of one CPU
 * @free: first record
 * @nr: number of records
 * @lost: binds for which neither this nor the pool had a record
 *
 * Written only by its own CPU, with preemption disabled.
 */
struct po_cpu_pool {
	struct po_binder *free;
	u32 nr;
	u64 lost;
};

static DEFINE_PER_CPU(struct po_cpu_pool, po_cpu_pool);

/**
 * struct po_pool - free records not assigned to a CPU
 * @lock: raw, since probe handlers take it; protects all other members
 * @batches: first batch
 * @nr: number of records
 * @handed_out: records handed out so far; wraps around
 * @low: low-water mark, below which more records are requested; below half of
 *	it, the rest is rationed by user
 * @requested: more records were requested since @low was set
 * @seed: random seed of the hash used for @taken
 * @taken: records that were rationed since @low was set, by a hash of the payer
 */
static struct po_pool {
	raw_spinlock_t lock;
	struct po_binder *batches;
	u32 nr;
	u32 handed_out;
	u32 low;
	bool requested;
	u32 seed;
	u16 taken[1 << PO_TAKEN_BITS];
} po_pool = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(po_pool.lock),
};

/* Replaced records that still hold a reference to a pid. */
static LLIST_HEAD(po_dead_binders);

/* Written only by init, exit and the work item that refills the pool. */
static struct po_chunk *po_chunks;
static u32 po_nr_total;

/* The caller holds the lock of the pool, which is not empty. */
static struct po_binder *po_pool_take_batch(struct po_cpu_pool *local)
{
	struct po_binder *binder = po_pool.batches, *last;
	u32 nr = 1;

	po_pool.batches = binder->next_batch;
	for (last = binder; last->next; last = last->next)
		nr++;
	WRITE_ONCE(po_pool.nr, po_pool.nr - nr);
	WRITE_ONCE(po_pool.handed_out, po_pool.handed_out + nr);
	local->free = binder->next;
	WRITE_ONCE(local->nr, nr - 1);

	return binder;
}

/*
 * Take one record, unless @payer has already taken a fair share. The caller
 * holds the lock of the pool, which is not empty.
 */
static struct po_binder *po_pool_take_one(kuid_t payer)
{
	u16 *taken = &po_pool.taken[hash_32(__kuid_val(payer) ^ po_pool.seed,
					    PO_TAKEN_BITS)];
	struct po_binder *binder = po_pool.batches, *next = binder->next;

	if (!po_fair(*taken, po_pool.nr))
		return NULL;

	if (next) {
		next->next_batch = binder->next_batch;
		po_pool.batches = next;
	} else {
		po_pool.batches = binder->next_batch;
	}
	WRITE_ONCE(po_pool.nr, po_pool.nr - 1);
	WRITE_ONCE(po_pool.handed_out, po_pool.handed_out + 1);
	++*taken;

	return binder;
}

/* The stock of the CPU is empty; preemption is disabled. */
static noinline struct po_binder *po_pool_refill(struct po_cpu_pool *local,
						 kuid_t payer, bool *scarce)
{
	struct po_binder *binder = NULL;

	raw_spin_lock(&po_pool.lock);
	if (po_pool.nr >= po_pool.low / 2 && po_pool.batches)
		binder = po_pool_take_batch(local);
	else if (po_pool.batches)
		binder = po_pool_take_one(payer);
	if (po_pool.nr < po_pool.low && !po_pool.requested) {
		po_pool.requested = true;
		*scarce = true;
	}
	raw_spin_unlock(&po_pool.lock);

	return binder;
}

/**
 * po_pool_get() - take a record
 * @payer: user charged for it
 * @scarce: set to true if the caller has to start the work item that adds more
 *
 * Context: task context; atomic in probe handlers.
 * Return: a record, or NULL if none is left for @payer.
 */
struct po_binder *po_pool_get(kuid_t payer, bool *scarce)
{
	struct po_cpu_pool *local = get_cpu_ptr(&po_cpu_pool);
	struct po_binder *binder = local->free;

	if (likely(binder)) {
		local->free = binder->next;
		WRITE_ONCE(local->nr, local->nr - 1);
	} else {
		binder = po_pool_refill(local, payer, scarce);
		if (!binder)
			WRITE_ONCE(local->lost, local->lost + 1);
	}
	put_cpu_ptr(&po_cpu_pool);

	return binder;
}

/**
 * po_pool_release() - release a record that still holds a reference to a pid
 * @binder: record that nothing refers to
 *
 * The pid is put, and the record becomes free, in po_pool_reap().
 *
 * Context: any, probe handlers included.
 */
void po_pool_release(struct po_binder *binder)
{
	llist_add(&binder->dead, &po_dead_binders);
}

/**
 * po_free_batch_add() - add a record, and pass a full batch to the pool
 * @batch: batch to add to
 * @binder: record that nothing refers to
 *
 * Context: task context, but no probe handler.
 */
void po_free_batch_add(struct po_free_batch *batch, struct po_binder *binder)
{
	binder->next = batch->first;
	batch->first = binder;
	if (++batch->nr == PO_POOL_BATCH)
		po_free_batch_put(batch);
}

/**
 * po_free_batch_put() - move a batch to the pool
 * @batch: batch, empty afterwards
 *
 * Context: task context, but no probe handler.
 */
void po_free_batch_put(struct po_free_batch *batch)
{
	if (!batch->nr)
		return;

	raw_spin_lock(&po_pool.lock);
	batch->first->next_batch = po_pool.batches;
	po_pool.batches = batch->first;
	WRITE_ONCE(po_pool.nr, po_pool.nr + batch->nr);
	raw_spin_unlock(&po_pool.lock);
	batch->first = NULL;
	batch->nr = 0;
}

/**
 * po_pool_reap() - free the records passed to po_pool_release()
 *
 * Context: task context, but no probe handler; one task at a time.
 */
void po_pool_reap(void)
{
	struct llist_node *list = llist_del_all(&po_dead_binders);
	struct po_binder *binder, *next;
	struct po_free_batch freed = {};

	llist_for_each_entry_safe(binder, next, list, dead) {
		put_pid(binder->pid);
		po_free_batch_add(&freed, binder);
	}
	po_free_batch_put(&freed);
}

/**
 * po_pool_grow() - allocate one chunk of records
 *
 * Context: may sleep; one task at a time.
 * Return: 0, or -ENOMEM.
 */
int po_pool_grow(void)
{
	struct po_free_batch freed = {};
	struct po_chunk *chunk;
	unsigned int i;

	BUILD_BUG_ON(sizeof(struct po_binder) > 64);
	BUILD_BUG_ON(sizeof(*chunk) > SZ_32K);

	chunk = kvzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;

	chunk->next = po_chunks;
	po_chunks = chunk;
	/* Before they become free: total - free is never negative. */
	WRITE_ONCE(po_nr_total, po_nr_total + PO_BINDERS_CHUNK);
	for (i = 0; i < PO_BINDERS_CHUNK; i++) {
		chunk->binders[i].index = i;
		po_free_batch_add(&freed, &chunk->binders[i]);
	}
	po_free_batch_put(&freed);

	return 0;
}

static struct po_chunk *po_chunk_of(struct po_binder *binder)
{
	return container_of(binder - binder->index, struct po_chunk,
			    binders[0]);
}

/* Take records in excess of @keep out of the pool, and count them by chunk. */
static struct po_binder *po_pool_take_excess(u32 keep)
{
	struct po_binder *first, *last, *all = NULL;
	u32 nr;

	for (;;) {
		raw_spin_lock(&po_pool.lock);
		first = po_pool.nr > keep ? po_pool.batches : NULL;
		if (first) {
			po_pool.batches = first->next_batch;
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
 * po_pool_shrink() - free chunks without a record in use
 * @keep: free records to keep
 *
 * Does nothing while fewer than 2 * (@keep + %PO_BINDERS_CHUNK) records are
 * free.
 *
 * Context: may sleep; one task at a time.
 */
void po_pool_shrink(u32 keep)
{
	struct po_chunk *chunk, **link = &po_chunks;
	struct po_binder *binder, *next;
	struct po_free_batch freed = {};

	if (po_pool_nr_free() / 2 < keep + PO_BINDERS_CHUNK)
		return;

	for (binder = po_pool_take_excess(keep); binder; binder = next) {
		next = binder->next;
		if (po_chunk_of(binder)->nr_free < PO_BINDERS_CHUNK)
			po_free_batch_add(&freed, binder);
	}
	po_free_batch_put(&freed);

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
 * po_pool_set_low() - set the low-water mark of free records
 * @low: number of free records
 *
 * Context: task context, but no probe handler.
 */
void po_pool_set_low(u32 low)
{
	u32 seed = get_random_u32();

	raw_spin_lock(&po_pool.lock);
	po_pool.low = low;
	po_pool.requested = false;
	po_pool.seed = seed;
	memset(po_pool.taken, 0, sizeof(po_pool.taken));
	raw_spin_unlock(&po_pool.lock);
}

/**
 * po_pool_nr_free() - free records in the pool, without per-CPU stocks
 *
 * Context: any.
 * Return: number of records.
 */
u32 po_pool_nr_free(void)
{
	return READ_ONCE(po_pool.nr);
}

/**
 * po_pool_nr_handed_out() - records handed out so far
 *
 * Context: any.
 * Return: number of records; wraps around.
 */
u32 po_pool_nr_handed_out(void)
{
	return READ_ONCE(po_pool.handed_out);
}

/**
 * po_pool_nr_total() - records allocated
 *
 * Context: any.
 * Return: number of records.
 */
u32 po_pool_nr_total(void)
{
	return READ_ONCE(po_nr_total);
}

/**
 * po_pool_nr_used() - records in use, or waiting for po_pool_reap()
 *
 * Context: any.
 * Return: number of records, approximately.
 */
u32 po_pool_nr_used(void)
{
	u32 total = READ_ONCE(po_nr_total), free = po_pool_nr_free();
	int cpu;

	for_each_possible_cpu(cpu)
		free += READ_ONCE(per_cpu_ptr(&po_cpu_pool, cpu)->nr);

	/* A record that moves concurrently is counted twice or not at all. */
	return total - min(free, total);
}

/**
 * po_pool_nr_lost() - binds that got no record
 *
 * Context: any.
 * Return: number of binds since the module was loaded.
 */
u64 po_pool_nr_lost(void)
{
	u64 lost = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		lost += READ_ONCE(per_cpu_ptr(&po_cpu_pool, cpu)->lost);

	return lost;
}

/**
 * po_pool_chunks() - all records
 *
 * Context: only the task that allocates and frees chunks.
 * Return: the first chunk.
 */
struct po_chunk *po_pool_chunks(void)
{
	return po_chunks;
}

/**
 * po_pool_init() - allocate the first records
 *
 * Context: may sleep.
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
 * po_pool_exit() - free all records
 *
 * Context: may sleep; no record is in use.
 */
void po_pool_exit(void)
{
	struct po_chunk *chunk;

	po_pool_reap();
	while (po_chunks) {
		chunk = po_chunks;
		po_chunks = chunk->next;
		kvfree(chunk);
	}
}
