// SPDX-License-Identifier: GPL-2.0
/* Ports without a socket, whose packets go elsewhere. */

#include <arpa/inet.h>
#include <locale.h>
#include <netinet/in.h>
#include <linux/ip_vs.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "netlink/ipvs.h"
#include "netlink/nft.h"
#include "tests/harness.h"

#define NO_HOOK	(-1)

static struct nft nft;
static __u8 nfproto;
static const char *chain_type;
static struct nl_msg *msg;
static struct nlattr *list, *entry, *data;

static void begin(int command)
{
	struct nfgenmsg header = { .nfgen_family = nfproto };

	msg = nlmsg_alloc_simple(NFNL_SUBSYS_NFTABLES << 8 | command, 0);
	assert_non_null(msg);
	nlmsg_append(msg, &header, sizeof(header), NLMSG_ALIGNTO);
}

static void end(void)
{
	assert_int_equal(nft_decode(nlmsg_hdr(msg), &nft), 0);
	nlmsg_free(msg);
}

static void put_number(int attr, __u32 number)
{
	nla_put_u32(msg, attr, htonl(number));
}

static void put_data(int attr, const void *bytes, size_t len)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	nla_put(msg, NFTA_DATA_VALUE, len, bytes);
	nla_nest_end(msg, nest);
}

static void put_verdict_to(int attr, int code, const char *chain)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	struct nlattr *inner = nla_nest_start(msg, NFTA_DATA_VERDICT);

	put_number(NFTA_VERDICT_CODE, code);
	if (chain)
		nla_put_string(msg, NFTA_VERDICT_CHAIN, chain);
	nla_nest_end(msg, inner);
	nla_nest_end(msg, nest);
}

static void add_chain(const char *name, int hook)
{
	struct nlattr *nest;

	begin(NFT_MSG_NEWCHAIN);
	nla_put_string(msg, NFTA_CHAIN_TABLE, "nat");
	nla_put_string(msg, NFTA_CHAIN_NAME, name);
	if (hook != NO_HOOK) {
		nest = nla_nest_start(msg, NFTA_CHAIN_HOOK);
		put_number(NFTA_HOOK_HOOKNUM, hook);
		nla_nest_end(msg, nest);
		nla_put_string(msg, NFTA_CHAIN_TYPE, chain_type);
	}
	end();
}

static void rule(const char *chain)
{
	begin(NFT_MSG_NEWRULE);
	nla_put_string(msg, NFTA_RULE_TABLE, "nat");
	nla_put_string(msg, NFTA_RULE_CHAIN, chain);
	list = nla_nest_start(msg, NFTA_RULE_EXPRESSIONS);
}

static void end_rule(void)
{
	nla_nest_end(msg, list);
	end();
}

static void expr(const char *name)
{
	entry = nla_nest_start(msg, NFTA_LIST_ELEM);
	nla_put_string(msg, NFTA_EXPR_NAME, name);
	data = nla_nest_start(msg, NFTA_EXPR_DATA);
}

static void end_expr(void)
{
	nla_nest_end(msg, data);
	nla_nest_end(msg, entry);
}

static void meta(__u32 key, __u32 reg)
{
	expr("meta");
	put_number(NFTA_META_KEY, key);
	put_number(NFTA_META_DREG, reg);
	end_expr();
}

static void payload(__u32 base, __u32 offset, __u32 len, __u32 reg)
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

static void is_proto(__u8 proto)
{
	meta(NFT_META_L4PROTO, NFT_REG_1);
	cmp(NFT_CMP_EQ, &proto, 1);
}

static void load_port(__u32 reg)
{
	payload(NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, reg);
}

static void port_is(__u32 op, __u16 port)
{
	__be16 bytes = htons(port);

	load_port(NFT_REG_1);
	cmp(op, &bytes, sizeof(bytes));
}

static void not_from_docker(void)
{
	meta(NFT_META_IIFNAME, NFT_REG_1);
	cmp(NFT_CMP_NEQ, "docker0\0\0\0\0\0\0\0\0", 16);
}

