// SPDX-License-Identifier: GPL-2.0
/* nftables rules in the form of the kernel's answers, and the output of "who". */

#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include "tests/ruleset.h"

struct nft nft;
__u8 nfproto;
const char *chain_type;
struct nl_msg *nft_msg;
struct nlattr *nft_list, *nft_entry;

static struct nlattr *data;

static void begin(int command)
{
	struct nfgenmsg header = { .nfgen_family = nfproto };

	nft_msg = nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | command, 0);
	assert_non_null(nft_msg);
	nlmsg_append(nft_msg, &header, sizeof(header), NLMSG_ALIGNTO);
}

static void end(void)
{
	assert_int_equal(nft_decode(nlmsg_hdr(nft_msg), &nft), 0);
	nlmsg_free(nft_msg);
}

void put_number(int attr, __u32 number)
{
	nla_put_u32(nft_msg, attr, htonl(number));
}

void put_data(int attr, const void *bytes, size_t len)
{
	struct nlattr *nest = nla_nest_start(nft_msg, attr);

	nla_put(nft_msg, NFTA_DATA_VALUE, len, bytes);
	nla_nest_end(nft_msg, nest);
}

void put_verdict_to(int attr, int code, const char *chain)
{
	struct nlattr *nest = nla_nest_start(nft_msg, attr);
	struct nlattr *inner = nla_nest_start(nft_msg, NFTA_DATA_VERDICT);

	put_number(NFTA_VERDICT_CODE, code);
	if (chain)
		nla_put_string(nft_msg, NFTA_VERDICT_CHAIN, chain);
	nla_nest_end(nft_msg, inner);
	nla_nest_end(nft_msg, nest);
}

void add_chain(const char *name, int hook)
{
	struct nlattr *nest;

	begin(NFT_MSG_NEWCHAIN);
	nla_put_string(nft_msg, NFTA_CHAIN_TABLE, "nat");
	nla_put_string(nft_msg, NFTA_CHAIN_NAME, name);
	if (hook != NO_HOOK) {
		nest = nla_nest_start(nft_msg, NFTA_CHAIN_HOOK);
		put_number(NFTA_HOOK_HOOKNUM, hook);
		nla_nest_end(nft_msg, nest);
		nla_put_string(nft_msg, NFTA_CHAIN_TYPE, chain_type);
	}
	end();
}

void rule(const char *chain)
{
	begin(NFT_MSG_NEWRULE);
	nla_put_string(nft_msg, NFTA_RULE_TABLE, "nat");
	nla_put_string(nft_msg, NFTA_RULE_CHAIN, chain);
	nft_list = nla_nest_start(nft_msg, NFTA_RULE_EXPRESSIONS);
}

void end_rule(void)
{
	nla_nest_end(nft_msg, nft_list);
	end();
}

void expr(const char *name)
{
	nft_entry = nla_nest_start(nft_msg, NFTA_LIST_ELEM);
	nla_put_string(nft_msg, NFTA_EXPR_NAME, name);
	data = nla_nest_start(nft_msg, NFTA_EXPR_DATA);
}

void end_expr(void)
{
	nla_nest_end(nft_msg, data);
	nla_nest_end(nft_msg, nft_entry);
}

void load_meta(__u32 key, __u32 reg)
{
	expr("meta");
	put_number(NFTA_META_KEY, key);
	put_number(NFTA_META_DREG, reg);
	end_expr();
}

void load_payload(__u32 base, __u32 offset, __u32 len, __u32 reg)
{
	expr("payload");
	put_number(NFTA_PAYLOAD_BASE, base);
	put_number(NFTA_PAYLOAD_OFFSET, offset);
	put_number(NFTA_PAYLOAD_LEN, len);
	put_number(NFTA_PAYLOAD_DREG, reg);
	end_expr();
}

static void cmp(__u32 op, const void *bytes, size_t len)
{
	expr("cmp");
	put_number(NFTA_CMP_SREG, NFT_REG_1);
	put_number(NFTA_CMP_OP, op);
	put_data(NFTA_CMP_DATA, bytes, len);
	end_expr();
}

void is_proto(__u8 proto)
{
	load_meta(NFT_META_L4PROTO, NFT_REG_1);
	cmp(NFT_CMP_EQ, &proto, 1);
}

void load_port(__u32 reg)
{
	load_payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, reg);
}

void port_is(__u32 op, __u16 port)
{
	__be16 bytes = htons(port);

	load_port(NFT_REG_1);
	cmp(op, &bytes, sizeof(bytes));
}

