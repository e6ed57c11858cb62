// SPDX-License-Identifier: GPL-2.0
/*
 * Where the rules of nftables send a packet, of which only family, protocol,
 * port and perhaps address are known. Each byte of a register is known or not,
 * and what depends on one that is not may fit; then both ways are followed.
 */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_nat.h>

#include "lib/util.h"
#include "netlink/attr.h"
#include "netlink/nft.h"

/* Jumps within jumps, as many as the kernel allows. */
#define DEPTH_MAX	16

/* Rules that are looked at: many more than lead to one port. */
#define STEPS_MAX	2000000

/* What is said of a port fits on a screen. */
#define FOUND_MAX	8

/* What is known of a byte. */
#define KNOWN		1
#define OF_PORT		2

/**
 * struct registers - What expressions hand on.
 * @v: bytes
 * @known: for each, KNOWN and OF_PORT
 */
struct registers {
	unsigned char v[NFT_BYTES];
	unsigned char known[NFT_BYTES];
};

/**
 * struct walk - A packet on its way.
 * @nft: the rules
 * @packet: the packet
 * @list: gets where it goes
 * @steps: rules looked at
 * @depth: of jumps
 */
struct walk {
	struct nft *nft;
	const struct packet *packet;
	struct redirect_list *list;
	size_t steps;
	int depth;
};

/**
 * struct state - The packet in a rule.
 * @walk: the packet
 * @rule: the rule
 * @regs: registers
 * @sure: all that was compared was known
 * @by_port: it got here because of its port
 */
struct state {
	struct walk *walk;
	const struct nft_rule *rule;
	struct registers regs;
	bool sure;
	bool by_port;
};

/**
 * enum course - How it goes on.
 * @COURSE_NEXT: with the next expression
 * @COURSE_BREAK: with the next rule
 * @COURSE_RETURN: after the jump
 * @COURSE_STOP: not at all
 */
enum course {
	COURSE_NEXT,
	COURSE_BREAK,
	COURSE_RETURN,
	COURSE_STOP,
};

static enum course walk_chain(struct walk *walk, const struct nft_chain *chain,
			      bool by_port);

static int register_at(const struct nlattr *attr, size_t len)
{
	__u32 reg = nft_number(attr);
	size_t at;

	if (reg >= NFT_REG_1 && reg <= NFT_REG_4)
		at = (reg - NFT_REG_1) * NFT_REG_SIZE;
	else if (reg >= NFT_REG32_00 && reg <= NFT_REG32_15)
		at = (reg - NFT_REG32_00) * NFT_REG32_SIZE;
	else
		return -1;
	return len <= NFT_BYTES - at ? (int)at : -1;
}

static void forget(struct registers *regs)
{
	memset(regs->known, 0, sizeof(regs->known));
}

/* Registers are filled in units of four bytes. */
static void put(struct registers *regs, const struct nlattr *dreg,
		const void *bytes, size_t len, int known)
{
	size_t room = (len + NFT_REG32_SIZE - 1) / NFT_REG32_SIZE *
		      NFT_REG32_SIZE;
	int at = register_at(dreg, room);

	if (at < 0)
		return;
	memset(regs->v + at, 0, room);
	memset(regs->known + at, known ? KNOWN : 0, room);
	if (!known)
		return;
	memcpy(regs->v + at, bytes, len);
	memset(regs->known + at, known, len);
}

static void put_unknown(struct registers *regs, const struct nlattr *dreg,
			size_t len)
{
	put(regs, dreg, NULL, len, 0);
}

/*
 * The answer of a comparison, of which @known was known. That a port is not
 * another one does not make the rule one for it.
 */
static enum course fits(struct state *state, enum nft_match match, int known)
{
	if (match == NFT_NO)
		return COURSE_BREAK;
	if (match == NFT_MAYBE)
		state->sure = false;
	state->by_port |= (known & OF_PORT) != 0;
	return COURSE_NEXT;
}

/* -1, 0 or 1 as of memcmp(), or 2 if it depends on what is not known. */
static int order(const struct registers *regs, int at, const unsigned char *bytes,
		 size_t len, int *known)
{
	bool all = true;
	size_t i;
	int diff;

	for (i = 0; i < len; i++) {
		*known |= regs->known[at + i];
		all &= regs->known[at + i] != 0;
	}
	if (!all)
		return 2;
	diff = memcmp(regs->v + at, bytes, len);
	return (diff > 0) - (diff < 0);
}

