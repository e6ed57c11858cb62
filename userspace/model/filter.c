// SPDX-License-Identifier: GPL-2.0
/* Build a filter from options, and apply the part that the kernel does not. */

#include <netinet/in.h>
#include <string.h>

#include "lib/cgroup.h"
#include "lib/process.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/filter.h"
#include "model/target.h"

static const struct {
	__u16 proto;
	unsigned int bit;
} protos[] = {
	{ IPPROTO_TCP,		FILTER_TCP },
	{ IPPROTO_UDP,		FILTER_UDP },
	{ IPPROTO_MPTCP,	FILTER_MPTCP },
	{ IPPROTO_UDPLITE,	FILTER_UDPLITE },
	{ IPPROTO_SCTP,		FILTER_SCTP },
	{ IPPROTO_ICMP,		FILTER_ICMP },
	{ IPPROTO_RAW,		FILTER_RAW },
};

static unsigned int bit_of(__u16 proto)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(protos); i++)
		if (protos[i].proto == proto)
			return protos[i].bit;
	return 0;
}

/**
 * filter_add_proto() - Add a protocol to a filter.
 * @filter: the filter
 * @proto: IPPROTO_*
 *
 * Return: false if the module does not list that protocol.
 */
bool filter_add_proto(struct filter *filter, __u16 proto)
{
	unsigned int bit = bit_of(proto);

	filter->protos |= bit;
	return bit;
}

/**
 * filter_add_protos() - Add the protocols of a comma-separated list.
 * @filter: the filter
 * @list: names
 *
 * Return: false if one of them is unknown.
 */
bool filter_add_protos(struct filter *filter, const char *list)
{
	size_t len;

	do {
		len = strcspn(list, ",");
		if (!filter_add_proto(filter, proto_parse(list, len)))
			return false;
		list += len;
	} while (*list++);
	return true;
}

/**
 * filter_add_states() - Add the states of a comma-separated list.
 * @filter: the filter
 * @list: names
 * @bad: set to the first unknown name
 * @bad_len: set to its length
 *
 * Return: false if one of them is unknown.
 */
bool filter_add_states(struct filter *filter, const char *list,
		       const char **bad, size_t *bad_len)
{
	__u32 state;
	size_t len;

	do {
		len = strcspn(list, ",");
		state = state_parse(list, len);
		if (!state) {
			*bad = list;
			*bad_len = len;
			return false;
		}
		filter->states |= 1U << state;
		list += len;
	} while (*list++);
	return true;
}

/**
 * filter_set_port() - Set the port or the range of ports.
 * @filter: the filter
 * @text: PORT, FIRST-LAST or a service, with or without a colon before it
 * @why: set to an error message
 *
 * Return: false if @text is not valid.
 */
bool filter_set_port(struct filter *filter, const char *text, const char **why)
{
	struct target target;

	if (!target_parse(&target, text, why))
		return false;
	if (!target_is_plain(&target, text)) {
		*why = "this is a TARGET, which is given without --port";
		return false;
	}
	filter->port = target.port;
	filter->port_last = target.port_last;
	return true;
}

/*
 * None if one of the targets means any. MPTCP uses the ports of TCP, as in
 * filter_wants_endpoint().
 */
static void add_protos_of(struct filter *filter, const struct target *targets,
			  size_t n)
{
	size_t i;

	for (i = 0; i < n && targets[i].proto; i++)
		filter_add_proto(filter, targets[i].proto);
	if (filter->protos & FILTER_MPTCP)
		filter->protos |= FILTER_TCP;
	if (i < n)
		filter->protos = 0;
}

/**
 * filter_span_targets() - Request the ports of targets.
 * @filter: set to the smallest range that contains them all, unless it has one,
 *	and to their protocols, unless it names some
 * @targets: the targets
 * @n: how many
 *
 * The kernel accepts a single range of ports.
 */
void filter_span_targets(struct filter *filter, const struct target *targets,
			 size_t n)
{
	size_t i;

	if (!filter->protos)
		add_protos_of(filter, targets, n);
	if (filter->port || !n)
		return;
	filter->port = targets->port;
	filter->port_last = targets->port_last;
	for (i = 1; i < n; i++) {
		if (targets[i].port < filter->port)
			filter->port = targets[i].port;
		if (targets[i].port_last > filter->port_last)
			filter->port_last = targets[i].port_last;
	}
}

/**
 * filter_proto() - The single protocol to request from the kernel.
 * @filter: the filter
 *
 * Return: IPPROTO_*, or 0 if there is more than one; TCP includes MPTCP.
 */
