// SPDX-License-Identifier: GPL-2.0
/*
 * Which records of binders are still of use: those whose socket is in the place
 * where the table of its protocol has it. A sweep looks there for each record, and
 * marks the records of all sockets that it meets on the way.
 *
 * A record that is made meanwhile is marked, too. So once all sockets of a place
 * were seen, a record of that place that is not marked is of one that is gone: who
 * made it before the sweep had put the socket there before.
 *
 * Most sockets that are bound are soon closed, and those that are not stay for
 * long. So most sweeps look after new records only: what a bind pays for does not
 * depend on how many sockets there are.
 */

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "binders.h"
#include "internal.h"

/* Sockets that are looked at before a lock is given up. */
#define PO_AT_ONCE		64

/* Sockets that a sweep looks at for each record, unless binds have paid for more. */
#define PO_LOOKS		4

/* Binds between two looks at crowded places at least. */
#define PO_CROWD_BINDS		1024
/* What each bind pays for these: sockets in a bucket, nanoseconds elsewhere. */
#define PO_CROWD_LOOKS		2
#define PO_CROWD_NS		32

/* Binds that pay for a look after one old record, unless many have become old. */
#define PO_OLD_BINDS	4

/* Number of the sweep; the work item writes it, and all that follows. */
static u8 po_sweep_nr;

/* How many binds have to come before crowded places are looked at again. */
static u64 po_unpaid;

/* Records that became old since the last sweep that looked after these, and binds. */
static u32 po_grown_old;
static u64 po_binds_since;

/**
 * struct po_seen - places of one table that a sweep has seen
 * @done: all sockets there were looked at; NULL if there is none of these yet
 * @crowded: there are too many for now; likewise
 */
struct po_seen {
	unsigned long *done;
	unsigned long *crowded;
};

/**
 * struct po_sweeping - a sweep under way
 * @nr: its number
 * @paid: crowded places are looked at as well
 * @all: old records are looked after as well
 * @looks: sockets in buckets that it looked at
 * @ns: time it took where there are no buckets to look at
 * @most: how many sockets it may look at, unless @paid
 * @since: sockets and places that it looked at since others had the CPU
 * @left: records that stay
 * @wanted: record that it is about
 * @heap: records that are not used any more
 * @seen: by table
 * @nr_met: sockets that were met just now
 * @met: their cookies
 */
struct po_sweeping {
	u8 nr;
	bool paid;
	bool all;
	u64 looks;
	u64 ns;
	u64 most;
	u32 since;
	u32 left;
	struct po_binder *wanted;
	struct po_heap heap;
	struct po_seen seen[PO_TABLES_MAX];
	u32 nr_met;
	u64 met[PO_AT_ONCE];
};

/* Too large for a stack; for the work item. */
static struct po_sweeping po_sweeping;

/**
 * po_sweep_number() - what marks a record that is made now
 *
 * Context: the bucket of the record is locked.
 * Return: number of the sweep that may be under way.
 */
u8 po_sweep_number(void)
{
	return READ_ONCE(po_sweep_nr);
}

/**
 * po_binder_release() - drop a record
 * @binder: record, which may be another socket's by now
 * @cookie: the socket whose it is supposed to be
 * @slot: where that is supposed to be
 * @gone: whether to drop it; called with the bucket of the record locked
 * @heap: where it goes then
 *
 * Context: that of the work item.
 * Return: true if it was dropped, or had been replaced.
 */
bool po_binder_release(struct po_binder *binder, u64 cookie, u32 slot,
		       bool (*gone)(const struct po_binder *binder),
		       struct po_heap *heap)
{
	struct po_bucket *bucket;
	struct po_binder **link;
	bool found, drop;

	rcu_read_lock();
	bucket = po_bucket_lock(cookie);
	link = po_link_of(bucket, cookie);
	found = *link == binder && binder->slot == slot;
	drop = found && gone(binder);
	if (drop)
		po_unlink(link);
	po_bucket_unlock(bucket);
	rcu_read_unlock();
	if (drop) {
		put_pid(binder->pid);
		po_heap_add(heap, binder);
	}

	return drop || !found;
}

static void po_mark(struct po_sweeping *sweep, u64 cookie)
{
	struct po_binder *binder = sweep->wanted;
	struct po_bucket *bucket;

	/* Most connections have none: nobody asked for it. */
	if (!cookie)
		return;

	if (atomic64_read(&binder->cookie) == cookie) {
		/* One that takes its place now is marked anyway. */
		WRITE_ONCE(binder->sweep, sweep->nr);
		return;
	}

	/* Locked: who makes one with the number before is to be waited for. */
	rcu_read_lock();
	bucket = po_bucket_lock(cookie);
	binder = *po_link_of(bucket, cookie);
	if (binder)
		WRITE_ONCE(binder->sweep, sweep->nr);
	po_bucket_unlock(bucket);
	rcu_read_unlock();
}

