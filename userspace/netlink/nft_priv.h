/* SPDX-License-Identifier: GPL-2.0 */
/* A packet on its way through nftables rules; private to their files. */
#ifndef PORTOWNER_NFT_PRIV_H
#define PORTOWNER_NFT_PRIV_H

#include "netlink/nft.h"

/* What is known about a byte. */
#define KNOWN		1
#define OF_PORT		2

/**
 * struct registers - Registers, which pass values between expressions.
 * @v: bytes
 * @known: for each byte, KNOWN and OF_PORT
 */
struct registers {
	unsigned char v[NFT_BYTES];
	unsigned char known[NFT_BYTES];
};

/**
 * struct walk - A packet on its way.
 * @nft: the rules
 * @packet: the packet
 * @list: gets its redirects
 * @steps: number of rules visited
 * @depth: nesting of jumps
 */
struct walk {
	struct nft *nft;
	const struct packet *packet;
	struct redirect_list *list;
	size_t steps;
	int depth;
};

/**
 * struct state - A packet in a rule.
 * @walk: the packet
 * @rule: the rule
 * @regs: registers
 * @sure: everything compared was known
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
 * enum course - What comes next.
 * @COURSE_NEXT: the next expression
 * @COURSE_BREAK: the next rule
 * @COURSE_RETURN: the rule after the jump
 * @COURSE_STOP: nothing
 */
enum course {
	COURSE_NEXT,
	COURSE_BREAK,
	COURSE_RETURN,
	COURSE_STOP,
};

enum course nft_follow(struct state *state, int verdict, const char *name);

int register_at(const struct nlattr *attr, size_t len);
void regs_forget(struct registers *regs);
void regs_put(struct registers *regs, const struct nlattr *dreg,
	      const void *bytes, size_t len, int known);
void regs_put_unknown(struct registers *regs, const struct nlattr *dreg,
		      size_t len);
int regs_order(const struct registers *regs, int at, const unsigned char *bytes,
	       size_t len, int *known);
enum nft_match regs_equal(const struct registers *regs, int at,
			  const unsigned char *bytes, size_t len, int *known);
bool regs_get(const struct registers *regs, const struct nlattr *sreg,
	      void *bytes, size_t len);

const unsigned char *nft_value(struct nlattr *data, size_t *len);
enum course nft_fits(struct state *state, enum nft_match match, int known);
enum course nft_do_meta(struct state *state, struct nlattr **tb);
enum course nft_do_payload(struct state *state, struct nlattr **tb);
enum course nft_do_cmp(struct state *state, struct nlattr **tb);
enum course nft_do_range(struct state *state, struct nlattr **tb);
enum course nft_do_bitwise(struct state *state, struct nlattr **tb);

enum course nft_do_lookup(struct state *state, struct nlattr **tb);

enum course nft_do_nat(struct state *state, struct nlattr **tb);
enum course nft_do_redir(struct state *state, struct nlattr **tb);
enum course nft_do_tproxy(struct state *state, struct nlattr **tb);
enum course nft_do_target(struct state *state, struct nlattr *data);

#endif /* PORTOWNER_NFT_PRIV_H */
