// SPDX-License-Identifier: GPL-2.0
/*
 * Network devices whose packets the kernel receives through a UDP socket, in
 * every network namespace that the caller may enter: a device may have been
 * moved away from the namespace of its socket.
 */

#include <arpa/inet.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/if_link.h>
#include <linux/net_namespace.h>
#include <linux/rtnetlink.h>
#include <linux/wireguard.h>
#include <netlink/attr.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <netlink/netlink.h>

#include "lib/host_netns.h"
#include "lib/host_tunnels.h"
#include "lib/host_tunnels_priv.h"
#include "lib/util.h"

static struct host_tunnel *found;
static size_t n_found, room;
static bool were_read;

/**
 * struct look - A namespace that is being read.
 * @netns: the namespace
 * @sk: rtnetlink socket in it
 * @first: index of the first tunnel found in it
 * @last_id: its id for the last namespace looked up
 * @last_netns: inode number of that namespace
 */
struct look {
	const struct netns *netns;
	struct nl_sock *sk;
	size_t first;
	int last_id;
	__u32 last_netns;
};

/**
 * struct port_attr - Where a device type has its port.
 * @kind: the type
 * @type: attribute of the port, or -1 if there is none
 * @otherwise: the port without that attribute
 * @tells_netns: moved devices report their origin by IFLA_LINK_NETNSID
 */
struct port_attr {
	const char *kind;
	int type;
	__u16 otherwise;
	bool tells_netns;
};

static const struct port_attr port_attrs[] = {
	{ "vxlan",	IFLA_VXLAN_PORT,	0,	true },
	{ "geneve",	IFLA_GENEVE_PORT,	0,	false },
	{ "bareudp",	IFLA_BAREUDP_PORT,	0,	false },
	/* GTP version 1; the port is fixed. */
	{ "gtp",	-1,			2152,	false },
	/* Queried separately. */
	{ TUNNEL_WIREGUARD, -1,			0,	false },
	{ TUNNEL_L2TP,	-1,			0,	true },
};

static const struct port_attr *port_attr_of(const char *kind)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(port_attrs); i++)
		if (!strcmp(kind, port_attrs[i].kind))
			return &port_attrs[i];
	return NULL;
}

static __u16 port_of(const struct port_attr *where, struct nlattr *data)
{
	struct nlattr *attr = NULL;

	if (data && where->type >= 0)
		attr = nla_find(nla_data(data), nla_len(data), where->type);
	if (attr && nla_len(attr) >= (int)sizeof(__u16))
		return ntohs(nla_get_u16(attr));
	return where->otherwise;
}

static void add(const struct look *look, const char *dev,
		const struct port_attr *where, __u16 port, int link_id)
{
	struct host_tunnel *tunnel;

	found = xgrow(found, n_found, &room, sizeof(*found));
	tunnel = &found[n_found++];
	*tunnel = (struct host_tunnel){
		.port = port,
		.netns = look->netns->inode,
		.link_id = link_id,
	};
	strncpy(tunnel->kind, where->kind, sizeof(tunnel->kind) - 1);
	strncpy(tunnel->dev, dev, sizeof(tunnel->dev) - 1);
}

static int take_link(struct nl_msg *msg, void *arg)
{
	struct nlattr *tb[IFLA_MAX + 1], *info[IFLA_INFO_MAX + 1];
	const struct port_attr *where;

	if (nlmsg_parse(nlmsg_hdr(msg), sizeof(struct ifinfomsg), tb, IFLA_MAX,
			NULL) ||
	    !tb[IFLA_IFNAME] || !tb[IFLA_LINKINFO] ||
	    nla_parse_nested(info, IFLA_INFO_MAX, tb[IFLA_LINKINFO], NULL) ||
	    !info[IFLA_INFO_KIND])
		return NL_OK;
	where = port_attr_of(nla_get_string(info[IFLA_INFO_KIND]));
	if (where)
		add(arg, nla_get_string(tb[IFLA_IFNAME]), where,
		    port_of(where, info[IFLA_INFO_DATA]),
		    tb[IFLA_LINK_NETNSID] ?
			    nla_get_s32(tb[IFLA_LINK_NETNSID]) : -1);
	return NL_OK;
}

static bool read_links(struct look *look)
{
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = tunnels_message();

	nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, RTM_GETLINK, sizeof(header),
		  NLM_F_DUMP);
	memcpy(nlmsg_data(nlmsg_hdr(msg)), &header, sizeof(header));
	return tunnels_ask(look->sk, msg, take_link, look);
}

static int take_netns_id(struct nl_msg *msg, void *arg)
{
	struct nlattr *attr = nlmsg_find_attr(nlmsg_hdr(msg),
					      sizeof(struct rtgenmsg),
					      NETNSA_NSID);

	if (attr)
		*(int *)arg = nla_get_s32(attr);
	return NL_OK;
}

