// SPDX-License-Identifier: GPL-2.0

#include <locale.h>
#include <netinet/in.h>

#include "tests/harness.h"

#define NETNS	4026531840U

static const struct spec connection = {
	.cookie = 1, .addr = "10.0.0.1", .proto = IPPROTO_TCP, .port = 40000,
	.state = PORTOWNER_STATE_ESTABLISHED, .pids = { 10 }, .origin = 1,
};

static void host(const char *range, const char *reserved)
{
	fake.netns = NETNS;
	fake.range = range;
	fake.reserved = reserved;
}

static void add(struct spec spec)
{
	fake_add(port_of(&spec));
}

/* The text after the table begins like this, wherever it is folded. */
static void assert_said(const char *words)
{
	const char *text;
	char *said_words, *c;

	run(cmd_who, "-n 40000");
	text = strstr(output, "\n\n");
	if (!text)
		fail_msg("nothing is said:\n%s", output);
	said_words = xstrdup(text + 2);
	for (c = said_words; *c; c++)
		if (*c == '\n')
			*c = ' ';
	if (strncmp(said_words, words, strlen(words)))
		fail_msg("it says: %s\nexpected: %s", said_words, words);
	free(said_words);
}

static void assert_nothing_said(void)
{
	if (strstr(output, "held by") || strstr(output, "sysctl"))
		fail_msg("it says: %s", output);
}

static void in_range(void **state)
{
	static const char expected[] =
		"PROTO ADDRESS   PORT PEER STATE       SHARE     PID COMMAND USER UNIT\n"
		"tcp   10.0.0.1 40000 -    established exclusive  10 p\\x20q  1000 -\n"
		"\n"
		"tcp port 40000 is held by an outgoing connection of p\\x20q[10]; nothing is\n"
		"listening on it. The kernel chose the port: it lies in\n"
		"net.ipv4.ip_local_port_range (32768 to 60999). To reserve it:\n"
		"  sysctl -w net.ipv4.ip_local_reserved_ports=40000\n";
	struct json_object *json;

	(void)state;
	host("32768\t60999", "");
	add(connection);
	run(cmd_who, "-n 40000");
	assert_string_equal(output, expected);
	run(cmd_who, "40000 -o port");
	assert_nothing_said();
	run(cmd_who, "-J 40000");
	json = parsed(output);
	assert_int_equal(count(json, "notes"), 1);
	assert_string_equal(json_object_get_string(element(json, "notes", 0)),
			    "tcp port 40000 is held by an outgoing connection "
			    "of p\\x20q[10]; nothing is listening on it. The "
			    "kernel chose the port: it lies in "
			    "net.ipv4.ip_local_port_range (32768 to 60999). To "
			    "reserve it: sysctl -w "
			    "net.ipv4.ip_local_reserved_ports=40000");
	json_object_put(json);
	run(cmd_list, "-J -a");
	assert_nothing_said();
	json_object_put(parsed(output));
}

static void keeps_what_is_reserved(void **state)
{
	static const char line[] =
		"\n  sysctl -w net.ipv4.ip_local_reserved_ports="
		"80,30000-39999,40001,40000\n";

	(void)state;
	host("32768\t60999", "80,30000-39999,40001");
	add(connection);
	run(cmd_who, "-n 40000");
	assert_non_null(strstr(output, line));
}

static void reserved_already(void **state)
{
	static const char * const lists[] = {
		"40000", "1,40000", "1,39999-40001", "40000-40000,50000",
	};
	size_t i;

	(void)state;
	add(connection);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		host("32768\t60999", lists[i]);
		run(cmd_who, "-n 40000");
		assert_non_null(strstr(output, "already"));
		assert_null(strstr(output, "sysctl"));
	}
}

static void out_of_range(void **state)
{
	struct spec spec = connection;

	(void)state;
	host("50000\t60999", "");
	spec.origin = 0;
	add(spec);
	/* A listener that has gone may have accepted it. */
	assert_said("tcp port 40000 is held by a connection of p\\x20q[10]; "
		    "nothing is listening on it. The port lies outside "
		    "net.ipv4.ip_local_port_range (50000 to 60999): a "
		    "program chose it, not the kernel. ");
	assert_null(strstr(output, "sysctl"));
	fake_reset();
	host("50000\t60999", "");
	spec.bound = true;
	add(spec);
	assert_said("tcp port 40000 is held by an outgoing connection of "
		    "p\\x20q[10]; the port was bound explicitly, and nothing "
		    "is listening on it.");
}

static void not_known(void **state)
{
	struct spec spec = connection;

	(void)state;
	spec.origin = 0;
	add(spec);
	host(NULL, NULL);
	assert_said("tcp port 40000 is held by a connection of p\\x20q[10]; "
		    "nothing is listening on it. ");
	host("32768\t60999", NULL);
	assert_said("tcp port 40000 is held by a connection of "
		    "p\\x20q[10]; nothing is listening on it. The port lies "
		    "in net.ipv4.ip_local_port_range (32768 to 60999), from "
		    "which the kernel chooses ports. ");
	assert_null(strstr(output, "sysctl"));
	/* The sysctls are those of another namespace. */
	fake.netns = 1;
	assert_said("tcp port 40000 is held by a connection of p\\x20q[10]; "
		    "nothing is listening on it. Whether the kernel chose it "
		    "depends on net.ipv4.ip_local_port_range in that network "
		    "namespace. ");
	assert_null(strstr(output, "sysctl"));
}