/* Nothing else is locked: what locks the record may be interrupted. */
static void po_mark_met(struct po_sweeping *sweep)
{
	u32 i;

	for (i = 0; i < sweep->nr_met; i++)
		po_mark(sweep, sweep->met[i]);
	sweep->looks += i;
}

/* Let others have the CPU after a bounded number of sockets. */
static void po_breathe(struct po_sweeping *sweep, u32 looked_at)
{
	sweep->since += looked_at;
	if (sweep->since >= PO_AT_ONCE) {
		sweep->since = 0;
		cond_resched();
	}
}

/*
 * Look at some sockets of a bucket, under its lock. Returns the one to go on with,
 * or NULL at the end.
 */
static struct sock *po_meet_some(struct po_sweeping *sweep,
				 const struct po_table *table, struct sock *sk)
{
	u32 nr;

	for (nr = 0; sk && nr < PO_AT_ONCE; sk = table->next(sk))
		sweep->met[nr++] = atomic64_read(&sk->sk_cookie);
	sweep->nr_met = nr;
	/* Time-wait half made: it cannot be held, but the next one can. */
	while (sk && !refcount_read(&sk->sk_refcnt))
		sk = table->next(sk);

	return sk;
}

/* Look at a bucket. Returns whether all of its sockets were seen. */
static bool po_mark_bucket(struct po_sweeping *sweep,
			   const struct po_table *table, struct net *net,
			   u32 nr)
{
	struct sock *held = NULL, *sk;
	bool all = true;

	do {
		table->lock(table, net, nr);
		sk = held ?: table->first(table, net, nr);
		if (held && !table->linked(table, net, nr, held)) {
			all = false;
			sk = NULL;
		}
		sk = po_meet_some(sweep, table, sk);
		if (sk && !sweep->paid) {
			all = false;
			sk = NULL;
		}
		if (sk)
			sock_hold(sk);
		table->unlock(table, net, nr);
		if (held)
			sock_gen_put(held);
		held = sk;
		po_mark_met(sweep);
		po_breathe(sweep, sweep->nr_met + 1);
	} while (held);

	return all;
}

/**
 * struct po_marker - who marks what a table tells
 * @seer: is told
 * @sweep: sweep under way
 */
struct po_marker {
	struct po_seer seer;
	struct po_sweeping *sweep;
};

static int po_mark_one(const struct po_seer *seer, struct sock *sk,
		       const struct in6_addr *addr)
{
	const struct po_marker *to = container_of(seer, struct po_marker, seer);

	po_mark(to->sweep, atomic64_read(&sk->sk_cookie));
	po_breathe(to->sweep, 1);

	return 0;
}

/* All sockets of a namespace that does not share its table with most. */
static bool po_mark_net(struct po_sweeping *sweep, const struct po_table *table,
			struct net *net)
{
	const struct po_marker to = {
		.seer	= { .see = po_mark_one },
		.sweep	= sweep,
	};
	u32 nr, buckets;

	if (table->each)
		return !table->each(net, &to.seer);

	buckets = table->buckets(table, net);
	for (nr = 0; nr < buckets; nr++) {
		nr = table->used(table, net, nr, buckets - 1);
		if (!po_mark_bucket(sweep, table, net, nr))
			return false;
	}

	return true;
}

/* All sockets of what po_slot_in() counts as the last slot. */
static bool po_mark_others(struct po_sweeping *sweep,
			   const struct po_table *table)
{
	struct net *net;

	for (net = po_net_next(NULL); net; net = po_net_next(net)) {
		if (po_table_shared(table, net))
			continue;
		if (!po_mark_net(sweep, table, net)) {
			put_net(net);
			return false;
		}
		cond_resched();
	}

	return true;
}

static bool po_slot_empty(const struct po_table *table, u32 slot)
{
	return slot < po_nr_slots(table) - 1 &&
	       table->used(table, &init_net, slot, slot + 1) != slot;
}

static bool po_mark_slot(struct po_sweeping *sweep,
			 const struct po_table *table, u32 slot)
{
	bool all, other = slot == po_nr_slots(table) - 1;
	u64 start;

	if (!sweep->paid && (other || sweep->looks >= sweep->most))
		return false;
	if (!other)
		return po_mark_bucket(sweep, table, &init_net, slot);

	start = ktime_get_ns();
	all = po_mark_others(sweep, table);
	sweep->ns += ktime_get_ns() - start;

	return all;
}

/* Note what is known of a slot. Without memory, nothing is. */
static void po_slot_note(unsigned long **bits, const struct po_table *table,
			 u32 slot)
{
	if (!*bits)
		*bits = kvcalloc(BITS_TO_LONGS(po_nr_slots(table)),
				 sizeof(long), GFP_KERNEL);
	if (*bits)
		__set_bit(slot, *bits);
}

static bool po_slot_noted(const unsigned long *bits, u32 slot)
{
	return bits && test_bit(slot, bits);
}

