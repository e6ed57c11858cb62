/* SPDX-License-Identifier: GPL-2.0 */
/* Private to rejects/: a refusal on the way to its record. */

#ifndef _PO_REFUSAL_H
#define _PO_REFUSAL_H

#include <linux/sched.h>
#include <linux/types.h>

#include "rejects/rejects.h"

/* ---- key.c: which refusals share a record ---- */

/**
 * struct po_reject_key - common properties of the refusals in one record
 * @want: what was requested; endpoint and flags count
 * @op: operation that was refused
 * @err: positive errno
 * @rule: rule that was broken
 * @reason: why the address is not available
 * @prog: id of the BPF program that refused, or 0
 * @culprit: cookie of the main culprit, or 0
 * @cred: credentials of the caller; the effective user counts
 * @exe: path of its executable, or NULL
 * @reaper: its nearest child subreaper, or NULL
 * @pid: its thread group; does not count
 * @comm: its command name; does not count
 */
struct po_reject_key {
	const struct po_want *want;
	enum portowner_reject_op op;
	int err;
	enum portowner_rule rule;
	struct po_reason reason;
	u32 prog;
	u64 culprit;
	const struct cred *cred;
	const char *exe;
	const struct pid *reaper;
	const struct pid *pid;
	const char *comm;
};

void po_reject_key_init(void);
void po_reject_key_of(struct po_reject_key *key, const struct po_reject *rej);
u32 po_reject_key_hash(const struct po_reject_key *key);
bool po_reject_key_equal(const struct po_reject_key *key, const struct po_reject *rej);
bool po_reject_key_same_caller(const struct po_reject_key *key, const struct po_reject *rej);

/* ---- record.c: from a refusal to its record ---- */

/**
 * struct po_refusal - a bind or listen that was just refused
 * @sk: socket; holds a reference
 * @net: namespace of the socket; holds a reference
 * @pid: thread group of the caller; holds a reference
 * @cred: credentials of the caller; holds a reference
 * @payer: user charged for the record, see po_payer_current()
 * @comm: command name of the caller; arbitrary bytes, NUL-terminated
 * @in_syscall: to be recorded by the refused task, as its system call returns
 * @time: when it was refused
 * @op: operation that was refused
 * @err: positive errno; 0: decide when recording whether it was EADDRNOTAVAIL
 * @want: what was requested
 *
 * Accessed by one task at a time.
 */
struct po_refusal {
	struct sock *sk;
	struct net *net;
	struct pid *pid;
	const struct cred *cred;
	kuid_t payer;
	char comm[TASK_COMM_LEN];
	bool in_syscall;
	struct po_stamp time;
	enum portowner_reject_op op;
	int err;
	struct po_want want;
};

/* Whether a socket was in the way; it may have been closed since. */
static inline bool po_refusal_has_culprits(const struct po_refusal *refusal)
{
	return !refusal->want.by_lsm && refusal->want.sock.port &&
	       (refusal->err == EADDRINUSE || refusal->want.sock.peer_port);
}

void po_refusal_record(struct po_refusal *refusal);

/* ---- printk.c: one line in the kernel log ---- */

void po_reject_print(const struct po_reject *rej, const struct net *net);
void po_reject_print_flush(void);

/* ---- repeat.c: recognise a refusal that is already in the log ---- */

int po_refusal_repeat(struct po_refusal *refusal, u64 *seq);

#endif /* _PO_REFUSAL_H */
