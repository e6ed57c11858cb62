// SPDX-License-Identifier: GPL-2.0
/*
 * SCTP has its own bind(): its checks of addresses, its cache of how a port was
 * bound, and its use of the ephemeral port range.
 */

#include <linux/errno.h>
#include <linux/in.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"
#include "forecast/protocols.h"
#include "sockets/sockets.h"

static bool po_sctp_v4(struct net *net, const struct po_want *want)
{
	__be32 addr = want->sock.addr.s6_addr32[3];
	u32 table = 0;

	if (PO_SCTP_DEVICES)
		table = l3mdev_fib_table_by_index(net, want->sock.ifindex);

	/* Unlike inet_bind(): no multicast, no broadcast, no IP_TRANSPARENT. */
	return !addr || want->sock.flags & PORTOWNER_SOCK_FLAG_FREEBIND ||
	       READ_ONCE(net->ipv4.sysctl_ip_nonlocal_bind) ||
	       inet_addr_type_table(net, addr, table ?: RT_TABLE_LOCAL) ==
		       RTN_LOCAL;
}

/* Whether a device, or any device if @ifindex is 0, has the address. RCU. */
static bool po_sctp_v6_on(struct net *net, const struct po_want *want,
			  int ifindex)
{
	const struct net_device *dev = NULL;

	if (ifindex) {
		dev = dev_get_by_index_rcu(net, ifindex);
		if (!dev)
			return false;
	}

	return po_nonlocal_ok(net, want, AF_INET6) ||
	       po_v6_has_addr(net, &want->sock.addr, dev, 0);
}

static bool po_sctp_v6(struct net *net, const struct po_want *want)
{
	int type = ipv6_addr_type(&want->sock.addr);
	bool ok = true;

	if (type == IPV6_ADDR_ANY)
		return true;
	if (!(type & IPV6_ADDR_UNICAST))
		return false;

	rcu_read_lock();
	if (type & IPV6_ADDR_LINKLOCAL)
		ok = want->scope && po_sctp_v6_on(net, want, want->scope);
	ok = ok && po_sctp_v6_on(net, want,
				 PO_SCTP_DEVICES ? want->sock.ifindex : 0);
	rcu_read_unlock();

	return ok;
}

/**
 * po_sctp_addr_ok() - whether SCTP permits an address
 * @net: namespace
 * @want: the bind
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int po_sctp_addr_ok(struct net *net, const struct po_want *want)
{
	const struct po_sock *sock = &want->sock;
	bool mapped = ipv6_addr_v4mapped(&sock->addr);

	if (sock->family == AF_INET6 && mapped &&
	    sock->flags & PORTOWNER_SOCK_FLAG_V6ONLY)
		return -EINVAL;

	return (mapped ? po_sctp_v4(net, want) : po_sctp_v6(net, want)) ?
		       0 : -EADDRNOTAVAIL;
}

/**
 * po_sctp_shortcut() - whether the options cached for a port permit a bind
 * @net: namespace; the caller holds a reference
 * @want: the bind
 *
 * If so, the kernel does not look at the sockets of the port. For a listen, the
 * cached SO_REUSEADDR does not count. The cached SO_REUSEPORT does: the
 * preceding bind has not changed it.
 *
 * Context: may sleep; walks the sockets of SCTP.
 * Return: 1 if they do, 0 if not, or a negative errno if that is unknown.
 */
int po_sctp_shortcut(struct net *net, const struct po_want *want)
{
	u8 flags = want->sock.flags;
	struct po_sctp_fastreuse fast;
	int err;

	if (want->listening)
		flags &= ~PORTOWNER_SOCK_FLAG_REUSEADDR;
	if (!(flags & (PORTOWNER_SOCK_FLAG_REUSEADDR |
		       PORTOWNER_SOCK_FLAG_REUSEPORT)))
		return 0;

	err = po_sctp_get_fastreuse(net, want->sock.port, &fast);
	if (err)
		return err;

	return (fast.reuse && flags & PORTOWNER_SOCK_FLAG_REUSEADDR) ||
	       (fast.reuseport && flags & PORTOWNER_SOCK_FLAG_REUSEPORT &&
		uid_eq(fast.uid, want->sock.conflict_uid));
}

/**
 * po_sctp_any_port() - whether SCTP can choose a port automatically
 * @net: namespace; the caller holds a reference
 *
 * It chooses only ports without any socket, regardless of addresses.
 *
 * Context: may sleep; walks the tables.
 * Return: 0, -EADDRINUSE, or -ENOMEM if that is unknown.
 */
int po_sctp_any_port(struct net *net)
{
	struct po_range *range = po_range_new(net, IPPROTO_SCTP);
	bool exhausted;

	if (!range)
		return -ENOMEM;

	exhausted = range->reserved + range->taken > range->last - range->first;
	po_range_put(range);

	return exhausted ? -EADDRINUSE : 0;
}
