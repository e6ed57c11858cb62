// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <locale.h>
#include <netinet/in.h>

#include "tests/harness.h"
#include "tests/refusal.h"

static void facts(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.exe = "/srv/l e";
	r.cgroup = "/system.slice/web.service";
	r.flags = PORTOWNER_SOCK_FLAG_REUSEADDR;
	why(&r, true);
	assert_words(output, "bind to tcp 127.0.0.1:8080 was refused: "
			     "EADDRINUSE (wildcard-covers) who l\\x20e[777], "
			     "run by uid 1000 from /srv/l\\x20e, in "
			     "web.service, requested it with SO_REUSEADDR. "
			     "when 1h1m ago, at ");
	assert_words(output, "in the way h\\x20o[555], with a socket owned by "
			     "uid 0, listened on tcp 0.0.0.0:8080, bound 1m1s "
			     "earlier, with SO_REUSEPORT. now The same socket "
			     "is still there: h\\x20o[555] (tcp 0.0.0.0:8080, "
			     "listen). why 0.0.0.0 covers every IPv4 address "
			     "of this host, so tcp 0.0.0.0:8080 includes tcp "
			     "127.0.0.1:8080. Two sockets can share a port "
			     "only if both set SO_REUSEPORT and belong to the "
			     "same user (here only the existing socket did).");
	assert_words(output, "What can be done: - Stop h\\x20o[555] if it "
			     "should not have the port: kill 555 - If "
			     "h\\x20o[555] can make do with an address other than "
			     "127.0.0.1, bind that one instead of 0.0.0.0. - "
			     "Use a port other than 8080 for l\\x20e[777]. - "
			     "Set SO_REUSEPORT in l\\x20e[777] before bind(), "
			     "as the other side did, and run both as the same "
			     "user (now uid 0 and uid 1000); the kernel "
			     "then divides the connections between the two: "
			     "int on = 1;");
}

/* 65 seconds ago, whatever the clock was at that time. */
static void clock_was_set(void **state)
{
	static const __s64 moves[] = {
		3600000, -3600000, 30 * 86400000LL, -30 * 86400000LL
	};
	struct refusal r = simple_refusal;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(moves); i++) {
		r.moved_ms = moves[i];
		why(&r, true);
		assert_words(output, "when 1m5s ago, at ");
		assert_words(output, "Z by a clock that has been set since.");
		run(cmd_log, "--since 10m --no-headings -o seq");
		assert_string_equal(output, "1\n");
		run(cmd_log, "--since 2s --no-headings -o seq");
		assert_string_equal(output, "");
	}
}

/* By too little to mention: the age is right, and there is no note. */
static void clock_was_slewed(void **state)
{
	static const __s64 moves[] = { 900, -900, 600, -600 };
	struct refusal r = simple_refusal;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(moves); i++) {
		r.moved_ms = moves[i];
		why(&r, true);
		assert_words(output, "when 1m5s ago, at ");
		assert_null(strstr(output, "a clock that has been set"));
	}
}

/* A time in the future does not tell how long ago it was. */
static void clock_was_ahead(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.ahead_ms = 90000;
	why(&r, true);
	assert_words(output, "when at 2");
	assert_words(output, "Z by a clock that has been set since.");
	assert_null(strstr(output, "ago"));
}

/* Only what can be pasted: no sentences, no code. */
static void only_commands(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	why(&r, true);
	assert_non_null(strstr(output, "int on = 1;"));
	run(cmd_why, "--fix");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(output, "kill 555\n");
	assert_string_equal(said, "");
	run(cmd_why, "--fix -q");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(output, "");
	run(cmd_why, "--fix -J");
	assert_int_equal(status, STATUS_USAGE);
	run(cmd_why, "--fix 1");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(output, "");

	why(&r, false);
	run(cmd_why, "--fix");
	assert_int_equal(status, STATUS_YES);
	assert_string_equal(output, "");
	assert_words(said, "no command helps");
	assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}