void not_from_docker(void)
{
	load_meta(NFT_META_IIFNAME, NFT_REG_1);
	cmp(NFT_CMP_NEQ, "docker0\0\0\0\0\0\0\0\0", 16);
}

static void immediate(__u32 reg, const void *bytes, size_t len)
{
	expr("immediate");
	put_number(NFTA_IMMEDIATE_DREG, reg);
	put_data(NFTA_IMMEDIATE_DATA, bytes, len);
	end_expr();
}

void go(int verdict, const char *chain)
{
	expr("immediate");
	put_number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	put_verdict_to(NFTA_IMMEDIATE_DATA, verdict, chain);
	end_expr();
}

/* To the address in register 1, and the port in register 2. */
static void nat(bool has_port)
{
	expr("nat");
	put_number(NFTA_NAT_TYPE, NFT_NAT_DNAT);
	put_number(NFTA_NAT_FAMILY, nfproto);
	put_number(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	if (has_port)
		put_number(NFTA_NAT_REG_PROTO_MIN, NFT_REG_2);
	end_expr();
}

void dnat(const char *ip, __u16 port)
{
	bool v6 = strchr(ip, ':');
	__be16 number = htons(port);
	unsigned char addr[16];

	assert_int_equal(inet_pton(v6 ? AF_INET6 : AF_INET, ip, addr), 1);
	immediate(NFT_REG_1, addr, v6 ? 16 : 4);
	if (port)
		immediate(NFT_REG_2, &number, 2);
	nat(port);
}

void redirect(__u16 port)
{
	__be16 number = htons(port);

	immediate(NFT_REG_1, &number, 2);
	expr("redir");
	put_number(NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1);
	end_expr();
}

void add_set(const char *name, __u32 flags, __u32 key_len)
{
	begin(NFT_MSG_NEWSET);
	nla_put_string(nft_msg, NFTA_SET_TABLE, "nat");
	nla_put_string(nft_msg, NFTA_SET_NAME, name);
	put_number(NFTA_SET_FLAGS, flags);
	put_number(NFTA_SET_KEY_LEN, key_len);
	end();
}

void elements(const char *set)
{
	begin(NFT_MSG_NEWSETELEM);
	nla_put_string(nft_msg, NFTA_SET_ELEM_LIST_TABLE, "nat");
	nla_put_string(nft_msg, NFTA_SET_ELEM_LIST_SET, set);
	nft_list = nla_nest_start(nft_msg, NFTA_SET_ELEM_LIST_ELEMENTS);
}

void element_key(const void *key, size_t len, __u32 flags)
{
	nft_entry = nla_nest_start(nft_msg, NFTA_LIST_ELEM);
	put_data(NFTA_SET_ELEM_KEY, key, len);
	if (flags)
		put_number(NFTA_SET_ELEM_FLAGS, flags);
}

void port_element(__u16 port, __u32 flags)
{
	__be16 key = htons(port);

	element_key(&key, sizeof(key), flags);
	nla_nest_end(nft_msg, nft_entry);
}

void lookup(const char *set, int dreg)
{
	expr("lookup");
	nla_put_string(nft_msg, NFTA_LOOKUP_SET, set);
	put_number(NFTA_LOOKUP_SREG, NFT_REG_1);
	if (dreg >= 0)
		put_number(NFTA_LOOKUP_DREG, dreg);
	end_expr();
}

void assert_said(const char *target, const char *words)
{
	run(cmd_who, target);
	assert_int_equal(status, STATUS_NO);
	assert_words(said, words);
}

void assert_not_redirected(const char *target)
{
	assert_said(target, ": no socket holds it, and no nftables, "
			    "iptables or IPVS rule redirects it");
}

int start_nft(void **state)
{
	setup(state);
	nfproto = NFPROTO_IPV4;
	chain_type = "nat";
	fake.nft = &nft;
	add_chain("PRE", NF_INET_PRE_ROUTING);
	add_chain("DOCKER", NO_HOOK);
	return 0;
}

int stop_nft(void **state)
{
	nft_forget(&nft);
	return teardown(state);
}

void add_docker(void)
{
	rule("PRE");
	expr("fib");
	end_expr();
	go(NFT_JUMP, "DOCKER");
	end_rule();
	rule("DOCKER");
	not_from_docker();
	is_proto(IPPROTO_TCP);
	port_is(NFT_CMP_EQ, 8080);
	dnat("172.17.0.2", 80);
	end_rule();
}
