// SPDX-License-Identifier: GPL-2.0
/*
 * Which sockets share a port, as far as known. Overlapping sockets share it, or
 * they would not exist; by which option is known only if their options are.
 * Sockets that the kernel does not list may share it, too.
 */

#include <netinet/in.h>
#include <stdlib.h>

#include "diag/share.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"

/* Maximum number of sockets on a port to compare with each other. */
#define COMPARED_MAX	1024

static int by_port(const void *left, const void *right)
{
	const struct psock *a = *(struct psock *const *)left;
	const struct psock *b = *(struct psock *const *)right;
	int order = compare(a->netns, b->netns);

	if (!order)
		order = compare(endpoint_transport(&a->ep),
				endpoint_transport(&b->ep));
	return order ? order : compare(a->ep.port, b->ep.port);
}

/* Raw sockets have separate numbers for each family. */
static bool overlaps(const struct psock *a, const struct psock *b)
{
	if (!proto_has_ports(a->ep.proto) && a->ep.family != b->ep.family)
		return false;
	return endpoint_overlaps(&a->ep, &b->ep);
}

/* Are all sockets that may share a port with this one listed? */
static bool is_complete(const struct psock *sock, bool lists_bound_tcp)
{
	switch (endpoint_transport(&sock->ep)) {
	case IPPROTO_TCP:
		return lists_bound_tcp;
	case IPPROTO_SCTP:
		return false;
	default:
		return true;
	}
}

/* A single socket is shared if several processes hold it. */
static void set_share_alone(struct psock *sock)
{
	bool inherited = psock_processes(sock) > 1;
	bool hidden = sock->owners_hidden || sock->unknown & UNKNOWN_HIDDEN;

	sock->share = inherited ? PORTOWNER_SHARE_INHERITED :
				  PORTOWNER_SHARE_EXCLUSIVE;
	if (inherited || !hidden)
		sock->unknown &= ~UNKNOWN_SHARE;
}

static bool is_reuseport(const struct psock *sock)
{
	return sock->ep.flags & PORTOWNER_SOCK_FLAG_REUSEPORT;
}

static void set_share(struct psock **socks, size_t n, struct psock *sock)
{
	bool reuseport = false, known = !(sock->unknown & UNKNOWN_REUSE);
	size_t i;

	sock->group_size = 1;
	for (i = 0; i < n; i++) {
		if (socks[i] == sock || !overlaps(sock, socks[i]))
			continue;
		sock->group_size++;
		reuseport |= is_reuseport(socks[i]);
		known &= !(socks[i]->unknown & UNKNOWN_REUSE);
	}
	sock->unknown &= ~UNKNOWN_GROUP_SIZE;
	if (sock->group_size == 1) {
		set_share_alone(sock);
		return;
	}
	/* Raw sockets need no option to share. */
	sock->share = reuseport && is_reuseport(sock) ?
			      PORTOWNER_SHARE_REUSEPORT :
			      PORTOWNER_SHARE_REUSEADDR;
	if (known)
		sock->unknown &= ~UNKNOWN_SHARE;
}

static void share_port(struct psock **socks, size_t n, bool lists_bound_tcp)
{
	size_t i;

	if (!is_complete(*socks, lists_bound_tcp))
		return;
	for (i = 0; i < n; i++) {
		if (n > COMPARED_MAX)
			socks[i]->unknown |= UNKNOWN_LARGE;
		else
			set_share(socks, n, socks[i]);
	}
}

/**
 * diag_share() - Find out which sockets share a port.
 * @list: all listed sockets on each of its ports; those that are neither
 *	listening nor bound are alone
 * @lists_bound_tcp: it includes TCP sockets that are only bound
 */
void diag_share(struct psock_list *list, bool lists_bound_tcp)
{
	struct psock **socks = xcalloc(list->n + 1, sizeof(*socks));
	size_t i, from, n = 0;

	for (i = 0; i < list->n; i++) {
		if (psock_is_passive(&list->v[i])) {
			socks[n++] = &list->v[i];
			continue;
		}
		list->v[i].unknown &= ~UNKNOWN_GROUP_SIZE;
		set_share_alone(&list->v[i]);
	}
	qsort(socks, n, sizeof(*socks), by_port);
	for (from = 0, i = 1; i <= n; i++) {
		if (i < n && !by_port(&socks[from], &socks[i]))
			continue;
		share_port(socks + from, i - from, lists_bound_tcp);
		from = i;
	}
	free(socks);
}
