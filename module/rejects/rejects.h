/* SPDX-License-Identifier: GPL-2.0 */
/* Refused binds: from the refusal to its record in the log. */

#ifndef _PO_REJECTS_H
#define _PO_REJECTS_H

#include <linux/cred.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/uidgid.h>

#include <uapi/linux/portowner.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"

struct net;
struct po_log_user;
struct po_reject_key;
struct sock;

/**
 * struct po_stamp - when something happened
 * @real: nanoseconds of CLOCK_REALTIME, which may be set later
 * @boot: nanoseconds of CLOCK_BOOTTIME
 */
struct po_stamp {
	u64 real;
	u64 boot;
};

/* ---- params.c: module parameters ---- */

/* Refusals to print in the kernel log, which any user may be able to read. */
enum po_printk {
	PO_PRINTK_OFF,
	PO_PRINTK_INITIAL,	/* of processes in the initial namespaces */
	PO_PRINTK_ALL,
};

#define PO_LOG_RECORDS		256

/* Each may change at any time: read them with READ_ONCE(). */
extern bool po_log_on;
extern bool po_refusal_owners;
extern unsigned int po_log_records;	/* at least 1 */
extern unsigned int po_log_printk;	/* enum po_printk */

/* ---- caller.c: the process that was refused, and its ancestors ---- */

/* Nesting deeper hides a process from "portowner run" only. */
#define PO_ANCESTORS		32

/**
 * struct po_caller - a process that was refused a bind
 * @refs: reference count: records, and their readers
 * @proc: the process
 * @reaper: nearest child subreaper in @ancestors, or NULL; no reference
 * @ancestors: parent thread group of @proc, its parent and so on; each holds a
 *	reference
 * @nr_ancestors: number of @ancestors
 * @bytes: memory in use
 *
 * Immutable except for @refs.
 */
struct po_caller {
	refcount_t refs;
	struct po_proc *proc;
	struct pid *reaper;
	struct pid *ancestors[PO_ANCESTORS];
	u32 nr_ancestors;
	size_t bytes;
};

struct po_caller *po_caller_new(const struct net *net, struct pid *pid, const struct cred *cred,
				const char *comm);
void po_caller_put(struct po_caller *caller);
struct pid *po_reaper(struct pid *pid);

/* ---- record.c: a refusal that was recorded ---- */

/**
 * struct po_reject - record of a bind that was refused, once or repeatedly
 * @refs: reference count: the log, and readers
 * @op: operation that was refused
 * @err: positive errno
 * @rule: rule that was broken
 * @want: what was requested, at the first refusal
 * @reason: why an address is not local, at the first refusal
 * @prog: BPF program that refused; its id is 0 if it is not known which one
 * @culprits: the sockets in the way at the first refusal; never NULL
 * @range_first: first port of the range that was exhausted, or 0
 * @range_last: last port of that range
 * @first_time: time of the first refusal
 * @bytes: memory in use, without @caller
 * @payer: user charged for the record
 * @hash: hash of the &struct po_reject_key, which never changes
 * @time: time of the last refusal
 * @seq: number of the last refusal in the log of the namespace, from 1
 * @seq_all: number of the last refusal over all namespaces, from 1
 * @count: number of refusals
 * @caller: process refused last
 * @id: number of the record in the log, from 1
 * @slot: index in the log's array of records
 * @user: share of the log that the record counts towards
 * @in_log: in the list of all records, sorted by @seq
 * @in_user: in the list of the user's records, sorted by @seq
 * @in_hash: in the hash list by &struct po_reject_key
 * @range: usage of the exhausted range, as found by the first reader, or NULL
 * @in_free: in the list of records to be freed, see po_reject_put_later()
 *
 * Members before @time are immutable once the record is in the log, except for
 * @refs. All others are protected by the lock of the log, but for @in_log and
 * @in_free once it is out of the log.
 */
