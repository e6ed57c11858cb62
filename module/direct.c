// SPDX-License-Identifier: GPL-2.0
/*
 * See each bind and listen where the protocols begin: bind(2), io_uring and
 * kernel_bind() all call these functions by a pointer in struct proto_ops, so
 * they are never inlined there. A security module refuses before that.
 *
 * It takes two probes that see a function return, and so costs more than
 * outer.c, to which what is seen from the outside is left here.
 */

#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/ptrace.h>
#include <net/sock.h>

#include "calls.h"
#include "internal.h"

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

/* Calls that were seen here, but those of SCTP. */
static atomic64_t po_nr_seen = ATOMIC64_INIT(0);

static struct sock *po_socket_arg(struct pt_regs *regs)
{
	return ((struct socket *)regs_get_kernel_argument(regs, 0))->sk;
}

static struct sock *po_sk_arg(struct pt_regs *regs)
{
	return po_beneath((void *)regs_get_kernel_argument(regs, 0));
}

/* Whether a call is seen from the outside, which learns of the socket here. */
static bool po_seen_outside(struct sock *sk, const void *uaddr, int addr_len)
{
	struct po_under_way *way = po_under_way();

	if (way)
		po_under_way_reached(way, sk, uaddr, addr_len);

	return way;
}

static int po_bind_begin(struct kretprobe_instance *ri, struct pt_regs *regs,
			 struct sock *sk)
{
	const void *uaddr = (void *)regs_get_kernel_argument(regs, 1);
	int addr_len = (int)regs_get_kernel_argument(regs, 2);

	if (!sk || po_seen_outside(sk, uaddr, addr_len))
		return 1;

	atomic64_inc(&po_nr_seen);
	po_call_begin((void *)ri->data, sk);
	/* A program of the cgroup may change it. */
	po_call_addr((void *)ri->data, uaddr, addr_len);

	return 0;
}

static int po_listen_begin(struct kretprobe_instance *ri, struct sock *sk)
{
	if (!sk || po_seen_outside(sk, NULL, 0))
		return 1;

	atomic64_inc(&po_nr_seen);
	po_call_begin((void *)ri->data, sk);

	return 0;
}

/* int (struct socket *sock, struct sockaddr *uaddr, int addr_len) */
static int po_bind_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_bind_begin(ri, regs, po_socket_arg(regs));
}

/* int (struct sock *sk, struct sockaddr *uaddr, int addr_len) */
static int po_bind_sk_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_bind_begin(ri, regs, po_sk_arg(regs));
}

/* int (struct socket *sock, int backlog) */
static int po_listen_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	return po_listen_begin(ri, po_socket_arg(regs));
}

/* The same; nobody but this sees it. */
static int po_sctp_listen_entry(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	struct sock *sk = po_socket_arg(regs);

	if (po_seen_outside(sk, NULL, 0))
		return 1;

	po_call_begin((void *)ri->data, sk);

	return 0;
}

/* int (struct sock *sk, int backlog) */
static int po_listen_sk_entry(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	return po_listen_begin(ri, po_sk_arg(regs));
}

/*
 * int (struct socket *sock, struct sockaddr *uaddr, int addr_len)
 * int (struct socket *sock, int backlog)
 */
static int po_lsm_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct po_asked *asked = (void *)ri->data;

	if (po_under_way())
		return 1;

	asked->sock = (void *)regs_get_kernel_argument(regs, 0);
	asked->uaddr = (void *)regs_get_kernel_argument(regs, 1);
	asked->addr_len = (int)regs_get_kernel_argument(regs, 2);

	return 0;
}

static int po_bind_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	po_bind_done((void *)ri->data, false, (int)regs_return_value(regs));

	return 0;
}

static int po_listen_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	po_listen_done((void *)ri->data, false, (int)regs_return_value(regs));

	return 0;
}

/* Security modules are asked about sockets of all families. */
static bool po_lsm_refused(struct po_call *call, const struct po_asked *asked,
			   int err)
{
	struct sock *sk = asked->sock->sk;

	if (err >= 0 || !sk ||
	    (sk->sk_family != AF_INET && sk->sk_family != AF_INET6))
		return false;

	po_call_begin(call, sk);

	return true;
}

