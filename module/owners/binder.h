/* SPDX-License-Identifier: GPL-2.0 */
/* Private to owners/: binder records, their index, pool and sweep. */

#ifndef _PO_BINDER_H
#define _PO_BINDER_H

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>

/* Records allocated together, in 32 KiB. */
#define PO_BINDERS_CHUNK	511

/* Free records after a sweep: at least these, plus 3/4 of the number in use. */
#define PO_BINDERS_MIN_FREE	(2 * PO_BINDERS_CHUNK)

/**
 * struct po_binder - who bound one socket
 * @next: next record in the same bucket or free batch
 * @dead: entry in the list of replaced records
 * @cookie: SO_COOKIE of the socket; 0 while the record is free
 * @time: time of the bind, in nanoseconds of CLOCK_BOOTTIME, to the tick
 * @pid: thread group; holds a reference
 * @next_batch: next batch in the pool, in the first record of a free batch
 * @uid: effective user
 * @payer: user charged for the record, see po_payer()
 * @slot: slot of its port in a table of po_tables, see po_slot_in()
 * @index: position in its chunk; constant
 * @table: index of that table, with flag %PO_BINDER_OLD
 * @sweep: number of the last sweep that found the socket
 * @comm: command name at the time of the bind
 *
 * A record in a bucket is protected by the lock of the bucket. Without it, a
 * sweep reads @cookie, @time, @payer, @slot, @table and @sweep, and writes the
 * last two.
 */
struct po_binder {
	union {
		struct po_binder *next;
		struct llist_node dead;
	};
	atomic64_t cookie;
	u64 time;
	union {
		struct pid *pid;
		struct po_binder *next_batch;
	};
	kuid_t uid;
	kuid_t payer;
	u32 slot;
	u16 index;
	u8 table;
	u8 sweep;
	char comm[TASK_COMM_LEN];
};

/* Flag in @table: an earlier sweep has checked and kept the record. */
#define PO_BINDER_OLD	0x80

/**
 * struct po_chunk - records allocated together
 * @next: next older chunk
 * @nr_free: free records taken out of the pool, while po_pool_shrink() runs
 * @binders: records
 */
struct po_chunk {
	struct po_chunk *next;
	u32 nr_free;
	struct po_binder binders[PO_BINDERS_CHUNK];
};

/**
 * struct po_bucket - records whose cookies have the same hash
 * @lock: raw, since probe handlers take it; never taken in interrupts, where
 *	bind() cannot be called
 * @moved: the records have moved to a newer index; protected by @lock
 * @first: newest record; protected by @lock
 */
struct po_bucket {
	raw_spinlock_t lock;
	bool moved;
	struct po_binder *first;
};

/* ---- binder_index.c ---- */

struct po_bucket *po_bucket_lock(u64 cookie) __acquires(po_bucket);
bool po_bucket_empty(u64 cookie);
void po_index_resize(u32 records);
int po_index_init(void);
void po_index_exit(void);

static inline void po_bucket_unlock(struct po_bucket *bucket)
	__releases(po_bucket)
{
	raw_spin_unlock(&bucket->lock);
}

/*
 * Get the link to the record of a cookie, or the link at the end of the chain.
 * The caller holds the lock of the bucket.
 */
static inline struct po_binder **po_binder_link(struct po_bucket *bucket,
						u64 cookie)
{
	struct po_binder **link = &bucket->first;

	while (*link && atomic64_read(&(*link)->cookie) != cookie)
		link = &(*link)->next;

	return link;
}

/* Remove a record from its bucket. The caller holds the lock of the bucket. */
static inline struct po_binder *po_binder_unlink(struct po_binder **link)
{
	struct po_binder *binder = *link;

	WRITE_ONCE(*link, binder->next);
	atomic64_set(&binder->cookie, 0);

	return binder;
}

/* ---- binder_pool.c ---- */

/**
 * struct po_free_batch - free records on their way to the pool
 * @first: first record
 * @nr: number of records
 *
 * Private to one task.
 */
struct po_free_batch {
	struct po_binder *first;
	u32 nr;
};

int po_pool_init(void);
void po_pool_exit(void);
struct po_binder *po_pool_get(kuid_t payer, bool *scarce);
void po_pool_release(struct po_binder *binder);
u64 po_pool_nr_lost(void);
void po_free_batch_add(struct po_free_batch *batch, struct po_binder *binder);
void po_free_batch_put(struct po_free_batch *batch);
void po_pool_reap(void);
int po_pool_grow(void);
void po_pool_shrink(u32 keep);
void po_pool_set_low(u32 low);
u32 po_pool_nr_free(void);
u32 po_pool_nr_handed_out(void);
u32 po_pool_nr_used(void);
u32 po_pool_nr_total(void);
struct po_chunk *po_pool_chunks(void);

/* ---- binder_sweep.c ---- */

bool po_binder_release(struct po_binder *binder, u64 cookie, u32 slot,
		       bool (*gone)(const struct po_binder *binder),
		       struct po_free_batch *freed);
u8 po_sweep_number(void);
u32 po_sweep(u32 binds, u32 kept);

/* ---- binder_mark.c ---- */

void po_sweep_cancel(void);

/* ---- binder_shares.c ---- */

u32 po_binders_evict(u32 nr);

#endif /* _PO_BINDER_H */
