// SPDX-License-Identifier: GPL-2.0

#include <locale.h>
#include <netinet/in.h>

#include "tests/harness.h"

#define RA	PORTOWNER_SOCK_FLAG_REUSEADDR
#define RP	PORTOWNER_SOCK_FLAG_REUSEPORT
#define V6	PORTOWNER_SOCK_FLAG_V6ONLY

static void add(struct spec spec)
{
	static __u64 cookie;

	spec.cookie = ++cookie;
	spec.port = 80;
	if (!spec.proto)
		spec.proto = IPPROTO_TCP;
	if (!spec.addr)
		spec.addr = "10.0.0.1";
	if (!spec.state)
		spec.state = spec.proto == IPPROTO_UDP ?
				     PORTOWNER_STATE_BOUND :
				     PORTOWNER_STATE_LISTEN;
	fake_add(port_of(&spec));
}

static void assert_has(const char *text)
{
	if (!strstr(output, text))
		fail_msg("no '%s' in:\n%s", text, output);
}

static void assert_has_not(const char *text)
{
	if (strstr(output, text))
		fail_msg("'%s' in:\n%s", text, output);
}

/* Number of occurrences of a text in the output. */
static int times(const char *text)
{
	const char *at = output;
	int n = 0;

	for (; (at = strstr(at, text)); at += strlen(text))
		n++;
	return n;
}

/* The JSON of "who" about one socket. */
static void assert_says(size_t i, const char *choice, const char *may_join)
{
	struct json_object *json, *sock;

	run(cmd_who, "-J 80");
	json = parsed(output);
	sock = element(json, "sockets", i);
	assert_json(sock, "choice", choice);
	assert_json(sock, "may_join", may_join);
	json_object_put(json);
}

static void in_json(void **state)
{
	static const char user_may[] =
		"[{\"uid\":1000,\"reuseaddr\":false,\"reuseport\":true}]";
	struct spec spec = {
		.flags = RP, .uid = 1000, .group = 2, .pids = { 10 },
		.share = PORTOWNER_SHARE_REUSEPORT,
		.backlog = 3, .backlog_max = 128,
	};
	struct json_object *json;

	(void)state;
	add(spec);
	assert_says(0, "{\"by\":\"hash\",\"cookie\":null}", user_may);
	json = parsed(output);
	assert_json(element(json, "sockets", 0), "backlog",
		    "{\"waiting\":3,\"max\":128}");
	json_object_put(json);
	fake_reset();
	spec.flags |= PORTOWNER_SOCK_FLAG_SELECTOR;
	add(spec);
	assert_says(0, "{\"by\":\"bpf\",\"cookie\":null}", user_may);
	fake_reset();
	spec = (struct spec){
		.proto = IPPROTO_UDP, .flags = RA, .uid = 1000, .group = 2,
		.share = PORTOWNER_SHARE_REUSEADDR, .addr = "224.0.0.251",
	};
	add(spec);
	assert_says(0, "{\"by\":\"all\",\"cookie\":null}",
		    "[{\"uid\":null,\"reuseaddr\":true,\"reuseport\":false}]");
	fake_reset();
	spec = (struct spec){ .uid = 1000, .pids = { 10 } };
	add(spec);
	assert_says(0, "null", "[]");
}

/* The socket that gets unicast is identified by its cookie. */
static void receiver_in_json(void **state)
{
	struct spec spec = {
		.proto = IPPROTO_UDP, .flags = RA, .group = 2,
		.share = PORTOWNER_SHARE_REUSEADDR, .pids = { 10 },
		.age_ns = 2000000000,
	};
	struct json_object *json, *choice;
	__u64 last;

	(void)state;
	add(spec);
	spec.pids[0] = 11;
	spec.age_ns = 1000000000;
	add(spec);
	run(cmd_who, "-J 80");
	json = parsed(output);
	last = json_object_get_uint64(member(element(json, "sockets", 1),
					     "cookie"));
	choice = member(element(json, "sockets", 0), "choice");
	assert_json(choice, "by", "\"bound-last\"");
	assert_int_equal(json_object_get_uint64(member(choice, "cookie")), last);
	json_object_put(json);
}

