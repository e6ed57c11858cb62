/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets that occupy ports: the tables of each protocol, and their details. */

#ifndef _PO_SOCKETS_H
#define _PO_SOCKETS_H

#include <linux/build_bug.h>
#include <linux/in6.h>
#include <linux/sizes.h>
#include <linux/sock_diag.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include <uapi/linux/portowner.h>

#include "core/core.h"

struct po_want;

/* ---- tables.c, and a file for each protocol: tables of sockets ---- */

/**
 * struct po_sk_visitor - callback for each socket of a walk
 * @visit: called for each socket, with a reference and without locks; for a
 *	socket with several addresses, once for each @addr, else with NULL;
 *	@state is 0, or overrides the state of the socket; a return value other
 *	than 0 ends the walk
 * @snap: snapshot that the walk fills, or NULL
 * @as_bound: visit connections with their bound addresses, which conflict with
 *	other sockets, rather than those in use
 * @until: time at which a walk over descriptors is given up with -ETIME, in
 *	nanoseconds of ktime_get_ns(), or 0
 */
struct po_sk_visitor {
	int (*visit)(const struct po_sk_visitor *visitor, struct sock *sk,
		     const struct in6_addr *addr, u8 state);
	struct po_snap *snap;
	bool as_bound;
	u64 until;
};

/**
 * struct po_table - how to access a protocol's table of sockets with a port
 * @proto: IPPROTO_*, as in &po_sock.proto
 * @family: AF_INET or AF_INET6 if all its sockets are of one family, else 0
 * @each: visit each socket of a namespace; may sleep; returns -EAGAIN if the
 *	walk lost its position, or -ETIME if the snapshot that it fills is
 *	bounded, and there may be too many sockets. Set only if a module cannot
 *	access the table as a hash table; all members below are NULL then.
 * @hash_table: get the hash table that contains the sockets of a namespace
 * @buckets: get the number of buckets
 * @bucket: get the bucket of a port
 * @used: find the first non-empty bucket from @nr on, else @end; lockless
 * @lock: lock a bucket, with softirqs disabled
 * @unlock: unlock a bucket
 * @first: get the first socket of a locked bucket
 * @next: get the next socket of a locked bucket
 * @linked: whether a socket is still in a locked bucket; may look at *@left entries of
 *	the bucket, and subtracts how many it did look at; at 0, the answer may be wrong
 */
struct po_table {
	u16 proto;
	u16 family;
	int (*each)(struct net *net, const struct po_sk_visitor *visitor);
	void *(*hash_table)(const struct net *net);
	unsigned int (*buckets)(const struct po_table *table,
				const struct net *net);
	unsigned int (*bucket)(const struct po_table *table,
			       const struct net *net, u16 port);
	unsigned int (*used)(const struct po_table *table,
			     const struct net *net, unsigned int nr,
			     unsigned int end);
	void (*lock)(const struct po_table *table, const struct net *net,
		     unsigned int nr);
	void (*unlock)(const struct po_table *table, const struct net *net,
		       unsigned int nr);
	struct sock *(*first)(const struct po_table *table,
			      const struct net *net, unsigned int nr);
	struct sock *(*next)(const struct sock *sk);
	bool (*linked)(const struct po_table *table, const struct net *net,
		       unsigned int nr, const struct sock *sk, u32 *left);
};

/* Upper limit of po_nr_tables on all kernels. */
#define PO_TABLES_MAX	8

extern const struct po_table * const po_tables[];
extern const unsigned int po_nr_tables;

/**
 * struct po_sctp_fastreuse - options of a port's sockets, as cached by SCTP
 * @port: the port
 * @reuse: all sockets have SO_REUSEADDR, and none listens
 * @reuseport: all sockets have SO_REUSEPORT and belong to @uid
 * @uid: user of the sockets
 */
struct po_sctp_fastreuse {
	u16 port;
	bool reuse;
	bool reuseport;
	kuid_t uid;
};

#ifdef PO_SCTP
int po_sctp_get_fastreuse(struct net *net, u16 port,
			  struct po_sctp_fastreuse *fast);
