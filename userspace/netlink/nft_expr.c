// SPDX-License-Identifier: GPL-2.0
/* nftables expressions that load a packet into registers, or compare it. */

#include <netinet/in.h>
#include <string.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "netlink/attr.h"
#include "netlink/nft_priv.h"

/**
 * nft_value() - The bytes of a value in an expression.
 * @data: attribute that contains them, or NULL
 * @len: set to their number
 *
 * Return: the bytes, or NULL for a verdict or no value.
 */
const unsigned char *nft_value(struct nlattr *data, size_t *len)
{
	struct nlattr *tb[NFTA_DATA_MAX + 1];

	if (!data || nla_parse_nested(tb, NFTA_DATA_MAX, data, NULL) < 0 ||
	    !tb[NFTA_DATA_VALUE])
		return NULL;
	*len = attr_len(tb[NFTA_DATA_VALUE]);
	return attr_data(tb[NFTA_DATA_VALUE]);
}

/**
 * nft_fits() - Decide what comes after a comparison.
 * @state: the packet in the rule
 * @match: result of the comparison
 * @known: what was known about the operand, KNOWN and OF_PORT
 *
 * A rule that only excludes another port is not specific to this one, so
 * OF_PORT is not in @known then.
 *
 * Return: what comes next.
 */
enum course nft_fits(struct state *state, enum nft_match match, int known)
{
	if (match == NFT_NO)
		return COURSE_BREAK;
	if (match == NFT_MAYBE)
		state->sure = false;
	state->by_port |= (known & OF_PORT) != 0;
	return COURSE_NEXT;
}

/**
 * nft_do_meta() - Load known metadata of a packet.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_meta(struct state *state, struct nlattr **tb)
{
	const struct packet *packet = state->walk->packet;
	__u8 proto = packet->proto;
	__u8 family = packet->family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;

	if (!tb[NFTA_META_DREG])
		return COURSE_NEXT;
	switch (nft_number(tb[NFTA_META_KEY])) {
	case NFT_META_L4PROTO:
		regs_put(&state->regs, tb[NFTA_META_DREG], &proto, 1, KNOWN);
		break;
	case NFT_META_NFPROTO:
		regs_put(&state->regs, tb[NFTA_META_DREG], &family, 1, KNOWN);
		break;
	default:
		regs_put_unknown(&state->regs, tb[NFTA_META_DREG],
				 NFT_REG_SIZE);
	}
	return COURSE_NEXT;
}

/* The known parts of the headers. */
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

/**
 * nft_do_payload() - Load bytes of a packet.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_payload(struct state *state, struct nlattr **tb)
{
	unsigned char bytes[64] = { 0 }, known[64] = { 0 };
	__u32 offset = nft_number(tb[NFTA_PAYLOAD_OFFSET]);
	__u32 len = nft_number(tb[NFTA_PAYLOAD_LEN]);
	int at;

	if (!tb[NFTA_PAYLOAD_DREG])
		return COURSE_NEXT;
	regs_put_unknown(&state->regs, tb[NFTA_PAYLOAD_DREG], len);
	at = register_at(tb[NFTA_PAYLOAD_DREG], len);
	if (at < 0 || offset > sizeof(bytes) || len > sizeof(bytes) - offset)
		return COURSE_NEXT;
	make_headers(state->walk->packet, nft_number(tb[NFTA_PAYLOAD_BASE]),
		     bytes, known);
	/* The rest of a register of four bytes is zero. */
	regs_put(&state->regs, tb[NFTA_PAYLOAD_DREG], bytes + offset, len,
		 KNOWN);
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

/**
 * nft_do_cmp() - Compare a register with a value.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_cmp(struct state *state, struct nlattr **tb)
{
	size_t len = 0;
	const unsigned char *bytes = nft_value(tb[NFTA_CMP_DATA], &len);
	__u32 op = nft_number(tb[NFTA_CMP_OP]);
	int at = register_at(tb[NFTA_CMP_SREG], len), known = 0, diff;
	enum nft_match match;

	if (!bytes || at < 0)
		return nft_fits(state, NFT_MAYBE, 0);
	if (op == NFT_CMP_EQ) {
		match = regs_equal(&state->regs, at, bytes, len, &known);
		return nft_fits(state, match, known);
	}
	diff = regs_order(&state->regs, at, bytes, len, &known);
	if (diff == 2)
		return nft_fits(state, NFT_MAYBE, 0);
	return nft_fits(state, cmp_fits(op, diff) ? NFT_YES : NFT_NO,
			op == NFT_CMP_NEQ ? 0 : known);
}

/**
 * nft_do_range() - Compare a register with a range of values.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_range(struct state *state, struct nlattr **tb)
{
	size_t len = 0, to_len = 0;
	const unsigned char *from = nft_value(tb[NFTA_RANGE_FROM_DATA], &len);
	const unsigned char *to = nft_value(tb[NFTA_RANGE_TO_DATA], &to_len);
	bool inverted = nft_number(tb[NFTA_RANGE_OP]) == NFT_RANGE_NEQ;
	int at = register_at(tb[NFTA_RANGE_SREG], len), known = 0, low, high;

	if (!from || !to || len != to_len || at < 0)
		return nft_fits(state, NFT_MAYBE, 0);
	low = regs_order(&state->regs, at, from, len, &known);
	high = regs_order(&state->regs, at, to, len, &known);
	if (low == 2)
		return nft_fits(state, NFT_MAYBE, 0);
	return nft_fits(state, (low >= 0 && high <= 0) != inverted ? NFT_YES :
								     NFT_NO,
			inverted ? 0 : known);
}

/**
 * nft_do_bitwise() - Mask a register.
 * @state: the packet in the rule
 * @tb: attributes of the expression
 *
 * Return: what comes next.
 */
enum course nft_do_bitwise(struct state *state, struct nlattr **tb)
{
	size_t len = nft_number(tb[NFTA_BITWISE_LEN]), n = 0, i;
	int from = register_at(tb[NFTA_BITWISE_SREG], len);
	int to = register_at(tb[NFTA_BITWISE_DREG], len);
	const unsigned char *mask = nft_value(tb[NFTA_BITWISE_MASK], &n), *flip;
	struct registers old = state->regs;

	regs_put_unknown(&state->regs, tb[NFTA_BITWISE_DREG], len);
	if (!mask || n != len || from < 0 || to < 0)
		return COURSE_NEXT;
	flip = nft_value(tb[NFTA_BITWISE_XOR], &n);
	for (i = 0; flip && n == len && i < len; i++) {
		state->regs.v[to + i] = (old.v[from + i] & mask[i]) ^ flip[i];
		state->regs.known[to + i] = mask[i] ? old.known[from + i] : KNOWN;
	}
	return COURSE_NEXT;
}
