// SPDX-License-Identifier: GPL-2.0
/*
 * Owners that the module had no time to find as it refused a bind. Whoever reads
 * the record has that time: where the socket is still there, its owners are those
 * that have it now.
 */

#include "complete.h"
#include "endpoint.h"
#include "enums.h"
#include "host.h"

/* Questions for one list; each may take a look at all descriptors. */
#define QUESTIONS	16

static struct psock *find(struct psock_list *list, const struct psock *sock)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].cookie == sock->cookie)
			return &list->v[i];
	return NULL;
}

static bool is_incomplete(const struct reject *reject)
{
	size_t i;

	for (i = 0; i < reject->culprits.n; i++)
		if (reject->culprits.v[i].owners_incomplete)
			return true;
	return false;
}

static bool same_question(const struct reject *a, const struct reject *b)
{
	return a && a->ep.port == b->ep.port &&
	       endpoint_transport(&a->ep) == endpoint_transport(&b->ep);
}

static void take_owners(struct reject *reject, struct psock_list *now)
{
	const struct psock *found;
	struct psock *sock;
	size_t i;

	for (i = 0; i < reject->culprits.n; i++) {
		sock = &reject->culprits.v[i];
		found = sock->owners_incomplete ? find(now, sock) : NULL;
		if (found)
			psock_take_owners(&reject->culprits, sock, found);
	}
}

/**
 * complete_owners() - Find the owners that were not found in time.
 * @client: whom to ask
 * @list: rejects, the newest of which come first; those of other network
 *	namespaces stay as they are
 */
void complete_owners(struct client *client, struct reject_list *list)
{
	const struct reject *asked = NULL;
	struct psock_list now = { 0 };
	struct reject *reject;
	int left = QUESTIONS;
	size_t i;

	for (i = list->n; i-- > 0;) {
		reject = &list->v[i];
		if (!is_incomplete(reject) || reject->netns != host_netns())
			continue;
		if (!same_question(asked, reject)) {
			struct filter filter = {
				.port = reject->ep.port,
				.port_last = reject->ep.port,
				.states = STATES_ALL,
			};

			filter_add_proto(&filter,
					 endpoint_transport(&reject->ep));
			if (!left-- || client_ports(client, &filter, &now))
				break;
			asked = reject;
		}
		take_owners(reject, &now);
	}
	psock_list_clear(&now);
}
