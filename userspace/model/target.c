// SPDX-License-Identifier: GPL-2.0
/* Parse a TARGET, and match sockets against it. */

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "lib/host.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/target.h"

/* Hints for what people write. */
#define NOT_A_RANGE	"a range of ports is written FIRST-LAST, as in 8000-8100"
#define NAMES_IPV6	"IPv6 is an option, as in -6 tcp/8080"

static int service_port(const char *name, const char *proto)
{
	struct servent *entry = getservbyname(name, proto);

	return entry ? ntohs(entry->s_port) : 0;
}

/* A UDP service applies to UDP-Lite too, unless that has its own. */
static int proto_port(const char *name, __u16 proto)
{
	int port = service_port(name, proto_name(proto));

	return port || proto != IPPROTO_UDPLITE ? port :
						  service_port(name, "udp");
}

static const char no_port[] = "not a port number, and no service has this name";

/* Hints for what people write instead of a port. */
static const char *port_hint(const char *text)
{
	unsigned char addr[16];

	if (!strcmp(text, "localhost") || inet_pton(AF_INET, text, addr) == 1)
		return "the port is missing: it follows the address, as in 127.0.0.1:80";
	if (strchr(text, ','))
		return "each port is an argument of its own, as in 80 443";
	return no_port;
}

/* Without a protocol, a name means TCP, UDP or both, as in services(5). */
static bool parse_service(struct target *t, const char *name, const char **why)
{
	int tcp = 0, udp = 0;

	if (t->proto && !proto_has_ports(t->proto)) {
		*why = "icmp and raw take a number, not a service";
		return false;
	}
	if (t->proto == IPPROTO_SCTP || t->proto == IPPROTO_UDPLITE) {
		t->port = proto_port(name, t->proto);
		*why = no_port;
		return t->port;
	}
	if (t->proto != IPPROTO_UDP)
		tcp = service_port(name, "tcp");
	if (!t->proto || t->proto == IPPROTO_UDP)
		udp = service_port(name, "udp");
	if (!tcp && !udp) {
		*why = port_hint(name);
		return false;
	}
	if (tcp && udp && tcp != udp) {
		*why = "the service has different ports for tcp and udp; name the protocol";
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
 * proto_may_have() - Is this a valid port number for a protocol?
 * @proto: IPPROTO_*, or 0 for any
 * @port: the port, or 0 to let the kernel choose
 *
 * For a raw socket it is the protocol number, a byte, which the kernel does not
 * choose.
 *
 * Return: true if it is.
 */
bool proto_may_have(__u16 proto, __u16 port)
{
	return proto != IPPROTO_RAW || (port && port <= 255);
}

static bool is_number(const char *text, size_t len)
{
	return len && strspn(text, "0123456789") >= len;
}

/* FIRST-LAST. A service name may contain a hyphen too, but is not a number. */
static const char *range_end(const char *text)
{
	const char *hyphen = strchr(text, '-');

	if (!hyphen || !is_number(text, hyphen - text) ||
	    !is_number(hyphen + 1, strlen(hyphen + 1)))
		return NULL;
	return hyphen + 1;
}

/* Why these digits are no port number. */
static const char *number_hint(const struct target *t, const char *text,
			       size_t len, __u64 min)
{
	if (len > 1 && *text == '0')
		return "a port is written without leading zeros";
	if (t->proto == IPPROTO_RAW)
		return RAW_NUMBERS;
	return min ? "a port is a number from 1 to 65535" :
		     "a port is a number from 0 to 65535";
}

static bool parse_number(struct target *t, const char *text, size_t len,
			 __u64 min, __u16 *port, const char **why)
{
	__u64 number;

	if (!number_parse(text, len, min, 65535, &number)) {
		*why = number_hint(t, text, len, min);
		return false;
	}
	if (!proto_may_have(t->proto, number)) {
		*why = RAW_NUMBERS;
		return false;
	}
	*port = number;
	return true;
}

static bool parse_range(struct target *t, const char *text, const char *last,
			const char **why)
{
	if (!parse_number(t, text, last - 1 - text, 1, &t->port, why) ||
	    !parse_number(t, last, strlen(last), 1, &t->port_last, why))
		return false;
	*why = "the range ends before it begins";
	return t->port <= t->port_last;
}

static bool parse_port(struct target *t, const char *text, __u64 min,
		       const char **why)
{
	size_t len = strlen(text);
	const char *last = range_end(text);
	bool valid;

	if (!len) {
		*why = "the port is missing";
		return false;
	}
	if (last)
		return parse_range(t, text, last, why);
	valid = is_number(text, len) ?
			parse_number(t, text, len, min, &t->port, why) :
			parse_service(t, text, why);
	t->port_last = t->port;
	return valid;
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
	*why = family == AF_INET ? "no valid IPv4 address before the port" :
				   "no valid IPv6 address in the brackets";
	return false;
}

/* The device name after a percent sign. */
static bool parse_dev(struct target *t, const char *name, size_t len,
		      const char **why)
{
	if (!len || len >= sizeof(t->dev)) {
		*why = "invalid device name after the %";
		return false;
	}
	memcpy(t->dev, name, len);
	return true;
}

/* As netstat(8) has it. */
static bool names_ipv6(const char *text)
{
	return strcasestr(text, "tcp6") || strcasestr(text, "udp6");
}

/* "ADDR" or "ADDR%DEVICE" up to *end, which moves to the percent sign. */
static bool split_dev(struct target *t, const char *text, const char **end,
		      const char **why)
{
	const char *percent = memchr(text, '%', *end - text);

	if (!percent)
		return true;
	if (!parse_dev(t, percent + 1, *end - percent - 1, why))
		return false;
	*end = percent;
	return true;
}

/* "[ADDR]:PORT", "[ADDR%DEVICE]:PORT" or, as in ss, "[ADDR]%DEVICE:PORT". */
static bool parse_bracketed(struct target *t, const char **text,
			    const char **why)
{
	const char *start = *text + 1, *end = strchr(start, ']'), *colon;

	colon = end ? strchr(end, ':') : NULL;
	if (end && !end[1]) {
		*why = "the port is missing: it follows the address, as in [::1]:80";
		return false;
	}
	if (!colon || (colon != end + 1 && end[1] != '%')) {
		*why = "an IPv6 address is written [ADDR]:PORT";
		return false;
	}
	if (end[1] == '%' && !parse_dev(t, end + 2, colon - end - 2, why))
		return false;
	*text = colon + 1;
	return (*t->dev || split_dev(t, start, &end, why)) &&
	       parse_addr(t, AF_INET6, start, end - start, why);
}

/* An IPv4 address or localhost; empty or a star for any address. */
static bool parse_plain(struct target *t, const char *text, size_t len,
			const char **why)
{
	if (!len || (len == 1 && *text == '*'))
		return true;
	if (is_number(text, len) || names_ipv6(text)) {
		*why = is_number(text, len) ? NOT_A_RANGE : NAMES_IPV6;
		return false;
	}
	t->localhost = len == strlen("localhost") &&
		       !strncasecmp(text, "localhost", len);
	if (t->localhost)
		return parse_addr(t, AF_INET, "127.0.0.1", strlen("127.0.0.1"),
				  why);
	return parse_addr(t, AF_INET, text, len, why);
}

/* Parse and skip the address in *text, if there is one. */
static bool parse_host(struct target *t, const char **text, const char **why)
{
	const char *start = *text;
	const char *end;

	if (start[0] == '[')
		return parse_bracketed(t, text, why);
	end = strchr(start, ':');
	if (!end)
		return true;
	if (strchr(end + 1, ':')) {
		*why = "an IPv6 address is written [ADDR]:PORT";
		return false;
	}
	*text = end + 1;
	return split_dev(t, start, &end, why) &&
	       parse_plain(t, start, end - start, why);
}

/* The length of "PROTO/", "PROTO:" or "PROTO://"; 0 if it is none of these. */
static size_t proto_before(const char *text, __u16 *proto)
{
	size_t len = strcspn(text, "/:");

	*proto = text[len] ? proto_parse(text, len) : 0;
	if (!*proto)
		return 0;
	return len + (strncmp(text + len, "://", 3) ? 1 : 3);
}

/* Hints for what people write instead of a protocol. */
static const char *proto_hint(const char *text)
{
	if (strstr(text, "://"))
		return "a TARGET is only the address and the port of a URL, as in localhost:8080";
	if (names_ipv6(text))
		return NAMES_IPV6;
	return "the protocol must be " PROTOS_ASKED;
}

/* PROTO before the rest, or as in services(5) after it; that is to be freed. */
static char *split_proto(struct target *t, const char *text, const char **why)
{
	size_t before = proto_before(text, &t->proto);
	const char *slash = strchr(text, '/');

	if (before || !slash)
		return xstrdup(text + before);
	t->proto = proto_parse(slash + 1, strlen(slash + 1));
	if (t->proto)
		return xasprintf("%.*s", (int)(slash - text), text);
	*why = proto_hint(text);
	return NULL;
}

static bool parse(struct target *t, const char *text, __u64 min_port,
		  const char **why)
{
	const char *rest;
	char *whole;
	bool valid;

	memset(t, 0, sizeof(*t));
	whole = split_proto(t, text, why);
	rest = whole;
	valid = rest && parse_host(t, &rest, why) &&
		parse_port(t, rest, min_port, why);
	free(whole);
	return valid;
}

/**
 * target_parse() - Parse [PROTO/][ADDR:]PORT[-LAST], or with /PROTO at the end,
 *	or PROTO: or PROTO:// at the beginning.
 * @target: set to the result
 * @text: text to parse
 * @why: set to an error message
 *
 * Return: false if @text is not valid.
 */
bool target_parse(struct target *target, const char *text, const char **why)
{
	return parse(target, text, 1, why);
}

/**
 * target_parse_wanted() - Parse the target of a bind.
 * @target: set to the result
 * @text: text to parse
 * @why: set to an error message
 *
 * Like target_parse(), but port 0 is valid, and lets the kernel choose.
 *
 * Return: false if @text is not valid.
 */
bool target_parse_wanted(struct target *target, const char *text,
			 const char **why)
{
	return parse(target, text, 0, why);
}

/**
 * target_find_dev() - Look up the device that a target names.
 * @target: the target; its device becomes a name
 *
 * Return: false if there is no such device.
 */
bool target_find_dev(struct target *target)
{
	return !*target->dev || host_ifname(target->dev, target->dev);
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
 * target_binds_dev() - Is a socket with this address bound to the device?
 * @target: the target
 *
 * The device of an IPv6 address is its scope, which the kernel ignores unless
 * the address is link-local.
 *
 * Return: true if the target names a device that is not a scope.
 */
bool target_binds_dev(const struct target *target)
{
	static const unsigned char zero[16];

	return *target->dev && (target->family != AF_INET6 ||
				!memcmp(target->addr, zero, sizeof(zero)));
}

/**
 * target_localhost6() - The other address that localhost stands for.
 * @target: the target
 * @six: set to the same with ::1, if it was localhost
 *
 * Return: true if it was.
 */
bool target_localhost6(const struct target *target, struct target *six)
{
	if (!target->localhost)
		return false;
	*six = *target;
	six->localhost = false;
	six->family = AF_INET6;
	memcpy(six->addr, &in6addr_loopback, sizeof(six->addr));
	return true;
}

/**
 * target_is_plain() - Is a target nothing but a port or a range?
 * @target: the target
 * @text: the target as written
 *
 * Return: true if it names no address, device or protocol.
 */
bool target_is_plain(const struct target *target, const char *text)
{
	__u16 proto;

	return !target->family && !*target->dev && !strchr(text, '/') &&
	       !proto_before(text, &proto);
}

static bool has_address(const struct target *target, const struct endpoint *ep)
{
	struct target six;

	return !target->family || covers(ep, target) ||
	       (target_localhost6(target, &six) && covers(ep, &six));
}

/**
 * target_matches() - Does a local address match a target?
 * @target: the target
 * @ep: local address of a socket or a reject
 *
 * The address of a target is matched by itself and by the wildcard of its
 * family; an IPv4 address also by the IPv6 wildcard of a socket that is not
 * v6only. If the target names a device, sockets bound to another one do not
 * match. Protocols without ports match only if they are named.
 *
 * Return: true if it does.
 */
bool target_matches(const struct target *target, const struct endpoint *ep)
{
	if (ep->port < target->port || ep->port > target->port_last ||
	    (*target->dev && ep->dev && strcmp(target->dev, ep->dev)))
		return false;
	if (!target->proto && !proto_has_ports(ep->proto))
		return false;
	if (target->proto && ep->proto != target->proto &&
	    endpoint_transport(ep) != target->proto)
		return false;
	return has_address(target, ep);
}

/**
 * targets_match() - Does a local address match one of several targets?
 * @targets: the targets
 * @n: their number
 * @ep: local address of a socket or a reject
 *
 * Return: true if it does, or if there are no targets.
 */
bool targets_match(const struct target *targets, size_t n,
		   const struct endpoint *ep)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (target_matches(&targets[i], ep))
			return true;
	return !n;
}
