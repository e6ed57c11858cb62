// SPDX-License-Identifier: GPL-2.0
/*
 * Who bound each socket, and when: recorded as bind() succeeds and kept while
 * the socket lives, also when that process is gone.
 *
 * Recording is done by a probe handler, so records are made beforehand, by a
 * work item that runs when few are free. There is no hook on close: the same
 * work item drops the records of sockets that no longer have a port, and makes
 * as many more as it takes for its next run to be far away.
 */

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sock_diag.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "binders.h"
#include "internal.h"

/* Sockets that are looked up before others may have the CPU. */
#define PO_AT_ONCE		512

/* Binds at most for which there is room before a sweep begins: 256 KiB. */
#define PO_BURST		(8 * PO_BINDERS_CHUNK)

/* When there is nothing to be done yet, or no memory to do it. */
#define PO_RETRY		HZ

/* Records that were given up; the work item writes it. */
static u64 po_nr_evicted;

/* As the last sweep left it: what is in use, and what had been got and lost. */
static u32 po_swept_left;
static u32 po_swept_gone;
static u64 po_swept_lost;

/* The caller has not let anybody have it yet. */
static void po_binder_fill(struct po_binder *binder, const struct sock *sk,
			   unsigned int table, kuid_t payer)
{
	WRITE_ONCE(binder->table, table);
	WRITE_ONCE(binder->slot, po_slot_in(po_tables[table], sk));
	WRITE_ONCE(binder->time, ktime_get_coarse_boottime_ns());
	WRITE_ONCE(binder->payer, payer);
	binder->pid = get_pid(task_tgid(current));
	binder->uid = current_euid();
	/* Another thread may be writing it; torn but always terminated. */
	data_race(memcpy(binder->comm, current->group_leader->comm,
			 sizeof(binder->comm)));
	binder->comm[sizeof(binder->comm) - 1] = '\0';
}

/* Records that a sweep is to leave free, if @left are in use then. */
static u32 po_enough(u32 left)
{
	return PO_BINDERS_FREE + left / 4 * 3;
}

/* With fewer free than these, it is time for the next one. */
static u32 po_few(u32 left)
{
	return PO_BINDERS_FREE / 2 + left / 16;
}

/* Binds since the last sweep, also those that found no record. */
static u32 po_binds(void)
{
	u64 lost = po_pool_nr_lost() - po_swept_lost;
	u32 gone = po_pool_gone() - po_swept_gone;

	return min_t(u64, lost + gone, U32_MAX);
}

static u32 po_binders_keep(void)
{
	return READ_ONCE(po_binders_max);
}

/*
 * Binds have to pay for it, though there be no memory for more records; or the
 * administrator, who wants fewer.
 */
static bool po_sweep_paid(u32 binds)
{
	return binds >= po_swept_left / 2 || po_swept_left > po_binders_keep();
}

/* Whether there may be more records. */
static bool po_binders_room(void)
{
	u32 keep = po_binders_keep();

	return po_pool_total() < keep + po_enough(keep);
}

/* Make records until as many are free as should be. */
static void po_binders_grow(u32 left)
{
	while (po_pool_free() < po_enough(left) && po_binders_room())
		if (po_pool_grow())
			break;
	po_index_fit(po_pool_total());
}

static void po_binders_sweep(u32 binds)
{
	u32 keep = po_binders_keep(), left, lost;

	left = po_sweep(binds, po_swept_left);
	if (left > keep) {
		/* A few more, not to do it each time. */
		lost = po_binders_evict(left - keep + keep / 16);
		WRITE_ONCE(po_nr_evicted, po_nr_evicted + lost);
		left -= lost;
	}
	/* Who could not be evicted yet gets no more room. */
	left = min(left, keep);
	po_pool_shrink(po_enough(left));
	po_binders_grow(left);
	po_swept_left = left;
	po_swept_gone = po_pool_gone();
	po_swept_lost = po_pool_nr_lost();
}

static void po_binders_refill(struct work_struct *work);

static DECLARE_DELAYED_WORK(po_refill_work, po_binders_refill);