static void immediate(__u32 reg, const void *bytes, size_t len)
{
	expr("immediate");
	put_number(NFTA_IMMEDIATE_DREG, reg);
	put_data(NFTA_IMMEDIATE_DATA, bytes, len);
	end_expr();
}

static void go(int verdict, const char *chain)
{
	expr("immediate");
	put_number(NFTA_IMMEDIATE_DREG, NFT_REG_VERDICT);
	put_verdict_to(NFTA_IMMEDIATE_DATA, verdict, chain);
	end_expr();
}

/* To what is in register 1, and to the port in register 2. */
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

static void dnat(const char *ip, __u16 port)
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

static void redirect(__u16 port)
{
	__be16 number = htons(port);

	immediate(NFT_REG_1, &number, 2);
	expr("redir");
	put_number(NFTA_REDIR_REG_PROTO_MIN, NFT_REG_1);
	end_expr();
}

static void add_set(const char *name, __u32 flags, __u32 key_len)
{
	begin(NFT_MSG_NEWSET);
	nla_put_string(msg, NFTA_SET_TABLE, "nat");
	nla_put_string(msg, NFTA_SET_NAME, name);
	put_number(NFTA_SET_FLAGS, flags);
	put_number(NFTA_SET_KEY_LEN, key_len);
	end();
}

static void elements(const char *set)
{
	begin(NFT_MSG_NEWSETELEM);
	nla_put_string(msg, NFTA_SET_ELEM_LIST_TABLE, "nat");
	nla_put_string(msg, NFTA_SET_ELEM_LIST_SET, set);
	list = nla_nest_start(msg, NFTA_SET_ELEM_LIST_ELEMENTS);
}

static void element_key(const void *key, size_t len, __u32 flags)
{
	entry = nla_nest_start(msg, NFTA_LIST_ELEM);
	put_data(NFTA_SET_ELEM_KEY, key, len);
	if (flags)
		put_number(NFTA_SET_ELEM_FLAGS, flags);
}

static void port_element(__u16 port, __u32 flags)
{
	__be16 key = htons(port);

	element_key(&key, sizeof(key), flags);
	nla_nest_end(msg, entry);
}

static void lookup(const char *set, int dreg)
{
	expr("lookup");
	nla_put_string(msg, NFTA_LOOKUP_SET, set);
	put_number(NFTA_LOOKUP_SREG, NFT_REG_1);
	if (dreg >= 0)
		put_number(NFTA_LOOKUP_DREG, dreg);
	end_expr();
}

/* What "who" says of a port that nobody has. */
static void assert_said(const char *target, const char *words)
{
	run(cmd_who, target);
	assert_int_equal(status, STATUS_NO);
	assert_words(said, words);
}

static void assert_not_redirected(const char *target)
{
	assert_said(target, ": nobody holds it, and no nftables, "
			    "iptables or IPVS rule redirects it");
}

static int start_nft(void **state)
{
	setup(state);
	nfproto = NFPROTO_IPV4;
	chain_type = "nat";
	fake.nft = &nft;
	add_chain("PRE", NF_INET_PRE_ROUTING);
	add_chain("DOCKER", NO_HOOK);
	return 0;
}

static int stop_nft(void **state)
{
	nft_forget(&nft);
	return teardown(state);
}

/* As Docker has it: only what does not come from its bridge. */
static void add_docker(void)
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