static void by_reuseport(void **state)
{
	static const char expected[] =
		"  share      reuseport, 3 sockets; only uid 1000 may join, with SO_REUSEPORT\n"
		"  with       p\\x20q[12] and 1 more process, uid 1000, 0.0.0.0; p\\x20q[11], uid\n"
		"             1000\n";
	struct spec spec = {
		.flags = RP, .uid = 1000, .group = 3, .pids = { 10 },
		.share = PORTOWNER_SHARE_REUSEPORT,
	};

	(void)state;
	add(spec);
	spec.pids[0] = 11;
	add(spec);
	spec.pids[0] = 12;
	spec.pids[1] = 13;
	spec.addr = "0.0.0.0";
	add(spec);
	run(cmd_who, "-n 80");
	assert_has(expected);
	assert_int_equal(times("only uid 1000 may join"), 3);
	/* The others are named even if they do not match. */
	run(cmd_who, "-n 10.0.0.2:80");
	assert_int_equal(times("tcp "), 1);
	assert_has("  with       p\\x20q[10], uid 1000, 10.0.0.1; "
		   "p\\x20q[11], uid 1000, 10.0.0.1\n");
}

static void reuseaddr_udp(void **state)
{
	struct spec spec = {
		.proto = IPPROTO_UDP, .flags = RA, .group = 2, .pids = { 10 },
		.share = PORTOWNER_SHARE_REUSEADDR,
	};

	(void)state;
	add(spec);
	spec.pids[0] = 0;
	spec.uid = 7;
	spec.hidden = true;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("  share      reuseaddr, 2 sockets; any user may join with SO_REUSEADDR\n"
		   "  with       a process you are not permitted to see, uid 7\n");
}

/* What arrives on the device of one socket, the other does not get. */
static void by_device(void **state)
{
	struct spec spec = {
		.proto = IPPROTO_UDP, .flags = RA, .group = 2, .pids = { 10 },
		.share = PORTOWNER_SHARE_REUSEADDR, .addr = "0.0.0.0",
	};

	(void)state;
	add(spec);
	spec.dev = "br0";
	add(spec);
	run(cmd_who, "-n 80");
	assert_int_equal(times("  choice     datagrams to an address or "
			       "device that another socket is bound to\n"), 1);
	assert_int_equal(times("this socket gets all unicast datagrams to its "
			       "address that arrive\n"), 1);
}

static void reuseaddr_tcp(void **state)
{
	struct spec spec = {
		.flags = RA, .state = PORTOWNER_STATE_BOUND, .group = 2,
		.share = PORTOWNER_SHARE_REUSEADDR, .pids = { 10 },
	};

	(void)state;
	add(spec);
	add(spec);
	run(cmd_who, "-n 80");
	assert_int_equal(times("2 sockets; any user may join with SO_REUSEADDR until\n"
			       "             one is listening\n"), 2);
	fake_reset();
	add(spec);
	spec.state = PORTOWNER_STATE_LISTEN;
	add(spec);
	run(cmd_who, "-n 80");
	assert_int_equal(times("no other socket may join, because one is\n"
			       "             listening\n"), 2);
}

/* The listening socket decides which users may join. */
static void mixed(void **state)
{
	struct spec spec = {
		.flags = RA, .state = PORTOWNER_STATE_BOUND, .group = 3,
		.share = PORTOWNER_SHARE_REUSEADDR, .pids = { 10 },
	};

	(void)state;
	add(spec);
	spec.flags = RA | RP;
	add(spec);
	spec.uid = 1000;
	spec.state = PORTOWNER_STATE_LISTEN;
	add(spec);
	run(cmd_who, "-n 80");
	assert_int_equal(times("only uid 1000 may join, with SO_REUSEADDR\n"
			       "             and SO_REUSEPORT\n"),
			 3);
}