/* Id of another namespace in the one being read, or -1. */
static int netns_id(struct look *look, const struct netns *other)
{
	int fd = open(other->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct nl_msg *msg;
	int id = -1;

	if (fd < 0)
		return -1;
	msg = tunnels_message();
	nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, RTM_GETNSID,
		  NLMSG_ALIGN(sizeof(struct rtgenmsg)), 0);
	memset(nlmsg_data(nlmsg_hdr(msg)), 0, sizeof(struct rtgenmsg));
	nla_put_u32(msg, NETNSA_FD, fd);
	if (!tunnels_ask(look->sk, msg, take_netns_id, &id))
		id = -1;
	close(fd);
	return id;
}

/* Cached: most moved devices of a namespace came from the same one. */
static __u32 netns_by_id(struct look *look, int id)
{
	const struct netns *all;
	size_t i, n;

	if (id == look->last_id)
		return look->last_netns;
	look->last_id = id;
	look->last_netns = 0;
	n = netns_all(&all);
	for (i = 0; i < n && !look->last_netns; i++)
		if (netns_id(look, &all[i]) == id)
			look->last_netns = all[i].inode;
	return look->last_netns;
}

/* Without the attribute, a device may have been moved unnoticed. */
static void find_sock_netns(struct look *look)
{
	struct host_tunnel *tunnel;

	for (tunnel = found + look->first; tunnel < found + n_found; tunnel++)
		if (tunnel->link_id >= 0)
			tunnel->sock_netns = netns_by_id(look, tunnel->link_id);
		else if (port_attr_of(tunnel->kind)->tells_netns)
			tunnel->sock_netns = look->netns->inode;
}

static int take_port(struct nl_msg *msg, void *arg)
{
	struct nlattr *attr = nlmsg_find_attr(nlmsg_hdr(msg), GENL_HDRLEN,
					      WGDEVICE_A_LISTEN_PORT);

	if (attr)
		*(__u16 *)arg = nla_get_u16(attr);
	return NL_OK;
}

static void read_wireguard(const struct look *look)
{
	struct host_tunnel *tunnel;
	struct nl_sock *sk = NULL;
	struct nl_msg *msg;
	int family = -1;

	for (tunnel = found + look->first; tunnel < found + n_found; tunnel++) {
		if (strcmp(tunnel->kind, TUNNEL_WIREGUARD) != 0)
			continue;
		if (!sk) {
			sk = netns_connect(look->netns, NETLINK_GENERIC);
			family = sk ? genl_ctrl_resolve(sk, WG_GENL_NAME) : -1;
		}
		if (family < 0)
			break;
		msg = tunnels_message();
		genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family, 0,
			    NLM_F_DUMP, WG_CMD_GET_DEVICE, WG_GENL_VERSION);
		nla_put_string(msg, WGDEVICE_A_IFNAME, tunnel->dev);
		tunnels_ask(sk, msg, take_port, &tunnel->port);
	}
	if (sk)
		nl_socket_free(sk);
}

static int take_nothing(struct nl_msg *msg, void *arg)
{
	(void)msg;
	(void)arg;
	return NL_OK;
}

static bool has_link(const struct look *look, const char *dev)
{
	struct ifinfomsg header = { .ifi_family = AF_UNSPEC };
	struct nl_msg *msg = tunnels_message();

	nlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, RTM_GETLINK, sizeof(header),
		  0);
	memcpy(nlmsg_data(nlmsg_hdr(msg)), &header, sizeof(header));
	nla_put_string(msg, IFLA_IFNAME, dev);
	return tunnels_ask(look->sk, msg, take_nothing, NULL);
}

/* Skip a moved device: the namespace it is in now is not reported. */
static void add_l2tp(const char *dev, __u16 port, void *look)
{
	if (has_link(look, dev))
		add(look, dev, port_attr_of(TUNNEL_L2TP), port, -1);
}

static void look_at(const struct netns *netns)
{
	struct look look = {
		.netns = netns,
		.first = n_found,
		.last_id = -1,
	};

	look.sk = netns_connect(netns, NETLINK_ROUTE);
	if (!look.sk)
		return;
	if (read_links(&look)) {
		read_wireguard(&look);
		tunnels_read_l2tp(netns, add_l2tp, &look);
		find_sock_netns(&look);
	}
	nl_socket_free(look.sk);
}

/**
 * host_tunnels() - Devices that have a port, in all network namespaces.
 * @tunnels: set to them; valid until host_tunnels_forget()
 *
 * Namespaces that the caller may not enter are left out. Devices are read once.
 *
 * Return: number of devices.
 */
size_t host_tunnels(const struct host_tunnel **tunnels)
{
	const struct netns *all;
	size_t i, n_all;

	if (!were_read) {
		n_all = netns_all(&all);
		for (i = 0; i < n_all; i++)
			look_at(&all[i]);
		were_read = true;
	}
	*tunnels = found;
	return n_found;
}

/**
 * host_tunnels_forget() - Free the result of host_tunnels().
 */
void host_tunnels_forget(void)
{
	free(found);
	found = NULL;
	n_found = 0;
	room = 0;
	were_read = false;
	netns_forget();
}
