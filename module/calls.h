/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Binds and listens under way, for the probes that see them. A file uses only
 * those above it here.
 */

#ifndef _PO_CALLS_H
#define _PO_CALLS_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/net.h>
#include <linux/string.h>
#include <net/inet_sock.h>

/* ---- seats.c: fair shares of the calls that can be seen at once ---- */

/* Probes in which a caller can be made to sleep. */
enum po_pool {
	PO_POOL_BIND,
	PO_POOL_BIND6,
	PO_POOL_LISTEN,
	PO_POOL_SCTP_LISTEN,
	PO_POOL_AUTOBIND,
	PO_NR_POOLS,
};

/* Calls under way at once that these can see: 4,096 together. */
#define PO_SEATS_BIND		2048
#define PO_SEATS_BIND6		1024
#define PO_SEATS_LISTEN		512
#define PO_SEATS_SCTP_LISTEN	256
#define PO_SEATS_AUTOBIND	256

/* What a call has that no share is charged for. */
#define PO_NO_SEAT	0

void po_seats_init(void);
bool po_seat_take(enum po_pool pool, u32 *seat);
void po_seat_leave(u32 seat);
u64 po_seats_refused(void);

/* ---- calls.c: what comes of a call ---- */

/**
 * struct po_call - a call under way, from its entry to its return
 * @sk: socket; who calls has a reference
 * @seat: what it is charged for, or %PO_NO_SEAT
 * @addr_len: bytes in @addr
 * @had_port: the socket had a port before
 * @addr: address that is asked for, as far as it goes; of a bind only
 *
 * With what a kretprobe has for itself it fits into 96 bytes, and without an
 * address into 64.
 */
struct po_call {
	struct sock *sk;
	u32 seat;
	s16 addr_len;
	bool had_port;
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr;
};

/* What there is of it for a call without an address. */
#define PO_CALL_SHORT	offsetof(struct po_call, addr)

static __always_inline void
po_call_begin(struct po_call *call, struct sock *sk, u32 seat)
{
	call->sk = sk;
	call->seat = seat;
	/* A raw socket has its protocol there, and may be bound again. */
	call->had_port = sk->sk_type != SOCK_RAW &&
			 (inet_sk(sk)->inet_num || sk->sk_state != TCP_CLOSE);
}

/*
 * Kernel memory of @addr_len bytes: move_addr_to_kernel() made it. Nearly every
 * call has the one length or the other; these copy fast.
 */
static __always_inline void
po_call_addr(struct po_call *call, const void *uaddr, int addr_len)
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

struct sock *po_beneath(struct sock *sk);
void po_bind_done(const struct po_call *call, bool by_lsm, int err);
void po_listen_done(const struct po_call *call, bool by_lsm, int err);
void po_autobind_refused(struct sock *sk, int err);

/* ---- connect.c: see TCP connect() fail for want of a port ---- */

int po_connect_init(void);
void po_connect_exit(void);
u64 po_connect_missed(void);

#endif /* _PO_CALLS_H */