/* Nobody is there: who made the record had put the socket there before. */
static bool po_gone_if_empty(const struct po_binder *binder)
{
	return po_slot_empty(po_tables[binder->table & ~PO_BINDER_OLD],
			     binder->slot);
}

/* All that are there were met. */
static bool po_gone_if_unmarked(const struct po_binder *binder)
{
	return binder->sweep != po_sweep_nr;
}

/* Look for the socket of one record. Returns whether the record stays. */
static bool po_sweep_slot(struct po_sweeping *sweep, struct po_binder *binder,
			  u64 cookie, u32 nr)
{
	const struct po_table *table = po_tables[nr];
	struct po_seen *seen = &sweep->seen[nr];
	u32 slot = READ_ONCE(binder->slot);

	/* Another socket has it now, in another table. */
	if (slot >= po_nr_slots(table))
		return true;
	if (po_slot_noted(seen->done, slot))
		return !po_binder_release(binder, cookie, slot,
					  po_gone_if_unmarked, &sweep->heap);
	if (po_slot_noted(seen->crowded, slot))
		return true;
	if (po_slot_empty(table, slot))
		return !po_binder_release(binder, cookie, slot,
					  po_gone_if_empty, &sweep->heap);

	sweep->wanted = binder;
	if (!po_mark_slot(sweep, table, slot)) {
		po_slot_note(&seen->crowded, table, slot);
		return true;
	}
	po_slot_note(&seen->done, table, slot);
	if (READ_ONCE(binder->sweep) == sweep->nr)
		return true;

	return !po_binder_release(binder, cookie, slot, po_gone_if_unmarked,
				  &sweep->heap);
}

/* Look after one record. Returns whether it stays. */
static bool po_sweep_one(struct po_sweeping *sweep, struct po_binder *binder,
			 u64 cookie)
{
	u8 table = READ_ONCE(binder->table);

	if (table & PO_BINDER_OLD && !sweep->all)
		return true;

	/* The socket was met already, on the way to another one. */
	if (READ_ONCE(binder->sweep) != sweep->nr &&
	    !po_sweep_slot(sweep, binder, cookie, table & ~PO_BINDER_OLD))
		return false;

	if (!(table & PO_BINDER_OLD)) {
		WRITE_ONCE(binder->table, table | PO_BINDER_OLD);
		po_grown_old++;
	}

	return true;
}

static void po_sweep_all(struct po_sweeping *sweep)
{
	struct po_binder *binder;
	struct po_chunk *chunk;
	u64 cookie;
	u32 i;

	for (chunk = po_pool_chunks(); chunk; chunk = chunk->next) {
		for (i = 0; i < PO_BINDERS_CHUNK; i++) {
			binder = &chunk->binders[i];
			/* Pairs with po_binder_fill(). */
			cookie = atomic64_read_acquire(&binder->cookie);
			if (!cookie)
				continue;
			if (po_sweep_one(sweep, binder, cookie))
				sweep->left++;
			po_breathe(sweep, 1);
		}
		cond_resched();
	}
	po_heap_give(&sweep->heap);
}

/**
 * po_sweep() - drop the records of sockets that are gone
 * @binds: binds since the last time
 * @left: records that were left then
 *
 * Records that an earlier sweep left are looked after once half of all are such as
 * became so meanwhile, or enough binds have come. Of places with more sockets than
 * records and binds account for, all are kept until enough binds have come since
 * these were looked at.
 *
 * Context: may sleep; one task at a time. Takes the bucket locks of the kernel,
 * and those of the records within.
 * Return: how many records are left.
 */
u32 po_sweep(u32 binds, u32 left)
{
	struct po_sweeping *sweep = &po_sweeping;
	u64 debt = 0;
	unsigned int i;

	memset(sweep, 0, offsetof(struct po_sweeping, met));
	sweep->nr = po_sweep_nr + 1;
	sweep->paid = binds >= po_unpaid;
	po_binds_since += binds;
	sweep->all = po_grown_old >= left / 2 ||
		     po_binds_since / PO_OLD_BINDS >= left;
	if (sweep->all) {
		po_grown_old = 0;
		po_binds_since = 0;
	}
	sweep->most = PO_LOOKS * (u64)po_pool_used();
	WRITE_ONCE(po_sweep_nr, sweep->nr);
	/* Pairs with the lock of a bucket of sockets, if that is not looked at. */
	smp_mb();
	po_sweep_all(sweep);
	for (i = 0; i < po_nr_tables; i++) {
		kvfree(sweep->seen[i].done);
		kvfree(sweep->seen[i].crowded);
	}

	if (!sweep->paid) {
		po_unpaid -= binds;
		return sweep->left;
	}
	if (sweep->looks > sweep->most)
		debt = (sweep->looks - sweep->most) / PO_CROWD_LOOKS;
	debt += div_u64(sweep->ns, PO_CROWD_NS);
	po_unpaid = max_t(u64, debt, PO_CROWD_BINDS);

	return sweep->left;
}
