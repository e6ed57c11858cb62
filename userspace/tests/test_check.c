// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <locale.h>
#include <netinet/in.h>

#include "tests/harness.h"

static const char * const check_keys[] = {
	"source", "verdict", "errno", "rule", "reason", "reason_dev", "reason_netns",
	"culprits", "explanation", "remedy", "advice", "relation", "restarter",
	"runner", "debugger", "suspended", "frozen", "ignores_sigterm",
	"unchecked", "redirects", "notes", NULL
};

static void add_verdict(__u32 err, __u32 rule, __u32 can_refuse)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);

	put_verdict(msg, PORTOWNER_REJECT_OP_BIND, err, rule);
	if (can_refuse)
		nla_put_u32(msg, PORTOWNER_A_CHECK_UNFORESEEN, can_refuse);
	fake_add(msg);
}

static struct nl_msg *refusal_by(__u32 op, __u32 rule, __u32 state, __u32 flags)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);
	struct nlattr *nest;

	put_verdict(msg, op, EADDRINUSE, rule);
	nest = socket_begin(msg, PORTOWNER_A_CHECK_CULPRIT, 1);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 8080, state);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_FLAGS, flags);
	put_owner(msg, 10, 3, "a b");
	nla_nest_end(msg, nest);
	return msg;
}

static struct nl_msg *refusal(__u32 op, __u32 rule)
{
	return refusal_by(op, rule, PORTOWNER_STATE_LISTEN, 0);
}

static void would_succeed(void **state)
{
	struct json_object *json;

	(void)state;
	add_verdict(0, 0, 0);
	run(cmd_check, "8080");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(output, "tcp 0.0.0.0:8080 can be bound\n");
	assert_string_equal(said, "");
	run(cmd_check, "8080 --listen");
	assert_string_equal(output,
			    "tcp 0.0.0.0:8080 can be bound and listened on\n");
	run(cmd_check, "0");
	assert_string_equal(output, "tcp 0.0.0.0 with a kernel-chosen port "
				    "can be bound\n");
	run(cmd_check, "8080 -q");
	assert_string_equal(output, "");
	run(cmd_check, "-J 8080");
	json = parsed(output);
	assert_keys(json, check_keys);
	assert_json(json, "verdict", "\"ok\"");
	assert_json(json, "errno", "null");
	assert_json(json, "rule", "null");
	assert_json(json, "culprits", "[]");
	assert_json(json, "explanation", "null");
	assert_json(json, "remedy", "[]");
	assert_json(json, "unchecked", "[]");
	json_object_put(json);
}

static void would_fail(void **state)
{
	static const char expected[] =
		"tcp 127.0.0.1:8080 would be refused: EADDRINUSE (wildcard-covers)\n"
		"PROTO ADDRESS PORT STATE  SHARE     PID COMMAND USER UNIT\n"
		"tcp   0.0.0.0 8080 listen exclusive  10 a\\x20b  1000 -\n"
		"\n"
		"  why        0.0.0.0 covers every IPv4 address of this host, so tcp\n"
		"             0.0.0.0:8080 includes tcp 127.0.0.1:8080.";
	struct json_object *json;

	(void)state;
	fake_add(refusal(PORTOWNER_REJECT_OP_BIND,
			 PORTOWNER_RULE_WILDCARD_COVERS));
	run(cmd_check, "127.0.0.1:8080 -n");
	assert_int_equal(status, STATUS_NO);
	if (strncmp(output, expected, strlen(expected)))
		fail_msg("%s", output);
	assert_non_null(strstr(output, "\n    kill 10\n"));
	run(cmd_check, "-J 127.0.0.1:8080");
	assert_int_equal(status, STATUS_NO);
	json = parsed(output);
	assert_keys(json, check_keys);
	assert_json(json, "verdict", "\"refused\"");
	assert_json(json, "errno", "\"EADDRINUSE\"");
	assert_json(json, "rule", "\"wildcard-covers\"");
	assert_keys(element(json, "culprits", 0), socket_keys);
	assert_words(json_object_get_string(member(json, "explanation")),
		     "0.0.0.0 covers every IPv4 address of this host, so tcp "
		     "0.0.0.0:8080 includes tcp 127.0.0.1:8080.");
	assert_string_equal(json_object_get_string(element(json, "remedy", 0)),
			    "Stop a\\x20b[10] if it should not have the port: kill 10");
	json_object_put(json);
	run(cmd_check, "127.0.0.1:8080 -o pid --no-headings");
	assert_string_equal(output, "tcp 127.0.0.1:8080 would be refused: "
				    "EADDRINUSE (wildcard-covers)\n10\n");
	run(cmd_check, "127.0.0.1:8080 -q");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(output, "");
}

