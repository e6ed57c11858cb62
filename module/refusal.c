// SPDX-License-Identifier: GPL-2.0
/* From a refusal to its record: who asked, who was in the way, by which rule. */

#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/pid_namespace.h>
#include <linux/ratelimit.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
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

/*
 * The kernel log has no namespaces: a line that names a process of one may be read
 * in any other. What the host itself does is told there by others, too.
 */
static bool po_is_initial(const struct po_proc *proc)
{
	return ns_of_pid(proc->pid) == &init_pid_ns &&
	       proc->cred->user_ns == &init_user_ns;
}

static bool po_may_print(const struct po_reject *rej, const struct net *net,
			 enum po_printk which)
{
	return which == PO_PRINTK_ALL ||
	       (which == PO_PRINTK_INITIAL && net_eq(net, &init_net) &&
		po_is_initial(rej->caller->proc));
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
			    const struct po_snap *culprits,
			    enum po_printk which)
{
	const struct po_sock *culprit = po_main_culprit(culprits);
	char who[80] = "no process";

	buf[0] = '\0';
	/* Owners that were not looked for are not "no process". */
	if (!culprit || (culprit->owners_cut && !culprit->owners))
		return;
	if (culprit->owners && which != PO_PRINTK_ALL &&
	    !po_is_initial(culprit->owners->proc))
		strscpy(who, "a process of another namespace", sizeof(who));
	else if (culprit->owners)
		po_print_proc(who, sizeof(who), culprit->owners->proc);
	else if (po_kernel_holds(culprit))
		po_kernel_name(culprit->handler, who, sizeof(who));
	snprintf(buf, size, ", held by %s%s", who,
		 po_kernel_holds(culprit) ? " in the kernel" : "");
}

/* One line for the kernel log. */
static void po_print(const struct po_reject *rej, const struct net *net)
{
	const enum po_printk which = READ_ONCE(po_log_printk);
	const struct po_sock *want = &rej->want.sock;
	char caller[80], holder[120];
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr = {};

	if (!po_may_print(rej, net, which) || !__ratelimit(&po_ratelimit))
		return;

	addr.sa.sa_family = want->family;
	if (want->family == AF_INET) {
		addr.v4.sin_port = htons(want->port);
		addr.v4.sin_addr.s_addr = want->addr.s6_addr32[3];
	} else {
		addr.v6.sin6_port = htons(want->port);
		addr.v6.sin6_addr = want->addr;
	}
	po_print_proc(caller, sizeof(caller), rej->caller->proc);
	po_print_holder(holder, sizeof(holder), rej->culprits, which);

	pr_info("%s of %s %pISpc in netns %u by %s refused: %pe%s\n",
		po_op_names[rej->op],
		po_proto_name(want),
		&addr, want->netns, caller, ERR_PTR(-rej->err), holder);
}

/**
 * po_refusal_has_culprits() - whether sockets were in the way
 * @refusal: refusal
 *
 * Return: true if there were; they may be gone.
 */
bool po_refusal_has_culprits(const struct po_refusal *refusal)
{
	return refusal->err == EADDRINUSE && !refusal->want.by_lsm &&
	       refusal->want.sock.port;
}

/* They were not looked for: whoever reads of it has to know that there may be some. */
static void po_leave_out_owners(struct po_snap *culprits)
{
	struct po_sock *sock;
	u32 i;

	for (i = 0; i < culprits->nr; i++) {
		sock = po_snap_sock(culprits, i);
		sock->owners_cut = true;
		sock->refs = 0;
	}
}

/* As far as it goes within the bounds; what is not complete is marked. */
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
	/* Without memory some are not known, as if nobody had seen them bind. */
	po_find_binders(rej->culprits);
	if (READ_ONCE(po_refusal_owners))
		po_find_owners(rej->culprits);
	else
		po_leave_out_owners(rej->culprits);
}

/* Who has its ports is for the first reader to find out: there may be very many. */
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
	rej->payer = po_payer(refusal->cred);
	po_sock_dev(&rej->want.sock, refusal->sk);
	rej->caller = po_caller_new(refusal->pid, refusal->cred, refusal->comm);
	rej->culprits = po_snap_new_bounded(PO_REJECT_BYTES);
	if (!rej->caller || !rej->culprits) {
		po_reject_put(rej);
		return NULL;
	}
	if (po_refusal_has_culprits(refusal))
		po_find_culprits(rej, refusal->net);
	rej->rule = po_reason(refusal->net, &rej->want, rej->op, rej->err,
			      rej->culprits);
	rej->bytes = sizeof(*rej) + rej->culprits->bytes;
	if (rej->rule == PORTOWNER_RULE_EPHEMERAL_EXHAUSTED &&
	    po_has_ports(&rej->want.sock))
		po_note_range(rej, refusal->sk);

	return rej;
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

	return err == EADDRNOTAVAIL &&
	       po_range_seems_full(refusal->sk,
				   po_transport(&refusal->want.sock));
}

/* Returns the number of the refusal, or 0 if it could not be recorded. */
static u64 po_refusal_log(struct po_refusal *refusal)
{
	struct po_reject *rej;
	struct po_key key;
	u64 seq;
	int err;

	err = po_repeat(refusal, &seq);
	if (!err)
		return seq;

	rej = err == -ENOMEM ? NULL : po_reject_new(refusal);
	if (!rej)
		return 0;

	po_key_of(&key, rej);
	if (!po_log_repeat(refusal->net, &key, rej->time, &rej->caller, &seq)) {
		po_reject_put(rej);
		return seq;
	}
	po_print(rej, refusal->net);

	return po_log_add(refusal->net, rej);
}

/**
 * po_refusal_record() - find out about a refusal, and log it
 * @refusal: refusal
 *
 * Context: may sleep; in the refused task, or in a work item.
 */
void po_refusal_record(struct po_refusal *refusal)
{
	u64 seq;

	if (!po_refusal_certain(refusal))
		return;

	seq = po_refusal_log(refusal);
	if (seq)
		po_notify_reject(refusal->net, seq);
	else
		po_log_lost(refusal->net);
}
