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
#include <linux/net.h>
#include <linux/string.h>
#include <net/inet_sock.h>

/* Calls under way at once that one probe can see; each may sleep. */
#define PO_MAXACTIVE	128
/* Likewise of what the kernel calls for its own sockets. */
#define PO_MAXACTIVE_KERNEL	16

#define PO_PROBE(symbol, on_entry, on_return, size, at_once) {	\
	.kp.symbol_name	= (symbol),				\
	.entry_handler	= (on_entry),				\
	.handler	= (on_return),				\
	.data_size	= (size),				\
	.maxactive	= (at_once),				\
}

/* ---- calls.c: what comes of a call ---- */

/**
 * struct po_call - a call under way, from its entry to its return
 * @sk: socket; who calls has a reference, or this has one of its own
 * @addr_len: bytes in @addr
 * @had_port: the socket had a port before
 * @listening: it is a listen(); seen from the outside only
 * @reached: a security module has agreed; likewise
 * @addr: address that is asked for, as far as it goes; of a bind only
 */
struct po_call {
	struct sock *sk;
	int addr_len;
	bool had_port;
	bool listening;
	bool reached;
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr;
};

/* What there is of it for a call without an address. */
#define PO_CALL_SHORT	offsetof(struct po_call, addr)

static inline void po_call_begin(struct po_call *call, struct sock *sk)
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
static inline void po_call_addr(struct po_call *call, const void *uaddr, int addr_len)
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

/* ---- under_way.c: the call that a task is in ---- */

/**
 * struct po_under_way - a call that is seen from the outside
 * @task: who is in it; NULL while this is free, and no task while all that is
 *	left of it is the reference
 * @call: what is asked for; its @sk is NULL until that is known, and then a
 *	reference is held
 *
 * Who writes itself into @task by cmpxchg() has it; only that task looks at the
 * rest.
 */
struct po_under_way {
	struct task_struct *task;
	struct po_call call;
};

extern bool po_watching;

struct po_under_way *po_under_way_begin(bool listening);
void po_under_way_end(struct po_under_way *way);
struct po_under_way *po_under_way(void);
void po_under_way_asked(struct po_under_way *way, struct sock *sk,
			const void *uaddr, int addr_len);
void po_under_way_exit(void);

/* Note that a call has come to the protocol; arguments as above. */
static inline void po_under_way_reached(struct po_under_way *way,
					struct sock *sk, const void *uaddr,
					int addr_len)
{
	way->call.reached = true;
	if (way->call.sk != sk)
		po_under_way_asked(way, sk, uaddr, addr_len);
}

/* ---- direct.c: see calls where the protocols begin ---- */

extern struct kretprobe po_sctp_probe;

int po_direct_init(void);
void po_direct_exit(void);
u64 po_direct_seen(void);
u64 po_direct_missed(void);

/* ---- outer.c: see calls from the outside ---- */

#ifdef PO_ENTRY_FLAGS
int po_outer_init(void);
void po_outer_exit(void);
u64 po_outer_missed(void);
#else
static inline int po_outer_init(void)
{
	return -EOPNOTSUPP;
}

static inline void po_outer_exit(void)
{
}

static inline u64 po_outer_missed(void)
{
	return 0;
}
#endif

#endif /* _PO_CALLS_H */
