// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP, which is a module that may not be there: its functions are looked up
 * for each walk and let go after it, so that nothing loads it and nothing keeps
 * it from being unloaded.
 *
 * Its table of ports has no name outside of it. What can be walked are the
 * endpoints that listen, and the associations, which lead to all sockets but
 * those that are bound and have neither. The kernel counts the sockets of each
 * namespace, so it is known whether there are such; if so they are looked for
 * through the descriptors of all processes, until the count is reached.
 *
 * A socket is reported once for each address that it has: a connection for each
 * that its association uses, all others for each that they are bound to.
 */

#include <linux/file.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/sctp/sctp.h>
#include <net/sctp/structs.h>

#include "tables.h"

/* Addresses that are read in one RCU read-side section. */
#define PO_SCTP_BATCH	128

/* As sctp_for_each_endpoint() and sctp_transport_traverse_process(). */
typedef int po_sctp_endpoints(int (*cb)(struct sctp_endpoint *ep, void *arg),
			      struct net *net, int *pos, void *arg);
typedef int po_sctp_associations(sctp_callback_t cb, sctp_callback_t cb_done,
				 struct net *net, int *pos, void *arg);

/**
 * struct po_sctp_kind - what all SCTP sockets of a family have in common
 * @prot: counts them
 * @ops: tells them from others
 */
struct po_sctp_kind {
	struct proto *prot;
	const struct proto_ops *ops;
};

/**
 * struct po_sctp_addr - a socket and one of its addresses
 * @sk: socket; holds a reference
 * @addr: the address; IPv4 as v4-mapped
 */
struct po_sctp_addr {
	struct sock *sk;
	struct in6_addr addr;
};

/**
 * struct po_sctp_walk - a walk over the sockets of a namespace
 * @opener: looks at those that are bound only
 * @seer: whom to tell of all
 * @net: namespace
 * @kinds: of IPv4, and of IPv6 if there is any
 * @seen: sockets that were told of, by address
 * @left: how many more there are
 * @pos: how many associations were read
 * @err: what ended the walk
 * @memory: filled in with what its port remembers, unless NULL
 * @again: the association that ended the batch did not fit into it
 * @nr: number of @addrs
 * @addrs: what was read and is to be told
 */
struct po_sctp_walk {
	struct po_opener opener;
	const struct po_seer *seer;
	struct net *net;
	struct po_sctp_kind kinds[2];
	struct xarray seen;
	int left;
	int pos;
	int err;
	struct po_sctp_memory *memory;
	bool again;
	unsigned int nr;
	struct po_sctp_addr addrs[PO_SCTP_BATCH];
};

/* What was learned last; of IPv4, and of IPv6 if there is any. */
static DEFINE_MUTEX(po_sctp_lock);
static struct po_sctp_kind po_sctp_kinds[2];	/* po_sctp_lock */

static void po_sctp_addr(struct in6_addr *to, const union sctp_addr *from)
{
	if (from->sa.sa_family == AF_INET6)
		*to = from->v6.sin6_addr;
	else
		ipv6_addr_set_v4mapped(from->v4.sin_addr.s_addr, to);
}

/*
 * Each socket of a port leads to what that remembers. A socket keeps it until
 * its endpoint goes, which somebody holds here, or a bind() fails, whose caller
 * owns the socket.
 */
static void po_sctp_recall(struct po_sctp_memory *memory, struct sock *sk)
{
	const struct sctp_bind_bucket *bucket;

	if (sk->sk_num != memory->port)
		return;

	spin_lock_bh(&sk->sk_lock.slock);
	bucket = sock_owned_by_user(sk) ? NULL : sctp_sk(sk)->bind_hash;
	if (bucket) {
		memory->reuse = READ_ONCE(bucket->fastreuse);
		memory->reuseport = READ_ONCE(bucket->fastreuseport);
		memory->uid = READ_ONCE(bucket->fastuid);
	}
	spin_unlock_bh(&sk->sk_lock.slock);
}

/* Add the addresses of a socket. Return: whether there was room for all. */
static bool po_sctp_add(struct po_sctp_walk *walk, struct sock *sk,
			const struct sctp_bind_addr *bound)
{
	const struct sctp_sockaddr_entry *entry;
	unsigned int first = walk->nr;
	bool room = true;

	if (walk->memory)
		po_sctp_recall(walk->memory, sk);

	rcu_read_lock();
	list_for_each_entry_rcu(entry, &bound->address_list, list) {
		if (!entry->valid)
			continue;
		room = walk->nr < PO_SCTP_BATCH;
		if (!room)
			break;
		sock_hold(sk);
		walk->addrs[walk->nr].sk = sk;
		po_sctp_addr(&walk->addrs[walk->nr++].addr, &entry->a);
	}
	rcu_read_unlock();

	/* The rest of so many is left out if it cannot ever fit. */
	if (!room && first) {
		while (walk->nr > first)
			sock_put(walk->addrs[--walk->nr].sk);
		return false;
	}

	return true;
}

