// SPDX-License-Identifier: GPL-2.0
/*
 * The logs of all network namespaces, for readers.
 *
 * A namespace ends a while after its last process, and often soon after a
 * refusal, as in a test, or a container that fails to start. So its records
 * move to a log that outlives it, which has the same limits and shares as any
 * other, and which readers of all namespaces read last. A record is always in
 * one of the two.
 */

#include <linux/mutex.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>

#include "core/core.h"
#include "forecast/forecast.h"
#include "rejects/log.h"
#include "rejects/refusal.h"
#include "rejects/rejects.h"

/* Keeps logs from ending, and those of ended namespaces from growing. */
static DEFINE_MUTEX(po_logs_mutex);

/* Logs of living namespaces, by index, from 1. */
static DEFINE_XARRAY_ALLOC1(po_logs);
static u32 po_logs_last;

/* Records of namespaces that ended, in that order. */
static struct po_log po_logs_ended;

/* Set when unloading: there are no more readers. */
static bool po_logs_closed;

/* The caller holds po_logs_mutex while it uses the log. */
static struct po_log *po_logs_get(u32 index)
{
	return index == PO_LOG_ENDED ? &po_logs_ended : xa_load(&po_logs, index);
}

/**
 * po_logs_of() - the index of the log of a namespace
 * @net: namespace; the caller holds a reference
 *
 * Context: any.
 * Return: the index.
 */
u32 po_logs_of(const struct net *net)
{
	return po_log(net)->index;
}

/**
 * po_logs_next() - advance to the next log
 * @index: index of a log, or 0 to begin; set to the next index, the last of
 *	which is %PO_LOG_ENDED
 *
 * Context: may sleep.
 * Return: false if there are no more.
 */
bool po_logs_next(u32 *index)
{
	unsigned long next = *index;

	if (*index == PO_LOG_ENDED)
		return false;

	if (xa_find_after(&po_logs, &next, PO_LOG_ENDED - 1, XA_PRESENT))
		*index = next;
	else
		*index = PO_LOG_ENDED;

	return true;
}

static u32 po_log_mark_records(struct po_log *log, u64 since, u64 since_all,
			       struct po_mark *marks)
{
	struct po_reject *rej;
	u32 nr = 0, i;

	spin_lock(&log->lock);
	if (log->seq_all <= since_all)
		goto out;

	list_for_each_entry_reverse(rej, &log->records, in_log) {
		if (rej->seq <= since || rej->seq_all <= since_all) {
			/* Sorted, unless they come from several namespaces. */
			if (log->net)
				break;
			continue;
		}
		marks[nr++] = (struct po_mark) {
			.id	= rej->id,
			.seq	= rej->seq,
			.time	= rej->time,
			.count	= rej->count,
			.slot	= rej->slot,
		};
	}

out:
	spin_unlock(&log->lock);

	for (i = 0; i < nr / 2; i++)
		swap(marks[i], marks[nr - 1 - i]);

	return nr;
}

/**
 * po_log_mark() - mark the present records for a reader
 * @index: index of the log, which may have ended
 * @since: mark only records with a higher number in their namespace
 * @since_all: mark only records with a higher number over all namespaces
 * @marks: array of %PO_LOG_RECORDS, filled in the order of the log
 *
 * This way a reader stops at the last record that was present when it started,
 * and sees each record once, even if records move in the meantime.
 *
 * Context: may sleep; takes the lock of the log.
 * Return: number of marks.
 */
u32 po_log_mark(u32 index, u64 since, u64 since_all, struct po_mark *marks)
{
	struct po_log *log;
	u32 nr = 0;

	mutex_lock(&po_logs_mutex);
	log = po_logs_get(index);
	if (log)
		nr = po_log_mark_records(log, since, since_all, marks);
	mutex_unlock(&po_logs_mutex);

	return nr;
}

static struct po_reject *po_log_get_record(struct po_log *log,
					   const struct po_mark *mark,
					   struct po_caller **caller)
{
	struct po_reject *rej;

