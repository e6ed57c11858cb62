// SPDX-License-Identifier: GPL-2.0
/*
 * Raw sockets: hashed by protocol number, from creation on. One lock per family
 * protects all buckets. The receive path of later kernels does not take it.
 */

#include <net/raw.h>
#include <net/rawv6.h>

#include "sockets/sockets.h"
#include "sockets/tables.h"

#ifdef PO_RAW
static struct raw_hashinfo *po_raw_info(const struct po_table *table,
					const struct net *net)
{
	return table->hash_table(net);
}

static unsigned int po_raw_buckets(const struct po_table *table,
				   const struct net *net)
{
	return RAW_HTABLE_SIZE;
}

static unsigned int po_raw_bucket(const struct po_table *table,
				  const struct net *net, u16 number)
{
	return po_raw_hash(net, number);
}

static unsigned int po_raw_used(const struct po_table *table,
				const struct net *net, unsigned int nr,
				unsigned int end)
{
	const struct hlist_head *head = po_raw_info(table, net)->ht;

	while (nr < end && hlist_empty(&head[nr]))
		nr++;

	return nr;
}

static void po_raw_lock(const struct po_table *table, const struct net *net,
			unsigned int nr)
	__acquires(bucket)
{
	po_raw_read_lock(po_raw_info(table, net));
}

static void po_raw_unlock(const struct po_table *table, const struct net *net,
			  unsigned int nr)
	__releases(bucket)
{
	po_raw_read_unlock(po_raw_info(table, net));
}

static struct sock *po_raw_first(const struct po_table *table,
				 const struct net *net, unsigned int nr)
{
	return sk_head(&po_raw_info(table, net)->ht[nr]);
}

/* The number of a raw socket never changes, nor does its bucket. */
static bool po_raw_linked(const struct po_table *table, const struct net *net,
			  unsigned int nr, const struct sock *sk, u32 *left)
{
	return sk_hashed(sk);
}

#define PO_RAW_TABLE(of_family, table_of) {	\
	.proto		= IPPROTO_RAW,		\
	.family		= (of_family),		\
	.hash_table	= (table_of),		\
	.buckets	= po_raw_buckets,	\
	.bucket		= po_raw_bucket,	\
	.used		= po_raw_used,		\
	.lock		= po_raw_lock,		\
	.unlock		= po_raw_unlock,	\
	.first		= po_raw_first,		\
	.next		= sk_next,		\
	.linked		= po_raw_linked,	\
}

static void *po_raw_v4_of(const struct net *net)
{
	return &raw_v4_hashinfo;
}

const struct po_table po_table_raw_v4 = PO_RAW_TABLE(AF_INET, po_raw_v4_of);

#if IS_ENABLED(CONFIG_IPV6)
static void *po_raw_v6_of(const struct net *net)
{
	return &raw_v6_hashinfo;
}

const struct po_table po_table_raw_v6 = PO_RAW_TABLE(AF_INET6, po_raw_v6_of);
#endif /* CONFIG_IPV6 */
#endif /* PO_RAW */
