// SPDX-License-Identifier: GPL-2.0
/*
 * Apply the bind rules to the listed sockets. A holder is in the way for
 * certain, or not at all, or depending on options of it that are unknown; then
 * there is no verdict. Nothing is bound.
 */

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "diag/check.h"
#include "diag/local.h"
#include "diag/query.h"
#include "lib/ephemeral.h"
#include "lib/host.h"
#include "lib/host_net.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"

/**
 * enum obstacle - Is a socket in the way?
 * @IS_NOT: no
 * @IS_MAYBE: depends on something unknown
 * @IS_CERTAIN: yes
 */
enum obstacle {
	IS_NOT,
	IS_MAYBE,
	IS_CERTAIN,
};

static bool is_stream(const struct endpoint *ep)
{
	return endpoint_can_listen(ep);
}

/* Each VRF has its own TCP ports, unless a sysctl says otherwise. */
static bool may_be_other_vrf(const struct endpoint *a, const struct endpoint *b)
{
	char *vrf_a = NULL, *vrf_b = NULL;
	bool differ;

	if (endpoint_transport(a) != IPPROTO_TCP || (!a->dev && !b->dev))
		return false;
	if (a->dev)
		vrf_a = host_vrf(a->dev);
	if (b->dev)
		vrf_b = host_vrf(b->dev);
	differ = strcmp(vrf_a ? vrf_a : "", vrf_b ? vrf_b : "");
	free(vrf_a);
	free(vrf_b);
	return differ;
}

/* In the way unless both sides set an option, as far as known. */
static enum obstacle without(const struct bind_request *request,
			     const struct psock *holder, __u32 flag)
{
	if (!(request->ep.flags & flag))
		return IS_CERTAIN;
	if (holder->unknown & UNKNOWN_REUSE)
		return IS_MAYBE;
	return holder->ep.flags & flag ? IS_NOT : IS_CERTAIN;
}

/* The kernel keeps no user for a TIME_WAIT socket, and so ignores it. */
static enum obstacle without_reuseport(const struct bind_request *request,
				       const struct psock *holder)
{
	__u32 uid = request->has_uid ? request->uid : host_uid();

	if (holder->state != PORTOWNER_STATE_TIME_WAIT &&
	    (!holder->has_uid || holder->uid != uid))
		return IS_CERTAIN;
	return without(request, holder, PORTOWNER_SOCK_FLAG_REUSEPORT);
}

static enum obstacle without_reuseaddr(const struct bind_request *request,
				       const struct psock *holder)
{
	if (holder->state == PORTOWNER_STATE_LISTEN && is_stream(&request->ep))
		return IS_CERTAIN;
	return without(request, holder, PORTOWNER_SOCK_FLAG_REUSEADDR);
}

static enum obstacle is_in_the_way(const struct bind_request *request,
				   const struct psock *holder)
{
	enum obstacle addr, port, least;

	if (!proto_has_ports(request->ep.proto) ||
	    !endpoint_blocks(&holder->ep, &request->ep))
		return IS_NOT;
	/* Which VRF the kernel searches depends on a sysctl, and on history. */
	if (may_be_other_vrf(&request->ep, &holder->ep))
		return IS_MAYBE;
	addr = without_reuseaddr(request, holder);
	port = without_reuseport(request, holder);
	least = addr < port ? addr : port;
	/* Whether a connection is v6only is not known. */
	if (least == IS_CERTAIN && holder->unknown & UNKNOWN_V6ONLY &&
	    !endpoint_overlaps(&request->ep, &holder->ep))
		return IS_MAYBE;
	return least;
}

static bool both(const struct bind_request *request, const struct psock *holder,
		 __u32 flag)
{
	return request->ep.flags & flag && holder->ep.flags & flag;
}

/* The rule for a request that overlaps the socket holding the port. */
static __u32 overlap_rule(const struct endpoint *a, const struct endpoint *b)
{
	bool any_a = endpoint_is_any(a), any_b = endpoint_is_any(b);

	if (endpoint_family(a) != endpoint_family(b)) {
		if (endpoint_family(a) == AF_INET ? any_b : any_a)
			return PORTOWNER_RULE_DUAL_STACK_COVERS;
		return PORTOWNER_RULE_WILDCARD_COVERS;
	}
	return any_a != any_b ? PORTOWNER_RULE_WILDCARD_COVERS :
				PORTOWNER_RULE_ADDRESS_IN_USE;
}

