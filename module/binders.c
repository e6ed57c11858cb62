// SPDX-License-Identifier: GPL-2.0
/*
 * Who bound each socket, and when: recorded as bind() succeeds and kept while
 * the socket lives, also when that process is gone.
 *
 * Recording is done by a probe handler, so entries are made beforehand, by a
 * work item that runs when few are free. There is no hook on close: the same
 * work item drops the entries of sockets that no longer have a port, and only
 * if too few are free after that does it make more, up to a limit; beyond that
 * it gives up old ones. All that frees memory is left to it.
 */

#include <linux/in.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sock_diag.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "binders.h"
#include "internal.h"

/* Below this many free entries, and a quarter of those in use, sweep. */
#define PO_BINDERS_LOW		256
#define PO_BINDERS_BITS		11
/* Sockets that a sweep looks at for each bind until the next one, at most. */
#define PO_BINDERS_VISITS	16

/* Entries and buckets that it looks at under the lock before others may have it. */
#define PO_BINDERS_AT_ONCE	64

/* Newest entry first in each bucket; protected by po_binders_lock. */
static struct po_binder *po_buckets[1 << PO_BINDERS_BITS];

static atomic64_t po_nr_evicted = ATOMIC64_INIT(0);

/* Number of the sweep; the work item writes it. */
static u8 po_sweep;
/* Below this many free entries the work item is started. */
static u32 po_nr_low = PO_BINDERS_LOW;
/* Sockets that the last sweep looked at, and where it gives up entries next. */
static u32 po_nr_visited;
static u32 po_evict_from;

/* Secret: anybody may know the cookies of their own sockets. */
static u64 po_multiplier __ro_after_init;

static u32 po_bucket_of(u64 cookie)
{
	return cookie * po_multiplier >> (64 - PO_BINDERS_BITS);
}

/*
 * Where the entry of a cookie hangs, or where the chain ends. The caller holds
 * po_binders_lock.
 */
static struct po_binder **po_link_of(u32 bucket, u64 cookie)
{
	struct po_binder **link = &po_buckets[bucket];

	while (*link && (*link)->cookie != cookie)
		link = &(*link)->next;

	return link;
}

/* The caller holds po_binders_lock. */
static void po_binder_fill(struct po_binder *binder, u64 cookie,
			   const struct sock *sk, unsigned int table)
{
	WRITE_ONCE(binder->cookie, cookie);
	binder->table = table;
	binder->slot = po_slot_in(po_tables[table], sk);
	binder->sweep = READ_ONCE(po_sweep);
	binder->time = ktime_get_coarse_boottime_ns();
	binder->pid = get_pid(task_tgid(current));
	binder->uid = current_euid();
	/* Another thread may be writing it; torn but always terminated. */
	memcpy(binder->comm, current->group_leader->comm, sizeof(binder->comm));
	binder->comm[sizeof(binder->comm) - 1] = '\0';
}

/* Take an entry out of its bucket; the caller holds po_binders_lock. */
static struct po_binder *po_unlink(struct po_binder **link)
{
	struct po_binder *binder = *link;

	*link = binder->next;
	WRITE_ONCE(binder->cookie, 0);

	return binder;
}

/* Give up the oldest entry of a bucket. */
static void po_evict_oldest(u32 bucket)
{
	struct po_binder **link = &po_buckets[bucket];

	raw_spin_lock(&po_binders_lock);
	if (*link) {
		while ((*link)->next)
			link = &(*link)->next;
		po_pool_drop(po_unlink(link));
		atomic64_inc(&po_nr_evicted);
	}
	raw_spin_unlock(&po_binders_lock);
}

/*
 * Drop the entries of a few buckets whose sockets the sweep did not find.
 * Returns the bucket to go on with.
 */
static u32 po_drop_some(u32 bucket)
{
	const u8 sweep = po_sweep;
	struct po_binder **link;
	u32 looked_at = 0;

	raw_spin_lock(&po_binders_lock);
	for (; bucket < ARRAY_SIZE(po_buckets) &&
	     looked_at < PO_BINDERS_AT_ONCE; bucket++, looked_at++) {
		for (link = &po_buckets[bucket]; *link; looked_at++) {
			if ((*link)->sweep == sweep)
				link = &(*link)->next;
			else
				po_pool_drop(po_unlink(link));
		}
	}
	raw_spin_unlock(&po_binders_lock);

	return bucket;
}

static u32 po_next_used_bucket(u32 bucket)
{
	while (bucket < ARRAY_SIZE(po_buckets) && !READ_ONCE(po_buckets[bucket]))
		bucket++;

	return bucket;
}

