// SPDX-License-Identifier: GPL-2.0
/* The decision of inet_csk_get_port(), without a socket. */

#include <net/inet_hashtables.h>
#include <net/ipv6.h>
#include <net/tcp.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/protocols.h"
#include "sockets/sockets.h"

static struct inet_bind_hashbucket *po_tcp_head_of(const struct net *net,
						   u16 port)
{
	struct inet_hashinfo *info = net->ipv4.tcp_death_row.hashinfo;

	return &info->bhash[inet_bhashfn(net, port, info->bhash_size)];
}

/* Called with head->lock held. */
static struct inet_bind_bucket *
po_tcp_find_tb(struct inet_bind_hashbucket *head, const struct net *net,
	       u16 port, int l3mdev)
{
	struct inet_bind_bucket *tb;

	hlist_for_each_entry(tb, &head->chain, node)
		if (net_eq(read_pnet(&tb->ib_net), net) && tb->port == port &&
		    tb->l3mdev == l3mdev)
			return tb;

	return NULL;
}

/* Like sk_reuseport_match(). */
static bool po_reuseport_shortcut(const struct inet_bind_bucket *tb,
				  const struct po_want *want)
{
	struct po_sock fast = { .family = tb->fast_sk_family };

	if (tb->fastreuseport <= 0 || want->grouped ||
	    !(want->sock.flags & PORTOWNER_SOCK_FLAG_REUSEPORT) ||
	    !uid_eq(tb->fastuid, want->sock.conflict_uid))
		return false;
	if (tb->fastreuseport == FASTREUSEPORT_ANY)
		return true;

	if (tb->fast_ipv6_only)
		fast.flags = PORTOWNER_SOCK_FLAG_V6ONLY;
#if IS_ENABLED(CONFIG_IPV6)
	if (fast.family == AF_INET6)
		fast.addr = tb->fast_v6_rcv_saddr;
	else
#endif
		ipv6_addr_set_v4mapped(tb->fast_rcv_saddr, &fast.addr);

	return po_addr_within(&want->sock, &fast);
}

/**
 * po_tcp_shortcut() - whether the options cached for a port permit a bind
 * @net: namespace
 * @want: the bind
 *
 * If so, the kernel does not look at the sockets of the port, even if their
 * options have changed since.
 *
 * Context: any but hard interrupts; takes the bucket lock.
 * Return: true if they do.
 */
bool po_tcp_shortcut(struct net *net, const struct po_want *want)
{
	u16 port = want->sock.port;
	struct inet_bind_hashbucket *head = po_tcp_head_of(net, port);
	struct inet_bind_bucket *tb;
	bool ok;

	spin_lock_bh(&head->lock);
	tb = po_tcp_find_tb(head, net, port, want->sock.l3mdev);
	ok = tb && ((tb->fastreuse > 0 &&
		     want->sock.flags & PORTOWNER_SOCK_FLAG_REUSEADDR) ||
		    po_reuseport_shortcut(tb, want));
	spin_unlock_bh(&head->lock);

	return ok;
}

/* Like inet_bind_conflict() when the kernel chooses the port. */
static bool po_tcp_taken(const struct po_want *want, struct sock *sk,
			 bool relax)
{
	struct po_sock holder;
	u8 both;

	po_sock_init(&holder, sk);
	po_sock_addr(&holder, sk);
	po_sock_buckets(&holder, sk);
	if (!po_overlaps(want, &holder))
		return false;

	both = holder.flags & want->sock.flags;
	if (!relax || !(both & PORTOWNER_SOCK_FLAG_REUSEADDR) ||
	    holder.state == PORTOWNER_STATE_LISTEN)
		return true;

	return both & PORTOWNER_SOCK_FLAG_REUSEPORT &&
	       (sk->sk_state == TCP_TIME_WAIT ||
		uid_eq(want->sock.conflict_uid, po_conflict_uid(sk)));
}

/**
 * po_tcp_port_free() - whether a port could be chosen automatically
 * @net: namespace
 * @want: the bind
 * @port: port
 * @relax: whether to share ports, as permitted by net.ipv4.ip_autobind_reuse
 *
 * A port with more than PO_COMPARE_MAX sockets counts as taken.
 *
 * Context: any but hard interrupts; takes the bucket lock.
 * Return: true if it could.
 */
bool po_tcp_port_free(struct net *net, const struct po_want *want, u16 port,
		      bool relax)
{
	struct inet_bind_hashbucket *head = po_tcp_head_of(net, port);
	struct inet_bind_bucket *tb;
	u32 budget = PO_COMPARE_MAX;
	bool taken = false;
	struct sock *sk;

	spin_lock_bh(&head->lock);
	hlist_for_each_entry(tb, &head->chain, node) {
		if (!net_eq(read_pnet(&tb->ib_net), net) || tb->port != port)
			continue;
		for (sk = po_tb_first(tb); sk && !taken; sk = po_tb_next(sk))
			taken = !budget-- || po_tcp_taken(want, sk, relax);
	}
	spin_unlock_bh(&head->lock);

	return !taken;
}
