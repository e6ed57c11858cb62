// SPDX-License-Identifier: GPL-2.0
/*
 * See each bind and listen, through probes on the functions that every way to
 * do it comes through: bind(2), io_uring and kernel_bind() all call them by a
 * pointer in struct proto_ops, so they are never inlined there.
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
 * @addr: address that is asked for, as far as it goes
 * @addr_len: bytes in @addr
 * @had_port: the socket had a port before
 */
struct po_call {
	struct sock *sk;
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr;
	int addr_len;
	bool had_port;
};

static struct sock *po_call_begin(struct po_call *call, struct pt_regs *regs)
{
	struct socket *sock = (void *)regs_get_kernel_argument(regs, 0);

	call->sk = sock->sk;
	call->had_port = inet_sk(sock->sk)->inet_num ||
			 sock->sk->sk_state != TCP_CLOSE;

	return call->sk;
}

/* int (struct socket *sock, struct sockaddr *uaddr, int addr_len) */
static int po_bind_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	struct po_call *call = (void *)ri->data;
	const void *uaddr = (void *)regs_get_kernel_argument(regs, 1);
	int addr_len = (int)regs_get_kernel_argument(regs, 2);

	po_call_begin(call, regs);
	/* Kernel memory of addr_len bytes: move_addr_to_kernel() made it. */
	call->addr_len = clamp_t(int, addr_len, 0, sizeof(call->addr));
	memcpy(&call->addr, uaddr, call->addr_len);

	return 0;
}

/* int (struct socket *sock, int backlog) */
static int po_listen_entry(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	po_call_begin((void *)ri->data, regs);

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

static int po_bind_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct po_call *call = (void *)ri->data;
	int err = (int)regs_return_value(regs);
	struct po_want want;

	if (err >= 0) {
		po_binder_record(call->sk);
		return 0;
	}

	po_want_init(&want, call->sk);
	po_want_addr(&want.sock, call);
	want.had_port = call->had_port;
	po_reject_begin(call->sk, &want, PORTOWNER_OP_BIND, err);

	return 0;
}

static int po_listen_return(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	const struct po_call *call = (void *)ri->data;
	int err = (int)regs_return_value(regs);
	struct po_want want;

	if (err >= 0) {
		/* Not bound before: listen() chose a port. */
		if (!call->had_port)
			po_binder_record(call->sk);
		return 0;
	}

	po_want_init(&want, call->sk);
	po_sock_addr(&want.sock, call->sk);
	want.had_port = call->had_port;
	want.listening = true;
	po_reject_begin(call->sk, &want, PORTOWNER_OP_LISTEN, err);

	return 0;
}

#define PO_PROBE(symbol, on_entry, on_return) {			\
	.kp.symbol_name	= (symbol),				\
	.entry_handler	= (on_entry),				\
	.handler	= (on_return),				\
	.data_size	= sizeof(struct po_call),		\
	.maxactive	= PO_MAXACTIVE,				\
}

static struct kretprobe po_probes[] = {
	PO_PROBE("inet_bind", po_bind_entry, po_bind_return),
	PO_PROBE("inet6_bind", po_bind_entry, po_bind_return),
	PO_PROBE("inet_listen", po_listen_entry, po_listen_return),
};

static void po_unprobe(unsigned int nr)
{
	while (nr--)
		unregister_kretprobe(&po_probes[nr]);
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

	for (i = 0; i < ARRAY_SIZE(po_probes); i++) {
		err = register_kretprobe(&po_probes[i]);
		if (err) {
			pr_err("cannot probe %s: %pe\n",
			       po_probes[i].kp.symbol_name, ERR_PTR(err));
			po_unprobe(i);
			return err;
		}
	}

	return 0;
}

/**
 * po_hooks_exit() - see no more binds
 *
 * Context: may sleep. No handler runs when it returns, nor will one.
 */
void po_hooks_exit(void)
{
	po_unprobe(ARRAY_SIZE(po_probes));
}

/**
 * po_hooks_missed() - calls that no probe saw
 *
 * Return: their number since the module was loaded.
 */
u64 po_hooks_missed(void)
{
	unsigned int i;
	u64 missed = 0;

	for (i = 0; i < ARRAY_SIZE(po_probes); i++)
		missed += (u64)po_probes[i].nmissed +
			  po_probes[i].kp.nmissed;

	return missed;
}
