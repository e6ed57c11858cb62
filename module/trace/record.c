// SPDX-License-Identifier: GPL-2.0
/*
 * Pass calls from probe handlers to a context that can allocate memory.
 * Handlers are atomic, so the number of slots is fixed. A single user gets at
 * most a quarter of them, so that a flood leaves room for others. Calls without
 * a slot are counted and lost; no handler waits.
 */

#include <linux/hash.h>
#include <linux/random.h>
#include <linux/spinlock.h>
#include <linux/timekeeping.h>
#include <net/inet_sock.h>
#include <net/net_namespace.h>

#include "core/core.h"
#include "sockets/sockets.h"
#include "trace/ring.h"

/* Record calls in all namespaces; written under po_history_mutex. */
bool po_trace_all;

/* Raw, since probe handlers take it; protects all below, and what ring.h says. */
static DEFINE_RAW_SPINLOCK(po_ring_lock);

/* The ring being filled, or NULL while nothing is traced. */
static struct po_trace_ring *po_ring;

/* Number of that ring, also while there is none; 0 is that of none. */
static u64 po_ring_nr = 1;

/* Calls counted so far, in all namespaces. */
static u64 po_ring_last;

/* Random, so that no user can choose whose share to use up; set at load. */
static u32 po_ring_seed __ro_after_init;

/**
 * po_trace_net() - get the tracing state of a namespace
 * @net: namespace
 *
 * Context: any.
 * Return: the state.
 */
struct po_trace_net *po_trace_net(const struct net *net)
{
	return po_net_part(net, &po_trace_part);
}

/* Take a slot for a call, or return NULL. The caller holds po_ring_lock. */
static struct po_trace_slot *po_ring_take(kuid_t payer)
{
	u8 user = hash_32(__kuid_val(payer) ^ po_ring_seed, PO_TRACE_USERS_BITS);
	struct po_trace_slot *slot;

	if (!po_ring || po_ring->nr == PO_TRACE_SLOTS ||
	    po_ring->taken[user] == PO_TRACE_SHARE)
		return NULL;

	po_ring->taken[user]++;
	slot = &po_ring->slots[po_ring->nr++];
	slot->user = user;

	return slot;
}

static void po_ring_fill(struct po_trace_slot *slot, struct sock *sk,
			 const struct po_want *want, enum portowner_reject_op op,
			 int err)
{
	slot->pid = get_pid(task_tgid(current));
	slot->cred = po_get_cred(current_cred());
	po_copy_comm(slot->comm, current->group_leader);
	slot->time.real = ktime_get_real_ns();
	slot->time.boot = ktime_get_boottime_ns();
	slot->op = op;
	slot->err = -err;
	slot->want = *want;
	slot->port = err || !po_has_ports(&want->sock) ?
		     0 : READ_ONCE(inet_sk(sk)->inet_num);
}

/**
 * po_trace_wants() - whether the calls of a namespace are recorded
 * @net: namespace; a socket of the kernel does not keep it alive
 *
 * Context: preemption disabled, so that what is kept for a namespace outlives the
 * check of its count. Only a hint: tracing may be switched on or off at any time.
 * Return: true if they are.
 */
bool po_trace_wants(struct net *net)
{
	return check_net(net) &&
	       (READ_ONCE(po_trace_net(net)->on) || READ_ONCE(po_trace_all));
}

/**
 * po_trace_record() - record the return of a bind or listen, if it is traced
 * @sk: socket; the caller holds a reference
 * @want: what was requested
 * @op: operation
 * @err: negative errno or 0
 *
 * Context: the task that made the call; atomic in probe handlers.
 */
void po_trace_record(struct sock *sk, const struct po_want *want,
		     enum portowner_reject_op op, int err)
{
	struct net *net = sock_net(sk);
	struct po_trace_slot *slot;
	struct po_trace_net *trace;
	unsigned long next, flags;

	if (!po_trace_wants(net))
		return;

	/* The namespace of a kernel socket may be going away. */
	net = maybe_get_net(net);
	if (!net)
		return;

	trace = po_trace_net(net);
	raw_spin_lock_irqsave(&po_ring_lock, flags);
	trace->seq++;
	po_ring_last++;
	slot = po_ring_take(po_payer_current(net));
	if (slot) {
		slot->net = net;
		slot->seq = trace->seq;
		slot->seq_all = po_ring_last;
		if (trace->ring != po_ring_nr)
			trace->first = slot->seq;
		trace->ring = po_ring_nr;
		po_ring_fill(slot, sk, want, op, err);
	}
	raw_spin_unlock_irqrestore(&po_ring_lock, flags);

	if (!slot) {
		put_net(net);
		return;
	}
	next = READ_ONCE(po_trace_next_update);
	queue_delayed_work(po_unbound_wq, &po_trace_work,
			   time_before(jiffies, next) ? PO_TRACE_INTERVAL : 0);
}

/**
 * po_ring_swap() - replace the ring being filled
 * @ring: empty ring to fill from now on, or NULL to stop recording
 *
 * Context: any.
 * Return: the previous ring, or NULL if there was none.
 */
struct po_trace_ring *po_ring_swap(struct po_trace_ring *ring)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&po_ring_lock, flags);
	swap(po_ring, ring);
	po_ring_nr++;
	raw_spin_unlock_irqrestore(&po_ring_lock, flags);

	return ring;
}

/**
 * po_ring_seq() - get the number of the last call that has left the ring
 * @net: namespace
 * @all: use numbers over all namespaces
 *
 * Context: any, but calls taken from the ring must be in the history, see
 * po_history_lock().
 * Return: number, as in &struct po_traced: calls up to it that are not in the
 * history are lost.
 */
u64 po_ring_seq(const struct net *net, bool all)
{
	const struct po_trace_net *trace = po_trace_net(net);
	unsigned long flags;
	u64 seq;

	raw_spin_lock_irqsave(&po_ring_lock, flags);
	if (all)
		seq = po_ring && po_ring->nr ? po_ring->slots[0].seq_all - 1 : po_ring_last;
	else
		seq = trace->ring == po_ring_nr ? trace->first - 1 : trace->seq;
	raw_spin_unlock_irqrestore(&po_ring_lock, flags);

	return seq;
}

/**
 * po_ring_init() - seed the hash of users
 *
 * Context: module init.
 */
void __init po_ring_init(void)
{
	po_ring_seed = get_random_u32();
}
