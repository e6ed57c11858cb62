// SPDX-License-Identifier: GPL-2.0
/* Properties of local addresses, and whether two of them overlap. */

#include <netinet/in.h>
#include <string.h>

#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"

#define MAPPED_LEN	12	/* ::ffff:0:0/96 */

static bool is_mapped(const unsigned char *addr)
{
	static const unsigned char prefix[MAPPED_LEN] = {
		[10] = 0xff, [11] = 0xff,
	};

	return !memcmp(addr, prefix, MAPPED_LEN);
}

/**
 * addr_unmap() - Convert an IPv4-mapped IPv6 address to IPv4.
 * @family: AF_INET or AF_INET6; set to AF_INET if the address was mapped
 * @addr: 4 or 16 bytes; converted if the address was mapped
 */
void addr_unmap(__u16 *family, unsigned char *addr)
{
	if (*family != AF_INET6 || !is_mapped(addr))
		return;
	*family = AF_INET;
	memmove(addr, addr + MAPPED_LEN, 4);
}

/**
 * endpoint_transport() - The protocol whose ports a socket uses.
 * @ep: local address
 *
 * Return: IPPROTO_*; TCP for MPTCP.
 */
__u16 endpoint_transport(const struct endpoint *ep)
{
	return ep->proto == IPPROTO_MPTCP ? IPPROTO_TCP : ep->proto;
}

/**
 * endpoint_can_listen() - Does the protocol support listen()?
 * @ep: local address
 *
 * Return: true if it does.
 */
bool endpoint_can_listen(const struct endpoint *ep)
{
	__u16 proto = endpoint_transport(ep);

	return proto == IPPROTO_TCP || proto == IPPROTO_SCTP ||
	       proto == IPPROTO_DCCP;
}

/**
 * endpoint_family() - The address family, with IPv4-mapped addresses as IPv4.
 * @ep: local address
 *
 * Return: AF_INET or AF_INET6.
 */
__u16 endpoint_family(const struct endpoint *ep)
{
	return ep->family == AF_INET6 && is_mapped(ep->addr) ? AF_INET :
							       ep->family;
}

/* The address, without the prefix of an IPv4-mapped one. */
static const unsigned char *bytes_of(const struct endpoint *ep, size_t *len)
{
	bool v4 = endpoint_family(ep) == AF_INET;

	*len = v4 ? 4 : 16;
	return ep->addr + (v4 && ep->family == AF_INET6 ? MAPPED_LEN : 0);
}

/**
 * endpoint_is_any() - Is this the wildcard address of its family?
 * @ep: local address
 *
 * Return: true if it is; ::ffff:0.0.0.0 counts as 0.0.0.0.
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
 * endpoint_is_multicast() - Is this the address of a multicast group?
 * @ep: local address
 *
 * Return: true if it is.
 */
bool endpoint_is_multicast(const struct endpoint *ep)
{
	const unsigned char *bytes;
	size_t len;

	bytes = bytes_of(ep, &len);
	return len == 4 ? bytes[0] >> 4 == 0xe : bytes[0] == 0xff;
}

/**
 * endpoint_is_discovery() - Is this a port at which programs find each other?
 * @ep: local address
 *
 * Each program that takes part has to have the port, and gets what is sent to the
 * group.
 *
 * Return: true if it is the port of such a protocol.
 */
bool endpoint_is_discovery(const struct endpoint *ep)
{
	static const __u16 ports[] = {
		1900,	/* SSDP */
		3702,	/* WS-Discovery */
		5353,	/* multicast DNS */
		5355,	/* LLMNR */
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(ports); i++)
		if (ep->port == ports[i])
			return !endpoint_can_listen(ep);
	return false;
}

/**
 * endpoint_is_localhost() - Is this an address of localhost?
 * @ep: local address
 *
 * Return: true if it is 127.0.0.1 or ::1.
 */
bool endpoint_is_localhost(const struct endpoint *ep)
{
	static const unsigned char loopback[4] = { 127, 0, 0, 1 };
	static const unsigned char loopback6[16] = { [15] = 1 };
	const unsigned char *bytes;
	size_t len;

	bytes = bytes_of(ep, &len);
	return !memcmp(bytes, len == 4 ? loopback : loopback6, len);
}

/**
 * endpoint_scope() - From where can an address be reached, at most?
 * @ep: local address
 *
 * Return: its scope, or that of its device if that is loopback.
 */
enum endpoint_scope endpoint_scope(const struct endpoint *ep)
{
	const unsigned char *bytes;
	size_t len;

	bytes = bytes_of(ep, &len);
	if ((ep->dev && !strcmp(ep->dev, "lo")) || endpoint_is_localhost(ep) ||
	    (len == 4 && bytes[0] == 127))
		return SCOPE_LOCAL;
	if (len == 4 ? bytes[0] == 169 && bytes[1] == 254 :
		       bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)
		return SCOPE_LINK;
	return SCOPE_OPEN;
}

/**
 * endpoint_is_dual() - Is this an IPv6 wildcard that covers IPv4 as well?
 * @ep: local address
 *
 * Return: true if it is.
 */
bool endpoint_is_dual(const struct endpoint *ep)
{
	/* A raw or ping IPv6 socket receives no IPv4 packets. */
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
 * endpoint_equal() - Do two addresses overlap the same set of others?
 * @a: a local address
 * @b: another one in the same network namespace
 *
 * Return: true if port, address, device and coverage of IPv4 are the same.
 */
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b)
{
	if (!same_port(a, b) || !same_address(a, b) ||
	    endpoint_is_dual(a) != endpoint_is_dual(b) || !a->dev != !b->dev)
		return false;
	return !a->dev || !strcmp(a->dev, b->dev);
}

/**
 * endpoint_overlaps() - Could a packet match both of two addresses?
 * @a: a local address
 * @b: another one in the same network namespace
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

/**
 * endpoint_blocks() - Could a socket be in the way of a bind?
 * @had: its address
 * @wanted: address that is to be bound, in the same network namespace
 *
 * Besides what overlaps: the kernel compares the wildcard of IPv4 with the IPv4
 * address that an IPv6 socket has as well, whatever its IPv6 address. Only a
 * connection can have one of these and not be v6only.
 *
 * Return: true unless port, address or device keep them apart.
 */
bool endpoint_blocks(const struct endpoint *had, const struct endpoint *wanted)
{
	struct endpoint any = *wanted;

	if (endpoint_overlaps(had, wanted))
		return true;
	if (wanted->family != AF_INET || !endpoint_is_any(wanted) ||
	    had->family != AF_INET6 || !proto_has_ports(had->proto) ||
	    had->flags & PORTOWNER_SOCK_FLAG_V6ONLY)
		return false;
	any.family = AF_INET6;
	return endpoint_overlaps(had, &any);
}
