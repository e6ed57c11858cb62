/* SPDX-License-Identifier: GPL-2.0 */
/* Records of who bound a socket: where they are, and where free ones come from. */

#ifndef _PO_BINDERS_H
#define _PO_BINDERS_H

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>

/* Records that are allocated together, in 32 KiB. */
#define PO_BINDERS_CHUNK	511

/* Records that a sweep leaves free at least; three quarters of the others too. */
#define PO_BINDERS_FREE		512

/**
 * struct po_binder - who bound one socket
 * @next: next record in the same bucket, or next free one
 * @dead: in the list of replaced records instead
 * @cookie: SO_COOKIE of the socket; 0 while the record is free
 * @time: when, in nanoseconds of CLOCK_BOOTTIME, to a timer tick
 * @pid: thread group; holds a reference
 * @batch: first record of the next batch instead, if this is the first of one
 * @uid: effective user
 * @payer: who is charged for it, see po_payer()
 * @slot: bucket of its port in a table of po_tables
 * @index: its place in its chunk; never changes
 * @table: index of that table; with %PO_BINDER_OLD
 * @sweep: number of the last sweep that found the socket
 * @comm: command name then
 *
 * A record in a bucket is protected by the lock of that. A sweep reads @cookie,
 * @time, @payer, @slot, @table and @sweep without, and writes @table and @sweep.
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
		struct po_binder *batch;
	};
	kuid_t uid;
	kuid_t payer;
	u32 slot;
	u16 index;
	u8 table;
	u8 sweep;
	char comm[TASK_COMM_LEN];
};

/* In the table of a record whose socket was still there at an earlier sweep. */
#define PO_BINDER_OLD	0x80

/**
 * struct po_chunk - records that were allocated together
 * @next: chunk before it
 * @nr_free: how many of them nobody can get, in po_pool_shrink()
 * @binders: records
 */
struct po_chunk {
	struct po_chunk *next;
	u32 nr_free;
	struct po_binder binders[PO_BINDERS_CHUNK];
};

/**
 * struct po_bucket - records of which the cookies have the same hash
 * @lock: raw, since probe handlers take it; no interrupt does: bind() is never
 *	called in one
 * @moved: there is a newer index, look there; protected by @lock
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
void po_index_fit(u32 records);
int po_index_init(void);
void po_index_exit(void);

static inline void po_bucket_unlock(struct po_bucket *bucket)
	__releases(po_bucket)
{
	raw_spin_unlock(&bucket->lock);
}

/*
 * Where the record of a cookie hangs, or where the chain ends. The caller holds
 * the lock of the bucket.
 */
static inline struct po_binder **po_link_of(struct po_bucket *bucket,
					    u64 cookie)
{
	struct po_binder **link = &bucket->first;

	while (*link && atomic64_read(&(*link)->cookie) != cookie)
		link = &(*link)->next;

	return link;
}

/* Take a record out of its bucket; the caller holds the lock of that. */
static inline struct po_binder *po_unlink(struct po_binder **link)
{
	struct po_binder *binder = *link;

	WRITE_ONCE(*link, binder->next);
	atomic64_set(&binder->cookie, 0);

	return binder;
}

/* ---- binder_pool.c ---- */

/**
 * struct po_heap - free records on the way to the pool
 * @first: the records
 * @nr: how many these are
 *
 * Belongs to one task.
 */
struct po_heap {
	struct po_binder *first;
	u32 nr;
};

int po_pool_init(void);
void po_pool_exit(void);
struct po_binder *po_pool_get(kuid_t payer, bool *scarce);
void po_pool_drop(struct po_binder *binder);
u64 po_pool_nr_lost(void);
void po_heap_add(struct po_heap *heap, struct po_binder *binder);
void po_heap_give(struct po_heap *heap);
void po_pool_bury(void);
int po_pool_grow(void);
void po_pool_shrink(u32 keep);
void po_pool_watch(u32 low);
u32 po_pool_free(void);
u32 po_pool_gone(void);
u32 po_pool_used(void);
u32 po_pool_total(void);
struct po_chunk *po_pool_chunks(void);

/* ---- binder_sweep.c ---- */

bool po_binder_release(struct po_binder *binder, u64 cookie, u32 slot,
		       bool (*gone)(const struct po_binder *binder),
		       struct po_heap *heap);
u8 po_sweep_number(void);
u32 po_sweep(u32 binds, u32 left);

/* ---- binder_shares.c ---- */

u32 po_binders_evict(u32 nr);

#endif /* _PO_BINDERS_H */
