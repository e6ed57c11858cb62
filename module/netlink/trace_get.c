// SPDX-License-Identifier: GPL-2.0
/* trace-get: the dump of the latest binds and listens. */

#include <linux/capability.h>
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/net_namespace.h>

#include "core/core.h"
#include "generated/netlink.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"
#include "trace/trace.h"

/**
 * struct po_trace_dump - state of a dump of calls
 * @announced: the announcement of the answer was sent
 * @begun: @last and @end are set
 * @all: dump calls in all namespaces
 * @last: number of the last call that was sent
 * @end: number of the last call to send
 */
struct po_trace_dump {
	bool announced;
	bool begun;
	bool all;
	u64 last;
	u64 end;
};

static struct po_trace_dump *po_trace_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct po_trace_dump) > sizeof(cb->ctx));

	return (struct po_trace_dump *)cb->ctx;
}

/* The receiving task may not be the requesting one, which generic netlink has checked. */
static int po_trace_check_reader(struct netlink_callback *cb)
{
	if (po_capable(cb->skb, sock_net(cb->skb->sk)->user_ns, CAP_NET_ADMIN))
		return po_check_all_netns(cb, po_dump_attrs(cb)[PORTOWNER_A_CALL_ALL_NETNS]);

	NL_SET_ERR_MSG(cb->extack, "tracing requires CAP_NET_ADMIN");

	return -EPERM;
}

static int po_trace_check_request(struct netlink_callback *cb)
{
	struct nlattr *all = po_dump_attrs(cb)[PORTOWNER_A_CALL_ALL_NETNS];

	if (!all || net_eq(sock_net(cb->skb->sk), &init_net))
		return 0;

	NL_SET_ERR_MSG_ATTR(cb->extack, all,
			    "calls in all namespaces can be traced only in the initial network namespace");

	return -EOPNOTSUPP;
}

/* Start tracing, and determine the range of calls to send. */
static int po_trace_begin_dump(struct netlink_callback *cb)
{
	struct nlattr **attrs = po_dump_attrs(cb);
	struct nlattr *since = attrs[PORTOWNER_A_CALL_SINCE];
	struct po_trace_dump *dump = po_trace_dump(cb);
	struct net *net = sock_net(cb->skb->sk);
	int err;

	dump->all = attrs[PORTOWNER_A_CALL_ALL_NETNS];
	err = po_trace_begin(net, dump->all);
	if (err)
		return err;

	dump->end = po_ring_seq(net, dump->all);
	dump->last = since ? nla_get_u64(since) : dump->end;
	dump->begun = true;

	return 0;
}

static int po_fill_call(struct sk_buff *skb, struct po_viewer *viewer,
			const struct po_traced *call)
{
	const struct po_sock *want = &call->want.sock;
	const struct po_proc *proc = call->proc;
	const char *exe = NULL, *cgroup = NULL;

	/* A reader who may see the call may not see all of the process. */
	if (po_viewer_sees_proc(viewer, proc)) {
		exe = proc->exe;
		cgroup = po_viewer_cgroup(viewer, proc);
	}

	if (nla_put_u64_64bit(skb, PORTOWNER_A_CALL_TIME, call->time.real,
			      PORTOWNER_A_CALL_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_CALL_BOOTTIME, call->time.boot,
			      PORTOWNER_A_CALL_PAD) ||
	    nla_put_u32(skb, PORTOWNER_A_CALL_OP, call->op) ||
	    nla_put_u32(skb, PORTOWNER_A_CALL_ERRNO, call->err) ||
	    nla_put_u16(skb, PORTOWNER_A_CALL_FAMILY, call->want.family) ||
	    nla_put_u16(skb, PORTOWNER_A_CALL_PROTO, want->proto) ||
	    po_put_addr(skb, PORTOWNER_A_CALL_ADDR, want) ||
	    nla_put_u16(skb, PORTOWNER_A_CALL_PORT, want->port) ||
	    nla_put_u32(skb, PORTOWNER_A_CALL_NETNS, want->netns) ||
	    nla_put_u32(skb, PORTOWNER_A_CALL_FLAGS, want->flags) ||
	    po_put_uid(skb, PORTOWNER_A_CALL_UID, viewer, proc->cred->euid) ||
	    po_put_string(skb, PORTOWNER_A_CALL_EXE, exe) ||
	    po_put_string(skb, PORTOWNER_A_CALL_CGROUP, cgroup))
		return -EMSGSIZE;
	if (call->port &&
	    nla_put_u16(skb, PORTOWNER_A_CALL_BOUND_PORT, call->port))
		return -EMSGSIZE;
	if (want->ifindex &&
	    nla_put_u32(skb, PORTOWNER_A_CALL_IFINDEX, want->ifindex))
		return -EMSGSIZE;
	if (*want->dev &&
	    nla_put_string(skb, PORTOWNER_A_CALL_DEV, want->dev))
		return -EMSGSIZE;
	if (po_viewer_sees_caller(viewer, proc) &&
	    (po_put_pid(skb, PORTOWNER_A_CALL_PID, viewer, proc) ||
	     nla_put_string(skb, PORTOWNER_A_CALL_COMM, proc->comm)))
		return -EMSGSIZE;

	return 0;
}

