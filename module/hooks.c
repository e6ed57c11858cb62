// SPDX-License-Identifier: GPL-2.0
/*
 * See each bind, listen and automatic bind where the protocols begin: bind(2),
 * io_uring and kernel_bind() all call these functions by a pointer in struct
 * proto_ops, so they are never inlined there. A page fault of the caller cannot
 * last here: its address is in kernel memory already. A security module refuses
 * before that.
 *
 * A socket that needs a port, and has none, gets one in inet_autobind() if it
 * is no TCP socket. Those get it within connect(), see connect.c.
 */

#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/ptrace.h>
#include <net/sock.h>

#include "calls.h"
#include "internal.h"

/*
 * Security modules do not sleep, and MPTCP has nobody wait for the sockets
 * beneath its own: as many as tasks may be preempted there.
 */
#define PO_AT_ONCE_LSM		128
#define PO_AT_ONCE_BENEATH	64

/**
 * struct po_asked - what a security module is asked about
 * @sock: socket
 * @uaddr: where the address is; of a bind only
 * @addr_len: bytes there
 *
 * It nearly always agrees. Nothing of this is looked at unless it does not, and
 * then nothing has changed yet.
 */
struct po_asked {
	const struct socket *sock;
	const void *uaddr;
	int addr_len;
};

static struct sock *po_socket_arg(struct pt_regs *regs)
{
	return ((struct socket *)regs_get_kernel_argument(regs, 0))->sk;
}

static void po_bind_begin(struct kretprobe_instance *ri, struct pt_regs *regs,
			  struct sock *sk, u32 seat)
{
	struct po_call *call = (void *)ri->data;

	po_call_begin(call, sk, seat);
	/* A program of the cgroup may change it. */
	po_call_addr(call, (void *)regs_get_kernel_argument(regs, 1),
		     (int)regs_get_kernel_argument(regs, 2));
}

static int po_bind_in_pool(struct kretprobe_instance *ri, struct pt_regs *regs,
			   enum po_pool pool)
{
	struct sock *sk = po_socket_arg(regs);
	u32 seat;

	if (!sk || !po_seat_take(pool, &seat))
		return 1;

	po_bind_begin(ri, regs, sk, seat);

	return 0;
}

/* Not of an address; nor of its own socket, for an automatic bind. */
static int po_other_in_pool(struct kretprobe_instance *ri, struct sock *sk,
			    enum po_pool pool)
{
	u32 seat;

	if (!sk || !po_seat_take(pool, &seat))
		return 1;

	po_call_begin((void *)ri->data, sk, seat);

	return 0;
}

/* int (struct socket *sock, struct sockaddr *uaddr, int addr_len) */
static int po_bind_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_bind_in_pool(ri, regs, PO_POOL_BIND);
}

static int po_bind6_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_bind_in_pool(ri, regs, PO_POOL_BIND6);
}

/* int (struct sock *sk, struct sockaddr *uaddr, int addr_len) */
static int po_bind_sk_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct sock *sk = po_beneath((void *)regs_get_kernel_argument(regs, 0));

	if (!sk)
		return 1;

	po_bind_begin(ri, regs, sk, PO_NO_SEAT);

	return 0;
}

/* int (struct socket *sock, int backlog) */
static int po_listen_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_other_in_pool(ri, po_socket_arg(regs), PO_POOL_LISTEN);
}

static int po_sctp_listen_entry(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	return po_other_in_pool(ri, po_socket_arg(regs), PO_POOL_SCTP_LISTEN);
}

/* int (struct sock *sk, int backlog) */
static int po_listen_sk_entry(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	struct sock *sk = po_beneath((void *)regs_get_kernel_argument(regs, 0));

	if (!sk)
		return 1;

	po_call_begin((void *)ri->data, sk, PO_NO_SEAT);

	return 0;
}

/* int (struct sock *sk) */
static int po_autobind_entry(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	return po_other_in_pool(ri, (void *)regs_get_kernel_argument(regs, 0),
				PO_POOL_AUTOBIND);
}

