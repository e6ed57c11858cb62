// SPDX-License-Identifier: GPL-2.0
/*
 * What SCTP, which has a bind() of its own, finds of an address, of what a port
 * remembers, and in the automatic range.
 */

#include <linux/errno.h>
#include <linux/in.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>
#include <net/route.h>

#include "internal.h"

static bool po_sctp_v4(struct net *net, const struct po_want *want)
{
	__be32 addr = want->sock.addr.s6_addr32[3];
	u32 table = 0;

	if (PO_SCTP_DEVICES)
		table = l3mdev_fib_table_by_index(net, want->sock.ifindex);

	/* Neither multicast nor broadcast; and transparent does not help. */
	return !addr || want->sock.flags & PORTOWNER_SOCK_FLAG_FREEBIND ||
	       READ_ONCE(net->ipv4.sysctl_ip_nonlocal_bind) ||
	       inet_addr_type_table(net, addr, table ?: RT_TABLE_LOCAL) ==
		       RTN_LOCAL;
}

/* Whether it may be an address of a device, of any if @ifindex is 0. Under RCU. */
static bool po_sctp_v6_of(struct net *net, const struct po_want *want,
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
		ok = want->scope && po_sctp_v6_of(net, want, want->scope);
	ok = ok && po_sctp_v6_of(net, want,
				 PO_SCTP_DEVICES ? want->sock.ifindex : 0);
	rcu_read_unlock();

	return ok;
}

/**
 * po_sctp_addr_ok() - whether SCTP lets a socket have an address
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
 * po_sctp_shortcut() - whether what the port remembers lets a bind succeed
 * @net: namespace; the caller holds a reference
 * @want: the bind
 *
 * As po_tcp_shortcut(). One who listens is not helped by SO_REUSEADDR; and what
 * SO_REUSEPORT opens, its own bind has not closed.
 *
 * Context: may sleep; walks the sockets of SCTP.
 * Return: 1 if it does, 0 if not, or a negative errno if that could not be
 * found out.
 */
int po_sctp_shortcut(struct net *net, const struct po_want *want)
{
	u8 flags = want->sock.flags;
	struct po_sctp_memory memory;
	int err;

	if (want->listening)
		flags &= ~PORTOWNER_SOCK_FLAG_REUSEADDR;
	if (!(flags & (PORTOWNER_SOCK_FLAG_REUSEADDR |
		       PORTOWNER_SOCK_FLAG_REUSEPORT)))
		return 0;

	err = po_sctp_remembers(net, want->sock.port, &memory);
	if (err)
		return err;

	return (memory.reuse && flags & PORTOWNER_SOCK_FLAG_REUSEADDR) ||
	       (memory.reuseport && flags & PORTOWNER_SOCK_FLAG_REUSEPORT &&
		uid_eq(memory.uid, want->sock.conflict_uid));
}

/**
 * po_sctp_any_port() - whether SCTP finds a port by itself
 * @net: namespace; the caller holds a reference
 *
 * It takes only one that nobody has, whatever the addresses are.
 *
 * Context: may sleep; walks the tables.
 * Return: 0, -EADDRINUSE, or -ENOMEM if that could not be found out.
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
