// SPDX-License-Identifier: GPL-2.0
/*
 * See each bind and listen, through probes on the functions that every way to
 * do it comes through: bind(2), io_uring and kernel_bind() all call them by a
 * pointer in struct proto_ops, so they are never inlined there. A security
 * module refuses before that.
 *
 * A socket that needs a port, and has none, gets one in inet_autobind() if it
 * is no TCP socket. Those get it within connect(), which is not to be slowed
 * down; but only if that fails it forgets the address that it chose.
 *
 * What is asked for has to be taken at the entry: a refusal wipes it.
 */

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/ptrace.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "internal.h"

/* Calls under way at once that one probe can see; each may sleep. */
#define PO_MAXACTIVE	128

/**
 * struct po_call - a call under way, from its entry to its return
 * @sk: socket; the caller of the probed function holds a reference
 * @had_port: the socket had a port before
 * @addr: address that is asked for, as far as it goes; of a bind only
 * @addr_len: bytes in @addr
 */
struct po_call {
	struct sock *sk;
	bool had_port;
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr;
	int addr_len;
};

/* What there is of it for a call without an address. */
#define PO_CALL_SHORT	offsetof(struct po_call, addr)

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

static void po_call_begin(struct po_call *call, struct sock *sk)
{
	call->sk = sk;
	/* A raw socket has its protocol there, and may be bound again. */
	call->had_port = sk->sk_type != SOCK_RAW &&
			 (inet_sk(sk)->inet_num || sk->sk_state != TCP_CLOSE);
}

/*
 * Kernel memory of @addr_len bytes: move_addr_to_kernel() made it. Nearly every
 * call has the one length or the other; these copy fast.
 */
static void po_call_addr(struct po_call *call, const void *uaddr, int addr_len)
{
	call->addr_len = clamp_t(int, addr_len, 0, sizeof(call->addr));
	switch (call->addr_len) {
	case sizeof(call->addr.v4):
		memcpy(&call->addr, uaddr, sizeof(call->addr.v4));
		break;
	case sizeof(call->addr.v6):
		memcpy(&call->addr, uaddr, sizeof(call->addr.v6));
		break;
	default:
		memcpy(&call->addr, uaddr, call->addr_len);
	}
}

static struct sock *po_socket_arg(struct pt_regs *regs)
{
	return ((struct socket *)regs_get_kernel_argument(regs, 0))->sk;
}

/*
 * MPTCP binds the TCP socket beneath its own, which is in no struct socket:
 * from 6.6 by what inet_bind() and the like call themselves. NULL for a socket
 * that is, and that another probe sees therefore.
 */
static struct sock *po_sk_arg(struct pt_regs *regs)
{
	struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);
	struct socket *sock = READ_ONCE(sk->sk_socket);

	return sock && READ_ONCE(sock->sk) == sk ? NULL : sk;
}

static int po_bind_begin(struct kretprobe_instance *ri, struct pt_regs *regs,
			 struct sock *sk)
{
	if (!sk)
		return 1;

	po_call_begin((void *)ri->data, sk);
	/* A program of the cgroup may change it. */
	po_call_addr((void *)ri->data,
		     (void *)regs_get_kernel_argument(regs, 1),
		     (int)regs_get_kernel_argument(regs, 2));

	return 0;
}

static int po_listen_begin(struct kretprobe_instance *ri, struct sock *sk)
{
	if (!sk)
		return 1;

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

	asked->sock = (void *)regs_get_kernel_argument(regs, 0);
	asked->uaddr = (void *)regs_get_kernel_argument(regs, 1);
	asked->addr_len = (int)regs_get_kernel_argument(regs, 2);

	return 0;
}

/* int (struct sock *sk) */
static int po_autobind_entry(struct kretprobe_instance *ri,
			     struct pt_regs *regs)
{
	struct po_call *call = (void *)ri->data;

	call->sk = (void *)regs_get_kernel_argument(regs, 0);

	return 0;
}

/* The family of the address, which may not be that of the socket. */
static int po_call_family(const struct po_call *call)
{
	int family;

	if (call->addr_len < (int)sizeof(call->addr.sa.sa_family))
		return AF_UNSPEC;

	family = call->addr.sa.sa_family;
	/* An old habit that inet_bind() still tolerates. */
	if (family == AF_UNSPEC && call->sk->sk_family == AF_INET)
		family = AF_INET;
	if (family == AF_INET && call->addr_len < (int)sizeof(call->addr.v4))
		return AF_UNSPEC;
	if (family == AF_INET6 && call->addr_len < SIN6_LEN_RFC2133)
		return AF_UNSPEC;

	return family;
}

