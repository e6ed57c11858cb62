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
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/sock_diag.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <linux/workqueue.h>

#include "internal.h"

#define PO_BINDERS_MAX		65536
#define PO_BINDERS_CHUNK	512
/* Below this many free entries the work item is started. */
#define PO_BINDERS_LOW		(PO_BINDERS_CHUNK / 2)
#define PO_BINDERS_BITS		12

/**
 * struct po_binder - who bound one socket
 * @node: in a bucket of po_buckets; protected by its lock
 * @free: in po_free_binders or po_dead_binders instead
 * @cookie: SO_COOKIE of the socket
 * @time: when, in nanoseconds of CLOCK_BOOTTIME
 * @pid: thread group; holds a reference
 * @uid: effective user
 * @sweep: number of the last sweep that found the socket
 * @slot: bucket of its port in a table of po_tables
 * @table: index of that table
 * @comm: command name then
 *
 * All but @node and @free is protected by the lock of the bucket.
 */
struct po_binder {
	union {
		struct hlist_node node;
		struct llist_node free;
	};
	u64 cookie;
	u64 time;
	struct pid *pid;
	kuid_t uid;
	u32 sweep;
	u32 slot;
	u8 table;
	char comm[TASK_COMM_LEN];
};

/**
 * struct po_chunk - entries that were allocated together
 * @next: chunk before it
 * @binders: entries
 */
struct po_chunk {
	struct po_chunk *next;
	struct po_binder binders[PO_BINDERS_CHUNK];
};

/**
 * struct po_bucket - entries with the same hash
 * @lock: protects the list and the entries; raw, since probe handlers take it
 * @head: newest entry first
 */
struct po_bucket {
	raw_spinlock_t lock;	/* head, and the entries in it */
	struct hlist_head head;
};

static struct po_bucket po_buckets[1 << PO_BINDERS_BITS];

/* Entries to be had. Taking needs po_take_lock, giving back does not. */
static LLIST_HEAD(po_free_binders);
static DEFINE_RAW_SPINLOCK(po_take_lock);

/* Entries taken out, whose pid the work item still has to put. */
static LLIST_HEAD(po_dead_binders);

static atomic_t po_nr_free = ATOMIC_INIT(0);
static atomic_t po_nr_used = ATOMIC_INIT(0);
/* Set when an entry was wanted and none was free: more are needed. */
static bool po_starved;
static atomic64_t po_nr_evicted = ATOMIC64_INIT(0);

/* Only the work item, init and exit touch these two. */
static struct po_chunk *po_chunks;
static u32 po_nr_total;

/* Written by the work item alone. */
static u32 po_sweep;

/* Keyed: anybody may know the cookies of their own sockets. */
static siphash_key_t po_cookie_key __ro_after_init;

static struct po_bucket *po_bucket_of(u64 cookie)
{
	return &po_buckets[siphash_1u64(cookie, &po_cookie_key) %
			   ARRAY_SIZE(po_buckets)];
}

/* The caller holds the lock of the bucket. */
static struct po_binder *po_binder_in(struct po_bucket *bucket, u64 cookie)
{
	struct po_binder *binder;

	hlist_for_each_entry(binder, &bucket->head, node)
		if (binder->cookie == cookie)
			return binder;

	return NULL;
}

static void po_binder_give(struct po_binder *binder)
{
	llist_add(&binder->free, &po_free_binders);
	atomic_inc(&po_nr_free);
}

static struct po_binder *po_binder_get(void)
{
	struct llist_node *node;

	raw_spin_lock(&po_take_lock);
	node = llist_del_first(&po_free_binders);
	raw_spin_unlock(&po_take_lock);
	if (!node)
		return NULL;

	atomic_dec(&po_nr_free);

	return llist_entry(node, struct po_binder, free);
}

/* The caller holds the lock of the bucket. */
static void po_binder_fill(struct po_binder *binder, u64 cookie,
			   const struct sock *sk, unsigned int table)
{
	binder->cookie = cookie;
	binder->table = table;
	binder->slot = po_slot_in(po_tables[table], sk);
	binder->time = ktime_get_boottime_ns();
	binder->pid = get_pid(task_tgid(current));
	binder->uid = current_euid();
	binder->sweep = READ_ONCE(po_sweep);
	/* Another thread may be writing it; torn but always terminated. */
	memcpy(binder->comm, current->group_leader->comm, sizeof(binder->comm));
	binder->comm[sizeof(binder->comm) - 1] = '\0';
}

