/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Private to probes/: binds and listens in progress. Each file depends only on
 * files above it in this list.
 */

#ifndef _PO_CALL_H
#define _PO_CALL_H

#include <linux/cpumask.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kprobes.h>
#include <linux/minmax.h>
#include <linux/net.h>
#include <linux/string.h>
#include <net/inet_sock.h>

#include <uapi/linux/portowner.h>

#include "probes/probes.h"

/* ---- instances.c: fair shares of kretprobe instances ---- */

/*
 * Calls that are shared fairly together: those of one probe in which a caller
 * can be made to sleep, or those of similar probes, each with as many instances.
 */
enum po_instance_pool {
	PO_POOL_BIND,
	PO_POOL_BIND6,
	PO_POOL_LISTEN,
	PO_POOL_SCTP_LISTEN,
	PO_POOL_AUTOBIND,
	PO_POOL_LSM,
	PO_POOL_SUBFLOW,
	PO_NR_POOLS,
};

/* Maximum number of calls in progress, per probe: 4,096 in total. */
#define PO_INSTANCES_BIND		2048
#define PO_INSTANCES_BIND6		1024
#define PO_INSTANCES_LISTEN		512
#define PO_INSTANCES_SCTP_LISTEN	256
#define PO_INSTANCES_AUTOBIND	256

/*
 * LSM hooks do not sleep, and no task waits for the lock of an MPTCP subflow:
 * enough instances for tasks that are preempted there.
 */
#define PO_INSTANCES_LSM	256
#define PO_INSTANCES_SUBFLOW	64

/*
 * A user with one call on each CPU must not have more than a quarter, since the
 * first calls on a CPU are not checked.
 */
static inline u32 po_instances_scaled(u32 nr)
{
	return max_t(u32, nr, 4 * num_possible_cpus());
}

/* The charge of a call that is not counted towards a share. */
#define PO_NO_CHARGE	0

void po_instances_init(void);
bool po_instance_charge(enum po_instance_pool pool, u32 *charge);
void po_instance_uncharge(u32 charge);
u64 po_instances_denied(void);

/* ---- call.c: report the return of a call ---- */

/**
 * struct po_call - a call in progress, from its entry to its return
 * @sk: socket; the caller of the probed function holds a reference
 * @charge: to be passed to po_instance_uncharge(), or %PO_NO_CHARGE
 * @addr_len: bytes in @addr
 * @had_port: the socket had a port before the call
 * @addr: address requested, possibly truncated; for bind only
 *
 * Together with the data of a kretprobe instance it fits into 96 bytes, or 64
 * without @addr.
 */
struct po_call {
	struct sock *sk;
	u32 charge;
	s16 addr_len;
	bool had_port;
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr;
};

/* Size of a call without an address. */
#define PO_CALL_SHORT	offsetof(struct po_call, addr)

static __always_inline void
po_call_begin(struct po_call *call, struct sock *sk)
{
	call->sk = sk;
	/* inet_num of a raw socket is its protocol; it can be bound again. */
	call->had_port = sk->sk_type != SOCK_RAW &&
			 (inet_sk(sk)->inet_num || sk->sk_state != TCP_CLOSE);
}

/*
 * @uaddr is @addr_len bytes of kernel memory, copied by move_addr_to_kernel().
 * Nearly all calls have one of two lengths, for which a fixed size is faster.
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

void po_call_succeeded(const struct po_call *call, enum portowner_reject_op op);
void po_call_refused(const struct po_call *call, enum portowner_reject_op op,
		     bool by_lsm, int err);
void po_autobind_refused(struct sock *sk, int err);
void po_connect_refused(struct sock *sk);

/* ---- connect.c: TCP connect() that fails for lack of a port ---- */

int po_connect_init(void);
void po_connect_exit(void);
u64 po_connect_missed(void);

/* ---- late_module.c: a probe on a function of another module ---- */

void po_probe_module(struct kretprobe *probe, const char *module);
void po_unprobe_module(void);
void po_late_missed(struct po_missed *missed);

/* ---- calls that a probe did not see ---- */

static inline void po_missed_add(struct po_missed *missed,
				 const struct kretprobe *probe)
{
	/* The kernel counts these without a lock. */
	missed->no_instance += data_race(probe->nmissed);
	/* Likewise. */
	missed->nested += data_race(probe->kp.nmissed);
}

#endif /* _PO_CALL_H */
