// SPDX-License-Identifier: GPL-2.0
/*
 * Free the records that nothing refers to any more.
 *
 * A record may have 850 owners and dozens of processes, and be another user's.
 * So a refused task does not free the record that makes way for its own: a work
 * item does.
 */

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "core/core.h"
#include "forecast/forecast.h"
#include "rejects/rejects.h"

/*
 * Memory of the records that the work item has not freed yet: some full logs. If it
 * falls further behind, refused tasks free records themselves.
 */
#define PO_FREE_BYTES	(4 * PO_LOG_BYTES)

/* Records to be freed by the work item, and their memory. */
static LLIST_HEAD(po_free_list);
static atomic_long_t po_free_bytes = ATOMIC_LONG_INIT(0);

/**
 * po_reject_bytes() - get the size of a record
 * @rej: record
 *
 * Context: under the lock of the log that it is in, if any.
 * Return: bytes of memory that it takes.
 */
size_t po_reject_bytes(const struct po_reject *rej)
{
	return rej->bytes + rej->caller->bytes;
}

static void po_reject_free(struct po_reject *rej)
{
	po_range_put(rej->range);
	po_caller_put(rej->caller);
	po_snap_free(rej->culprits);
	kfree(rej);
}

static void po_free_records(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&po_free_list);
	struct po_reject *rej, *next;
	size_t bytes;

	llist_for_each_entry_safe(rej, next, list, in_free) {
		bytes = po_reject_bytes(rej);
		po_reject_free(rej);
		atomic_long_sub(bytes, &po_free_bytes);
		cond_resched();
	}
}

static DECLARE_WORK(po_free_work, po_free_records);

/**
 * po_reject_put() - drop a reference to a record
 * @rej: record
 *
 * Context: may sleep.
 */
void po_reject_put(struct po_reject *rej)
{
	if (refcount_dec_and_test(&rej->refs))
		po_reject_free(rej);
}

/**
 * po_reject_put_later() - drop a reference to a record, at little cost
 * @rej: complete record, no longer in a log
 *
 * Context: may sleep.
 */
void po_reject_put_later(struct po_reject *rej)
{
	size_t bytes;

	if (!refcount_dec_and_test(&rej->refs))
		return;

	bytes = po_reject_bytes(rej);
	if (atomic_long_add_return(bytes, &po_free_bytes) > PO_FREE_BYTES) {
		atomic_long_sub(bytes, &po_free_bytes);
		po_reject_free(rej);
	} else if (llist_add(&rej->in_free, &po_free_list)) {
		queue_work(po_unbound_wq, &po_free_work);
	}
}

/**
 * po_reject_free_flush() - free all records that are still to be freed
 *
 * Context: may sleep; po_reject_put_later() is no longer called.
 */
void po_reject_free_flush(void)
{
	flush_work(&po_free_work);
}
