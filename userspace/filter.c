// SPDX-License-Identifier: GPL-2.0
/* Build a filter from options, and apply what the kernel does not. */

#include <netinet/in.h>
#include <string.h>

#include "endpoint.h"
#include "enums.h"
#include "filter.h"
#include "target.h"
#include "util.h"

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
 * filter_add_proto() - Want a protocol, beside those wanted already.
 * @filter: to be changed
 * @proto: IPPROTO_*
 *
 * Return: true if it can be asked for.
 */
bool filter_add_proto(struct filter *filter, __u16 proto)
{
	unsigned int bit = bit_of(proto);

	filter->protos |= bit;
	return bit;
}

/**
 * filter_add_protos() - Want the protocols of a comma separated list.
 * @filter: to be changed
 * @list: names
 *
 * Return: true if all of them can be asked for.
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
 * filter_add_states() - Want the states of a comma separated list.
 * @filter: to be changed
 * @list: names
 * @bad: set to a name that is unknown
 * @bad_len: set to its length
 *
 * Return: true if all of them are known.
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

/* FIRST-LAST; a service may have a hyphen, but not between two numbers. */
static bool set_range(struct filter *filter, const char *text, size_t digits,
		      const char **why)
{
	const char *second = text + digits + 1;
	__u64 first, last;

	if (!number_parse(text, digits, 1, 65535, &first) ||
	    !number_parse(second, strlen(second), 1, 65535, &last)) {
		*why = "a port is a number from 1 to 65535";
		return false;
	}
	if (last < first) {
		*why = "the range ends before it begins";
		return false;
	}
	filter->port = first;
	filter->port_last = last;
	return true;
}

/**
 * filter_set_port() - Want a port or a range of ports.
 * @filter: to be changed
 * @text: PORT, FIRST-LAST or a service
 * @why: set to what is wrong
 *
 * Return: true if it is one.
 */
bool filter_set_port(struct filter *filter, const char *text, const char **why)
{
	size_t digits = strspn(text, "0123456789");
	struct target target = { 0 };

	if (digits && text[digits] == '-' &&
	    !text[digits + 1 + strspn(text + digits + 1, "0123456789")])
		return set_range(filter, text, digits, why);
	if (!target_parse_port(&target, text, why))
		return false;
	filter->port = target.port;
	filter->port_last = target.port;
	return true;
}

/**
 * filter_proto() - The only protocol that is wanted, as the kernel is asked.
 * @filter: the filter
 *
 * Return: IPPROTO_*, or 0 if there is more than one; TCP has MPTCP too.
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
 * filter_family() - The only address family that is wanted.
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
 * filter_wants_endpoint() - Is this protocol and family wanted?
 * @filter: the filter
 * @ep: a local address
 *
 * Return: true if it is.
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
 * filter_wants_holders() - Are the user and the owners of a socket wanted?
 * @sock: the socket
 * @filter: struct filter, as an argument for psock_list_keep()
 *
 * Return: true if they are.
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

/**
 * filter_wants() - Is a socket wanted?
 * @sock: the socket
 * @filter: struct filter, as an argument for psock_list_keep()
 *
 * The kernel can be asked for one protocol only, or for all.
 *
 * Return: true if it is.
 */
bool filter_wants(const struct psock *sock, const void *filter)
{
	return filter_wants_endpoint(filter, &sock->ep) &&
	       filter_wants_holders(sock, filter);
}