/* Many programs request [::], where another socket may be in the way. */
static void only_free_for_ipv4(void **state)
{
	static const char note[] = "note: not so for IPv6: tcp [::]:8080 would be "
				   "refused: EADDRINUSE (address-in-use)\n";
	static const char * const lines[] = {
		"0.0.0.0:8080", "8080 -4", "0",
	};
	struct json_object *json;
	size_t i;

	(void)state;
	fake.free_ipv4 = true;
	fake_add(refusal(PORTOWNER_REJECT_OP_BIND,
			 PORTOWNER_RULE_ADDRESS_IN_USE));
	run(cmd_check, "8080 --reuseaddr");
	assert_int_equal(status, STATUS_YES);
	assert_words(output, "tcp 0.0.0.0:8080 can be bound");
	assert_non_null(strstr(output, note));
	assert_int_equal(fake.other.ep.family, AF_INET6);
	assert_true(fake.other.ep.flags & PORTOWNER_SOCK_FLAG_REUSEADDR);
	run(cmd_check, "localhost:8080");
	assert_non_null(strstr(output, "tcp [::1]:8080 would be refused"));
	run(cmd_check, "8080 -J");
	json = parsed(output);
	assert_json(json, "verdict", "\"ok\"");
	assert_words(json_object_get_string(element(json, "notes", 0)),
		     "not so for IPv6: tcp [::]:8080 would be refused");
	json_object_put(json);
	/* The request says which one is meant. */
	for (i = 0; i < ARRAY_SIZE(lines); i++) {
		run(cmd_check, lines[i]);
		assert_null(strstr(output, "IPv6"));
	}
	run(cmd_check, "8080 -6");
	assert_int_equal(status, STATUS_NO);
	/* The lack of an address is no reason to look for a free one. */
	fake_reset();
	fake.free_ipv4 = true;
	add_verdict(EAFNOSUPPORT, PORTOWNER_RULE_INVALID_ARGUMENT, 0);
	run(cmd_check, "8080");
	assert_string_equal(output, "tcp 0.0.0.0:8080 can be bound\n");
}

static void assert_asks_again(__u32 rule, __u32 state, __u32 flags,
			      const char *line, bool expected)
{
	fake_reset();
	fake_add(refusal_by(PORTOWNER_REJECT_OP_BIND, rule, state, flags));
	run(cmd_check, line);
	assert_int_equal(status, STATUS_NO);
	if (!strstr(output, "--reuseaddr.") == expected)
		fail_msg("%s", output);
}

/* The option that servers set would have helped. */
static void asks_again(void **state)
{
	const __u32 reuse = PORTOWNER_SOCK_FLAG_REUSEADDR;

	(void)state;
	assert_asks_again(PORTOWNER_RULE_TIME_WAIT, PORTOWNER_STATE_TIME_WAIT,
			  reuse, "8080", true);
	assert_asks_again(PORTOWNER_RULE_TIME_WAIT, PORTOWNER_STATE_TIME_WAIT,
			  0, "8080", false);
	assert_asks_again(PORTOWNER_RULE_ADDRESS_IN_USE, PORTOWNER_STATE_BOUND,
			  reuse, "8080", true);
	assert_asks_again(PORTOWNER_RULE_ADDRESS_IN_USE, PORTOWNER_STATE_BOUND,
			  0, "8080", false);
	assert_asks_again(PORTOWNER_RULE_ADDRESS_IN_USE, PORTOWNER_STATE_BOUND,
			  reuse, "8080 --reuseaddr", false);
	assert_asks_again(PORTOWNER_RULE_ADDRESS_IN_USE, PORTOWNER_STATE_BOUND,
			  reuse, "udp/8080", false);
	assert_asks_again(PORTOWNER_RULE_ADDRESS_IN_USE, PORTOWNER_STATE_LISTEN,
			  reuse, "8080", false);
}

