// SPDX-License-Identifier: GPL-2.0

#include <locale.h>
#include <netinet/in.h>

#include "harness.h"

static struct nl_msg *connected(__u64 cookie, const char *addr, __u32 state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, cookie);
	put_socket(msg, addr, IPPROTO_TCP, 80, state);
	nla_nest_end(msg, nest);
	return msg;
}

static void who_order(void **state)
{
	struct json_object *json;

	(void)state;
	fake_add(connected(1, "10.0.0.1", PORTOWNER_STATE_ESTABLISHED));
	fake_add(simple_port(3, "0.0.0.0", 81, 10, "a"));
	fake_add(simple_port(2, "0.0.0.0", 80, 10, "a"));
	run(cmd_who, "-J 80");
	assert_int_equal(status, 0);
	assert_int_equal(fake.asked.states, 0xffe);
	assert_int_equal(fake.asked.port, 80);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 2);
	assert_json(element(json, "sockets", 0), "cookie", "2");
	assert_json(element(json, "sockets", 1), "cookie", "1");
	json_object_put(json);
}

static void who_nobody(void **state)
{
	struct json_object *json;

	(void)state;
	fake_add(simple_port(1, "127.0.0.1", 80, 10, "a"));
	run(cmd_who, "-J 81");
	assert_int_equal(status, STATUS_NO);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 0);
	json_object_put(json);
	run(cmd_who, "127.0.0.2:80");
	assert_int_equal(status, STATUS_NO);
	run(cmd_who, "udp/80");
	assert_int_equal(status, STATUS_NO);
	run(cmd_who, "-u tcp/80");
	assert_int_equal(status, STATUS_NO);
	run(cmd_who, "127.0.0.1:80");
	assert_int_equal(status, STATUS_YES);
	run(cmd_who, "80x");
	assert_int_equal(status, STATUS_USAGE);
}

static void who_several(void **state)
{
	struct json_object *json;

	(void)state;
	fake_add(simple_port(1, "127.0.0.1", 80, 10, "a"));
	fake_add(simple_port(2, "127.0.0.1", 81, 10, "a"));
	run(cmd_who, "-J 80 tcp/80 81");
	assert_int_equal(status, STATUS_YES);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 2);
	json_object_put(json);
	run(cmd_who, "-J 80 82");
	assert_int_equal(status, STATUS_NO);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 1);
	json_object_put(json);
}

static void who_text(void **state)
{
	static const char expected[] =
		"udp 0.0.0.0:4789 bound\n"
		"  netns      4026531840\n"
		"  user       0\n"
		"  share      reuseaddr, 2 sockets; no other may join\n"
		"  age        1m1s\n"
		"  binder     b\\xff[8] by 4294967290, gone since\n"
		"  kernel     vxlan\n"
		"  unseen     3 references that no descriptor explains\n"
		"  PID FD COMMAND     USER       EXE                 UNIT\n"
		"   10 11 \"w\\x1b\xc3\xa9\\xff 4294967290 /bin/w\\x20(deleted) web.service\n"
		"    -  - [vxlan]     0          -                   -\n";

	(void)state;
	fake_add(rich_socket());
	run(cmd_who, "-n 4789");
	assert_string_equal(output, expected);
}

static void who_text_connected(void **state)
{
	static const char expected[] =
		"tcp [::]:80 listen\n"
		"  netns      4026531840\n"
		"  user       0\n"
		"  share      exclusive\n"
		"  covers     0.0.0.0 too, since it is not v6only\n"
		"  PID FD COMMAND USER EXE UNIT\n"
		"   10  3 a       1000 -   -\n"
		"\n"
		"PROTO ADDRESS  PORT STATE       SHARE     PID COMMAND USER UNIT\n"
		"tcp   10.0.0.1   80 established exclusive   - -       -    -\n";

	(void)state;
	fake_add(simple_port(1, "::", 80, 10, "a"));
	fake_add(connected(2, "10.0.0.1", PORTOWNER_STATE_ESTABLISHED));
	run(cmd_who, "-n 80");
	assert_string_equal(output, expected);
	run(cmd_who, "80 -o pid,port --no-headings");
	assert_string_equal(output, "10 80\n - 80\n");
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(who_order),
		TEST(who_nobody),
		TEST(who_several),
		TEST(who_text),
		TEST(who_text_connected),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("who", tests, NULL, NULL);
}
