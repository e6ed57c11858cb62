// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a bind would succeed, and a listen after it: the checks of
 * inet_bind(), inet6_bind() and inet_listen() in their order, on a socket that
 * does not exist.
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

#include "internal.h"

#ifdef CONFIG_CGROUP_BPF
static bool po_has_prog(const struct cgroup *cgroup, unsigned int type)
{
	struct bpf_prog_array *progs = rcu_dereference(cgroup->bpf.effective[type]);

	return progs && progs->items[0].prog;
}

/* The caller is in a section of RCU. */
static bool po_cgroup_sees_bind(const struct cgroup *cgroup, u16 family)
{
	if (family == AF_INET)
		return po_has_prog(cgroup, PO_BPF_INET4_BIND) ||
		       po_has_prog(cgroup, PO_BPF_INET4_POST_BIND);

	return po_has_prog(cgroup, PO_BPF_INET6_BIND) ||
	       po_has_prog(cgroup, PO_BPF_INET6_POST_BIND);
}

static bool po_bpf_sees_bind(u16 family)
{
	bool ret;

	rcu_read_lock();
	ret = po_cgroup_sees_bind(task_dfl_cgroup(current), family);
	rcu_read_unlock();

	return ret;
}

/**
 * po_bpf_judges() - whether a program of its cgroup is asked when it binds
 * @sk: socket; the caller holds a reference
 *
 * Context: any.
 * Return: true if there is one.
 */
bool po_bpf_judges(struct sock *sk)
{
	bool ret;

	rcu_read_lock();
	ret = po_cgroup_sees_bind(sock_cgroup_ptr(&sk->sk_cgrp_data),
				  sk->sk_family);
	rcu_read_unlock();

	return ret;
}
#else
static bool po_bpf_sees_bind(u16 family)
{
	return false;
}

bool po_bpf_judges(struct sock *sk)
{
	return false;
}
#endif

/**
 * po_unforeseen() - what might refuse that po_forecast() doesn't know of
 * @family: family of a socket that the current process would make
 *
 * Context: process context.
 * Return: bits of enum portowner_unforeseen.
 */
u32 po_unforeseen(u16 family)
{
	return po_bpf_sees_bind(family) ? PORTOWNER_UNFORESEEN_CGROUP_BPF : 0;
}

/**
 * po_nonlocal_ok() - whether a bind may be to an address of nobody
 * @net: namespace
 * @want: the bind
 * @family: of the address
 *
 * Context: any.
 * Return: true if an option, or a setting of the namespace, allows it.
 */
bool po_nonlocal_ok(const struct net *net, const struct po_want *want,
		    u16 family)
{
	bool set = family == AF_INET ?
			   READ_ONCE(net->ipv4.sysctl_ip_nonlocal_bind) :
			   po_v6_nonlocal_bind(net);

	return set || want->sock.flags & (PORTOWNER_SOCK_FLAG_FREEBIND |
					  PORTOWNER_SOCK_FLAG_TRANSPARENT);
}

static bool po_v4_type_ok(struct net *net, const struct po_want *want,
			  unsigned int type)
{
	return po_nonlocal_ok(net, want, AF_INET) ||
	       !want->sock.addr.s6_addr32[3] ||
	       type == RTN_LOCAL || type == RTN_MULTICAST ||
	       type == RTN_BROADCAST;
}

static int po_forecast_v4(struct net *net, const struct po_want *want)
{
	u32 table = l3mdev_fib_table_by_index(net, want->sock.ifindex) ?:
		    RT_TABLE_LOCAL;
	unsigned int type;

	type = inet_addr_type_table(net, want->sock.addr.s6_addr32[3], table);

	return po_v4_type_ok(net, want, type) ? 0 : -EADDRNOTAVAIL;
}

