// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP is a module that may not be loaded. Its functions are looked up for each
 * walk and released after it, so that we neither load it nor keep it from being
 * unloaded.
 *
 * Its table of ports is not exported. The exported functions walk listening
 * endpoints and associations, which lead to all sockets except those that are
 * only bound. The kernel counts the sockets of each namespace; if some are
 * missing, they are searched for in the descriptor tables of all processes.
 * A refused bind walks associations only if there are few on the host, see
 * po_sctp_walk_bounded().
 *
 * A socket is visited once per address: a connection for each address that its
 * association uses, any other socket for each address that it is bound to.
 */

#include <linux/file.h>
#include <linux/module.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include <net/sctp/sctp.h>
#include <net/sctp/structs.h>

#include "core/core.h"
#include "sockets/sockets.h"
#include "sockets/tables.h"

/* Addresses collected before the visitor is called. */
#define PO_SCTP_BATCH	128

/*
 * Steps that a bounded walk may take along the chains of listening endpoints,
 * and estimated instructions for each.
 */
#define PO_SCTP_STEPS	4096
#define PO_COST_STEP	6

/* Types of sctp_for_each_endpoint() and sctp_transport_traverse_process(). */
typedef int po_sctp_endpoints(int (*cb)(struct sctp_endpoint *ep, void *arg),
			      struct net *net, int *pos, void *arg);
typedef int po_sctp_associations(sctp_callback_t cb, sctp_callback_t cb_done,
				 struct net *net, int *pos, void *arg);

/**
 * struct po_sctp_addr - a socket and one of its addresses
 * @sk: socket; a reference is held
 * @addr: the address; IPv4 as v4-mapped
 * @state: state of its association if that is being shut down, else 0
 */
struct po_sctp_addr {
	struct sock *sk;
	struct in6_addr addr;
	u8 state;
};

/**
 * struct po_sctp_walk - a walk over the sockets of a namespace
 * @file_visitor: finds the sockets that are only bound
 * @visitor: called for each socket
 * @net: namespace
 * @families: IPv4, and IPv6 if supported
 * @seen: sockets found so far, by their address in memory
 * @left: number of sockets not found yet
 * @pos: number of transports read so far
 * @err: error that ended the walk
 * @fast: filled from the bind bucket of its port, or NULL
 * @again: the last association did not fit into the batch
 * @nr: number of @addrs
 * @addrs: the batch: sockets and addresses to visit
 */
struct po_sctp_walk {
	struct po_file_visitor file_visitor;
	const struct po_sk_visitor *visitor;
	struct net *net;
	struct po_sctp_family families[2];
	struct xarray seen;
	int left;
	int pos;
	int err;
	struct po_sctp_fastreuse *fast;
	bool again;
	unsigned int nr;
	struct po_sctp_addr addrs[PO_SCTP_BATCH];
};

static void po_sctp_copy_addr(struct in6_addr *to, const union sctp_addr *from)
{
	if (from->sa.sa_family == AF_INET6)
		*to = from->v6.sin6_addr;
	else
		ipv6_addr_set_v4mapped(from->v4.sin_addr.s_addr, to);
}

/*
 * Copy the options cached in the bind bucket of a socket. The socket keeps its
 * bucket until its endpoint is destroyed, which our reference prevents, or a
 * bind() fails, which holds the socket lock.
 */
static void po_sctp_read_fastreuse(struct po_sctp_fastreuse *fast,
				   struct sock *sk)
{
	const struct sctp_bind_bucket *bucket;

	if (sk->sk_num != fast->port)
		return;

	spin_lock_bh(&sk->sk_lock.slock);
	bucket = sock_owned_by_user(sk) ? NULL : sctp_sk(sk)->bind_hash;
	if (bucket) {
		fast->reuse = READ_ONCE(bucket->fastreuse);
		fast->reuseport = READ_ONCE(bucket->fastreuseport);
		fast->uid = READ_ONCE(bucket->fastuid);
	}
	spin_unlock_bh(&sk->sk_lock.slock);
}

