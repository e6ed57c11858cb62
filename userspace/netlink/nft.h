/* SPDX-License-Identifier: GPL-2.0 */
/* nftables rules, and where they redirect a packet. */
#ifndef PORTOWNER_NFT_H
#define PORTOWNER_NFT_H

#include <netlink/attr.h>
#include <netlink/msg.h>

#include "model/redirect.h"

/* Size of all nftables registers. */
#define NFT_BYTES	64

/**
 * struct nft_chain - A list of rules.
 * @family: NFPROTO_*
 * @table: name of its table
 * @name: its name
 * @starts: packets enter it before their destination is decided
 */
struct nft_chain {
	__u8 family;
	char *table;
	char *name;
	bool starts;
};

/**
 * struct nft_rule - A rule.
 * @family: NFPROTO_*
 * @table: name of its table
 * @chain: name of its chain
 * @exprs: copy of its expressions, or NULL
 */
struct nft_rule {
	__u8 family;
	char *table;
	char *chain;
	struct nlattr *exprs;
};

/**
 * struct nft_element - An element of a set or map.
 * @key: its key, or the first key of a range
 * @key_end: the last key of a range, if @has_end
 * @has_end: it is a range of several fields
 * @ends: it only marks the end of the range before it
 * @catches_all: it matches everything that is not in the set
 * @data: its value in a map
 * @data_len: bytes in @data
 * @verdict: NFT_JUMP, NFT_GOTO, … if @has_verdict
 * @has_verdict: the value is a verdict
 * @chain: chain of the verdict, or NULL
 */
struct nft_element {
	unsigned char key[NFT_BYTES];
	unsigned char key_end[NFT_BYTES];
	bool has_end;
	bool ends;
	bool catches_all;
	unsigned char data[NFT_BYTES];
	size_t data_len;
	int verdict;
	bool has_verdict;
	char *chain;
};

/**
 * struct nft_set - A set or map.
 * @family: NFPROTO_*
 * @table: name of its table
 * @name: its name
 * @flags: NFT_SET_*
 * @key_len: bytes in a key
 * @elements: array
 * @n: elements in @elements
 * @room: elements allocated
 * @loaded: @elements are known
 */
struct nft_set {
	__u8 family;
	char *table;
	char *name;
	__u32 flags;
	size_t key_len;
	struct nft_element *elements;
	size_t n;
	size_t room;
	bool loaded;
};

/**
 * struct nft - The rules.
 * @chains: array
 * @n_chains: elements in @chains
 * @chains_room: elements allocated
 * @rules: array; in order within each chain
 * @n_rules: elements in @rules
 * @rules_room: elements allocated
 * @sets: array
 * @n_sets: elements in @sets
 * @sets_room: elements allocated
 * @load: queries the elements of a set
 * @arg: passed to @load
 */
struct nft {
	struct nft_chain *chains;
	size_t n_chains;
	size_t chains_room;
	struct nft_rule *rules;
	size_t n_rules;
	size_t rules_room;
	struct nft_set *sets;
	size_t n_sets;
	size_t sets_room;
	void (*load)(void *arg, struct nft *nft, struct nft_set *set);
	void *arg;
};

/* Decode an nftables answer; returns 0, or a negative libnl error. */
int nft_decode(struct nlmsghdr *nlh, struct nft *nft);
struct nft_set *nft_set_find(struct nft *nft, __u8 family, const char *table,
			     const char *name);
const struct nft_chain *nft_chain_find(const struct nft *nft, __u8 family,
				       const char *table, const char *name);
const char *nft_text(const struct nlattr *attr);
__u32 nft_number(const struct nlattr *attr);
void nft_forget(struct nft *nft);

/**
 * enum nft_match - Does a packet match?
 * @NFT_NO: no
 * @NFT_MAYBE: depends on something unknown about it
 * @NFT_YES: yes
 */
enum nft_match {
	NFT_NO,
	NFT_MAYBE,
	NFT_YES,
};

/* Expressions that wrap an iptables match or target. */
enum nft_match nft_xt_match(struct nlattr *data, const struct packet *packet,
			    bool *by_port);
bool nft_xt_target(struct nlattr *data, struct redirect *redirect);

void nft_redirects(struct nft *nft, const struct packet *packet,
		   struct redirect_list *list);

#endif /* PORTOWNER_NFT_H */