static void since_then(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	why(&r, false);
	assert_words(output, "now It has gone: nothing is in the way any more.");
	assert_words(output, "What can be done: - Nothing is in the way any "
			     "more: start l\\x20e[777] again.");
	assert_null(strstr(output, "kill"));

	refusal_start();
	add_reject(&r, 1);
	r.holder = "127.0.0.1";
	r.pid = 777;
	add_now(&r, 100);
	run(cmd_why, "");
	assert_words(output, "It has gone, but another socket is in the way "
			     "now: h\\x20o[777] (tcp 127.0.0.1:8080, listen), "
			     "the same process that was refused.");
	assert_words(output, "Nothing to do: l\\x20e[777] holds the port now.");
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
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"now\":{\"still\":0,\"others\":0,"
				       "\"verdict\":\"ok\",\"errno\":null,"
				       "\"rule\":null}"));
	assert_false(fake.request.has_uid);
	assert_int_equal(fake.request.ep.port, 8080);
	fake.uid = 0;
	run(cmd_why, "");
	assert_true(fake.request.has_uid);
	assert_int_equal(fake.request.uid, 1000);
}

/* Nothing was found in the way now, but the kernel would refuse again. */
static void refused_again(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_BIND_CHECK);

	(void)state;
	refusal_start();
	add_reject(&simple_refusal, 1);
	put_verdict(msg, PORTOWNER_REJECT_OP_BIND, EADDRINUSE,
		    PORTOWNER_RULE_ADDRESS_IN_USE);
	fake_add(msg);
	run(cmd_why, "");
	assert_words(output, "now It has gone. The same bind would be refused "
			     "again: EADDRINUSE (address-in-use).");
	assert_null(strstr(output, "Nothing is in the way"));
	run(cmd_why, "-J");
	assert_non_null(strstr(output, "\"verdict\":\"refused\","
				       "\"errno\":\"EADDRINUSE\","
				       "\"rule\":\"address-in-use\"}"));
}

/* An error without a name in the C library keeps its number. */
static void nameless_error(void **state)
{
	struct refusal r = {
		.addr = "127.0.0.1", .port = 8080, .err = 524,
		.rule = PORTOWNER_RULE_OTHER,
	};

	(void)state;
	why(&r, false);
	assert_words(output, "bind to tcp 127.0.0.1:8080 was refused: errno "
			     "524 (other)");
}

/* A socket that shares the address is not in the way. */
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
	assert_words(output, "another socket is in the way now: h\\x20o[555]");
	put_verdict(msg, 0, 0, 0);
	fake_add(msg);
	run(cmd_why, "");
	assert_words(output, "It has gone: nothing is in the way any more. "
			     "The same bind would succeed now.");
	assert_words(output, "- Nothing is in the way any more: start l");
	assert_null(strstr(output, "kill"));
}

/* Among the sockets on the port, the one that the kernel names counts. */
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
	put_verdict(msg, PORTOWNER_REJECT_OP_BIND, EADDRINUSE,
		    PORTOWNER_RULE_WILDCARD_COVERS);
	nest = socket_begin(msg, PORTOWNER_A_CHECK_CULPRIT, 101);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 8080, PORTOWNER_STATE_LISTEN);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_why, "");
	assert_words(output, "another socket is in the way now: h\\x20o[556]");
	assert_non_null(strstr(output, "\n    kill 556\n"));
}

/* Names must not get into commands that root may paste. */
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
	assert_non_null(strstr(output, "\n    systemctl --user "
				       "--machine=1@ stop a.service\n"));
	r.holder_cgroup = "/system.slice/web.service";
	why(&r, true);
	assert_non_null(strstr(output, "\n    systemctl stop web.service\n"));
}