static unsigned long po_sctp_key(const struct sock *sk)
{
	return (unsigned long)sk / sizeof(long);
}

/* Note that a socket is found. Return: 0, -EEXIST if it was, or -ENOMEM. */
static int po_sctp_found(struct po_sctp_walk *walk, const struct sock *sk)
{
	const struct po_snap *snap = walk->seer->snap;
	int err = xa_insert(&walk->seen, po_sctp_key(sk), xa_mk_value(0),
			    snap ? snap->gfp : GFP_KERNEL_ACCOUNT);

	/* One that was closed is not counted any more, though it has its port. */
	if (!err && !sock_flag(sk, SOCK_DEAD))
		walk->left--;

	return err == -EBUSY ? -EEXIST : err;
}

/* Tell what was read, where sleeping is allowed. */
static int po_sctp_tell(struct po_sctp_walk *walk)
{
	struct po_sctp_addr *addr;
	int err = 0;

	for (addr = walk->addrs; walk->nr; walk->nr--, addr++) {
		if (!err)
			err = po_sctp_found(walk, addr->sk);
		if (!err || err == -EEXIST)
			err = walk->seer->see(walk->seer, addr->sk, &addr->addr);
		sock_put(addr->sk);
	}
	cond_resched();

	return err;
}

/* An endpoint that listens; it is held, and nothing is locked. */
static int po_sctp_endpoint(struct sctp_endpoint *ep, void *arg)
{
	struct po_sctp_walk *walk = arg;

	po_sctp_add(walk, ep->base.sk, &ep->base.bind_addr);

	return po_sctp_tell(walk);
}

/* Whether an association is the one to stand for its socket. Under RCU. */
static bool po_sctp_stands(const struct sctp_endpoint *ep,
			   const struct sctp_association *asoc)
{
	/* It is among those that listen. */
	if (READ_ONCE(ep->base.sk->sk_state) == TCP_LISTEN)
		return false;

	/* One socket may have many; only the address is looked at. */
	return READ_ONCE(ep->asocs.next) == &asoc->asocs;
}

/* An association, under RCU. Not 0 when the batch has to be told first. */
static int po_sctp_assoc(struct sctp_endpoint *ep, struct sctp_transport *peer,
			 void *arg)
{
	const struct sctp_association *asoc = peer->asoc;
	struct po_sctp_walk *walk = arg;
	struct sock *sk = ep->base.sk;
	bool connected = READ_ONCE(sk->sk_state) != TCP_CLOSE &&
			 !walk->seer->as_bound;

	if (!po_sctp_stands(ep, asoc))
		return 0;

	walk->again = !po_sctp_add(walk, sk, connected ? &asoc->base.bind_addr :
							 &ep->base.bind_addr);

	return walk->again || walk->nr == PO_SCTP_BATCH;
}

/* The batch is full; no longer under RCU. Not 0 ends the walk. */
static int po_sctp_full(struct sctp_endpoint *ep, struct sctp_transport *peer,
			void *arg)
{
	struct po_sctp_walk *walk = arg;

	/* It is counted when this returns. */
	walk->pos -= walk->again;
	walk->err = po_sctp_tell(walk);

	return walk->err;
}

static bool po_sctp_wanted(const struct po_opener *opener,
			   const struct socket *socket)
{
	const struct po_sctp_walk *walk =
		container_of(opener, struct po_sctp_walk, opener);
	const struct proto_ops *ops = READ_ONCE(socket->ops);

	return ops && (ops == walk->kinds[0].ops || ops == walk->kinds[1].ops);
}

/* A socket that may be bound only. Its file keeps it from being closed. */
static int po_sctp_open(const struct po_opener *opener, struct file *file)
{
	struct po_sctp_walk *walk =
		container_of(opener, struct po_sctp_walk, opener);
	struct socket *socket = po_sock_from_file(file);
	struct sock *sk = socket ? READ_ONCE(socket->sk) : NULL;
	int err = 0;

	if (sk && net_eq(sock_net(sk), walk->net) &&
	    po_sctp_wanted(opener, socket) &&
	    !xa_load(&walk->seen, po_sctp_key(sk))) {
		/* Without a port it counts all the same. */
		if (sk->sk_num)
			po_sctp_add(walk, sk, &sctp_sk(sk)->ep->base.bind_addr);
		if (!walk->nr)
			err = po_sctp_found(walk, sk);
	}
	/* Before it is told: the reference would count as one more. */
	po_fput_later(file);
	if (!err)
		err = po_sctp_tell(walk);

	return err ?: walk->left <= 0;
}