static void po_mark(struct po_snap *snap)
{
	struct po_bucket *bucket;
	struct po_binder *binder;
	unsigned long flags;
	u32 i;

	for (i = 0; i < snap->nr; i++) {
		bucket = po_bucket_of(po_snap_sock(snap, i)->cookie);
		raw_spin_lock_irqsave(&bucket->lock, flags);
		binder = po_binder_in(bucket, po_snap_sock(snap, i)->cookie);
		if (binder)
			binder->sweep = po_sweep;
		raw_spin_unlock_irqrestore(&bucket->lock, flags);
	}
}

/* Take an entry out of its bucket, whose lock is held. */
static void po_binder_drop(struct po_binder *binder)
{
	hlist_del(&binder->node);
	llist_add(&binder->free, &po_dead_binders);
	atomic_dec(&po_nr_used);
}

/* Take the entries that the last sweep did not find out of a bucket. */
static void po_drop_unmarked(struct po_bucket *bucket)
{
	struct po_binder *binder;
	struct hlist_node *next;
	unsigned long flags;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	hlist_for_each_entry_safe(binder, next, &bucket->head, node)
		if (binder->sweep != po_sweep)
			po_binder_drop(binder);
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
}

/* Give up the oldest entry of a bucket. */
static void po_evict_oldest(struct po_bucket *bucket)
{
	struct po_binder *binder, *oldest = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	hlist_for_each_entry(binder, &bucket->head, node)
		oldest = binder;
	if (oldest) {
		po_binder_drop(oldest);
		atomic64_inc(&po_nr_evicted);
	}
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
}

/* Make the entries that were taken out usable again. */
static void po_bury_dead(void)
{
	struct llist_node *list = llist_del_all(&po_dead_binders);
	struct po_binder *binder, *next;

	llist_for_each_entry_safe(binder, next, list, free) {
		put_pid(binder->pid);
		po_binder_give(binder);
	}
}

/*
 * Note in a bitmap in which buckets of a table the sockets should be. Taking
 * each lock makes sure that an entry either is seen here or has the number of
 * this sweep.
 */
static void po_slots_of(unsigned int table, unsigned long *slots, u32 nr)
{
	struct po_binder *binder;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(po_buckets); i++) {
		raw_spin_lock_irqsave(&po_buckets[i].lock, flags);
		hlist_for_each_entry(binder, &po_buckets[i].head, node)
			if (binder->table == table && binder->slot < nr)
				__set_bit(binder->slot, slots);
		raw_spin_unlock_irqrestore(&po_buckets[i].lock, flags);
	}
}

/* Mark the entries whose socket is still in a table. */
static int po_mark_table(unsigned int table)
{
	const struct po_filter filter = {
		.net		= &init_net,
		.all_netns	= true,
		.port_first	= 1,
		.port_last	= U16_MAX,
		.states		= PO_STATES_ALL,
	};
	u32 nr = po_nr_slots(po_tables[table]);
	unsigned long *slots;
	int err;

	slots = kvcalloc(BITS_TO_LONGS(nr), sizeof(*slots), GFP_KERNEL);
	if (!slots)
		return -ENOMEM;

	po_slots_of(table, slots, nr);
	err = po_visit(&filter, po_tables[table], slots, po_mark);
	kvfree(slots);

	return err;
}

/* Drop the entries of sockets that are gone; of none if that is not sure. */
static void po_binders_sweep(void)
{
	unsigned int i;

	WRITE_ONCE(po_sweep, po_sweep + 1);
	for (i = 0; i < po_nr_tables; i++)
		if (po_mark_table(i))
			return;

	for (i = 0; i < ARRAY_SIZE(po_buckets); i++) {
		if (!hlist_empty(&po_buckets[i].head))
			po_drop_unmarked(&po_buckets[i]);
		cond_resched();
	}
	po_bury_dead();
}

static int po_binders_grow(void)
{
	struct po_chunk *chunk;
	unsigned int i;

	if (po_nr_total >= PO_BINDERS_MAX)
		return -ENOSPC;

	chunk = kvmalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;

	chunk->next = po_chunks;
	po_chunks = chunk;
	for (i = 0; i < PO_BINDERS_CHUNK; i++)
		po_binder_give(&chunk->binders[i]);
	po_nr_total += PO_BINDERS_CHUNK;

	return 0;
}

static bool po_enough_free(void)
{
	return (u32)atomic_read(&po_nr_free) >=
	       max_t(u32, po_nr_total / 2, PO_BINDERS_CHUNK);
}

