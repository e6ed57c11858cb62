// SPDX-License-Identifier: GPL-2.0
/*
 * Query rejects, and the owners that the module had no time to find when it
 * refused a bind. A reader has that time: if the socket still exists, its
 * owners are its present ones.
 */

#include <netlink/genl/genl.h>

#include "lib/host.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "netlink/client_priv.h"
#include "netlink/decode.h"

/* Maximum number of queries per list; each may examine all descriptors. */
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

/* Newest rejects first; those of other namespaces stay as they are. */
static void complete_owners(struct source *source, struct reject_list *list)
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
			if (!left-- || client_ports(source, &filter, &now))
				break;
			asked = reject;
		}
		take_owners(reject, &now);
	}
	psock_list_clear(&now);
}

static int decode_reject_cb(struct nlmsghdr *nlh, void *result)
{
	return decode_reject(nlh, result);
}

static struct nl_msg *rejects_request(const struct client *client,
				      const struct reject_query *query)
{
	struct nl_msg *msg = client_request(client, PORTOWNER_CMD_REJECT_GET,
					    NLM_F_DUMP);

	if (query->since)
		nla_put_u64(msg, PORTOWNER_A_REJECT_SINCE, query->since);
	if (query->ancestor)
		nla_put_u32(msg, PORTOWNER_A_REJECT_ANCESTOR, query->ancestor);
	if (query->all_netns) {
		nla_put_flag(msg, PORTOWNER_A_REJECT_ALL_NETNS);
		nla_put_u64(msg, PORTOWNER_A_REJECT_SINCE_ALL,
			    query->since_all);
	}
	return msg;
}

/**
 * client_rejects() - Query rejects.
 * @source: the module
 * @query: which rejects
 * @list: empty; filled with the rejects, oldest first
 *
 * Return: 0 or the exit status.
 */
int client_rejects(struct source *source, const struct reject_query *query,
		   struct reject_list *list)
{
	struct client *client = client_of(source);
	int err, tries = 0;

	do {
		reject_list_clear(list);
		err = client_exchange(client, rejects_request(client, query),
				      decode_reject_cb, list);
	} while (err == -NLE_DUMP_INTR && ++tries < DUMP_TRIES);

	if (err == -NLE_DUMP_INTR && !client->channel.refusal) {
		source_note(source,
			    "the log changed while it was read; some refusals may be missing");
		err = 0;
	}
	err = client_report(client, err, "read the log");
	if (!err)
		complete_owners(source, list);
	return err;
}

/**
 * client_sees_all() - May the rejects of all network namespaces be read?
 * @source: the module
 *
 * Return: true if they may.
 */
bool client_sees_all(struct source *source)
{
	struct client *client = client_of(source);
	const struct reject_query query = { .since = ~0ULL, .all_netns = true };
	struct reject_list list = { 0 };
	int err;

	err = client_exchange(client, rejects_request(client, &query),
			      decode_reject_cb, &list);
	reject_list_clear(&list);
	return !err && !client->channel.refusal;
}
