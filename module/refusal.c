// SPDX-License-Identifier: GPL-2.0
/* From a refusal to its record: who asked, who was in the way, by which rule. */

#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/ratelimit.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include <asm/syscall.h>

#include "internal.h"

static DEFINE_RATELIMIT_STATE(po_ratelimit, DEFAULT_RATELIMIT_INTERVAL,
			      DEFAULT_RATELIMIT_BURST);

static const char * const po_op_names[] = {
	[PORTOWNER_OP_BIND]	= "bind",
	[PORTOWNER_OP_LISTEN]	= "listen",
	[PORTOWNER_OP_AUTOBIND]	= "autobind",
};

/* A process for the kernel log; escaped, since it chooses its name itself. */
static void po_print_proc(char *buf, size_t size, const struct po_proc *proc)
{
	char comm[TASK_COMM_LEN];
	char *c;

	/* %pE lets through what Latin-1 can print, which is no UTF-8. */
	strscpy(comm, proc->comm, sizeof(comm));
	for (c = comm; *c; c++)
		if (!isascii(*c))
			*c = '?';
	snprintf(buf, size, "%*pE[%d]", (int)(c - comm), comm,
		 pid_nr(proc->pid));
}

static const char *po_proto_name(const struct po_sock *sock)
{
	switch (sock->proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_MPTCP:
		return "mptcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_RAW:
		return "raw";
	default:
		return "address";
	}
}

/* Who was in the way; nothing if nobody was, as when a security module refused. */
static void po_print_holder(char *buf, size_t size,
			    const struct po_snap *culprits)
{
	const struct po_sock *culprit = po_main_culprit(culprits);
	char who[80] = "no process";

	buf[0] = '\0';
	if (!culprit)
		return;
	if (culprit->owners)
		po_print_proc(who, sizeof(who), culprit->owners->proc);
	else if (po_kernel_holds(culprit))
		po_kernel_name(culprit->handler, who, sizeof(who));
	snprintf(buf, size, ", held by %s%s", who,
		 po_kernel_holds(culprit) ? " in the kernel" : "");
}

/* One line for the kernel log. */
static void po_print(const struct po_reject *rej)
{
	const struct po_sock *want = &rej->want.sock;
	char caller[80], holder[120];
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr = {};

	if (!__ratelimit(&po_ratelimit))
		return;

	addr.sa.sa_family = want->family;
	if (want->family == AF_INET) {
		addr.v4.sin_port = htons(want->port);
		addr.v4.sin_addr.s_addr = want->addr.s6_addr32[3];
	} else {
		addr.v6.sin6_port = htons(want->port);
		addr.v6.sin6_addr = want->addr;
	}
	po_print_proc(caller, sizeof(caller), rej->caller);
	po_print_holder(holder, sizeof(holder), rej->culprits);

	pr_info("%s of %s %pISpc in netns %u by %s refused: %pe%s\n",
		po_op_names[rej->op],
		po_proto_name(want),
		&addr, want->netns, caller, ERR_PTR(-rej->err), holder);
}

static struct po_proc *po_caller(const struct po_refusal *refusal)
{
	struct task_struct *task = get_pid_task(refusal->pid, PIDTYPE_TGID);
	struct po_proc *caller;

	caller = po_proc_new(refusal->pid, refusal->cred, refusal->comm);
	if (task) {
		if (caller)
			po_proc_inspect(caller, task);
		put_task_struct(task);
	}

	return caller;
}

/* Those who may have asked for it, as they are until the caller goes on. */
static void po_find_ancestors(struct po_reject *rej)
{
	struct pid *pid = rej->caller->pid;
	struct task_struct *task;

	rcu_read_lock();
	while (rej->nr_ancestors < PO_ANCESTORS) {
		task = pid_task(pid, PIDTYPE_TGID);
		if (!task)
			break;
		task = rcu_dereference(task->real_parent);
		pid = task_tgid(task);
		/* Of the first process the parent is what booted it. */
		if (!pid || is_idle_task(task))
			break;
		rej->ancestors[rej->nr_ancestors++] = get_pid(pid);
	}
	rcu_read_unlock();
}

