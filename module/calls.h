/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Binds and listens under way, for the probes that see them. A file uses only
 * those above it here.
 */

#ifndef _PO_CALLS_H
#define _PO_CALLS_H

#include <linux/hash.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kprobes.h>
#include <linux/net.h>
#include <linux/sched.h>
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

/* Whether begin and end of calls are both seen. */
extern bool po_watching;

#define PO_PLACES_BITS	6
/* Places that a task may have: the first free one from where its hash says. */
#define PO_PLACES_TRIED	8
/* The last ones are for tasks whose hash says the last but those. */
#define PO_PLACES	((1 << PO_PLACES_BITS) + PO_PLACES_TRIED - 1)

extern struct po_under_way po_places[PO_PLACES];

struct po_under_way *po_under_way_begin(bool listening);
void po_under_way_end(struct po_under_way *way);
void po_under_way_asked(struct po_under_way *way, struct sock *sk,
			const void *uaddr, int addr_len);
void po_under_way_exit(void);

static inline struct po_under_way *po_first_place(void)
{
	return &po_places[hash_ptr(current, PO_PLACES_BITS)];
}

/**
 * po_under_way() - the call that the current task is in
 *
 * Context: that of a task.
 * Return: the call, or NULL if it is in none.
 */
static inline struct po_under_way *po_under_way(void)
{
	struct po_under_way *way = po_first_place();
	int i;

	if (!READ_ONCE(po_watching))
		return NULL;

	for (i = 0; i < PO_PLACES_TRIED; i++, way++)
		if (READ_ONCE(way->task) == current)
			return way;

	return NULL;
}

/* Note that a call has come to the protocol; arguments as above. */
static inline void po_under_way_reached(struct po_under_way *way,
					struct sock *sk, const void *uaddr,
					int addr_len)
{
	way->call.reached = true;
	if (way->call.sk != sk)
		po_under_way_asked(way, sk, uaddr, addr_len);
}

/* ---- entries.c: see the entry to functions ---- */

#ifdef PO_ENTRY_FLAGS

struct ftrace_ops;

/**
 * struct po_entry - functions whose entry is seen
 * @ops: what sees it
 * @symbols: their names
 * @direct: a PO_CALLED_DIRECTLY function that sees it instead, or 0
 * @in_place: whether it is seen; init and exit alone touch this
 */
struct po_entry {
	struct ftrace_ops *ops;
	const char *symbols[3];
	unsigned long direct;
	bool in_place;
};

int po_entry_add(struct po_entry *entry);
void po_entry_remove(struct po_entry *entry);

#endif

/* ---- connect.c: see TCP connect() fail for want of a port ---- */

int po_connect_init(void);
void po_connect_exit(void);
u64 po_connect_missed(void);

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
