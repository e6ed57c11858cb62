// SPDX-License-Identifier: GPL-2.0
/* Find the sockets that occupy ports. */

#include <linux/sched/signal.h>
#include <net/inet_hashtables.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "sockets/sockets.h"

/* Empty buckets skipped without rescheduling. */
#define PO_EMPTY_BATCH	2048

/* Sockets of a bucket visited before its lock is released. */
#define PO_BUCKET_BATCH	64

/* Attempts to read a bucket whose sockets leave it in the meantime. */
#define PO_BUCKET_ATTEMPTS	8

/*
 * Limits on the number of culprits: bound and listening ones, for a reader and
 * for a refused task; and connections.
 */
#define PO_CULPRITS_HOLDING	256
#define PO_CULPRITS_RECORDED	32
#define PO_CULPRITS_CONNECTED	16

/* Limits on sockets kept because they may share the port with a culprit. */
#define PO_OTHERS		1024
#define PO_OTHERS_RECORDED	8

/*
 * Estimated instructions to look at an entry of a bucket; and to skip, compare and
 * describe a socket.
 */
#define PO_COST_ENTRY		6
#define PO_COST_PASS		40
#define PO_COST_COMPARE		250
#define PO_COST_DESCRIBE	500

/**
 * struct po_bucket_cursor - position in a bucket
 * @net: namespace of the table
 * @table: table of the bucket
 * @nr: number of the bucket
 * @sk: referenced socket to continue with, or NULL at the start and at the end
 * @nr_holding: bound and listening culprits so far
 * @nr_connected: connections among the culprits so far
 * @nr_others: sockets so far that are not culprits
 */
struct po_bucket_cursor {
	struct net *net;
	const struct po_table *table;
	unsigned int nr;
	struct sock *sk;
	u32 nr_holding;
	u32 nr_connected;
	u32 nr_others;
};

static bool po_filter_match(const struct po_filter *filter,
			    const struct sock *sk)
{
	return (filter->all_netns || net_eq(sock_net(sk), filter->net)) &&
	       sk->sk_num >= filter->port_first &&
	       sk->sk_num <= filter->port_last;
}

/*
 * Whether a socket cannot conflict with the bind because its address differs.
 * Cheap enough for a refused task to skip thousands of sockets.
 */
static bool po_has_other_addr(const struct po_filter *filter,
			      const struct sock *sk)
{
	const struct po_sock *want = &filter->want->sock;
	const struct in6_addr *addr;
	__be32 v4;

	if (want->family != READ_ONCE(sk->sk_family) ||
	    (po_transport(want) != IPPROTO_TCP && !po_is_udp(want)))
		return false;
	if (want->family == AF_INET) {
		v4 = READ_ONCE(sk->sk_rcv_saddr);
		return want->addr.s6_addr32[3] && v4 && want->addr.s6_addr32[3] != v4;
	}

	addr = inet6_rcv_saddr(sk);

	return addr && !ipv6_addr_any(addr) && !ipv6_addr_v4mapped(addr) &&
	       !ipv6_addr_any(&want->addr) &&
	       !ipv6_addr_v4mapped(&want->addr) &&
	       !ipv6_addr_equal(addr, &want->addr);
}

static u32 po_max_holding(const struct po_snap *snap)
{
	return snap->bounded ? PO_CULPRITS_RECORDED : PO_CULPRITS_HOLDING;
}

/* Whether the limit of bound and listening culprits is reached. */
static bool po_enough_culprits(const struct po_snap *snap,
			       const struct po_filter *filter,
			       const struct po_bucket_cursor *cursor)
{
	return filter->want && cursor->nr_holding >= po_max_holding(snap);
}

/* Whether to report a socket, rather than count it in a share group. */
static bool po_is_wanted(const struct po_filter *filter,
			 const struct po_sock *rec,
			 struct po_bucket_cursor *cursor)
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
		cursor->nr_holding++;
		return true;
	}

	return cursor->nr_connected++ < PO_CULPRITS_CONNECTED;
}

/* Whether to keep a socket that is not to be reported, for the share groups. */
static bool po_keep_for_share(const struct po_snap *snap,
			      const struct po_filter *filter,
			      const struct po_sock *rec,
			      struct po_bucket_cursor *cursor)
{
	if (!po_holds_port(rec) || !(filter->states & PO_STATES_DEFAULT))
		return false;
	if (!filter->want)
		return true;