	spin_lock(&log->lock);
	rej = log->slots[mark->slot];
	if (rej && rej->id != mark->id)
		rej = NULL;
	if (rej) {
		refcount_inc(&rej->refs);
		*caller = rej->caller;
		refcount_inc(&rej->caller->refs);
	}
	spin_unlock(&log->lock);

	return rej;
}

/**
 * po_log_get() - get a marked record
 * @index: index of the log, which may have ended
 * @mark: mark
 * @caller: set to the process refused last, to be released by po_caller_put()
 *
 * Context: may sleep; takes the lock of the log.
 * Return: the record, to be released by po_reject_put(); NULL if it is no
 * longer in the log, with *@caller unchanged.
 */
struct po_reject *po_log_get(u32 index, const struct po_mark *mark,
			     struct po_caller **caller)
{
	struct po_reject *rej = NULL;
	struct po_log *log;

	mutex_lock(&po_logs_mutex);
	log = po_logs_get(index);
	if (log)
		rej = po_log_get_record(log, mark, caller);
	mutex_unlock(&po_logs_mutex);

	return rej;
}

/**
 * po_log_range() - get or set the port range usage of a record
 * @index: index of the log, which may have ended
 * @rej: record; the caller holds a reference
 * @found: usage to set if there is none yet, or NULL
 *
 * Context: may sleep; takes the lock of the log.
 * Return: usage of the record, to be released by po_range_put(), or NULL.
 */
struct po_range *po_log_range(u32 index, struct po_reject *rej,
			      struct po_range *found)
{
	struct po_range *range = NULL;
	struct po_log *log;

	mutex_lock(&po_logs_mutex);
	log = po_logs_get(index);
	if (log) {
		spin_lock(&log->lock);
		if (found && !rej->range)
			rej->range = po_range_get(found);
		range = rej->range ? po_range_get(rej->range) : NULL;
		spin_unlock(&log->lock);
	}
	mutex_unlock(&po_logs_mutex);

	return range;
}

/**
 * po_logs_net() - the namespace of a log
 * @index: index of the log, which may have ended
 *
 * Context: may sleep.
 * Return: the namespace, to be released by put_net(), or NULL if it is ending.
 */
struct net *po_logs_net(u32 index)
{
	struct net *net = NULL;
	struct po_log *log;

	mutex_lock(&po_logs_mutex);
	log = po_logs_get(index);
	if (log && log->net)
		net = maybe_get_net(log->net);
	mutex_unlock(&po_logs_mutex);

	return net;
}

static int po_log_net_init(struct net *net)
{
	struct po_log *log = po_log(net);
	int err;

	po_log_setup(log);
	log->net = net;
	err = xa_alloc_cyclic(&po_logs, &log->index, log,
			      XA_LIMIT(1, PO_LOG_ENDED - 1), &po_logs_last,
			      GFP_KERNEL_ACCOUNT);

	return min(err, 0);
}

/* Only readers of all namespaces still refer to the log. */
static void po_log_net_exit(struct net *net)
{
	struct po_log *log = po_log(net);

	mutex_lock(&po_logs_mutex);
	xa_erase(&po_logs, log->index);
	if (!READ_ONCE(po_logs_closed))
		po_log_move(&po_logs_ended, log);
	mutex_unlock(&po_logs_mutex);
	po_log_clear(log);
}

struct po_net_part po_log_part = {
	.init	= po_log_net_init,
	.exit	= po_log_net_exit,
	.size	= sizeof(struct po_log),
};

/**
 * po_log_init() - prepare for logs, before there is one in any namespace
 *
 * Context: module init.
 */
void __init po_log_init(void)
{
	po_reject_key_init();
	po_log_setup(&po_logs_ended);
}

/**
 * po_log_stop() - keep no more records of namespaces that end
 *
 * Context: any; there are no readers.
 */
void po_log_stop(void)
{
	WRITE_ONCE(po_logs_closed, true);
}

/**
 * po_log_exit() - drop the records of namespaces that ended, free all others
 *
 * Context: may sleep; no namespace has a log any more.
 */
void po_log_exit(void)
{
	po_log_clear(&po_logs_ended);
	po_reject_free_flush();
}
