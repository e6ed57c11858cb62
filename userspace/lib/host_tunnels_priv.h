/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the files that find tunnels. */
#ifndef PORTOWNER_HOST_TUNNELS_PRIV_H
#define PORTOWNER_HOST_TUNNELS_PRIV_H

#include <stdbool.h>
#include <linux/types.h>
#include <netlink/netlink.h>

#include "lib/host_netns.h"

struct nl_msg *tunnels_message(void);
bool tunnels_ask(struct nl_sock *sk, struct nl_msg *msg,
		 int (*take)(struct nl_msg *, void *), void *arg);
void tunnels_read_l2tp(const struct netns *netns,
		       void (*add)(const char *dev, __u16 port, void *arg),
		       void *arg);

#endif /* PORTOWNER_HOST_TUNNELS_PRIV_H */
