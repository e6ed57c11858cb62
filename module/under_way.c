// SPDX-License-Identifier: GPL-2.0
/*
 * The bind or listen that a task is in. Its beginning and end are seen by one
 * probe, what happens in between by others, and this is where these meet.
 */

#include <linux/atomic.h>
#include <linux/hash.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <net/sock.h>

#include "calls.h"

/*
 * Begin and end of calls are both seen. Set when all probes are in place, and
 * cleared before the first one is taken away: what is under way then belongs to
 * po_under_way_exit().
 */
bool po_watching;

/* In place of a task: only the socket is left, for the work item. */
#define PO_LEFT	((struct task_struct *)1)

struct po_under_way po_places[PO_PLACES];

/**
 * po_under_way_begin() - the current task begins a call
 * @listening: it is a listen()
 *
 * Context: that of a task.
 * Return: the call, or NULL if there is no place for one more, or nobody watches.
 */
struct po_under_way *po_under_way_begin(bool listening)
{
	struct po_under_way *way = po_first_place();
	int i;

	if (!READ_ONCE(po_watching))
		return NULL;

	for (i = 0; i < PO_PLACES_TRIED; i++, way++) {
		/* Left from an earlier task that died in its call. */
		if (READ_ONCE(way->task) == current)
			po_under_way_end(way);
		if (cmpxchg(&way->task, NULL, current))
			continue;
		way->call.sk = NULL;
		way->call.listening = listening;
		way->call.reached = false;
		return way;
	}

	return NULL;
}

static void po_put_left(struct work_struct *work)
{
	struct po_under_way *way;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(po_places); i++) {
		way = &po_places[i];
		/* Pairs with the release of who left it. */
		if (smp_load_acquire(&way->task) != PO_LEFT)
			continue;
		sock_put(way->call.sk);
		/* Pairs with the cmpxchg() of who takes it. */
		smp_store_release(&way->task, NULL);
	}
}

static DECLARE_WORK(po_left_work, po_put_left);

/**
 * po_under_way_end() - the current task has ended its call
 * @way: call
 *
 * Context: that of a task; atomic in probe handlers, where a socket must not be
 * freed. Nearly always somebody else has it, too.
 */
void po_under_way_end(struct po_under_way *way)
{
	struct task_struct *left = NULL;

	if (way->call.sk && !refcount_dec_not_one(&way->call.sk->sk_refcnt))
		left = PO_LEFT;
	/* Pairs with the work item, or with the cmpxchg() of who takes it. */
	smp_store_release(&way->task, left);
	if (left)
		queue_work(po_unbound_wq, &po_left_work);
}

/**
 * po_under_way_asked() - note which socket a call is about
 * @way: call
 * @sk: socket; the caller holds a reference
 * @uaddr: address that is asked for, in kernel memory; not for a listen()
 * @addr_len: bytes there
 *
 * The last one counts: some protocols bind another socket beneath their own.
 *
 * Context: that of the task that is in the call.
 */
void po_under_way_asked(struct po_under_way *way, struct sock *sk,
			const void *uaddr, int addr_len)
{
	struct po_call *call = &way->call;

	/* Never the last reference: who calls has one. */
	if (call->sk)
		sock_put(call->sk);
	/* Another thread may close it before the end of the call is seen. */
	sock_hold(sk);
	po_call_begin(call, sk);
	if (!way->call.listening)
		po_call_addr(call, uaddr, addr_len);
}

/**
 * po_under_way_exit() - forget the calls whose end nobody saw
 *
 * Context: may sleep. No probe uses any of this any more.
 */
void po_under_way_exit(void)
{
	unsigned int i;

	cancel_work_sync(&po_left_work);
	for (i = 0; i < ARRAY_SIZE(po_places); i++)
		if (po_places[i].task && po_places[i].call.sk)
			sock_put(po_places[i].call.sk);
}
