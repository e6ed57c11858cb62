// SPDX-License-Identifier: GPL-2.0
/*
 * Who bound each socket, and when: recorded when bind() succeeds and kept as
 * long as the socket exists, even if that process has exited.
 *
 * A probe handler does the recording, so records are allocated in advance, by a
 * work item that runs when few are free. There is no hook on close: the same
 * work item drops the records of sockets that no longer have a port, and
 * allocates enough new ones to put its next run well into the future.
 */

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "core/core.h"
#include "owners/binder.h"
#include "owners/owners.h"
#include "sockets/sockets.h"

bool po_binders_on = true;
unsigned int po_binders_max = PO_BINDERS_MAX;

/* Sockets looked up between two calls of cond_resched(). */
#define PO_LOOKUP_BATCH		512

/* Maximum number of free records ensured before a sweep: 256 KiB. */
#define PO_BURST_MAX		(8 * PO_BINDERS_CHUNK)

/* Jiffies to the next attempt if a refill leaves too few free records. */
#define PO_REFILL_RETRY		HZ

/* Records evicted; written by the work item only. */
static u64 po_nr_evicted;

/* At the last sweep: records kept and handed out, and binds without one. */
static u32 po_kept_at_sweep;
static u32 po_handed_out_at_sweep;
static u64 po_lost_at_sweep;

/* The record is not in the index yet, but a sweep may read it. */
static void po_binder_fill(struct po_binder *binder, const struct sock *sk,
			   unsigned int table, kuid_t payer)
{
	WRITE_ONCE(binder->table, table);
	WRITE_ONCE(binder->slot, po_slot_in(po_tables[table], sk));
	WRITE_ONCE(binder->time, ktime_get_coarse_boottime_ns());
	WRITE_ONCE(binder->payer, payer);
	binder->pid = get_pid(task_tgid(current));
	binder->uid = current_euid();
	po_copy_comm(binder->comm, current->group_leader);
}

/* Number of free records to aim for with @kept in use. */
static u32 po_free_target(u32 kept)
{
	return PO_BINDERS_MIN_FREE + kept / 4 * 3;
}

/*
 * Low-water mark of free records with @kept in use. A busy CPU may bind for
 * some milliseconds, hundreds of times, before the work item runs.
 */
static u32 po_free_low(u32 kept)
{
	return PO_BINDERS_MIN_FREE / 4 * 3 + kept / 16;
}

/* Including binds that got no record. */
static u32 po_binds_since_sweep(void)
{
	u64 lost = po_pool_nr_lost() - po_lost_at_sweep;
	u32 handed_out = po_pool_nr_handed_out() - po_handed_out_at_sweep;

	return min_t(u64, lost + handed_out, U32_MAX);
}

static u32 po_binders_limit(void)
{
	return READ_ONCE(po_binders_max);
}

/*
 * A sweep waits for enough binds to amortise its cost, even if there is no
 * memory for more records, unless the administrator has lowered the limit.
 */
static bool po_sweep_due(u32 binds)
{
	return binds >= po_kept_at_sweep / 2 ||
	       po_kept_at_sweep > po_binders_limit();
}

/* Whether the limit permits more records. */
static bool po_binders_may_grow(void)
{
	u32 limit = po_binders_limit();

	return po_pool_nr_total() < limit + po_free_target(limit);
}

/* Allocate records up to the target. */
static void po_binders_grow(u32 kept)
{
	while (po_pool_nr_free() < po_free_target(kept) &&
	       po_binders_may_grow())
		if (po_pool_grow())
			break;
	po_index_resize(po_pool_nr_total());
}

static void po_binders_sweep(u32 binds)
{
	u32 limit = po_binders_limit(), kept, evicted;

	kept = po_sweep(binds, po_kept_at_sweep);
	if (kept > limit) {
		/* Evict a few more, so that not every sweep has to. */
		evicted = po_binders_evict(kept - limit + limit / 16);
		WRITE_ONCE(po_nr_evicted, po_nr_evicted + evicted);
		kept -= evicted;
	}
	/* Excess records that could not be evicted do not raise the target. */
	kept = min(kept, limit);
	po_pool_shrink(po_free_target(kept));
	po_binders_grow(kept);
	po_kept_at_sweep = kept;
	po_handed_out_at_sweep = po_pool_nr_handed_out();
	po_lost_at_sweep = po_pool_nr_lost();
}

static void po_binders_refill(struct work_struct *work);

static DECLARE_DELAYED_WORK(po_refill_work, po_binders_refill);

static void po_binders_refill(struct work_struct *work)
{
	u32 binds = po_binds_since_sweep();

	po_pool_reap();
	/* Expect as many binds during the sweep as since the last one. */
	while (po_pool_nr_free() < min_t(u32, binds, PO_BURST_MAX) &&
	       po_binders_may_grow())
		if (po_pool_grow())
			break;

	if (po_sweep_due(binds))
		po_binders_sweep(binds);
	else
		po_binders_grow(po_kept_at_sweep);

	if (po_pool_nr_free() >= po_free_low(po_kept_at_sweep))
		po_pool_set_low(po_free_low(po_kept_at_sweep));
	else
		queue_delayed_work(po_unbound_wq, &po_refill_work,
				   PO_REFILL_RETRY);
}

