/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the sweep over binder records. */

#ifndef _PO_SWEEP_H
#define _PO_SWEEP_H

#include <linux/sched.h>
#include <linux/types.h>

#include "owners/binder.h"
#include "sockets/sockets.h"

/* Sockets visited under one hold of a bucket lock. */
#define PO_SWEEP_BATCH		64

/**
 * struct po_swept_slots - what a sweep knows about the slots of one table
 * @done: bitmap of slots whose sockets were all visited; NULL while empty
 * @crowded: bitmap of slots with too many sockets for this sweep; NULL while
 *	empty
 */
struct po_swept_slots {
	unsigned long *done;
	unsigned long *crowded;
};

/**
 * struct po_sweep - a sweep in progress
 * @nr: number of the sweep
 * @check_crowded: visit crowded slots as well
 * @check_old: check old records as well
 * @looks: sockets visited in buckets
 * @ns: time spent on sockets outside buckets, in nanoseconds
 * @max_looks: upper limit of @looks unless @check_crowded
 * @unyielded: sockets, buckets and records since the last cond_resched()
 * @kept: records still in use
 * @binder: record being checked
 * @freed: released records
 * @slots: slots visited so far, by table
 * @until: time at which the present visit of sockets outside buckets is given
 *	up, in nanoseconds of ktime_get_ns()
 * @nr_cookies: number of @cookies
 * @cookies: cookies of sockets collected under a bucket lock
 */
struct po_sweep {
	u8 nr;
	bool check_crowded;
	bool check_old;
	u64 looks;
	u64 ns;
	u64 max_looks;
	u32 unyielded;
	u32 kept;
	struct po_binder *binder;
	struct po_free_batch freed;
	struct po_swept_slots slots[PO_TABLES_MAX];
	u64 until;
	u32 nr_cookies;
	u64 cookies[PO_SWEEP_BATCH];
};

static inline void po_sweep_resched(struct po_sweep *sweep, u32 visited)
{
	sweep->unyielded += visited;
	if (sweep->unyielded >= PO_SWEEP_BATCH) {
		sweep->unyielded = 0;
		cond_resched();
	}
}

/* ---- binder_mark.c ---- */

bool po_sweep_cancelled(void);
bool po_mark_slot(struct po_sweep *sweep, const struct po_table *table,
		  u32 slot);

#endif /* _PO_SWEEP_H */