/* Is each byte that is known the same? */
static enum nft_match equals(const struct registers *regs, int at,
			     const unsigned char *bytes, size_t len, int *known)
{
	enum nft_match match = NFT_YES;
	size_t i;

	for (i = 0; i < len; i++) {
		if (!regs->known[at + i])
			match = NFT_MAYBE;
		else if (regs->v[at + i] != bytes[i])
			return NFT_NO;
		*known |= regs->known[at + i];
	}
	return match;
}

static const unsigned char *value_of(struct nlattr *data, size_t *len)
{
	struct nlattr *tb[NFTA_DATA_MAX + 1];

	if (!data || nla_parse_nested(tb, NFTA_DATA_MAX, data, NULL) < 0 ||
	    !tb[NFTA_DATA_VALUE])
		return NULL;
	*len = attr_len(tb[NFTA_DATA_VALUE]);
	return attr_data(tb[NFTA_DATA_VALUE]);
}

static enum course do_meta(struct state *state, struct nlattr **tb)
{
	const struct packet *packet = state->walk->packet;
	__u8 proto = packet->proto;
	__u8 family = packet->family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;

	if (!tb[NFTA_META_DREG])
		return COURSE_NEXT;
	switch (nft_number(tb[NFTA_META_KEY])) {
	case NFT_META_L4PROTO:
		put(&state->regs, tb[NFTA_META_DREG], &proto, 1, KNOWN);
		break;
	case NFT_META_NFPROTO:
		put(&state->regs, tb[NFTA_META_DREG], &family, 1, KNOWN);
		break;
	default:
		put_unknown(&state->regs, tb[NFTA_META_DREG], NFT_REG_SIZE);
	}
	return COURSE_NEXT;
}

/* Headers as far as they are known. */
static void make_headers(const struct packet *packet, __u32 base,
			 unsigned char *bytes, unsigned char *known)
{
	bool v4 = packet->family == AF_INET;
	size_t addr_len = v4 ? 4 : 16, addr_at = v4 ? 16 : 24;

	if (base == NFT_PAYLOAD_TRANSPORT_HEADER) {
		bytes[2] = packet->port >> 8;
		bytes[3] = packet->port & 0xff;
		memset(known + 2, KNOWN | OF_PORT, 2);
	} else if (base == NFT_PAYLOAD_NETWORK_HEADER) {
		bytes[v4 ? 9 : 6] = packet->proto;
		known[v4 ? 9 : 6] = KNOWN;
		if (!packet->addr)
			return;
		memcpy(bytes + addr_at, packet->addr, addr_len);
		memset(known + addr_at, KNOWN, addr_len);
	}
}

static enum course do_payload(struct state *state, struct nlattr **tb)
{
	unsigned char bytes[64] = { 0 }, known[64] = { 0 };
	__u32 offset = nft_number(tb[NFTA_PAYLOAD_OFFSET]);
	__u32 len = nft_number(tb[NFTA_PAYLOAD_LEN]);
	int at;

	if (!tb[NFTA_PAYLOAD_DREG])
		return COURSE_NEXT;
	put_unknown(&state->regs, tb[NFTA_PAYLOAD_DREG], len);
	at = register_at(tb[NFTA_PAYLOAD_DREG], len);
	if (at < 0 || offset > sizeof(bytes) || len > sizeof(bytes) - offset)
		return COURSE_NEXT;
	make_headers(state->walk->packet, nft_number(tb[NFTA_PAYLOAD_BASE]),
		     bytes, known);
	/* The rest of four bytes is zero. */
	put(&state->regs, tb[NFTA_PAYLOAD_DREG], bytes + offset, len, KNOWN);
	memcpy(state->regs.known + at, known + offset, len);
	return COURSE_NEXT;
}

static bool cmp_fits(__u32 op, int diff)
{
	switch (op) {
	case NFT_CMP_NEQ:
		return diff != 0;
	case NFT_CMP_LT:
		return diff < 0;
	case NFT_CMP_LTE:
		return diff <= 0;
	case NFT_CMP_GT:
		return diff > 0;
	case NFT_CMP_GTE:
		return diff >= 0;
	default:
		return !diff;
	}
}

static enum course do_cmp(struct state *state, struct nlattr **tb)
{
	size_t len = 0;
	const unsigned char *bytes = value_of(tb[NFTA_CMP_DATA], &len);
	__u32 op = nft_number(tb[NFTA_CMP_OP]);
	int at = register_at(tb[NFTA_CMP_SREG], len), known = 0, diff;
	enum nft_match match;