/* Add the addresses of a socket to the batch. Returns whether they fitted. */
static bool po_sctp_add(struct po_sctp_walk *walk, struct sock *sk,
			const struct sctp_bind_addr *bound, u8 state)
{
	const struct sctp_sockaddr_entry *entry;
	unsigned int first = walk->nr;
	bool room = true;

	if (walk->fast)
		po_sctp_read_fastreuse(walk->fast, sk);

	rcu_read_lock();
	list_for_each_entry_rcu(entry, &bound->address_list, list) {
		if (!entry->valid)
			continue;
		room = walk->nr < PO_SCTP_BATCH;
		if (!room)
			break;
		sock_hold(sk);
		walk->addrs[walk->nr].sk = sk;
		walk->addrs[walk->nr].state = state;
		po_sctp_copy_addr(&walk->addrs[walk->nr++].addr, &entry->a);
	}
	rcu_read_unlock();

	/* If they do not even fit into an empty batch, leave out the rest. */
	if (!room && first) {
		while (walk->nr > first)
			sock_put(walk->addrs[--walk->nr].sk);
		return false;
	}

	return true;
}

/* Record a socket as found. Returns 0, -EEXIST if already found, or -ENOMEM. */
static int po_sctp_mark_seen(struct po_sctp_walk *walk, const struct sock *sk)
{
	const struct po_snap *snap = walk->visitor->snap;
	int err = xa_insert(&walk->seen, po_sk_key(sk), xa_mk_value(0),
			    snap ? snap->gfp : GFP_KERNEL_ACCOUNT);

	/* The kernel does not count closed sockets that still have a port. */
	if (!err && !sock_flag(sk, SOCK_DEAD))
		walk->left--;

	return err == -EBUSY ? -EEXIST : err;
}

/* Call the visitor for the batch and empty it; may sleep. */
static int po_sctp_visit_batch(struct po_sctp_walk *walk)
{
	struct po_sctp_addr *addr;
	int err = 0;

	for (addr = walk->addrs; walk->nr; walk->nr--, addr++) {
		if (!err)
			err = po_sctp_mark_seen(walk, addr->sk);
		if (!err || err == -EEXIST)
			err = walk->visitor->visit(walk->visitor, addr->sk, &addr->addr,
						   addr->state);
		sock_put(addr->sk);
	}
	cond_resched();

	return err;
}

/* A listening endpoint; called with a reference held and without locks. */
static int po_sctp_visit_endpoint(struct sctp_endpoint *ep, void *arg)
{
	struct po_sctp_walk *walk = arg;

	po_sctp_add(walk, ep->base.sk, &ep->base.bind_addr, 0);

	return po_sctp_visit_batch(walk);
}

/* Whether an association represents its socket. Under RCU. */
static bool po_sctp_represents_sk(const struct sctp_endpoint *ep,
				  const struct sctp_association *asoc)
{
	/* Listening sockets were visited by their endpoints. */
	if (READ_ONCE(ep->base.sk->sk_state) == TCP_LISTEN)
		return false;

	/* Only the first one does; the pointer is compared, never followed. */
	return READ_ONCE(ep->asocs.next) == &asoc->asocs;
}

/*
 * The state of a socket does not show that its association is being shut down.
 * A one-to-many socket outlives its associations, unless it is closed.
 */
static u8 po_sctp_shutdown_state(const struct sock *sk,
				 const struct sctp_association *asoc)
{
	enum sctp_state state = READ_ONCE(asoc->state);

	BUILD_BUG_ON(PORTOWNER_STATE_SHUTDOWN_ACK_SENT -
		     PORTOWNER_STATE_SHUTDOWN_PENDING !=
		     SCTP_STATE_SHUTDOWN_ACK_SENT - SCTP_STATE_SHUTDOWN_PENDING);
	if (state < SCTP_STATE_SHUTDOWN_PENDING ||
	    (sctp_style(sk, UDP) && !sock_flag(sk, SOCK_DEAD)))
		return 0;

	return PORTOWNER_STATE_SHUTDOWN_PENDING + state -
	       SCTP_STATE_SHUTDOWN_PENDING;
}