static void published(void **state)
{
	static const char expected[] =
		"[{\"target\":\"8080\",\"by\":\"nftables\",\"proto\":\"tcp\","
		"\"family\":\"inet\",\"certain\":true,\"here\":false,"
		"\"addr\":\"172.17.0.2\",\"port\":80,\"table_family\":\"ip\",\"table\":\"nat\","
		"\"chain\":\"DOCKER\"}]";
	struct json_object *json;

	(void)state;
	add_docker();
	assert_said("8080", "8080 is not in use: nobody holds it, but an "
			    "nftables rule redirects tcp packets to 172.17.0.2:80 "
			    "(chain DOCKER of table ip nat)");
	assert_said("-4 tcp/8080", "172.17.0.2:80");
	assert_said("192.0.2.1:8080", "172.17.0.2:80");
	assert_not_redirected("8081");
	assert_not_redirected("udp/8080");
	assert_not_redirected("-6 8080");
	run(cmd_who, "-q 8080");
	assert_string_equal(said, "");
	run(cmd_who, "raw/80");
	assert_string_equal(said, PROGRAM ": raw/80 is not in use\n");
	run(cmd_who, "-J 8080 81");
	json = parsed(output);
	assert_json(json, "redirects", expected);
	json_object_put(json);
	run(cmd_who, "-J 81");
	json = parsed(output);
	assert_json(json, "redirects", "[]");
	json_object_put(json);
}

/* A bind succeeds, but a socket would not get much. */
static void checked(void **state)
{
	struct nl_msg *verdict = message_new(PORTOWNER_CMD_BIND_CHECK);
	struct json_object *json;

	(void)state;
	add_docker();
	put_verdict(verdict, 0, 0, 0);
	fake_add(verdict);
	run(cmd_check, "8080");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(output, "tcp 0.0.0.0:8080 can be bound\n"
			    "note: what is sent to it may not arrive: an "
			    "nftables rule redirects tcp packets to 172.17.0.2:80 "
			    "(chain DOCKER of table ip nat)\n");
	run(cmd_check, "-J 8080");
	json = parsed(output);
	assert_json(element(json, "redirects", 0), "chain", "\"DOCKER\"");
	json_object_put(json);
	run(cmd_check, "8081");
	assert_string_equal(output, "tcp 0.0.0.0:8081 can be bound\n");
	run(cmd_check, "udp/8080");
	assert_string_equal(output, "udp 0.0.0.0:8080 can be bound\n");
	run(cmd_check, "tcp/0");
	assert_null(strstr(output, "note"));
	fake.nft = NULL;
	fake.no_rules = true;
	run(cmd_check, "8080");
	assert_string_equal(output, "tcp 0.0.0.0:8080 can be bound\n");
	run(cmd_check, "-J 8080");
	assert_words(output, "\"redirects\":null");
}

/* Nothing is asked, and nothing claimed, if somebody has the port. */
static void held(void **state)
{
	(void)state;
	add_docker();
	fake_add(simple_port(1, "0.0.0.0", 8080, 10, "a"));
	run(cmd_who, "8080");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(said, "");
	run(cmd_who, "-J 8080");
	assert_words(output, "\"redirects\":null}");
}

static void not_permitted(void **state)
{
	(void)state;
	fake.no_rules = true;
	assert_said("8080", ": nobody holds it; redirects by nftables, iptables "
			    "or IPVS were not looked at, which takes CAP_NET_ADMIN");
	run(cmd_who, "-J 8080");
	assert_words(output, "\"redirects\":null}");
	fake.no_rules = false;
	fake.legacy = true;
	assert_said("8080", ": nobody holds it; iptables-legacy rules were "
			    "not looked at");
	run(cmd_who, "-J 8080");
	assert_words(output, "\"redirects\":null}");
	add_docker();
	assert_said("8080", "172.17.0.2:80 (chain DOCKER of table ip nat); "
			    "iptables-legacy rules were not looked at");
	assert_said("-A 8081", "not looked at (in this network namespace)");
}

static void ranges(void **state)
{
	__be16 from = htons(8100), to = htons(8110);

	(void)state;
	rule("PRE");
	load_port(NFT_REG_1);
	expr("range");
	put_number(NFTA_RANGE_SREG, NFT_REG_1);
	put_number(NFTA_RANGE_OP, NFT_RANGE_EQ);
	put_data(NFTA_RANGE_FROM_DATA, &from, 2);
	put_data(NFTA_RANGE_TO_DATA, &to, 2);
	end_expr();
	redirect(3128);
	end_rule();
	rule("PRE");
	port_is(NFT_CMP_GTE, 9000);
	port_is(NFT_CMP_LT, 9003);
	redirect(3129);
	end_rule();
	assert_said("tcp/8100", "redirects tcp packets to port 3128 of this host");
	assert_said("udp/8110", "redirects udp packets to port 3128 of this host");
	assert_not_redirected("8099");
	assert_not_redirected("8111");
	assert_not_redirected("8999");
	assert_said("9002", "port 3129 of this host");
	assert_not_redirected("9003");
}