/* Put a call, or the end of the answer if @call is NULL. */
static int po_trace_put_msg(struct sk_buff *skb, struct netlink_callback *cb,
			    struct po_viewer *viewer,
			    const struct po_traced *call)
{
	struct po_trace_dump *dump = po_trace_dump(cb);
	u64 seq = call ? po_traced_seq(call, dump->all) : dump->end;
	void *hdr;

	hdr = po_dump_put(skb, cb, PORTOWNER_CMD_TRACE_GET);
	if (!hdr)
		return -EMSGSIZE;

	if (nla_put_u64_64bit(skb, PORTOWNER_A_CALL_SEQ, seq,
			      PORTOWNER_A_CALL_PAD) ||
	    (call && po_fill_call(skb, viewer, call))) {
		genlmsg_cancel(skb, hdr);
		return -EMSGSIZE;
	}
	genlmsg_end(skb, hdr);

	return 0;
}

/* Put as many of the calls left as fit, then the end. The history is locked. */
static int po_trace_put_calls(struct sk_buff *skb, struct netlink_callback *cb,
			      struct po_viewer *viewer)
{
	struct po_trace_dump *dump = po_trace_dump(cb);
	const struct net *net = sock_net(cb->skb->sk);
	const struct po_traced *call = NULL;
	int err = 0;

	while (!err) {
		call = po_history_next(call, net, dump->all, dump->last);
		if (!call || po_traced_seq(call, dump->all) > dump->end)
			return po_trace_put_msg(skb, cb, viewer, NULL);
		err = po_trace_put_msg(skb, cb, viewer, call);
		if (!err)
			dump->last = po_traced_seq(call, dump->all);
	}

	return err;
}

static int po_trace_put(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_trace_dump *dump = po_trace_dump(cb);
	struct po_viewer viewer;
	int err;

	err = po_viewer_init(&viewer, cb->skb);
	if (err)
		return err;

	if (!dump->begun)
		po_trace_flush();
	err = dump->begun ? po_history_lock() : po_history_lock_started();
	if (err)
		goto out;

	if (!dump->begun)
		err = po_trace_begin_dump(cb);
	err = err ?: po_trace_put_calls(skb, cb, &viewer);
	po_history_unlock();
out:
	po_viewer_destroy(&viewer);

	return err;
}

/**
 * po_trace_get_dumpit() - continue a dump of calls
 * @skb: message to fill
 * @cb: dump
 *
 * Enabling tracing patches code on all CPUs, which is not done under the lock
 * held in the first call, see po_dump_begin().
 *
 * Context: may sleep; the requesting task at first, then the receiving one.
 * Return: bytes filled, 0 at the end, or a negative errno.
 */
int po_trace_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_trace_dump *dump = po_trace_dump(cb);
	int err;

	err = po_trace_check_reader(cb);
	if (err)
		return err;

	if (!dump->announced) {
		err = po_trace_check_request(cb);
		if (err)
			return err;
		dump->announced = true;
		return po_dump_begin(skb, cb, PORTOWNER_CMD_TRACE_GET, 0);
	}

	return po_dump_result(skb, po_trace_put(skb, cb));
}