	if (!bytes || at < 0)
		return fits(state, NFT_MAYBE, 0);
	if (op == NFT_CMP_EQ) {
		match = equals(&state->regs, at, bytes, len, &known);
		return fits(state, match, known);
	}
	diff = order(&state->regs, at, bytes, len, &known);
	if (diff == 2)
		return fits(state, NFT_MAYBE, 0);
	return fits(state, cmp_fits(op, diff) ? NFT_YES : NFT_NO,
		    op == NFT_CMP_NEQ ? 0 : known);
}

static enum course do_range(struct state *state, struct nlattr **tb)
{
	size_t len = 0, to_len = 0;
	const unsigned char *from = value_of(tb[NFTA_RANGE_FROM_DATA], &len);
	const unsigned char *to = value_of(tb[NFTA_RANGE_TO_DATA], &to_len);
	bool inverted = nft_number(tb[NFTA_RANGE_OP]) == NFT_RANGE_NEQ;
	int at = register_at(tb[NFTA_RANGE_SREG], len), known = 0, low, high;

	if (!from || !to || len != to_len || at < 0)
		return fits(state, NFT_MAYBE, 0);
	low = order(&state->regs, at, from, len, &known);
	high = order(&state->regs, at, to, len, &known);
	if (low == 2)
		return fits(state, NFT_MAYBE, 0);
	return fits(state, (low >= 0 && high <= 0) != inverted ? NFT_YES : NFT_NO,
		    inverted ? 0 : known);
}

/* Only what is not changed stays known. */
static enum course do_bitwise(struct state *state, struct nlattr **tb)
{
	size_t len = nft_number(tb[NFTA_BITWISE_LEN]), n = 0, i;
	int from = register_at(tb[NFTA_BITWISE_SREG], len);
	int to = register_at(tb[NFTA_BITWISE_DREG], len);
	const unsigned char *mask = value_of(tb[NFTA_BITWISE_MASK], &n), *flip;
	struct registers old = state->regs;

	put_unknown(&state->regs, tb[NFTA_BITWISE_DREG], len);
	if (!mask || n != len || from < 0 || to < 0)
		return COURSE_NEXT;
	flip = value_of(tb[NFTA_BITWISE_XOR], &n);
	for (i = 0; flip && n == len && i < len; i++) {
		state->regs.v[to + i] = (old.v[from + i] & mask[i]) ^ flip[i];
		state->regs.known[to + i] = mask[i] ? old.known[from + i] : KNOWN;
	}
	return COURSE_NEXT;
}

/* In order of keys, an element without an end goes on to the next one. */
static const struct nft_element *end_of(const struct nft_set *set,
					const struct nft_element *element)
{
	const struct nft_element *end = NULL, *other = set->elements;
	size_t i;

	for (i = 0; i < set->n; i++, other++)
		if (memcmp(other->key, element->key, set->key_len) > 0 &&
		    (!end || memcmp(other->key, end->key, set->key_len) < 0))
			end = other;
	return end;
}

static enum nft_match in_interval(const struct registers *regs, int at,
				  const struct nft_set *set,
				  const struct nft_element *element, int *known)
{
	const struct nft_element *end = end_of(set, element);
	int low = order(regs, at, element->key, set->key_len, known);

	if (low == 2)
		return NFT_MAYBE;
	if (low < 0)
		return NFT_NO;
	return !end || order(regs, at, end->key, set->key_len, known) < 0 ?
		       NFT_YES : NFT_NO;
}

/* Each field of several has a range of its own; four bytes at a time will do. */
static enum nft_match in_ranges(const struct registers *regs, int at,
				const struct nft_set *set,
				const struct nft_element *element, int *known)
{
	enum nft_match match = NFT_YES;
	size_t i, len;
	int low, high;

	for (i = 0; i < set->key_len; i += NFT_REG32_SIZE) {
		len = set->key_len - i < NFT_REG32_SIZE ? set->key_len - i :
							  NFT_REG32_SIZE;
		low = order(regs, at + i, element->key + i, len, known);
		high = order(regs, at + i, element->key_end + i, len, known);
		if (low == 2)
			match = NFT_MAYBE;
		else if (low < 0 || high > 0)
			return NFT_NO;
	}
	return match;
}