static void sets(void **state)
{
	(void)state;
	add_set("__set0", NFT_SET_ANONYMOUS, 2);
	elements("__set0");
	port_element(81, 0);
	port_element(82, 0);
	end_rule();
	add_set("ports", NFT_SET_INTERVAL, 2);
	elements("ports");
	port_element(7050, 0);
	port_element(7051, NFT_SET_ELEM_INTERVAL_END);
	port_element(7000, 0);
	port_element(7011, NFT_SET_ELEM_INTERVAL_END);
	port_element(0, NFT_SET_ELEM_INTERVAL_END);
	end_rule();
	rule("PRE");
	load_port(NFT_REG_1);
	lookup("__set0", -1);
	dnat("10.0.0.1", 0);
	end_rule();
	rule("PRE");
	load_port(NFT_REG_1);
	lookup("ports", -1);
	dnat("10.0.0.2", 0);
	end_rule();
	assert_said("tcp/82", "redirects tcp packets to 10.0.0.1 (chain");
	assert_not_redirected("83");
	assert_said("tcp/7000", "redirects tcp packets to 10.0.0.2 (chain");
	assert_said("tcp/7010", "10.0.0.2");
	assert_said("tcp/7050", "10.0.0.2");
	assert_not_redirected("7011");
	assert_not_redirected("7049");
	assert_not_redirected("6999");
	/* What the set has is not known. */
	rule("PRE");
	load_port(NFT_REG_1);
	lookup("other", -1);
	dnat("10.0.0.3", 0);
	end_rule();
	assert_said("tcp/83", "an nftables rule may redirect tcp packets to 10.0.0.3");
}

/* dnat to tcp dport map { 9001 : 10.0.0.9 . 90 } */
static void maps(void **state)
{
	static const unsigned char value[8] = { 10, 0, 0, 9, 0, 90 };
	__be16 key = htons(9001);

	(void)state;
	add_set("fwd", NFT_SET_MAP, 2);
	elements("fwd");
	element_key(&key, 2, 0);
	put_data(NFTA_SET_ELEM_DATA, value, sizeof(value));
	nla_nest_end(msg, entry);
	end_rule();
	rule("PRE");
	is_proto(IPPROTO_TCP);
	load_port(NFT_REG_1);
	lookup("fwd", NFT_REG_1);
	expr("nat");
	put_number(NFTA_NAT_TYPE, NFT_NAT_DNAT);
	put_number(NFTA_NAT_REG_ADDR_MIN, NFT_REG_1);
	put_number(NFTA_NAT_REG_PROTO_MIN, NFT_REG32_01);
	end_expr();
	end_rule();
	assert_said("9001", "redirects tcp packets to 10.0.0.9:90");
	assert_not_redirected("9002");
}

