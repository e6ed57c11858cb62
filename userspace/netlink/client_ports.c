// SPDX-License-Identifier: GPL-2.0
/* Queries the module for sockets. */

#include <netlink/genl/genl.h>

#include "lib/progress.h"
#include "netlink/client_priv.h"
#include "netlink/decode.h"

static int decode_port_cb(struct nlmsghdr *nlh, void *result)
{
	const struct psock_list *list = result;

	progress_count("reading sockets", list->n);
	return decode_port(nlh, result);
}

static struct nl_msg *ports_request(const struct client *client,
				    const struct filter *filter)
{
	struct nl_msg *msg = client_request(client, PORTOWNER_CMD_PORT_GET,
					    NLM_F_DUMP);
	__u16 family = filter_family(filter), proto = filter_proto(filter);

	if (family)
		nla_put_u16(msg, PORTOWNER_A_PORT_FAMILY, family);
	if (proto)
		nla_put_u16(msg, PORTOWNER_A_PORT_PROTO, proto);
	if (filter->port)
		nla_put_u16(msg, PORTOWNER_A_PORT_PORT, filter->port);
	if (filter->port_last > filter->port)
		nla_put_u16(msg, PORTOWNER_A_PORT_PORT_LAST,
			    filter->port_last);
	if (filter->states)
		nla_put_u32(msg, PORTOWNER_A_PORT_STATES, filter->states);
	if (filter->all_netns)
		nla_put_flag(msg, PORTOWNER_A_PORT_ALL_NETNS);
	nla_put_flag(msg, PORTOWNER_A_PORT_ACCEPT_COMPACT);
	return msg;
}

/**
 * client_ports() - Query sockets.
 * @source: the module
 * @filter: which sockets; the caller applies its pid and uid
 * @list: empty; filled with the sockets
 *
 * Return: 0 or the exit status.
 */
int client_ports(struct source *source, const struct filter *filter,
		 struct psock_list *list)
{
	struct client *client = client_of(source);
	int err, tries = 0;

	do {
		psock_list_clear(list);
		err = client_exchange(client, ports_request(client, filter),
				      decode_port_cb, list);
	} while (err == -NLE_DUMP_INTR && ++tries < DUMP_TRIES);

	if (err == -NLE_DUMP_INTR && !client->channel.refusal) {
		source_note(source,
			    "sockets changed while the list was taken; it may be incomplete");
		err = 0;
	}
	return client_report(client, err, "list sockets");
}
