// SPDX-License-Identifier: GPL-2.0
/*
 * The refused binds of each network namespace, bounded in number and in bytes.
 *
 * Equal refusals are one record, which is moved to the newest place by each. So
 * a record has the number of its last refusal, and all are in the order of these.
 * A new record makes room by dropping the oldest ones of whoever has most.
 */

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/hashtable.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "internal.h"
#include "log_users.h"

/**
 * struct po_log - the log of one network namespace
 * @lock: protects all that follows, up to @lost
 * @seq: number of the last refusal, and so of all that ever had a record
 * @dropped: those of them whose record was dropped
 * @dropped_last: highest number of one whose record was dropped
 * @ids: number of the last record that was made
 * @bytes: memory that records take
 * @users: who has them
 * @records: records, in the order of their numbers
 * @hash: the same by what makes them equal
 * @used: bitmap of @slots
 * @slots: records; each holds a reference
 * @lost: refusals for which there was no record to be had
 */
struct po_log {
	spinlock_t lock;	/* all up to lost */
	u64 seq;
	u64 dropped;
	u64 dropped_last;
	u64 ids;
	size_t bytes;
	struct po_log_users users;
	struct list_head records;
	DECLARE_HASHTABLE(hash, 6);
	DECLARE_BITMAP(used, PO_LOG_RECORDS);
	struct po_reject *slots[PO_LOG_RECORDS];
	atomic64_t lost;
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

	po_range_put(rej->range);
	po_caller_put(rej->caller);
	po_snap_free(rej->culprits);
	kfree(rej);
}

static size_t po_log_bytes(const struct po_reject *rej)
{
	return rej->bytes + po_caller_bytes(rej->caller);
}

/* Take a record out. The caller holds log->lock. */
static void po_log_remove(struct po_log *log, struct po_reject *rej)
{
	size_t bytes = po_log_bytes(rej);

	hash_del(&rej->in_hash);
	list_del(&rej->in_log);
	log->slots[rej->slot] = NULL;
	__clear_bit(rej->slot, log->used);
	log->bytes -= bytes;
	log->dropped += rej->count;
	log->dropped_last = max(log->dropped_last, rej->seq);
	po_log_users_remove(&log->users, rej, bytes);
}

/* Put a record into a free place. The caller holds log->lock. */
static void po_log_insert(struct po_log *log, struct po_reject *rej, u32 hash)
{
	size_t bytes = po_log_bytes(rej);

	rej->id = ++log->ids;
	rej->seq = ++log->seq;
	rej->slot = find_first_zero_bit(log->used, PO_LOG_RECORDS);
	__set_bit(rej->slot, log->used);
	log->slots[rej->slot] = rej;
	log->bytes += bytes;
	list_add_tail(&rej->in_log, &log->records);
	hash_add(log->hash, &rej->in_hash, hash);
	po_log_users_add(&log->users, rej, bytes);
}

/* The record that a refusal counts in, or NULL. The caller holds log->lock. */
static struct po_reject *po_log_find(struct po_log *log,
				     const struct po_key *key, u32 hash)
{
	struct po_reject *rej;

	hash_for_each_possible(log->hash, rej, in_hash, hash)
		if (po_key_equal(key, rej))
			return rej;

	return NULL;
}

/*
 * Count one more in a record, by the same caller if that is NULL, else by the one
 * that takes its place. The caller holds log->lock.
 */
static u64 po_log_count(struct po_log *log, struct po_reject *rej, u64 time,
			struct po_caller **caller)
{
	if (*caller) {
		log->bytes -= po_log_bytes(rej);
		rej->user->bytes -= po_log_bytes(rej);
		swap(rej->caller, *caller);
		log->bytes += po_log_bytes(rej);
		rej->user->bytes += po_log_bytes(rej);
	}
	rej->seq = ++log->seq;
	rej->count++;
	/* Of several tasks at a time the last one here need not be the last. */
	rej->time = max(rej->time, time);
	list_move_tail(&rej->in_log, &log->records);
	list_move_tail(&rej->in_user, &rej->user->records);

	return rej->seq;
}

/**
 * po_log_repeat() - count a refusal in the record of an equal one
 * @net: namespace; the caller holds a reference
 * @key: what makes it equal
 * @time: when it was refused
 * @caller: who asked, to be exchanged for who asked before; or a NULL pointer if
 *	no description of it was made yet
 * @seq: set to the number of the refusal
 *
 * Context: process context; takes the lock of the log.
 * Return: 0; -ENOENT if there is no such record; -EAGAIN if it has to have a new
 * description of the caller.
 */
int po_log_repeat(struct net *net, const struct po_key *key, u64 time,
		  struct po_caller **caller, u64 *seq)
{
	struct po_log *log = po_log(net);
	u32 hash = po_key_hash(key);
	struct po_reject *rej;
	int err = 0;

	spin_lock(&log->lock);
	rej = po_log_find(log, key, hash);
	if (!rej)
		err = -ENOENT;
	else if (!*caller && !po_key_same_caller(key, rej))
		err = -EAGAIN;
	else
		*seq = po_log_count(log, rej, time, caller);
	spin_unlock(&log->lock);

	return err;
}

/* The record that has to go for another one of a user, or NULL. Under the lock. */
static struct po_reject *po_log_victim(struct po_log *log,
				       const struct po_log_user *user,
				       size_t bytes)
{
	if (bitmap_weight(log->used, PO_LOG_RECORDS) >= READ_ONCE(po_log_records))
		return po_log_users_victim(&log->users, user, 0);
	if (!list_empty(&log->records) && log->bytes + bytes > PO_LOG_BYTES)
		return po_log_users_victim(&log->users, user, bytes);

	return NULL;
}