/* Only an identifier is shortened, not a name. */
static void containers(void **state)
{
	static const char id[] = "/system.slice/docker-"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope";
	struct refusal r = simple_refusal;

	(void)state;
	r.holder_cgroup = id;
	why(&r, true);
	assert_words(output, "- Stop container 0123456789ab, which runs "
			     "h\\x20o[555], or have the program in it listen "
			     "on another port (both use this network namespace, "
			     "so it does not matter what is published): docker stop 0123456789ab");
	r.holder_cgroup = "/lxc.payload.a-rather-long-name";
	why(&r, true);
	assert_words(output, "- Stop container a-rather-long-name, which");
	assert_null(strstr(output, "kill"));
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
	assert_words(output, "bind to tcp 127.0.0.1:81 was");
	run(cmd_why, "8080");
	assert_words(output, "bind to tcp 127.0.0.1:8080 was");
	fake.sees_all = true;
	run(cmd_why, "udp/8080");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(said, "portowner: no refusal of udp/8080 is "
				  "logged in this network namespace; -A "
				  "searches all of them; a program may also "
				  "have refused the port by a list of its own, "
				  "a seccomp filter may have refused the call "
				  "(EPERM), or it happened before the module was "
				  "loaded: 'portowner check udp/8080' tells "
				  "whether the port is free now\n");
	assert_string_equal(output, "");
	run(cmd_why, "udp/8080 -A");
	assert_non_null(strstr(said, "portowner: no refusal of udp/8080 is "
				     "logged; a program may"));
	run(cmd_why, "-u");
	assert_string_equal(said, "portowner: no refusal is logged in "
				  "this network namespace; -A searches all "
				  "of them; unix sockets, whose address is a "
				  "path, are not looked at\n");
	fake.sees_all = false;
	run(cmd_why, "-u");
	assert_string_equal(said, "portowner: no refusal is logged in "
				  "this network namespace; unix sockets, whose "
				  "address is a path, are not looked at\n");
	fake.has_root = true;
	run(cmd_why, "0");
	assert_string_equal(said, "portowner: no refusal of 0 is logged in "
				  "this network namespace for you to see; as "
				  "root, -A searches all of them\n");
	run(cmd_why, "-u -q");
	assert_int_equal(status, STATUS_NO);
	assert_string_equal(said, "");
	run(cmd_why, "0 -q");
	assert_int_equal(status, STATUS_NO);
	run(cmd_why, "x");
	assert_int_equal(status, STATUS_USAGE);
}

/* A raw socket has no port, so the kernel does not choose one. */
static void raw_socket(void **state)
{
	const struct refusal r = {
		.addr = "192.0.2.1", .proto = IPPROTO_RAW,
		.err = EADDRNOTAVAIL, .rule = PORTOWNER_RULE_ADDRESS_NOT_LOCAL,
	};

	(void)state;
	why(&r, false);
	assert_words(output, "bind to raw 192.0.2.1 was refused: EADDRNOTAVAIL");
}

/* A socket of SCTP has several addresses, and is listed with each. */
static void several_addresses(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.proto = IPPROTO_SCTP;
	r.addr = "127.0.0.2";
	r.holder = "127.0.0.2";
	refusal_start();
	add_reject(&r, 1);
	r.holder = "127.0.0.1";
	add_now(&r, 99);
	r.holder = "127.0.0.2";
	add_now(&r, 99);
	run(cmd_why, "-n");
	assert_words(output, "The same socket is still there: ");
	assert_null(strstr(output, "127.0.0.1"));
}

/* To stop one holder of several does not free the port. */
static void several_holders(void **state)
{
	struct refusal r = simple_refusal;

	(void)state;
	r.addr = "0.0.0.0";
	r.holder = "127.0.0.1";
	r.holder_cgroup = "/user.slice/user-1000.slice/session-3.scope";
	refusal_start();
	add_reject(&r, 1);
	add_now(&r, 99);
	r.holder = "127.0.0.2";
	add_now(&r, 100);
	run(cmd_why, "-n");
	assert_null(strstr(output, "as well"));
	r.pid = 556;
	add_now(&r, 101);
	run(cmd_why, "-n");
	assert_words(output, "This advice covers only h\\x20o[555], but h\\x20o[556] (tcp "
			     "127.0.0.2:8080) is in the way as well");
	r.holder_cgroup = "/system.slice/web.service";
	refusal_start();
	add_reject(&r, 1);
	add_now(&r, 100);
	r.pid = 555;
	add_now(&r, 99);
	run(cmd_why, "-n");
	assert_null(strstr(output, "as well"));
}

/* What the words say of the processes is there by name. */
static void json_relation(void **state)
{
	static const struct fake_file files[] = {
		{ 555, "status", "Name:\tx\nState:\tT (stopped)\nPPid:\t554\n" },
		{ 554, "comm", "node\n" },
		{ 554, "cmdline", "node\n/usr/bin/nodemon\n" },
		{ 0 },
	};
	struct refusal r = simple_refusal;
	struct json_object *json;

	(void)state;
	why(&r, true);
	fake.files = files;
	run(cmd_why, "-J");
	json = parsed(output);
	assert_json(json, "restarter", "{\"pid\":554,\"comm\":\"node\"}");
	assert_json(json, "suspended", "true");
	assert_json(element(json, "advice", 0), "commands",
		    "[\"kill 554\",\"kill 555\",\"kill -CONT 555\"]");
	json_object_put(json);
	r.pid = 777;
	why(&r, true);
	run(cmd_why, "-J");
	json = parsed(output);
	assert_json(json, "relation", "\"itself-reloaded\"");
	json_object_put(json);
}

