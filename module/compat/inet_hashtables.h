/* SPDX-License-Identifier: GPL-2.0 */
/* Hash tables of TCP, UDP and raw sockets, and how they are walked. */

#ifndef _PO_COMPAT_INET_HASHTABLES_H
#define _PO_COMPAT_INET_HASHTABLES_H

#include <linux/list.h>
#include <net/inet_connection_sock.h>
#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/raw.h>
#include <net/udp.h>
/* UDP-Lite was removed in 7.3. */
#ifdef IS_UDPLITE
#include <net/udplite.h>
#define PO_UDPLITE
#endif

/* From 6.2 on a network namespace may have its own UDP table. */
#ifndef PO_HAS_NET_UDP_TABLE
#define po_udp_table(net)	(&udp_table)
#else
#define po_udp_table(net)	((net)->ipv4.udp_table)
#endif

/* From 6.1 on TCP also has a hash of bound sockets by address and port. */
#ifndef PO_HAS_ADDR_BUCKETS
#define PO_HASHES_ADDRS	0
#else
#define PO_HASHES_ADDRS	1
#endif

/* Before 6.8 that hash misses ::ffff:0.0.0.0 if both sockets are AF_INET6. */
#ifdef PO_HAS_ADDR_BUCKET_FAMILY
#define PO_MISSES_MAPPED_ANY	1
#else
#define PO_MISSES_MAPPED_ANY	0
#endif

/* With more sockets in a slot, UDP uses its hash by address and port. */
#define PO_UDP_MANY	10

/* It does so even for a wildcard address, before a fix that was backported. */
#ifdef PO_HAS_ANY_HASHED_BY_PORT
#define PO_UDP_HASHES_ANY	0
#else
#define PO_UDP_HASHES_ANY	1
#endif

/*
 * Raw sockets: lock and hash changed in 6.0, in 6.3 and in 6.1.24. The kernels
 * in between, which use nulls lists, are not supported.
 */
#if defined(RAW_HTABLE_LOG)
#define PO_RAW
#define po_raw_hash(net, number)	raw_hashfunc(net, number)
#define po_raw_read_lock(info)		spin_lock_bh(&(info)->lock)
#define po_raw_read_unlock(info)	spin_unlock_bh(&(info)->lock)
#elif defined(PO_HAS_RAW_RWLOCK)
#define PO_RAW
#define po_raw_hash(net, number)	((number) & (RAW_HTABLE_SIZE - 1))
#define po_raw_read_lock(info)		read_lock_bh(&(info)->lock)
#define po_raw_read_unlock(info)	read_unlock_bh(&(info)->lock)
#endif

/* From 6.8 on the sockets of a port are grouped by address. */
#ifndef PO_HAS_ADDR_BUCKET_OWNERS
static inline struct sock *po_tb_first(const struct inet_bind_bucket *tb)
{
	return hlist_entry_safe(tb->owners.first, struct sock, sk_bind_node);
}

static inline struct sock *po_tb_next(const struct sock *sk)
{
	return hlist_entry_safe(sk->sk_bind_node.next, struct sock,
				sk_bind_node);
}
#else
static inline struct sock *po_tb2_first(struct inet_bind2_bucket *tb2)
{
	hlist_for_each_entry_from(tb2, bhash_node)
		if (!hlist_empty(&tb2->owners))
			return hlist_entry(tb2->owners.first, struct sock,
					   sk_bind_node);

	return NULL;
}

static inline struct sock *po_tb_first(const struct inet_bind_bucket *tb)
{
	return po_tb2_first(hlist_entry_safe(tb->bhash2.first,
					      struct inet_bind2_bucket,
					      bhash_node));
}

static inline struct sock *po_tb_next(const struct sock *sk)
{
	const struct inet_bind2_bucket *tb2;

	if (sk->sk_bind_node.next)
		return hlist_entry(sk->sk_bind_node.next, struct sock,
				   sk_bind_node);

	tb2 = sk->sk_state == TCP_TIME_WAIT ? inet_twsk(sk)->tw_tb2 :
					      inet_csk(sk)->icsk_bind2_hash;

	return po_tb2_first(hlist_entry_safe(tb2->bhash_node.next,
					      struct inet_bind2_bucket,
					      bhash_node));
}
#endif

/**
 * po_addr_bucket() - get the key of a socket in TCP's hash by address
 * @sk: socket or time-wait socket with a port
 * @l3mdev: result: VRF; unchanged on kernels without this hash
 * @family: result: family of the first socket of its hash entry; unchanged on
 *	kernels where that is irrelevant
 *
 * Context: called with the bucket of the port locked.
 */
static inline void po_addr_bucket(const struct sock *sk, int *l3mdev,
				  u16 *family)
{
#if PO_HASHES_ADDRS
	const struct inet_bind2_bucket *tb2;

	tb2 = sk->sk_state == TCP_TIME_WAIT ? inet_twsk(sk)->tw_tb2 :
					      inet_csk(sk)->icsk_bind2_hash;
	if (!tb2)
		return;

	*l3mdev = tb2->l3mdev;
#if PO_MISSES_MAPPED_ANY && IS_ENABLED(CONFIG_IPV6)
	*family = tb2->family;
#endif
#endif
}

#endif /* _PO_COMPAT_INET_HASHTABLES_H */