/* It is known who chose the port, regardless of the range. */
static void origin(void **state)
{
	struct spec spec = connection;

	(void)state;
	add(spec);
	host(NULL, NULL);
	assert_said("tcp port 40000 is held by an outgoing connection of "
		    "p\\x20q[10]; nothing is listening on it. The kernel chose "
		    "the port. ");
	host("50000\t60999", "");
	assert_said("tcp port 40000 is held by an outgoing connection of "
		    "p\\x20q[10]; nothing is listening on it. The kernel chose "
		    "the port: it lies outside net.ipv4.ip_local_port_range "
		    "(50000 to 60999 now, but not then). ");
	fake_reset();
	host("32768\t60999", "");
	spec.origin = -1;
	add(spec);
	assert_said("tcp port 40000 is held by an outgoing connection of "
		    "p\\x20q[10]; the port was bound explicitly, and nothing "
		    "is listening on it. ");
	assert_null(strstr(output, "sysctl"));
}

static void self_connected(void **state)
{
	struct spec spec = connection;

	(void)state;
	host("32768\t60999", "");
	spec.self = true;
	add(spec);
	assert_said("tcp port 40000 is held by an outgoing connection of "
		    "p\\x20q[10]; nothing is listening on it. One socket is "
		    "connected to itself: a client tried to connect to port 40000 ");
	assert_non_null(strstr(output, " 10.0.0.1:40000 "));
	run(cmd_who, "-J 40000");
	assert_non_null(strstr(output, "\"peer\":{\"addr\":\"10.0.0.1\",\"port\":40000}"));
	assert_non_null(strstr(output, "\"port_by_kernel\":true"));
}

static void several(void **state)
{
	struct spec spec = connection;
	__u32 i;

	(void)state;
	host("32768\t60999", "");
	for (i = 0; i < 8; i++) {
		spec.cookie = 100 + i;
		spec.pids[0] = 10 + i / 2;
		add(spec);
	}
	assert_said("tcp port 40000 is held by 8 outgoing connections of "
		    "p\\x20q[10], p\\x20q[11], p\\x20q[12] and others; nothing");
}

static void without_process(void **state)
{
	struct spec spec = connection;

	(void)state;
	host("32768\t60999", "");
	spec.pids[0] = 0;
	spec.state = PORTOWNER_STATE_FIN_WAIT_1;
	add(spec);
	assert_said("tcp port 40000 is held by an outgoing connection that no "
		    "process has open; nothing");
	spec = connection;
	spec.cookie++;
	add(spec);
	assert_said("tcp port 40000 is held by 2 outgoing connections of "
		    "p\\x20q[10] and others; nothing");
	fake_reset();
	host("32768\t60999", "");
	spec.pids[0] = 0;
	spec.hidden = true;
	add(spec);
	assert_said("tcp port 40000 is held by an outgoing connection of a "
		    "process you are not permitted to see; nothing");
}

static void time_wait(void **state)
{
	struct spec spec = connection;

	(void)state;
	host("32768\t60999", "");
	spec.pids[0] = 0;
	spec.origin = 0;
	spec.state = PORTOWNER_STATE_TIME_WAIT;
	add(spec);
	assert_said("tcp port 40000 is held by a closed connection in "
		    "TIME_WAIT, for at most a minute. The port lies in ");
	spec.cookie++;
	add(spec);
	assert_said("tcp port 40000 is held by closed connections in TIME_WAIT,");
	/* The connection that lasts longest counts. */
	spec.cookie++;
	spec.expires_ns = 41500000000ULL;
	add(spec);
	spec.cookie++;
	spec.expires_ns = 1000000000ULL;
	add(spec);
	assert_said("tcp port 40000 is held by closed connections in TIME_WAIT, "
		    "for another 41.500s. The port lies in ");
}

static void served(void **state)
{
	struct spec spec = connection;

	(void)state;
	host("32768\t60999", "");
	add(connection);
	/* It does not match the target, but is on the port. */
	spec.cookie++;
	spec.addr = "::1";
	spec.state = PORTOWNER_STATE_LISTEN;
	spec.proto = IPPROTO_MPTCP;
	add(spec);
	run(cmd_who, "-n 10.0.0.1:40000");
	assert_nothing_said();
	/* The same number in UDP is a different port. */
	fake_reset();
	host("32768\t60999", "");
	add(connection);
	spec.proto = IPPROTO_UDP;
	spec.state = PORTOWNER_STATE_BOUND;
	add(spec);
	run(cmd_who, "-n 10.0.0.1:40000");
	assert_non_null(strstr(output, "tcp port 40000 is held by"));
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(in_range),
		TEST(keeps_what_is_reserved),
		TEST(reserved_already),
		TEST(out_of_range),
		TEST(not_known),
		TEST(origin),
		TEST(self_connected),
		TEST(several),
		TEST(without_process),
		TEST(time_wait),
		TEST(served),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("client_ports", tests, NULL, NULL);
}