struct po_reject {
	refcount_t refs;
	enum portowner_reject_op op;
	int err;
	enum portowner_rule rule;
	struct po_want want;
	struct po_reason reason;
	struct po_bpf_prog prog;
	struct po_snap *culprits;
	u16 range_first;
	u16 range_last;
	struct po_stamp first_time;
	size_t bytes;
	kuid_t payer;
	u32 hash;
	struct po_stamp time;
	u64 seq;
	u64 seq_all;
	u64 count;
	struct po_caller *caller;
	u64 id;
	u32 slot;
	struct po_log_user *user;
	struct list_head in_log;
	struct list_head in_user;
	struct hlist_node in_hash;
	struct po_range *range;
	struct llist_node in_free;
};

/* ---- free.c: free records ---- */

size_t po_reject_bytes(const struct po_reject *rej);
void po_reject_put(struct po_reject *rej);
void po_reject_put_later(struct po_reject *rej);
void po_reject_free_flush(void);

/* ---- log.c: the refused binds of a network namespace ---- */

/* Operations that can be refused, and rules that can refuse them. */
#define PO_REJECT_OPS		(PORTOWNER_REJECT_OP_MAX + 1)
#define PO_RULES		(PORTOWNER_RULE_MAX + 1)

/**
 * struct po_log_stats - counters of the log of one namespace
 * @seen: refused binds
 * @kept: records in the log
 * @counted: refusals counted in these records
 * @dropped: @seen - @counted
 * @unrecorded: part of @dropped that never had a record
 * @dropped_own: part of @dropped counted in records of a given user
 * @dropped_last: highest number of a refusal whose record was dropped
 * @by_rule: refusals by operation and rule; their sum is @seen - @unrecorded
 */
struct po_log_stats {
	u64 seen;
	u64 kept;
	u64 counted;
	u64 dropped;
	u64 unrecorded;
	u64 dropped_own;
	u64 dropped_last;
	u64 by_rule[PO_REJECT_OPS][PO_RULES];
};

/* Limits on memory, per log and per record. */
#define PO_LOG_BYTES		SZ_1M
#define PO_REJECT_BYTES		SZ_32K

/**
 * struct po_mark - state of a record when a reader requested the log
 * @id: number of the record
 * @seq: number of its last refusal
 * @time: time of that refusal
 * @count: number of refusals
 * @slot: index in the log's array of records
 */
struct po_mark {
	u64 id;
	u64 seq;
	struct po_stamp time;
	u64 count;
	u32 slot;
};

u64 po_log_add(struct net *net, struct po_reject *rej);
int po_log_repeat(struct net *net, const struct po_reject_key *key,
		  const struct po_stamp *time, struct po_caller **caller, u64 *seq);
void po_log_lost(struct net *net);
u64 po_log_last(struct net *net);
u64 po_log_total_seq(void);
void po_log_stats(const struct net *net, kuid_t payer,
		  struct po_log_stats *stats);

/* ---- logs.c: the logs of all namespaces ---- */

/* Index of the log of namespaces that ended. */
#define PO_LOG_ENDED		S32_MAX

extern struct po_net_part po_log_part;

void po_log_init(void);
void po_log_stop(void);
void po_log_exit(void);
u32 po_logs_of(const struct net *net);
bool po_logs_next(u32 *index);
struct net *po_logs_net(u32 index);
u32 po_log_mark(u32 index, u64 since, u64 since_all, struct po_mark *marks);
struct po_reject *po_log_get(u32 index, const struct po_mark *mark,
			     struct po_caller **caller);
struct po_range *po_log_range(u32 index, struct po_reject *rej,
			      struct po_range *found);

/* ---- notify.c: notify subscribers ---- */

extern struct po_net_part po_notify_part;

void po_notify_init(void);
void po_notify_start(void);
void po_notify_stop(void);
void po_notify_reject(struct net *net);

/* ---- capture.c: from a probe handler to a recording context ---- */

int po_rejects_init(void);
void po_rejects_exit(void);
void po_reject_begin(struct sock *sk, const struct po_want *want,
		     enum portowner_reject_op op, int err);

#endif /* _PO_REJECTS_H */