/* They are asked about sockets of all families. */
static int po_lsm_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct socket *sock = (void *)regs_get_kernel_argument(regs, 0);
	struct po_asked *asked = (void *)ri->data;
	const struct sock *sk = sock->sk;

	if (!sk || (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
		return 1;

	asked->sock = sock;

	return 0;
}

/* int (struct socket *sock, struct sockaddr *uaddr, int addr_len) */
static int po_lsm_bind_entry(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	struct po_asked *asked = (void *)ri->data;

	asked->uaddr = (void *)regs_get_kernel_argument(regs, 1);
	asked->addr_len = (int)regs_get_kernel_argument(regs, 2);

	return po_lsm_entry(ri, regs);
}

static int po_bind_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct po_call *call = (void *)ri->data;

	po_seat_leave(call->seat);
	po_bind_done(call, false, (int)regs_return_value(regs));

	return 0;
}

static int po_listen_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct po_call *call = (void *)ri->data;

	po_seat_leave(call->seat);
	po_listen_done(call, false, (int)regs_return_value(regs));

	return 0;
}

static int po_autobind_return(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	const struct po_call *call = (void *)ri->data;
	int err = (int)regs_return_value(regs);

	po_seat_leave(call->seat);
	if (err >= 0)
		po_binder_record(call->sk);
	else
		po_autobind_refused(call->sk, err);

	return 0;
}

/* Apart from the handlers, which nearly always have nothing to do. */
static noinline void po_lsm_bind_refused(const struct po_asked *asked, int err)
{
	struct po_call call;

	po_call_begin(&call, asked->sock->sk, PO_NO_SEAT);
	po_call_addr(&call, asked->uaddr, asked->addr_len);
	po_bind_done(&call, true, err);
}

static noinline void po_lsm_listen_refused(const struct po_asked *asked,
					   int err)
{
	struct po_call call;

	po_call_begin(&call, asked->sock->sk, PO_NO_SEAT);
	po_listen_done(&call, true, err);
}

static int po_lsm_bind_return(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	int err = (int)regs_return_value(regs);

	if (unlikely(err < 0))
		po_lsm_bind_refused((void *)ri->data, err);

	return 0;
}

static int po_lsm_listen_return(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	int err = (int)regs_return_value(regs);

	if (unlikely(err < 0))
		po_lsm_listen_refused((void *)ri->data, err);

	return 0;
}

#define PO_PROBE(symbol, on_entry, on_return, size, at_once) {	\
	.kp.symbol_name	= (symbol),				\
	.entry_handler	= (on_entry),				\
	.handler	= (on_return),				\
	.data_size	= (size),				\
	.maxactive	= (at_once),				\
}

#define PO_PROBE_BIND(symbol, on_entry, at_once) \
	PO_PROBE(symbol, on_entry, po_bind_return, sizeof(struct po_call), \
		 at_once)
#define PO_PROBE_LISTEN(symbol, on_entry, at_once) \
	PO_PROBE(symbol, on_entry, po_listen_return, PO_CALL_SHORT, at_once)

static struct kretprobe po_probes[] = {
	PO_PROBE_BIND("inet_bind", po_bind_entry, PO_SEATS_BIND),
	PO_PROBE_BIND("inet6_bind", po_bind6_entry, PO_SEATS_BIND6),
	PO_PROBE_LISTEN("inet_listen", po_listen_entry, PO_SEATS_LISTEN),
	/* From here on a kernel may have been built without them. */
	PO_PROBE("security_socket_bind", po_lsm_bind_entry, po_lsm_bind_return,
		 sizeof(struct po_asked), PO_AT_ONCE_LSM),
	PO_PROBE("security_socket_listen", po_lsm_entry, po_lsm_listen_return,
		 offsetofend(struct po_asked, sock), PO_AT_ONCE_LSM),
	PO_PROBE("inet_autobind", po_autobind_entry, po_autobind_return,
		 PO_CALL_SHORT, PO_SEATS_AUTOBIND),
	/* From here on for MPTCP. Before 6.6 it calls what is above. */
	PO_PROBE_BIND("inet_bind_sk", po_bind_sk_entry, PO_AT_ONCE_BENEATH),
	PO_PROBE_BIND("inet6_bind_sk", po_bind_sk_entry, PO_AT_ONCE_BENEATH),
	PO_PROBE_LISTEN("__inet_listen_sk", po_listen_sk_entry,
			PO_AT_ONCE_BENEATH),
};

