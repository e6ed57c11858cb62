// SPDX-License-Identifier: GPL-2.0
/* IPVS answers: virtual services, and the servers behind one. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netlink/genl/genl.h>
#include <string.h>
#include <linux/ip_vs.h>

#include "netlink/attr.h"
#include "netlink/ipvs.h"

static int parse(struct nlmsghdr *nlh, int which, struct nlattr **tb, int max)
{
	struct nlattr *top[IPVS_CMD_ATTR_MAX + 1];
	int err = genlmsg_parse(nlh, 0, top, IPVS_CMD_ATTR_MAX, NULL);

	if (err < 0)
		return err;
	memset(tb, 0, (max + 1) * sizeof(*tb));
	return top[which] ? nla_parse_nested(tb, max, top[which], NULL) : 0;
}

static bool has_len(const struct nlattr *attr, int len)
{
	return attr && attr_len(attr) >= len;
}

/* An address always takes 16 bytes. */
static bool is_for(struct nlattr **tb, const struct packet *packet)
{
	static const unsigned char any[16];
	size_t len = packet->family == AF_INET ? 4 : 16;
	const void *addr;

	if (!has_len(tb[IPVS_SVC_ATTR_AF], 2) ||
	    !has_len(tb[IPVS_SVC_ATTR_PROTOCOL], 2) ||
	    !has_len(tb[IPVS_SVC_ATTR_ADDR], 16) ||
	    !has_len(tb[IPVS_SVC_ATTR_PORT], 2) ||
	    attr_u16(tb[IPVS_SVC_ATTR_AF]) != packet->family ||
	    attr_u16(tb[IPVS_SVC_ATTR_PROTOCOL]) != packet->proto ||
	    ntohs(attr_u16(tb[IPVS_SVC_ATTR_PORT])) != packet->port)
		return false;
	addr = attr_data(tb[IPVS_SVC_ATTR_ADDR]);
	return !packet->addr || !memcmp(packet->addr, any, len) ||
	       !memcmp(packet->addr, addr, len);
}

/**
 * ipvs_decode_service() - Decode a virtual service.
 * @nlh: message
 * @packet: packet to be forwarded
 * @service: set to its address if it is for the packet; the first one counts
 * @found: set if it is
 *
 * Return: 0, or a negative libnl error.
 */
int ipvs_decode_service(struct nlmsghdr *nlh, const struct packet *packet,
			unsigned char *service, bool *found)
{
	struct nlattr *tb[IPVS_SVC_ATTR_MAX + 1];
	int err = parse(nlh, IPVS_CMD_ATTR_SERVICE, tb, IPVS_SVC_ATTR_MAX);

	if (err < 0 || *found || !is_for(tb, packet))
		return err < 0 ? err : 0;
	*found = true;
	memcpy(service, attr_data(tb[IPVS_SVC_ATTR_ADDR]), 16);
	return 0;
}

/**
 * ipvs_decode_server() - Decode a server behind a service.
 * @nlh: message
 * @packet: packet to be forwarded
 * @list: gets the redirect
 *
 * Return: 0, or a negative libnl error.
 */
int ipvs_decode_server(struct nlmsghdr *nlh, const struct packet *packet,
		       struct redirect_list *list)
{
	struct redirect redirect = {
		.by = REDIRECT_BY_IPVS, .family = packet->family,
		.proto = packet->proto, .certain = true, .has_addr = true,
	};
	struct nlattr *tb[IPVS_DEST_ATTR_MAX + 1];
	int err = parse(nlh, IPVS_CMD_ATTR_DEST, tb, IPVS_DEST_ATTR_MAX);

	if (err < 0)
		return err;
	if (!has_len(tb[IPVS_DEST_ATTR_ADDR], 16) ||
	    !has_len(tb[IPVS_DEST_ATTR_PORT], 2))
		return 0;
	/* A tunnel may use another family. */
	if (has_len(tb[IPVS_DEST_ATTR_ADDR_FAMILY], 2))
		redirect.to_family = attr_u16(tb[IPVS_DEST_ATTR_ADDR_FAMILY]);
	memcpy(redirect.addr, attr_data(tb[IPVS_DEST_ATTR_ADDR]), 16);
	redirect.port = ntohs(attr_u16(tb[IPVS_DEST_ATTR_PORT]));
	redirect_list_add(list, &redirect);
	return 0;
}