/* A transport of an association, under RCU. Returns 1 if the batch is full. */
static int po_sctp_visit_assoc(struct sctp_endpoint *ep,
			       struct sctp_transport *peer, void *arg)
{
	const struct sctp_association *asoc = peer->asoc;
	struct po_sctp_walk *walk = arg;
	struct sock *sk = ep->base.sk;
	u8 state = po_sctp_shutdown_state(sk, asoc);
	bool connected = (state || READ_ONCE(sk->sk_state) != TCP_CLOSE) &&
			 !walk->visitor->as_bound;

	if (!po_sctp_represents_sk(ep, asoc))
		return 0;

	walk->again = !po_sctp_add(walk, sk, connected ? &asoc->base.bind_addr :
							 &ep->base.bind_addr,
				   state);

	return walk->again || walk->nr == PO_SCTP_BATCH;
}

/* The batch is full; not under RCU. A value other than 0 ends the walk. */
static int po_sctp_end_batch(struct sctp_endpoint *ep,
			     struct sctp_transport *peer, void *arg)
{
	struct po_sctp_walk *walk = arg;

	/* The caller counts this transport as read, even if it did not fit. */
	walk->pos -= walk->again;
	walk->err = po_sctp_visit_batch(walk);

	return walk->err;
}

static bool po_sctp_is_sctp(const struct po_file_visitor *file_visitor,
			    const struct socket *socket)
{
	const struct po_sctp_walk *walk =
		container_of(file_visitor, struct po_sctp_walk, file_visitor);
	const struct proto_ops *ops = READ_ONCE(socket->ops);

	return ops &&
	       (ops == walk->families[0].ops || ops == walk->families[1].ops);
}

/* A socket that may be only bound. The reference to its file keeps it open. */
static int po_sctp_visit_file(const struct po_file_visitor *file_visitor,
			      struct file *file)
{
	struct po_sctp_walk *walk =
		container_of(file_visitor, struct po_sctp_walk, file_visitor);
	struct socket *socket = po_sock_from_file(file);
	struct sock *sk = socket ? READ_ONCE(socket->sk) : NULL;
	int err = 0;

	if (sk && net_eq(sock_net(sk), walk->net) &&
	    po_sctp_is_sctp(file_visitor, socket) &&
	    !xa_load(&walk->seen, po_sk_key(sk))) {
		/* Sockets without a port are counted as well. */
		if (sk->sk_num)
			po_sctp_add(walk, sk, &sctp_sk(sk)->ep->base.bind_addr,
				    0);
		if (!walk->nr)
			err = po_sctp_mark_seen(walk, sk);
	}
	/* Before the visit, which would count our reference to the file. */
	po_fput_later(file);
	if (!err)
		err = po_sctp_visit_batch(walk);

	return err ?: walk->left <= 0;
}

static int po_sctp_walk_assocs(struct po_sctp_walk *walk,
			       po_sctp_associations *associations)
{
	associations(po_sctp_visit_assoc, po_sctp_end_batch, walk->net,
		     &walk->pos, walk);

	/* The last batch; it is empty if the walk was ended early. */
	return walk->err ?: po_sctp_visit_batch(walk);
}

/*
 * Walk within the bounds of a refused bind. The walk over associations passes
 * those of all namespaces at once, so it is made only if there are few. Without
 * it, only listening sockets and those that descriptors lead to are found. Returns
 * -ETIME if the result is not known to be complete, or another error.
 */
static int po_sctp_walk_bounded(struct po_sctp_walk *walk,
				po_sctp_endpoints *endpoints,
				po_sctp_associations *associations)
{
	struct po_snap *snap = walk->visitor->snap;
	int err = 0, pos = 0;
	bool all = true;
	u64 steps;

	if (!po_sctp_get_families(walk->net, walk->families, false))
		return -ETIME;

	walk->left = po_sctp_count(walk->net, walk->families);
	/* After each socket of this namespace, a chain is read anew. */
	steps = (u64)max(walk->left, 1) * po_sctp_count_all(walk->net);
	if (steps <= PO_SCTP_STEPS) {
		po_spend(snap, steps * PO_COST_STEP);
		err = endpoints(po_sctp_visit_endpoint, walk->net, &pos, walk);
	} else {
		all = false;
	}
	if (!err && po_sctp_few(walk->net, snap))
		err = po_sctp_walk_assocs(walk, associations);
	else
		all = false;
	if (!err && walk->left > 0)
		err = po_visit_sock_files(&walk->file_visitor);

	return err < 0 || all ? min(err, 0) : -ETIME;
}