/* Run "why -J" again, with other files about the processes. */
static struct json_object *why_with(const struct fake_file *files)
{
	fake.files = files;
	run(cmd_why, "-J");
	return parsed(output);
}

/* What keeps an owner from ending, and what would end with it. */
static void json_obstacles(void **state)
{
	static const struct fake_file deaf[] = {
		{ 555, "status", "Name:\tx\nState:\tS (sleeping)\nSigIgn:\t0000000000004000\n" },
		{ 0 },
	};
	static const struct fake_file debugged[] = {
		{ 555, "status", "Name:\tx\nState:\tt (tracing stop)\nTracerPid:\t55\n" },
		{ 55, "comm", "gdb\n" },
		{ 0 },
	};
	static const struct fake_file runner[] = {
		{ 555, "comm", "monit\n" }, { 555, "cmdline", "monit\n" },
		{ 0 },
	};
	struct refusal r = simple_refusal;
	struct json_object *json;

	(void)state;
	r.holder_comm = "monit";
	r.holder_cgroup = "/batch/job";
	why(&r, true);
	json = why_with(deaf);
	assert_json(json, "ignores_sigterm", "true");
	assert_json(json, "debugger", "null");
	json_object_put(json);
	json = why_with(debugged);
	assert_json(json, "ignores_sigterm", "false");
	assert_json(json, "debugger", "{\"pid\":55,\"comm\":\"gdb\"}");
	json_object_put(json);
	json = why_with(runner);
	assert_json(json, "runner", "{\"pid\":555,\"comm\":\"monit\"}");
	assert_json(json, "frozen", "false");
	json_object_put(json);
	fake.frozen = "/batch";
	json = why_with(NULL);
	assert_json(json, "frozen", "true");
	assert_json(element(json, "advice", 0), "commands",
		    "[\"echo 0 >\\/sys\\/fs\\/cgroup\\/batch\\/cgroup.freeze\"]");
	json_object_put(json);
}

static void json(void **state)
{
	static const char * const keys[] = {
		"source", "rejects", "explanation", "remedy", "advice", "relation",
		"restarter", "runner", "debugger", "suspended", "frozen",
		"ignores_sigterm", "now", NULL
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
				 "bind to tcp 127.0.0.1:8080 was refused: ", 40), 0);
	assert_string_equal(json_object_get_string(element(json, "remedy", 0)),
			    "Stop h\\x20o[555] if it should not have the port: kill 555");
	assert_json(element(json, "advice", 0), "words",
		    "\"Stop h\\\\x20o[555] if it should not have the port:\"");
	assert_json(element(json, "advice", 0), "commands", "[\"kill 555\"]");
	assert_json(element(json, "advice", 0), "sketch", "[]");
	assert_json(json, "relation", "null");
	assert_json(json, "restarter", "null");
	assert_json(json, "runner", "null");
	assert_json(json, "debugger", "null");
	assert_json(json, "suspended", "false");
	assert_json(json, "frozen", "false");
	assert_json(json, "ignores_sigterm", "false");
	assert_json(json, "now", "{\"still\":1,\"others\":0,\"verdict\":null,"
				 "\"errno\":null,\"rule\":null}");
	json_object_put(json);
	run(cmd_why, "-J 9");
	assert_int_equal(status, STATUS_NO);
	json = parsed(output);
	assert_json(json, "rejects", "[]");
	assert_json(json, "explanation", "null");
	assert_json(json, "remedy", "[]");
	assert_json(json, "advice", "[]");
	assert_json(json, "now", "null");
	json_object_put(json);
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(facts),
		TEST(clock_was_set),
		TEST(clock_was_slewed),
		TEST(clock_was_ahead),
		TEST(only_commands),
		TEST(since_then),
		TEST(verdict_now),
		TEST(refused_again),
		TEST(nameless_error),
		TEST(no_obstacle),
		TEST(obstacle),
		TEST(hostile),
		TEST(containers),
		TEST(choice),
		TEST(raw_socket),
		TEST(json),
		TEST(json_relation),
		TEST(json_obstacles),
		TEST(several_addresses),
		TEST(several_holders),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("why", tests, NULL, NULL);
}