static void po_binders_refill(struct work_struct *work)
{
	u32 binds = po_binds();

	po_pool_bury();
	/* As many may come before the sweep is over as there have been since the last. */
	while (po_pool_free() < min_t(u32, binds, PO_BURST) &&
	       po_binders_room())
		if (po_pool_grow())
			break;

	if (po_sweep_paid(binds))
		po_binders_sweep(binds);
	else
		po_binders_grow(po_swept_left);

	if (po_pool_free() >= po_few(po_swept_left))
		po_pool_watch(po_few(po_swept_left));
	else
		queue_delayed_work(po_unbound_wq, &po_refill_work, PO_RETRY);
}

static u64 po_cookie(struct sock *sk)
{
	u32 cookie[2];

	sock_diag_save_cookie(sk, cookie);

	return (u64)cookie[1] << 32 | cookie[0];
}

/* Let @binder, unless it is NULL, take the place of what a socket had before. */
static struct po_binder *po_binder_replace(struct po_binder *binder, u64 cookie)
{
	struct po_binder **link, *old = NULL;
	struct po_bucket *bucket;

	rcu_read_lock();
	bucket = po_bucket_lock(cookie);
	link = po_link_of(bucket, cookie);
	if (*link)
		old = po_unlink(link);
	if (binder) {
		/* Within: who reads the number before is found by the sweep. */
		WRITE_ONCE(binder->sweep, po_sweep_number());
		/* Pairs with the acquire of who reads all records. */
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
 * Context: that of a task; atomic in probe handlers.
 */
void po_binder_record(struct sock *sk)
{
	kuid_t payer = po_payer(current_cred());
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
	/* It may have been bound before, and disconnected. */
	old = po_binder_replace(binder, po_cookie(sk));
	if (unlikely(old))
		po_pool_drop(old);
	if (unlikely(scarce))
		queue_delayed_work(po_unbound_wq, &po_refill_work, 0);
}

/* Whether a socket has a record, and if so, what it says. */
static bool po_binder_read(u64 cookie, struct po_bound *bound)
{
	struct po_binder *binder = NULL;
	struct po_bucket *bucket;

	rcu_read_lock();
	/* Most sockets are connections, which nobody bound. */
	if (!po_bucket_empty(cookie)) {
		bucket = po_bucket_lock(cookie);
		binder = *po_link_of(bucket, cookie);
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

/* Describe the binder of one socket of a snapshot, if it is known. */
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
		if (i % PO_AT_ONCE)
			continue;
		cond_resched();
		if (!err && po_snap_killed(snap))
			err = -EINTR;
	}

	return err;
}

/**
 * po_binders_limited() - the number of records to be kept was set
 *
 * The next bind that takes a batch of records has those in excess dropped: nothing
 * is begun here, where the module may be on its way out.
 *
 * Context: that of a task, but no probe handler; also before po_binders_init().
 */
void po_binders_limited(void)
{
	po_pool_watch(U32_MAX);
}

/**
 * po_binders_stats() - how many binders are known
 * @stats: result
 *
 * Context: any.
 */
void po_binders_stats(struct po_binders_stats *stats)
{
	stats->used = po_pool_used();
	stats->max = po_binders_keep();
	stats->evicted = READ_ONCE(po_nr_evicted) + po_pool_nr_lost();
}

/**
 * po_binders_init() - make the first records
 *
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
	po_pool_watch(po_few(0));

	return 0;
}

/**
 * po_binders_exit() - drop all records
 *
 * Context: may sleep. po_binder_record() is not called any more.
 */
void po_binders_exit(void)
{
	struct po_chunk *chunk;
	unsigned int i;

	cancel_delayed_work_sync(&po_refill_work);
	for (chunk = po_pool_chunks(); chunk; chunk = chunk->next)
		for (i = 0; i < PO_BINDERS_CHUNK; i++)
			if (atomic64_read(&chunk->binders[i].cookie))
				put_pid(chunk->binders[i].pid);
	po_pool_exit();
	po_index_exit();
}