/* The caller is in an RCU read-side section, which keeps @dev. */
static int po_forecast_mapped(struct net *net, const struct po_want *want,
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

/* As above. */
static int po_forecast_v6(struct net *net, const struct po_want *want,
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

static int po_forecast_inet6(struct net *net, const struct po_want *want)
{
	const struct in6_addr *addr = &want->sock.addr;
	const struct net_device *dev;
	int err;

	if (ipv6_addr_any(addr))
		return 0;

	rcu_read_lock();
	dev = dev_get_by_index_rcu(net, want->sock.ifindex);
	err = ipv6_addr_v4mapped(addr) ? po_forecast_mapped(net, want, dev) :
					 po_forecast_v6(net, want, dev);
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

/* Not each kind of socket may have each kind of address of IPv6. */
static int po_forecast_kind(const struct po_sock *sock)
{
	if (sock->proto == IPPROTO_RAW && ipv6_addr_v4mapped(&sock->addr))
		return -EADDRNOTAVAIL;
	if (ipv6_addr_is_multicast(&sock->addr) &&
	    po_transport(sock) == IPPROTO_TCP)
		return -EINVAL;

	return 0;
}

/* Everything that is decided before other sockets are looked at. */
static int po_forecast_request(struct net *net, const struct po_want *want,
			       bool privileged)
{
	const struct po_sock *sock = &want->sock;

	/* Booted without IPv6: no such socket, and no table of its addresses. */
	if (sock->family == AF_INET6 && !ipv6_mod_enabled())
		return -EAFNOSUPPORT;
	if (sock->proto == IPPROTO_SCTP)
		return po_sctp_addr_ok(net, want) ?:
		       po_forecast_privilege(net, want, privileged);
	if (sock->proto == IPPROTO_ICMP)
		return po_ping_addr_ok(net, want);
	if (sock->family == AF_INET)
		return po_forecast_v4(net, want) ?:
		       po_forecast_privilege(net, want, privileged);

	return po_forecast_kind(sock) ?:
	       po_forecast_privilege(net, want, privileged) ?:
	       po_forecast_inet6(net, want);
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
	/* TCP takes ports in pairs, and so never the last one of an odd number. */
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
 * Whether what the port remembers lets a bind succeed, or a listen after it;
 * negative if that could not be found out.
 */
static int po_forecast_shortcut(struct net *net, const struct po_want *want)
{
	if (want->sock.proto == IPPROTO_SCTP)
		return po_sctp_shortcut(net, want);
	if (po_is_udp(&want->sock))
		return po_udp_port_free(net, want, want->sock.port);
	/*
	 * SO_REUSEADDR is no shortcut for listen(). With SO_REUSEPORT the bind
	 * itself has opened another one.
	 */
	if (want->listening)
		return want->sock.flags & PORTOWNER_SOCK_FLAG_REUSEPORT;

	return po_tcp_shortcut(net, want);
}

/* Whether a socket is in the way. */
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

static int po_forecast_this_port(struct net *net, const struct po_want *want,
				 struct po_snap *culprits)
{
	int err = po_forecast_shortcut(net, want);

	if (err)
		return min(err, 0);

	return po_forecast_pairs(net, want, culprits);
}

/* Ping sockets have SO_REUSEADDR from the start. */
static int po_forecast_ident(struct net *net, const struct po_want *want,
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
		return po_forecast_ident(net, want, culprits);
	if (!po_has_ports(&want->sock))
		return 0;
	if (!want->sock.port)
		return want->sock.proto == IPPROTO_SCTP ?
			       po_sctp_any_port(net) :
			       po_forecast_any_port(net, want);

	return po_forecast_this_port(net, want, culprits);
}

/**
 * po_forecast() - foresee what the kernel would answer
 * @net: namespace; the caller holds a reference
 * @want: the bind
 * @privileged: who binds may have privileged ports
 * @listen: whether to listen then
 * @culprits: empty snapshot, to which the sockets in the way are added
 * @op: result: what would be refused
 *
 * Context: may sleep; takes bucket locks.
 * Return: 0 if nothing would be refused; else the negative errno of that, or
 * -EINTR or -ENOMEM if it could not be foreseen.
 */
int po_forecast(struct net *net, const struct po_want *want, bool privileged,
		bool listen, struct po_snap *culprits, enum portowner_op *op)
{
	struct po_want again;
	int err;

	*op = PORTOWNER_OP_BIND;
	err = po_forecast_request(net, want, privileged) ?:
	      po_forecast_port(net, want, culprits);
	if (err || !listen)
		return err;

	*op = PORTOWNER_OP_LISTEN;
	if (!want->sock.port)
		return 0;

	/* listen() asks for the port once more. */
	again = *want;
	again.listening = true;

	return po_forecast_this_port(net, &again, culprits);
}
