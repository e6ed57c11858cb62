// SPDX-License-Identifier: GPL-2.0
/*
 * Watch each bind, listen and automatic bind where it enters the protocol:
 * bind(2), io_uring and kernel_bind() all call these functions through a
 * pointer in struct proto_ops, so they are never inlined. The address has been
 * copied to kernel memory by then, so a page fault of the caller cannot delay
 * them. Security modules refuse a call earlier, and have probes of their own.
 *
 * A non-TCP socket that needs a port and has none gets one in inet_autobind();
 * TCP chooses it within connect(), see connect.c.
 */

#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/ptrace.h>
#include <net/sock.h>

#include "owners/owners.h"
#include "probes/call.h"
#include "probes/probes.h"
#include "trace/trace.h"

/**
 * struct po_lsm_call - arguments of an LSM hook
 * @sock: socket
 * @charge: to be passed to po_instance_uncharge(), or %PO_NO_CHARGE
 * @addr_len: bytes at @uaddr; for bind only
 * @uaddr: address in kernel memory; for bind only
 *
 * The pointers are dereferenced only after a refusal, which is rare; nothing
 * has changed by then.
 */
struct po_lsm_call {
	const struct socket *sock;
	u32 charge;
	int addr_len;
	const void *uaddr;
};

static struct sock *po_socket_arg(struct pt_regs *regs)
{
	return ((struct socket *)regs_get_kernel_argument(regs, 0))->sk;
}

/*
 * The socket passed as the first argument, if it is an MPTCP subflow, which has
 * no struct socket of its own. Any other has been seen by another probe: from
 * 6.6 on, inet_bind() and the like call these functions, too.
 */
static struct sock *po_subflow_arg(struct pt_regs *regs)
{
	struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);
	struct socket *sock = READ_ONCE(sk->sk_socket);

	return sock && READ_ONCE(sock->sk) == sk ? NULL : sk;
}

/* Returns 1, so that the return is not probed, if there is nothing to watch. */
static __always_inline int
po_call_entry(struct kretprobe_instance *ri, struct pt_regs *regs,
	      struct sock *sk, enum portowner_reject_op op, enum po_instance_pool pool)
{
	struct po_call *call = (void *)ri->data;

	if (!sk)
		return 1;
	if (!po_instance_charge(pool, &call->charge))
		return 1;

	po_call_begin(call, sk);
	/* Copy the address: a BPF program of the cgroup may change it. */
	if (op == PORTOWNER_REJECT_OP_BIND)
		po_call_addr(call, (void *)regs_get_kernel_argument(regs, 1),
			     (int)regs_get_kernel_argument(regs, 2));

	return 0;
}

/* A successful listen() chooses a port only for a socket without one. */
static __always_inline int
po_call_return(struct kretprobe_instance *ri, struct pt_regs *regs,
	       enum portowner_reject_op op)
{
	const struct po_call *call = (void *)ri->data;
	int err = (int)regs_return_value(regs);

	po_instance_uncharge(call->charge);
	if (unlikely(err < 0)) {
		if (op == PORTOWNER_REJECT_OP_AUTOBIND)
			po_autobind_refused(call->sk, err);
		else
			po_call_refused(call, op, false, err);
		return 0;
	}

	if (op != PORTOWNER_REJECT_OP_LISTEN || !call->had_port)
		po_binder_record(call->sk);
	if (op != PORTOWNER_REJECT_OP_AUTOBIND &&
	    static_branch_unlikely(&po_trace_key))
		po_call_succeeded(call, op);

	return 0;
}

/* int (struct socket *sock, struct sockaddr *uaddr, int addr_len) */
static int po_bind_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_call_entry(ri, regs, po_socket_arg(regs), PORTOWNER_REJECT_OP_BIND,
			     PO_POOL_BIND);
}

static int po_bind6_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_call_entry(ri, regs, po_socket_arg(regs), PORTOWNER_REJECT_OP_BIND,
			     PO_POOL_BIND6);
}

/* int (struct sock *sk, struct sockaddr *uaddr, int addr_len) */
static int po_bind_sk_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_call_entry(ri, regs, po_subflow_arg(regs), PORTOWNER_REJECT_OP_BIND,
			     PO_POOL_SUBFLOW);
}

static int po_bind_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_call_return(ri, regs, PORTOWNER_REJECT_OP_BIND);
}

/* int (struct socket *sock, int backlog) */
static int po_listen_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_call_entry(ri, regs, po_socket_arg(regs), PORTOWNER_REJECT_OP_LISTEN,
			     PO_POOL_LISTEN);
}

