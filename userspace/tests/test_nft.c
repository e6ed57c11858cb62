// SPDX-License-Identifier: GPL-2.0
/* Where nftables rules, including those of iptables-nft, send a packet. */

#include <arpa/inet.h>
#include <locale.h>
#include <netinet/in.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_tcpudp.h>

#include "tests/ruleset.h"

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
	/* The contents of the set are not known. */
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
	nla_nest_end(nft_msg, nft_entry);
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

/* As kube-proxy does: one of two servers, chosen at random. */
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
	nla_nest_end(nft_msg, nft_entry);
	end_rule();
	add_set("__map0", NFT_SET_MAP, 4);
	elements("__map0");
	for (number = 0; number < 2; number++) {
		element_key(&number, 4, 0);
		put_verdict_to(NFTA_SET_ELEM_DATA, NFT_GOTO,
			       number ? "ep2" : "ep1");
		nla_nest_end(nft_msg, nft_entry);
	}
	end_rule();
	rule("PRE");
	load_payload(NFT_PAYLOAD_NETWORK_HEADER, 16, 4, NFT_REG_1);
	load_meta(NFT_META_L4PROTO, NFT_REG32_01);
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

/* The first match counts, but an uncertain one does not end the search. */
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

/* Everything from a device: hardly meant for this port. */
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

/* A firewall does not redirect packets of this host. */
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
	nla_put_string(nft_msg, match ? NFTA_MATCH_NAME : NFTA_TARGET_NAME,
		       name);
	put_number(match ? NFTA_MATCH_REV : NFTA_TARGET_REV, revision);
	nla_put(nft_msg, match ? NFTA_MATCH_INFO : NFTA_TARGET_INFO, len, info);
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

/* No message of the kernel is read beyond its end. */
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
	nla_nest_end(nft_msg, nft_list);
	len = nlmsg_hdr(nft_msg)->nlmsg_len;
	for (i = NLMSG_HDRLEN; i < len; i++) {
		copy = nlmsg_convert(nlmsg_hdr(nft_msg));
		((unsigned char *)nlmsg_hdr(copy))[i] ^= 0x15;
		nft_decode(nlmsg_hdr(copy), &nft);
		nlmsg_free(copy);
		nft_redirects(&nft, &packet, &found);
		redirect_list_clear(&found);
	}
	nlmsg_free(nft_msg);
}

int main(void)
{
	const struct unit_case tests[] = {
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
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("nft", tests, NULL, NULL);
}
