/* SPDX-License-Identifier: GPL-2.0 */
/* Private to trace/: calls on the way from a probe handler to the history. */

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
 * @id: number of the namespace, never used again
 * @seq: calls counted so far; protected by the lock of the ring
 * @on: its calls are recorded
 * @pending: there are calls that its listeners have not been told of
 * @expires: it is not switched off before that time, in jiffies
 * @node: in the list of traced namespaces, or empty
 * @net: the namespace
 *
 * @id and @net are immutable, the others are protected by the lock of the
 * history. Handlers read @on without it.
 */
struct po_trace_net {
	u64 id;
	u64 seq;
	bool on;
	bool pending;
	unsigned long expires;
	struct list_head node;
	struct net *net;
};

/**
 * struct po_trace_slot - a call on its way
 * @net: network namespace, referenced
 * @pid: thread group, referenced
 * @cred: credentials, referenced
 * @comm: command name, any bytes, NUL-terminated
 * @user: share that the call counts towards
 * @seq: like all other members as in &struct po_traced
 * @seq_all: see there
 * @time: see there
 * @op: see there
 * @err: see there
 * @port: see there
 * @want: see there
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

/* Shares of users, by hash: who has the same one as somebody else shares it. */
#define PO_TRACE_USERS_BITS	6
#define PO_TRACE_USERS		BIT(PO_TRACE_USERS_BITS)

/* Calls from one look to the next, in all and of one user. */
#define PO_TRACE_SLOTS	1024
#define PO_TRACE_SHARE	(PO_TRACE_SLOTS / 4)

/* Jiffies between looks in a row, and so between notifications. */
#define PO_TRACE_INTERVAL	max(HZ / 100, 1)

/**
 * struct po_trace_ring - calls since the last look
 * @nr: slots in use
 * @taken: slots in use by each user
 * @slots: the calls, oldest first
 */
struct po_trace_ring {
	u32 nr;
	u16 taken[PO_TRACE_USERS];
	struct po_trace_slot slots[PO_TRACE_SLOTS];
};

extern unsigned int po_trace_net_id;
extern bool po_trace_all;

struct po_trace_net *po_trace_net(const struct net *net);
struct po_trace_ring *po_ring_swap(struct po_trace_ring *ring);
void po_ring_init(void);

/* ---- history.c: the latest calls, for whoever reads them ---- */

extern struct mutex po_history_mutex;

int po_history_start(void);
void po_history_stop(void);
void po_history_update(void);

/* ---- switch.c: trace what somebody listens to ---- */

extern struct delayed_work po_trace_work;
extern unsigned long po_trace_next_look;

#endif /* _PO_RING_H */
