// SPDX-License-Identifier: GPL-2.0
/* Query the binds and listens since the last time. */

#include <netlink/genl/genl.h>

#include "netlink/client_priv.h"
#include "netlink/decode.h"

/**
 * struct answer - Calls, and how far they reach.
 * @list: the calls
 * @end: number of the last call that the answer covers
 */
struct answer {
	struct reject_list *list;
	__u64 end;
};

static int decode_call_cb(struct nlmsghdr *nlh, void *result)
{
	struct answer *answer = result;

	return decode_call(nlh, answer->list, &answer->end);
}

static struct nl_msg *calls_request(const struct client *client,
				    const struct call_cursor *cursor)
{
	struct nl_msg *msg = client_request(client, PORTOWNER_CMD_TRACE_GET,
					    NLM_F_DUMP);

	if (cursor->begun)
		nla_put_u64(msg, PORTOWNER_A_CALL_SINCE, cursor->seq);
	if (cursor->all_netns)
		nla_put_flag(msg, PORTOWNER_A_CALL_ALL_NETNS);
	return msg;
}

/**
 * client_calls() - Query calls, and have them traced.
 * @source: the module
 * @cursor: how far they were read; advanced, with the number of those lost
 * @list: empty; filled with the calls, oldest first; none the first time
 *
 * Return: 0 or the exit status.
 */
int client_calls(struct source *source, struct call_cursor *cursor,
		 struct reject_list *list)
{
	struct client *client = client_of(source);
	struct answer answer = { .list = list, .end = cursor->seq };
	int err;

	err = channel_exchange(&client->channel, calls_request(client, cursor),
			       decode_call_cb, &answer);
	cursor->lost = 0;
	/* A reloaded module counts from 1 again. */
	if (cursor->begun && answer.end >= cursor->seq)
		cursor->lost = answer.end - cursor->seq - list->n;
	cursor->seq = answer.end;
	cursor->begun = true;
	return client_report(client, err, "trace calls");
}
