// SPDX-License-Identifier: GPL-2.0
/* Is a packet in an nftables set, and where does a map lead it? */

#include <string.h>
#include <linux/netfilter/nf_tables.h>

#include "netlink/nft_priv.h"

/* In key order, an element without an end extends to the next one. */
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
	int low = regs_order(regs, at, element->key, set->key_len, known);

	if (low == 2)
		return NFT_MAYBE;
	if (low < 0)
		return NFT_NO;
	return !end || regs_order(regs, at, end->key, set->key_len, known) < 0 ?
		       NFT_YES : NFT_NO;
}

/* Each concatenated field has its own range; four bytes at a time will do. */
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
		low = regs_order(regs, at + i, element->key + i, len, known);
		high = regs_order(regs, at + i, element->key_end + i, len,
				  known);
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
	return regs_equal(regs, at, element->key, set->key_len, known);
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
	/* Sets with NFT_SET_EVAL may be filled by the packet path. */
	return set && set->loaded && !(set->flags & NFT_SET_EVAL) ? set : NULL;
}

/* Follow all values of a map that the packet may lead to. */
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
		nft_fits(&branch, match, known);
		if (element->has_verdict)
			course = nft_follow(&branch, element->verdict,
					    element->chain ? element->chain :
							     "");
		n++;
		last = element;
	}
	if (n != 1)
		return COURSE_BREAK;
	state->sure &= branch.sure;
	return last->has_verdict ? course : COURSE_BREAK;
}

/* Put the value into a register, if only one is possible. */
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
		regs_put(&state->regs, dreg, only->data, only->data_len, KNOWN);
	else
		regs_put_unknown(&state->regs, dreg, NFT_REG_SIZE);
	return nft_fits(state, n == 1 ? match : NFT_MAYBE, of_only);
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
		return nft_fits(state, match, of_match);
	return nft_fits(state, match == NFT_YES ? NFT_NO :
			   match == NFT_NO ? NFT_YES : NFT_MAYBE, 0);
}

/**
 * nft_do_lookup() - Look up a register in a set or map.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_lookup(struct state *state, struct nlattr **tb)
{
	const struct nft_set *set = set_of(state, tb);
	bool inverted = nft_number(tb[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV;
	struct nlattr *dreg = tb[NFTA_LOOKUP_DREG];
	int at = set ? register_at(tb[NFTA_LOOKUP_SREG], set->key_len) : -1;

	if (at < 0) {
		if (dreg)
			regs_put_unknown(&state->regs, dreg, NFT_REG_SIZE);
		return nft_fits(state, NFT_MAYBE, 0);
	}
	if (!dreg)
		return look_for(state, set, at, inverted);
	if (nft_number(dreg) == NFT_REG_VERDICT)
		return follow_map(state, set, at);
	return read_map(state, set, at, dreg);
}
