// SPDX-License-Identifier: GPL-2.0
/*
 * L2TP network devices. A tunnel owns the socket, and each of its sessions may
 * have a device; both are queried through generic netlink.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <unistd.h>
#include <linux/l2tp.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>

#include "lib/host_tunnels_priv.h"
#include "lib/util.h"

/* Querying the family of an unloaded module would load it. */
#define MODULE	"/sys/module/l2tp_netlink"

/**
 * struct l2tp_tunnel - A tunnel over UDP.
 * @id: tunnel id, by which its sessions refer to it
 * @port: its local port, in host byte order
 */
struct l2tp_tunnel {
	__u32 id;
	__u16 port;
};

/**
 * struct l2tp - The L2TP tunnels of a network namespace.
 * @tunnels: array: the tunnels
 * @n: elements in @tunnels
 * @room: elements allocated
 * @add: called for each device
 * @arg: passed to it
 */
struct l2tp {
	struct l2tp_tunnel *tunnels;
	size_t n;
	size_t room;
	void (*add)(const char *dev, __u16 port, void *arg);
	void *arg;
};

static int take_tunnel(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[L2TP_ATTR_MAX + 1];
	struct l2tp *l2tp = arg;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, L2TP_ATTR_MAX, NULL) < 0 ||
	    !tb[L2TP_ATTR_CONN_ID] || !tb[L2TP_ATTR_UDP_SPORT])
		return NL_OK;
	l2tp->tunnels = xgrow(l2tp->tunnels, l2tp->n, &l2tp->room,
			      sizeof(*l2tp->tunnels));
	l2tp->tunnels[l2tp->n++] = (struct l2tp_tunnel){
		.id = nla_get_u32(tb[L2TP_ATTR_CONN_ID]),
		.port = nla_get_u16(tb[L2TP_ATTR_UDP_SPORT]),
	};
	return NL_OK;
}

static int take_session(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[L2TP_ATTR_MAX + 1];
	const struct l2tp *l2tp = arg;
	__u32 id;
	size_t i;

	if (genlmsg_parse(nlmsg_hdr(msg), 0, tb, L2TP_ATTR_MAX, NULL) < 0 ||
	    !tb[L2TP_ATTR_CONN_ID] || !tb[L2TP_ATTR_IFNAME])
		return NL_OK;
	id = nla_get_u32(tb[L2TP_ATTR_CONN_ID]);
	for (i = 0; i < l2tp->n; i++)
		if (l2tp->tunnels[i].id == id)
			l2tp->add(nla_get_string(tb[L2TP_ATTR_IFNAME]),
				  l2tp->tunnels[i].port, l2tp->arg);
	return NL_OK;
}

static bool dump(struct nl_sock *sk, int family, int command,
		 int (*take)(struct nl_msg *, void *), struct l2tp *l2tp)
{
	struct nl_msg *msg = tunnels_message();

	genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0, NLM_F_DUMP,
		    command, L2TP_GENL_VERSION);
	return tunnels_ask(sk, msg, take, l2tp);
}

/**
 * tunnels_read_l2tp() - Find the L2TP devices of a network namespace.
 * @netns: the namespace
 * @add: called with the name of each, and the UDP port of its tunnel
 * @arg: passed to it
 */
void tunnels_read_l2tp(const struct netns *netns,
		       void (*add)(const char *dev, __u16 port, void *arg),
		       void *arg)
{
	struct l2tp l2tp = { .add = add, .arg = arg };
	struct nl_sock *sk;
	int family;

	if (access(MODULE, F_OK))
		return;
	sk = netns_connect(netns, NETLINK_GENERIC);
	if (!sk)
		return;
	family = genl_ctrl_resolve(sk, L2TP_GENL_NAME);
	if (family >= 0 &&
	    dump(sk, family, L2TP_CMD_TUNNEL_GET, take_tunnel, &l2tp))
		dump(sk, family, L2TP_CMD_SESSION_GET, take_session, &l2tp);
	free(l2tp.tunnels);
	nl_socket_free(sk);
}
