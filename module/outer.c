// SPDX-License-Identifier: GPL-2.0
/*
 * See each bind and listen from the outside: one probe around all of it sees
 * how it ended, and what happens in between is seen by entries to functions,
 * which cost a tenth of a probe that waits for a return. So it is known what
 * was asked for, and whether a security module has agreed.
 *
 * Some calls come to the protocol without one that is seen around them: parts
 * of the kernel call a socket's operations past kernel_bind(), and there may be
 * more calls at once than can be kept apart. Once there was such a one, direct.c
 * sees them all.
 */

#include <linux/ftrace.h>
#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/ptrace.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "calls.h"
#include "internal.h"

#ifdef PO_ENTRY_FLAGS

/* Calls that had none around them. */
static atomic64_t po_nr_came = ATOMIC64_INIT(0);

/*
 * What comes to the protocol now began when all probes were in place; but for
 * what slept on its way since before that.
 */
static bool po_settled;
/* The probes of direct.c are in place, too, or will be. */
static bool po_directly;

static void po_direct_start(struct work_struct *work)
{
	pr_info("binds past kernel_bind(), or very many: each costs more from now on\n");
	po_direct_init();
}

static DECLARE_WORK(po_direct_work, po_direct_start);

static int po_call_begins(struct kretprobe_instance *ri, bool listening)
{
	struct po_under_way **way = (void *)ri->data;

	*way = po_under_way_begin(listening);

	return !*way;
}

static int po_bind_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_call_begins(ri, false);
}

static int po_listen_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_call_begins(ri, true);
}

/* What system calls come through as well, or calls of another socket. */
static int po_inner_bind_entry(struct kretprobe_instance *ri,
			       struct pt_regs *regs)
{
	return po_under_way() ? 1 : po_call_begins(ri, false);
}

static int po_inner_listen_entry(struct kretprobe_instance *ri,
				 struct pt_regs *regs)
{
	return po_under_way() ? 1 : po_call_begins(ri, true);
}

/*
 * Whether it was a security module that refused. Protocols that have functions
 * of their own, which nobody sees, refuse for other reasons.
 */
static bool po_lsm_refused(const struct po_under_way *way, int err)
{
	const struct sock *sk = way->call.sk;

	if (way->call.reached || err >= 0 || !sk)
		return false;
	if (err == -EACCES || err == -EPERM)
		return true;

	return way->call.listening ? sk->sk_protocol == IPPROTO_TCP &&
					     sk->sk_type == SOCK_STREAM :
				     sk->sk_protocol <= U8_MAX;
}

static int po_call_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct po_under_way *way = *(struct po_under_way **)ri->data;
	int err = (int)regs_return_value(regs);
	bool by_lsm;

	if (!READ_ONCE(po_watching))
		return 0;

	by_lsm = po_lsm_refused(way, err);
	/* Else it was of no interest, or has its port by other means. */
	if (way->call.reached || by_lsm) {
		if (way->call.listening)
			po_listen_done(&way->call, by_lsm, err);
		else
			po_bind_done(&way->call, by_lsm, err);
	}
	po_under_way_end(way);

	return 0;
}

/* A call has none around it, or none that could be told apart. */
static void po_go_direct(void)
{
	if (READ_ONCE(po_settled) && !READ_ONCE(po_directly) &&
	    !xchg(&po_directly, true))
		queue_work(po_unbound_wq, &po_direct_work);
}

/* Security modules are asked about sockets of all families. */
static void po_asked(unsigned long ip, unsigned long parent_ip,
		     struct ftrace_ops *ops, struct po_entry_regs *regs)
{
	struct sock *sk = ((struct socket *)po_entry_arg(regs, 0))->sk;
	struct po_under_way *way;

