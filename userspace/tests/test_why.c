// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <locale.h>
#include <netinet/in.h>

#include "harness.h"
#include "refusal.h"

static void facts(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.exe = "/bin/l e";
	r.cgroup = "/system.slice/web.service";
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "bind of tcp 127.0.0.1:8080 was refused: "
			     "EADDRINUSE (wildcard-covers) who l\\x20e[777] "
			     "of uid 1000, running /bin/l\\x20e, in "
			     "web.service, asked for it, with SO_REUSEADDR. "
			     "when That was 1h1m ago, at ");
	assert_words(output, "in the way h\\x20o[555], socket of uid 0, "
			     "listened on tcp 0.0.0.0:8080, bound 1m1s "
			     "earlier, with SO_REUSEPORT. now The same socket "
			     "is still there: h\\x20o[555] (tcp 0.0.0.0:8080, "
			     "listen). why 0.0.0.0 stands for all IPv4 "
			     "addresses of this machine, so tcp 0.0.0.0:8080 "
			     "includes tcp 127.0.0.1:8080. Two sockets may "
			     "share a port only if both set SO_REUSEPORT and "
			     "belong to the same user (here only the one in "
			     "the way did).");
	assert_words(output, "What can be done: - End h\\x20o[555], if it "
			     "should not have the port: kill 555 - Let "
			     "h\\x20o[555] ask for the address that it needs, "
			     "if it is another one than 127.0.0.1, in place of "
			     "0.0.0.0. - Let l\\x20e[777] use another port than "
			     "8080. - Let l\\x20e[777] set SO_REUSEPORT before "
			     "bind(), as the other side did, and run both as the "
			     "same user (now uid 0 and uid 1000): int on = 1;");
}

static void since_then(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	why(&r, false);
	assert_words(output, "now It is gone since: nothing is in the way any more.");
	assert_words(output, "What can be done: - Nothing is in the way any "
			     "more: start what l\\x20e[777] was to do again.");
	assert_null(strstr(output, "kill"));

	refusal_start();
	add_reject(&r, 1);
	r.holder = "127.0.0.1";
	r.pid = 777;
	add_now(&r, 100);
	run(cmd_why, "");
	assert_words(output, "That is gone, but another socket is in the way: "
			     "h\\x20o[777] (tcp 127.0.0.1:8080, listen), the "
			     "very process that was refused.");
	assert_words(output, "Nothing needs to be done: h\\x20o[777] has the "
			     "port by now.");
	assert_null(strstr(output, "kill"));

	refusal_start();
	r = simple_refusal;
	add_reject(&r, 1);
	r.holder = "127.0.0.2";
	add_now(&r, 100);
	run(cmd_why, "");
	assert_words(output, "nothing is in the way any more.");
}

static void verdict_now(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);

	(void)state;
	refusal_start();
	add_reject(&simple_refusal, 1);
	put_verdict(msg, 0, 0, 0);
	fake_add(msg);
	run(cmd_why, "");
	assert_words(output, "The same bind would succeed now.");
	assert_false(fake.request.has_uid);
	assert_int_equal(fake.request.ep.port, 8080);
	fake.uid = 0;
	run(cmd_why, "");
	assert_true(fake.request.has_uid);
	assert_int_equal(fake.request.uid, 1000);
}

/* To share an address is not to be in the way. */
static void no_obstacle(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);
	struct refusal r = simple_refusal;

	(void)state;
	r.proto = IPPROTO_UDP;
	refusal_start();
	add_reject(&r, 1);
	r.holder = "127.0.0.1";
	add_now(&r, 100);
	run(cmd_why, "");
	assert_words(output, "another socket is in the way: h\\x20o[555]");
	put_verdict(msg, 0, 0, 0);
	fake_add(msg);
	run(cmd_why, "");
	assert_words(output, "It is gone since: nothing is in the way any "
			     "more. The same bind would succeed now.");
	assert_words(output, "- Nothing is in the way any more: start what");
	assert_null(strstr(output, "kill"));
}

