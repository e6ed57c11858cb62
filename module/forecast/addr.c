// SPDX-License-Identifier: GPL-2.0
/* Address checks common to several protocols. */

#include <linux/rtnetlink.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "conflict/conflict.h"
#include "forecast/protocols.h"

/**
 * po_nonlocal_ok() - whether a bind may use an address that is not local
 * @net: namespace
 * @want: the bind
 * @family: AF_INET or AF_INET6, of the address
 *
 * Context: any.
 * Return: true if a socket option or a sysctl of @net permits it.
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

/**
 * po_v4_type_ok() - whether a bind may use an IPv4 address of a given type
 * @net: namespace
 * @want: the bind
 * @type: RTN_*, of the address
 *
 * Context: any.
 * Return: true if it may.
 */
bool po_v4_type_ok(struct net *net, const struct po_want *want,
		   unsigned int type)
{
	return po_nonlocal_ok(net, want, AF_INET) ||
	       !want->sock.addr.s6_addr32[3] ||
	       type == RTN_LOCAL || type == RTN_MULTICAST ||
	       type == RTN_BROADCAST;
}
