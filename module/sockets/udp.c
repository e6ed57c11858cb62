// SPDX-License-Identifier: GPL-2.0
/* UDP, and UDP-Lite on kernels that support it: hashed by port. */

#include <net/udp.h>

#include "sockets/sockets.h"
#include "sockets/tables.h"

static void *po_udp_of(const struct net *net)
{
	return po_udp_table(net);
}

static struct udp_hslot *po_udp_slot(const struct po_table *table,
				     const struct net *net, unsigned int nr)
{
	const struct udp_table *udp = table->hash_table(net);

	return &udp->hash[nr];
}

static unsigned int po_udp_buckets(const struct po_table *table,
				   const struct net *net)
{
	const struct udp_table *udp = table->hash_table(net);

	return udp->mask + 1;
}

static unsigned int po_udp_bucket(const struct po_table *table,
				  const struct net *net, u16 port)
{
	const struct udp_table *udp = table->hash_table(net);

	return udp_hashfn(net, port, udp->mask);
}

static unsigned int po_udp_used(const struct po_table *table,
				const struct net *net, unsigned int nr,
				unsigned int end)
{
	const struct udp_hslot *slot = po_udp_slot(table, net, 0);

	while (nr + 8 <= end && po_eight_empty(&slot[nr].head, sizeof(*slot)))
		nr += 8;
	while (nr < end && hlist_empty(&slot[nr].head))
		nr++;

	return nr;
}

static void po_udp_lock(const struct po_table *table, const struct net *net,
			unsigned int nr)
	__acquires(bucket)
{
	spin_lock_bh(&po_udp_slot(table, net, nr)->lock);
}

static void po_udp_unlock(const struct po_table *table, const struct net *net,
			  unsigned int nr)
	__releases(bucket)
{
	spin_unlock_bh(&po_udp_slot(table, net, nr)->lock);
}

static struct sock *po_udp_first(const struct po_table *table,
				 const struct net *net, unsigned int nr)
{
	return sk_head(&po_udp_slot(table, net, nr)->head);
}

static bool po_udp_linked(const struct po_table *table, const struct net *net,
			  unsigned int nr, const struct sock *sk, u32 *left)
{
	return sk_hashed(sk) &&
	       po_udp_bucket(table, sock_net(sk),
			     udp_sk(sk)->udp_port_hash) == nr;
}

#define PO_UDP_TABLE(number, table_of) {	\
	.proto		= (number),		\
	.hash_table	= (table_of),		\
	.buckets	= po_udp_buckets,	\
	.bucket		= po_udp_bucket,	\
	.used		= po_udp_used,		\
	.lock		= po_udp_lock,		\
	.unlock		= po_udp_unlock,	\
	.first		= po_udp_first,		\
	.next		= sk_next,		\
	.linked		= po_udp_linked,	\
}

const struct po_table po_table_udp = PO_UDP_TABLE(IPPROTO_UDP, po_udp_of);

#ifdef PO_UDPLITE
static void *po_udplite_of(const struct net *net)
{
	return &udplite_table;
}

const struct po_table po_table_udplite =
	PO_UDP_TABLE(IPPROTO_UDPLITE, po_udplite_of);
#endif