#else
static inline int po_sctp_get_fastreuse(struct net *net, u16 port,
					struct po_sctp_fastreuse *fast)
{
	return -EOPNOTSUPP;
}
#endif

u16 po_proto_of(const struct sock *sk);
bool po_proto_known(u16 proto);
int po_table_of(const struct sock *sk);
void po_tables_init(void);
void po_tables_exit(void);

/* Whether a namespace uses the same hash table as the initial one. */
static inline bool po_table_shared(const struct po_table *table,
				   const struct net *net)
{
	return table->hash_table &&
	       (net == &init_net ||
		table->hash_table(net) == table->hash_table(&init_net));
}

/*
 * Slots number the places where a socket can be: one per bucket of the initial
 * namespace's hash table, and a last one for all other tables together.
 */
static inline u32 po_nr_slots(const struct po_table *table)
{
	return (table->hash_table ? table->buckets(table, &init_net) : 0) + 1;
}

static inline u32 po_slot_in(const struct po_table *table,
			     const struct sock *sk)
{
	const struct net *net = sock_net(sk);

	return po_table_shared(table, net) ?
		       table->bucket(table, net, sk->sk_num) :
		       po_nr_slots(table) - 1;
}

/*
 * Key of a socket in an xarray. No two begin in the same 256 bytes; with keys that
 * are further apart, each of very many sockets would take a node of its own.
 */
static inline unsigned long po_sk_key(const struct sock *sk)
{
	BUILD_BUG_ON(sizeof(*sk) < SZ_256);

	return (unsigned long)sk / SZ_256;
}

/* ---- poll_refs.c: file references held by system calls in progress ---- */

int po_poll_refs_init(void);
long po_poll_refs(struct sock *sk, const struct file *file);

/* ---- kernel_owner.c: which part of the kernel owns a socket ---- */

int po_kernel_owner_init(void);
const void *po_kernel_file_handler(const struct sock *sk);
const void *po_kernel_handler(const struct sock *sk);
void po_kernel_name(const void *handler, char *name, size_t size);

/* Whether the kernel itself owns a socket, and no process holds it. */
static inline bool po_kernel_holds(const struct po_sock *sock)
{
	return sock->handler &&
	       (!sock->file || (!sock->owners && sock->refs > 0));
}

/* References to its file that are neither descriptors nor the kernel's own. */
static inline long po_untracked_refs(const struct po_sock *sock)
{
	return sock->refs - (sock->file && po_kernel_holds(sock));
}

/* ---- record.c: copy the details of a socket ---- */

/* What the kernel knows the socket by; chosen when first asked for. */
static inline u64 po_sock_cookie(struct sock *sk)
{
	u32 cookie[2];

	sock_diag_save_cookie(sk, cookie);

	return (u64)cookie[1] << 32 | cookie[0];
}

int po_l3mdev(struct net *net, int ifindex);
bool po_sock_grouped(const struct sock *sk);
void po_sock_init(struct po_sock *rec, struct sock *sk);
void po_sock_peer(struct po_sock *rec, const struct sock *sk);
void po_sock_addr(struct po_sock *rec, const struct sock *sk);
void po_sock_buckets(struct po_sock *rec, const struct sock *sk);
void po_sock_dev(struct po_sock *rec, const struct sock *sk);
void po_sock_describe(struct po_sock *rec, struct sock *sk);

/* ---- collect.c: find the sockets that occupy ports ---- */

/**
 * struct po_filter - which sockets to collect
 * @net: namespace to search; the caller holds a reference
 * @all_netns: search all namespaces, not only @net
 * @family: AF_INET, AF_INET6, or 0 for both
 * @proto: IPPROTO_*, or 0 for all; IPPROTO_TCP includes MPTCP
 * @port_first: first port, host byte order
 * @port_last: last port, host byte order
 * @states: bitmask of enum portowner_state
 * @want: if set, collect only sockets that conflict with this bind
 */
struct po_filter {
	struct net *net;
	bool all_netns;
	u16 family;
	u16 proto;
	u16 port_first;
	u16 port_last;
	u32 states;
	const struct po_want *want;
};

int po_collect(struct po_snap *snap, const struct po_filter *filter);

#endif /* _PO_SOCKETS_H */