static void refused_listen(void **state)
{
	(void)state;
	fake_add(refusal(PORTOWNER_REJECT_OP_LISTEN,
			 PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING));
	run(cmd_check, "8080 --listen --reuseaddr");
	assert_int_equal(status, STATUS_NO);
	assert_int_equal(strncmp(output, "tcp 0.0.0.0:8080 can be bound, but "
					 "listen() would be refused: "
					 "EADDRINUSE "
					 "(reuseaddr-holder-listening)\n", 100), 0);
}

/* An error without a name is reported in the same words. */
static void nameless_error(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);

	(void)state;
	put_verdict(msg, PORTOWNER_REJECT_OP_LISTEN, 4095, PORTOWNER_RULE_OTHER);
	fake_add(msg);
	run(cmd_check, "8080 --listen");
	assert_int_equal(status, STATUS_NO);
	assert_words(output, "tcp 0.0.0.0:8080 can be bound, but listen() "
			     "would be refused: errno 4095 (other) ");
}

/* Further culprits come in separate messages. */
static void several_messages(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);
	struct json_object *json;
	struct nlattr *nest;

	(void)state;
	fake_add(refusal(PORTOWNER_REJECT_OP_BIND,
			 PORTOWNER_RULE_ADDRESS_IN_USE));
	nest = socket_begin(msg, PORTOWNER_A_CHECK_CULPRIT, 2);
	put_socket(msg, "127.0.0.1", IPPROTO_TCP, 8080, PORTOWNER_STATE_BOUND);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_check, "-J 8080");
	json = parsed(output);
	assert_json(json, "rule", "\"address-in-use\"");
	assert_int_equal(count(json, "culprits"), 2);
	json_object_put(json);
}

static void exhausted(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);

	(void)state;
	put_verdict(msg, PORTOWNER_REJECT_OP_BIND, EADDRINUSE,
		    PORTOWNER_RULE_EPHEMERAL_EXHAUSTED);
	put_range(msg, PORTOWNER_A_CHECK_RANGE);
	fake_add(msg);
	fake.reserved = "";
	run(cmd_check, "tcp/0");
	assert_int_equal(status, STATUS_NO);
	assert_words(output, "Of the 100 ports from 40000 to 40099, 93 are in "
			     "use and 7 are reserved. Most of them are held "
			     "by a\\x20b[10]: 60, b[11]: 33.");
	assert_non_null(strstr(output, "\n    portowner list -a --pid 10\n"));
	assert_non_null(strstr(output, "IP_BIND_ADDRESS_NO_PORT"));
	assert_non_null(strstr(output, "\n    sysctl -w "
				       "net.ipv4.ip_local_port_range=\"1024 65535\"\n"));
	run(cmd_check, "tcp/0 --listen");
	assert_int_equal(status, STATUS_NO);
	assert_null(strstr(output, "IP_BIND_ADDRESS_NO_PORT"));
}

static void without_ipv6(void **state)
{
	(void)state;
	add_verdict(EAFNOSUPPORT, PORTOWNER_RULE_INVALID_ARGUMENT, 0);
	run(cmd_check, "[::1]:8080");
	assert_int_equal(status, STATUS_NO);
	assert_words(output, "tcp [::1]:8080 would be refused: EAFNOSUPPORT "
			     "(invalid-argument) why This kernel runs without "
			     "IPv6: it was booted with ipv6.disable=1, or "
			     "built without it.");
	assert_words(output, "- Request an IPv4 address");
	assert_null(strstr(output, "strace"));
}

/* The capability counts only in network namespaces of its user namespace. */
static void in_user_namespace(void **state)
{
	(void)state;
	add_verdict(EACCES, PORTOWNER_RULE_PRIVILEGED_PORT, 0);
	fake.capable_tool = true;
	fake.foreign_netns = true;
	run(cmd_check, "80");
	assert_words(output, "the new program has it in its user namespace, "
			     "but that one does not own the network namespace");
	run(cmd_check, "80 -J");
	assert_non_null(strstr(output, "\"reason\":\"capability-elsewhere\""));
	/* Of another user, nothing is known. */
	run(cmd_check, "80 -J --uid 5");
	assert_non_null(strstr(output, "\"reason\":null"));
}

