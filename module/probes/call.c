// SPDX-License-Identifier: GPL-2.0
/*
 * Report the return of a bind or listen. The request was saved on entry, since
 * the kernel resets the address and port of a refused socket.
 */

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/net.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "probes/call.h"
#include "rejects/rejects.h"
#include "sockets/sockets.h"
#include "trace/trace.h"

/* The family of the address, which may differ from that of the socket. */
static int po_call_family(const struct po_call *call)
{
	int family;

	if (call->addr_len < (int)sizeof(call->addr.sa.sa_family))
		return AF_UNSPEC;

	family = call->addr.sa.sa_family;
	/* inet_bind() accepts AF_UNSPEC for old programs, raw_bind() any family. */
	if (call->sk->sk_family == AF_INET &&
	    (family == AF_UNSPEC || call->sk->sk_type == SOCK_RAW))
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
		/* Not a valid address, which is why it was refused. */
		if (want->family == AF_INET)
			ipv6_addr_set_v4mapped(0, &want->addr);
	}
}

static void po_want_init(struct po_want *want, struct sock *sk)
{
	memset(want, 0, sizeof(*want));
	po_sock_init(&want->sock, sk);
	want->family = want->sock.family;
	want->grouped = po_sock_grouped(sk);
}

/* Describe what a bind or listen requested. */
static void po_call_want(struct po_want *want, const struct po_call *call,
			 enum portowner_reject_op op)
{
	po_want_init(want, call->sk);
	want->had_port = call->had_port;
	if (op == PORTOWNER_REJECT_OP_LISTEN) {
		po_sock_addr(&want->sock, call->sk);
		want->sock.peer_port = 0;
		want->listening = true;
	} else {
		po_want_addr(&want->sock, call);
	}
}

/**
 * po_call_succeeded() - report a successful bind or listen, to be traced
 * @call: the call
 * @op: PORTOWNER_REJECT_OP_BIND or PORTOWNER_REJECT_OP_LISTEN
 *
 * Context: the task that made the call; atomic in probe handlers.
 */
void po_call_succeeded(const struct po_call *call, enum portowner_reject_op op)
{
	struct po_want want;

	/* Tracing one namespace must not cost the others more than this. */
	if (!po_trace_wants(sock_net(call->sk)))
		return;

	po_call_want(&want, call, op);
	po_trace_record(call->sk, &want, op, 0);
}

/**
 * po_call_refused() - report a refused bind or listen
 * @call: the call
 * @op: PORTOWNER_REJECT_OP_BIND or PORTOWNER_REJECT_OP_LISTEN
 * @by_lsm: refused by a security module
 * @err: negative errno
 *
 * Context: the task that made the call; atomic in probe handlers.
 */
void po_call_refused(const struct po_call *call, enum portowner_reject_op op,
		     bool by_lsm, int err)
{
	struct po_want want;

	po_call_want(&want, call, op);
	want.by_lsm = by_lsm;
	if (static_branch_unlikely(&po_trace_key))
		po_trace_record(call->sk, &want, op, err);
	po_reject_begin(call->sk, &want, op, err);
}

/**
 * po_autobind_refused() - report that the kernel found no port for a socket
 * @sk: socket; the caller holds a reference
 * @err: negative errno, or 0 if -EADDRNOTAVAIL is only suspected
 *
 * The port was left to the kernel, and so was the address unless it is bound.
 *
 * Context: the task that needs the port; atomic in probe handlers.
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
	want.sock.peer_port = 0;
	po_reject_begin(sk, &want, PORTOWNER_REJECT_OP_AUTOBIND, err);
}

/**
 * po_connect_refused() - report a connect() whose 4-tuple may be in use
 * @sk: socket with a port from bind(); the caller holds a reference
 *
 * It was refused only if the system call returns -EADDRNOTAVAIL.
 *
 * Context: the task that connects; atomic in probe handlers.
 */
void po_connect_refused(struct sock *sk)
{
	struct po_want want;

	po_want_init(&want, sk);
	po_sock_addr(&want.sock, sk);
	po_sock_peer(&want.sock, sk);
	po_reject_begin(sk, &want, PORTOWNER_REJECT_OP_AUTOBIND, 0);
}
