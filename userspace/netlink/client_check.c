// SPDX-License-Identifier: GPL-2.0
/* Ask how the kernel would answer a bind. */

#include <errno.h>
#include <netinet/in.h>
#include <netlink/genl/genl.h>

#include "lib/util.h"
#include "netlink/client_priv.h"
#include "netlink/decode.h"

static int decode_check_cb(struct nlmsghdr *nlh, void *result)
{
	return decode_check(nlh, result);
}

static int ask(struct client *client, const struct bind_request *request,
	       struct check *check)
{
	const struct endpoint *ep = &request->ep;
	struct nl_msg *msg;

	check_clear(check);
	msg = client_request(client, PORTOWNER_CMD_BIND_CHECK, NLM_F_DUMP);
	nla_put_u16(msg, PORTOWNER_A_CHECK_FAMILY, ep->family);
	nla_put_u16(msg, PORTOWNER_A_CHECK_PROTO, ep->proto);
	nla_put(msg, PORTOWNER_A_CHECK_ADDR, ep->family == AF_INET ? 4 : 16,
		ep->addr);
	nla_put_u16(msg, PORTOWNER_A_CHECK_PORT, ep->port);
	if (request->ifindex)
		nla_put_u32(msg, PORTOWNER_A_CHECK_IFINDEX, request->ifindex);
	if (request->scope)
		nla_put_u32(msg, PORTOWNER_A_CHECK_SCOPE, request->scope);
	if (ep->flags)
		nla_put_u32(msg, PORTOWNER_A_CHECK_FLAGS, ep->flags);
	if (request->has_uid)
		nla_put_u32(msg, PORTOWNER_A_CHECK_UID, request->uid);
	if (request->listen)
		nla_put_flag(msg, PORTOWNER_A_CHECK_LISTEN);
	return client_exchange(client, msg, decode_check_cb, check);
}

/* All else that could be invalid is checked before the kernel is asked. */
static bool is_unknown_user(const struct client *client,
			    const struct bind_request *request)
{
	return client->channel.refusal == EINVAL && request->has_uid;
}

/**
 * client_check() - Ask if a bind would succeed.
 * @source: the module
 * @request: the bind
 * @check: empty; set to the answer
 *
 * Return: 0 or the exit status.
 */
int client_check(struct source *source, const struct bind_request *request,
		 struct check *check)
{
	struct client *client = client_of(source);
	int err = ask(client, request, check);

	if (!err && is_unknown_user(client, request))
		return complain(STATUS_USAGE,
				"--uid '%u': no such user in this user namespace",
				request->uid);
	if (!err && !client->channel.refusal && !check->answered)
		err = -NLE_MISSING_ATTR;
	return client_report(client, err, "check");
}

/**
 * client_can_check() - Ask if a bind would succeed, if permitted.
 * @source: the module
 * @request: the bind
 * @check: empty; set to the answer
 *
 * Return: true if there is an answer; no message is printed if not.
 */
bool client_can_check(struct source *source,
		      const struct bind_request *request,
		      struct check *check)
{
	struct client *client = client_of(source);

	return !ask(client, request, check) && !client->channel.refusal &&
	       check->answered;
}
