// SPDX-License-Identifier: GPL-2.0
/*
 * From a refusal to its record.
 *
 * The probe handlers are atomic, so they only fill one of a fixed number of
 * slots. The rest is done where sleeping and bucket locks are allowed: in the
 * refused task itself, on its way back to user space, so that the record is
 * there before it knows of the refusal and the work is charged to it. Kernel
 * threads and tasks that are ending have no such way; a work item does it.
 */

#include <linux/cred.h>
#include <linux/ctype.h>
#include <linux/in.h>
#include <linux/llist.h>
#include <linux/module.h>
#include <linux/ratelimit.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/timekeeping.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include <asm/syscall.h>

#include "internal.h"

/* Slots: refusals between probe and record; a running task has one, or io_uring many. */
#define PO_SLOTS	112

/**
 * struct po_slot - a refusal that waits to be recorded
 * @work: in the list of the refused task
 * @node: in po_free or po_deferred
 * @sk: socket; holds a reference
 * @net: its namespace; holds a reference
 * @pid: thread group of the caller; holds a reference
 * @cred: its credentials; holds a reference
 * @comm: its command name
 * @module_held: whether the slot keeps the module from being unloaded
 * @time: nanoseconds of CLOCK_REALTIME
 * @op: what was refused
 * @err: positive errno, or 0 if it is not certain to be EADDRNOTAVAIL
 * @want: what was asked for
 *
 * Belongs to whoever took it from one of the lists.
 */
struct po_slot {
	union {
		struct callback_head work;
		struct llist_node node;
	};
	struct sock *sk;
	struct net *net;
	struct pid *pid;
	const struct cred *cred;
	char comm[TASK_COMM_LEN];
	bool module_held;
	u64 time;
	enum portowner_op op;
	int err;
	struct po_want want;
};

static struct po_slot po_slots[PO_SLOTS];

/* Slots to be had. Taking needs po_free_lock, giving back does not. */
static LLIST_HEAD(po_free);
static DEFINE_RAW_SPINLOCK(po_free_lock);

/* Slots for the work item. */
static LLIST_HEAD(po_deferred);

/* Slots in use, and who waits for there to be none. */
static atomic_t po_busy = ATOMIC_INIT(0);
static DECLARE_WAIT_QUEUE_HEAD(po_idle);

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

static struct po_proc *po_caller(const struct po_slot *slot)
{
	struct task_struct *task = get_pid_task(slot->pid, PIDTYPE_TGID);
	struct po_proc *caller;

	caller = po_proc_new(slot->pid, slot->cred, slot->comm);
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

static struct po_reject *po_reject_new(const struct po_slot *slot)
{
	struct po_reject *rej = kzalloc(sizeof(*rej), GFP_KERNEL_ACCOUNT);

	if (!rej)
		return NULL;

