// SPDX-License-Identifier: GPL-2.0
/* Refused binds as netlink attributes. See fill_sock.c. */

#include <net/netlink.h>

#include "core/core.h"
#include "forecast/forecast.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"
#include "rejects/rejects.h"

static int po_fill_range_holder(struct sk_buff *skb, struct po_viewer *viewer,
				const struct po_range_holder *holder)
{
	const struct po_proc *proc = holder->proc;
	struct nlattr *nest;

	if (!po_viewer_sees_proc(viewer, proc))
		return 0;

	nest = nla_nest_start(skb, PORTOWNER_A_RANGE_HOLDER);
	if (!nest)
		return -EMSGSIZE;

	if (po_put_pid(skb, PORTOWNER_A_RANGE_HOLDER_PID, viewer, proc) ||
	    nla_put_string(skb, PORTOWNER_A_RANGE_HOLDER_COMM, proc->comm) ||
	    po_put_uid(skb, PORTOWNER_A_RANGE_HOLDER_UID, viewer,
		       proc->cred->euid) ||
	    nla_put_u32(skb, PORTOWNER_A_RANGE_HOLDER_PORTS, holder->ports))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}

/**
 * po_fill_range() - put the exhausted range into a message
 * @skb: message, which the caller cancels on failure
 * @attrtype: attribute to put it into
 * @viewer: reader
 * @range: range, or NULL for nothing
 *
 * Context: the task that receives the reply.
 * Return: 0 or -EMSGSIZE.
 */
int po_fill_range(struct sk_buff *skb, int attrtype, struct po_viewer *viewer,
		  const struct po_range *range)
{
	struct nlattr *nest;
	u32 i;

	if (!range)
		return 0;

	nest = nla_nest_start(skb, attrtype);
	if (!nest ||
	    nla_put_u16(skb, PORTOWNER_A_RANGE_FIRST, range->first) ||
	    nla_put_u16(skb, PORTOWNER_A_RANGE_LAST, range->last) ||
	    nla_put_u32(skb, PORTOWNER_A_RANGE_RESERVED, range->reserved) ||
	    nla_put_u32(skb, PORTOWNER_A_RANGE_TAKEN, range->taken) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_RANGE_TIME, range->time,
			      PORTOWNER_A_RANGE_PAD))
		return -EMSGSIZE;
	for (i = 0; i < range->nr; i++)
		if (po_fill_range_holder(skb, viewer, &range->holders[i]))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return po_full(skb) ? -EMSGSIZE : 0;
}

/* Put the reason, the BPF program and the peer. */
static int po_fill_refusal(struct sk_buff *skb, const struct po_viewer *viewer,
			   const struct po_reject *rej)
{
	static const struct po_reason_attrs attrs = {
		.reason	= PORTOWNER_A_REJECT_REASON,
		.dev	= PORTOWNER_A_REJECT_REASON_DEV,
		.netns	= PORTOWNER_A_REJECT_REASON_NETNS,
	};
	const struct po_sock *want = &rej->want.sock;

	if (po_fill_reason(skb, &attrs, viewer, want, &rej->reason))
		return -EMSGSIZE;
	if (rej->prog.id &&
	    (nla_put_u32(skb, PORTOWNER_A_REJECT_BPF_PROG_ID, rej->prog.id) ||
	     nla_put_string(skb, PORTOWNER_A_REJECT_BPF_PROG_NAME,
			    rej->prog.name)))
		return -EMSGSIZE;
	if (want->peer_port &&
	    (po_put_peer(skb, PORTOWNER_A_REJECT_PEER_ADDR, want) ||
	     nla_put_u16(skb, PORTOWNER_A_REJECT_PEER_PORT, want->peer_port)))
		return -EMSGSIZE;

	return 0;
}

