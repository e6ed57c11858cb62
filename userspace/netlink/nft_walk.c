// SPDX-License-Identifier: GPL-2.0
/*
 * Where nftables rules redirect a packet of which only family, protocol, port
 * and perhaps address are known. Each byte of a register is known or unknown;
 * what depends on an unknown one may match, and then both ways are followed.
 */

#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "lib/util.h"
#include "netlink/attr.h"
#include "netlink/nft_priv.h"

/* Maximum nesting of jumps, as in the kernel. */
#define DEPTH_MAX	16

/* Maximum number of rules visited: many more than lead to one port. */
#define STEPS_MAX	2000000

static enum course walk_chain(struct walk *walk, const struct nft_chain *chain,
			      bool by_port);

/**
 * nft_follow() - Act on a verdict.
 * @state: the packet in the rule
 * @verdict: NFT_JUMP, NFT_GOTO, NF_ACCEPT, …
 * @name: chain to jump or go to
 *
 * Return: what comes next.
 */
enum course nft_follow(struct state *state, int verdict, const char *name)
{
	struct walk *walk = state->walk;
	const struct nft_rule *rule = state->rule;
	const struct nft_chain *chain;
	enum course course;

	if (verdict != NFT_JUMP && verdict != NFT_GOTO) {
		if (!state->sure || verdict == NFT_BREAK)
			return COURSE_BREAK;
		return verdict == NFT_CONTINUE ? COURSE_NEXT :
		       verdict == NFT_RETURN ? COURSE_RETURN : COURSE_STOP;
	}
	chain = nft_chain_find(walk->nft, rule->family, rule->table, name);
	course = chain ? walk_chain(walk, chain, state->by_port) : COURSE_BREAK;
	if (!state->sure)
		return COURSE_BREAK;
	if (course == COURSE_STOP)
		return COURSE_STOP;
	return verdict == NFT_GOTO ? COURSE_RETURN : COURSE_BREAK;
}

static enum course do_immediate(struct state *state, struct nlattr **tb)
{
	struct nlattr *data[NFTA_DATA_MAX + 1], *verdict[NFTA_VERDICT_MAX + 1];
	size_t len;
	const unsigned char *bytes = nft_value(tb[NFTA_IMMEDIATE_DATA], &len);

	if (bytes) {
		regs_put(&state->regs, tb[NFTA_IMMEDIATE_DREG], bytes, len,
			 KNOWN);
		return COURSE_NEXT;
	}
	if (!tb[NFTA_IMMEDIATE_DATA] ||
	    nla_parse_nested(data, NFTA_DATA_MAX, tb[NFTA_IMMEDIATE_DATA], NULL) < 0 ||
	    !data[NFTA_DATA_VERDICT] ||
	    nla_parse_nested(verdict, NFTA_VERDICT_MAX, data[NFTA_DATA_VERDICT],
			     NULL) < 0)
		return COURSE_BREAK;
	return nft_follow(state, (int)nft_number(verdict[NFTA_VERDICT_CODE]),
			  nft_text(verdict[NFTA_VERDICT_CHAIN]));
}

static enum course do_match(struct state *state, struct nlattr *data)
{
	bool by_port = false;
	enum nft_match match = nft_xt_match(data, state->walk->packet, &by_port);

	return nft_fits(state, match, by_port ? OF_PORT : 0);
}

/* Expressions that change no register and let every packet pass. */
static bool is_harmless(const char *name)
{
	static const char * const names[] = {
		"counter", "log", "last", "notrack", "masq",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (!strcmp(names[i], name))
			return true;
	return false;
}

#define ATTRIBUTES_MAX	16

static enum course do_expr(struct state *state, const char *name,
			   struct nlattr *data)
{
	static const struct {
		const char *name;
		enum course (*run)(struct state *state, struct nlattr **tb);
	} known[] = {
		{ "meta", nft_do_meta },
		{ "payload", nft_do_payload },
		{ "cmp", nft_do_cmp },
		{ "range", nft_do_range },
		{ "bitwise", nft_do_bitwise },
		{ "lookup", nft_do_lookup },
		{ "immediate", do_immediate },
		{ "nat", nft_do_nat },
		{ "redir", nft_do_redir },
		{ "tproxy", nft_do_tproxy },
	};
	struct nlattr *tb[ATTRIBUTES_MAX + 1] = { NULL };
	size_t i;

	if (is_harmless(name))
		return COURSE_NEXT;
	if (data && !strcmp(name, "match"))
		return do_match(state, data);
	if (data && !strcmp(name, "target"))
		return nft_do_target(state, data);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].name, name))
			continue;
		if (data && nla_parse_nested(tb, ATTRIBUTES_MAX, data, NULL) < 0)
			return COURSE_BREAK;
		return known[i].run(state, tb);
	}
	/* An unknown expression may have changed any register. */
	regs_forget(&state->regs);
	return nft_fits(state, NFT_MAYBE, 0);
}

static enum course walk_rule(struct walk *walk, const struct nft_rule *rule,
			     bool by_port)
{
	struct state state = {
		.walk = walk, .rule = rule, .sure = true, .by_port = by_port,
	};
	struct nlattr *tb[NFTA_EXPR_MAX + 1], *attr;
	enum course course = COURSE_NEXT;
	int left;

	if (!rule->exprs)
		return COURSE_BREAK;
	left = nla_len(rule->exprs);
	for (attr = nla_data(rule->exprs); attr_ok(attr, left);
	     attr = attr_next(attr, &left)) {
		if (nla_parse_nested(tb, NFTA_EXPR_MAX, attr, NULL) < 0)
			return COURSE_BREAK;
		course = do_expr(&state, nft_text(tb[NFTA_EXPR_NAME]),
				 tb[NFTA_EXPR_DATA]);
		if (course != COURSE_NEXT)
			break;
	}
	return course;
}

static bool is_of(const struct nft_rule *rule, const struct nft_chain *chain)
{
	return rule->family == chain->family &&
	       !strcmp(rule->chain, chain->name) &&
	       !strcmp(rule->table, chain->table);
}

static enum course walk_chain(struct walk *walk, const struct nft_chain *chain,
			      bool by_port)
{
	enum course course = COURSE_BREAK;
	size_t i;

	if (walk->depth == DEPTH_MAX)
		return COURSE_BREAK;
	walk->depth++;
	for (i = 0; i < walk->nft->n_rules && walk->steps < STEPS_MAX; i++) {
		walk->steps++;
		if (!is_of(&walk->nft->rules[i], chain))
			continue;
		course = walk_rule(walk, &walk->nft->rules[i], by_port);
		if (course == COURSE_RETURN || course == COURSE_STOP)
			break;
	}
	walk->depth--;
	return course == COURSE_STOP ? COURSE_STOP : COURSE_BREAK;
}

static bool is_start(const struct nft_chain *chain, __u16 family)
{
	return chain->starts &&
	       (chain->family == NFPROTO_INET ||
		chain->family == (family == AF_INET ? NFPROTO_IPV4 :
						      NFPROTO_IPV6));
}

/**
 * nft_redirects() - Find out where the rules may send a packet.
 * @nft: the rules
 * @packet: the packet, from another host or this one
 * @list: gets the redirects
 */
void nft_redirects(struct nft *nft, const struct packet *packet,
		   struct redirect_list *list)
{
	struct walk walk = { .nft = nft, .packet = packet, .list = list };
	size_t i;

	for (i = 0; i < nft->n_chains; i++)
		if (is_start(&nft->chains[i], packet->family))
			walk_chain(&walk, &nft->chains[i], false);
}
