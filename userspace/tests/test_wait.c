// SPDX-License-Identifier: GPL-2.0

#include <locale.h>
#include <netinet/in.h>

#include "harness.h"

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
	/* It looked more than once, in both runs. */
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
	assert_waits("[fe80::1%lo]:80", false);
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

/* What a server with SO_REUSEADDR could not have. */
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
		TEST(json),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