/* The rule depends on the holder's options only if options were requested. */
static bool is_rule_known(const struct bind_request *request,
			  const struct psock *holder)
{
	return holder->state == PORTOWNER_STATE_TIME_WAIT ||
	       !(holder->unknown & UNKNOWN_REUSE) ||
	       !(request->ep.flags & (PORTOWNER_SOCK_FLAG_REUSEADDR |
				      PORTOWNER_SOCK_FLAG_REUSEPORT));
}

static __u32 rule_between(const struct bind_request *request,
			  const struct psock *holder)
{
	if (holder->state == PORTOWNER_STATE_TIME_WAIT)
		return PORTOWNER_RULE_TIME_WAIT;
	if (both(request, holder, PORTOWNER_SOCK_FLAG_REUSEADDR))
		return PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	if (both(request, holder, PORTOWNER_SOCK_FLAG_REUSEPORT))
		return PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	return overlap_rule(&request->ep, &holder->ep);
}

/**
 * struct wanted - Which sockets psock_list_keep() keeps.
 * @request: the bind that they are in the way of
 * @least: minimum certainty
 */
struct wanted {
	const struct bind_request *request;
	enum obstacle least;
};

static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct wanted *wanted = arg;

	return is_in_the_way(wanted->request, sock) >= wanted->least;
}

static enum obstacle worst(const struct bind_request *request,
			   const struct psock_list *holders)
{
	enum obstacle worst = IS_NOT, now;
	size_t i;

	for (i = 0; i < holders->n; i++) {
		now = is_in_the_way(request, &holders->v[i]);
		if (now > worst)
			worst = now;
	}
	return worst;
}

/*
 * UDP looks at one socket after the other, in an order that is not known: one
 * that shares its port lets the new one in, whatever those after it say. TCP
 * remembers one socket of the port, and asks no other if that one shares it.
 */
static bool may_be_let_in(const struct bind_request *request,
			  const struct psock_list *holders)
{
	bool may = false;
	size_t i;

	for (i = 0; i < holders->n && !may; i++)
		may = endpoint_blocks(&holders->v[i].ep, &request->ep) &&
		      without_reuseport(request, &holders->v[i]) != IS_CERTAIN;
	return may;
}

static void refuse(struct check *check, __u32 err, __u32 rule)
{
	check->would.err = err;
	check->would.rule = rule;
}

static void check_holders(const struct bind_request *request,
			  struct psock_list *holders, struct check *check)
{
	struct wanted wanted = { request, worst(request, holders) };
	const struct psock *first;

	if (wanted.least == IS_NOT)
		return;
	if (may_be_let_in(request, holders))
		wanted.least = IS_MAYBE;
	psock_list_keep(holders, is_wanted, &wanted);
	psock_list_sort(holders, ORDER_STATE);
	first = holders->v;
	if (wanted.least == IS_MAYBE)
		check->undecided = true;
	else
		refuse(check, EADDRINUSE, rule_between(request, first));
	check->rule_unknown = wanted.least == IS_CERTAIN &&
			      !is_rule_known(request, first);
	psock_list_move(&check->would.culprits, holders);
}

/* One free port is enough; without one, options may help. */
static bool has_free_port(const struct bind_request *request,
			  const struct psock_list *holders)
{
	bool *taken = xcalloc(65536, sizeof(*taken));
	struct ephemeral range;
	struct endpoint ep;
	bool found = false;
	unsigned int port;
	size_t i;

	ephemeral_read(&range);
	for (i = 0; i < holders->n; i++) {
		ep = request->ep;
		ep.port = holders->v[i].ep.port;
		taken[ep.port] |= endpoint_blocks(&holders->v[i].ep, &ep);
	}
	for (port = range.first; range.known && port < range.last; port++)
		found |= !taken[port] && !ephemeral_reserves(&range, port);
	ephemeral_free(&range);
	free(taken);
	return found;
}

