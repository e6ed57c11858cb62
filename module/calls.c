// SPDX-License-Identifier: GPL-2.0
/*
 * What comes of a bind or listen: the record of who did it, or of the refusal.
 * What was asked for was taken at the entry: a refusal wipes it.
 */

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "calls.h"
#include "internal.h"

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

/**
 * po_beneath() - a socket that is in no struct socket
 * @sk: what a function was called with
 *
 * MPTCP binds the TCP socket beneath its own: from 6.6 by what inet_bind() and
 * the like call themselves.
 *
 * Context: any.
 * Return: @sk, or NULL for a socket that is in one, which another probe sees.
 */
struct sock *po_beneath(struct sock *sk)
{
	struct socket *sock = READ_ONCE(sk->sk_socket);

	return sock && READ_ONCE(sock->sk) == sk ? NULL : sk;
}

/**
 * po_bind_done() - a bind() has returned
 * @call: what it was
 * @by_lsm: a security module refused it
 * @err: 0 or a negative errno
 *
 * Context: that of the task that called it; atomic in probe handlers.
 */
void po_bind_done(const struct po_call *call, bool by_lsm, int err)
{
	if (err >= 0)
		po_binder_record(call->sk);
	else
		po_bind_refused(call, by_lsm, err);
}

/**
 * po_listen_done() - a listen() has returned
 * @call: what it was
 * @by_lsm: a security module refused it
 * @err: 0 or a negative errno
 *
 * Context: that of the task that called it; atomic in probe handlers.
 */
void po_listen_done(const struct po_call *call, bool by_lsm, int err)
{
	if (err < 0)
		po_listen_refused(call, by_lsm, err);
	/* Not bound before: listen() chose a port. */
	else if (!call->had_port)
		po_binder_record(call->sk);
}

/**
 * po_autobind_refused() - the kernel has found no port
 * @sk: socket; the caller holds a reference
 * @err: negative errno, or 0 if it is not certain to be -EADDRNOTAVAIL
 *
 * The port was left to the kernel, and the address too unless it is bound.
 *
 * Context: that of the task that needs the port; atomic in probe handlers.
 */
void po_autobind_refused(struct sock *sk, int err)
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
