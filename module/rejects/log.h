/* SPDX-License-Identifier: GPL-2.0 */
/* Private to rejects/: the log of one network namespace. */

#ifndef _PO_LOG_H
#define _PO_LOG_H

#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/hashtable.h>
#include <linux/list.h>
#include <linux/spinlock.h>

#include "core/core.h"
#include "rejects/log_users.h"
#include "rejects/rejects.h"

/**
 * struct po_log - the log of one network namespace
 * @lock: protects all members from @seq to @seq_all
 * @seq: number of the last refusal; also the number of refusals recorded so far
 * @by_rule: refusals recorded so far by operation and rule; their sum is @seq
 * @dropped: refusals counted in dropped records
 * @dropped_last: highest number of a refusal whose record was dropped
 * @last_id: number of the last record added
 * @bytes: memory used by records
 * @users: users' shares of the log
 * @records: records, sorted by &struct po_reject @seq
 * @hash: records by &struct po_reject_key
 * @used: bitmap of @slots in use
 * @slots: records; each holds a reference
 * @seq_all: highest &struct po_reject @seq_all of a record so far
 * @lost: refusals that could not be recorded
 * @index: index of the log in the list of logs; immutable
 * @net: the namespace; immutable, not referenced, NULL for the log of ended
 *	namespaces
 */
struct po_log {
	spinlock_t lock;	/* protects all up to lost */
	u64 seq;
	u64 by_rule[PO_REJECT_OPS][PO_RULES];
	u64 dropped;
	u64 dropped_last;
	u64 last_id;
	size_t bytes;
	struct po_log_users users;
	struct list_head records;
	DECLARE_HASHTABLE(hash, 6);
	DECLARE_BITMAP(used, PO_LOG_RECORDS);
	struct po_reject *slots[PO_LOG_RECORDS];
	u64 seq_all;
	atomic64_t lost;
	u32 index;
	struct net *net;
};

/* ---- logs.c: the logs of all namespaces ---- */

static inline struct po_log *po_log(const struct net *net)
{
	return po_net_part(net, &po_log_part);
}

/* ---- log.c: add records, and drop others to make room ---- */

void po_log_setup(struct po_log *log);
void po_log_clear(struct po_log *log);
void po_log_move(struct po_log *to, struct po_log *from);

#endif /* _PO_LOG_H */