static void not_checked(void **state)
{
	(void)state;
	fake.lsms = "lockdown,capability,landlock,yama,apparmor";
	add_verdict(0, 0, PORTOWNER_UNFORESEEN_CGROUP_BPF);
	run(cmd_check, "8080");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(output,
			    "tcp 0.0.0.0:8080 can be bound\n"
			    "note: not checked, but may still refuse: "
			    "security modules landlock, apparmor; "
			    "BPF program of this cgroup\n");
	assert_string_equal(said, "");
	fake.lsms = "lockdown,capability,apparmor";
	run(cmd_check, "8080");
	assert_words(output, ": security module apparmor; BPF ");
	run(cmd_check, "-J 8080");
	assert_non_null(strstr(output, "\"unchecked\":[\"apparmor\",\"cgroup-bpf\"]"));
	assert_string_equal(said, "");
	run(cmd_check, "8080 -q");
	assert_string_equal(output, "");
	assert_string_equal(said, "");
}

static void assert_asked(const char *line, __u16 family, __u16 proto,
			 __u16 port)
{
	run(cmd_check, line);
	assert_int_equal(status, STATUS_YES);
	assert_int_equal(fake.request.ep.family, family);
	assert_int_equal(fake.request.ep.proto, proto);
	assert_int_equal(fake.request.ep.port, port);
}

static void requests(void **state)
{
	static const unsigned char mapped[16] = {
		[10] = 0xff, 0xff, 127, 0, 0, 1
	};

	(void)state;
	add_verdict(0, 0, 0);
	assert_asked("80", AF_INET, IPPROTO_TCP, 80);
	assert_asked("udp/10", AF_INET, IPPROTO_UDP, 10);
	assert_asked("-u 80", AF_INET, IPPROTO_UDP, 80);
	assert_asked("-t mptcp/80", AF_INET, IPPROTO_MPTCP, 80);
	assert_asked("-t -u udp/80", AF_INET, IPPROTO_UDP, 80);
	assert_asked("tcp/0", AF_INET, IPPROTO_TCP, 0);
	assert_asked("127.0.0.1:0", AF_INET, IPPROTO_TCP, 0);
	assert_asked("-6 80", AF_INET6, IPPROTO_TCP, 80);
	assert_asked("--v6only 80", AF_INET6, IPPROTO_TCP, 80);
	assert_int_equal(fake.request.ep.flags, PORTOWNER_SOCK_FLAG_V6ONLY);
	assert_asked("[::ffff:127.0.0.1]:80", AF_INET6, IPPROTO_TCP, 80);
	assert_memory_equal(fake.request.ep.addr, mapped, 16);
	assert_asked("[fe80::1%eth0]:80 --reuseaddr --reuseport --freebind",
		     AF_INET6, IPPROTO_TCP, 80);
	assert_int_equal(fake.request.scope, 7);
	assert_words(output, "tcp [fe80::1%eth0]:80 can be bound");
	assert_asked("sctp/[fe80::1%7]:80", AF_INET6, IPPROTO_SCTP, 80);
	assert_words(output, "sctp [fe80::1%eth0]:80 can be bound");
	assert_asked("[fe80::1%7]:80 --reuseaddr --reuseport --freebind",
		     AF_INET6, IPPROTO_TCP, 80);
	assert_int_equal(fake.request.scope, 7);
	assert_int_equal(fake.request.ep.flags,
			 PORTOWNER_SOCK_FLAG_REUSEADDR |
			 PORTOWNER_SOCK_FLAG_REUSEPORT |
			 PORTOWNER_SOCK_FLAG_FREEBIND);
	assert_asked("80 --dev eth0 --uid root --listen", AF_INET, IPPROTO_TCP,
		     80);
	assert_int_equal(fake.request.ifindex, 7);
	assert_asked("0.0.0.0%eth0:80", AF_INET, IPPROTO_TCP, 80);
	assert_int_equal(fake.request.ifindex, 7);
	assert_int_equal(fake.request.scope, 0);
	assert_words(output, "tcp 0.0.0.0%eth0:80 can be bound");
	assert_asked("[::%7]:80 --dev eth0", AF_INET6, IPPROTO_TCP, 80);
	assert_int_equal(fake.request.ifindex, 7);
	assert_asked("[::%eth0]:80 --dev 7", AF_INET6, IPPROTO_TCP, 80);
	assert_int_equal(fake.request.ifindex, 7);
	assert_words(output, "tcp [::%eth0]:80 can be bound");
	assert_asked("localhost:80/udp", AF_INET, IPPROTO_UDP, 80);
	assert_memory_equal(fake.request.ep.addr, mapped + 12, 4);
	assert_asked("-6 localhost:80", AF_INET6, IPPROTO_TCP, 80);
	assert_memory_equal(fake.request.ep.addr, &in6addr_loopback, 16);
	assert_asked("*:80", AF_INET, IPPROTO_TCP, 80);
	assert_asked("80 --dev eth0 --uid root --listen", AF_INET, IPPROTO_TCP,
		     80);
	assert_true(fake.request.has_uid);
	assert_int_equal(fake.request.uid, 0);
	assert_true(fake.request.listen);
}