	return cursor->nr_others++ < (snap->bounded ? PO_OTHERS_RECORDED :
						  PO_OTHERS);
}

/*
 * Add a socket to the snapshot if it is wanted, complete except for its owners.
 * @addr is one of several addresses, or NULL if the socket has only one; @state
 * is 0, or overrides the state of the socket.
 */
static void po_collect_sock(struct po_snap *snap,
			    const struct po_filter *filter, struct sock *sk,
			    const struct in6_addr *addr, u8 state,
			    struct po_bucket_cursor *cursor)
{
	struct po_sock *rec = po_snap_sock(snap, snap->nr);

	po_spend(snap, PO_COST_PASS);
	if (!po_filter_match(filter, sk) ||
	    (snap->bounded && filter->want && po_has_other_addr(filter, sk)))
		return;

	po_spend(snap, PO_COST_COMPARE);
	po_sock_init(rec, sk);
	po_sock_addr(rec, sk);
	po_sock_buckets(rec, sk);
	if (addr)
		rec->addr = *addr;
	if (state)
		rec->state = state;
	if (sk->sk_state != TCP_TIME_WAIT)
		rec->conflict_uid = po_conflict_uid(sk);
	rec->skip = !po_is_wanted(filter, rec, cursor);
	if (!rec->skip) {
		po_spend(snap, PO_COST_DESCRIBE);
		po_sock_describe(rec, sk);
		snap->nr++;
	} else if (po_keep_for_share(snap, filter, rec, cursor)) {
		snap->nr++;
	}
}

/*
 * Read a locked bucket from @sk on, until the snapshot is full or the batch is
 * complete. Returns the socket to continue with, referenced, or NULL.
 */
static struct sock *po_collect_locked(struct po_snap *snap,
				      const struct po_filter *filter,
				      struct po_bucket_cursor *cursor,
				      struct sock *sk)
{
	u32 budget = PO_BUCKET_BATCH;

	for (; sk; sk = cursor->table->next(sk)) {
		/* A time-wait socket being set up; the original is here too. */
		if (!refcount_read(&sk->sk_refcnt))
			continue;
		if (po_enough_culprits(snap, filter, cursor)) {
			snap->truncated = true;
			break;
		}
		if (snap->nr == snap->capacity || !budget-- ||
		    snap->budget <= 0) {
			sock_hold(sk);
			return sk;
		}
		po_collect_sock(snap, filter, sk, NULL, 0, cursor);
	}

	return NULL;
}

/*
 * Whether a socket is still in a locked bucket, which may list very many ports of other
 * namespaces. Returns 0, -EAGAIN if it is not, or -ETIME if the budget is spent.
 */
static int po_check_linked(struct po_snap *snap, const struct po_bucket_cursor *cursor,
			   const struct sock *sk)
{
	u32 max = U32_MAX, left;
	bool linked;

	if (snap->bounded)
		max = (u32)snap->budget / PO_COST_ENTRY + 1;
	left = max;
	linked = cursor->table->linked(cursor->table, cursor->net, cursor->nr, sk, &left);
	po_spend(snap, (max - left) * PO_COST_ENTRY);
	if (linked)
		return 0;

	/* What was found before the budget was spent is kept. */
	return left ? -EAGAIN : -ETIME;
}

/*
 * Read a bucket, releasing its lock after each batch. A referenced socket marks
 * the position. If that leaves the bucket, the position is lost: -EAGAIN.
 */
static int po_collect_hashed(struct po_snap *snap,
			     const struct po_filter *filter,
			     struct po_bucket_cursor *cursor)
{
	const struct po_table *table = cursor->table;
	struct net *net = cursor->net;
	struct sock *held, *sk;
	int err;

	do {
		err = po_snap_reserve(snap) ?: po_snap_check(snap);
		if (err)
			break;

		held = cursor->sk;
		cursor->sk = NULL;
		table->lock(table, net, cursor->nr);
		err = held ? po_check_linked(snap, cursor, held) : 0;
		if (!err) {
			sk = held ?: table->first(table, net, cursor->nr);
			cursor->sk =
				po_collect_locked(snap, filter, cursor, sk);
		}
		table->unlock(table, net, cursor->nr);
		if (held)
			sock_gen_put(held);
		cond_resched();
	} while (cursor->sk);

