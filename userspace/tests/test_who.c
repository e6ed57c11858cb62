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

static void put_place(struct nl_msg *msg, __u32 where, __u32 pid,
		      const char *comm)
{
	struct nlattr *nest = nla_nest_start(msg, PORTOWNER_A_SOCKET_UNSEEN);

	nla_put_u32(msg, PORTOWNER_A_UNSEEN_AT_WHERE, where);
	if (pid)
		nla_put_u32(msg, PORTOWNER_A_UNSEEN_AT_PID, pid);
	nla_put_string(msg, PORTOWNER_A_UNSEEN_AT_COMM, comm);
	nla_nest_end(msg, nest);
}

static struct nl_msg *with_unseen(__u16 port, __u32 refs, bool rings)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, port);
	put_socket(msg, "127.0.0.1", IPPROTO_TCP, port, PORTOWNER_STATE_LISTEN);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_UNSEEN_REFS, refs);
	put_place(msg, PORTOWNER_UNSEEN_IN_FLIGHT, 5, "a b");
	if (rings) {
		put_place(msg, PORTOWNER_UNSEEN_IN_FLIGHT, 5, "a b");
		put_place(msg, PORTOWNER_UNSEEN_IO_URING, 7, "db");
		put_place(msg, PORTOWNER_UNSEEN_IO_URING, 0, "x");
	}
	nla_nest_end(msg, nest);
	return msg;
}

static void who_unseen(void **state)
{
	static const char one[] =
		"  unseen     1 reference in a message waiting in a unix socket of pid 5\n"
		"             (a\\x20b)\n";
	static const char more[] =
		"  unseen     2 references in messages waiting in a unix socket of pid 5\n"
		"             (a\\x20b); 1 reference that no descriptor explains, possibly\n"
		"             registered with an io_uring of pid 7 (db) or a process outside\n"
		"             this pid namespace (x)\n";

	(void)state;
	fake_add(with_unseen(80, 1, false));
	fake_add(with_unseen(81, 3, true));
	run(cmd_who, "80");
	assert_non_null(strstr(output, one));
	run(cmd_who, "81");
	assert_non_null(strstr(output, more));
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
		TEST(who_unseen),
		TEST(who_text_connected),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("who", tests, NULL, NULL);
}