static int po_lsm_bind_return(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	const struct po_asked *asked = (void *)ri->data;
	int err = (int)regs_return_value(regs);
	struct po_call call;

	if (po_lsm_refused(&call, asked, err)) {
		po_call_addr(&call, asked->uaddr, asked->addr_len);
		po_bind_done(&call, true, err);
	}

	return 0;
}

static int po_lsm_listen_return(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	int err = (int)regs_return_value(regs);
	struct po_call call;

	if (po_lsm_refused(&call, (void *)ri->data, err))
		po_listen_done(&call, true, err);

	return 0;
}

#define PO_PROBE_BIND(symbol, on_entry) \
	PO_PROBE(symbol, on_entry, po_bind_return, sizeof(struct po_call), \
		 PO_MAXACTIVE)
#define PO_PROBE_LISTEN(symbol, on_entry) \
	PO_PROBE(symbol, on_entry, po_listen_return, PO_CALL_SHORT, \
		 PO_MAXACTIVE)
#define PO_PROBE_LSM(symbol, on_return) \
	PO_PROBE(symbol, po_lsm_entry, on_return, sizeof(struct po_asked), \
		 PO_MAXACTIVE)

static struct kretprobe po_probes[] = {
	PO_PROBE_BIND("inet_bind", po_bind_entry),
	PO_PROBE_BIND("inet6_bind", po_bind_entry),
	PO_PROBE_LISTEN("inet_listen", po_listen_entry),
	/* From here on a kernel may have been built without them. */
	PO_PROBE_LSM("security_socket_bind", po_lsm_bind_return),
	PO_PROBE_LSM("security_socket_listen", po_lsm_listen_return),
	/* From here on for MPTCP. Before 6.6 it calls what is above. */
	PO_PROBE_BIND("inet_bind_sk", po_bind_sk_entry),
	PO_PROBE_BIND("inet6_bind_sk", po_bind_sk_entry),
	PO_PROBE_LISTEN("__inet_listen_sk", po_listen_sk_entry),
};

#define PO_NR_REQUIRED	3
#define PO_NR_USUAL	5
#define PO_NR_PROBES	(IS_ENABLED(CONFIG_MPTCP) ? ARRAY_SIZE(po_probes) : \
						    PO_NR_USUAL)

/* It has a listen() of its own. */
struct kretprobe po_sctp_probe =
	PO_PROBE_LISTEN("sctp_inet_listen", po_sctp_listen_entry);

/* Which of the probes are in place; by init, exit and the work item in turn. */
static bool po_probed[ARRAY_SIZE(po_probes)];

/**
 * po_direct_init() - begin to see binds here
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int po_direct_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < PO_NR_PROBES; i++) {
		err = register_kretprobe(&po_probes[i]);
		po_probed[i] = !err;
		if (err && i < PO_NR_REQUIRED) {
			pr_err("cannot probe %s: %pe\n",
			       po_probes[i].kp.symbol_name, ERR_PTR(err));
			po_direct_exit();
			return err;
		}
		if (err && i < PO_NR_USUAL)
			pr_info("refusals in %s are not seen: %pe\n",
				po_probes[i].kp.symbol_name, ERR_PTR(err));
	}

	return 0;
}

/**
 * po_direct_exit() - see no more binds here
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_direct_exit(void)
{
	unsigned int i;

	for (i = 0; i < PO_NR_PROBES; i++)
		if (po_probed[i])
			unregister_kretprobe(&po_probes[i]);
	memset(po_probed, 0, sizeof(po_probed));
}

/**
 * po_direct_seen() - calls that were seen here
 *
 * Return: their number since the module was loaded, without those of SCTP.
 */
u64 po_direct_seen(void)
{
	return atomic64_read(&po_nr_seen);
}

/**
 * po_direct_missed() - calls for which a probe here had no room
 *
 * Return: their number since the module was loaded, without those of SCTP.
 */
u64 po_direct_missed(void)
{
	unsigned int i;
	u64 missed = 0;

	for (i = 0; i < PO_NR_PROBES; i++)
		missed += (u64)po_probes[i].nmissed +
			  po_probes[i].kp.nmissed;

	return missed;
}
