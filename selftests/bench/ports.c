// SPDX-License-Identifier: GPL-2.0
/* The module asked for sockets. */
#include <linux/portowner.h>

#include "../die.h"
#include "ports.h"

void ports_get(struct nl *nl, int port, __u32 states)
{
	struct nl_msg msg;
	int err;

	nl_msg_init(&msg, nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
	if (port)
		nl_put_u16(&msg, PORTOWNER_A_PORT_PORT, port);
	if (states)
		nl_put_u32(&msg, PORTOWNER_A_PORT_STATES, states);
	err = nl_talk(nl, &msg, NULL, NULL);
	if (err || !nl->messages)
		die("port %d: error %d, %d sockets", port, err, nl->messages);
}
