// SPDX-License-Identifier: GPL-2.0
/* Netlink requests about tunnels. */

#include <stdlib.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "lib/host_tunnels_priv.h"
#include "lib/util.h"

/**
 * tunnels_ask() - Send a request, and process the replies.
 * @sk: the netlink socket
 * @msg: the request; freed
 * @take: called for each reply
 * @arg: passed to it
 *
 * Return: true if all replies were received.
 */
bool tunnels_ask(struct nl_sock *sk, struct nl_msg *msg,
		 int (*take)(struct nl_msg *, void *), void *arg)
{
	bool done;

	nl_socket_modify_cb(sk, NL_CB_VALID, NL_CB_CUSTOM, take, arg);
	done = nl_send_auto(sk, msg) >= 0 && nl_recvmsgs_default(sk) >= 0;
	nlmsg_free(msg);
	return done;
}

/**
 * tunnels_message() - Allocate a request.
 *
 * Return: an empty message.
 */
struct nl_msg *tunnels_message(void)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg)
		exit(complain(STATUS_FAILED, "out of memory"));
	return msg;
}
