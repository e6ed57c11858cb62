// SPDX-License-Identifier: GPL-2.0
/*
 * The hash tables in which the protocols keep the sockets that have a port,
 * behind one interface. A bucket is read under its own lock, which protects
 * its list and the port of each socket in it.
 */

#include <net/inet_hashtables.h>
#include <net/inet_timewait_sock.h>
#include <net/tcp.h>
#include <net/udp.h>

#include "internal.h"

/* Empty buckets that are passed over in one go. */
#define PO_EMPTY	2048

/* ---- TCP: the bind table, whose buckets list ports that list sockets ---- */

static struct inet_bind_hashbucket *po_tcp_head(const struct net *net,
						unsigned int nr)
{
	return &net->ipv4.tcp_death_row.hashinfo->bhash[nr];
}

static unsigned int po_tcp_buckets(const struct net *net)
{
	return net->ipv4.tcp_death_row.hashinfo->bhash_size;
}

static unsigned int po_tcp_bucket(const struct net *net, u16 port)
{
	return inet_bhashfn(net, port, po_tcp_buckets(net));
}

static unsigned int po_tcp_used(const struct net *net, unsigned int nr)
{
	const struct inet_bind_hashbucket *head = po_tcp_head(net, 0);
	unsigned int end = min(nr + PO_EMPTY, po_tcp_buckets(net));

	while (nr < end && hlist_empty(&head[nr].chain))
		nr++;

	return nr;
}

static spinlock_t *po_tcp_lock(const struct net *net, unsigned int nr)
{
	return &po_tcp_head(net, nr)->lock;
}

/* The first socket of this port, or of one that follows in the bucket. */
static struct sock *po_tcp_first_of(struct inet_bind_bucket *tb)
{
	struct sock *sk;

	hlist_for_each_entry_from(tb, node) {
		sk = po_port_first(tb);
		if (sk)
			return sk;
	}

	return NULL;
}

static struct sock *po_tcp_first(const struct net *net, unsigned int nr)
{
	return po_tcp_first_of(hlist_entry_safe(po_tcp_head(net, nr)->chain.first,
						struct inet_bind_bucket, node));
}

static struct inet_bind_bucket *po_tcp_port_of(const struct sock *sk)
{
	return sk->sk_state == TCP_TIME_WAIT ? inet_twsk(sk)->tw_tb :
					       inet_csk(sk)->icsk_bind_hash;
}

static struct sock *po_tcp_next(const struct net *net, unsigned int nr,
				struct sock *sk)
{
	struct sock *next = po_port_next(sk);
	struct inet_bind_bucket *tb;

	if (next)
		return next;

	tb = hlist_entry_safe(po_tcp_port_of(sk)->node.next,
			      struct inet_bind_bucket, node);

	return po_tcp_first_of(tb);
}

static bool po_tcp_linked(const struct net *net, unsigned int nr,
			  const struct sock *sk)
{
	struct inet_bind_bucket *tb, *mine = po_tcp_port_of(sk);

	/* It may have been bound again elsewhere: look for its port here. */
	hlist_for_each_entry(tb, &po_tcp_head(net, nr)->chain, node)
		if (tb == mine)
			return true;

	return false;
}

/* A namespace with a table of its own for connections shares this one. */
static bool po_tcp_global(const struct net *net)
{
	return true;
}

/* ---- UDP: hashed by port alone ---- */

static struct udp_hslot *po_udp_slot(const struct net *net, unsigned int nr)
{
	return &po_udp_table(net)->hash[nr];
}

static unsigned int po_udp_buckets(const struct net *net)
{
	return po_udp_table(net)->mask + 1;
}

static unsigned int po_udp_bucket(const struct net *net, u16 port)
{
	return udp_hashfn(net, port, po_udp_table(net)->mask);
}

static unsigned int po_udp_used(const struct net *net, unsigned int nr)
{
	const struct udp_hslot *slot = po_udp_slot(net, 0);
	unsigned int end = min(nr + PO_EMPTY, po_udp_buckets(net));

	while (nr < end && hlist_empty(&slot[nr].head))
		nr++;

	return nr;
}

static spinlock_t *po_udp_lock(const struct net *net, unsigned int nr)
{
	return &po_udp_slot(net, nr)->lock;
}

static struct sock *po_udp_first(const struct net *net, unsigned int nr)
{
	return sk_head(&po_udp_slot(net, nr)->head);
}

static struct sock *po_udp_next(const struct net *net, unsigned int nr,
				struct sock *sk)
{
	return sk_next(sk);
}

static bool po_udp_linked(const struct net *net, unsigned int nr,
			  const struct sock *sk)
{
	return sk_hashed(sk) &&
	       po_udp_bucket(sock_net(sk), udp_sk(sk)->udp_port_hash) == nr;
}

static bool po_udp_global(const struct net *net)
{
	return po_udp_table(net) == po_udp_table(&init_net);
}

const struct po_table po_tables[] = {
	{
		.proto		= IPPROTO_TCP,
		.buckets	= po_tcp_buckets,
		.bucket		= po_tcp_bucket,
		.used		= po_tcp_used,
		.lock		= po_tcp_lock,
		.first		= po_tcp_first,
		.next		= po_tcp_next,
		.linked		= po_tcp_linked,
		.global		= po_tcp_global,
	},
	{
		.proto		= IPPROTO_UDP,
		.buckets	= po_udp_buckets,
		.bucket		= po_udp_bucket,
		.used		= po_udp_used,
		.lock		= po_udp_lock,
		.first		= po_udp_first,
		.next		= po_udp_next,
		.linked		= po_udp_linked,
		.global		= po_udp_global,
	},
};

const unsigned int po_nr_tables = ARRAY_SIZE(po_tables);

/**
 * po_table_of() - the table that has the ports of a protocol
 * @proto: IPPROTO_*, as struct sock has it
 *
 * Context: any.
 * Return: index in po_tables, or -1 if there is none.
 */
int po_table_of(u16 proto)
{
	unsigned int i;

	for (i = 0; i < po_nr_tables; i++)
		if (po_tables[i].proto == proto)
			return i;

	return -1;
}