static void po_want_addr(struct po_sock *want, const struct po_call *call)
{
	const struct sockaddr_in6 *v6 = &call->addr.v6;
	const struct sockaddr_in *v4 = &call->addr.v4;

	switch (po_call_family(call)) {
	case AF_INET:
		want->family = AF_INET;
		want->port = ntohs(v4->sin_port);
		ipv6_addr_set_v4mapped(v4->sin_addr.s_addr, &want->addr);
		break;
	case AF_INET6:
		want->family = AF_INET6;
		want->port = ntohs(v6->sin6_port);
		want->addr = v6->sin6_addr;
		break;
	default:
		/* Not an address at all; it is refused for that. */
		if (want->family == AF_INET)
			ipv6_addr_set_v4mapped(0, &want->addr);
	}
}

static void po_want_init(struct po_want *want, struct sock *sk)
{
	memset(want, 0, sizeof(*want));
	po_sock_init(&want->sock, sk);
	want->grouped = po_sock_grouped(sk);
}

static void po_bind_refused(const struct po_call *call, bool by_lsm, int err)
{
	struct po_want want;

	po_want_init(&want, call->sk);
	po_want_addr(&want.sock, call);
	want.had_port = call->had_port;
	want.by_lsm = by_lsm;
	po_reject_begin(call->sk, &want, PORTOWNER_OP_BIND, err);
}

static void po_listen_refused(const struct po_call *call, bool by_lsm, int err)
{
	struct po_want want;

	po_want_init(&want, call->sk);
	po_sock_addr(&want.sock, call->sk);
	want.had_port = call->had_port;
	want.by_lsm = by_lsm;
	want.listening = true;
	po_reject_begin(call->sk, &want, PORTOWNER_OP_LISTEN, err);
}

/* The port is left to the kernel, and the address too unless it is bound. */
static void po_autobind_refused(struct sock *sk, int err)
{
	struct po_want want;

	po_want_init(&want, sk);
	if (sk->sk_userlocks & SOCK_BINDADDR_LOCK)
		po_sock_addr(&want.sock, sk);
	else if (want.sock.family == AF_INET)
		ipv6_addr_set_v4mapped(0, &want.sock.addr);
	want.sock.port = 0;
	po_reject_begin(sk, &want, PORTOWNER_OP_AUTOBIND, err);
}

static int po_bind_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct po_call *call = (void *)ri->data;
	int err = (int)regs_return_value(regs);

	if (err >= 0)
		po_binder_record(call->sk);
	else
		po_bind_refused(call, false, err);

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
		po_bind_refused(&call, true, err);
	}

	return 0;
}

static int po_lsm_listen_return(struct kretprobe_instance *ri,
				struct pt_regs *regs)
{
	int err = (int)regs_return_value(regs);
	struct po_call call;

	if (po_lsm_refused(&call, (void *)ri->data, err))
		po_listen_refused(&call, true, err);

	return 0;
}

static int po_autobind_return(struct kretprobe_instance *ri,
			      struct pt_regs *regs)
{
	const struct po_call *call = (void *)ri->data;
	int err = (int)regs_return_value(regs);

	if (err >= 0)
		po_binder_record(call->sk);
	else
		po_autobind_refused(call->sk, err);

	return 0;
}

/*
 * void (struct sock *sk)
 *
 * Called as connect() fails after it came to choose a port, the peer's still
 * being there; or with none as a connection is given up. Without a port of its
 * own the socket got none. With one that may be left from an earlier attempt,
 * and nobody knows before the system call returns its error.
 */
static int po_connect_failed(struct kprobe *probe, struct pt_regs *regs)
{
	struct sock *sk = (void *)regs_get_kernel_argument(regs, 0);
	const struct inet_sock *inet = inet_sk(sk);

	if (inet->inet_dport && sk->sk_protocol == IPPROTO_TCP &&
	    !(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		po_autobind_refused(sk, inet->inet_sport ? 0 : -EADDRNOTAVAIL);

	return 0;
}

static int po_listen_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct po_call *call = (void *)ri->data;
	int err = (int)regs_return_value(regs);

	if (err < 0)
		po_listen_refused(call, false, err);
	/* Not bound before: listen() chose a port. */
	else if (!call->had_port)
		po_binder_record(call->sk);

	return 0;
}

#define PO_PROBE(symbol, on_entry, on_return, size) {		\
	.kp.symbol_name	= (symbol),				\
	.entry_handler	= (on_entry),				\
	.handler	= (on_return),				\
	.data_size	= (size),				\
	.maxactive	= PO_MAXACTIVE,				\
}