/* As kube-proxy has it, with one of two servers chosen at random. */
static void services(void **state)
{
	unsigned char key[12] = { 10, 96, 0, 1, IPPROTO_TCP, 0, 0, 0, 6443 >> 8,
				  6443 & 0xff };
	__u32 number;

	(void)state;
	add_chain("svc", NO_HOOK);
	add_chain("ep1", NO_HOOK);
	add_chain("ep2", NO_HOOK);
	add_set("ips", NFT_SET_MAP | NFT_SET_CONCAT, 12);
	elements("ips");
	element_key(key, 12, 0);
	put_verdict_to(NFTA_SET_ELEM_DATA, NFT_GOTO, "svc");
	nla_nest_end(msg, entry);
	end_rule();
	add_set("__map0", NFT_SET_MAP, 4);
	elements("__map0");
	for (number = 0; number < 2; number++) {
		element_key(&number, 4, 0);
		put_verdict_to(NFTA_SET_ELEM_DATA, NFT_GOTO,
			       number ? "ep2" : "ep1");
		nla_nest_end(msg, entry);
	}
	end_rule();
	rule("PRE");
	payload(NFT_PAYLOAD_NETWORK_HEADER, 16, 4, NFT_REG_1);
	meta(NFT_META_L4PROTO, NFT_REG32_01);
	load_port(NFT_REG32_02);
	lookup("ips", NFT_REG_VERDICT);
	end_rule();
	rule("svc");
	expr("numgen");
	put_number(NFTA_NG_DREG, NFT_REG_1);
	end_expr();
	lookup("__map0", NFT_REG_VERDICT);
	end_rule();
	rule("ep1");
	is_proto(IPPROTO_TCP);
	dnat("10.244.0.5", 6443);
	end_rule();
	rule("ep2");
	is_proto(IPPROTO_TCP);
	dnat("10.244.0.6", 6443);
	end_rule();
	assert_said("6443", "redirects tcp packets to 10.244.0.5:6443 (chain ep1 of table ip nat); "
			    "an nftables rule redirects tcp packets to "
			    "10.244.0.6:6443 (chain ep2 of table ip nat)");
	assert_said("10.96.0.1:6443", "10.244.0.5:6443");
	assert_not_redirected("10.96.0.2:6443");
	assert_not_redirected("udp/6443");
	assert_not_redirected("6444");
}

/* What comes first counts; what may not be so does not end it. */
static void order(void **state)
{
	(void)state;
	rule("PRE");
	port_is(NFT_CMP_EQ, 80);
	go(NFT_JUMP, "DOCKER");
	end_rule();
	rule("PRE");
	port_is(NFT_CMP_EQ, 81);
	go(NF_ACCEPT, NULL);
	end_rule();
	rule("DOCKER");
	not_from_docker();
	go(NFT_RETURN, NULL);
	end_rule();
	rule("DOCKER");
	dnat("10.0.0.1", 0);
	end_rule();
	rule("PRE");
	port_is(NFT_CMP_NEQ, 22);
	not_from_docker();
	dnat("10.0.0.2", 0);
	end_rule();
	assert_said("tcp/80", "redirects tcp packets to 10.0.0.1 (chain DOCKER of table ip nat)");
	assert_null(strstr(said, "10.0.0.2"));
	assert_not_redirected("81");
	assert_not_redirected("22");
	/* All but one port. */
	assert_said("tcp/83", "may redirect tcp packets to 10.0.0.2 (chain PRE of table ip nat)");
}

/* All of a device: that is hardly meant for this port. */
static void whole_device(void **state)
{
	(void)state;
	rule("PRE");
	not_from_docker();
	dnat("10.0.0.2", 0);
	end_rule();
	assert_said("tcp/80", "an nftables rule may redirect tcp packets to 10.0.0.2");
	run(cmd_who, "-J tcp/80");
	assert_words(output, "\"certain\":false");
}

static void ipv6(void **state)
{
	(void)state;
	nfproto = NFPROTO_IPV6;
	add_chain("PRE", NF_INET_LOCAL_OUT);
	rule("PRE");
	is_proto(IPPROTO_UDP);
	port_is(NFT_CMP_EQ, 53);
	dnat("fd00::2", 5353);
	end_rule();
	assert_said("53", "redirects udp packets to [fd00::2]:5353 (chain PRE of table ip6 nat)");
	assert_said("[::1]:53", "[fd00::2]:5353");
	assert_not_redirected("-4 53");
}

/* A firewall has no say in where packets of this host go. */
static void output_filter(void **state)
{
	(void)state;
	chain_type = "filter";
	add_chain("OUT", NF_INET_LOCAL_OUT);
	rule("OUT");
	redirect(81);
	end_rule();
	assert_not_redirected("80");
	chain_type = "nat";
	add_chain("NAT", NF_INET_LOCAL_OUT);
	rule("NAT");
	port_is(NFT_CMP_EQ, 80);
	redirect(81);
	end_rule();
	assert_said("tcp/80", "port 81 of this host (chain NAT");
}