/* Drop all entries whose sockets the sweep did not find. */
static void po_drop_unmarked(void)
{
	u32 bucket = 0;

	for (;;) {
		bucket = po_next_used_bucket(bucket);
		if (bucket == ARRAY_SIZE(po_buckets))
			break;
		bucket = po_drop_some(bucket);
		cond_resched();
	}
	po_pool_bury();
}

static void po_mark(struct po_snap *snap)
{
	struct po_binder *binder;
	u32 i, bucket;
	u64 cookie;

	po_nr_visited += snap->nr_looked_at;
	snap->nr_looked_at = 0;
	for (i = 0; i < snap->nr; i++) {
		if (i % PO_BINDERS_CHUNK == 0)
			cond_resched();
		cookie = po_snap_sock(snap, i)->cookie;
		bucket = po_bucket_of(cookie);
		if (!READ_ONCE(po_buckets[bucket]))
			continue;
		raw_spin_lock(&po_binders_lock);
		binder = *po_link_of(bucket, cookie);
		if (binder)
			binder->sweep = po_sweep;
		raw_spin_unlock(&po_binders_lock);
	}
}

/**
 * struct po_slots - where sockets of one table should be
 * @slots: bitmap, as po_visit() has it; NULL if there are none
 * @nr: slots that there may be
 */
struct po_slots {
	unsigned long *slots;
	u32 nr;
};

static int po_slots_alloc(struct po_slots *slots, unsigned int table)
{
	slots->nr = po_nr_slots(po_tables[table]);
	slots->slots = kvcalloc(BITS_TO_LONGS(DIV_ROUND_UP(slots->nr,
							   PO_SLOTS_A_BIT)),
				sizeof(long), GFP_KERNEL);

	return slots->slots ? 0 : -ENOMEM;
}

/* Where the sockets of all entries in use should be, by table. */
static int po_slots_of(struct po_slots *slots)
{
	const struct po_binder *binder;
	const struct po_chunk *chunk;
	u32 i, table, slot;

	for (chunk = po_pool_chunks(); chunk; chunk = chunk->next) {
		for (i = 0; i < PO_BINDERS_CHUNK; i++) {
			binder = &chunk->binders[i];
			if (!READ_ONCE(binder->cookie))
				continue;
			table = READ_ONCE(binder->table);
			slot = READ_ONCE(binder->slot);
			if (!slots[table].slots &&
			    po_slots_alloc(&slots[table], table))
				return -ENOMEM;
			if (slot < slots[table].nr)
				__set_bit(slot / PO_SLOTS_A_BIT,
					  slots[table].slots);
		}
		cond_resched();
	}

	return 0;
}

/* Mark the entries whose socket is still in its table. */
static int po_mark_all(void)
{
	const struct po_filter filter = {
		.net		= &init_net,
		.all_netns	= true,
		.port_first	= 1,
		.port_last	= U16_MAX,
		.states		= PO_STATES_ALL,
		.cookies	= true,
	};
	struct po_slots slots[PO_TABLES_MAX] = {};
	unsigned int i;
	int err;

	err = po_slots_of(slots);
	for (i = 0; i < po_nr_tables; i++) {
		if (slots[i].slots && !err)
			err = po_visit(&filter, po_tables[i], slots[i].slots,
				       po_mark);
		kvfree(slots[i].slots);
	}

	return err;
}

/* Drop the entries of sockets that are gone; of none if that is not sure. */
static void po_binders_sweep(void)
{
	WRITE_ONCE(po_sweep, po_sweep + 1);
	/*
	 * Who did not see the new number had the lock before: that entry is in
	 * use, and so is looked for, from here on.
	 */
	raw_spin_lock(&po_binders_lock);
	raw_spin_unlock(&po_binders_lock);

	po_nr_visited = 0;
	if (!po_mark_all())
		po_drop_unmarked();
}

/* The more a sweep has to look at, the rarer it has to be. */
static bool po_enough_free(void)
{
	u32 free = po_pool_free();

	return free >= PO_BINDERS_CHUNK && free >= po_pool_used() / 4 * 3 &&
	       free >= po_nr_visited / PO_BINDERS_VISITS;
}

/* Sweep, then grow until enough entries are free, and evict at last. */
static void po_binders_refill(struct work_struct *work)
{
	unsigned int i;

	po_pool_bury();
	/* Binds are faster than this: the sweep might come too late. */
	if (po_pool_free() < po_nr_low / 2)
		po_pool_grow();
	po_binders_sweep();
	while (!po_enough_free() && !po_pool_grow())
		;
	WRITE_ONCE(po_nr_low, PO_BINDERS_LOW + po_pool_used() / 4);
	if (po_pool_free() >= PO_BINDERS_LOW)
		return;

	for (i = 0; i < ARRAY_SIZE(po_buckets) / 2; i++)
		po_evict_oldest(po_evict_from++ % ARRAY_SIZE(po_buckets));
	po_pool_bury();
}

