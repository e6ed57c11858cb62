/* SPDX-License-Identifier: GPL-2.0 */
/* Private to trace/: calls between the probe handler and the history. */

#ifndef _PO_RING_H
#define _PO_RING_H

#include <linux/bits.h>
#include <linux/cred.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "trace/trace.h"

/* ---- record.c: from a probe handler to the ring ---- */

/**
 * struct po_trace_net - tracing of one network namespace
 * @id: number of the namespace, never reused
 * @seq: calls counted so far
 * @ring: number of the last ring that it has a call in
 * @first: number of its first call in that ring
 * @on: its calls are recorded
 * @unheard: the last message to its subscribers has reached none
 * @unheard_since: time of the first such message in a row, in jiffies
 * @expires: earliest time to switch it off, in jiffies
 * @node: in the list of traced namespaces, or empty
 * @due: in a queue of those whose subscribers are to be notified of new calls, or empty
 * @net: the namespace
 *
 * @id and @net are immutable; @seq, @ring and @first are protected by the lock of the
 * ring, the others by po_history_mutex. Handlers read @on without it.
 */
struct po_trace_net {
	u64 id;
	u64 seq;
	u64 ring;
	u64 first;
	bool on;
	bool unheard;
	unsigned long unheard_since;
	unsigned long expires;
	struct list_head node;
	struct list_head due;
	struct net *net;
};

/**
 * struct po_trace_slot - a call not yet in the history
 * @net: network namespace, referenced
 * @pid: thread group, referenced
 * @cred: credentials, referenced
 * @comm: command name, any bytes, NUL-terminated
 * @user: share that the call counts towards
 * @seq: number of the call in its namespace
 * @seq_all: number of the call over all namespaces
 * @time: when it returned
 * @op: operation
 * @err: positive errno, or 0
 * @port: port of the socket, or 0
 * @want: what was requested
 */
struct po_trace_slot {
	struct net *net;
	struct pid *pid;
	const struct cred *cred;
	char comm[TASK_COMM_LEN];
	u8 user;
	u64 seq;
	u64 seq_all;
	struct po_stamp time;
	enum portowner_reject_op op;
	int err;
	u16 port;
	struct po_want want;
};

/* Shares of users, by hash: users with the same hash have one share. */
#define PO_TRACE_USERS_BITS	6
#define PO_TRACE_USERS		BIT(PO_TRACE_USERS_BITS)

/* Calls between two updates of the history, in total and per user. */
#define PO_TRACE_SLOTS	1024
#define PO_TRACE_SHARE	(PO_TRACE_SLOTS / 4)

/* Jiffies between updates in a row, and thus between notifications. */
#define PO_TRACE_INTERVAL	max(HZ / 100, 1)

/**
 * struct po_trace_ring - calls since the last history update
 * @nr: slots in use
 * @taken: slots in use, per user
 * @slots: the calls, oldest first
 */
struct po_trace_ring {
	u32 nr;
	u16 taken[PO_TRACE_USERS];
	struct po_trace_slot slots[PO_TRACE_SLOTS];
};

extern bool po_trace_all;

struct po_trace_net *po_trace_net(const struct net *net);
struct po_trace_ring *po_ring_swap(struct po_trace_ring *ring);
void po_ring_init(void);

/* ---- history.c: the latest calls, for readers ---- */

extern struct mutex po_history_mutex;

void po_history_stop(void);
void po_history_update(void);

/* ---- switch.c: trace while there are subscribers ---- */

extern struct delayed_work po_trace_work;
extern unsigned long po_trace_next_update;

void po_trace_notify(const struct net *net);

#endif /* _PO_RING_H */