static void backlogs(void **state)
{
	struct spec spec = {
		.flags = RP, .group = 3, .pids = { 10 }, .backlog_max = 128,
		.share = PORTOWNER_SHARE_REUSEPORT,
	};

	(void)state;
	add(spec);
	add(spec);
	spec.backlog = 129;
	add(spec);
	run(cmd_who, "-n 80");
	assert_int_equal(times("  backlog    0 of 128 connections waiting to be accepted\n"),
			 2);
	assert_has("  backlog    129 of 128 connections waiting to be accepted (queue full)\n");
	assert_has("  with       p\\x20q[10], uid 0, backlog 0/128; p\\x20q[10], uid 0, backlog\n"
		   "             129/128\n");
	assert_has("  with       p\\x20q[10], uid 0, backlog 0/128, 2 sockets\n");
	run(cmd_list, "-o port,backlog,expires --no-headings");
	assert_has("80   0/128 -\n");
	assert_has("80 129/128 -\n");
}

static void distribution(void **state)
{
	static const char by_hash[] =
		"  choice     the kernel chooses the socket for each datagram, by a hash of its\n"
		"             addresses and ports\n";
	struct spec spec = {
		.flags = RP, .group = 2, .pids = { 10 }, .proto = IPPROTO_UDP,
		.share = PORTOWNER_SHARE_REUSEPORT,
	};

	(void)state;
	add(spec);
	add(spec);
	run(cmd_who, "-n 80");
	assert_int_equal(times(by_hash), 2);
	fake_reset();
	spec.proto = IPPROTO_TCP;
	spec.flags |= PORTOWNER_SOCK_FLAG_SELECTOR;
	add(spec);
	add(spec);
	run(cmd_who, "-n 80");
	assert_int_equal(times("  choice     a BPF program chooses the socket for each "
			       "connection\n"), 2);
	assert_int_equal(times("  flags      reuseport,selector\n"), 2);
	/* An option of the group, which is not in JSON. */
	run(cmd_who, "-J 80");
	assert_has_not("selector");
	fake_reset();
	spec.flags = RP;
	spec.group = 1;
	spec.share = PORTOWNER_SHARE_EXCLUSIVE;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has_not("choice");
}

static void other_protocols(void **state)
{
	struct spec spec = {
		.flags = RA, .group = 2, .pids = { 10 }, .proto = IPPROTO_SCTP,
		.share = PORTOWNER_SHARE_REUSEADDR,
		.state = PORTOWNER_STATE_BOUND,
	};

	(void)state;
	add(spec);
	spec.addr = "::";
	add(spec);
	run(cmd_who, "-n sctp/80");
	assert_int_equal(times("any user may join with SO_REUSEADDR until\n"), 2);
	assert_has("covers");
	fake_reset();
	spec.proto = IPPROTO_RAW;
	spec.addr = "0.0.0.0";
	add(spec);
	add(spec);
	spec.addr = "::";
	add(spec);
	run(cmd_who, "raw/80");
	assert_has("raw 0.0.0.0:80 bound\n");
	assert_int_equal(times("every raw socket gets a copy of each packet"), 3);
	assert_int_equal(times("  with "), 2);
	assert_has_not("covers");
	run(cmd_who, "80");
	assert_int_equal(status, STATUS_NO);
}

static void alone(void **state)
{
	struct spec spec = { .flags = RP, .uid = 1000, .pids = { 10 } };

	(void)state;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("  share      exclusive; only uid 1000 may join, with SO_REUSEPORT\n");
	assert_has_not("  with");
	fake_reset();
	spec.flags = RA | RP;
	spec.state = PORTOWNER_STATE_BOUND;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("exclusive; any user may join with SO_REUSEADDR until one is\n"
		   "             listening, and uid 1000 with SO_REUSEPORT\n");
	fake_reset();
	spec.flags = RA;
	spec.state = PORTOWNER_STATE_LISTEN;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("  share      exclusive\n");
}

/* A connection excludes others unless it has the option too. */
static void connections_count(void **state)
{
	struct spec spec = { .flags = RP, .uid = 1000, .pids = { 10 } };

	(void)state;
	add(spec);
	spec.state = PORTOWNER_STATE_TIME_WAIT;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("exclusive; only uid 1000 may join");
	spec.flags = 0;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("  share      exclusive\n");
}

