// SPDX-License-Identifier: GPL-2.0
/*
 * The log of refused binds of each network namespace, bounded in records and
 * bytes.
 *
 * Identical refusals share one record, and each repetition moves it to the end
 * of the log. So a record carries the number of its last refusal, and records are
 * sorted by that number. If the log is full, the oldest records of the user
 * with the largest share are dropped to make room.
 */

#include <linux/slab.h>
#include <linux/string.h>

#include "core/core.h"
#include "forecast/forecast.h"
#include "rejects/log.h"
#include "rejects/refusal.h"
#include "rejects/rejects.h"

unsigned int po_log_records = PO_LOG_RECORDS;

/* Refusals recorded in all namespaces; incremented under any log's lock. */
static atomic64_t po_log_total = ATOMIC64_INIT(0);

/* The caller holds log->lock. */
static void po_log_unlink(struct po_log *log, struct po_reject *rej)
{
	size_t bytes = po_reject_bytes(rej);

	/* Unhashed in the log of ended namespaces. */
	hash_del(&rej->in_hash);
	list_del(&rej->in_log);
	log->slots[rej->slot] = NULL;
	__clear_bit(rej->slot, log->used);
	log->bytes -= bytes;
	po_log_users_remove(&log->users, rej, bytes);
}

/* Move a record to the list @dropped. The caller holds log->lock. */
static void po_log_drop(struct po_log *log, struct po_reject *rej,
			struct list_head *dropped)
{
	log->dropped += rej->count;
	log->dropped_last = max(log->dropped_last, rej->seq);
	po_log_unlink(log, rej);
	list_add_tail(&rej->in_log, dropped);
}

/* Assign the next numbers to a refusal. The caller holds log->lock. */
static void po_log_number(struct po_log *log, struct po_reject *rej)
{
	log->by_rule[rej->op][rej->rule]++;
	rej->seq = ++log->seq;
	rej->seq_all = atomic64_inc_return(&po_log_total);
	log->seq_all = rej->seq_all;
}

/* The caller holds log->lock, and the log is not full. */
static void po_log_link(struct po_log *log, struct po_reject *rej)
{
	size_t bytes = po_reject_bytes(rej);

	rej->id = ++log->last_id;
	rej->slot = find_first_zero_bit(log->used, PO_LOG_RECORDS);
	__set_bit(rej->slot, log->used);
	log->slots[rej->slot] = rej;
	log->bytes += bytes;
	list_add_tail(&rej->in_log, &log->records);
	po_log_users_add(&log->users, rej, bytes);
}

/* Find the record of a refusal, or NULL. The caller holds log->lock. */
static struct po_reject *po_log_find(struct po_log *log,
				     const struct po_reject_key *key, u32 hash)
{
	struct po_reject *rej;

	hash_for_each_possible(log->hash, rej, in_hash, hash)
		if (rej->hash == hash && po_reject_key_equal(key, rej))
			return rej;

	return NULL;
}

/*
 * Count another refusal in a record. If *@caller is not NULL, exchange it for
 * that of the record. Called with log->lock held.
 */
static u64 po_log_count(struct po_log *log, struct po_reject *rej,
			const struct po_stamp *time, struct po_caller **caller)
{
	if (*caller) {
		log->bytes -= po_reject_bytes(rej);
		rej->user->bytes -= po_reject_bytes(rej);
		swap(rej->caller, *caller);
		log->bytes += po_reject_bytes(rej);
		rej->user->bytes += po_reject_bytes(rej);
	}
	po_log_number(log, rej);
	rej->count++;
	/* Concurrent refusals may get here out of order. */
	if (time->boot > rej->time.boot)
		rej->time = *time;
	list_move_tail(&rej->in_log, &log->records);
	list_move_tail(&rej->in_user, &rej->user->records);

	return rej->seq;
}

/*
 * Unlock a log, and free the records in @dropped. First drop more if the log is over
 * its limit: the description of a caller may be longer than the previous one.
 */
static void po_log_unlock(struct po_log *log, struct list_head *dropped)
	__releases(&log->lock)
{
	struct po_reject *rej, *next;

	while (log->bytes > PO_LOG_BYTES && !list_is_singular(&log->records)) {
		rej = po_log_users_victim(&log->users, PO_SHARE_OF_BYTES, NULL, 0);
		po_log_drop(log, rej, dropped);
	}
	spin_unlock(&log->lock);

	list_for_each_entry_safe(rej, next, dropped, in_log)
		po_reject_put_later(rej);
}

/**
 * po_log_repeat() - count a refusal in the record of an identical one
 * @net: namespace; the caller holds a reference
 * @key: key of the refusal
 * @time: time of the refusal
 * @caller: description of the process refused, exchanged for the previous one;
 *	may point to NULL
 * @seq: set to the number of the refusal
 *
 * Context: may sleep; takes the lock of the log.
 * Return: 0; -ENOENT if there is no such record; -EAGAIN if *@caller is NULL
 * but a new description is needed.
 */
int po_log_repeat(struct net *net, const struct po_reject_key *key,
		  const struct po_stamp *time, struct po_caller **caller, u64 *seq)
{
	struct po_log *log = po_log(net);
	u32 hash = po_reject_key_hash(key);
	struct po_reject *rej;
	LIST_HEAD(dropped);
	int err = 0;

	spin_lock(&log->lock);
	rej = po_log_find(log, key, hash);
	if (!rej)
		err = -ENOENT;
	else if (!*caller && !po_reject_key_same_caller(key, rej))
		err = -EAGAIN;
	else
		*seq = po_log_count(log, rej, time, caller);
	po_log_unlock(log, &dropped);

	return err;
}