	refcount_set(&rej->refs, 1);
	rej->time = slot->time;
	rej->op = slot->op;
	rej->err = slot->err;
	rej->want = slot->want;
	rej->want.bpf = po_bpf_judges(slot->sk);
	po_sock_dev(&rej->want.sock, slot->sk);
	rej->caller = po_caller(slot);
	rej->culprits = po_snap_new(PO_REJECT_BYTES);
	if (!rej->caller || !rej->culprits ||
	    po_find_culprits(rej, slot->net)) {
		po_reject_put(rej);
		return NULL;
	}
	rej->rule = po_reason(slot->net, &rej->want, rej->op, rej->err,
			      rej->culprits);
	if (rej->rule == PORTOWNER_RULE_EPHEMERAL_EXHAUSTED &&
	    po_has_ports(&rej->want.sock))
		rej->range = po_log_range(slot->sk,
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

static void po_slot_record(const struct po_slot *slot)
{
	struct po_reject *rej = po_reject_new(slot);

	if (!rej) {
		po_log_lost(slot->net);
		return;
	}
	po_print(rej);
	po_notify_reject(slot->net, po_log_add(slot->net, rej));
}

static struct po_slot *po_slot_get(void)
{
	struct llist_node *node;
	unsigned long flags;

	raw_spin_lock_irqsave(&po_free_lock, flags);
	node = llist_del_first(&po_free);
	raw_spin_unlock_irqrestore(&po_free_lock, flags);

	return node ? llist_entry(node, struct po_slot, node) : NULL;
}

static bool po_slot_exhausted(const struct po_slot *slot)
{
	struct po_range *range;
	bool full;

	range = po_log_range(slot->sk, po_transport(&slot->want.sock));
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
static bool po_slot_certain(struct po_slot *slot)
{
	int err = 0;

	if (slot->op != PORTOWNER_OP_AUTOBIND)
		return true;

	if (slot->module_held)
		err = -syscall_get_error(current, task_pt_regs(current));
	if (slot->err)
		return err != ENOMEM;

	slot->err = EADDRNOTAVAIL;

	return err == EADDRNOTAVAIL && po_slot_exhausted(slot);
}

/* The last thing done to a refusal; po_rejects_exit() waits for it. */
static void po_slot_finish(struct po_slot *slot)
{
	bool module_held = slot->module_held;

	if (po_slot_certain(slot))
		po_slot_record(slot);
	put_cred(slot->cred);
	put_pid(slot->pid);
	sock_put(slot->sk);
	put_net(slot->net);
	llist_add(&slot->node, &po_free);
	if (atomic_dec_and_test(&po_busy))
		wake_up(&po_idle);
	if (module_held)
		module_put(THIS_MODULE);
}

static void po_task_work(struct callback_head *work)
{
	po_slot_finish(container_of(work, struct po_slot, work));
}

static void po_deferred_work(struct work_struct *work)
{
	struct llist_node *list = llist_del_all(&po_deferred);
	struct po_slot *slot, *next;

	llist_for_each_entry_safe(slot, next, llist_reverse_order(list), node)
		po_slot_finish(slot);
}

static DECLARE_WORK(po_work, po_deferred_work);

static void po_slot_fill(struct po_slot *slot, struct sock *sk,
			 const struct po_want *want, enum portowner_op op,
			 int err)
{
	slot->time = ktime_get_real_ns();
	slot->op = op;
	slot->err = -err;
	slot->want = *want;
	sock_hold(sk);
	slot->sk = sk;
	slot->pid = get_pid(task_tgid(current));
	slot->cred = get_current_cred();
	/* Another thread may be writing it; torn but always terminated. */
	memcpy(slot->comm, current->group_leader->comm, sizeof(slot->comm));
	slot->comm[sizeof(slot->comm) - 1] = '\0';
}

/* Whether the slot could be queued to the way back of the refused task. */
static bool po_slot_to_task(struct po_slot *slot)
{
	if (current->flags & (PF_KTHREAD | PF_IO_WORKER | PF_EXITING))
		return false;

	/*
	 * The task may have to end a close() first, which lingers as long as
	 * its peer likes: such tasks must not take all slots, and unloading
	 * has to fail meanwhile, not to hang.
	 */
	if (atomic_read(&po_busy) > PO_SLOTS / 2 || !try_module_get(THIS_MODULE))
		return false;

	init_task_work(&slot->work, po_task_work);
	slot->module_held = true;
	if (!task_work_add(current, &slot->work, TWA_RESUME))
		return true;

	slot->module_held = false;
	module_put(THIS_MODULE);

	return false;
}

/**
 * po_reject_begin() - note a refusal, to be recorded as soon as possible
 * @sk: socket that was refused; the caller holds a reference
 * @want: what was asked for
 * @op: how
 * @err: negative errno, or 0 if it is not certain to be -EADDRNOTAVAIL: then
 *	it may turn out to be no refusal at all
 *
 * A refusal for which there is no slot is counted as lost.
 *
 * Context: any that is not NMI, in the refused task; probe handlers included.
 */
void po_reject_begin(struct sock *sk, const struct po_want *want,
		     enum portowner_op op, int err)
{
	struct net *net = maybe_get_net(sock_net(sk));
	struct po_slot *slot;

	/* Of a kernel socket, in a namespace that is going away with its log. */
	if (!net)
		return;

	slot = po_slot_get();
	if (!slot) {
		po_log_lost(net);
		put_net(net);
		return;
	}
	atomic_inc(&po_busy);
	slot->net = net;
	slot->module_held = false;
	po_slot_fill(slot, sk, want, op, err);
	if (!po_slot_to_task(slot)) {
		llist_add(&slot->node, &po_deferred);
		queue_work(po_unbound_wq, &po_work);
	}
}

/**
 * po_rejects_init() - make the slots
 */
void po_rejects_init(void)
{
	unsigned int i;

	for (i = 0; i < PO_SLOTS; i++)
		llist_add(&po_slots[i].node, &po_free);
}

/**
 * po_rejects_exit() - wait for all refusals to be recorded
 *
 * Context: may sleep. po_reject_begin() is not called any more.
 */
void po_rejects_exit(void)
{
	flush_work(&po_work);
	wait_event(po_idle, !atomic_read(&po_busy));
	/* Those that woke us may still be on their last instructions here. */
	flush_work(&po_work);
	synchronize_rcu_tasks();
}
