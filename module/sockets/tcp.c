// SPDX-License-Identifier: GPL-2.0
/* TCP: the bind hash, whose buckets list ports, which list their sockets. */

#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>

#include "sockets/sockets.h"
#include "sockets/tables.h"

/* Shared even by namespaces with their own table of connections. */
static void *po_tcp_of(const struct net *net)
{
	return net->ipv4.tcp_death_row.hashinfo->bhash;
}

static struct inet_bind_hashbucket *po_tcp_head(const struct net *net,
						unsigned int nr)
{
	return &net->ipv4.tcp_death_row.hashinfo->bhash[nr];
}

static unsigned int po_tcp_buckets(const struct po_table *table,
				   const struct net *net)
{
	return net->ipv4.tcp_death_row.hashinfo->bhash_size;
}

static unsigned int po_tcp_bucket(const struct po_table *table,
				  const struct net *net, u16 port)
{
	return inet_bhashfn(net, port, po_tcp_buckets(table, net));
}

static unsigned int po_tcp_used(const struct po_table *table,
				const struct net *net, unsigned int nr,
				unsigned int end)
{
	const struct inet_bind_hashbucket *head = po_tcp_head(net, 0);

	while (nr + 8 <= end && po_eight_empty(&head[nr].chain, sizeof(*head)))
		nr += 8;
	while (nr < end && hlist_empty(&head[nr].chain))
		nr++;

	return nr;
}

static void po_tcp_lock(const struct po_table *table, const struct net *net,
			unsigned int nr)
	__acquires(bucket)
{
	spin_lock_bh(&po_tcp_head(net, nr)->lock);
}

static void po_tcp_unlock(const struct po_table *table, const struct net *net,
			  unsigned int nr)
	__releases(bucket)
{
	spin_unlock_bh(&po_tcp_head(net, nr)->lock);
}

/* Get the first socket of this port, or of the following ones in the bucket. */
static struct sock *po_tcp_first_of(struct inet_bind_bucket *tb)
{
	struct sock *sk;

	hlist_for_each_entry_from(tb, node) {
		sk = po_tb_first(tb);
		if (sk)
			return sk;
	}

	return NULL;
}

static struct sock *po_tcp_first(const struct po_table *table,
				 const struct net *net, unsigned int nr)
{
	return po_tcp_first_of(hlist_entry_safe(po_tcp_head(net, nr)->chain.first,
						struct inet_bind_bucket, node));
}

static struct sock *po_tcp_next(const struct sock *sk)
{
	struct sock *next = po_tb_next(sk);
	struct inet_bind_bucket *tb;

	if (next)
		return next;

	tb = hlist_entry_safe(po_tcp_tb(sk)->node.next,
			      struct inet_bind_bucket, node);

	return po_tcp_first_of(tb);
}

static bool po_tcp_linked(const struct po_table *table, const struct net *net,
			  unsigned int nr, const struct sock *sk, u32 *left)
{
	struct inet_bind_bucket *tb, *mine = po_tcp_tb(sk);

	/* It may have been rebound: look for its port in this bucket. */
	hlist_for_each_entry(tb, &po_tcp_head(net, nr)->chain, node) {
		if (!*left)
			break;
		--*left;
		if (tb == mine)
			return true;
	}

	return false;
}

const struct po_table po_table_tcp = {
	.proto		= IPPROTO_TCP,
	.hash_table	= po_tcp_of,
	.buckets	= po_tcp_buckets,
	.bucket		= po_tcp_bucket,
	.used		= po_tcp_used,
	.lock		= po_tcp_lock,
	.unlock		= po_tcp_unlock,
	.first		= po_tcp_first,
	.next		= po_tcp_next,
	.linked		= po_tcp_linked,
};