/* Drop records until there is room for a new one. The caller holds log->lock. */
static void po_log_make_room(struct po_log *log, const struct po_log_user *user,
			     size_t bytes, struct list_head *dropped)
{
	unsigned int nr = bitmap_weight(log->used, PO_LOG_RECORDS);
	unsigned int max = READ_ONCE(po_log_records);
	struct po_reject *old;

	/* More than one only if root has lowered log_size. */
	for (; nr >= max; nr--) {
		old = po_log_users_victim(&log->users, PO_SHARE_OF_RECORDS, user, 1);
		po_log_drop(log, old, dropped);
	}
	while (!list_empty(&log->records) && log->bytes + bytes > PO_LOG_BYTES) {
		old = po_log_users_victim(&log->users, PO_SHARE_OF_BYTES, user, bytes);
		po_log_drop(log, old, dropped);
	}
}

/**
 * po_log_add() - add a record to the log of a namespace
 * @net: namespace; the caller holds a reference
 * @rej: record; the log takes over the reference
 *
 * Context: may sleep; takes the lock of the log.
 * Return: number of the refusal, or 0 without memory.
 */
u64 po_log_add(struct net *net, struct po_reject *rej)
{
	struct po_log_user *user, *new = po_log_user_new(rej->payer);
	struct po_log *log = po_log(net);
	struct po_reject_key key;
	struct po_reject *equal;
	LIST_HEAD(dropped);
	u64 seq = 0;

	po_reject_key_of(&key, rej);
	rej->hash = po_reject_key_hash(&key);
	spin_lock(&log->lock);
	equal = po_log_find(log, &key, rej->hash);
	user = equal ? NULL : po_log_users_get(&log->users, rej->payer, &new);
	if (equal) {
		seq = po_log_count(log, equal, &rej->time, &rej->caller);
	} else if (user) {
		po_log_make_room(log, user, po_reject_bytes(rej), &dropped);
		rej->user = user;
		po_log_number(log, rej);
		po_log_link(log, rej);
		hash_add(log->hash, &rej->in_hash, rej->hash);
		seq = rej->seq;
	}
	po_log_unlock(log, &dropped);
	kfree(new);
	if (!user)
		po_reject_put_later(rej);

	return seq;
}

/* Add a record, keeping its numbers; free it if there is no memory. */
static void po_log_adopt(struct po_log *log, struct po_reject *rej)
{
	struct po_log_user *user, *new = po_log_user_new(rej->payer);
	LIST_HEAD(dropped);

	spin_lock(&log->lock);
	user = po_log_users_get(&log->users, rej->payer, &new);
	if (user) {
		po_log_make_room(log, user, po_reject_bytes(rej), &dropped);
		rej->user = user;
		po_log_link(log, rej);
		log->seq_all = max(log->seq_all, rej->seq_all);
	}
	po_log_unlock(log, &dropped);
	kfree(new);
	if (!user)
		po_reject_put(rej);
}

/**
 * po_log_move() - move all records of a log to another one
 * @to: log, in which users have shares as in any other
 * @from: log that nothing else refers to any more
 *
 * Context: may sleep; takes the lock of @to.
 */
void po_log_move(struct po_log *to, struct po_log *from)
{
	struct po_reject *rej, *next;

	list_for_each_entry_safe(rej, next, &from->records, in_log) {
		po_log_unlink(from, rej);
		po_log_adopt(to, rej);
		cond_resched();
	}
}

/**
 * po_log_clear() - drop all records of a log, and forget its users
 * @log: log that nothing else refers to any more
 *
 * Context: may sleep.
 */
void po_log_clear(struct po_log *log)
{
	struct po_reject *rej, *next;

	list_for_each_entry_safe(rej, next, &log->records, in_log) {
		po_log_unlink(log, rej);
		po_reject_put(rej);
	}
	po_log_users_destroy(&log->users);
}

/**
 * po_log_setup() - begin an empty log
 * @log: log, zeroed
 *
 * Context: before anyone else knows the log.
 */
void po_log_setup(struct po_log *log)
{
	spin_lock_init(&log->lock);
	INIT_LIST_HEAD(&log->records);
	hash_init(log->hash);
	po_log_users_init(&log->users);
}

/**
 * po_log_total_seq() - the number of refusals recorded in all namespaces
 *
 * Context: any.
 * Return: the highest &struct po_reject @seq_all so far. Whoever then takes the
 * lock of a log finds its records with lower numbers in it.
 */
u64 po_log_total_seq(void)
{
	return atomic64_read(&po_log_total);
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
 * po_log_last() - the number of the newest record
 * @net: namespace; the caller holds a reference
 *
 * Context: process context; takes the lock of the log.
 * Return: number, or 0 if there is no record.
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
 * po_log_stats() - read the counters of the log of a namespace
 * @net: namespace; the caller holds a reference
 * @payer: user for @stats->dropped_own
 * @stats: filled with the counters; seen is exactly counted + dropped, and the
 *	sum of by_rule is exactly seen - unrecorded
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
	memcpy(stats->by_rule, log->by_rule, sizeof(stats->by_rule));
	spin_unlock(&log->lock);
}