	if (cursor->sk)
		sock_gen_put(cursor->sk);

	return err;
}

/**
 * struct po_collector - a visitor that adds sockets to a snapshot
 * @visitor: the visitor
 * @filter: which sockets to collect
 * @cursor: counts the culprits
 */
struct po_collector {
	struct po_sk_visitor visitor;
	const struct po_filter *filter;
	struct po_bucket_cursor *cursor;
};

static int po_collect_visit(const struct po_sk_visitor *visitor,
			    struct sock *sk, const struct in6_addr *addr,
			    u8 state)
{
	const struct po_collector *collector =
		container_of(visitor, struct po_collector, visitor);
	int err;

	err = po_snap_reserve(visitor->snap) ?: po_snap_check(visitor->snap);
	if (err)
		return err;
	if (po_enough_culprits(visitor->snap, collector->filter,
			       collector->cursor)) {
		visitor->snap->truncated = true;
		return visitor->snap->bounded ? -ETIME : 0;
	}
	po_collect_sock(visitor->snap, collector->filter, sk, addr, state,
			collector->cursor);

	return 0;
}

static int po_collect_each(struct po_snap *snap, const struct po_filter *filter,
			   struct po_bucket_cursor *cursor)
{
	const struct po_collector collector = {
		.visitor	= {
			.visit		= po_collect_visit,
			.snap		= snap,
			.as_bound	= filter->want,
		},
		.filter	= filter,
		.cursor	= cursor,
	};

	return cursor->table->each(cursor->net, &collector.visitor);
}

/* Collect a bucket, or a whole namespace if the table has no buckets. */
static int po_collect_bucket(struct po_snap *snap,
			     const struct po_filter *filter,
			     const struct po_table *table, struct net *net,
			     unsigned int nr)
{
	struct po_bucket_cursor cursor = { .net = net,
					   .table = table,
					   .nr = nr };
	u32 mark = snap->nr;
	int i, err;

	for (i = 0; i < PO_BUCKET_ATTEMPTS; i++) {
		snap->nr = mark;
		cursor.nr_holding = 0;
		cursor.nr_connected = 0;
		cursor.nr_others = 0;
		err = table->each ? po_collect_each(snap, filter, &cursor) :
				    po_collect_hashed(snap, filter, &cursor);
		if (err != -EAGAIN)
			return err;
	}
	snap->torn = true;

	return 0;
}

/* Collect from the table of one namespace. */
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
		nr = table->used(table, net, nr,
				 min(nr + PO_EMPTY_BATCH, buckets - 1));
		err = po_collect_bucket(snap, filter, table, net, nr);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
	}

	return 0;
}

/* Collect from all namespaces that do not share the initial one's table. */
static int po_collect_own_tables(struct po_snap *snap,
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
	if (table->hash_table)
		err = po_collect_net(snap, filter, table, &init_net);

	return err ?: po_collect_own_tables(snap, filter, table);
}

/**
 * po_collect() - add the sockets that occupy ports to a snapshot
 * @snap: snapshot
 * @filter: which sockets
 *
 * Reads a single bucket for a single port, otherwise all buckets. A bucket is
 * locked for at most PO_BUCKET_BATCH sockets at a time. A bounded snapshot
 * contains what was found before its budget was spent or the caller was killed.
 *
 * Context: may sleep; takes the bucket locks, and sk_callback_lock inside.
 * Return: 0, always if @snap is bounded; -ENOMEM; -EFBIG or -E2BIG if the
 * snapshot is full, see po_snap_reserve(); or -EINTR if the caller is being
 * killed.
 */
int po_collect(struct po_snap *snap, const struct po_filter *filter)
{
	u16 proto = filter->proto == IPPROTO_MPTCP ? IPPROTO_TCP :
						     filter->proto;
	unsigned int i;
	int err = 0;

	if (snap->bounded)
		snap->budget = PO_COLLECT_BUDGET;
	for (i = 0; i < po_nr_tables && !err; i++)
		if (!proto || proto == po_tables[i]->proto)
			err = po_collect_table(snap, filter, po_tables[i]);
	if (snap->bounded) {
		/* Share groups without memory for them are incomplete as well. */
		snap->truncated |= err;
		snap->truncated |= po_share(snap, false);
		err = 0;
	} else {
		err = err ?: po_share(snap, true);
	}
	po_snap_prune(snap);

	return err;
}
