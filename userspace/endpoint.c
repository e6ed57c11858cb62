// SPDX-License-Identifier: GPL-2.0
/* What local addresses have to do with each other. */

#include <netinet/in.h>
#include <string.h>

#include "endpoint.h"
#include "enums.h"

#define MAPPED_LEN	12	/* ::ffff:0:0/96 */

static bool is_mapped(const unsigned char *addr)
{
	static const unsigned char prefix[MAPPED_LEN] = {
		[10] = 0xff, [11] = 0xff,
	};

	return !memcmp(addr, prefix, MAPPED_LEN);
}

/**
 * addr_unmap() - An IPv4 address in IPv6 clothes is an IPv4 address.
 * @family: AF_INET or AF_INET6; changed if it is one
 * @addr: 4 or 16 bytes; changed if it is one
 */
void addr_unmap(__u16 *family, unsigned char *addr)
{
	if (*family != AF_INET6 || !is_mapped(addr))
		return;
	*family = AF_INET;
	memmove(addr, addr + MAPPED_LEN, 4);
}

/**
 * endpoint_transport() - The protocol whose ports a socket takes.
 * @ep: its local address
 *
 * Return: IPPROTO_*; MPTCP has none of its own.
 */
__u16 endpoint_transport(const struct endpoint *ep)
{
	return ep->proto == IPPROTO_MPTCP ? IPPROTO_TCP : ep->proto;
}

/**
 * endpoint_can_listen() - Has the protocol connections that can be waited for?
 * @ep: the local address
 *
 * Return: true if it has.
 */
bool endpoint_can_listen(const struct endpoint *ep)
{
	__u16 proto = endpoint_transport(ep);

	return proto == IPPROTO_TCP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP;
}

/**
 * endpoint_family() - The family that an address means.
 * @ep: the local address
 *
 * Return: AF_INET or AF_INET6.
 */
__u16 endpoint_family(const struct endpoint *ep)
{
	return ep->family == AF_INET6 && is_mapped(ep->addr) ? AF_INET :
							       ep->family;
}

/* The address without what makes it one of IPv6. */
static const unsigned char *bytes_of(const struct endpoint *ep, size_t *len)
{
	bool v4 = endpoint_family(ep) == AF_INET;

	*len = v4 ? 4 : 16;
	return ep->addr + (v4 && ep->family == AF_INET6 ? MAPPED_LEN : 0);
}

/**
 * endpoint_is_any() - Is this the wildcard of its family?
 * @ep: the local address
 *
 * Return: true if it is; ::ffff:0.0.0.0 is that of IPv4.
 */
bool endpoint_is_any(const struct endpoint *ep)
{
	static const unsigned char zero[16];
	const unsigned char *bytes;
	size_t len;

	bytes = bytes_of(ep, &len);
	return !memcmp(bytes, zero, len);
}

/**
 * endpoint_is_dual() - Is this an IPv6 wildcard that takes IPv4 as well?
 * @ep: the local address
 *
 * Return: true if it is.
 */
bool endpoint_is_dual(const struct endpoint *ep)
{
	/* ICMPv6 is not ICMP, and nobody reads IPv4 from a raw IPv6 socket. */
	return proto_has_ports(ep->proto) &&
	       endpoint_family(ep) == AF_INET6 && endpoint_is_any(ep) &&
	       !(ep->flags & PORTOWNER_SOCK_FLAG_V6ONLY);
}

static bool same_address(const struct endpoint *a, const struct endpoint *b)
{
	const unsigned char *left, *right;
	size_t len;

	if (endpoint_family(a) != endpoint_family(b))
		return false;
	left = bytes_of(a, &len);
	right = bytes_of(b, &len);
	return !memcmp(left, right, len);
}

static bool same_port(const struct endpoint *a, const struct endpoint *b)
{
	return a->port == b->port &&
	       endpoint_transport(a) == endpoint_transport(b);
}

/**
 * endpoint_equal() - Are these alike in all that decides on overlaps?
 * @a: a local address
 * @b: another one of the same network namespace
 *
 * Return: true if they are.
 */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	if (!same_port(a, b) || !same_address(a, b) ||
	    endpoint_is_dual(a) != endpoint_is_dual(b) || !a->dev != !b->dev)
		return false;
	return !a->dev || !strcmp(a->dev, b->dev);
}

/**
 * endpoint_overlaps() - Could packets be for either of two sockets?
 * @a: local address of one
 * @b: local address of the other, in the same network namespace
 *
 * Return: true if port, address and device overlap.
 */
bool endpoint_overlaps(const struct endpoint *a, const struct endpoint *b)
{
	if (!same_port(a, b) || (a->dev && b->dev && strcmp(a->dev, b->dev)))
		return false;
	if (endpoint_is_dual(a) || endpoint_is_dual(b))
		return true;
	if (endpoint_family(a) != endpoint_family(b))
		return false;
	return endpoint_is_any(a) || endpoint_is_any(b) || same_address(a, b);
}
