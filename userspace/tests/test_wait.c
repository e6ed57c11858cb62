// SPDX-License-Identifier: GPL-2.0

#include <locale.h>
#include <netinet/in.h>

#include "tests/harness.h"

static void add(const char *addr, __u16 proto, __u32 state, __u32 flags)
{
	const struct spec spec = {
		.cookie = 1, .addr = addr, .proto = proto, .port = 80,
		.state = state, .flags = flags, .pids = { 10 },
	};

	fake_add(port_of(&spec));
}

static void assert_waits(const char *line, bool found)
{
	char words[128];

	snprintf(words, sizeof(words), "%s --timeout 0.001", line);
	run(cmd_wait, words);
	if (status != (found ? STATUS_YES : STATUS_NO))
		fail_msg("'%s' ends with %d: %s", line, status, said);
	assert_int_equal(!strstr(said, "timed out"), found);
}

static void waits_for_server(void **state)
{
	(void)state;
	assert_waits("80", false);
	/* It polled more than once, in both runs. */
	assert_true(fake.asks >= 4);
	assert_int_equal(fake.asked.port, 80);
	assert_int_equal(fake.asked.states, 0);
	add("0.0.0.0", IPPROTO_TCP, PORTOWNER_STATE_LISTEN, 0);
	assert_waits("80", true);
	assert_string_equal(output, "tcp 0.0.0.0:80 listen: p\\x20q[10]\n");
	assert_waits("80 --listening", true);
	assert_waits("80 --bound", true);
	assert_waits("127.0.0.1:80", true);
	assert_waits("[::1]:80", false);
	assert_waits("[fe80::1%eth0]:80", false);
	run(cmd_wait, "--free [fe80::1%eth1]:80");
	assert_int_equal(status, STATUS_USAGE);
	assert_waits("udp/80", false);
	assert_waits("-u 80", false);
	assert_waits("80 --free", false);
	assert_string_equal(output, "tcp 0.0.0.0:80 listen: p\\x20q[10]\n");
	run(cmd_wait, "80 -q");
	assert_string_equal(output, "");
	assert_int_equal(status, STATUS_YES);
}

static void waits_for_bound(void **state)
{
	(void)state;
	add("127.0.0.1", IPPROTO_TCP, PORTOWNER_STATE_BOUND, 0);
	assert_waits("80", false);
	assert_waits("80 --bound", true);
	assert_waits("80 --free", false);
}

static void waits_for_udp(void **state)
{
	(void)state;
	add("127.0.0.1", IPPROTO_UDP, PORTOWNER_STATE_BOUND, 0);
	assert_waits("udp/80", true);
	assert_waits("tcp/80 --free", true);
	assert_waits("80 --free", false);
}

/* Ports that a server with SO_REUSEADDR could not bind. */
static void unfree(void **state)
{
	static const __u32 connected[] = {
		PORTOWNER_STATE_ESTABLISHED, PORTOWNER_STATE_TIME_WAIT,
	};
	size_t i;

	(void)state;
	assert_waits("80 --free", true);
	assert_string_equal(output, "");
	for (i = 0; i < ARRAY_SIZE(connected); i++) {
		fake_reset();
		add("127.0.0.1", IPPROTO_TCP, connected[i], 0);
		assert_waits("80 --free", false);
		assert_waits("0.0.0.0:80 --free", false);
		assert_waits("127.0.0.2:80 --free", true);
		fake_reset();
		add("127.0.0.1", IPPROTO_TCP, connected[i],
		    PORTOWNER_SOCK_FLAG_REUSEADDR);
		assert_waits("80 --free", true);
	}
}

