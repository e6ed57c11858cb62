// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a bind would succeed, and a listen after it: the checks of
 * inet_bind(), inet6_bind() and inet_listen(), in the same order, without a
 * socket.
 */

#include <linux/bpf.h>
#include <linux/cgroup.h>
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/sched/signal.h>
#include <net/addrconf.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"
#include "forecast/protocols.h"
#include "sockets/sockets.h"

/**
 * po_unchecked() - get causes of a refusal that po_forecast() cannot check
 * @family: AF_INET or AF_INET6, of a socket of the current process
 *
 * Context: process context.
 * Return: bits of enum portowner_unforeseen.
 */
u32 po_unchecked(u16 family)
{
	return po_current_has_bind_prog(family) ?
		       PORTOWNER_UNFORESEEN_CGROUP_BPF :
		       0;
}

static int po_forecast_v4_addr(struct net *net, const struct po_want *want)
{
	u32 table = l3mdev_fib_table_by_index(net, want->sock.ifindex) ?:
		    RT_TABLE_LOCAL;
	unsigned int type;

	type = inet_addr_type_table(net, want->sock.addr.s6_addr32[3], table);

	return po_v4_type_ok(net, want, type) ? 0 : -EADDRNOTAVAIL;
}

/* Called in an RCU read-side section, which keeps @dev alive. */
static int po_forecast_mapped_addr(struct net *net, const struct po_want *want,
				   const struct net_device *dev)
{
	unsigned int type;

	if (want->sock.flags & PORTOWNER_SOCK_FLAG_V6ONLY)
		return -EINVAL;
	if (want->sock.ifindex && !dev)
		return -ENODEV;

	type = inet_addr_type_dev_table(net, dev,
					want->sock.addr.s6_addr32[3]);

	return po_v4_type_ok(net, want, type) ? 0 : -EADDRNOTAVAIL;
}

/* Called in an RCU read-side section, which keeps @dev alive. */
static int po_forecast_v6_addr(struct net *net, const struct po_want *want,
			       const struct net_device *dev)
{
	const struct in6_addr *addr = &want->sock.addr;
	int type = ipv6_addr_type(addr);

	if (__ipv6_addr_needs_scope_id(type) && !want->sock.ifindex)
		return -EINVAL;
	if (want->sock.ifindex && !dev)
		return -ENODEV;
	if (type & IPV6_ADDR_MULTICAST)
		return 0;
	if (po_nonlocal_ok(net, want, AF_INET6) ||
	    po_v6_has_addr(net, addr, dev, 0))
		return 0;

	return -EADDRNOTAVAIL;
}

static int po_forecast_inet6_addr(struct net *net, const struct po_want *want)
{
	const struct in6_addr *addr = &want->sock.addr;
	const struct net_device *dev;
	int err;

	if (ipv6_addr_any(addr))
		return 0;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, want->sock.ifindex);
	err = ipv6_addr_v4mapped(addr) ?
		      po_forecast_mapped_addr(net, want, dev) :
		      po_forecast_v6_addr(net, want, dev);
	rcu_read_unlock();

	return err;
}

static int po_forecast_privilege(struct net *net, const struct po_want *want,
				 bool privileged)
{
	u16 port = want->sock.port;

	if (!po_has_ports(&want->sock) || privileged || !port ||
	    !inet_port_requires_bind_service(net, port))
		return 0;

	return -EACCES;
}

/* Some IPv6 addresses are invalid for some protocols. */
static int po_forecast_addr_type(const struct po_sock *sock)
{
	if (sock->proto == IPPROTO_RAW && ipv6_addr_v4mapped(&sock->addr))
		return -EADDRNOTAVAIL;
	if (ipv6_addr_is_multicast(&sock->addr) &&
	    po_transport(sock) == IPPROTO_TCP)
		return -EINVAL;

	return 0;
}

/* All checks that do not involve other sockets. */
static int po_forecast_request(struct net *net, const struct po_want *want,
			       bool privileged)
{
	const struct po_sock *sock = &want->sock;

	/* Booted with ipv6.disable=1: no such sockets, no address tables. */
	if (sock->family == AF_INET6 && !ipv6_mod_enabled())
		return -EAFNOSUPPORT;
	if (sock->proto == IPPROTO_SCTP)
		return po_sctp_addr_ok(net, want) ?:
		       po_forecast_privilege(net, want, privileged);
	if (sock->proto == IPPROTO_ICMP)
		return po_ping_addr_ok(net, want);
	if (sock->family == AF_INET)
		return po_forecast_v4_addr(net, want) ?:
		       po_forecast_privilege(net, want, privileged);

	return po_forecast_addr_type(sock) ?:
	       po_forecast_privilege(net, want, privileged) ?:
	       po_forecast_inet6_addr(net, want);
}