/* Sweep, then grow until half of the entries are free, and evict at last. */
static void po_binders_refill(struct work_struct *work)
{
	unsigned int i;

	po_bury_dead();
	po_binders_sweep();
	if (READ_ONCE(po_starved)) {
		WRITE_ONCE(po_starved, false);
		po_binders_grow();
	}
	while (!po_enough_free() && !po_binders_grow())
		;
	if (atomic_read(&po_nr_free) >= PO_BINDERS_LOW)
		return;

	for (i = 0; i < ARRAY_SIZE(po_buckets) / 2; i++)
		po_evict_oldest(&po_buckets[(po_sweep + i) %
					    ARRAY_SIZE(po_buckets)]);
	po_bury_dead();
}

static DECLARE_WORK(po_refill_work, po_binders_refill);

/**
 * po_binder_record() - note that the current process has bound a socket
 * @sk: socket; the caller holds a reference
 *
 * Context: any that is not NMI; probe handlers included.
 */
void po_binder_record(struct sock *sk)
{
	struct po_bucket *bucket;
	struct po_binder *binder;
	unsigned long flags;
	u32 cookie[2];
	int table;
	u64 key;

	table = po_table_of(sk);
	/* IP_BIND_ADDRESS_NO_PORT: there is no port yet. */
	if (table < 0 || !sk->sk_num)
		return;

	sock_diag_save_cookie(sk, cookie);
	key = (u64)cookie[1] << 32 | cookie[0];
	bucket = po_bucket_of(key);

	raw_spin_lock_irqsave(&bucket->lock, flags);
	/* It may have been bound before, and disconnected. */
	binder = po_binder_in(bucket, key);
	if (binder)
		po_binder_drop(binder);
	binder = po_binder_get();
	if (binder) {
		po_binder_fill(binder, key, sk, table);
		hlist_add_head(&binder->node, &bucket->head);
		atomic_inc(&po_nr_used);
	} else {
		atomic64_inc(&po_nr_evicted);
		WRITE_ONCE(po_starved, true);
	}
	raw_spin_unlock_irqrestore(&bucket->lock, flags);
	if (atomic_read(&po_nr_free) < PO_BINDERS_LOW)
		queue_work(system_unbound_wq, &po_refill_work);
}

/* Describe the binder of one socket of a snapshot, if it is known. */
static int po_binder_copy(struct po_sock *sock)
{
	struct po_bucket *bucket = po_bucket_of(sock->cookie);
	struct po_binder *binder;
	unsigned long flags;
	struct po_bound *bound;

	/* Most sockets are connections, which nobody bound. */
	if (hlist_empty(&bucket->head))
		return 0;

	bound = kmalloc(sizeof(*bound), GFP_KERNEL_ACCOUNT);
	if (!bound)
		return -ENOMEM;

	raw_spin_lock_irqsave(&bucket->lock, flags);
	binder = po_binder_in(bucket, sock->cookie);
	if (binder) {
		bound->pid = get_pid(binder->pid);
		bound->uid = binder->uid;
		bound->age = ktime_get_boottime_ns() - binder->time;
		memcpy(bound->comm, binder->comm, sizeof(bound->comm));
	}
	raw_spin_unlock_irqrestore(&bucket->lock, flags);

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

	for (i = 0; i < snap->nr && !err; i++)
		err = po_binder_copy(po_snap_sock(snap, i));

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
	*used = atomic_read(&po_nr_used);
	*evicted = atomic64_read(&po_nr_evicted);
}

/**
 * po_binders_init() - make the first entries
 *
 * Return: 0 or -ENOMEM.
 */
int __init po_binders_init(void)
{
	unsigned int i;

	get_random_bytes(&po_cookie_key, sizeof(po_cookie_key));
	for (i = 0; i < ARRAY_SIZE(po_buckets); i++)
		raw_spin_lock_init(&po_buckets[i].lock);

	return po_binders_grow();
}

/**
 * po_binders_exit() - drop all entries
 *
 * Context: may sleep. po_binder_record() is not called any more.
 */
void po_binders_exit(void)
{
	struct po_binder *binder;
	struct po_chunk *chunk;
	unsigned int i;

	cancel_work_sync(&po_refill_work);
	po_bury_dead();
	for (i = 0; i < ARRAY_SIZE(po_buckets); i++)
		hlist_for_each_entry(binder, &po_buckets[i].head, node)
			put_pid(binder->pid);
	while (po_chunks) {
		chunk = po_chunks;
		po_chunks = chunk->next;
		kvfree(chunk);
	}
}
