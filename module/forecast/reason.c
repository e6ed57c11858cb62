// SPDX-License-Identifier: GPL-2.0
/*
 * Why an address cannot be bound: the state of the device that has it, if any,
 * examined at the moment of the refusal, because it may change.
 */

#include <linux/inetdevice.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/if_inet6.h>
#include <net/ipv6.h>
#include <net/l3mdev.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"

/* Limit on the IPv6 addresses and devices examined, to keep refusals cheap. */
#define PO_REASON_ADDRS	512

static void po_reason_set(struct po_reason *reason,
			  enum portowner_reason value,
			  const struct net_device *dev)
{
	reason->value = value;
	if (dev)
		strscpy(reason->dev, dev->name, sizeof(reason->dev));
}

/* The routing domain (VRF) in which a socket looks for addresses. */
static int po_reason_domain(struct net *net, const struct po_want *want)
{
	return l3mdev_master_ifindex_by_index(net, want->sock.ifindex);
}

/* Why an address assigned to a device is not local. Under RCU. */
static void po_reason_device(struct net *net, const struct po_want *want,
			     struct net_device *dev, struct po_reason *reason)
{
	int domain = l3mdev_master_ifindex_rcu(dev);

	if (!(dev->flags & IFF_UP)) {
		po_reason_set(reason, PORTOWNER_REASON_INTERFACE_DOWN, dev);
	} else if (domain != po_reason_domain(net, want)) {
		po_reason_set(reason, PORTOWNER_REASON_OTHER_VRF,
			      domain ? dev_get_by_index_rcu(net, domain) : dev);
	}
}

/* Under RCU. */
static void po_reason_v4(struct net *net, const struct po_want *want,
			 struct po_reason *reason)
{
	__be32 addr = want->sock.addr.s6_addr32[3];
	struct net_device *dev;

	/* The loopback device has no such address while it is down. */
	dev = ipv4_is_loopback(addr) ? net->loopback_dev :
				       __ip_dev_find(net, addr, false);
	if (dev)
		po_reason_device(net, want, dev, reason);
}

#if IS_ENABLED(CONFIG_IPV6)
/* Returns whether the device has the address. Under RCU. */
static bool po_reason_v6_on(struct net *net, const struct po_want *want,
			    struct net_device *dev, struct inet6_dev *idev,
			    unsigned int *left, struct po_reason *reason)
{
	struct inet6_ifaddr *ifa;
	bool found = false;
	u32 flags = 0;

	read_lock_bh(&idev->lock);
	list_for_each_entry(ifa, &idev->addr_list, if_list) {
		if (!*left || found)
			break;
		--*left;
		found = ipv6_addr_equal(&ifa->addr, &want->sock.addr);
		if (found)
			flags = ifa->flags;
	}
	read_unlock_bh(&idev->lock);
	if (!found)
		return false;

	/* Found, which may not help a socket bound to another device. */
	po_reason_set(reason, PORTOWNER_REASON_NONE, NULL);
	/* The address of a device that is down is tentative as well. */
	if (!(dev->flags & IFF_UP))
		po_reason_device(net, want, dev, reason);
	else if (flags & IFA_F_DADFAILED)
		po_reason_set(reason, PORTOWNER_REASON_DUPLICATE_ADDRESS, dev);
	else if (flags & IFA_F_TENTATIVE && !(flags & IFA_F_OPTIMISTIC))
		po_reason_set(reason, PORTOWNER_REASON_TENTATIVE, dev);
	else
		po_reason_device(net, want, dev, reason);

	return true;
}

/* Whether IPv6 is disabled where the address would be. Under RCU. */
static void po_reason_v6_off(struct net *net, const struct po_want *want,
			     struct po_reason *reason)
{
	struct net_device *dev = ipv6_addr_loopback(&want->sock.addr) ?
					 net->loopback_dev :
					 dev_get_by_index_rcu(net, want->sock.ifindex);
	struct inet6_dev *idev = dev ? __in6_dev_get(dev) : NULL;

	if (READ_ONCE(net->ipv6.devconf_all->disable_ipv6))
		po_reason_set(reason, PORTOWNER_REASON_IPV6_DISABLED, NULL);
	else if (dev && (!idev || READ_ONCE(idev->cnf.disable_ipv6)))
		po_reason_set(reason, PORTOWNER_REASON_IPV6_DISABLED, dev);
	else if (dev && ipv6_addr_loopback(&want->sock.addr))
		po_reason_device(net, want, dev, reason);
}

/* The only device that may have the address, or 0. */
static int po_reason_v6_dev(const struct po_want *want)
{
	if (want->scope)
		return want->scope;

	return __ipv6_addr_needs_scope_id(ipv6_addr_type(&want->sock.addr)) ?
		       want->sock.ifindex : 0;
}