__u16 filter_proto(const struct filter *filter)
{
	unsigned int wanted = filter->protos;
	size_t i;

	if (wanted & FILTER_TCP)
		wanted &= ~FILTER_MPTCP;
	for (i = 0; i < ARRAY_SIZE(protos); i++)
		if (protos[i].bit == wanted)
			return protos[i].proto;
	return 0;
}

/**
 * filter_family() - The single address family to request from the kernel.
 * @filter: the filter
 *
 * Return: AF_INET, AF_INET6, or 0 if there is more than one.
 */
__u16 filter_family(const struct filter *filter)
{
	switch (filter->families) {
	case FILTER_INET:
		return AF_INET;
	case FILTER_INET6:
		return AF_INET6;
	default:
		return 0;
	}
}

/**
 * filter_wants_endpoint() - Do protocol and family match?
 * @filter: the filter
 * @ep: a local address
 *
 * Return: true if they do.
 */
bool filter_wants_endpoint(const struct filter *filter,
			   const struct endpoint *ep)
{
	__u16 family = filter_family(filter);

	return (!filter->protos ||
		filter->protos & (bit_of(ep->proto) |
				  bit_of(endpoint_transport(ep)))) &&
	       (!family || family == ep->family);
}

/**
 * filter_wants_server() - Does a socket serve protocol and family?
 * @filter: the filter
 * @ep: a local address
 *
 * Like filter_wants_endpoint(), but an IPv6 socket that accepts IPv4 also
 * counts as IPv4.
 *
 * Return: true if it does.
 */
bool filter_wants_server(const struct filter *filter, const struct endpoint *ep)
{
	struct filter v6 = *filter;

	if (filter_family(filter) == AF_INET &&
	    (endpoint_is_dual(ep) || endpoint_family(ep) == AF_INET))
		v6.families = 0;
	return filter_wants_endpoint(&v6, ep);
}

/**
 * filter_wants_holders() - Do the user and the owners of a socket match?
 * @sock: the socket
 * @filter: struct filter; void, because psock_list_keep() calls this
 *
 * Return: true if they do.
 */
bool filter_wants_holders(const struct psock *sock, const void *filter)
{
	const struct filter *f = filter;
	bool pid = !f->pid;
	bool uid = !f->has_uid || (sock->has_uid && sock->uid == f->uid);
	size_t i;

	for (i = 0; i < sock->n_owners && !(pid && uid); i++) {
		pid = pid || sock->owners[i].pid == f->pid;
		uid = uid || sock->owners[i].uid == f->uid;
	}
	return pid && uid;
}

/* The kernel truncates command names. */
static bool is_comm(const char *comm, const char *wanted)
{
	return comm && !strncmp(comm, wanted, COMM_LEN);
}

/* A name without a suffix is that of a service, as in systemctl. */
static bool is_unit(const struct slice *unit, const char *wanted)
{
	const char *kind = strchr(wanted, '.') ? "" : ".service";
	size_t len = strlen(wanted);

	return unit->len == len + strlen(kind) &&
	       !memcmp(unit->str, wanted, len) &&
	       !memcmp(unit->str + len, kind, strlen(kind));
}

/* As in the UNIT column: container:ID, with any prefix of the ID. */
static bool is_in_unit(const char *cgroup, const char *wanted)
{
	static const char prefix[] = "container:";
	struct slice name;

	if (!strncmp(wanted, prefix, strlen(prefix))) {
		wanted += strlen(prefix);
		return *wanted && cgroup_container(cgroup, &name) &&
		       name.len >= strlen(wanted) &&
		       !memcmp(name.str, wanted, strlen(wanted));
	}
	return cgroup_unit(cgroup, &name) && is_unit(&name, wanted);
}

/**
 * filter_wants_reject() - Does a reject match?
 * @filter: the filter
 * @reject: the reject
 *
 * Return: true if it does.
 */
bool filter_wants_reject(const struct filter *filter,
			 const struct reject *reject)
{
	struct endpoint ep = reject->ep;

	ep.family = reject->family;
	return filter_wants_endpoint(filter, &ep) &&
	       (!filter->pid || reject->pid == filter->pid) &&
	       (!filter->has_uid || reject->uid == filter->uid) &&
	       (!filter->comm || is_comm(reject->comm, filter->comm)) &&
	       (!filter->unit || is_in_unit(reject->cgroup, filter->unit));
}

/**
 * filter_wants() - Does a socket match?
 * @sock: the socket
 * @filter: struct filter; void, because psock_list_keep() calls this
 *
 * Protocol and family are tested too, because a request to the kernel can name
 * only one of each, or none.
 *
 * Return: true if it does.
 */
bool filter_wants(const struct psock *sock, const void *filter)
{
	return filter_wants_endpoint(filter, &sock->ep) &&
	       filter_wants_holders(sock, filter);
}
