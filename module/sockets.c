// SPDX-License-Identifier: GPL-2.0
/* Find the sockets that occupy ports, and copy what is known of them. */

#include <linux/netdevice.h>
#include <linux/sched/signal.h>
#include <linux/sock_diag.h>
#include <net/inet_timewait_sock.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/mptcp.h>

#include "internal.h"

/* Sockets looked at before a bucket's lock is given up for a moment. */
#define PO_BATCH	64

/* Attempts at a bucket whose sockets go away while they are read. */
#define PO_ATTEMPTS	8

/* Sockets that one reject names at most; there may be any number. */
#define PO_CULPRITS_HOLDING	256
#define PO_CULPRITS_CONNECTED	16

static u8 po_sock_flags(const struct sock *sk, bool full)
{
	u8 flags = 0;

	if (sk->sk_reuse)
		flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;
	if (sk->sk_reuseport)
		flags |= PORTOWNER_SOCK_FLAG_REUSEPORT;
	if (ipv6_only_sock(sk))
		flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
	if (full && po_inet_freebind(sk))
		flags |= PORTOWNER_SOCK_FLAG_FREEBIND;
	if (full ? po_inet_transparent(sk) : inet_twsk(sk)->tw_transparent)
		flags |= PORTOWNER_SOCK_FLAG_TRANSPARENT;

	return flags;
}

/* TCP has the ports of each routing domain apart, unless told otherwise. */
static int po_l3mdev(const struct sock *sk, int ifindex)
{
#ifdef CONFIG_NET_L3_MASTER_DEV
	struct net *net = sock_net(sk);

	if (ifindex && !READ_ONCE(net->ipv4.sysctl_tcp_l3mdev_accept))
		return l3mdev_master_ifindex_by_index(net, ifindex);
#endif
	return 0;
}

/* As the application sees it: MPTCP uses TCP sockets beneath its own. */
static u16 po_sock_proto(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP && sk_is_mptcp(sk) ?
		       IPPROTO_MPTCP : sk->sk_protocol;
}

/**
 * po_sock_init() - copy what a socket is, wherever it is bound
 * @rec: record to be filled; address, port, file and owners stay empty
 * @sk: a socket or a time-wait one that cannot be freed meanwhile
 *
 * Context: any.
 */
void po_sock_init(struct po_sock *rec, struct sock *sk)
{
	bool full = sk->sk_state != TCP_TIME_WAIT;

	memset(rec, 0, sizeof(*rec));
	rec->sk = sk;
	rec->family = sk->sk_family;
	rec->netns = sock_net(sk)->ns.inum;
	rec->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	rec->flags = po_sock_flags(sk, full);
	rec->proto = full ? po_sock_proto(sk) : IPPROTO_TCP;
	rec->uid = full ? READ_ONCE(sk->sk_uid) : INVALID_UID;
	rec->conflict_uid = rec->uid;
	rec->l3mdev = po_l3mdev(sk, rec->ifindex);
	rec->state = full ? READ_ONCE(sk->sk_state) : inet_twsk(sk)->tw_substate;
}

/**
 * po_sock_addr() - copy where a socket is bound
 * @rec: record to be filled
 * @sk: a socket or a time-wait one that cannot be freed meanwhile
 *
 * Context: any.
 */
void po_sock_addr(struct po_sock *rec, const struct sock *sk)
{
	const struct in6_addr *addr = inet6_rcv_saddr(sk);

	if (addr)
		rec->addr = *addr;
	else
		ipv6_addr_set_v4mapped(sk->sk_rcv_saddr, &rec->addr);
	rec->port = sk->sk_num;
}

/**
 * po_sock_dev() - look up the name of the device that a socket is bound to
 * @rec: record with its index, to which the name is added
 * @sk: the socket, which cannot be freed meanwhile
 *
 * Context: any but hard interrupts.
 */
void po_sock_dev(struct po_sock *rec, const struct sock *sk)
{
	struct net_device *dev;

	if (!rec->ifindex)
		return;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(sock_net(sk), rec->ifindex);
	if (dev)
		strscpy(rec->dev, dev->name, sizeof(rec->dev));
	rcu_read_unlock();
}

/* sk_callback_lock keeps sk_socket, and with it the file, from going away. */
static void po_sock_file(struct po_sock *rec, struct sock *sk)
{
	const struct file *file;

	read_lock_bh(&sk->sk_callback_lock);
	if (sk->sk_socket) {
		file = sk->sk_socket->file;
		if (file) {
			rec->file = file;
			rec->refs = file_count(file);
			/* None: it is being closed. One is a descriptor. */
			if (rec->refs > 1)
				rec->refs = max(rec->refs -
						po_waiters(sk, file), 1L);
			rec->inode = SOCK_INODE(sk->sk_socket)->i_ino;
		} else if (rec->proto == IPPROTO_MPTCP) {
			/* It bears the number of the socket above it. */
			rec->inode = SOCK_INODE(sk->sk_socket)->i_ino;
		} else if (po_holds_port(rec)) {
			rec->handler = po_kernel_handler(sk);
		}
	}
	read_unlock_bh(&sk->sk_callback_lock);
}

static void po_sock_cookie(struct po_sock *rec, struct sock *sk)
{
	u32 cookie[2];

	sock_diag_save_cookie(sk, cookie);
	rec->cookie = (u64)cookie[1] << 32 | cookie[0];
}

