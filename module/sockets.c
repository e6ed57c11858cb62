// SPDX-License-Identifier: GPL-2.0
/* Find the sockets that occupy ports. */

#include <linux/sched/signal.h>
#include <net/inet_hashtables.h>

#include "internal.h"

/* Empty buckets that are passed over in one go. */
#define PO_EMPTY	2048

/* Sockets looked at before a bucket's lock is given up for a moment. */
#define PO_BATCH	64

/* Attempts at a bucket whose sockets go away while they are read. */
#define PO_ATTEMPTS	8

/* Sockets that one reject names at most; there may be any number. */
#define PO_CULPRITS_HOLDING	256
#define PO_CULPRITS_CONNECTED	16

/**
 * struct po_place - how far a bucket was read
 * @net: namespace whose table it is
 * @table: table of the bucket
 * @nr: number of the bucket
 * @sk: held socket that is next, or NULL at the start and at the end
 * @holding: culprits so far that listen or are bound
 * @connected: other culprits so far
 */
struct po_place {
	struct net *net;
	const struct po_table *table;
	unsigned int nr;
	struct sock *sk;
	u32 holding;
	u32 connected;
};

static bool po_filter_match(const struct po_filter *filter,
			    const struct sock *sk)
{
	return (filter->all_netns || net_eq(sock_net(sk), filter->net)) &&
	       sk->sk_num >= filter->port_first &&
	       sk->sk_num <= filter->port_last;
}

/* Whether a socket is asked for, and not only a member of a share group. */
static bool po_asked_for(const struct po_filter *filter,
			 const struct po_sock *rec, struct po_place *place)
{
	if (!(BIT(rec->state) & filter->states) ||
	    (filter->proto == IPPROTO_MPTCP && rec->proto != filter->proto) ||
	    (filter->family && rec->family != filter->family))
		return false;
	if (!filter->want)
		return true;

	if (po_rule_between(filter->want, rec) == PORTOWNER_RULE_OTHER)
		return false;

	return po_holds_port(rec) ?
		       place->holding++ < PO_CULPRITS_HOLDING :
		       place->connected++ < PO_CULPRITS_CONNECTED;
}

/*
 * Whether to keep a socket; @rec then is complete but for its owners. @addr is
 * the one of its addresses that @rec is about, NULL for what it has but one.
 */
static bool po_take(const struct po_filter *filter, struct po_sock *rec,
		    struct sock *sk, const struct in6_addr *addr,
		    struct po_place *place)
{
	if (!po_filter_match(filter, sk))
		return false;

	po_sock_init(rec, sk);
	po_sock_addr(rec, sk);
	po_sock_buckets(rec, sk);
	if (addr)
		rec->addr = *addr;
	if (sk->sk_state != TCP_TIME_WAIT)
		rec->conflict_uid = po_conflict_uid(sk);
	rec->skip = !po_asked_for(filter, rec, place);
	if (rec->skip)
		return po_holds_port(rec) && filter->states & PO_STATES_DEFAULT;

	po_sock_describe(rec, sk);

	return true;
}

/*
 * Read on in a bucket, under its lock, until the snapshot is full or enough
 * sockets were looked at. Returns the socket to go on with, held, or NULL.
 */
static struct sock *po_walk_locked(struct po_snap *snap,
				   const struct po_filter *filter,
				   struct po_place *place, struct sock *sk)
{
	u32 budget = PO_BATCH;

	for (; sk; sk = place->table->next(sk)) {
		/* Time-wait half made; the original is still here too. */
		if (!refcount_read(&sk->sk_refcnt))
			continue;
		if (snap->nr == snap->room || !budget--) {
			sock_hold(sk);
			return sk;
		}
		if (po_take(filter, po_snap_sock(snap, snap->nr), sk, NULL,
			    place))
			snap->nr++;
	}

	return NULL;
}

/*
 * Walk one bucket, giving up its lock now and then. The held socket marks the
 * place: if it left the bucket meanwhile the place is lost, and so -EAGAIN.
 */
static int po_walk_bucket(struct po_snap *snap, const struct po_filter *filter,
			  struct po_place *place)
{
	const struct po_table *table = place->table;
	struct net *net = place->net;
	struct sock *held, *sk;
	int err;

	do {
		err = po_snap_reserve(snap);
		if (!err && po_snap_killed(snap))
			err = -EINTR;
		if (err)
			break;

		held = place->sk;
		place->sk = NULL;
		table->lock(table, net, place->nr);
		if (held && !table->linked(table, net, place->nr, held)) {
			err = -EAGAIN;
		} else {
			sk = held ?: table->first(table, net, place->nr);
			place->sk = po_walk_locked(snap, filter, place, sk);
		}
		table->unlock(table, net, place->nr);
		if (held)
			sock_gen_put(held);
		cond_resched();
	} while (place->sk);