/* Of those that are there, the one that the kernel blames. */
static void obstacle(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);
	struct refusal r = simple_refusal;
	struct nlattr *nest;

	(void)state;
	refusal_start();
	add_reject(&r, 1);
	add_now(&r, 100);
	r.pid = 556;
	add_now(&r, 101);
	put_verdict(msg, PORTOWNER_OP_BIND, EADDRINUSE,
		    PORTOWNER_RULE_WILDCARD_COVERS);
	nest = socket_begin(msg, PORTOWNER_A_CHECK_CULPRIT, 101);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 8080, PORTOWNER_STATE_LISTEN);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_why, "");
	assert_words(output, "another socket is in the way: h\\x20o[556]");
	assert_non_null(strstr(output, "\n    kill 556\n"));
}

/* Names are not to get into commands that root may paste. */
static void hostile(void **state)
{
	struct refusal r = {
		.addr = "0.0.0.0", .port = 80, .err = EACCES,
		.rule = PORTOWNER_RULE_PRIVILEGED_PORT,
		.exe = "/tmp/x;reboot", .comm = "\033[2J`id`",
	};

	(void)state;
	why(&r, false);
	assert_null(strstr(output, "setcap"));
	assert_null(strchr(output, '\033'));
	r = simple_refusal;
	r.holder_cgroup = "/system.slice/x;reboot .service";
	why(&r, true);
	assert_null(strstr(output, "systemctl"));
	assert_non_null(strstr(output, "\n    kill 555\n"));
	r.holder_cgroup = "/user.slice/user@1.service/app.slice/a.service";
	why(&r, true);
	assert_null(strstr(output, "systemctl"));
	r.holder_cgroup = "/system.slice/web.service";
	why(&r, true);
	assert_non_null(strstr(output, "\n    systemctl stop web.service\n"));
}

static void choice(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	refusal_start();
	add_reject(&r, 1);
	r.port = 81;
	add_reject(&r, 2);
	run(cmd_why, "");
	assert_words(output, "bind of tcp 127.0.0.1:81 was");
	run(cmd_why, "8080");
	assert_words(output, "bind of tcp 127.0.0.1:8080 was");
	run(cmd_why, "udp/8080");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(said, "portowner: nothing is logged of udp/8080 "
				  "in this network namespace; -A looks in all\n");
	assert_string_equal(output, "");
	run(cmd_why, "udp/8080 -A");
	assert_string_equal(said, "portowner: nothing is logged of udp/8080\n");
	run(cmd_why, "-u");
	assert_string_equal(said, "portowner: nothing is logged in this "
				  "network namespace; -A looks in all\n");
	run(cmd_why, "-u -q");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(said, "");
	run(cmd_why, "0 -q");
	assert_int_equal(status, STATUS_NO);
	run(cmd_why, "x");
	assert_int_equal(status, STATUS_USAGE);
}

/* No port is asked for, so the kernel chooses none. */
static void raw_socket(void **state)
{
	const struct refusal r = {
		.addr = "192.0.2.1", .proto = IPPROTO_RAW,
		.err = EADDRNOTAVAIL, .rule = PORTOWNER_RULE_ADDRESS_NOT_LOCAL,
	};

	(void)state;
	why(&r, false);
	assert_words(output, "bind of raw 192.0.2.1 was refused: EADDRNOTAVAIL");
}

static void json(void **state)
{
	static const char * const keys[] = {
		"rejects", "explanation", "remedy", NULL
	};
	struct json_object *json;

	(void)state;
	why(&simple_refusal, true);
	run(cmd_why, "-J");
	json = parsed(output);
	assert_keys(json, keys);
	assert_int_equal(count(json, "rejects"), 1);
	assert_keys(element(json, "rejects", 0), reject_keys);
	assert_int_equal(strncmp(json_object_get_string(member(json, "explanation")),
				 "bind of tcp 127.0.0.1:8080 was refused: ", 40), 0);
	assert_string_equal(json_object_get_string(element(json, "remedy", 0)),
			    "End h\\x20o[555], if it should not have the port: kill 555");
	json_object_put(json);
	run(cmd_why, "-J 9");
	assert_int_equal(status, STATUS_NO);
	json = parsed(output);
	assert_json(json, "rejects", "[]");
	assert_json(json, "explanation", "null");
	assert_json(json, "remedy", "[]");
	json_object_put(json);
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(facts),
		TEST(since_then),
		TEST(verdict_now),
		TEST(no_obstacle),
		TEST(obstacle),
		TEST(hostile),
		TEST(choice),
		TEST(raw_socket),
		TEST(json),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why", tests, NULL, NULL);
}