/* A match or a target of iptables. */
static void extension(const char *which, const char *name, __u32 revision,
		      const void *info, size_t len)
{
	bool match = !strcmp(which, "match");

	expr(which);
	nla_put_string(msg, match ? NFTA_MATCH_NAME : NFTA_TARGET_NAME, name);
	put_number(match ? NFTA_MATCH_REV : NFTA_TARGET_REV, revision);
	nla_put(msg, match ? NFTA_MATCH_INFO : NFTA_TARGET_INFO, len, info);
	end_expr();
}

static void iptables(void **state)
{
	struct nf_nat_range2 to = {
		.flags = NF_NAT_RANGE_MAP_IPS | NF_NAT_RANGE_PROTO_SPECIFIED,
		.min_addr.ip = htonl(0xac110002), .min_proto.all = htons(80),
	};
	struct nf_nat_ipv4_multi_range_compat here = {
		.rangesize = 1,
		.range[0] = { .flags = NF_NAT_RANGE_PROTO_SPECIFIED,
			      .min.all = htons(3128) },
	};
	struct xt_tcp tcp = { .spts = { 0, 65535 }, .dpts = { 8080, 8081 } };
	struct xt_multiport_v1 ports = {
		.flags = XT_MULTIPORT_DESTINATION, .count = 3,
		.ports = { 8443, 9000, 9010 }, .pflags = { 0, 1 },
	};

	(void)state;
	rule("PRE");
	extension("match", "addrtype", 1, &tcp, 8);
	extension("match", "tcp", 0, &tcp, sizeof(tcp));
	extension("target", "DNAT", 2, &to, sizeof(to));
	end_rule();
	rule("PRE");
	extension("match", "multiport", 1, &ports, sizeof(ports));
	extension("target", "REDIRECT", 0, &here, sizeof(here));
	end_rule();
	rule("PRE");
	extension("target", "MARK", 2, &here, sizeof(here));
	end_rule();
	assert_said("8081", "an iptables rule redirects tcp packets to "
			    "172.17.0.2:80 (chain PRE of table ip nat)");
	assert_not_redirected("8082");
	assert_not_redirected("udp/8080");
	assert_said("udp/8443", "an iptables rule redirects udp packets to "
				"port 3128 of this host");
	assert_said("udp/9005", "port 3128 of this host");
	assert_not_redirected("9011");
}

/* Whatever the kernel sends, it is not followed beyond its end. */
static void damaged(void **state)
{
	struct redirect_list found = { 0 };
	struct packet packet = { AF_INET, IPPROTO_TCP, 8080, NULL };
	struct nl_msg *copy;
	size_t i, len;

	(void)state;
	rule("PRE");
	is_proto(IPPROTO_TCP);
	port_is(NFT_CMP_EQ, 8080);
	dnat("172.17.0.2", 80);
	nla_nest_end(msg, list);
	len = nlmsg_hdr(msg)->nlmsg_len;
	for (i = NLMSG_HDRLEN; i < len; i++) {
		copy = nlmsg_convert(nlmsg_hdr(msg));
		((unsigned char *)nlmsg_hdr(copy))[i] ^= 0x15;
		nft_decode(nlmsg_hdr(copy), &nft);
		nlmsg_free(copy);
		nft_redirects(&nft, &packet, &found);
		redirect_list_clear(&found);
	}
	nlmsg_free(msg);
}

/* A rule for both families is one rule. */
static void both_families(void **state)
{
	struct json_object *json;

	(void)state;
	nfproto = NFPROTO_INET;
	add_chain("PRE", NF_INET_PRE_ROUTING);
	rule("PRE");
	is_proto(IPPROTO_TCP);
	port_is(NFT_CMP_EQ, 80);
	redirect(81);
	end_rule();
	run(cmd_who, "80");
	assert_string_equal(said, PROGRAM ": 80 is not in use: nobody holds it, "
			    "but an nftables rule redirects tcp packets to "
			    "port 81 of this host (chain PRE of table inet "
			    "nat)\n");
	run(cmd_who, "-J 80");
	json = parsed(output);
	assert_int_equal(count(json, "redirects"), 2);
	json_object_put(json);
}