static bool lacks_device(const struct bind_request *request)
{
	struct in6_addr addr;

	memcpy(&addr, request->ep.addr, sizeof(addr));
	return request->ep.family == AF_INET6 &&
	       (IN6_IS_ADDR_LINKLOCAL(&addr) || IN6_IS_ADDR_MC_LINKLOCAL(&addr)) &&
	       !request->ifindex && !request->scope;
}

/* TCP permits no group of IPv6. */
static bool is_stream_group(const struct endpoint *ep)
{
	return endpoint_transport(ep) == IPPROTO_TCP &&
	       ep->family == AF_INET6 && ep->addr[0] == 0xff;
}

/* Addresses that bind() rejects as invalid, whatever the port. */
static bool is_invalid(const struct bind_request *request)
{
	const struct endpoint *ep = &request->ep;
	struct in6_addr addr;

	if (ep->family != AF_INET6)
		return false;
	memcpy(&addr, ep->addr, sizeof(addr));
	if (is_stream_group(ep))
		return true;
	/* A ping socket of IPv6 takes neither a group nor an IPv4 address. */
	if (ep->proto == IPPROTO_ICMP &&
	    (IN6_IS_ADDR_MULTICAST(&addr) || endpoint_family(ep) == AF_INET))
		return true;
	if (endpoint_family(ep) == AF_INET)
		return ep->proto != IPPROTO_RAW &&
		       ep->flags & PORTOWNER_SOCK_FLAG_V6ONLY;
	return lacks_device(request);
}

/* IPv4 checks the address first, IPv6 the port. */
static bool is_refused_before(const struct bind_request *request,
			      struct check *check)
{
	bool address = diag_address_ok(request), port = diag_port_ok(request);

	if (!port && (address || request->ep.family == AF_INET6))
		refuse(check, EACCES, PORTOWNER_RULE_PRIVILEGED_PORT);
	else if (is_invalid(request))
		refuse(check, EINVAL, PORTOWNER_RULE_INVALID_ARGUMENT);
	else if (!address)
		refuse(check, EADDRNOTAVAIL, PORTOWNER_RULE_ADDRESS_NOT_LOCAL);
	if (check->would.rule == PORTOWNER_RULE_ADDRESS_NOT_LOCAL)
		diag_address_reason(request, &check->would);
	else if (check->would.err == EINVAL && lacks_device(request) &&
		 !is_stream_group(&request->ep))
		check->would.reason = PORTOWNER_REASON_DEVICE_MISSING;
	return check->would.err;
}

/**
 * diag_check_filter() - Filter for sockets that may be in the way of a bind.
 * @request: the bind
 *
 * Return: the filter.
 */
struct filter diag_check_filter(const struct bind_request *request)
{
	struct filter filter = {
		.port = request->ep.port,
		.port_last = request->ep.port,
		.states = STATES_ALL,
		.no_owners = !request->ep.port,
		.options = request->ep.port,
	};

	filter_add_proto(&filter, endpoint_transport(&request->ep));
	return filter;
}

/**
 * diag_check() - Apply the rules to a bind.
 * @request: the bind
 * @holders: all sockets that may be in its way; the actual ones become culprits
 * @check: empty; set to the answer
 */
void diag_check(const struct bind_request *request, struct psock_list *holders,
		struct check *check)
{
	const struct endpoint *ep = &request->ep;

	check->answered = true;
	check->unchecked = UNCHECKED_BPF;
	if ((endpoint_transport(ep) == IPPROTO_TCP && !diag_lists_bound_tcp()) ||
	    ep->proto == IPPROTO_SCTP)
		check->unchecked |= UNCHECKED_BOUND;
	check->would.op = PORTOWNER_REJECT_OP_BIND;
	if (is_refused_before(request, check))
		return;
	/* Nothing lists the identifiers of ping sockets. */
	if (ep->proto == IPPROTO_ICMP && ep->port)
		check->undecided = true;
	else if (proto_has_ports(ep->proto) && !ep->port)
		check->undecided = !has_free_port(request, holders);
	else
		check_holders(request, holders, check);
}
