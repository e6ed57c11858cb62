// SPDX-License-Identifier: GPL-2.0
/* Requests for sockets, as sent by the tool. */
#include <sys/socket.h>

#include <linux/portowner.h>

#include "../lib/die.h"
#include "ports.h"

static void ask(struct nl *nl, int port, __u32 states, struct nl_msg *msg)
{
	nl_msg_init(msg, nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
	if (port)
		nl_put_u16(msg, PORTOWNER_A_PORT_PORT, port);
	if (states)
		nl_put_u32(msg, PORTOWNER_A_PORT_STATES, states);
	nl_put_flag(msg, PORTOWNER_A_PORT_ACCEPT_COMPACT);
}

void ports_get(struct nl *nl, int port, __u32 states)
{
	struct nl_msg msg;
	int err;

	ask(nl, port, states, &msg);
	err = nl_talk(nl, &msg, NULL, NULL);
	if (err || !nl->messages)
		die("port %d: error %d, %d sockets", port, err, nl->messages);
}

void ports_leave(int port, __u32 states)
{
	struct nl_msg msg;
	struct nl nl;
	char begin;

	if (nl_open(&nl))
		die("the module is not loaded");
	ask(&nl, port, states, &msg);
	nl_ask(&nl, &msg);
	/* The answer is collected when the message that precedes it is read. */
	if (recv(nl.fd, &begin, sizeof(begin), 0) < 0)
		die_errno("receive");
	nl_close(&nl);
}
