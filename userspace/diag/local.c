// SPDX-License-Identifier: GPL-2.0
/*
 * Can an address be bound here, and a port by us? bind() checks this before it
 * looks at other sockets.
 */

#include <linux/capability.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/msg.h>

#include "diag/local.h"
#include "lib/host.h"
#include "lib/host_net.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "source/channel.h"

/* IFA_LINK and IFA_HOST in the kernel. */
#define SCOPES_OF_DEVICE	0x30

static __u64 sysctl_number(const char *name)
{
	char *value = host_sysctl(name);
	__u64 number = value ? strtoull(value, NULL, 10) : 0;

	free(value);
	return number;
}

static bool may_be_elsewhere(const struct endpoint *ep)
{
	return ep->flags & (PORTOWNER_SOCK_FLAG_FREEBIND |
			    PORTOWNER_SOCK_FLAG_TRANSPARENT) ||
	       sysctl_number(ep->family == AF_INET ?
				     "net/ipv4/ip_nonlocal_bind" :
				     "net/ipv6/ip_nonlocal_bind");
}

static int take_type(struct nlmsghdr *nlh, void *result)
{
	const struct rtmsg *route = nlmsg_data(nlh);

	if (nlh->nlmsg_type == RTM_NEWROUTE &&
	    nlmsg_datalen(nlh) >= (int)sizeof(*route))
		*(__u8 *)result = route->rtm_type;
	return 0;
}

/* Route type of an IPv4 address, RTN_*; 0 without a route. */
static __u8 route_type(const unsigned char *addr, __u32 ifindex)
{
	struct channel channel = { .sk = channel_socket(NETLINK_ROUTE) };
	struct rtmsg route = { .rtm_family = AF_INET, .rtm_dst_len = 32 };
	struct nl_msg *msg = nlmsg_alloc_simple(RTM_GETROUTE, 0);
	__u8 type = 0;

	if (msg && channel.sk &&
	    nlmsg_append(msg, &route, sizeof(route), NLMSG_ALIGNTO) >= 0) {
		nla_put(msg, RTA_DST, 4, addr);
		if (ifindex)
			nla_put_u32(msg, RTA_OIF, ifindex);
		channel_exchange(&channel, msg, take_type, &type);
	} else {
		nlmsg_free(msg);
	}
	nl_socket_free(channel.sk);
	return type;
}

/*
 * Before the first address of a new network namespace the kernel has no table to
 * look one up in, and takes any for a broadcast address.
 */
static bool has_local_table(void)
{
	FILE *file = fopen("/proc/net/fib_triestat", "re");
	bool found = !file;
	char line[32];

	while (!found && fgets(line, sizeof(line), file))
		found = !strcmp(line, "Local:\n");
	if (file)
		fclose(file);
	return found;
}

/*
 * Only a VRF has addresses of its own; otherwise the device does not matter.
 * @alone: not an address of several hosts
 */
static bool has_ipv4(const unsigned char *addr, const char *vrf, bool alone)
{
	static const unsigned char broadcast[4] = { 255, 255, 255, 255 };

	if (!memcmp(addr, broadcast, sizeof(broadcast)))
		return !alone;
	switch (route_type(addr, vrf ? host_ifindex(vrf) : 0)) {
	case RTN_LOCAL:
		return true;
	case RTN_BROADCAST:
	case RTN_MULTICAST:
		return !alone;
	default:
		return !alone && !vrf && !has_local_table();
	}
}

/**
 * diag_ipv6_open() - Begin to read the IPv6 addresses of the host.
 *
 * Return: where to read them, to be closed unless it is NULL.
 */
FILE *diag_ipv6_open(void)
{
	return fopen("/proc/net/if_inet6", "re");
}

/**
 * diag_ipv6_next() - Find a device with an IPv6 address.
 * @file: what diag_ipv6_open() returned
 * @addr: the address
 * @place: set to the device
 *
 * Return: false if there is no other.
 */
bool diag_ipv6_next(FILE *file, const unsigned char *addr,
		    struct ipv6_place *place)
{
	char text[33], line[33];
	size_t i;

	for (i = 0; i < 16; i++)
		sprintf(text + 2 * i, "%02x", addr[i]);
	while (file && fscanf(file, "%32s %*x %*x %x %x %15s", line,
			      &place->scope, &place->flags, place->dev) == 4)
		if (!strcmp(line, text))
			return true;
	return false;
}

/**
 * diag_ipv6_is_usable() - Can an IPv6 address be bound?
 * @place: the device that has it
 *
 * Return: false during and after an unsuccessful detection of duplicates.
 */
bool diag_ipv6_is_usable(const struct ipv6_place *place)
{
	return !(place->flags & (FLAG_TENTATIVE | FLAG_DAD_FAILED)) ||
	       place->flags & FLAG_OPTIMISTIC;
}

static bool is_same_vrf(const char *vrf, const char *device)
{
	char *other = host_vrf(device);
	bool same = !strcmp(vrf ? vrf : "", other ? other : "");

	free(other);
	return same;
}

/* A link-local address, or ::1, counts only on its device, others in the VRF. */
static bool has_ipv6(const unsigned char *addr, const char *device,
		     const char *vrf)
{
	FILE *file = diag_ipv6_open();
	struct ipv6_place place;
	bool found = false;

	while (!found && diag_ipv6_next(file, addr, &place))
		found = diag_ipv6_is_usable(&place) &&
			(!device || !(place.scope & SCOPES_OF_DEVICE) ||
			 !strcmp(place.dev, device)) &&
			is_same_vrf(vrf, place.dev);
	if (file)
		fclose(file);
	return found;
}

/**
 * diag_address_ok() - Can this address be bound here?
 * @request: the bind; its device is also the scope of a link-local address
 *
 * Return: false if it is not a local address.
 */
bool diag_address_ok(const struct bind_request *request)
{
	const struct endpoint *ep = &request->ep;
	bool v4 = endpoint_family(ep) == AF_INET, has;
	bool alone = ep->proto == IPPROTO_ICMP || ep->proto == IPPROTO_SCTP;
	char *vrf = NULL;

	/* Raw sockets of IPv6 take no IPv4 address. */
	if (ep->proto == IPPROTO_RAW && ep->family == AF_INET6 && v4)
		return false;
	if (endpoint_is_any(ep))
		return true;
	/* Not even with IP_FREEBIND, except for IPv4 in SCTP. */
	if (alone && endpoint_is_multicast(ep) &&
	    !(ep->proto == IPPROTO_SCTP && v4))
		return false;
	if (may_be_elsewhere(ep))
		return true;
	if (endpoint_is_multicast(ep))
		return !alone;
	if (ep->dev)
		vrf = host_vrf(ep->dev);
	if (ep->family == AF_INET)
		has = has_ipv4(ep->addr, vrf, alone);
	else if (v4)
		has = has_ipv4(ep->addr + 12, vrf, alone);
	else
		has = has_ipv6(ep->addr, ep->dev, vrf);
	free(vrf);
	return has;
}

/**
 * diag_port_ok() - May this user bind this port?
 * @request: the bind
 *
 * For other users, root is taken to have all capabilities, and anyone else
 * none.
 *
 * Return: false if a required capability is missing.
 */
bool diag_port_ok(const struct bind_request *request)
{
	__u16 port = request->ep.port;

	if (!proto_has_ports(request->ep.proto) || !port ||
	    port >= sysctl_number("net/ipv4/ip_unprivileged_port_start"))
		return true;
	if (request->has_uid && request->uid != host_uid())
		return !request->uid;
	return host_has_cap(CAP_NET_BIND_SERVICE) && !host_netns_is_foreign();
}
