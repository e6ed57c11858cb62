// SPDX-License-Identifier: GPL-2.0
/* Attributes common to several requests. */

#include <linux/capability.h>
#include <linux/netlink.h>
#include <net/netlink.h>

#include "netlink/netlink.h"
#include "sockets/sockets.h"

/**
 * po_parse_family() - read an address family
 * @family: result, unchanged without @attr
 * @attr: attribute, or NULL
 * @extack: receives the error message
 *
 * Context: any.
 * Return: 0 or -EINVAL.
 */
int po_parse_family(u16 *family, const struct nlattr *attr,
		    struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;

	*family = nla_get_u16(attr);
	if (*family == AF_INET || *family == AF_INET6)
		return 0;

	NL_SET_ERR_MSG_ATTR(extack, attr, "family must be AF_INET or AF_INET6");

	return -EINVAL;
}

/**
 * po_parse_proto() - read a protocol
 * @proto: result, unchanged without @attr
 * @attr: attribute, or NULL
 * @extack: receives the error message
 *
 * Context: any.
 * Return: 0 or -EPROTONOSUPPORT.
 */
int po_parse_proto(u16 *proto, const struct nlattr *attr,
		   struct netlink_ext_ack *extack)
{
	if (!attr)
		return 0;

	*proto = nla_get_u16(attr);
	if (po_proto_known(*proto))
		return 0;

	NL_SET_ERR_MSG_ATTR(extack, attr,
			    "proto must be TCP, MPTCP, UDP, UDPLITE, SCTP, ICMP or RAW");

	return -EPROTONOSUPPORT;
}

/**
 * po_check_all_netns() - whether a reader may request all namespaces
 * @cb: dump
 * @attr: attribute that requests them, or NULL
 *
 * Context: the requesting or receiving task.
 * Return: 0 or -EPERM.
 */
int po_check_all_netns(struct netlink_callback *cb, const struct nlattr *attr)
{
	if (!attr || po_capable(cb->skb, &init_user_ns, CAP_NET_ADMIN))
		return 0;

	NL_SET_ERR_MSG_ATTR(cb->extack, attr,
			    "all-netns requires CAP_NET_ADMIN in the initial user namespace");

	return -EPERM;
}