static enum nft_match in_element(const struct registers *regs, int at,
				 const struct nft_set *set,
				 const struct nft_element *element, int *known)
{
	if (element->ends)
		return NFT_NO;
	if (element->catches_all)
		return NFT_MAYBE;
	if (element->has_end)
		return in_ranges(regs, at, set, element, known);
	if (set->flags & NFT_SET_INTERVAL && !(set->flags & NFT_SET_CONCAT))
		return in_interval(regs, at, set, element, known);
	return equals(regs, at, element->key, set->key_len, known);
}

static struct nft_set *set_of(struct state *state, struct nlattr **tb)
{
	struct nft *nft = state->walk->nft;
	const struct nft_rule *rule = state->rule;
	struct nft_set *set;

	set = nft_set_find(nft, rule->family, rule->table,
			   nft_text(tb[NFTA_LOOKUP_SET]));
	if (set && !set->loaded && nft->load)
		nft->load(nft->arg, nft, set);
	/* It may be one that the packet path fills in. */
	return set && set->loaded && !(set->flags & NFT_SET_EVAL) ? set : NULL;
}

static enum course follow(struct state *state, int verdict, const char *name)
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

/* Of a map, all values are followed that the packet may lead to. */
static enum course follow_map(struct state *state, const struct nft_set *set,
			      int at)
{
	const struct nft_element *element = set->elements, *last = NULL;
	enum course course = COURSE_BREAK;
	struct state branch;
	size_t i, n = 0;

	for (i = 0; i < set->n; i++, element++) {
		enum nft_match match;
		int known = 0;

		match = in_element(&state->regs, at, set, element, &known);
		if (match == NFT_NO)
			continue;
		branch = *state;
		fits(&branch, match, known);
		if (element->has_verdict)
			course = follow(&branch, element->verdict,
					element->chain ? element->chain : "");
		n++;
		last = element;
	}
	if (n != 1)
		return COURSE_BREAK;
	state->sure &= branch.sure;
	return last->has_verdict ? course : COURSE_BREAK;
}

/* The value goes into a register, if there is only one that it can be. */
static enum course read_map(struct state *state, const struct nft_set *set,
			    int at, const struct nlattr *dreg)
{
	const struct nft_element *element = set->elements, *only = NULL;
	enum nft_match match = NFT_NO;
	int known = 0, of_only = 0;
	size_t i, n = 0;

	for (i = 0; i < set->n; i++, element++) {
		enum nft_match this;

		known = 0;
		this = in_element(&state->regs, at, set, element, &known);
		if (this == NFT_NO)
			continue;
		only = element;
		of_only = known;
		match = this;
		n++;
	}
	if (!n)
		return COURSE_BREAK;
	if (n == 1)
		put(&state->regs, dreg, only->data, only->data_len, KNOWN);
	else
		put_unknown(&state->regs, dreg, NFT_REG_SIZE);
	return fits(state, n == 1 ? match : NFT_MAYBE, of_only);
}

static enum course look_for(struct state *state, const struct nft_set *set,
			    int at, bool inverted)
{
	const struct nft_element *element = set->elements;
	enum nft_match match = NFT_NO, this;
	int known = 0, of_match = 0;
	size_t i;

	for (i = 0; i < set->n && match != NFT_YES; i++, element++) {
		known = 0;
		this = in_element(&state->regs, at, set, element, &known);
		if (this > match) {
			match = this;
			of_match = known;
		}
	}
	if (!inverted)
		return fits(state, match, of_match);
	return fits(state, match == NFT_YES ? NFT_NO :
			   match == NFT_NO ? NFT_YES : NFT_MAYBE, 0);
}