/* Replace the record of a socket by @binder, or drop it if that is NULL. */
static struct po_binder *po_binder_replace(struct po_binder *binder, u64 cookie)
{
	struct po_binder **link, *old = NULL;
	struct po_bucket *bucket;

	rcu_read_lock();
	bucket = po_bucket_lock(cookie);
	link = po_binder_link(bucket, cookie);
	if (*link)
		old = po_binder_unlink(link);
	if (binder) {
		/* Under the lock, which a new sweep takes to mark records. */
		WRITE_ONCE(binder->sweep, po_sweep_number());
		/* Pairs with po_sweep_all() and po_visit_records(). */
		atomic64_set_release(&binder->cookie, cookie);
		binder->next = bucket->first;
		WRITE_ONCE(bucket->first, binder);
	}
	po_bucket_unlock(bucket);
	rcu_read_unlock();

	return old;
}

/**
 * po_binder_record() - note that the current process has bound a socket
 * @sk: socket; the caller holds a reference
 *
 * Context: task context; atomic in probe handlers.
 */
void po_binder_record(struct sock *sk)
{
	kuid_t payer = po_payer_current(sock_net(sk));
	struct po_binder *binder, *old;
	bool scarce = false;
	int table;

	if (!READ_ONCE(po_binders_on))
		return;

	table = po_table_of(sk);
	/* IP_BIND_ADDRESS_NO_PORT: there is no port yet. */
	if (table < 0 || !READ_ONCE(sk->sk_num))
		return;

	binder = po_pool_get(payer, &scarce);
	if (binder)
		po_binder_fill(binder, sk, table, payer);
	/* The socket may have been bound before, and disconnected since. */
	old = po_binder_replace(binder, po_sock_cookie(sk));
	if (unlikely(old))
		po_pool_release(old);
	if (unlikely(scarce))
		queue_delayed_work(po_unbound_wq, &po_refill_work, 0);
}

/* Copy the record of a socket; false if there is none. */
static bool po_binder_read(u64 cookie, struct po_bound *bound)
{
	struct po_binder *binder = NULL;
	struct po_bucket *bucket;

	rcu_read_lock();
	/* Most sockets are connections, which were never bound. */
	if (!po_bucket_empty(cookie)) {
		bucket = po_bucket_lock(cookie);
		binder = *po_binder_link(bucket, cookie);
		if (binder) {
			bound->pid = get_pid(binder->pid);
			bound->uid = binder->uid;
			bound->age = ktime_get_boottime_ns() - binder->time;
			memcpy(bound->comm, binder->comm, sizeof(bound->comm));
		}
		po_bucket_unlock(bucket);
	}
	if (binder)
		bound->alive = pid_task(bound->pid, PIDTYPE_TGID);
	rcu_read_unlock();

	return binder;
}

/* Set the binder of one socket of a snapshot, if known. */
static int po_binder_copy(struct po_sock *sock, gfp_t gfp)
{
	struct po_bound bound;

	if (!po_binder_read(sock->cookie, &bound))
		return 0;

	sock->bound = kmemdup(&bound, sizeof(bound), gfp);
	if (!sock->bound) {
		put_pid(bound.pid);
		return -ENOMEM;
	}

	return 0;
}

/**
 * po_find_binders() - find out who bound the sockets of a snapshot
 * @snap: snapshot
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINTR if the reader is being killed.
 */
int po_find_binders(struct po_snap *snap)
{
	int err = 0;
	u32 i;

	for (i = 0; i < snap->nr && !err; i++) {
		err = po_binder_copy(po_snap_sock(snap, i), snap->gfp);
		if (i % PO_LOOKUP_BATCH)
			continue;
		cond_resched();
		if (!err && po_snap_killed(snap))
			err = -EINTR;
	}

	return err;
}

/**
 * po_binders_max_changed() - have the next sweep enforce a new binders_max
 *
 * The next CPU that needs a batch of records starts the sweep. It is not
 * started here, since the module may be about to be unloaded.
 *
 * Context: task context, but no probe handler; also before po_binders_init().
 */
void po_binders_max_changed(void)
{
	po_pool_set_low(U32_MAX);
}

/**
 * po_binders_stats() - read the counters of binder records
 * @stats: result
 *
 * Context: any.
 */
void po_binders_stats(struct po_binders_stats *stats)
{
	stats->used = po_pool_nr_used();
	stats->max = po_binders_limit();
	stats->evicted = READ_ONCE(po_nr_evicted) + po_pool_nr_lost();
}

/**
 * po_binders_init() - allocate the index and the first records
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int __init po_binders_init(void)
{
	int err = po_index_init();

	if (err)
		return err;

	err = po_pool_init();
	if (err) {
		po_index_exit();
		return err;
	}
	po_pool_set_low(po_free_low(0));

	return 0;
}

/**
 * po_binders_exit() - drop all records
 *
 * Context: may sleep; po_binder_record() is no longer called.
 */
void po_binders_exit(void)
{
	struct po_chunk *chunk;
	unsigned int i;

	po_sweep_cancel();
	cancel_delayed_work_sync(&po_refill_work);
	for (chunk = po_pool_chunks(); chunk; chunk = chunk->next)
		for (i = 0; i < PO_BINDERS_CHUNK; i++)
			if (atomic64_read(&chunk->binders[i].cookie))
				put_pid(chunk->binders[i].pid);
	po_pool_exit();
	po_index_exit();
}