static bool po_port_free(struct net *net, const struct po_want *want, u16 port,
			 bool relax)
{
	return po_is_udp(&want->sock) ? po_udp_port_free(net, want, port) :
					po_tcp_port_free(net, want, port, relax);
}

static int po_forecast_range(struct net *net, const struct po_want *want,
			     bool relax)
{
	int port, first, last;

	inet_get_local_port_range(net, &first, &last);
	/* TCP tries ports in pairs: if their number is odd, never the last. */
	if (!po_is_udp(&want->sock) && last > first && !((last - first) & 1))
		last--;

	for (port = first; port <= last; port++) {
		if (!inet_is_local_reserved_port(net, port) &&
		    po_port_free(net, want, port, relax))
			return 0;
		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}

	return -EADDRINUSE;
}

static int po_forecast_any_port(struct net *net, const struct po_want *want)
{
	int err = po_forecast_range(net, want, false);

	if (err == -EADDRINUSE && !po_is_udp(&want->sock) &&
	    READ_ONCE(net->ipv4.sysctl_ip_autobind_reuse))
		err = po_forecast_range(net, want, true);

	return err;
}

/*
 * Whether the kernel permits a bind, or a listen after it, without comparing
 * the socket with each of the others. Returns a positive value if so, 0 if not,
 * or a negative errno if that is unknown.
 */
static int po_forecast_shortcut(struct net *net, const struct po_want *want)
{
	if (want->sock.proto == IPPROTO_SCTP)
		return po_sctp_shortcut(net, want);
	if (po_is_udp(&want->sock))
		return po_udp_port_free(net, want, want->sock.port);
	/*
	 * The cached SO_REUSEADDR state does not help listen(). With
	 * SO_REUSEPORT, the bind itself has set up the cache for listen().
	 */
	if (want->listening)
		return want->sock.flags & PORTOWNER_SOCK_FLAG_REUSEPORT;

	return po_tcp_shortcut(net, want);
}

/* Compare the bind with each socket on the port. */
static int po_forecast_pairs(struct net *net, const struct po_want *want,
			     struct po_snap *culprits)
{
	const struct po_filter filter = {
		.net		= net,
		.proto		= po_transport(&want->sock),
		.port_first	= want->sock.port,
		.port_last	= want->sock.port,
		.states		= PO_STATES_ALL,
		.want		= want,
	};
	int err = po_collect(culprits, &filter);

	if (err)
		return err;

	return culprits->nr ? -EADDRINUSE : 0;
}

static int po_forecast_given_port(struct net *net, const struct po_want *want,
				  struct po_snap *culprits)
{
	int err = po_forecast_shortcut(net, want);

	if (err)
		return min(err, 0);

	return po_forecast_pairs(net, want, culprits);
}

/* Ping sockets have SO_REUSEADDR from the start. */
static int po_forecast_ping_id(struct net *net, const struct po_want *want,
			       struct po_snap *culprits)
{
	struct po_want ping = *want;

	ping.sock.flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;

	return po_forecast_pairs(net, &ping, culprits);
}

static int po_forecast_port(struct net *net, const struct po_want *want,
			    struct po_snap *culprits)
{
	if (want->sock.proto == IPPROTO_ICMP && want->sock.port)
		return po_forecast_ping_id(net, want, culprits);
	if (!po_has_ports(&want->sock))
		return 0;
	if (!want->sock.port)
		return want->sock.proto == IPPROTO_SCTP ?
			       po_sctp_any_port(net) :
			       po_forecast_any_port(net, want);

	return po_forecast_given_port(net, want, culprits);
}

/**
 * po_forecast() - predict the result of a bind
 * @net: namespace; the caller holds a reference
 * @want: the bind
 * @privileged: whether the caller may bind privileged ports
 * @listen: whether a listen follows
 * @culprits: empty snapshot, to which the conflicting sockets are added
 * @op: result: the operation that would be refused
 *
 * Context: may sleep; takes bucket locks.
 * Return: 0 if nothing would be refused, the negative errno of the refusal, or
 * -EINTR or -ENOMEM if the result could not be predicted.
 */
int po_forecast(struct net *net, const struct po_want *want, bool privileged,
		bool listen, struct po_snap *culprits, enum portowner_reject_op *op)
{
	struct po_want again;
	int err;

	*op = PORTOWNER_REJECT_OP_BIND;
	err = po_forecast_request(net, want, privileged) ?:
	      po_forecast_port(net, want, culprits);
	if (err || !listen)
		return err;

	*op = PORTOWNER_REJECT_OP_LISTEN;
	if (!want->sock.port)
		return 0;

	/* listen() requests the port again. */
	again = *want;
	again.listening = true;

	return po_forecast_given_port(net, &again, culprits);
}
