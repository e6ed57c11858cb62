/* SPDX-License-Identifier: GPL-2.0 */
/* nftables rules in the form of the kernel's answers, and the output of "who". */
#ifndef PORTOWNER_TESTS_RULESET_H
#define PORTOWNER_TESTS_RULESET_H

#include "netlink/nft.h"
#include "tests/harness.h"

#define NO_HOOK	(-1)

/* Everything decoded so far; family and type of the next message. */
extern struct nft nft;
extern __u8 nfproto;
extern const char *chain_type;

/* The message being built, its list, and an entry of the list. */
extern struct nl_msg *nft_msg;
extern struct nlattr *nft_list, *nft_entry;

void put_number(int attr, __u32 number);
void put_data(int attr, const void *bytes, size_t len);
void put_verdict_to(int attr, int code, const char *chain);

void add_chain(const char *name, int hook);

/* Expressions are added between these. */
void rule(const char *chain);
void end_rule(void);

/* Attributes are added between these. */
void expr(const char *name);
void end_expr(void);

void load_meta(__u32 key, __u32 reg);
void load_payload(__u32 base, __u32 offset, __u32 len, __u32 reg);
void load_port(__u32 reg);
void is_proto(__u8 proto);
void port_is(__u32 op, __u16 port);
void not_from_docker(void);

void go(int verdict, const char *chain);
void dnat(const char *ip, __u16 port);
void redirect(__u16 port);
void lookup(const char *set, int dreg);

/* A set, and its elements; end_rule() ends them. */
void add_set(const char *name, __u32 flags, __u32 key_len);
void elements(const char *set);
void element_key(const void *key, size_t len, __u32 flags);
void port_element(__u16 port, __u32 flags);

/* As in Docker's rules: only packets that do not come from its bridge. */
void add_docker(void);

/* The message of "who" about a port that no socket holds. */
void assert_said(const char *target, const char *words);
void assert_not_redirected(const char *target);

int start_nft(void **state);
int stop_nft(void **state);

#define NFT_TEST(name)	cmocka_unit_test_setup_teardown(name, start_nft, stop_nft)

#endif /* PORTOWNER_TESTS_RULESET_H */