#define PO_PROBE_BIND(symbol, on_entry, on_return) \
	PO_PROBE(symbol, on_entry, on_return, sizeof(struct po_call))
#define PO_PROBE_SHORT(symbol, on_entry, on_return) \
	PO_PROBE(symbol, on_entry, on_return, PO_CALL_SHORT)
#define PO_PROBE_LSM(symbol, on_return) \
	PO_PROBE(symbol, po_lsm_entry, on_return, sizeof(struct po_asked))

static struct kretprobe po_probes[] = {
	PO_PROBE_BIND("inet_bind", po_bind_entry, po_bind_return),
	PO_PROBE_BIND("inet6_bind", po_bind_entry, po_bind_return),
	PO_PROBE_SHORT("inet_listen", po_listen_entry, po_listen_return),
	/* From here on a kernel may have been built without them. */
	PO_PROBE_SHORT("inet_autobind", po_autobind_entry, po_autobind_return),
	PO_PROBE_LSM("security_socket_bind", po_lsm_bind_return),
	PO_PROBE_LSM("security_socket_listen", po_lsm_listen_return),
	/* From here on for MPTCP. Before 6.6 it calls what is above. */
	PO_PROBE_BIND("inet_bind_sk", po_bind_sk_entry, po_bind_return),
	PO_PROBE_BIND("inet6_bind_sk", po_bind_sk_entry, po_bind_return),
	PO_PROBE_SHORT("__inet_listen_sk", po_listen_sk_entry, po_listen_return),
};

#define PO_NR_REQUIRED	3
#define PO_NR_USUAL	6
#define PO_NR_PROBES	(IS_ENABLED(CONFIG_MPTCP) ? ARRAY_SIZE(po_probes) : \
						    PO_NR_USUAL)

/* Before 6.1 the kernel calls nothing that would tell. */
static struct kprobe po_connect_probe = {
	.symbol_name	= "inet_bhash2_reset_saddr",
	.pre_handler	= po_connect_failed,
};

/* Which of the probes are in place; init and exit alone touch these. */
static bool po_probed[ARRAY_SIZE(po_probes)];
static bool po_connect_probed;

/* It has a listen() of its own. */
static struct kretprobe po_sctp_probe =
	PO_PROBE_SHORT("sctp_inet_listen", po_listen_entry, po_listen_return);

static void po_unprobe(void)
{
	unsigned int i;

	if (po_connect_probed)
		unregister_kprobe(&po_connect_probe);
	for (i = 0; i < PO_NR_PROBES; i++)
		if (po_probed[i])
			unregister_kretprobe(&po_probes[i]);
}

/**
 * po_hooks_init() - begin to see binds
 *
 * Return: 0 or a negative errno.
 */
int po_hooks_init(void)
{
	unsigned int i;
	int err;

	for (i = 0; i < PO_NR_PROBES; i++) {
		err = register_kretprobe(&po_probes[i]);
		po_probed[i] = !err;
		if (err && i < PO_NR_REQUIRED) {
			pr_err("cannot probe %s: %pe\n",
			       po_probes[i].kp.symbol_name, ERR_PTR(err));
			po_unprobe();
			return err;
		}
		if (err && i < PO_NR_USUAL)
			pr_info("refusals in %s are not seen: %pe\n",
				po_probes[i].kp.symbol_name, ERR_PTR(err));
	}
	err = register_kprobe(&po_connect_probe);
	po_connect_probed = !err;
	if (err)
		pr_info("refusals in TCP connect() are not seen: %pe\n",
			ERR_PTR(err));
	po_probe_module(&po_sctp_probe, "sctp");

	return 0;
}

/**
 * po_hooks_exit() - see no more binds
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_hooks_exit(void)
{
	po_unprobe_module();
	po_unprobe();
}

/**
 * po_hooks_missed() - calls that no probe saw
 *
 * Return: their number since the module was loaded.
 */
u64 po_hooks_missed(void)
{
	u64 missed = po_connect_probe.nmissed + po_sctp_probe.nmissed +
		     po_sctp_probe.kp.nmissed;
	unsigned int i;

	for (i = 0; i < PO_NR_PROBES; i++)
		missed += (u64)po_probes[i].nmissed +
			  po_probes[i].kp.nmissed;

	return missed;
}
