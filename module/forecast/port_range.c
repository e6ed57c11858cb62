// SPDX-License-Identifier: GPL-2.0
/*
 * The ephemeral port range, from which the kernel chooses ports: how much of it
 * is reserved, how much is taken, and which processes hold the most.
 */

#include <linux/bitmap.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/xarray.h>
#include <net/ip.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"
#include "owners/owners.h"
#include "sockets/sockets.h"

/* Memory limit for a snapshot of the sockets of a range. */
#define PO_RANGE_BYTES	SZ_16M

/* Ports that a refused task tries, and sockets it looks at in each bucket. */
#define PO_RANGE_SAMPLE		64
#define PO_RANGE_PASSED		64

/**
 * po_range_put() - drop a reference to a description of the range
 * @range: description, or NULL
 *
 * Context: may sleep.
 */
void po_range_put(struct po_range *range)
{
	u32 i;

	if (!range || !refcount_dec_and_test(&range->refs))
		return;

	for (i = 0; i < range->nr; i++)
		po_proc_free(range->holders[i].proc);
	kfree(range);
}

/**
 * po_range_get() - take a reference to a description of the range
 * @range: description
 *
 * Context: any.
 * Return: @range.
 */
struct po_range *po_range_get(struct po_range *range)
{
	refcount_inc(&range->refs);

	return range;
}

/* Insert a process in order if it is among those with the most ports. */
static void po_range_insert(struct po_range *range, struct po_proc *proc,
			    u32 ports)
{
	struct po_range_holder *holders = range->holders;
	u32 i;

	if (range->nr < PO_RANGE_HOLDERS)
		range->nr++;
	else if (holders[range->nr - 1].ports >= ports)
		return;

	for (i = range->nr - 1; i && holders[i - 1].ports < ports; i--)
		holders[i] = holders[i - 1];
	holders[i].proc = proc;
	holders[i].ports = ports;
}

/* Mark taken ports, and count the sockets of each process. */
static int po_range_count(const struct po_snap *snap, struct xarray *counts,
			  unsigned long *taken)
{
	const struct po_owner *owner, *last = NULL;
	const struct po_sock *sock;
	unsigned long nr;
	u32 i;
	int err;

	for (i = 0; i < snap->nr; i++, last = NULL) {
		sock = po_snap_sock(snap, i);
		__set_bit(sock->port, taken);
		for (owner = sock->owners; owner; owner = owner->next) {
			if (last && last->proc == owner->proc)
				continue;
			last = owner;
			nr = xa_to_value(xa_load(counts, pid_nr(owner->proc->pid)) ?:
					 xa_mk_value(0));
			err = xa_err(xa_store(counts, pid_nr(owner->proc->pid),
					      xa_mk_value(nr + 1), snap->gfp));
			if (err)
				return err;
			cond_resched();
		}
		cond_resched();
	}

	return 0;
}

/* Move the processes with the most ports from the snapshot to the range. */
static void po_range_take_holders(struct po_range *range, struct po_snap *snap,
				  struct xarray *counts)
{
	struct po_proc *proc;
	unsigned long tgid;
	u32 i, ports;

	xa_for_each(&snap->procs, tgid, proc) {
		ports = xa_to_value(xa_load(counts, tgid) ?: xa_mk_value(0));
		if (ports)
			po_range_insert(range, proc, ports);
	}
	for (i = 0; i < range->nr; i++)
		xa_erase(&snap->procs, pid_nr(range->holders[i].proc->pid));
}

static int po_range_collect(struct po_range *range, struct net *net,
			    unsigned long *taken)
{
	const struct po_filter filter = {
		.net		= net,
		.proto		= range->proto,
		.port_first	= range->first,
		.port_last	= range->last,
		.states		= PO_STATES_ALL,
	};
	struct po_snap *snap = po_snap_new(PO_RANGE_BYTES);
	struct xarray counts;
	int err;

	if (!snap)
		return -ENOMEM;

	/* Paths are not reported. */
	snap->paths = PO_PATHS_NONE;
	xa_init_flags(&counts, XA_FLAGS_ACCOUNT);
	err = po_collect(snap, &filter);
	/* The memory limit: count the sockets that fit. */
	if (err == -EFBIG)
		err = 0;
	err = err ?: po_find_owners(snap) ?:
	      po_range_count(snap, &counts, taken);
	if (!err)
		po_range_take_holders(range, snap, &counts);
	xa_destroy(&counts);
	po_snap_free(snap);

	return err;
}