/* The sysctl decides for an IPv6 socket that does not set the option. */
static void v6only_by_default(void **state)
{
	static const struct {
		const char *line;
		__u16 proto;
	} dual[] = {
		{ "[::]:80", IPPROTO_TCP },
		{ "udp/[::]:80", IPPROTO_UDP },
		{ "mptcp/[::]:80", IPPROTO_MPTCP },
		{ "udplite/[::]:80", IPPROTO_UDPLITE },
		{ "sctp/[::]:80", IPPROTO_SCTP },
	};
	size_t i;

	(void)state;
	add_verdict(0, 0, 0);
	for (i = 0; i < ARRAY_SIZE(dual); i++) {
		fake.bindv6only = i ? "0" : NULL;
		assert_asked(dual[i].line, AF_INET6, dual[i].proto, 80);
		assert_int_equal(fake.request.ep.flags, 0);
		fake.bindv6only = "1";
		assert_asked(dual[i].line, AF_INET6, dual[i].proto, 80);
		assert_int_equal(fake.request.ep.flags,
				 PORTOWNER_SOCK_FLAG_V6ONLY);
	}
	assert_asked("80", AF_INET, IPPROTO_TCP, 80);
	assert_int_equal(fake.request.ep.flags, 0);
	assert_asked("raw/[::]:80", AF_INET6, IPPROTO_RAW, 80);
	assert_int_equal(fake.request.ep.flags, 0);
}

static void assert_wrong(const char *line, const char *words)
{
	run(cmd_check, line);
	assert_int_equal(status, STATUS_USAGE);
	assert_int_equal(fake.opened, 0);
	if (!strstr(said, words))
		fail_msg("%s: %s", line, said);
}

static void wrong_requests(void **state)
{
	(void)state;
	assert_wrong("80 --dev eth1", "'eth1'");
	assert_wrong("[fe80::1%eth1]:80", "'eth1'");
	assert_wrong("[fe80::1%]:80", "'[fe80::1%]:80'");
	assert_wrong("127.0.0.1%eth1:80", "'eth1'");
	assert_wrong("0.0.0.0%eth0:80 --dev lo", "--dev");
	assert_wrong("80-90", "range");
	assert_wrong("-4 [::1]:80", "IPv4");
	assert_wrong("-6 127.0.0.1:80", "IPv6");
	assert_wrong("-46 80", "one address");
	assert_wrong("-tu 80", "one protocol");
	assert_wrong("-u tcp/80", "--proto");
	assert_wrong("--proto=mptcp tcp/80", "--proto");
	assert_wrong("--v6only 127.0.0.1:80", "--v6only");
	assert_wrong("udp/80 --listen", "--listen");
	assert_wrong("65536", "'65536'");
	assert_wrong("00", "'00'");
	assert_wrong("raw/0", "from 1 to 255");
	assert_wrong("raw/127.0.0.1:0", "from 1 to 255");
	assert_wrong("--proto raw 0", "from 1 to 255");
	assert_wrong("--proto raw 256", "from 1 to 255");
}

static void denied(void **state)
{
	(void)state;
	run(cmd_check, "80");
	assert_int_equal(status, STATUS_DENIED);
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(would_succeed),
		TEST(would_fail),
		TEST(only_free_for_ipv4),
		TEST(asks_again),
		TEST(refused_listen),
		TEST(nameless_error),
		TEST(several_messages),
		TEST(exhausted),
		TEST(without_ipv6),
		TEST(in_user_namespace),
		TEST(not_checked),
		TEST(requests),
		TEST(v6only_by_default),
		TEST(wrong_requests),
		TEST(denied),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("check", tests, NULL, NULL);
}