/**
 * po_fill_reject() - put a refused bind into a message, without its culprits
 * @skb: message
 * @viewer: reader, who may see @rej
 * @rej: reject
 * @last: process refused last
 * @mark: mutable state of @rej when the log was requested
 * @range: exhausted port range, or NULL
 *
 * Context: the task that receives the reply.
 * Return: 0 or -EMSGSIZE.
 */
int po_fill_reject(struct sk_buff *skb, struct po_viewer *viewer,
		   const struct po_reject *rej, const struct po_caller *last,
		   const struct po_mark *mark, const struct po_range *range)
{
	const struct po_sock *want = &rej->want.sock;
	const struct po_proc *caller = last->proc;
	const char *exe = NULL, *cgroup = NULL;
	u32 caller_flags = 0;

	/* A reader who may see the refusal may not see all of the process. */
	if (po_viewer_sees_proc(viewer, caller)) {
		exe = caller->exe;
		cgroup = po_viewer_cgroup(viewer, caller);
		caller_flags = caller->flags;
	}

	if (nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_TIME, mark->time.real,
			      PORTOWNER_A_REJECT_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_BOOTTIME, mark->time.boot,
			      PORTOWNER_A_REJECT_PAD) ||
	    nla_put_u32(skb, PORTOWNER_A_REJECT_OP, rej->op) ||
	    nla_put_u32(skb, PORTOWNER_A_REJECT_ERRNO, rej->err) ||
	    nla_put_u16(skb, PORTOWNER_A_REJECT_FAMILY, rej->want.family) ||
	    nla_put_u16(skb, PORTOWNER_A_REJECT_PROTO, want->proto) ||
	    po_put_addr(skb, PORTOWNER_A_REJECT_ADDR, want) ||
	    nla_put_u16(skb, PORTOWNER_A_REJECT_PORT, want->port) ||
	    nla_put_u32(skb, PORTOWNER_A_REJECT_NETNS, want->netns) ||
	    nla_put_u32(skb, PORTOWNER_A_REJECT_FLAGS, want->flags) ||
	    po_put_string(skb, PORTOWNER_A_REJECT_EXE, exe) ||
	    po_put_uid(skb, PORTOWNER_A_REJECT_UID, viewer,
		       caller->cred->euid) ||
	    po_put_string(skb, PORTOWNER_A_REJECT_CGROUP, cgroup) ||
	    nla_put_u32(skb, PORTOWNER_A_REJECT_RULE, rej->rule) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_COUNT, mark->count,
			      PORTOWNER_A_REJECT_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_FIRST_TIME,
			      rej->first_time.real, PORTOWNER_A_REJECT_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_FIRST_BOOTTIME,
			      rej->first_time.boot, PORTOWNER_A_REJECT_PAD))
		return -EMSGSIZE;
	if (po_viewer_sees_caller(viewer, caller) &&
	    (po_put_pid(skb, PORTOWNER_A_REJECT_PID, viewer, caller) ||
	     nla_put_string(skb, PORTOWNER_A_REJECT_COMM, caller->comm)))
		return -EMSGSIZE;
	if (want->ifindex &&
	    nla_put_u32(skb, PORTOWNER_A_REJECT_IFINDEX, want->ifindex))
		return -EMSGSIZE;
	if (*want->dev &&
	    nla_put_string(skb, PORTOWNER_A_REJECT_DEV, want->dev))
		return -EMSGSIZE;
	if (rej->culprits->truncated &&
	    nla_put_flag(skb, PORTOWNER_A_REJECT_CULPRITS_INCOMPLETE))
		return -EMSGSIZE;
	if (po_fill_refusal(skb, viewer, rej) ||
	    (caller_flags &&
	     nla_put_u32(skb, PORTOWNER_A_REJECT_CALLER_FLAGS, caller_flags)) ||
	    po_fill_range(skb, PORTOWNER_A_REJECT_RANGE, viewer, range))
		return -EMSGSIZE;

	return po_full(skb) ? -EMSGSIZE : 0;
}
