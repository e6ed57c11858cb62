// SPDX-License-Identifier: GPL-2.0
/*
 * iptables matches and targets in nftables rules, as created by iptables-nft,
 * and thus by Docker. Their layout is that of the iptables modules.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_TPROXY.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "netlink/attr.h"
#include "netlink/nft.h"

/* An iptables extension: its name, revision and parameters. */
struct extension {
	const char *name;
	__u32 revision;
	const void *info;
	size_t len;
};

static bool has_room(const struct extension *x, size_t size)
{
	return x->len >= size;
}

static enum nft_match is_in(const __u16 *range, __u16 port, bool inverted)
{
	bool in = range[0] <= port && port <= range[1];

	return in != inverted ? NFT_YES : NFT_NO;
}

static bool is_whole(const __u16 *range)
{
	return !range[0] && range[1] == 0xffff;
}

/* Flags and options of the packet are unknown, and ignored. */
static enum nft_match match_ports(const __u16 *spts, const __u16 *dpts,
				  bool inverted, const struct packet *packet,
				  bool *by_port)
{
	if (is_in(dpts, packet->port, inverted) == NFT_NO)
		return NFT_NO;
	*by_port |= !inverted && !is_whole(dpts);
	return is_whole(spts) ? NFT_YES : NFT_MAYBE;
}

static enum nft_match match_tcp(const struct extension *x,
				const struct packet *packet, bool *by_port)
{
	struct xt_tcp tcp;

	if (packet->proto != IPPROTO_TCP)
		return NFT_NO;
	if (!has_room(x, sizeof(tcp)))
		return NFT_MAYBE;
	memcpy(&tcp, x->info, sizeof(tcp));
	return match_ports(tcp.spts, tcp.dpts, tcp.invflags & XT_TCP_INV_DSTPT,
			   packet, by_port);
}

static enum nft_match match_udp(const struct extension *x,
				const struct packet *packet, bool *by_port)
{
	struct xt_udp udp;

	if (packet->proto != IPPROTO_UDP)
		return NFT_NO;
	if (!has_room(x, sizeof(udp)))
		return NFT_MAYBE;
	memcpy(&udp, x->info, sizeof(udp));
	return match_ports(udp.spts, udp.dpts, udp.invflags & XT_UDP_INV_DSTPT,
			   packet, by_port);
}

/* A port range takes two entries, the first of which is flagged. */
static enum nft_match match_multiport(const struct extension *x,
				      const struct packet *packet,
				      bool *by_port)
{
	struct xt_multiport_v1 ports;
	bool found = false;
	__u16 range[2];
	size_t i;

	if (x->revision != 1 || !has_room(x, sizeof(ports)))
		return NFT_MAYBE;
	memcpy(&ports, x->info, sizeof(ports));
	if (ports.flags != XT_MULTIPORT_DESTINATION)
		return NFT_MAYBE;
	for (i = 0; i < ports.count && i < XT_MULTI_PORTS; i++) {
		range[0] = ports.ports[i];
		if (ports.pflags[i] && i + 1 < XT_MULTI_PORTS)
			i++;
		range[1] = ports.ports[i];
		found |= is_in(range, packet->port, false) == NFT_YES;
	}
	*by_port |= found && !ports.invert;
	return found != ports.invert ? NFT_YES : NFT_NO;
}

/**
 * nft_xt_match() - Does a packet fit an iptables match?
 * @data: data of the expression
 * @packet: the packet
 * @by_port: set if it fits because of its port
 *
 * Return: the answer.
 */
enum nft_match nft_xt_match(struct nlattr *data, const struct packet *packet,
			    bool *by_port)
{
	struct nlattr *tb[NFTA_MATCH_MAX + 1];
	struct extension x;

	if (nla_parse_nested(tb, NFTA_MATCH_MAX, data, NULL) < 0 ||
	    !tb[NFTA_MATCH_INFO])
		return NFT_MAYBE;
	x = (struct extension){
		.name = nft_text(tb[NFTA_MATCH_NAME]),
		.revision = nft_number(tb[NFTA_MATCH_REV]),
		.info = attr_data(tb[NFTA_MATCH_INFO]),
		.len = attr_len(tb[NFTA_MATCH_INFO]),
	};
	if (!strcmp(x.name, "comment"))
		return NFT_YES;
	if (!strcmp(x.name, "tcp"))
		return match_tcp(&x, packet, by_port);
	if (!strcmp(x.name, "udp"))
		return match_udp(&x, packet, by_port);
	if (!strcmp(x.name, "multiport"))
		return match_multiport(&x, packet, by_port);
	return NFT_MAYBE;
}

static void take_addr(struct redirect *redirect, __u32 flags, const void *addr)
{
	if (!(flags & NF_NAT_RANGE_MAP_IPS))
		return;
	redirect->has_addr = true;
	memcpy(redirect->addr, addr, redirect->family == AF_INET ? 4 : 16);
}

static void take_port(struct redirect *redirect, __u32 flags, __be16 port)
{
	if (flags & NF_NAT_RANGE_PROTO_SPECIFIED)
		redirect->port = ntohs(port);
}

static bool target_old(const struct extension *x, struct redirect *redirect)
{
	struct nf_nat_ipv4_multi_range_compat nat;

	if (!has_room(x, sizeof(nat)))
		return false;
	memcpy(&nat, x->info, sizeof(nat));
	take_addr(redirect, nat.range[0].flags, &nat.range[0].min_ip);
	take_port(redirect, nat.range[0].flags, nat.range[0].min.all);
	return true;
}

/* The layout for IPv6, with which later revisions begin. */
static bool target_range(const struct extension *x, struct redirect *redirect)
{
	struct nf_nat_range nat;

	if (!has_room(x, sizeof(nat)))
		return false;
	memcpy(&nat, x->info, sizeof(nat));
	take_addr(redirect, nat.flags, &nat.min_addr);
	take_port(redirect, nat.flags, nat.min_proto.all);
	return true;
}

static bool target_tproxy(const struct extension *x, struct redirect *redirect)
{
	struct xt_tproxy_target_info_v1 tproxy;

	if (x->revision != 1 || !has_room(x, sizeof(tproxy)))
		return false;
	memcpy(&tproxy, x->info, sizeof(tproxy));
	redirect->here = true;
	redirect->port = ntohs(tproxy.lport);
	return true;
}

/**
 * nft_xt_target() - Where does an iptables target redirect packets?
 * @data: data of the expression
 * @redirect: has the family; gets the destination
 *
 * Return: false if it leaves their destination unchanged.
 */
bool nft_xt_target(struct nlattr *data, struct redirect *redirect)
{
	struct nlattr *tb[NFTA_TARGET_MAX + 1];
	struct extension x;
	bool old;

	if (nla_parse_nested(tb, NFTA_TARGET_MAX, data, NULL) < 0 ||
	    !tb[NFTA_TARGET_INFO])
		return false;
	x = (struct extension){
		.name = nft_text(tb[NFTA_TARGET_NAME]),
		.revision = nft_number(tb[NFTA_TARGET_REV]),
		.info = attr_data(tb[NFTA_TARGET_INFO]),
		.len = attr_len(tb[NFTA_TARGET_INFO]),
	};
	redirect->by = REDIRECT_BY_IPTABLES;
	old = redirect->family == AF_INET && !x.revision;
	if (!strcmp(x.name, "TPROXY"))
		return target_tproxy(&x, redirect);
	redirect->here = !strcmp(x.name, "REDIRECT");
	if (!redirect->here && strcmp(x.name, "DNAT"))
		return false;
	return old ? target_old(&x, redirect) : target_range(&x, redirect);
}
