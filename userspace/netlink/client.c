// SPDX-License-Identifier: GPL-2.0
/* The module as a source: find it, and what it can be asked. */

#include <stdlib.h>
#include <string.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>

#include "lib/loading.h"
#include "lib/util.h"
#include "netlink/client_priv.h"
#include "netlink/decode.h"

static int decode_stats_cb(struct nlmsghdr *nlh, void *result)
{
	return decode_stats(nlh, result);
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
