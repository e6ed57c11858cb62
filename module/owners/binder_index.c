// SPDX-License-Identifier: GPL-2.0
/*
 * Binder records by socket cookie: a hash table with a lock per bucket. As the
 * number of records changes, a work item replaces the table by a larger or
 * smaller one, bucket by bucket, so that chains stay short.
 */

#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/random.h>
#include <linux/slab.h>

#include "owners/binder.h"

/* Records per bucket. */
#define PO_CHAIN	2

#define PO_BUCKETS_MIN	512

/**
 * struct po_index - one hash table
 * @newer: the table that replaces it, or NULL; set before the first bucket
 *	moves
 * @rcu: to free it after a grace period
 * @nr: number of buckets
 * @buckets: the buckets
 */
struct po_index {
	struct po_index *newer;
	struct rcu_head rcu;
	u32 nr;
	struct po_bucket buckets[];
};

/* Read under RCU; written by the work item, init and exit. */
static struct po_index __rcu *po_index;

/* Random, since users can read the cookies of their own sockets. */
static u64 po_multiplier __ro_after_init;

static struct po_bucket *po_bucket_in(struct po_index *index, u64 cookie)
{
	u32 hash = cookie * po_multiplier >> 32;

	return &index->buckets[reciprocal_scale(hash, index->nr)];
}

/**
 * po_bucket_lock() - lock the bucket of a cookie
 * @cookie: SO_COOKIE of a socket
 *
 * Context: under RCU; atomic in probe handlers.
 * Return: the bucket, locked.
 */
struct po_bucket *po_bucket_lock(u64 cookie)
	__acquires(po_bucket)
{
	struct po_index *index = rcu_dereference(po_index);
	struct po_bucket *bucket;

	for (;;) {
		bucket = po_bucket_in(index, cookie);
		raw_spin_lock(&bucket->lock);
		if (likely(!bucket->moved))
			return bucket;
		raw_spin_unlock(&bucket->lock);
		/* Visible, since po_bucket_move() set moved under the lock. */
		index = READ_ONCE(index->newer);
	}
}

/**
 * po_bucket_empty() - rule out a record of a cookie without locking
 * @cookie: SO_COOKIE of a socket
 *
 * Context: under RCU.
 * Return: true if there is no record; false if there may be one.
 */
bool po_bucket_empty(u64 cookie)
{
	struct po_index *index = rcu_dereference(po_index);

	if (READ_ONCE(po_bucket_in(index, cookie)->first))
		return false;

	/* Emptied, perhaps, by a move to @newer; pairs with po_index_resize(). */
	smp_rmb();

	return !READ_ONCE(index->newer);
}

static struct po_index *po_index_new(u32 nr)
{
	struct po_index *index;
	u32 i;

	index = kvmalloc(struct_size(index, buckets, nr), GFP_KERNEL);
	if (!index)
		return NULL;

	index->newer = NULL;
	index->nr = nr;
	for (i = 0; i < nr; i++) {
		raw_spin_lock_init(&index->buckets[i].lock);
		index->buckets[i].moved = false;
		index->buckets[i].first = NULL;
	}

	return index;
}

/* All records move under one lock: a reader finds them here or in @newer. */
static void po_bucket_move(struct po_bucket *old, struct po_index *newer)
{
	struct po_binder *binder;
	struct po_bucket *bucket;

	raw_spin_lock(&old->lock);
	while (old->first) {
		binder = old->first;
		WRITE_ONCE(old->first, binder->next);
		bucket = po_bucket_in(newer,
				      atomic64_read(&binder->cookie));
		raw_spin_lock_nested(&bucket->lock, SINGLE_DEPTH_NESTING);
		binder->next = bucket->first;
		WRITE_ONCE(bucket->first, binder);
		raw_spin_unlock(&bucket->lock);
	}
	old->moved = true;
	raw_spin_unlock(&old->lock);
}

/**
 * po_index_resize() - adapt the number of buckets to the number of records
 * @records: number of records, used and free
 *
 * Does nothing if the number of buckets is about right. Without memory for a
 * new table, chains grow longer.
 *
 * Context: may sleep; one task at a time.
 */
void po_index_resize(u32 records)
{
	struct po_index *index = rcu_dereference_protected(po_index, true);
	u32 i, nr = max_t(u32, records / PO_CHAIN, PO_BUCKETS_MIN);
	struct po_index *newer;

	if (nr <= index->nr && nr >= index->nr / 4)
		return;

	newer = po_index_new(nr);
	if (!newer)
		return;

	WRITE_ONCE(index->newer, newer);
	/* Before any bucket is emptied; pairs with po_bucket_empty(). */
	smp_wmb();
	for (i = 0; i < index->nr; i++) {
		po_bucket_move(&index->buckets[i], newer);
		if (i % 256 == 0)
			cond_resched();
	}
	rcu_assign_pointer(po_index, newer);
	/* Do not wait for readers: binds might use up all free records. */
	kvfree_rcu(index, rcu);
}

/**
 * po_index_init() - allocate the first table
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init po_index_init(void)
{
	struct po_index *index = po_index_new(PO_BUCKETS_MIN);

	if (!index)
		return -ENOMEM;

	get_random_bytes(&po_multiplier, sizeof(po_multiplier));
	po_multiplier |= 1;
	RCU_INIT_POINTER(po_index, index);

	return 0;
}

/**
 * po_index_exit() - free the table
 *
 * Context: may sleep; the table is no longer in use.
 */
void po_index_exit(void)
{
	kvfree(rcu_dereference_protected(po_index, true));
}