static int po_sctp_listen_entry(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	return po_call_entry(ri, regs, po_socket_arg(regs), PORTOWNER_REJECT_OP_LISTEN,
			     PO_POOL_SCTP_LISTEN);
}

/* int (struct sock *sk, int backlog) */
static int po_listen_sk_entry(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	return po_call_entry(ri, regs, po_subflow_arg(regs),
			     PORTOWNER_REJECT_OP_LISTEN, PO_POOL_SUBFLOW);
}

static int po_listen_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_call_return(ri, regs, PORTOWNER_REJECT_OP_LISTEN);
}

/* int (struct sock *sk) */
static int po_autobind_entry(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	return po_call_entry(ri, regs,
			     (void *)regs_get_kernel_argument(regs, 0),
			     PORTOWNER_REJECT_OP_AUTOBIND, PO_POOL_AUTOBIND);
}

static int po_autobind_return(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	return po_call_return(ri, regs, PORTOWNER_REJECT_OP_AUTOBIND);
}

/* LSM hooks are called for sockets of all families. */
static int po_lsm_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct socket *sock = (void *)regs_get_kernel_argument(regs, 0);
	struct po_lsm_call *lsm = (void *)ri->data;
	const struct sock *sk = sock->sk;

	if (!sk || (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
		return 1;

	if (!po_instance_charge(PO_POOL_LSM, &lsm->charge))
		return 1;

	lsm->sock = sock;

	return 0;
}

/* int (struct socket *sock, struct sockaddr *uaddr, int addr_len) */
static int po_lsm_bind_entry(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	struct po_lsm_call *lsm = (void *)ri->data;

	lsm->uaddr = (void *)regs_get_kernel_argument(regs, 1);
	lsm->addr_len = (int)regs_get_kernel_argument(regs, 2);

	return po_lsm_entry(ri, regs);
}

/* Not inlined, since the handlers almost never call it. */
static noinline void po_lsm_refused(const struct po_lsm_call *lsm,
				    enum portowner_reject_op op, int err)
{
	struct po_call call;

	po_call_begin(&call, lsm->sock->sk);
	if (op == PORTOWNER_REJECT_OP_BIND)
		po_call_addr(&call, lsm->uaddr, lsm->addr_len);
	po_call_refused(&call, op, true, err);
}

static __always_inline int
po_lsm_return(struct kretprobe_instance *ri, struct pt_regs *regs,
	      enum portowner_reject_op op)
{
	const struct po_lsm_call *lsm = (void *)ri->data;
	int err = (int)regs_return_value(regs);

	po_instance_uncharge(lsm->charge);
	if (unlikely(err < 0))
		po_lsm_refused(lsm, op, err);

	return 0;
}

static int po_lsm_bind_return(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	return po_lsm_return(ri, regs, PORTOWNER_REJECT_OP_BIND);
}

static int po_lsm_listen_return(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	return po_lsm_return(ri, regs, PORTOWNER_REJECT_OP_LISTEN);
}

#define PO_PROBE(symbol, on_entry, on_return, size, instances) {	\
	.kp.symbol_name	= (symbol),				\
	.entry_handler	= (on_entry),				\
	.handler	= (on_return),				\
	.data_size	= (size),				\
	.maxactive	= (instances),				\
}

#define PO_PROBE_BIND(symbol, on_entry, instances) \
	PO_PROBE(symbol, on_entry, po_bind_return, sizeof(struct po_call), \
		 instances)
#define PO_PROBE_LISTEN(symbol, on_entry, instances) \
	PO_PROBE(symbol, on_entry, po_listen_return, PO_CALL_SHORT, instances)

static struct kretprobe po_probes[] = {
	PO_PROBE_BIND("inet_bind", po_bind_entry, PO_INSTANCES_BIND),
	PO_PROBE_BIND("inet6_bind", po_bind6_entry, PO_INSTANCES_BIND6),
	PO_PROBE_LISTEN("inet_listen", po_listen_entry, PO_INSTANCES_LISTEN),
	/* The kernel may have been built without the following. */
	PO_PROBE("security_socket_bind", po_lsm_bind_entry, po_lsm_bind_return,
		 sizeof(struct po_lsm_call), PO_INSTANCES_LSM),
	PO_PROBE("security_socket_listen", po_lsm_entry, po_lsm_listen_return,
		 offsetofend(struct po_lsm_call, charge), PO_INSTANCES_LSM),
	PO_PROBE("inet_autobind", po_autobind_entry, po_autobind_return,
		 PO_CALL_SHORT, PO_INSTANCES_AUTOBIND),
	/* Called by MPTCP from 6.6 on, instead of the functions above. */
	PO_PROBE_BIND("inet_bind_sk", po_bind_sk_entry, PO_INSTANCES_SUBFLOW),
	PO_PROBE_BIND("inet6_bind_sk", po_bind_sk_entry, PO_INSTANCES_SUBFLOW),
	PO_PROBE_LISTEN("__inet_listen_sk", po_listen_sk_entry,
			PO_INSTANCES_SUBFLOW),
};

