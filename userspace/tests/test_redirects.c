// SPDX-License-Identifier: GPL-2.0
/* Ports without a socket, whose packets are redirected. */

#include <arpa/inet.h>
#include <locale.h>
#include <netinet/in.h>
#include <linux/ip_vs.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include "netlink/ipvs.h"
#include "tests/ruleset.h"

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
	assert_said("8080", "8080 is not in use: no socket holds it, but an "
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

/* A bind succeeds, but the socket would get few packets. */
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

/* Nothing is queried or reported if a socket holds the port. */
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
	assert_said("8080", ": no socket holds it; redirects by nftables, iptables "
			    "or IPVS were not checked, which takes CAP_NET_ADMIN");
	run(cmd_who, "-J 8080");
	assert_words(output, "\"redirects\":null}");
	fake.no_rules = false;
	fake.legacy = true;
	assert_said("8080", ": no socket holds it; iptables-legacy rules were "
			    "not checked");
	run(cmd_who, "-J 8080");
	assert_words(output, "\"redirects\":null}");
	add_docker();
	assert_said("8080", "172.17.0.2:80 (chain DOCKER of table ip nat); "
			    "iptables-legacy rules were not checked");
	assert_said("-A 8081", "not checked (in this network namespace)");
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
	assert_string_equal(said, PROGRAM ": 80 is not in use: no socket holds it, "
			    "but an nftables rule redirects tcp packets to "
			    "port 81 of this host (chain PRE of table inet "
			    "nat)\n");
	run(cmd_who, "-J 80");
	json = parsed(output);
	assert_int_equal(count(json, "redirects"), 2);
	json_object_put(json);
}

/* Names of chains are untrusted. */
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
	bool service = attr == IPVS_CMD_ATTR_SERVICE;
	struct nl_msg *msg = nlmsg_alloc();
	struct nlattr *nest;

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

int main(void)
{
	const struct unit_case tests[] = {
		NFT_TEST(published),
		NFT_TEST(checked),
		NFT_TEST(held),
		NFT_TEST(not_permitted),
		NFT_TEST(both_families),
		NFT_TEST(odd_names),
		TEST(ipvs),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("redirects", tests, NULL, NULL);
}
