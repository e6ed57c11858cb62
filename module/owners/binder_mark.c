// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a sweep that visits sockets: all sockets of a slot are visited, and
 * their records marked with the number of the sweep, see binder_sweep.c.
 */

#include <linux/spinlock.h>
#include <linux/timekeeping.h>

#include "core/core.h"
#include "owners/binder.h"
#include "owners/sweep.h"
#include "sockets/sockets.h"

/*
 * Maximum time for the sockets outside buckets of one protocol, in nanoseconds:
 * their number and that of the namespaces is up to others, and refills wait.
 */
#define PO_UNSHARED_NS		(50 * NSEC_PER_MSEC)

/* Set when unloading: a sweep may have millions of sockets to visit. */
static bool po_sweep_is_cancelled;

/**
 * po_sweep_cancel() - end the sweep in progress, and each later one at once
 *
 * Context: any; when unloading.
 */
void po_sweep_cancel(void)
{
	WRITE_ONCE(po_sweep_is_cancelled, true);
}

/**
 * po_sweep_cancelled() - whether po_sweep_cancel() was called
 *
 * Context: any.
 * Return: true if so.
 */
bool po_sweep_cancelled(void)
{
	return READ_ONCE(po_sweep_is_cancelled);
}

static void po_mark_cookie(struct po_sweep *sweep, u64 cookie)
{
	struct po_binder *binder = sweep->binder;
	struct po_bucket *bucket;

	/* Most connections have no cookie: it is generated on first use. */
	if (!cookie)
		return;

	if (atomic64_read(&binder->cookie) == cookie) {
		/* If it is replaced now, the new record is marked anyway. */
		WRITE_ONCE(binder->sweep, sweep->nr);
		return;
	}

	/* The lock waits for a record being added with the previous number. */
	rcu_read_lock();
	bucket = po_bucket_lock(cookie);
	binder = *po_binder_link(bucket, cookie);
	if (binder)
		WRITE_ONCE(binder->sweep, sweep->nr);
	po_bucket_unlock(bucket);
	rcu_read_unlock();
}

/*
 * Called without a bucket of sockets locked: softirqs take those locks, and may
 * interrupt the holder of a record's lock.
 */
static void po_mark_collected(struct po_sweep *sweep)
{
	u32 i;

	for (i = 0; i < sweep->nr_cookies; i++)
		po_mark_cookie(sweep, sweep->cookies[i]);
	sweep->looks += i;
}

/*
 * Collect the cookies of some sockets of a bucket, under its lock. Returns the
 * socket to continue with, or NULL at the end.
 */
static struct sock *po_collect_cookies(struct po_sweep *sweep,
				       const struct po_table *table,
				       struct sock *sk)
{
	u32 nr;

	for (nr = 0; sk && nr < PO_SWEEP_BATCH; sk = table->next(sk))
		sweep->cookies[nr++] = atomic64_read(&sk->sk_cookie);
	sweep->nr_cookies = nr;
	/* Time-wait sockets under construction cannot be held yet. */
	while (sk && !refcount_read(&sk->sk_refcnt))
		sk = table->next(sk);

	return sk;
}

/* Visit a bucket. Returns whether all of its sockets were visited. */
static bool po_mark_bucket(struct po_sweep *sweep,
			   const struct po_table *table, struct net *net,
			   u32 nr)
{
	struct sock *held = NULL, *sk;
	u32 left = U32_MAX;
	bool all = true;

	do {
		table->lock(table, net, nr);
		sk = held ?: table->first(table, net, nr);
		if (held && !table->linked(table, net, nr, held, &left)) {
			all = false;
			sk = NULL;
		}
		sk = po_collect_cookies(sweep, table, sk);
		if (sk && (!sweep->check_crowded || po_sweep_cancelled())) {
			all = false;
			sk = NULL;
		}
		if (sk)
			sock_hold(sk);
		table->unlock(table, net, nr);
		if (held)
			sock_gen_put(held);
		held = sk;
		po_mark_collected(sweep);
		po_sweep_resched(sweep, sweep->nr_cookies + 1);
	} while (held);

	return all;
}

/**
 * struct po_mark_visitor - marks the records of the sockets visited
 * @visitor: base
 * @sweep: sweep in progress
 */
struct po_mark_visitor {
	struct po_sk_visitor visitor;
	struct po_sweep *sweep;
};

static bool po_sweep_late(const struct po_sweep *sweep)
{
	return ktime_get_ns() >= sweep->until || po_sweep_cancelled();
}

static int po_mark_one(const struct po_sk_visitor *visitor, struct sock *sk,
		       const struct in6_addr *addr, u8 state)
{
	const struct po_mark_visitor *mark =
		container_of(visitor, struct po_mark_visitor, visitor);

	po_mark_cookie(mark->sweep, atomic64_read(&sk->sk_cookie));
	po_sweep_resched(mark->sweep, 1);

	return po_sweep_late(mark->sweep) ? -ETIME : 0;
}

/* Visit all sockets of a namespace with a table of its own. */
static bool po_mark_net(struct po_sweep *sweep, const struct po_table *table,
			struct net *net)
{
	const struct po_mark_visitor mark = {
		.visitor	= { .visit = po_mark_one, .until = sweep->until },
		.sweep		= sweep,
	};
	u32 nr, buckets;

	if (table->each)
		return !table->each(net, &mark.visitor);

	buckets = table->buckets(table, net);
	for (nr = 0; nr < buckets; nr++) {
		nr = table->used(table, net, nr, buckets - 1);
		if (!po_mark_bucket(sweep, table, net, nr) ||
		    po_sweep_late(sweep))
			return false;
	}

	return true;
}

/* Visit the last slot, see po_slot_in(), unless that takes too long. */
static bool po_mark_unshared(struct po_sweep *sweep,
			     const struct po_table *table)
{
	struct net *net;

	for (net = po_net_next(NULL); net; net = po_net_next(net)) {
		if (po_table_shared(table, net))
			continue;
		if (!po_mark_net(sweep, table, net) || po_sweep_late(sweep)) {
			put_net(net);
			return false;
		}
		cond_resched();
	}

	return true;
}

/**
 * po_mark_slot() - visit a slot, and mark the records of its sockets
 * @sweep: sweep in progress
 * @table: table
 * @slot: slot of it
 *
 * Context: may sleep; the work item. Takes bucket locks of the kernel and bucket
 * locks of records, never both at once.
 * Return: true if all of its sockets were visited.
 */
bool po_mark_slot(struct po_sweep *sweep, const struct po_table *table,
		  u32 slot)
{
	bool all, unshared = slot == po_nr_slots(table) - 1;
	u64 start;

	if (!sweep->check_crowded &&
	    (unshared || sweep->looks >= sweep->max_looks))
		return false;
	if (!unshared)
		return po_mark_bucket(sweep, table, &init_net, slot);

	start = ktime_get_ns();
	sweep->until = start + PO_UNSHARED_NS;
	all = po_mark_unshared(sweep, table);
	sweep->ns += ktime_get_ns() - start;

	return all;
}
