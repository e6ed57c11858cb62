/* SPDX-License-Identifier: GPL-2.0 */
/* Binds and listens as they happen, while there are subscribers. */

#ifndef _PO_TRACE_H
#define _PO_TRACE_H

#include <linux/jump_label.h>
#include <linux/list.h>
#include <linux/types.h>

#include <uapi/linux/portowner.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "rejects/rejects.h"

struct net;
struct po_proc;
struct sock;

/* ---- switch.c: trace while there are subscribers ---- */

/* True while any namespace is traced; otherwise tracing costs one jump. */
DECLARE_STATIC_KEY_FALSE(po_trace_key);

extern struct po_net_part po_trace_part;

void po_trace_init(void);
void po_trace_stop(void);
int po_trace_begin(struct net *net, bool all);
void po_trace_flush(void);

/* ---- record.c: from a probe handler to the ring ---- */

u64 po_ring_seq(const struct net *net, bool all);
bool po_trace_wants(struct net *net);
void po_trace_record(struct sock *sk, const struct po_want *want,
		     enum portowner_reject_op op, int err);

/* ---- history.c: the latest calls, for readers ---- */

/**
 * struct po_traced - a bind or listen that has returned
 * @node: in the history, sorted by @seq_all
 * @net_id: number of its namespace, never reused
 * @user: share that the call counts towards
 * @seq: number of the call in its namespace, from 1
 * @seq_all: number of the call over all namespaces, from 1
 * @time: when it returned
 * @op: operation
 * @err: positive errno, or 0 for success
 * @want: what was requested
 * @port: port of the socket after success, 0 if it has none
 * @proc: caller; executable and cgroup are unknown if it exited early, or if
 *	there were too many calls at a time
 *
 * Immutable; freed under po_history_mutex.
 */
struct po_traced {
	struct list_head node;
	u64 net_id;
	u8 user;
	u64 seq;
	u64 seq_all;
	struct po_stamp time;
	enum portowner_reject_op op;
	int err;
	struct po_want want;
	u16 port;
	struct po_proc *proc;
};

int po_history_lock(void);
int po_history_lock_started(void);
void po_history_unlock(void);
const struct po_traced *po_history_next(const struct po_traced *call,
					const struct net *net, bool all,
					u64 since);

static inline u64 po_traced_seq(const struct po_traced *call, bool all)
{
	return all ? call->seq_all : call->seq;
}

#endif /* _PO_TRACE_H */