static int po_sctp_walk_all(struct po_sctp_walk *walk,
			    po_sctp_endpoints *endpoints,
			    po_sctp_associations *associations)
{
	int err, pos = 0;

	po_sctp_get_families(walk->net, walk->families, true);
	walk->left = po_sctp_count(walk->net, walk->families);
	err = endpoints(po_sctp_visit_endpoint, walk->net, &pos, walk);
	if (err)
		return err;

	err = po_sctp_walk_assocs(walk, associations);
	if (!err && walk->left > 0)
		err = po_visit_sock_files(&walk->file_visitor);

	/* 1: all sockets were found. */
	return min(err, 0);
}

static int po_sctp_run(struct net *net, const struct po_sk_visitor *visitor,
		       struct po_sctp_fastreuse *fast,
		       po_sctp_endpoints *endpoints,
		       po_sctp_associations *associations)
{
	struct po_sctp_walk *walk;
	int err;

	walk = kzalloc(sizeof(*walk), visitor->snap ? visitor->snap->gfp :
						   GFP_KERNEL_ACCOUNT);
	if (!walk)
		return -ENOMEM;

	walk->file_visitor.snap = visitor->snap;
	walk->file_visitor.until = visitor->until;
	walk->file_visitor.wanted = po_sctp_is_sctp;
	walk->file_visitor.visit = po_sctp_visit_file;
	walk->visitor = visitor;
	walk->fast = fast;
	walk->net = net;
	xa_init_flags(&walk->seen, XA_FLAGS_ACCOUNT);
	err = visitor->snap && visitor->snap->bounded ?
		      po_sctp_walk_bounded(walk, endpoints, associations) :
		      po_sctp_walk_all(walk, endpoints, associations);
	xa_destroy(&walk->seen);
	kfree(walk);

	return err;
}

static int po_sctp_walk_net(struct net *net,
			    const struct po_sk_visitor *visitor,
			    struct po_sctp_fastreuse *fast)
{
	po_sctp_associations *associations;
	po_sctp_endpoints *endpoints;
	int err = 0;

	/* Each namespace has a control socket while SCTP is loaded. */
	if (!READ_ONCE(net->sctp.ctl_sock))
		return 0;

	endpoints = symbol_get(sctp_for_each_endpoint);
	if (!endpoints)
		return 0;

	associations = symbol_get(sctp_transport_traverse_process);
	if (associations) {
		err = po_sctp_run(net, visitor, fast, endpoints, associations);
		symbol_put(sctp_transport_traverse_process);
	}
	symbol_put(sctp_for_each_endpoint);

	return err;
}

static int po_sctp_each(struct net *net, const struct po_sk_visitor *visitor)
{
	const struct po_snap *snap = visitor->snap;

	/* A bounded walk is hardly ever complete: leave it to one without bounds. */
	if (snap && snap->bounded && !visitor->as_bound)
		return READ_ONCE(net->sctp.ctl_sock) ? -ETIME : 0;

	return po_sctp_walk_net(net, visitor, NULL);
}

static int po_sctp_visit_none(const struct po_sk_visitor *visitor,
			      struct sock *sk, const struct in6_addr *addr,
			      u8 state)
{
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/**
 * po_sctp_get_fastreuse() - get the options that SCTP caches for a port
 * @net: namespace; the caller holds a reference
 * @port: port
 * @fast: result; reuse and reuseport are false if the port is free
 *
 * Context: may sleep; walks the sockets of SCTP.
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed.
 */
int po_sctp_get_fastreuse(struct net *net, u16 port,
			  struct po_sctp_fastreuse *fast)
{
	const struct po_sk_visitor visitor = { .visit = po_sctp_visit_none };

	memset(fast, 0, sizeof(*fast));
	fast->port = port;

	return po_sctp_walk_net(net, &visitor, fast);
}

const struct po_table po_table_sctp = {
	.proto	= IPPROTO_SCTP,
	.each	= po_sctp_each,
};
