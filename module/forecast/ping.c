// SPDX-License-Identifier: GPL-2.0
/* The address checks of ping sockets, which have their own bind(). */

#include <linux/errno.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "conflict/conflict.h"
#include "forecast/protocols.h"

static int po_ping_v4(struct net *net, const struct po_want *want)
{
	u32 table = l3mdev_fib_table_by_index(net, want->sock.ifindex) ?:
		    RT_TABLE_LOCAL;
	__be32 addr = want->sock.addr.s6_addr32[3];
	unsigned int type;

	if (!addr)
		return 0;

	type = inet_addr_type_table(net, addr, table);
	if (type == RTN_LOCAL)
		return 0;

	return type != RTN_MULTICAST && type != RTN_BROADCAST &&
	       po_nonlocal_ok(net, want, AF_INET) ? 0 : -EADDRNOTAVAIL;
}

/* A device named by the address takes precedence over that of the socket. */
static int po_ping_v6(struct net *net, const struct po_want *want)
{
	const struct in6_addr *addr = &want->sock.addr;
	int ifindex = want->scope ?: want->sock.ifindex;
	int type = ipv6_addr_type(addr);
	bool scoped = __ipv6_addr_needs_scope_id(type);
	const struct net_device *dev = NULL;
	int err = 0;

	if ((type != IPV6_ADDR_ANY && !(type & IPV6_ADDR_UNICAST)) ||
	    (scoped && !want->scope))
		return -EINVAL;

	rcu_read_lock();
	if (ifindex) {
		dev = dev_get_by_index_rcu(net, ifindex);
		if (!dev)
			err = -ENODEV;
	}
	if (!err && type != IPV6_ADDR_ANY &&
	    !po_nonlocal_ok(net, want, AF_INET6) &&
	    !po_v6_has_addr(net, addr, dev, scoped))
		err = -EADDRNOTAVAIL;
	rcu_read_unlock();

	return err;
}

/**
 * po_ping_addr_ok() - whether a ping socket may be bound to an address
 * @net: namespace
 * @want: the bind
 *
 * Context: process context.
 * Return: 0 or a negative errno.
 */
int po_ping_addr_ok(struct net *net, const struct po_want *want)
{
	return want->sock.family == AF_INET ? po_ping_v4(net, want) :
					      po_ping_v6(net, want);
}
