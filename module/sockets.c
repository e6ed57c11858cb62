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

/*
 * Sockets in the way of a bind that are kept; there may be any number. First
 * those that hold the port, of which a record has fewer.
 */
#define PO_CULPRITS_HOLDING	256
#define PO_CULPRITS_RECORDED	32
#define PO_CULPRITS_CONNECTED	16

/* Others on the port, with which they may share it: fewer for a record, too. */
#define PO_OTHERS		1024
#define PO_OTHERS_RECORDED	8

/* Instructions that a refused task spends on looking at sockets. */
#define PO_COLLECT_MOST		100000

/* What a socket takes to pass over, to compare, and to describe. */
#define PO_COST_PASS		40
#define PO_COST_COMPARE		250
#define PO_COST_DESCRIBE	500

/**
 * struct po_place - how far a bucket was read
 * @net: namespace whose table it is
 * @table: table of the bucket
 * @nr: number of the bucket
 * @sk: held socket that is next, or NULL at the start and at the end
 * @holding: culprits so far that listen or are bound
 * @connected: other culprits so far
 * @others: sockets so far that are no culprits
 */
struct po_place {
	struct net *net;
	const struct po_table *table;
	unsigned int nr;
	struct sock *sk;
	u32 holding;
	u32 connected;
	u32 others;
};

static bool po_filter_match(const struct po_filter *filter,
			    const struct sock *sk)
{
	return (filter->all_netns || net_eq(sock_net(sk), filter->net)) &&
	       sk->sk_num >= filter->port_first &&
	       sk->sk_num <= filter->port_last;
}

/*
 * Whether a glance tells that a socket has another address than is wanted. Of
 * very many on a port that can be read within a refusal's time.
 */
static bool po_elsewhere(const struct po_filter *filter, const struct sock *sk)
{
	const struct po_sock *want = &filter->want->sock;
	const struct in6_addr *addr;

	if (want->family != sk->sk_family ||
	    (po_transport(want) != IPPROTO_TCP && !po_is_udp(want)))
		return false;
	if (want->family == AF_INET)
		return want->addr.s6_addr32[3] && sk->sk_rcv_saddr &&
		       want->addr.s6_addr32[3] != sk->sk_rcv_saddr;

	addr = inet6_rcv_saddr(sk);

	return addr && !ipv6_addr_any(addr) && !ipv6_addr_v4mapped(addr) &&
	       !ipv6_addr_any(&want->addr) &&
	       !ipv6_addr_v4mapped(&want->addr) &&
	       !ipv6_addr_equal(addr, &want->addr);
}

static u32 po_most_holding(const struct po_snap *snap)
{
	return snap->bounded ? PO_CULPRITS_RECORDED : PO_CULPRITS_HOLDING;
}

/* Whether no further culprit would be kept; what has the port only is no loss. */
static bool po_has_enough(const struct po_snap *snap,
			  const struct po_filter *filter,
			  const struct po_place *place)
{
	return filter->want && place->holding >= po_most_holding(snap);
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

	if (po_holds_port(rec)) {
		place->holding++;
		return true;
	}

	return place->connected++ < PO_CULPRITS_CONNECTED;
}

/* Whether to keep a socket that is not asked for, for the share groups. */
static bool po_take_other(const struct po_snap *snap,
			  const struct po_filter *filter,
			  const struct po_sock *rec, struct po_place *place)
{
	if (!po_holds_port(rec) || !(filter->states & PO_STATES_DEFAULT))
		return false;
	if (!filter->want)
		return true;

	return place->others++ < (snap->bounded ? PO_OTHERS_RECORDED :
						  PO_OTHERS);
}

/*
 * Look at a socket, and whether to keep it, complete but for its owners. @addr
 * is the one of its addresses to be kept, NULL for what it has but one.
 */
static void po_take(struct po_snap *snap, const struct po_filter *filter,
		    struct sock *sk, const struct in6_addr *addr,
		    struct po_place *place)
{
	struct po_sock *rec = po_snap_sock(snap, snap->nr);

	po_spend(snap, PO_COST_PASS);
	if (!po_filter_match(filter, sk) ||
	    (snap->bounded && filter->want && po_elsewhere(filter, sk)))
		return;

	po_spend(snap, PO_COST_COMPARE);
	po_sock_init(rec, sk);
	po_sock_addr(rec, sk);
	po_sock_buckets(rec, sk);
	if (addr)
		rec->addr = *addr;
	if (sk->sk_state != TCP_TIME_WAIT)
		rec->conflict_uid = po_conflict_uid(sk);
	rec->skip = !po_asked_for(filter, rec, place);
	if (!rec->skip) {
		po_spend(snap, PO_COST_DESCRIBE);
		po_sock_describe(rec, sk);
		snap->nr++;
	} else if (po_take_other(snap, filter, rec, place)) {
		snap->nr++;
	}
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
		if (po_has_enough(snap, filter, place)) {
			snap->cut = true;
			break;
		}
		if (snap->nr == snap->room || !budget-- || snap->left <= 0) {
			sock_hold(sk);
			return sk;
		}
		po_take(snap, filter, sk, NULL, place);
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
		err = po_snap_reserve(snap) ?: po_snap_check(snap);
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
 * @filter: which sockets
 * @place: as far as it counts culprits
 */
struct po_collector {
	struct po_seer seer;
	const struct po_filter *filter;
	struct po_place *place;
};

static int po_collect_one(const struct po_seer *seer, struct sock *sk,
			  const struct in6_addr *addr)
{
	const struct po_collector *to = container_of(seer, struct po_collector,
						     seer);
	int err;

	err = po_snap_reserve(seer->snap) ?: po_snap_check(seer->snap);
	if (err)
		return err;
	if (po_has_enough(seer->snap, to->filter, to->place)) {
		seer->snap->cut = true;
		return seer->snap->bounded ? -ETIME : 0;
	}
	po_take(seer->snap, to->filter, sk, addr, to->place);

	return 0;
}

static int po_walk_each(struct po_snap *snap, const struct po_filter *filter,
			struct po_place *place)
{
	const struct po_collector to = {
		.seer	= {
			.see		= po_collect_one,
			.snap		= snap,
			.as_bound	= filter->want,
		},
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
		place.others = 0;
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
 * locked for at most PO_BATCH sockets at a time. A bounded snapshot is what was
 * found until its bounds, or the life of the caller, were at an end.
 *
 * Context: may sleep; takes the bucket locks, and sk_callback_lock within.
 * Return: 0, -ENOMEM, -EFBIG for more sockets than a snapshot can have, -E2BIG
 * for more than a reader may have, or -EINTR if the caller is being killed; always
 * 0 if @snap is bounded.
 */
int po_collect(struct po_snap *snap, const struct po_filter *filter)
{
	u16 proto = filter->proto == IPPROTO_MPTCP ? IPPROTO_TCP :
						     filter->proto;
	unsigned int i;
	int err = 0;

	if (snap->bounded)
		snap->left = PO_COLLECT_MOST;
	for (i = 0; i < po_nr_tables && !err; i++)
		if (!proto || proto == po_tables[i]->proto)
			err = po_collect_table(snap, filter, po_tables[i]);
	if (snap->bounded) {
		snap->cut |= err;
		err = 0;
	}
	err = err ?: po_share(snap, !snap->bounded);
	po_snap_prune(snap);

	return snap->bounded ? 0 : err;
}
