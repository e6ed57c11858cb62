// SPDX-License-Identifier: GPL-2.0
/* Make the record of a refusal: the caller, the culprits, and the rule. */

#include <linux/in.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <net/ip.h>

#include <asm/syscall.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"
#include "owners/owners.h"
#include "rejects/refusal.h"
#include "rejects/rejects.h"
#include "sockets/sockets.h"

bool po_refusal_owners = true;

/* Without a search for owners, mark the list of owners as incomplete. */
static void po_mark_owners_skipped(struct po_snap *culprits)
{
	struct po_sock *sock;
	u32 i;

	for (i = 0; i < culprits->nr; i++) {
		sock = po_snap_sock(culprits, i);
		sock->owners_incomplete = true;
		sock->refs = 0;
	}
}

/* The searches are bounded, and mark incomplete results. */
static void po_find_culprits(struct po_reject *rej, struct net *net)
{
	const struct po_filter filter = {
		.net		= net,
		.proto		= po_transport(&rej->want.sock),
		.port_first	= rej->want.sock.port,
		.port_last	= rej->want.sock.port,
		.states		= PO_STATES_ALL,
		.want		= &rej->want,
	};

	po_collect(rej->culprits, &filter);
	/* Without memory, binders stay unknown. */
	po_find_binders(rej->culprits);
	if (READ_ONCE(po_refusal_owners))
		po_find_owners(rej->culprits);
	else
		po_mark_owners_skipped(rej->culprits);
}

/* The first reader counts the ports, of which there may be very many. */
static void po_note_range(struct po_reject *rej, const struct sock *sk)
{
	int first, last;

	po_sk_port_range(sk, &first, &last);
	rej->range_first = first;
	rej->range_last = last;
	rej->bytes += sizeof(struct po_range) +
		      PO_RANGE_HOLDERS * sizeof(struct po_proc);
}

static struct po_reject *po_reject_new(const struct po_refusal *refusal)
{
	struct po_reject *rej = kzalloc(sizeof(*rej), PO_GFP_REFUSED);

	if (!rej)
		return NULL;

	refcount_set(&rej->refs, 1);
	rej->time = refusal->time;
	rej->first_time = refusal->time;
	rej->count = 1;
	rej->op = refusal->op;
	rej->err = refusal->err;
	rej->want = refusal->want;
	rej->payer = refusal->payer;
	po_sock_dev(&rej->want.sock, refusal->sk);
	rej->caller = po_caller_new(refusal->net, refusal->pid, refusal->cred, refusal->comm);
	rej->culprits = po_snap_new_bounded(PO_REJECT_BYTES);
	if (!rej->caller || !rej->culprits) {
		po_reject_put(rej);
		return NULL;
	}
	if (po_refusal_has_culprits(refusal))
		po_find_culprits(rej, refusal->net);
	rej->rule = po_rule_of_errno(refusal->net, &rej->want, rej->op, rej->err,
				     rej->culprits);
	po_reason_of(refusal->net, &rej->want, rej->rule, rej->err, &rej->reason);
	if (rej->rule == PORTOWNER_RULE_DENIED_BY_BPF)
		po_sock_bind_prog(refusal->sk, &rej->prog);
	rej->bytes = sizeof(*rej) + rej->culprits->bytes;
	if (rej->rule == PORTOWNER_RULE_EPHEMERAL_EXHAUSTED &&
	    po_has_ports(&rej->want.sock))
		po_note_range(rej, refusal->sk);

	return rej;
}

/*
 * Whether connect() really failed for lack of a port. If it got no port, the
 * reason can also be lack of memory. If it is unknown whether it got one, the
 * reason can be anything, including an existing connection, which gives the
 * same error. The error of the system call that is about to return decides,
 * except in io_uring.
 */
static bool po_refusal_confirmed(struct po_refusal *refusal)
{
	int err = 0;

	if (refusal->op != PORTOWNER_REJECT_OP_AUTOBIND)
		return true;

	if (refusal->in_syscall)
		err = -syscall_get_error(current, task_pt_regs(current));
	if (refusal->err)
		return err != ENOMEM;

	refusal->err = EADDRNOTAVAIL;
	/* With a port from bind(), only the 4-tuple can be the cause. */
	if (refusal->want.sock.peer_port)
		return err == EADDRNOTAVAIL;

	return err == EADDRNOTAVAIL &&
	       po_range_seems_full(refusal->sk,
				   po_transport(&refusal->want.sock));
}

/* Log a refusal. Returns its number, or 0 if it could not be recorded. */
static u64 po_refusal_log(struct po_refusal *refusal)
{
	struct po_reject *rej;
	struct po_reject_key key;
	u64 seq;
	int err;

	err = po_refusal_repeat(refusal, &seq);
	if (!err)
		return seq;

	rej = err == -ENOMEM ? NULL : po_reject_new(refusal);
	if (!rej)
		return 0;

	po_reject_key_of(&key, rej);
	if (!po_log_repeat(refusal->net, &key, &rej->time, &rej->caller, &seq)) {
		po_reject_put_later(rej);
		return seq;
	}
	po_reject_print(rej, refusal->net);

	return po_log_add(refusal->net, rej);
}

/**
 * po_refusal_record() - investigate a refusal and log it
 * @refusal: refusal
 *
 * Context: may sleep; in the refused task, or in a work item.
 */
void po_refusal_record(struct po_refusal *refusal)
{
	if (!po_refusal_confirmed(refusal))
		return;

	if (po_refusal_log(refusal))
		po_notify_reject(refusal->net);
	else
		po_log_lost(refusal->net);
}