static enum course do_lookup(struct state *state, struct nlattr **tb)
{
	const struct nft_set *set = set_of(state, tb);
	bool inverted = nft_number(tb[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV;
	struct nlattr *dreg = tb[NFTA_LOOKUP_DREG];
	int at = set ? register_at(tb[NFTA_LOOKUP_SREG], set->key_len) : -1;

	if (at < 0) {
		if (dreg)
			put_unknown(&state->regs, dreg, NFT_REG_SIZE);
		return fits(state, NFT_MAYBE, 0);
	}
	if (!dreg)
		return look_for(state, set, at, inverted);
	if (nft_number(dreg) == NFT_REG_VERDICT)
		return follow_map(state, set, at);
	return read_map(state, set, at, dreg);
}

static enum course do_immediate(struct state *state, struct nlattr **tb)
{
	struct nlattr *data[NFTA_DATA_MAX + 1], *verdict[NFTA_VERDICT_MAX + 1];
	size_t len;
	const unsigned char *bytes = value_of(tb[NFTA_IMMEDIATE_DATA], &len);

	if (bytes) {
		put(&state->regs, tb[NFTA_IMMEDIATE_DREG], bytes, len, KNOWN);
		return COURSE_NEXT;
	}
	if (!tb[NFTA_IMMEDIATE_DATA] ||
	    nla_parse_nested(data, NFTA_DATA_MAX, tb[NFTA_IMMEDIATE_DATA], NULL) < 0 ||
	    !data[NFTA_DATA_VERDICT] ||
	    nla_parse_nested(verdict, NFTA_VERDICT_MAX, data[NFTA_DATA_VERDICT],
			     NULL) < 0)
		return COURSE_BREAK;
	return follow(state, (int)nft_number(verdict[NFTA_VERDICT_CODE]),
		      nft_text(verdict[NFTA_VERDICT_CHAIN]));
}

/* What is in a register, if all of it is known. */
static bool get(const struct registers *regs, const struct nlattr *sreg,
		void *bytes, size_t len)
{
	int at = sreg ? register_at(sreg, len) : -1;

	if (at < 0 || memchr(regs->known + at, 0, len))
		return false;
	memcpy(bytes, regs->v + at, len);
	return true;
}

static void take(struct state *state, struct redirect *redirect,
		 const struct nlattr *addr, const struct nlattr *port)
{
	size_t len = redirect->family == AF_INET ? 4 : 16;
	__be16 number;

	redirect->has_addr = get(&state->regs, addr, redirect->addr, len);
	if (get(&state->regs, port, &number, sizeof(number)))
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

/* The packet goes there, or if it is not sure that it comes here, may. */
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

static enum course do_nat(struct state *state, struct nlattr **tb)
{
	struct redirect redirect = new_redirect(state);

	if (nft_number(tb[NFTA_NAT_TYPE]) != NFT_NAT_DNAT)
		return COURSE_NEXT;
	take(state, &redirect, tb[NFTA_NAT_REG_ADDR_MIN],
	     tb[NFTA_NAT_REG_PROTO_MIN]);
	return found(state, &redirect);
}

static enum course do_redir(struct state *state, struct nlattr **tb)
{
	struct redirect redirect = new_redirect(state);

	redirect.here = true;
	take(state, &redirect, NULL, tb[NFTA_REDIR_REG_PROTO_MIN]);
	return found(state, &redirect);
}

static enum course do_tproxy(struct state *state, struct nlattr **tb)
{
	struct redirect redirect = new_redirect(state);

	redirect.here = true;
	take(state, &redirect, tb[NFTA_TPROXY_REG_ADDR],
	     tb[NFTA_TPROXY_REG_PORT]);
	return found(state, &redirect);
}

static enum course do_target(struct state *state, struct nlattr *data)
{
	struct redirect redirect = new_redirect(state);

	if (!nft_xt_target(data, &redirect))
		return COURSE_NEXT;
	return found(state, &redirect);
}

static enum course do_match(struct state *state, struct nlattr *data)
{
	bool by_port = false;
	enum nft_match match = nft_xt_match(data, state->walk->packet, &by_port);

	return fits(state, match, by_port ? OF_PORT : 0);
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
		{ "meta", do_meta },
		{ "payload", do_payload },
		{ "cmp", do_cmp },
		{ "range", do_range },
		{ "bitwise", do_bitwise },
		{ "lookup", do_lookup },
		{ "immediate", do_immediate },
		{ "nat", do_nat },
		{ "redir", do_redir },
		{ "tproxy", do_tproxy },
	};
	struct nlattr *tb[ATTRIBUTES_MAX + 1] = { NULL };
	size_t i;

	if (is_harmless(name))
		return COURSE_NEXT;
	if (data && !strcmp(name, "match"))
		return do_match(state, data);
	if (data && !strcmp(name, "target"))
		return do_target(state, data);
	for (i = 0; i < ARRAY_SIZE(known); i++) {
		if (strcmp(known[i].name, name))
			continue;
		if (data && nla_parse_nested(tb, ATTRIBUTES_MAX, data, NULL) < 0)
			return COURSE_BREAK;
		return known[i].run(state, tb);
	}
	/* Whatever it does, it may have changed any register. */
	forget(&state->regs);
	return fits(state, NFT_MAYBE, 0);
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
 * @list: gets where
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
