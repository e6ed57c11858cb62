// SPDX-License-Identifier: GPL-2.0
/* nftables expressions that change the destination of a packet. */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "netlink/nft_priv.h"

/* What is printed about a port has to fit on a screen. */
#define FOUND_MAX	8

static void take(struct state *state, struct redirect *redirect,
		 const struct nlattr *addr, const struct nlattr *port)
{
	size_t len = redirect->family == AF_INET ? 4 : 16;
	__be16 number;

	redirect->has_addr = regs_get(&state->regs, addr, redirect->addr, len);
	if (regs_get(&state->regs, port, &number, sizeof(number)))
		redirect->port = ntohs(number);
}

static const char *family_name_of(__u8 family)
{
	switch (family) {
	case NFPROTO_IPV4:
		return "ip";
	case NFPROTO_IPV6:
		return "ip6";
	default:
		return "inet";
	}
}

/* The packet goes there, or may go there if it is not sure to get here. */
static enum course found(struct state *state, struct redirect *redirect)
{
	struct redirect_list *list = state->walk->list;
	const struct nft_rule *rule = state->rule;

	redirect->certain = state->by_port;
	redirect->table_family = family_name_of(rule->family);
	redirect->table = rule->table;
	redirect->chain = rule->chain;
	if (list->n < FOUND_MAX)
		redirect_list_add(list, redirect);
	return state->sure ? COURSE_STOP : COURSE_BREAK;
}

static struct redirect new_redirect(const struct state *state)
{
	return (struct redirect){
		.family = state->walk->packet->family,
		.proto = state->walk->packet->proto,
	};
}

/**
 * nft_do_nat() - Change the destination to the contents of registers.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_nat(struct state *state, struct nlattr **tb)
{
	struct redirect redirect = new_redirect(state);

	if (nft_number(tb[NFTA_NAT_TYPE]) != NFT_NAT_DNAT)
		return COURSE_NEXT;
	take(state, &redirect, tb[NFTA_NAT_REG_ADDR_MIN],
	     tb[NFTA_NAT_REG_PROTO_MIN]);
	return found(state, &redirect);
}

/**
 * nft_do_redir() - Change the destination to this host.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_redir(struct state *state, struct nlattr **tb)
{
	struct redirect redirect = new_redirect(state);

	redirect.here = true;
	take(state, &redirect, NULL, tb[NFTA_REDIR_REG_PROTO_MIN]);
	return found(state, &redirect);
}

/**
 * nft_do_tproxy() - Hand the packet to a proxy on this host.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_tproxy(struct state *state, struct nlattr **tb)
{
	struct redirect redirect = new_redirect(state);

	redirect.here = true;
	take(state, &redirect, tb[NFTA_TPROXY_REG_ADDR],
	     tb[NFTA_TPROXY_REG_PORT]);
	return found(state, &redirect);
}

/**
 * nft_do_target() - Do what an iptables target does.
 * @state: the packet in the rule
 * @data: data of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_target(struct state *state, struct nlattr *data)
{
	struct redirect redirect = new_redirect(state);

	if (!nft_xt_target(data, &redirect))
		return COURSE_NEXT;
	return found(state, &redirect);
}