static void by_inheritance(void **state)
{
	struct spec spec = {
		.share = PORTOWNER_SHARE_INHERITED, .pids = { 10, 11, 11 },
	};

	(void)state;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("  share      inherited: one socket, 2 processes\n");
	fake_reset();
	spec.hidden = true;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("  share      inherited: one socket, several processes\n");
}

static void dual_stack(void **state)
{
	struct spec spec = {
		.addr = "::", .proto = IPPROTO_UDP, .flags = RA, .group = 2,
		.share = PORTOWNER_SHARE_REUSEADDR, .pids = { 10 },
	};

	(void)state;
	add(spec);
	spec.addr = "0.0.0.0";
	add(spec);
	run(cmd_who, "-n 80");
	assert_has("  covers     0.0.0.0 too, because it is not v6only\n");
	assert_int_equal(times("covers"), 1);
	/* The kernel is not asked for one family only. */
	run(cmd_who, "-n -4 80");
	assert_int_equal(fake.asked.families, 0);
	assert_has("  with       p\\x20q[10], uid 0, ::\n");
	fake_reset();
	spec.addr = "::";
	spec.flags = V6;
	add(spec);
	run(cmd_who, "-n 80");
	assert_has_not("covers");
}

static void not_members(void **state)
{
	struct spec spec = { .flags = RP, .group = 2, .pids = { 10 } };

	(void)state;
	spec.dev = "eth0";
	add(spec);
	spec.dev = "eth1";
	spec.pids[0] = 11;
	add(spec);
	spec.dev = NULL;
	spec.proto = IPPROTO_UDP;
	spec.pids[0] = 12;
	add(spec);
	spec.proto = IPPROTO_TCP;
	spec.addr = "10.0.0.2";
	spec.pids[0] = 13;
	add(spec);
	spec.addr = "10.0.0.1";
	spec.state = PORTOWNER_STATE_ESTABLISHED;
	spec.pids[0] = 14;
	add(spec);
	spec.addr = "::ffff:10.0.0.1";
	spec.proto = IPPROTO_MPTCP;
	spec.state = PORTOWNER_STATE_BOUND;
	spec.pids[0] = 15;
	add(spec);
	run(cmd_who, "-n tcp/10.0.0.1:80");
	assert_int_equal(times("with       p\\x20q[15], uid 0, ::ffff:10.0.0.1\n"),
			 2);
	assert_has("with       p\\x20q[10], uid 0, 10.0.0.1%eth0; "
		   "p\\x20q[11], uid 0, 10.0.0.1%eth1\n");
	/* MPTCP uses the ports of TCP, so these are queried too. */
	run(cmd_who, "-n mptcp/80");
	assert_int_equal(fake.asked.protos, FILTER_TCP | FILTER_MPTCP);
	assert_int_equal(times("  with "), 1);
	assert_has("p\\x20q[10]");
}

static void large_group(void **state)
{
	struct spec spec = {
		.flags = RP, .group = 30, .share = PORTOWNER_SHARE_REUSEPORT,
	};
	__u32 i;

	(void)state;
	for (i = 0; i < 30; i++) {
		spec.pids[0] = 10 + (i > 5) + (i > 6);
		add(spec);
	}
	run(cmd_who, "-n 80");
	assert_has("  with       p\\x20q[10], uid 0, 5 sockets; p\\x20q[11], "
		   "uid 0; p\\x20q[12], uid\n"
		   "             0, 2 sockets; and 21 more sockets\n");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(in_json),
		TEST(receiver_in_json),
		TEST(by_reuseport),
		TEST(reuseaddr_udp),
		TEST(by_device),
		TEST(reuseaddr_tcp),
		TEST(mixed),
		TEST(backlogs),
		TEST(distribution),
		TEST(other_protocols),
		TEST(alone),
		TEST(connections_count),
		TEST(by_inheritance),
		TEST(dual_stack),
		TEST(not_members),
		TEST(large_group),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("sharing", tests, NULL, NULL);
}