	if (place->sk)
		sock_gen_put(place->sk);

	return err;
}

/**
 * struct po_collector - who collects what a table tells
 * @seer: is told
 * @snap: where the sockets go
 * @filter: which sockets
 * @place: as far as it counts culprits
 */
struct po_collector {
	struct po_seer seer;
	struct po_snap *snap;
	const struct po_filter *filter;
	struct po_place *place;
};

static int po_collect_one(const struct po_seer *seer, struct sock *sk,
			  const struct in6_addr *addr)
{
	const struct po_collector *to = container_of(seer, struct po_collector,
						     seer);
	struct po_snap *snap = to->snap;
	int err;

	err = po_snap_reserve(snap);
	if (err)
		return err;
	/* A refusal is recorded also for who is being killed. */
	if (!to->filter->want && fatal_signal_pending(current))
		return -EINTR;

	if (po_take(to->filter, po_snap_sock(snap, snap->nr), sk, addr,
		    to->place))
		snap->nr++;

	return 0;
}

static int po_walk_each(struct po_snap *snap, const struct po_filter *filter,
			struct po_place *place)
{
	const struct po_collector to = {
		.seer	= { .see = po_collect_one, .as_bound = filter->want },
		.snap	= snap,
		.filter	= filter,
		.place	= place,
	};

	return place->table->each(place->net, &to.seer);
}

/* A bucket, or all sockets of a namespace where there are no buckets. */
static int po_collect_bucket(struct po_snap *snap,
			     const struct po_filter *filter,
			     const struct po_table *table, struct net *net,
			     unsigned int nr)
{
	struct po_place place = { .net = net, .table = table, .nr = nr };
	u32 mark = snap->nr;
	int i, err;

	for (i = 0; i < PO_ATTEMPTS; i++) {
		snap->nr = mark;
		place.holding = 0;
		place.connected = 0;
		err = table->each ? po_walk_each(snap, filter, &place) :
				    po_walk_bucket(snap, filter, &place);
		if (err != -EAGAIN)
			return err;
	}
	snap->torn = true;

	return 0;
}

/* The sockets that are in the table of a namespace. */
static int po_collect_net(struct po_snap *snap, const struct po_filter *filter,
			  const struct po_table *table, struct net *net)
{
	unsigned int nr, buckets;
	int err;

	if (table->each)
		return po_collect_bucket(snap, filter, table, net, 0);
	if (filter->port_first == filter->port_last && !filter->all_netns)
		return po_collect_bucket(snap, filter, table, net,
					 table->bucket(table, net,
						       filter->port_first));

	buckets = table->buckets(table, net);
	for (nr = 0; nr < buckets; nr++) {
		nr = table->used(table, net, nr, min(nr + PO_EMPTY, buckets - 1));
		err = po_collect_bucket(snap, filter, table, net, nr);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
	}

	return 0;
}

/* The sockets of all namespaces that do not share the table of most. */
static int po_collect_others(struct po_snap *snap,
			     const struct po_filter *filter,
			     const struct po_table *table)
{
	struct net *net;
	int err = 0;

	for (net = po_net_next(NULL); net; net = po_net_next(net)) {
		if (po_table_shared(table, net))
			continue;
		err = po_collect_net(snap, filter, table, net);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		if (err) {
			put_net(net);
			break;
		}
	}

	return err;
}

static int po_collect_table(struct po_snap *snap,
			    const struct po_filter *filter,
			    const struct po_table *table)
{
	int err = 0;

	if (!filter->all_netns)
		return po_collect_net(snap, filter, table, filter->net);
	if (table->of)
		err = po_collect_net(snap, filter, table, &init_net);

	return err ?: po_collect_others(snap, filter, table);
}

/**
 * po_collect() - add the sockets that occupy ports to a snapshot
 * @snap: snapshot
 * @filter: which sockets
 *
 * Reads only the bucket of a single port, all buckets otherwise. A bucket is
 * locked for at most PO_BATCH sockets at a time.
 *
 * Context: may sleep; takes the bucket locks, and sk_callback_lock within.
 * Return: 0, -ENOMEM, -EFBIG for more sockets than a snapshot can have, -E2BIG
 * for more than a reader may have, or -EINTR if the caller is being killed.
 */
int po_collect(struct po_snap *snap, const struct po_filter *filter)
{
	u16 proto = filter->proto == IPPROTO_MPTCP ? IPPROTO_TCP :
						     filter->proto;
	unsigned int i;
	int err;

	for (i = 0; i < po_nr_tables; i++) {
		if (proto && proto != po_tables[i]->proto)
			continue;
		err = po_collect_table(snap, filter, po_tables[i]);
		if (err)
			return err;
	}
	err = po_share(snap, !filter->want);
	po_snap_prune(snap);

	return err;
}