#define PO_NR_REQUIRED	3
#define PO_NR_EXPECTED	6
#define PO_NR_PROBES	(IS_ENABLED(CONFIG_MPTCP) ? ARRAY_SIZE(po_probes) : \
						    PO_NR_EXPECTED)

/* SCTP, usually a module, has a listen() of its own. */
static struct kretprobe po_sctp_probe =
	PO_PROBE_LISTEN("sctp_inet_listen", po_sctp_listen_entry,
			PO_INSTANCES_SCTP_LISTEN);

/* The probes that are registered; accessed only by init and exit. */
static struct kretprobe *po_probed[ARRAY_SIZE(po_probes)];
static unsigned int po_nr_probed;

/* Set when the test probe fires; accessed only by init. */
static bool po_test_hit;

static noinline void po_test_target(void)
{
	/* Prevents the call from being optimized away. */
	barrier();
}

static int po_test_handler(struct kprobe *probe, struct pt_regs *regs)
{
	po_test_hit = true;

	return 0;
}

static struct kprobe po_test_probe = {
	.addr		= (void *)po_test_target,
	.pre_handler	= po_test_handler,
};

/* While ftrace is disabled, probes can be registered but do not fire. */
static int __init po_check_kprobes(void)
{
	int err = register_kprobe(&po_test_probe);

	if (err) {
		pr_err("cannot register a kprobe: %pe\n", ERR_PTR(err));
		return err;
	}
	po_test_target();
	unregister_kprobe(&po_test_probe);
	if (!po_test_hit) {
		pr_err("kprobes do not fire: kernel.ftrace_enabled is 0\n");
		return -EBUSY;
	}

	return 0;
}

static int __init po_register_probes(void)
{
	struct kretprobe *probe;
	unsigned int i;
	int err;

	for (i = 0; i < PO_NR_PROBES; i++) {
		probe = &po_probes[i];
		probe->maxactive = po_instances_scaled(probe->maxactive);
		err = register_kretprobe(probe);
		if (!err) {
			po_probed[po_nr_probed++] = probe;
			continue;
		}
		if (i < PO_NR_REQUIRED) {
			pr_err("cannot probe %s: %pe\n", probe->kp.symbol_name,
			       ERR_PTR(err));
			return err;
		}
		if (i < PO_NR_EXPECTED)
			pr_info("cannot probe %s (%pe): its refusals will not be recorded\n",
				probe->kp.symbol_name, ERR_PTR(err));
	}

	return 0;
}

/**
 * po_probes_init() - start watching binds
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_probes_init(void)
{
	int err;

	po_instances_init();
	err = po_check_kprobes() ?: po_register_probes();
	if (err) {
		unregister_kretprobes(po_probed, po_nr_probed);
		return err;
	}

	err = po_connect_init();
	if (err)
		pr_info("cannot probe TCP connect() (%pe): its refusals will not be recorded\n",
			ERR_PTR(err));
	po_sctp_probe.maxactive = po_instances_scaled(po_sctp_probe.maxactive);
	po_probe_module(&po_sctp_probe, "sctp");

	return 0;
}

/**
 * po_probes_exit() - stop watching binds
 *
 * Does not wait for calls in progress; their returns are missed.
 *
 * Context: may sleep. No handler runs any more when it returns.
 */
void po_probes_exit(void)
{
	po_unprobe_module();
	/* All at once, to wait for only one RCU grace period. */
	unregister_kretprobes(po_probed, po_nr_probed);
	po_connect_exit();
}

/**
 * po_probes_missed() - count calls that no probe handler saw
 * @missed: set to the numbers since the module was loaded, by cause
 *
 * Context: process context.
 */
void po_probes_missed(struct po_missed *missed)
{
	unsigned int i;

	missed->no_instance = 0;
	missed->nested = po_connect_missed();
	missed->share = po_instances_denied();
	for (i = 0; i < po_nr_probed; i++)
		po_missed_add(missed, po_probed[i]);
	po_late_missed(missed);
}