/**
 * struct po_place - how far a bucket was read
 * @table: table of the bucket
 * @nr: number of the bucket
 * @sk: held socket that is next, or NULL at the start and at the end
 * @holding: culprits so far that listen or are bound
 * @connected: other culprits so far
 */
struct po_place {
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

/* Whether to keep a socket; @rec then is complete but for its owners. */
static bool po_take(const struct po_filter *filter, struct po_sock *rec,
		    struct sock *sk, struct po_place *place)
{
	if (!po_filter_match(filter, sk))
		return false;

	po_sock_init(rec, sk);
	po_sock_addr(rec, sk);
	if (sk->sk_state != TCP_TIME_WAIT)
		rec->conflict_uid = po_conflict_uid(sk);
	rec->skip = !po_asked_for(filter, rec, place);
	if (rec->skip)
		return po_holds_port(rec) && filter->states & PO_STATES_DEFAULT;

	po_sock_dev(rec, sk);
	po_sock_cookie(rec, sk);
	if (sk->sk_state != TCP_TIME_WAIT)
		po_sock_file(rec, sk);

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

	for (; sk; sk = place->table->next(filter->net, place->nr, sk)) {
		/* Time-wait half made; the original is still here too. */
		if (!refcount_read(&sk->sk_refcnt))
			continue;
		if (snap->nr == snap->room || !budget--) {
			sock_hold(sk);
			return sk;
		}
		if (po_take(filter, po_snap_sock(snap, snap->nr), sk, place))
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
	const struct net *net = filter->net;
	spinlock_t *lock = table->lock(net, place->nr);
	struct sock *held, *sk;
	int err;

	do {
		err = po_snap_reserve(snap);
		if (err)
			break;

		held = place->sk;
		place->sk = NULL;
		spin_lock_bh(lock);
		if (held && !table->linked(net, place->nr, held)) {
			err = -EAGAIN;
		} else {
			sk = held ?: table->first(net, place->nr);
			place->sk = po_walk_locked(snap, filter, place, sk);
		}
		spin_unlock_bh(lock);
		if (held)
			sock_gen_put(held);
		cond_resched();
	} while (place->sk);

	if (place->sk)
		sock_gen_put(place->sk);

	return err;
}

static int po_collect_bucket(struct po_snap *snap,
			     const struct po_filter *filter,
			     const struct po_table *table, unsigned int nr)
{
	struct po_place place = { .table = table, .nr = nr };
	u32 mark = snap->nr;
	int i, err;

	for (i = 0; i < PO_ATTEMPTS; i++) {
		snap->nr = mark;
		place.holding = 0;
		place.connected = 0;
		err = po_walk_bucket(snap, filter, &place);
		if (err != -EAGAIN)
			return err;
	}
	snap->torn = true;

	return 0;
}

static int po_collect_table(struct po_snap *snap,
			    const struct po_filter *filter,
			    const struct po_table *table)
{
	unsigned int nr, buckets = table->buckets(filter->net);
	int err;

	if (filter->port_first == filter->port_last && !filter->all_netns)
		return po_collect_bucket(snap, filter, table,
					 table->bucket(filter->net,
						       filter->port_first));

	for (nr = table->used(filter->net, 0); nr < buckets;
	     nr = table->used(filter->net, nr + 1)) {
		err = po_collect_bucket(snap, filter, table, nr);
		if (err)
			return err;
		if (fatal_signal_pending(current))
			return -EINTR;
	}

	return 0;
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
 * Return: 0, -ENOMEM, -EFBIG for more sockets than a snapshot can have, or
 * -EINTR if the caller is being killed.
 */
int po_collect(struct po_snap *snap, const struct po_filter *filter)
{
	u16 proto = filter->proto == IPPROTO_MPTCP ? IPPROTO_TCP :
						     filter->proto;
	unsigned int i;
	int err;

	for (i = 0; i < po_nr_tables; i++) {
		if (proto && proto != po_tables[i].proto)
			continue;
		err = po_collect_table(snap, filter, &po_tables[i]);
		if (err)
			return err;
	}
	err = po_share(snap);
	po_snap_prune(snap);

	return err;
}

/**
 * po_visit() - look at the sockets in some buckets, without keeping them
 * @filter: which sockets, of all ports
 * @table: index in po_tables
 * @buckets: bitmap of the buckets
 * @visit: called with the sockets of each bucket
 *
 * Context: may sleep; takes the bucket locks, and sk_callback_lock within.
 * Return: 0 if all were seen; -EAGAIN if some went unseen since they came and
 * went too fast; -ENOMEM or -EFBIG.
 */
int po_visit(const struct po_filter *filter, unsigned int table,
	     const unsigned long *buckets, void (*visit)(struct po_snap *))
{
	struct po_snap *snap = po_snap_new(SIZE_MAX);
	unsigned int nr;
	int err = 0;

	if (!snap)
		return -ENOMEM;

	for_each_set_bit(nr, buckets, po_tables[table].buckets(filter->net)) {
		snap->nr = 0;
		err = po_collect_bucket(snap, filter, &po_tables[table], nr);
		if (!err && snap->torn)
			err = -EAGAIN;
		if (err)
			break;
		visit(snap);
	}
	po_snap_free(snap);

	return err;
}