/* Under RCU. */
static void po_reason_v6(struct net *net, const struct po_want *want,
			 struct po_reason *reason)
{
	unsigned int left = PO_REASON_ADDRS;
	int only = po_reason_v6_dev(want);
	struct net_device *dev;
	struct inet6_dev *idev;

	/* Booted with ipv6.disable=1. */
	if (!ipv6_mod_enabled())
		return;

	if (only) {
		dev = dev_get_by_index_rcu(net, only);
		idev = dev ? __in6_dev_get(dev) : NULL;
		if (!idev ||
		    !po_reason_v6_on(net, want, dev, idev, &left, reason))
			po_reason_v6_off(net, want, reason);
		return;
	}
	/* Count each device, too: it may have no address. */
	for_each_netdev_rcu(net, dev) {
		idev = __in6_dev_get(dev);
		if (idev && po_reason_v6_on(net, want, dev, idev, &left, reason))
			return;
		if (!left--) {
			po_reason_set(reason, PORTOWNER_REASON_NONE, NULL);
			return;
		}
	}
	po_reason_v6_off(net, want, reason);
}
#else
static void po_reason_v6(struct net *net, const struct po_want *want,
			 struct po_reason *reason)
{
}
#endif

/* Whether a device is missing. TCP never permits multicast addresses. */
static bool po_reason_needs_device(const struct po_want *want)
{
	if (ipv6_addr_is_multicast(&want->sock.addr) &&
	    po_transport(&want->sock) == IPPROTO_TCP)
		return false;

	return want->sock.family == AF_INET6 &&
	       __ipv6_addr_needs_scope_id(ipv6_addr_type(&want->sock.addr)) &&
	       !want->sock.ifindex && !want->scope;
}

/**
 * po_reason_of() - find out why an address cannot be bound
 * @net: namespace; the caller holds a reference
 * @want: the bind
 * @rule: rule by which it is refused
 * @err: positive errno
 * @reason: result; %PORTOWNER_REASON_NONE if there is none
 *
 * Examines at most %PO_REASON_ADDRS addresses and devices of the namespace. If
 * it has more, no reason is given.
 *
 * Context: any but hard interrupts.
 */
void po_reason_of(struct net *net, const struct po_want *want,
		  enum portowner_rule rule, int err, struct po_reason *reason)
{
	memset(reason, 0, sizeof(*reason));
	if (want->sock.peer_port)
		po_reason_set(reason, PORTOWNER_REASON_TUPLE_IN_USE, NULL);
	if (rule == PORTOWNER_RULE_INVALID_ARGUMENT &&
	    (err == ENODEV || (err == EINVAL && po_reason_needs_device(want))))
		po_reason_set(reason, PORTOWNER_REASON_DEVICE_MISSING, NULL);
	if (rule != PORTOWNER_RULE_ADDRESS_NOT_LOCAL)
		return;

	po_reason_set(reason, PORTOWNER_REASON_NOT_CONFIGURED, NULL);
	rcu_read_lock();
	if (po_is_v4(&want->sock))
		po_reason_v4(net, want, reason);
	else
		po_reason_v6(net, want, reason);
	rcu_read_unlock();
}

/**
 * po_addr_is_global() - whether an address has a host-wide meaning
 * @sock: socket with the address
 *
 * Context: any.
 * Return: false for loopback, link-local, multicast and wildcard addresses.
 */
bool po_addr_is_global(const struct po_sock *sock)
{
	__be32 addr = sock->addr.s6_addr32[3];

	if (po_is_v4(sock))
		return addr && !ipv4_is_loopback(addr) &&
		       !ipv4_is_multicast(addr) && !ipv4_is_linklocal_169(addr);

	return !(ipv6_addr_type(&sock->addr) &
		 (IPV6_ADDR_LOOPBACK | IPV6_ADDR_LINKLOCAL |
		  IPV6_ADDR_MULTICAST)) && !ipv6_addr_any(&sock->addr);
}

/**
 * po_addr_is_up() - whether an address is assigned to a device that is up
 * @net: namespace; the caller holds a reference
 * @sock: socket with the address
 *
 * Context: any but hard interrupts.
 * Return: true if it is.
 */
bool po_addr_is_up(struct net *net, const struct po_sock *sock)
{
	const struct net_device *dev;
	bool up;

	if (!po_is_v4(sock))
		return po_v6_has_addr(net, &sock->addr, NULL, 0);

	rcu_read_lock();
	dev = __ip_dev_find(net, sock->addr.s6_addr32[3], false);
	up = dev && dev->flags & IFF_UP;
	rcu_read_unlock();

	return up;
}