/**
 * po_range_between() - describe the usage of an ephemeral port range
 * @net: namespace; the caller holds a reference
 * @proto: IPPROTO_* of the sockets to count
 * @first: first port
 * @last: last port
 *
 * Called for readers only, so it may wait for memory.
 *
 * Context: may sleep; walks the tables and the descriptors of all processes.
 * Return: description, to be dropped with po_range_put(); NULL without memory
 * or if the caller is being killed.
 */
struct po_range *po_range_between(struct net *net, u16 proto, int first,
				  int last)
{
	struct po_range *range = kzalloc(sizeof(*range), GFP_KERNEL_ACCOUNT);
	unsigned long *taken = bitmap_zalloc(U16_MAX + 1, GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM, port;

	if (!range || !taken)
		goto out;

	refcount_set(&range->refs, 1);
	range->time = ktime_get_real_ns();
	range->proto = proto;
	range->first = first;
	range->last = last;
	err = po_range_collect(range, net, taken);
	if (err)
		goto out;

	for (port = first; port <= last; port++) {
		if (inet_is_local_reserved_port(net, port))
			range->reserved++;
		else if (test_bit(port, taken))
			range->taken++;
	}

out:
	bitmap_free(taken);
	if (!err)
		return range;

	kfree(range);

	return NULL;
}

/**
 * po_range_new() - describe the usage of a namespace's ephemeral port range
 * @net: namespace; the caller holds a reference
 * @proto: IPPROTO_* of the sockets to count
 *
 * Context: may sleep; walks the tables and the descriptors of all processes.
 * Return: description, to be dropped with po_range_put(); NULL without memory
 * or if the caller is being killed.
 */
struct po_range *po_range_new(struct net *net, u16 proto)
{
	int first, last;

	inet_get_local_port_range(net, &first, &last);

	return po_range_between(net, proto, first, last);
}

/* Whether a port is taken, or its bucket has too many sockets to find out. */
static bool po_port_taken(const struct po_table *table, struct net *net,
			  u16 port)
{
	unsigned int nr = table->bucket(table, net, port), passed = 0;
	bool taken = false;
	struct sock *sk;

	table->lock(table, net, nr);
	for (sk = table->first(table, net, nr); sk && !taken;
	     sk = table->next(sk))
		taken = passed++ == PO_RANGE_PASSED ||
			(sk->sk_num == port && net_eq(sock_net(sk), net));
	table->unlock(table, net, nr);

	return taken;
}

static bool po_port_usable(struct net *net, u16 proto, u16 port)
{
	unsigned int i;

	if (inet_is_local_reserved_port(net, port))
		return false;
	for (i = 0; i < po_nr_tables; i++)
		if (po_tables[i]->proto == proto && !po_tables[i]->each &&
		    po_port_taken(po_tables[i], net, port))
			return false;

	return true;
}

/**
 * po_range_seems_full() - guess whether a socket's ephemeral port range is full
 * @sk: socket that got no port; the caller holds a reference
 * @proto: IPPROTO_* of the sockets to look for
 *
 * Runs in the refused task, so it tries at most %PO_RANGE_SAMPLE ports, evenly
 * spread from a random start. That covers small ranges completely; of a large
 * range that is nearly full, it may miss the free ports.
 *
 * Context: any but hard interrupts; takes bucket locks.
 * Return: false if a free port was found.
 */
bool po_range_seems_full(const struct sock *sk, u16 proto)
{
	struct net *net = sock_net(sk);
	u32 i, size, nr, start;
	int first, last;

	po_sk_port_range(sk, &first, &last);
	size = max((last - first + 1) & ~1, 1);
	nr = min_t(u32, size, PO_RANGE_SAMPLE);
	start = get_random_u32() % size;
	for (i = 0; i < nr; i++)
		if (po_port_usable(net, proto,
				   first + (start + i * (size / nr)) % size))
			return false;

	return true;
}