	if (!sk || (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
		return;

	way = po_under_way();
	if (!way) {
		po_go_direct();
		return;
	}

	way->call.reached = false;
	po_under_way_asked(way, sk, (void *)po_entry_arg(regs, 1),
			   (int)po_entry_arg(regs, 2));
}

static void po_came(struct sock *sk, struct po_entry_regs *regs)
{
	struct po_under_way *way = po_under_way();

	if (!way) {
		if (READ_ONCE(po_settled))
			atomic64_inc(&po_nr_came);
		po_go_direct();
		return;
	}

	po_under_way_reached(way, sk, (void *)po_entry_arg(regs, 1),
			     (int)po_entry_arg(regs, 2));
}

static void po_reached(unsigned long ip, unsigned long parent_ip,
		       struct ftrace_ops *ops, struct po_entry_regs *regs)
{
	po_came(((struct socket *)po_entry_arg(regs, 0))->sk, regs);
}

static void po_sk_reached(unsigned long ip, unsigned long parent_ip,
			  struct ftrace_ops *ops, struct po_entry_regs *regs)
{
	struct sock *sk = po_beneath((void *)po_entry_arg(regs, 0));

	if (sk)
		po_came(sk, regs);
}

#define PO_PROBE_CALL(symbol, on_entry, at_once) \
	PO_PROBE(symbol, on_entry, po_call_return, \
		 sizeof(struct po_under_way *), at_once)

/* It hardly ever waits for anything. */
#define PO_AT_ONCE_LISTEN	32

static struct kretprobe po_probes[] = {
	PO_PROBE_CALL("__sys_bind", po_bind_entry, PO_PLACES),
	PO_PROBE_CALL("__sys_listen", po_listen_entry, PO_AT_ONCE_LISTEN),
	PO_PROBE_CALL("kernel_bind", po_inner_bind_entry,
		      PO_MAXACTIVE_KERNEL),
	PO_PROBE_CALL("kernel_listen", po_inner_listen_entry,
		      PO_MAXACTIVE_KERNEL),
	/* From here on for io_uring, which cannot bind before. */
	PO_PROBE_CALL("__sys_bind_socket", po_inner_bind_entry,
		      PO_PLACES),
	PO_PROBE_CALL("__sys_listen_socket", po_inner_listen_entry,
		      PO_AT_ONCE_LISTEN),
};

#define PO_NR_PROBES_REQUIRED	4

static struct ftrace_ops po_asked_ops = {
	.func	= po_asked,
	.flags	= PO_ENTRY_FLAGS,
};

static struct ftrace_ops po_reached_ops = {
	.func	= po_reached,
	.flags	= PO_ENTRY_FLAGS,
};

static struct ftrace_ops po_sk_reached_ops = {
	.func	= po_sk_reached,
	.flags	= PO_ENTRY_FLAGS,
};

static struct po_entry po_entries[] = {
	{ &po_asked_ops,
	  { "security_socket_bind", "security_socket_listen" } },
	{ &po_reached_ops, { "inet_bind", "inet6_bind", "inet_listen" } },
	/* For MPTCP. Before 6.6 it calls what is above. */
	{ &po_sk_reached_ops,
	  { "inet_bind_sk", "inet6_bind_sk", "__inet_listen_sk" } },
};

#define PO_NR_ENTRIES_REQUIRED	2

/* Which of the probes are in place; init and exit alone touch this. */
static bool po_probed[ARRAY_SIZE(po_probes)];

/**
 * po_outer_exit() - see no more binds from the outside
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_outer_exit(void)
{
	unsigned int i;

	WRITE_ONCE(po_settled, false);
	WRITE_ONCE(po_watching, false);
	for (i = 0; i < ARRAY_SIZE(po_probes); i++)
		if (po_probed[i])
			unregister_kretprobe(&po_probes[i]);
	for (i = 0; i < ARRAY_SIZE(po_entries); i++)
		po_entry_remove(&po_entries[i]);
	cancel_work_sync(&po_direct_work);
}

/**
 * po_outer_init() - begin to see binds from the outside
 *
 * Context: may sleep.
 * Return: 0 or a negative errno; then nothing is seen.
 */
int po_outer_init(void)
{
	unsigned int i;
	int err;

	/* ORDER: who begins a call has all of it seen. */
	for (i = 0; i < ARRAY_SIZE(po_entries); i++) {
		err = po_entry_add(&po_entries[i]);
		if (err && i < PO_NR_ENTRIES_REQUIRED)
			goto err_exit;
	}
	for (i = 0; i < ARRAY_SIZE(po_probes); i++) {
		err = register_kretprobe(&po_probes[i]);
		po_probed[i] = !err;
		if (err && i < PO_NR_PROBES_REQUIRED)
			goto err_exit;
	}
	WRITE_ONCE(po_watching, true);
	/* Who began before that has come to the protocol after this. */
	synchronize_rcu_tasks();
	WRITE_ONCE(po_settled, true);

	return 0;

err_exit:
	po_outer_exit();
	return err;
}

/**
 * po_outer_missed() - calls that nobody saw
 *
 * Return: their number since the module was loaded, without those of SCTP.
 */
u64 po_outer_missed(void)
{
	s64 missed = atomic64_read(&po_nr_came) - po_direct_seen();

	/* One that comes just now may be seen before it is counted. */
	return max_t(s64, missed, 0);
}

#endif /* PO_ENTRY_FLAGS */