static DECLARE_WORK(po_refill_work, po_binders_refill);

static u64 po_cookie(struct sock *sk)
{
	u32 cookie[2];

	sock_diag_save_cookie(sk, cookie);

	return (u64)cookie[1] << 32 | cookie[0];
}

/**
 * po_binder_record() - note that the current process has bound a socket
 * @sk: socket; the caller holds a reference
 *
 * Context: that of a task; atomic in probe handlers.
 */
void po_binder_record(struct sock *sk)
{
	struct po_binder *binder, **link;
	u64 cookie;
	u32 bucket;
	int table;

	table = po_table_of(sk);
	/* IP_BIND_ADDRESS_NO_PORT: there is no port yet. */
	if (table < 0 || !sk->sk_num)
		return;

	cookie = po_cookie(sk);
	bucket = po_bucket_of(cookie);

	raw_spin_lock(&po_binders_lock);
	/* It may have been bound before, and disconnected. */
	link = po_link_of(bucket, cookie);
	if (*link)
		po_pool_drop(po_unlink(link));
	binder = po_pool_get();
	if (binder) {
		po_binder_fill(binder, cookie, sk, table);
		binder->next = po_buckets[bucket];
		WRITE_ONCE(po_buckets[bucket], binder);
	}
	raw_spin_unlock(&po_binders_lock);
	if (!binder)
		atomic64_inc(&po_nr_evicted);
	if (READ_ONCE(po_nr_free) < READ_ONCE(po_nr_low))
		queue_work(po_unbound_wq, &po_refill_work);
}

/* Describe the binder of one socket of a snapshot, if it is known. */
static int po_binder_copy(struct po_sock *sock)
{
	u32 bucket = po_bucket_of(sock->cookie);
	struct po_binder *binder;
	struct po_bound *bound;

	/* Most sockets are connections, which nobody bound. */
	if (!READ_ONCE(po_buckets[bucket]))
		return 0;

	bound = kmalloc(sizeof(*bound), GFP_KERNEL_ACCOUNT);
	if (!bound)
		return -ENOMEM;

	raw_spin_lock(&po_binders_lock);
	binder = *po_link_of(bucket, sock->cookie);
	if (binder) {
		bound->pid = get_pid(binder->pid);
		bound->uid = binder->uid;
		bound->age = ktime_get_boottime_ns() - binder->time;
		memcpy(bound->comm, binder->comm, sizeof(bound->comm));
	}
	raw_spin_unlock(&po_binders_lock);

	if (!binder) {
		kfree(bound);
		return 0;
	}
	rcu_read_lock();
	bound->alive = pid_task(bound->pid, PIDTYPE_TGID);
	rcu_read_unlock();
	sock->bound = bound;

	return 0;
}

/**
 * po_find_binders() - find out who bound the sockets of a snapshot
 * @snap: snapshot
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_find_binders(struct po_snap *snap)
{
	int err = 0;
	u32 i;

	for (i = 0; i < snap->nr && !err; i++) {
		err = po_binder_copy(po_snap_sock(snap, i));
		if (i % PO_BINDERS_CHUNK == 0)
			cond_resched();
	}

	return err;
}

/**
 * po_binders_stats() - how many binders are known
 * @used: result: sockets whose binder is recorded
 * @evicted: result: records given up, or not made, for lack of room
 *
 * Context: any.
 */
void po_binders_stats(u64 *used, u64 *evicted)
{
	*used = po_pool_used();
	*evicted = atomic64_read(&po_nr_evicted);
}

/**
 * po_binders_init() - make the first entries
 *
 * Return: 0 or -ENOMEM.
 */
int __init po_binders_init(void)
{
	get_random_bytes(&po_multiplier, sizeof(po_multiplier));
	po_multiplier |= 1;
	return po_pool_init();
}

/**
 * po_binders_exit() - drop all entries
 *
 * Context: may sleep. po_binder_record() is not called any more.
 */
void po_binders_exit(void)
{
	unsigned int i;

	cancel_work_sync(&po_refill_work);
	for (i = 0; i < ARRAY_SIZE(po_buckets); i++)
		while (po_buckets[i])
			put_pid(po_unlink(&po_buckets[i])->pid);
	po_pool_exit();
}