/* Names of chains are what somebody chose. */
static void odd_names(void **state)
{
	(void)state;
	add_chain("\033[2J", NF_INET_PRE_ROUTING);
	rule("\033[2J");
	port_is(NFT_CMP_EQ, 80);
	redirect(81);
	end_rule();
	assert_said("tcp/80", "(chain \\x1b[2J of table ip nat)");
}

static struct nl_msg *ipvs_message(int attr, const char *ip, __u16 port)
{
	unsigned char addr[16] = { 0 };
	struct nlattr *nest;
	bool service = attr == IPVS_CMD_ATTR_SERVICE;

	msg = nlmsg_alloc();
	genlmsg_put(msg, 0, 1, 42, 0, 0, IPVS_CMD_NEW_SERVICE, 1);
	nest = nla_nest_start(msg, attr);
	inet_pton(AF_INET, ip, addr);
	if (service) {
		nla_put_u16(msg, IPVS_SVC_ATTR_AF, AF_INET);
		nla_put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, IPPROTO_TCP);
	}
	nla_put(msg, service ? (int)IPVS_SVC_ATTR_ADDR :
			       (int)IPVS_DEST_ATTR_ADDR, 16, addr);
	nla_put_u16(msg, service ? (int)IPVS_SVC_ATTR_PORT :
				   (int)IPVS_DEST_ATTR_PORT, htons(port));
	nla_nest_end(msg, nest);
	return msg;
}

static bool is_service(const struct packet *packet, unsigned char *addr)
{
	struct nl_msg *message = ipvs_message(IPVS_CMD_ATTR_SERVICE,
					      "10.0.0.1", 80);
	bool found = false;

	assert_int_equal(ipvs_decode_service(nlmsg_hdr(message), packet, addr,
					     &found), 0);
	nlmsg_free(message);
	return found;
}

static void ipvs(void **state)
{
	static const unsigned char here[] = { 10, 0, 0, 1 };
	static const unsigned char there[] = { 10, 0, 0, 2 };
	struct packet packet = { AF_INET, IPPROTO_TCP, 80, NULL };
	struct redirect_list found = { 0 };
	unsigned char addr[16];
	struct nl_msg *message;

	(void)state;
	assert_true(is_service(&packet, addr));
	assert_memory_equal(addr, here, 4);
	packet.addr = here;
	assert_true(is_service(&packet, addr));
	packet.addr = there;
	assert_false(is_service(&packet, addr));
	packet.addr = NULL;
	packet.port = 81;
	assert_false(is_service(&packet, addr));
	packet.port = 80;
	packet.proto = IPPROTO_UDP;
	assert_false(is_service(&packet, addr));
	message = ipvs_message(IPVS_CMD_ATTR_DEST, "10.0.1.1", 8080);
	assert_int_equal(ipvs_decode_server(nlmsg_hdr(message), &packet, &found), 0);
	nlmsg_free(message);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.v->port, 8080);
	assert_true(found.v->has_addr);
	redirect_list_clear(&found);
}

#define NFT_TEST(name)	cmocka_unit_test_setup_teardown(name, start_nft, stop_nft)

int main(void)
{
	const struct unit_case tests[] = {
		NFT_TEST(published),
		NFT_TEST(checked),
		NFT_TEST(held),
		NFT_TEST(not_permitted),
		NFT_TEST(ranges),
		NFT_TEST(sets),
		NFT_TEST(maps),
		NFT_TEST(services),
		NFT_TEST(order),
		NFT_TEST(whole_device),
		NFT_TEST(ipv6),
		NFT_TEST(output_filter),
		NFT_TEST(iptables),
		NFT_TEST(damaged),
		NFT_TEST(both_families),
		NFT_TEST(odd_names),
		TEST(ipvs),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("redirects", tests, NULL, NULL);
}
