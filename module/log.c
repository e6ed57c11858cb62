// SPDX-License-Identifier: GPL-2.0
/*
 * The refused binds of each network namespace: a ring of records, bounded in
 * number and in bytes. A new record makes room by dropping the oldest ones.
 */

#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "internal.h"

/**
 * struct po_log - the log of one network namespace
 * @lock: protects @seq, @kept, @bytes and @ring
 * @seq: number of the newest record, and so of all records ever added
 * @kept: records in the log: those numbered @seq - @kept + 1 to @seq
 * @bytes: memory these take
 * @lost: refusals for which there was no record to be had
 * @range_lock: protects @range; held while it is made, so that of many who
 *	ask at a time one does the work
 * @range: the automatic range as it was found exhausted last, or NULL; holds a
 *	reference
 * @ring: record N at N % PO_LOG_RECORDS; each holds a reference
 */
struct po_log {
	spinlock_t lock;	/* seq, kept, bytes, ring */
	u64 seq;
	u32 kept;
	size_t bytes;
	atomic64_t lost;
	struct mutex range_lock;	/* range */
	struct po_range *range;
	struct po_reject *ring[PO_LOG_RECORDS];
};

static unsigned int po_log_id __read_mostly;

static struct po_log *po_log(const struct net *net)
{
	return net_generic(net, po_log_id);
}

/**
 * po_reject_put() - drop a reference to a record
 * @rej: record
 *
 * Context: may sleep.
 */
void po_reject_put(struct po_reject *rej)
{
	if (!refcount_dec_and_test(&rej->refs))
		return;

	while (rej->nr_ancestors)
		put_pid(rej->ancestors[--rej->nr_ancestors]);
	po_range_put(rej->range);
	po_proc_free(rej->caller);
	po_snap_free(rej->culprits);
	kfree(rej);
}

static struct po_reject **po_log_slot(struct po_log *log, u64 seq)
{
	return &log->ring[seq % PO_LOG_RECORDS];
}

/* Take the oldest record out. The caller holds log->lock. */
static struct po_reject *po_log_shift(struct po_log *log)
{
	struct po_reject **slot = po_log_slot(log, log->seq - log->kept + 1);
	struct po_reject *rej = *slot;

	*slot = NULL;
	log->kept--;
	log->bytes -= rej->bytes;

	return rej;
}

/**
 * po_log_add() - add a record to the log of a namespace
 * @net: namespace; the caller holds a reference
 * @rej: record, whose reference the log takes over
 *
 * Context: may sleep; takes the lock of the log.
 * Return: the number that the record got.
 */
u64 po_log_add(struct net *net, struct po_reject *rej)
{
	struct po_log *log = po_log(net);
	struct po_reject *old;
	u64 seq;

	spin_lock(&log->lock);
	while (log->kept == PO_LOG_RECORDS ||
	       (log->kept && log->bytes + rej->bytes > PO_LOG_BYTES)) {
		old = po_log_shift(log);
		/* Freeing may sleep; others may add meanwhile. */
		spin_unlock(&log->lock);
		po_reject_put(old);
		spin_lock(&log->lock);
	}
	seq = ++log->seq;
	rej->seq = seq;
	*po_log_slot(log, seq) = rej;
	log->kept++;
	log->bytes += rej->bytes;
	spin_unlock(&log->lock);

	return seq;
}

/**
 * po_log_lost() - count a refusal that could not be recorded
 * @net: namespace; the caller holds a reference
 *
 * Context: any, probe handlers included.
 */
void po_log_lost(struct net *net)
{
	atomic64_inc(&po_log(net)->lost);
}

/**
 * po_log_next() - the oldest record after a number
 * @net: namespace; the caller holds a reference
 * @seq: number
 *
 * Context: process context; takes the lock of the log.
 * Return: a record, to be dropped by po_reject_put(), or NULL if none is newer.
 */
struct po_reject *po_log_next(struct net *net, u64 seq)
{
	struct po_log *log = po_log(net);
	struct po_reject *rej = NULL;

	spin_lock(&log->lock);
	seq = max(seq, log->seq - log->kept);
	if (seq < log->seq) {
		rej = *po_log_slot(log, seq + 1);
		refcount_inc(&rej->refs);
	}
	spin_unlock(&log->lock);

	return rej;
}

/**
 * po_log_last() - the number of the newest record
 * @net: namespace; the caller holds a reference
 *
 * Context: process context.
 * Return: number, 0 if there never was a record.
 */
u64 po_log_last(struct net *net)
{
	struct po_log *log = po_log(net);
	u64 seq;

	spin_lock(&log->lock);
	seq = log->kept ? log->seq : 0;
	spin_unlock(&log->lock);

	return seq;
}

static bool po_range_fresh(const struct po_range *range, u16 proto, int first,
			   int last)
{
	return range && range->proto == proto && range->first == first &&
	       range->last == last && time_before(jiffies, range->time + HZ);
}

/**
 * po_log_range() - describe the automatic range, which may be exhausted
 * @sk: socket that needs a port; the caller holds a reference
 * @proto: IPPROTO_* of the sockets that count
 *
 * Whoever exhausted it may go on asking: the answer holds for a second.
 *
 * Context: may sleep; takes a mutex of the log.
 * Return: as po_range_between().
 */
struct po_range *po_log_range(const struct sock *sk, u16 proto)
{
	struct net *net = sock_net(sk);
	struct po_log *log = po_log(net);
	struct po_range *range = NULL;
	int first, last;

	po_sk_port_range(sk, &first, &last);
	if (mutex_lock_killable(&log->range_lock))
		return NULL;

	if (!po_range_fresh(log->range, proto, first, last)) {
		po_range_put(log->range);
		log->range = po_range_between(net, proto, first, last);
	}
	if (log->range) {
		range = log->range;
		refcount_inc(&range->refs);
	}
	mutex_unlock(&log->range_lock);

	return range;
}

/**
 * po_log_stats() - counters of the log of a namespace
 * @net: namespace; the caller holds a reference
 * @stats: result; seen is exactly kept + dropped
 *
 * Context: process context; takes the lock of the log.
 */
void po_log_stats(const struct net *net, struct po_log_stats *stats)
{
	struct po_log *log = po_log(net);
	u64 lost = atomic64_read(&log->lost);

	spin_lock(&log->lock);
	stats->seen = log->seq + lost;
	stats->kept = log->kept;
	stats->dropped = stats->seen - stats->kept;
	spin_unlock(&log->lock);
}

static int __net_init po_log_net_init(struct net *net)
{
	spin_lock_init(&po_log(net)->lock);
	mutex_init(&po_log(net)->range_lock);

	return 0;
}

/* No lock: nobody else knows the namespace any more. */
static void __net_exit po_log_net_exit(struct net *net)
{
	struct po_log *log = po_log(net);

	while (log->kept)
		po_reject_put(po_log_shift(log));
	po_range_put(log->range);
}

static struct pernet_operations po_log_ops = {
	.init	= po_log_net_init,
	.exit	= po_log_net_exit,
	.id	= &po_log_id,
	.size	= sizeof(struct po_log),
};

/**
 * po_log_init() - give each network namespace a log
 *
 * Return: 0 or a negative errno.
 */
int po_log_init(void)
{
	return register_pernet_subsys(&po_log_ops);
}

/**
 * po_log_exit() - drop the logs of all network namespaces
 */
void po_log_exit(void)
{
	unregister_pernet_subsys(&po_log_ops);
}