static int po_find_culprits(struct po_reject *rej, struct net *net)
{
	const struct po_filter filter = {
		.net		= net,
		.proto		= po_transport(&rej->want.sock),
		.port_first	= rej->want.sock.port,
		.port_last	= rej->want.sock.port,
		.states		= PO_STATES_ALL,
		.want		= &rej->want,
	};

	if (rej->err != EADDRINUSE || rej->want.by_lsm || !rej->want.sock.port)
		return 0;

	return po_collect(rej->culprits, &filter) ?:
	       po_find_binders(rej->culprits) ?:
	       po_find_owners(rej->culprits, false);
}

static struct po_reject *po_reject_new(const struct po_refusal *refusal)
{
	struct po_reject *rej = kzalloc(sizeof(*rej), GFP_KERNEL_ACCOUNT);

	if (!rej)
		return NULL;

	refcount_set(&rej->refs, 1);
	rej->time = refusal->time;
	rej->op = refusal->op;
	rej->err = refusal->err;
	rej->want = refusal->want;
	rej->want.bpf = po_bpf_judges(refusal->sk);
	po_sock_dev(&rej->want.sock, refusal->sk);
	rej->caller = po_caller(refusal);
	rej->culprits = po_snap_new(PO_REJECT_BYTES);
	if (!rej->caller || !rej->culprits ||
	    po_find_culprits(rej, refusal->net)) {
		po_reject_put(rej);
		return NULL;
	}
	rej->rule = po_reason(refusal->net, &rej->want, rej->op, rej->err,
			      rej->culprits);
	if (rej->rule == PORTOWNER_RULE_EPHEMERAL_EXHAUSTED &&
	    po_has_ports(&rej->want.sock))
		rej->range = po_log_range(refusal->sk,
					  po_transport(&rej->want.sock));
	po_find_ancestors(rej);
	rej->bytes = sizeof(*rej) + po_proc_bytes(rej->caller) +
		     rej->culprits->bytes;
	/* Others may have it as well; that is not counted. */
	if (rej->range)
		rej->bytes += sizeof(*rej->range) +
			      rej->range->nr * sizeof(struct po_proc);

	return rej;
}

static bool po_refusal_exhausted(const struct po_refusal *refusal)
{
	struct po_range *range;
	bool full;

	range = po_log_range(refusal->sk, po_transport(&refusal->want.sock));
	full = range && po_range_full(range);
	po_range_put(range);

	return full;
}

/*
 * Whether connect() failed for want of a port. That it got none may also be for
 * want of memory; and if that is not sure, then any reason may be why it failed,
 * the same error for a connection that is there already included. The system
 * call whose way back this is knows more, unless it is one of io_uring.
 */
static bool po_refusal_certain(struct po_refusal *refusal)
{
	int err = 0;

	if (refusal->op != PORTOWNER_OP_AUTOBIND)
		return true;

	if (refusal->in_task)
		err = -syscall_get_error(current, task_pt_regs(current));
	if (refusal->err)
		return err != ENOMEM;

	refusal->err = EADDRNOTAVAIL;

	return err == EADDRNOTAVAIL && po_refusal_exhausted(refusal);
}

/**
 * po_refusal_record() - find out about a refusal, and log it
 * @refusal: refusal
 *
 * Context: may sleep; in the refused task, or in a work item.
 */
void po_refusal_record(struct po_refusal *refusal)
{
	struct po_reject *rej;

	if (!po_refusal_certain(refusal))
		return;

	rej = po_reject_new(refusal);
	if (!rej) {
		po_log_lost(refusal->net);
		return;
	}
	po_print(rej);
	po_notify_reject(refusal->net, po_log_add(refusal->net, rej));
}
