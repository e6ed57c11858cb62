// SPDX-License-Identifier: GPL-2.0
/*
 * Garbage collection of binder records. A record is in use while its socket is
 * in the slot of a protocol table that the record names. A sweep visits that
 * slot for each record, and marks the records of all sockets in it with its own
 * number.
 *
 * A record made during a sweep is marked from the start. So once all sockets of
 * a slot have been visited, an unmarked record of that slot belongs to a closed
 * socket: a socket enters its slot before its record is made.
 *
 * Most bound sockets are closed soon; the others stay open for long. So most
 * sweeps check new records only, and the cost per bind does not grow with the
 * number of sockets.
 */

#include <linux/math64.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "core/core.h"
#include "owners/binder.h"
#include "owners/sweep.h"
#include "sockets/sockets.h"

/* Sockets that a sweep visits per record, before it considers slots crowded. */
#define PO_SWEEP_LOOKS		4

/* Minimum number of binds between two sweeps that visit crowded slots. */
#define PO_CROWD_BINDS		1024
/* Visits that each bind pays for: sockets in buckets, nanoseconds elsewhere. */
#define PO_CROWD_LOOKS		2
#define PO_CROWD_NS		32

/* Maximum number of binds per record before old records are checked again. */
#define PO_FULL_SWEEP_BINDS	4

/* Number of the last sweep. The work item writes this and the next three. */
static u8 po_sweep_nr;

/* Binds still to come before crowded slots are visited again. */
static u64 po_crowd_debt;

/* Since the last check of old records: records grown old, and binds. */
static u32 po_aged_since_full;
static u64 po_binds_since_full;

/* Too large for the stack; used by the work item only. */
static struct po_sweep po_sweep_state;

/**
 * po_sweep_number() - the mark for a new record
 *
 * Context: with the bucket of the record locked.
 * Return: number of the current sweep, or else of the last one.
 */
u8 po_sweep_number(void)
{
	return READ_ONCE(po_sweep_nr);
}

/**
 * po_binder_release() - release a record unless it was replaced
 * @binder: record, which may have been reused for another socket
 * @cookie: cookie of the socket it belonged to
 * @slot: slot of that socket
 * @gone: whether to release it; called with the bucket of the record locked
 * @freed: batch to add the record to
 *
 * Context: only the work item.
 * Return: true if it was released, or had been replaced.
 */
bool po_binder_release(struct po_binder *binder, u64 cookie, u32 slot,
		       bool (*gone)(const struct po_binder *binder),
		       struct po_free_batch *freed)
{
	struct po_bucket *bucket;
	struct po_binder **link;
	bool found, drop;

	rcu_read_lock();
	bucket = po_bucket_lock(cookie);
	link = po_binder_link(bucket, cookie);
	found = *link == binder && binder->slot == slot;
	drop = found && gone(binder);
	if (drop)
		po_binder_unlink(link);
	po_bucket_unlock(bucket);
	rcu_read_unlock();
	if (drop) {
		put_pid(binder->pid);
		po_free_batch_add(freed, binder);
	}

	return drop || !found;
}

static bool po_slot_empty(const struct po_table *table, u32 slot)
{
	return slot < po_nr_slots(table) - 1 &&
	       table->used(table, &init_net, slot, slot + 1) != slot;
}

/* Without memory for the bitmap the bit stays clear. */
static void po_slot_set_bit(unsigned long **bits, const struct po_table *table,
			    u32 slot)
{
	if (!*bits)
		*bits = kvcalloc(BITS_TO_LONGS(po_nr_slots(table)),
				 sizeof(long), GFP_KERNEL);
	if (*bits)
		__set_bit(slot, *bits);
}

static bool po_slot_test_bit(const unsigned long *bits, u32 slot)
{
	return bits && test_bit(slot, bits);
}

/* The socket entered the slot before its record was made, so it was closed. */
static bool po_gone_if_empty(const struct po_binder *binder)
{
	return po_slot_empty(po_tables[binder->table & ~PO_BINDER_OLD],
			     binder->slot);
}

/* All sockets in the slot were visited, but not the one of the record. */
static bool po_gone_if_unmarked(const struct po_binder *binder)
{
	return binder->sweep != po_sweep_nr;
}