#define PO_NR_REQUIRED	3
#define PO_NR_USUAL	6
#define PO_NR_PROBES	(IS_ENABLED(CONFIG_MPTCP) ? ARRAY_SIZE(po_probes) : \
						    PO_NR_USUAL)

/* It has a listen() of its own. */
static struct kretprobe po_sctp_probe =
	PO_PROBE_LISTEN("sctp_inet_listen", po_sctp_listen_entry,
			PO_SEATS_SCTP_LISTEN);

/* Which of the probes are in place; init and exit alone touch these. */
static struct kretprobe *po_probed[ARRAY_SIZE(po_probes)];
static unsigned int po_nr_probed;

/* Whether a probe is called at all; init alone touches it. */
static bool po_trial_seen;

static noinline void po_trial(void)
{
	/* Not to be optimized away. */
	barrier();
}

static int po_trial_entry(struct kprobe *probe, struct pt_regs *regs)
{
	po_trial_seen = true;

	return 0;
}

static struct kprobe po_trial_probe = {
	.addr		= (void *)po_trial,
	.pre_handler	= po_trial_entry,
};

/* With ftrace switched off probes can be set, but none is called. */
static int __init po_probes_work(void)
{
	int err = register_kprobe(&po_trial_probe);

	if (err) {
		pr_err("cannot set probes: %pe\n", ERR_PTR(err));
		return err;
	}
	po_trial();
	unregister_kprobe(&po_trial_probe);
	if (!po_trial_seen) {
		pr_err("no probe would see anything, since kernel.ftrace_enabled is 0\n");
		return -EBUSY;
	}

	return 0;
}

static int __init po_probes_set(void)
{
	struct kretprobe *probe;
	unsigned int i;
	int err;

	for (i = 0; i < PO_NR_PROBES; i++) {
		probe = &po_probes[i];
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
		if (i < PO_NR_USUAL)
			pr_info("refusals in %s are not seen: %pe\n",
				probe->kp.symbol_name, ERR_PTR(err));
	}

	return 0;
}

/**
 * po_hooks_init() - begin to see binds
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_hooks_init(void)
{
	int err;

	po_seats_init();
	err = po_probes_work() ?: po_probes_set();
	if (err) {
		unregister_kretprobes(po_probed, po_nr_probed);
		return err;
	}

	err = po_connect_init();
	if (err)
		pr_info("refusals in TCP connect() are not seen: %pe\n",
			ERR_PTR(err));
	po_probe_module(&po_sctp_probe, "sctp");

	return 0;
}

/**
 * po_hooks_exit() - see no more binds
 *
 * Nobody is waited for who is in a call that is seen.
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_hooks_exit(void)
{
	po_unprobe_module();
	/* Together: what takes time is one RCU grace period. */
	unregister_kretprobes(po_probed, po_nr_probed);
	po_connect_exit();
}

static void po_missed_by(struct po_missed *missed, const struct kretprobe *probe)
{
	missed->no_instance += probe->nmissed;
	missed->nested += probe->kp.nmissed;
}

/**
 * po_hooks_missed() - calls that no probe saw
 * @missed: result: their number since the module was loaded, by cause
 */
void po_hooks_missed(struct po_missed *missed)
{
	unsigned int i;

	missed->no_instance = 0;
	missed->nested = po_connect_missed();
	missed->share = po_seats_refused();
	for (i = 0; i < po_nr_probed; i++)
		po_missed_by(missed, po_probed[i]);
	po_missed_by(missed, &po_sctp_probe);
}