/**
 * po_log_add() - add a record to the log of a namespace
 * @net: namespace; the caller holds a reference
 * @rej: record, whose reference the log takes over
 *
 * Context: may sleep; takes the lock of the log.
 * Return: the number that the refusal got; 0 without memory.
 */
u64 po_log_add(struct net *net, struct po_reject *rej)
{
	struct po_log_user *user, *new = po_log_user_new(rej->payer);
	struct po_reject *old, *equal = NULL;
	struct po_log *log = po_log(net);
	size_t bytes = po_log_bytes(rej);
	struct po_key key;
	u64 seq = 0;
	u32 hash;

	po_key_of(&key, rej);
	hash = po_key_hash(&key);
	for (;;) {
		spin_lock(&log->lock);
		/* Freeing may sleep; others may have added one meanwhile. */
		equal = po_log_find(log, &key, hash);
		user = po_log_users_get(&log->users, rej->payer, &new);
		if (equal || !user)
			break;
		old = po_log_victim(log, user, bytes);
		if (!old)
			break;
		po_log_remove(log, old);
		spin_unlock(&log->lock);
		po_reject_put(old);
	}
	if (equal) {
		seq = po_log_count(log, equal, rej->time, &rej->caller);
	} else if (user) {
		rej->user = user;
		po_log_insert(log, rej, hash);
		seq = rej->seq;
	}
	spin_unlock(&log->lock);
	kfree(new);
	if (equal || !user)
		po_reject_put(rej);

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
 * po_log_mark() - note which records there are
 * @net: namespace; the caller holds a reference
 * @since: only those with a higher number
 * @marks: filled with them, in the order of their numbers; PO_LOG_RECORDS
 *
 * So a reader ends with the last record that there was when it asked, and sees
 * each of them once though they move meanwhile.
 *
 * Context: process context; takes the lock of the log.
 * Return: how many these are.
 */
u32 po_log_mark(struct net *net, u64 since, struct po_mark *marks)
{
	struct po_log *log = po_log(net);
	struct po_reject *rej;
	u32 nr = 0, i;

	spin_lock(&log->lock);
	list_for_each_entry_reverse(rej, &log->records, in_log) {
		if (rej->seq <= since)
			break;
		marks[nr++] = (struct po_mark) {
			.id	= rej->id,
			.seq	= rej->seq,
			.time	= rej->time,
			.count	= rej->count,
			.slot	= rej->slot,
		};
	}
	spin_unlock(&log->lock);

	for (i = 0; i < nr / 2; i++)
		swap(marks[i], marks[nr - 1 - i]);

	return nr;
}

/**
 * po_log_get() - get a record that was noted
 * @net: namespace; the caller holds a reference
 * @mark: note
 * @caller: set to who asked last, to be dropped by po_caller_put()
 *
 * Context: process context; takes the lock of the log.
 * Return: the record, to be dropped by po_reject_put(), or NULL if it was
 * dropped; then @caller is as before.
 */
struct po_reject *po_log_get(struct net *net, const struct po_mark *mark,
			     struct po_caller **caller)
{
	struct po_log *log = po_log(net);
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
 * po_log_last() - the number of the newest record
 * @net: namespace; the caller holds a reference
 *
 * Context: process context.
 * Return: number, 0 if there is no record.
 */
u64 po_log_last(struct net *net)
{
	struct po_log *log = po_log(net);
	u64 seq;

	spin_lock(&log->lock);
	seq = list_empty(&log->records) ? 0 : log->seq;
	spin_unlock(&log->lock);

	return seq;
}

/**
 * po_log_range() - the range that a record found exhausted
 * @net: namespace; the caller holds a reference
 * @rej: record; the caller holds a reference
 * @found: what the caller found, to be remembered if nobody was faster; or NULL
 *
 * Context: process context; takes the lock of the log.
 * Return: what is remembered, to be dropped by po_range_put(), or NULL.
 */
struct po_range *po_log_range(struct net *net, struct po_reject *rej,
			      struct po_range *found)
{
	struct po_log *log = po_log(net);
	struct po_range *range;

	spin_lock(&log->lock);
	if (found && !rej->range)
		rej->range = po_range_get(found);
	range = rej->range ? po_range_get(rej->range) : NULL;
	spin_unlock(&log->lock);

	return range;
}

/**
 * po_log_stats() - counters of the log of a namespace
 * @net: namespace; the caller holds a reference
 * @payer: who asks
 * @stats: result; seen is exactly counted + dropped
 *
 * Context: process context; takes the lock of the log.
 */
void po_log_stats(const struct net *net, kuid_t payer,
		  struct po_log_stats *stats)
{
	struct po_log *log = po_log(net);

	stats->unrecorded = atomic64_read(&log->lost);

	spin_lock(&log->lock);
	stats->seen = log->seq + stats->unrecorded;
	stats->kept = bitmap_weight(log->used, PO_LOG_RECORDS);
	stats->counted = log->seq - log->dropped;
	stats->dropped = log->dropped + stats->unrecorded;
	stats->dropped_last = log->dropped_last;
	stats->dropped_own = po_log_users_dropped(&log->users, payer);
	spin_unlock(&log->lock);
}

static int __net_init po_log_net_init(struct net *net)
{
	struct po_log *log = po_log(net);

	spin_lock_init(&log->lock);
	INIT_LIST_HEAD(&log->records);
	hash_init(log->hash);
	po_log_users_init(&log->users);

	return 0;
}

/* No lock: nobody else knows the namespace any more. */
static void __net_exit po_log_net_exit(struct net *net)
{
	struct po_log *log = po_log(net);
	struct po_reject *rej, *next;

	list_for_each_entry_safe(rej, next, &log->records, in_log) {
		po_log_remove(log, rej);
		po_reject_put(rej);
	}
	po_log_users_destroy(&log->users);
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
