// SPDX-License-Identifier: GPL-2.0
/* The module as a source: find it, and query it for sockets and counters. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "lib/loading.h"
#include "lib/progress.h"
#include "lib/util.h"
#include "netlink/client_priv.h"
#include "netlink/decode.h"

/*
 * How long a request waits for room among the unread answers of its user: other
 * programs release theirs as soon as they have read them.
 */
#define BUSY_TRIES	20
#define BUSY_PAUSE_US	100000

static int decode_port_cb(struct nlmsghdr *nlh, void *result)
{
	const struct psock_list *list = result;

	progress_count("reading sockets", list->n);
	return decode_port(nlh, result);
}

static int decode_stats_cb(struct nlmsghdr *nlh, void *result)
{
	return decode_stats(nlh, result);
}

/**
 * client_request() - Begin a request.
 * @client: the module
 * @command: PORTOWNER_CMD_*
 * @flags: NLM_F_DUMP, or 0
 *
 * Return: a message without attributes.
 */
struct nl_msg *client_request(const struct client *client, __u8 command,
			      int flags)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ,
				 client->family, 0, flags, command,
				 PORTOWNER_FAMILY_VERSION))
		exit(complain(STATUS_FAILED, "out of memory"));
	return msg;
}

/**
 * client_exchange() - Send a request, and decode the replies.
 * @client: the module
 * @msg: the request; freed
 * @decode: decodes a reply into @result
 * @result: result for the caller; untouched while an answer has no room
 *
 * Unread answers per user are limited. At the limit, wait and retry, but not
 * forever.
 *
 * Return: 0, or a negative libnl error, for client_report().
 */
int client_exchange(struct client *client, struct nl_msg *msg,
		    int (*decode)(struct nlmsghdr *nlh, void *result),
		    void *result)
{
	int err, tries = 0;

	do {
		if (tries)
			usleep(BUSY_PAUSE_US);
		nlmsg_get(msg);
		err = channel_exchange(&client->channel, msg, decode, result);
	} while (client->channel.refusal == EBUSY && ++tries < BUSY_TRIES);

	nlmsg_free(msg);
	return err;
}

/* What happened to the module, if that made the last request fail. */
static const char *gone_words(const struct client *client)
{
	if (client->channel.refusal == ENOENT)
		return "was unloaded";
	/*
	 * For a dump that cannot take a reference to the module; the module
	 * itself would explain that there is no such protocol.
	 */
	if (client->channel.refusal == EPROTONOSUPPORT &&
	    !client->channel.explained)
		return "is being unloaded";
	return NULL;
}

/**
 * client_is_gone() - Was the module unloaded during the last request or wait?
 * @source: the module
 *
 * Return: true if it was unloaded, or is being unloaded.
 */
bool client_is_gone(const struct source *source)
{
	const struct client *client = (const struct client *)source;

	return client->unloaded || gone_words(client);
}

/**
 * client_report() - Report why a request failed.
 * @client: the module
 * @err: negative libnl error, or 0
 * @what: the attempted action, to follow "cannot"
 *
 * Return: the exit status; 0 if nothing failed.
 */
int client_report(const struct client *client, int err, const char *what)
{
	const char *gone = gone_words(client);

	if (gone)
		return complain(STATUS_DENIED, "the kernel module %s", gone);
	if (client->channel.refusal == EBUSY)
		return complain(STATUS_DENIED,
				"not permitted to %s now: %s: %s", what,
				client->channel.words,
				"programs of yours have requested sockets or refusals and are not reading the answers");
	return channel_report(&client->channel, err, what);
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

static int stats(struct source *source, struct counters *counters)
{
	struct client *client = client_of(source);
	struct nl_msg *msg;
	int err;

	memset(counters, 0, sizeof(*counters));
	msg = client_request(client, PORTOWNER_CMD_STATS_GET, 0);
	err = channel_exchange(&client->channel, msg, decode_stats_cb, counters);
	return client_report(client, err, "read the counters");
}

static void close_client(struct source *source)
{
	struct client *client = client_of(source);

	if (client->events)
		nl_socket_free(client->events);
	if (client->channel.sk)
		nl_socket_free(client->channel.sk);
	free(client);
}

static const struct source_ops module_ops = {
	.name = "module",
	.knows = KNOWS_REFUSALS | KNOWS_CHECK | KNOWS_STATS |
		 KNOWS_OWNERS | KNOWS_CALLS,
	.ports = client_ports,
	.check = client_check,
	.can_check = client_can_check,
	.stats = stats,
	.close = close_client,
	.rejects = client_rejects,
	.sees_all = client_sees_all,
	.join = client_join,
	.can_join = client_can_join,
	.events_fd = client_events_fd,
	.drain = client_drain,
	.calls = client_calls,
	.wait = client_wait,
	.is_gone = client_is_gone,
	.rejoin = client_rejoin,
};

static int not_loaded(void)
{
	char *advice = loading_advice();

	complain(STATUS_DENIED, "the kernel module is not loaded: %s", advice);
	free(advice);
	return STATUS_DENIED;
}

/* Report why the module does not answer. */
static int not_found(int err)
{
	if (err == -NLE_OBJ_NOTFOUND)
		return not_loaded();
	return complain(err == -NLE_PERM ? STATUS_DENIED : STATUS_FAILED,
			"cannot find the kernel module: %s", nl_geterror(err));
}

/**
 * client_open() - Connect to the module.
 * @source: set to the module, or to NULL if it is missing
 * @quiet: print no notes
 * @optional: a module that is not loaded is no failure
 *
 * Return: 0 or the exit status.
 */
int client_open(struct source **source, bool quiet, bool optional)
{
	struct client *c = xcalloc(1, sizeof(*c));

	*source = NULL;
	c->source.ops = &module_ops;
	c->source.quiet = quiet;
	c->channel.sk = channel_socket(NETLINK_GENERIC);
	if (!c->channel.sk) {
		source_close(&c->source);
		return STATUS_FAILED;
	}
	c->family = genl_ctrl_resolve(c->channel.sk, PORTOWNER_FAMILY_NAME);
	if (c->family < 0) {
		int err = c->family;

		source_close(&c->source);
		return optional && err == -NLE_OBJ_NOTFOUND ? 0 : not_found(err);
	}
	channel_expect_dumps(&c->channel);
	*source = &c->source;
	return 0;
}
