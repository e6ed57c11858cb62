// SPDX-License-Identifier: GPL-2.0
/* Requests to the module, and what to say if one fails. */

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <netlink/genl/genl.h>

#include "lib/util.h"
#include "netlink/client_priv.h"

/*
 * How long a request waits for room among the unread answers of its user: other
 * programs release theirs as soon as they have read them.
 */
#define BUSY_TRIES	20
#define BUSY_PAUSE_US	100000

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
