// SPDX-License-Identifier: GPL-2.0
/*
 * Ask nftables and IPVS where packets to a port go. No module is loaded for
 * that: one that is not loaded has no rules.
 */

#include <errno.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <stdlib.h>
#include <string.h>
#include <linux/ip_vs.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "lib/host_net.h"
#include "lib/util.h"
#include "netlink/client.h"
#include "netlink/ipvs.h"
#include "netlink/nft.h"
#include "source/channel.h"

static void set_failure(struct channel *channel, int err,
			struct redirect_list *list)
{
	if (channel->refusal == EPERM || channel->refusal == EACCES)
		list->denied = true;
	else if (err < 0 || channel->refusal)
		list->failed = true;
}

static int decode_nft_cb(struct nlmsghdr *nlh, void *nft)
{
	return nft_decode(nlh, nft);
}

static struct nl_msg *nft_request(int command, int flags, __u8 family)
{
	struct nfgenmsg header = {
		.nfgen_family = family, .version = NFNETLINK_V0,
	};
	struct nl_msg *msg;

	msg = nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | command, flags);
	if (!msg || nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO) < 0)
		exit(complain(STATUS_FAILED, "out of memory"));
	return msg;
}

static int ask(struct channel *channel, struct nl_msg *msg, struct nft *nft)
{
	return channel_exchange(channel, msg, decode_nft_cb, nft);
}

/* The flags come with the set, its elements with another request. */
static void load_set(void *arg, struct nft *nft, struct nft_set *set)
{
	struct nl_msg *msg = nft_request(NFT_MSG_GETSETELEM, NLM_F_DUMP,
					 set->family);

	nla_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, set->table);
	nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, set->name);
	/* No message is sent for a set without elements. */
	if (!ask(arg, msg, nft))
		set->loaded = true;
}

static bool is_known(const struct nft *nft, size_t index)
{
	const struct nft_chain *chain = &nft->chains[index];
	size_t i;

	for (i = 0; i < index; i++)
		if (nft->chains[i].starts &&
		    nft->chains[i].family == chain->family &&
		    !strcmp(nft->chains[i].table, chain->table))
			return true;
	return false;
}

/* Query tables that packets pass before their destination is decided. */
static int ask_table(struct channel *channel, struct nft *nft,
		     const struct nft_chain *chain)
{
	struct nl_msg *msg = nft_request(NFT_MSG_GETRULE, NLM_F_DUMP,
					 chain->family);
	int err;

	nla_put_string(msg, NFTA_RULE_TABLE, chain->table);
	err = ask(channel, msg, nft);
	if (err || channel->refusal)
		return err;
	msg = nft_request(NFT_MSG_GETSET, NLM_F_DUMP, chain->family);
	nla_put_string(msg, NFTA_SET_TABLE, chain->table);
	return ask(channel, msg, nft);
}

static int ask_tables(struct channel *channel, struct nft *nft)
{
	int err = ask(channel, nft_request(NFT_MSG_GETCHAIN, NLM_F_DUMP,
					  NFPROTO_UNSPEC), nft);
	size_t i;

	for (i = 0; i < nft->n_chains && !err && !channel->refusal; i++)
		if (nft->chains[i].starts && !is_known(nft, i))
			err = ask_table(channel, nft, &nft->chains[i]);
	return err;
}

/* Rules that change meanwhile are read again. */
static int load(struct channel *channel, struct nft *nft)
{
	int err, tries = 0;

	do {
		nft_forget(nft);
		err = ask_tables(channel, nft);
	} while (err == -NLE_DUMP_INTR && ++tries < DUMP_TRIES);
	nft->load = load_set;
	nft->arg = channel;
	return err;
}

static void ask_nft(const struct packet *packets, size_t n,
		    struct redirect_list *list)
{
	struct channel channel = { .sk = channel_socket(NETLINK_NETFILTER) };
	struct nft nft = { 0 };
	size_t i;
	int err;

	list->failed = !channel.sk;
	if (!channel.sk)
		return;
	err = load(&channel, &nft);
	set_failure(&channel, err, list);
	for (i = 0; i < n; i++)
		nft_redirects(&nft, &packets[i], list);
	nft_forget(&nft);
	nl_socket_free(channel.sk);
}

/* An IPVS query about one packet. */
struct ipvs {
	int family;
	const struct packet *packet;
	unsigned char service[16];
	bool found;
	struct redirect_list *list;
};

static int decode_service_cb(struct nlmsghdr *nlh, void *arg)
{
	struct ipvs *ipvs = arg;

	return ipvs_decode_service(nlh, ipvs->packet, ipvs->service,
				   &ipvs->found);
}

static int decode_server_cb(struct nlmsghdr *nlh, void *arg)
{
	struct ipvs *ipvs = arg;

	return ipvs_decode_server(nlh, ipvs->packet, ipvs->list);
}

static struct nl_msg *ipvs_request(int family, __u8 command)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, family,
				 0, NLM_F_DUMP, command, IPVS_GENL_VERSION))
		exit(complain(STATUS_FAILED, "out of memory"));
	return msg;
}

static int ask_service(struct channel *channel, struct ipvs *ipvs)
{
	const struct packet *packet = ipvs->packet;
	struct nlattr *nest;
	struct nl_msg *msg;
	int err;

	msg = ipvs_request(ipvs->family, IPVS_CMD_GET_SERVICE);
	err = channel_exchange(channel, msg, decode_service_cb, ipvs);
	if (err || channel->refusal || !ipvs->found)
		return err;
	msg = ipvs_request(ipvs->family, IPVS_CMD_GET_DEST);
	nest = nla_nest_start(msg, IPVS_CMD_ATTR_SERVICE);
	nla_put_u16(msg, IPVS_SVC_ATTR_AF, packet->family);
	nla_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, packet->proto);
	nla_put(msg, IPVS_SVC_ATTR_ADDR, sizeof(ipvs->service), ipvs->service);
	nla_put_u16(msg, IPVS_SVC_ATTR_PORT, htons(packet->port));
	nla_nest_end(msg, nest);
	return channel_exchange(channel, msg, decode_server_cb, ipvs);
}

static void ask_ipvs(const struct packet *packets, size_t n,
		     struct redirect_list *list)
{
	struct channel channel = { .sk = channel_socket(NETLINK_GENERIC) };
	int err = -NLE_BAD_SOCK, family;
	struct ipvs ipvs;
	size_t i;

	if (channel.sk)
		err = genl_ctrl_resolve(channel.sk, IPVS_GENL_NAME);
	family = err;
	for (i = 0; i < n && err >= 0 && !channel.refusal; i++) {
		ipvs = (struct ipvs){
			.family = family, .packet = &packets[i], .list = list,
		};
		err = ask_service(&channel, &ipvs);
	}
	set_failure(&channel, err, list);
	if (channel.sk)
		nl_socket_free(channel.sk);
}

/**
 * client_redirects() - Find out where packets go.
 * @packets: the packets
 * @n: number of packets
 * @list: empty; gets the redirects, and what could not be queried
 */
void client_redirects(const struct packet *packets, size_t n,
		      struct redirect_list *list)
{
	if (host_has_nftables())
		ask_nft(packets, n, list);
	if (host_has_ipvs())
		ask_ipvs(packets, n, list);
	list->legacy = host_has_iptables_nat();
}