/* Look for the socket of one record. Returns whether to keep the record. */
static bool po_sweep_slot(struct po_sweep *sweep, struct po_binder *binder,
			  u64 cookie, u32 nr)
{
	const struct po_table *table = po_tables[nr];
	struct po_swept_slots *slots = &sweep->slots[nr];
	u32 slot = READ_ONCE(binder->slot);

	/* The record was reused for a socket in another table. */
	if (slot >= po_nr_slots(table))
		return true;
	if (po_slot_test_bit(slots->done, slot))
		return !po_binder_release(binder, cookie, slot,
					  po_gone_if_unmarked, &sweep->freed);
	if (po_slot_test_bit(slots->crowded, slot))
		return true;
	if (po_slot_empty(table, slot))
		return !po_binder_release(binder, cookie, slot,
					  po_gone_if_empty, &sweep->freed);

	sweep->binder = binder;
	if (!po_mark_slot(sweep, table, slot)) {
		po_slot_set_bit(&slots->crowded, table, slot);
		return true;
	}
	po_slot_set_bit(&slots->done, table, slot);
	if (READ_ONCE(binder->sweep) == sweep->nr)
		return true;

	return !po_binder_release(binder, cookie, slot, po_gone_if_unmarked,
				  &sweep->freed);
}

/* Check one record. Returns whether to keep it. */
static bool po_sweep_one(struct po_sweep *sweep, struct po_binder *binder,
			 u64 cookie)
{
	u8 table = READ_ONCE(binder->table);

	if (table & PO_BINDER_OLD && !sweep->check_old)
		return true;

	/* A slot visited for another record may have contained its socket. */
	if (READ_ONCE(binder->sweep) != sweep->nr &&
	    !po_sweep_slot(sweep, binder, cookie, table & ~PO_BINDER_OLD))
		return false;

	if (!(table & PO_BINDER_OLD)) {
		WRITE_ONCE(binder->table, table | PO_BINDER_OLD);
		po_aged_since_full++;
	}

	return true;
}

static void po_sweep_all(struct po_sweep *sweep)
{
	struct po_binder *binder;
	struct po_chunk *chunk;
	u64 cookie;
	u32 i;

	for (chunk = po_pool_chunks(); chunk; chunk = chunk->next) {
		for (i = 0; i < PO_BINDERS_CHUNK && !po_sweep_cancelled(); i++) {
			binder = &chunk->binders[i];
			/* Pairs with po_binder_replace(). */
			cookie = atomic64_read_acquire(&binder->cookie);
			if (!cookie)
				continue;
			if (po_sweep_one(sweep, binder, cookie))
				sweep->kept++;
			po_sweep_resched(sweep, 1);
		}
		cond_resched();
	}
	po_free_batch_put(&sweep->freed);
}

/**
 * po_sweep() - release the records of closed sockets
 * @binds: binds since the last sweep
 * @kept: records kept by the last sweep
 *
 * Old records, which an earlier sweep has kept, are checked only once half of
 * all records have grown old since the last such check, or after enough binds.
 * Crowded slots, with more sockets than the number of records justifies
 * visiting, keep all their records until enough binds have paid for the visit.
 *
 * Context: may sleep; one task at a time. Takes bucket locks of the kernel and
 * bucket locks of records, never both at once.
 * Return: number of records kept.
 */
u32 po_sweep(u32 binds, u32 kept)
{
	struct po_sweep *sweep = &po_sweep_state;
	u64 debt = 0;
	unsigned int i;

	memset(sweep, 0, offsetof(struct po_sweep, cookies));
	sweep->nr = po_sweep_nr + 1;
	sweep->check_crowded = binds >= po_crowd_debt;
	po_binds_since_full += binds;
	sweep->check_old = po_aged_since_full >= kept / 2 ||
		     po_binds_since_full / PO_FULL_SWEEP_BINDS >= kept;
	if (sweep->check_old) {
		po_aged_since_full = 0;
		po_binds_since_full = 0;
	}
	sweep->max_looks = PO_SWEEP_LOOKS * (u64)po_pool_nr_used();
	WRITE_ONCE(po_sweep_nr, sweep->nr);
	/* Pairs with bucket locks in bind(): empty slots are not locked. */
	smp_mb();
	po_sweep_all(sweep);
	for (i = 0; i < po_nr_tables; i++) {
		kvfree(sweep->slots[i].done);
		kvfree(sweep->slots[i].crowded);
	}

	if (!sweep->check_crowded) {
		po_crowd_debt -= binds;
		return sweep->kept;
	}
	if (sweep->looks > sweep->max_looks)
		debt = (sweep->looks - sweep->max_looks) / PO_CROWD_LOOKS;
	debt += div_u64(sweep->ns, PO_CROWD_NS);
	po_crowd_debt = max_t(u64, debt, PO_CROWD_BINDS);

	return sweep->kept;
}