/* Everything that would make a server fail, in any protocol or family. */
static void unfree_for_others(void **state)
{
	(void)state;
	add("127.0.0.1", IPPROTO_TCP, PORTOWNER_STATE_LISTEN, 0);
	assert_waits("mptcp/80 --free", false);
	assert_waits("--proto=mptcp 80 --free", false);
	assert_waits("--proto=udp,mptcp 80 --free", false);
	assert_waits("mptcp/80", false);
	assert_waits("-6 80 --free", false);
	fake.bindv6only = "1";
	assert_waits("-6 80 --free", true);
	fake_reset();
	add("127.0.0.1", IPPROTO_MPTCP, PORTOWNER_STATE_LISTEN, 0);
	assert_waits("tcp/80 --free", false);
	fake_reset();
	add("::", IPPROTO_TCP, PORTOWNER_STATE_LISTEN, 0);
	assert_waits("-4 80 --free", false);
	assert_waits("-4 80", true);
	fake_reset();
	add("::", IPPROTO_TCP, PORTOWNER_STATE_LISTEN,
	    PORTOWNER_SOCK_FLAG_V6ONLY);
	assert_waits("-4 80 --free", true);
	assert_waits("-4 80", false);
}

/* Only a link-local address binds a socket to a device. */
static void scopes(void **state)
{
	struct spec spec = {
		.cookie = 1, .addr = "fe80::1", .proto = IPPROTO_TCP,
		.port = 80, .state = PORTOWNER_STATE_LISTEN, .dev = "eth0",
	};

	(void)state;
	fake_add(port_of(&spec));
	assert_waits("[fe80::1%eth0]:80", true);
	assert_waits("[fe80::1%7]:80", true);
	assert_waits("[fe80::1%7]:80 --free", false);
	assert_waits("[fe80::2%7]:80 --free", true);
	fake_reset();
	spec.dev = "eth1";
	fake_add(port_of(&spec));
	assert_waits("[fe80::1%7]:80", false);
	assert_waits("[fe80::1%7]:80 --free", true);
	spec.addr = "2001:db8::1";
	fake_add(port_of(&spec));
	assert_waits("[2001:db8::1%eth0]:80 --free", false);
}

/* A server on localhost would bind both of its addresses. */
static void both_loopbacks(void **state)
{
	struct spec spec = {
		.cookie = 1, .addr = "::1", .proto = IPPROTO_TCP,
		.port = 80, .state = PORTOWNER_STATE_LISTEN,
	};

	(void)state;
	fake_add(port_of(&spec));
	assert_waits("localhost:80", true);
	assert_waits("localhost:80 --free", false);
	assert_waits("localhost:80 --free -6", false);
	assert_waits("localhost:80 --free -4", true);
	assert_waits("127.0.0.1:80 --free", true);
	run(cmd_wait, "80-90 --timeout 0");
	assert_int_equal(status, STATUS_USAGE);
}

/* A socket bound to another device does not block 0.0.0.0%eth0. */
static void device(void **state)
{
	struct spec spec = {
		.cookie = 1, .addr = "0.0.0.0", .proto = IPPROTO_TCP,
		.port = 80, .state = PORTOWNER_STATE_LISTEN, .dev = "eth1",
	};

	(void)state;
	fake_add(port_of(&spec));
	assert_waits("0.0.0.0%eth0:80 --free", true);
	assert_waits("0.0.0.0%eth0:80", false);
	assert_waits("0.0.0.0:80 --free", false);
}

static void json(void **state)
{
	struct json_object *json;

	(void)state;
	add("0.0.0.0", IPPROTO_TCP, PORTOWNER_STATE_LISTEN, 0);
	run(cmd_wait, "80 -J");
	json = parsed(output);
	assert_keys(json, (const char * const[]){ "source", "sockets", NULL });
	assert_keys(element(json, "sockets", 0), socket_keys);
	json_object_put(json);
	run(cmd_wait, "81 -J --timeout 0");
	assert_int_equal(status, STATUS_NO);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 0);
	json_object_put(json);
	run(cmd_wait, "x");
	assert_int_equal(status, STATUS_USAGE);
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(waits_for_server),
		TEST(waits_for_bound),
		TEST(waits_for_udp),
		TEST(unfree),
		TEST(unfree_for_others),
		TEST(scopes),
		TEST(both_loopbacks),
		TEST(device),
		TEST(json),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
