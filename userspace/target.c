// SPDX-License-Identifier: GPL-2.0
/* Read a TARGET, and tell which sockets it means. */

#include <arpa/inet.h>
#include <netdb.h>
#include <string.h>

#include "endpoint.h"
#include "enums.h"
#include "target.h"
#include "util.h"

static int service_port(const char *name, const char *proto)
{
	struct servent *entry = getservbyname(name, proto);

	return entry ? ntohs(entry->s_port) : 0;
}

/* What was written for UDP goes for UDP-Lite. */
static int proto_port(const char *name, __u16 proto)
{
	int port = service_port(name, proto_name(proto));

	return port || proto != IPPROTO_UDPLITE ? port :
						  service_port(name, "udp");
}

/* A name without a protocol means those of TCP and UDP that have it. */
static bool parse_service(struct target *t, const char *name, const char **why)
{
	int tcp = 0, udp = 0;

	if (t->proto && !proto_has_ports(t->proto)) {
		*why = "icmp and raw have numbers, not services";
		return false;
	}
	if (t->proto == IPPROTO_SCTP || t->proto == IPPROTO_UDPLITE) {
		t->port = proto_port(name, t->proto);
		*why = "neither a port number nor a known service";
		return t->port;
	}
	if (t->proto != IPPROTO_UDP)
		tcp = service_port(name, "tcp");
	if (!t->proto || t->proto == IPPROTO_UDP)
		udp = service_port(name, "udp");
	if (!tcp && !udp) {
		*why = "neither a port number nor a known service";
		return false;
	}
	if (tcp && udp && tcp != udp) {
		*why = "the service has another port in tcp than in udp";
		return false;
	}
	if (!t->proto && !tcp)
		t->proto = IPPROTO_UDP;
	if (!t->proto && !udp)
		t->proto = IPPROTO_TCP;
	t->port = tcp ? tcp : udp;
	return true;
}

/**
 * proto_may_have() - Is this a port, or a number, of a protocol?
 * @proto: IPPROTO_*, or 0 for any
 * @port: the port, or 0 for one that the kernel chooses
 *
 * A raw socket always has the number of its protocol, which is one byte.
 *
 * Return: true if it may be.
 */
bool proto_may_have(__u16 proto, __u16 port)
{
	return proto != IPPROTO_RAW || (port && port <= 255);
}

static bool parse_port(struct target *t, const char *text, __u64 min,
		       const char **why)
{
	size_t len = strlen(text);
	__u64 port;

	if (!len) {
		*why = "the port is missing";
		return false;
	}
	if (text[strspn(text, "0123456789")])
		return parse_service(t, text, why);
	if (!number_parse(text, len, min, 65535, &port)) {
		*why = min ? "a port is a number from 1 to 65535" :
			     "a port is a number from 0 to 65535";
		return false;
	}
	if (!proto_may_have(t->proto, port)) {
		*why = RAW_NUMBERS;
		return false;
	}
	t->port = port;
	return true;
}

/**
 * target_parse_port() - Read a port: a number from 1 to 65535, or a service.
 * @target: its port is set; a service may narrow its protocol
 * @text: the port
 * @why: set to what is wrong
 *
 * Return: true if it is one.
 */
bool target_parse_port(struct target *target, const char *text,
		       const char **why)
{
	return parse_port(target, text, 1, why);
}

static bool parse_addr(struct target *t, __u16 family, const char *text,
		       size_t len, const char **why)
{
	char addr[INET6_ADDRSTRLEN];

	if (len < sizeof(addr)) {
		memcpy(addr, text, len);
		addr[len] = '\0';
		if (inet_pton(family, addr, t->addr) == 1) {
			t->family = family;
			addr_unmap(&t->family, t->addr);
			return true;
		}
	}
	*why = family == AF_INET ? "not an IPv4 address before the port" :
				   "not an IPv6 address in the brackets";
	return false;
}

/* "ADDR" or "ADDR%DEVICE", up to the bracket. */
static bool parse_bracketed(struct target *t, const char *text,
			    const char *end, const char **why)
{
	const char *percent = memchr(text, '%', end - text);
	size_t len;

	if (percent) {
		len = end - percent - 1;
		if (!len || len >= sizeof(t->dev)) {
			*why = "no device has the name behind the %";
			return false;
		}
		memcpy(t->dev, percent + 1, len);
		end = percent;
	}
	return parse_addr(t, AF_INET6, text, end - text, why);
}

/* Leaves *text at the port. */
static bool parse_host(struct target *t, const char **text, const char **why)
{
	const char *start = *text;
	const char *end;

	if (start[0] == '[') {
		end = strchr(start, ']');
		if (!end || end[1] != ':') {
			*why = "an IPv6 address is written [ADDR]:PORT";
			return false;
		}
		*text = end + 2;
		return parse_bracketed(t, start + 1, end, why);
	}
	end = strchr(start, ':');
	if (!end)
		return true;
	if (strchr(end + 1, ':')) {
		*why = "an IPv6 address is written [ADDR]:PORT";
		return false;
	}
	*text = end + 1;
	return parse_addr(t, AF_INET, start, end - start, why);
}

static bool parse(struct target *t, const char *text, __u64 min_port,
		  const char **why)
{
	const char *slash = strchr(text, '/');

	memset(t, 0, sizeof(*t));
	if (slash) {
		t->proto = proto_parse(text, slash - text);
		if (!t->proto) {
			*why = "the protocol must be " PROTOS_ASKED;
			return false;
		}
		text = slash + 1;
	}
	return parse_host(t, &text, why) && parse_port(t, text, min_port, why);
}

/**
 * target_parse() - Read [PROTO/][ADDR:]PORT.
 * @target: set to what was read
 * @text: what to read
 * @why: set to what is wrong
 *
 * Return: true if it is one.
 */
bool target_parse(struct target *target, const char *text, const char **why)
{
	return parse(target, text, 1, why);
}

/**
 * target_parse_wanted() - Read a target that a bind may ask for.
 * @target: set to what was read
 * @text: what to read
 * @why: set to what is wrong
 *
 * As target_parse(), but port 0 is one: any that the kernel chooses.
 *
 * Return: true if it is one.
 */
bool target_parse_wanted(struct target *target, const char *text,
			 const char **why)
{
	return parse(target, text, 0, why);
}

static bool covers(const struct endpoint *ep, const struct target *target)
{
	unsigned char addr[16];
	__u16 family = ep->family;

	if (endpoint_is_dual(ep) || endpoint_is_any(ep))
		return endpoint_is_dual(ep) ||
		       endpoint_family(ep) == target->family;
	memcpy(addr, ep->addr, sizeof(addr));
	addr_unmap(&family, addr);
	return family == target->family &&
	       !memcmp(addr, target->addr, family == AF_INET ? 4 : 16);
}

/**
 * target_matches() - Does this local address occupy the target?
 * @target: the target
 * @ep: the local address
 *
 * What is bound to another device occupies nothing of this one.
 *
 * An address is occupied by itself, by the wildcard of its family, and an
 * IPv4 address also by the IPv6 wildcard of a socket that is not v6only. What
 * has no ports has to be named.
 *
 * Return: true if it does.
 */
bool target_matches(const struct target *target, const struct endpoint *ep)
{
	if (ep->port != target->port ||
	    (*target->dev && ep->dev && strcmp(target->dev, ep->dev)))
		return false;
	if (!target->proto && !proto_has_ports(ep->proto))
		return false;
	if (target->proto && ep->proto != target->proto &&
	    endpoint_transport(ep) != target->proto)
		return false;
	return !target->family || covers(ep, target);
}