/* Learn what sockets of a family have in common, from one that is made. */
static void po_sctp_learn(struct po_sctp_kind *kind, int family)
{
	struct socket *socket;

	if (sock_create_kern(&init_net, family, SOCK_SEQPACKET, IPPROTO_SCTP,
			     &socket))
		return;

	kind->prot = socket->sk->sk_prot;
	kind->ops = socket->ops;
	sock_release(socket);
}

/* Once for all; anew in case that the module was loaded to another place. */
static void po_sctp_kinds_of(struct po_sctp_walk *walk)
{
	const struct proto *prot = walk->net->sctp.ctl_sock->sk_prot;

	mutex_lock(&po_sctp_lock);
	if (po_sctp_kinds[0].prot != prot && po_sctp_kinds[1].prot != prot) {
		memset(po_sctp_kinds, 0, sizeof(po_sctp_kinds));
		po_sctp_learn(&po_sctp_kinds[0], AF_INET);
		po_sctp_learn(&po_sctp_kinds[1], AF_INET6);
	}
	memcpy(walk->kinds, po_sctp_kinds, sizeof(walk->kinds));
	mutex_unlock(&po_sctp_lock);
}

/* How many sockets a namespace has, but for the one that SCTP has itself. */
static int po_sctp_count(struct po_sctp_walk *walk)
{
	int i, nr = -1;

	po_sctp_kinds_of(walk);
	for (i = 0; i < ARRAY_SIZE(walk->kinds); i++)
		if (walk->kinds[i].prot)
			nr += sock_prot_inuse_get(walk->net,
						  walk->kinds[i].prot);

	return nr;
}

static int po_sctp_walk(struct po_sctp_walk *walk, po_sctp_endpoints *endpoints,
			po_sctp_associations *associations)
{
	int err, pos = 0;

	walk->left = po_sctp_count(walk);
	err = endpoints(po_sctp_endpoint, walk->net, &pos, walk);
	if (err)
		return err;

	associations(po_sctp_assoc, po_sctp_full, walk->net, &walk->pos, walk);
	/* The last batch; none is left where the walk was ended. */
	err = walk->err ?: po_sctp_tell(walk);
	if (!err && walk->left > 0)
		err = po_open_files(&walk->opener);

	/* Positive: all were found. */
	return min(err, 0);
}

static int po_sctp_begin(struct net *net, const struct po_seer *seer,
			 struct po_sctp_memory *memory,
			 po_sctp_endpoints *endpoints,
			 po_sctp_associations *associations)
{
	struct po_sctp_walk *walk;
	int err;

	walk = kzalloc(sizeof(*walk), seer->snap ? seer->snap->gfp :
						   GFP_KERNEL_ACCOUNT);
	if (!walk)
		return -ENOMEM;

	walk->opener.snap = seer->snap;
	walk->opener.wanted = po_sctp_wanted;
	walk->opener.open = po_sctp_open;
	walk->seer = seer;
	walk->memory = memory;
	walk->net = net;
	xa_init(&walk->seen);
	err = po_sctp_walk(walk, endpoints, associations);
	xa_destroy(&walk->seen);
	kfree(walk);

	return err;
}

static int po_sctp_look(struct net *net, const struct po_seer *seer,
			struct po_sctp_memory *memory)
{
	po_sctp_associations *associations;
	po_sctp_endpoints *endpoints;
	int err = 0;

	/* Not even to be looked up: each namespace has one while it is loaded. */
	if (!READ_ONCE(net->sctp.ctl_sock))
		return 0;

	endpoints = symbol_get(sctp_for_each_endpoint);
	if (!endpoints)
		return 0;

	associations = symbol_get(sctp_transport_traverse_process);
	if (associations) {
		err = po_sctp_begin(net, seer, memory, endpoints, associations);
		symbol_put(sctp_transport_traverse_process);
	}
	symbol_put(sctp_for_each_endpoint);

	return err;
}

static int po_sctp_each(struct net *net, const struct po_seer *seer)
{
	return po_sctp_look(net, seer, NULL);
}

static int po_sctp_pass(const struct po_seer *seer, struct sock *sk,
			const struct in6_addr *addr)
{
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/**
 * po_sctp_remembers() - what a port of SCTP remembers of earlier binds
 * @net: namespace; the caller holds a reference
 * @port: port
 * @memory: result; empty if nobody has the port
 *
 * Context: may sleep; walks the sockets of SCTP.
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed.
 */
int po_sctp_remembers(struct net *net, u16 port, struct po_sctp_memory *memory)
{
	const struct po_seer seer = { .see = po_sctp_pass };

	memset(memory, 0, sizeof(*memory));
	memory->port = port;

	return po_sctp_look(net, &seer, memory);
}

const struct po_table po_table_sctp = {
	.proto	= IPPROTO_SCTP,
	.each	= po_sctp_each,
};
