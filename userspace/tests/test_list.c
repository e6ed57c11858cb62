// SPDX-License-Identifier: GPL-2.0

#include <locale.h>

#include "harness.h"
#include "names.h"

static void json_of_bare_socket(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct json_object *json, *sock;
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 18446744073709551615U);
	put_socket(msg, "::1", IPPROTO_TCP, 80, PORTOWNER_STATE_TIME_WAIT);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_list, "-a -J");
	assert_int_equal(status, 0);
	json = parsed(output);
	assert_keys(json, (const char * const[]){ "source", "sockets", NULL });
	assert_json(json, "source", "\"module\"");
	sock = element(json, "sockets", 0);
	assert_keys(sock, socket_keys);
	assert_json(sock, "proto", "\"tcp\"");
	assert_json(sock, "family", "\"inet6\"");
	assert_json(sock, "addr", "\"::1\"");
	assert_json(sock, "dev", "null");
	assert_json(sock, "state", "\"time-wait\"");
	assert_json(sock, "netns", "4026531840");
	assert_json(sock, "cookie", "18446744073709551615");
	assert_json(sock, "uid", "0");
	assert_json(sock, "v6only", "false");
	assert_json(sock, "share", "\"exclusive\"");
	assert_json(sock, "group_size", "1");
	assert_json(sock, "kernel_owner", "null");
	assert_json(sock, "unseen_refs", "0");
	assert_json(sock, "owners_hidden", "false");
	assert_json(sock, "age_ns", "null");
	assert_json(sock, "binder", "null");
	assert_json(sock, "owners", "[]");
	json_object_put(json);
}

static void json_of_rich_socket(void **state)
{
	struct json_object *json, *sock, *owner;

	(void)state;
	fake_add(rich_socket());
	run(cmd_list, "--json");
	json = parsed(output);
	sock = element(json, "sockets", 0);
	assert_keys(sock, socket_keys);
	assert_json(sock, "kernel_owner", "\"vxlan\"");
	assert_json(sock, "share", "\"reuseaddr\"");
	assert_json(sock, "group_size", "2");
	assert_json(sock, "unseen_refs", "3");
	assert_json(sock, "age_ns", "61000000000");
	assert_keys(member(sock, "binder"), binder_keys);
	assert_json(member(sock, "binder"), "comm", "\"b\xef\xbf\xbd\"");
	assert_json(member(sock, "binder"), "alive", "false");
	owner = element(sock, "owners", 0);
	assert_keys(owner, owner_keys);
	assert_json(owner, "pid", "10");
	assert_json(owner, "fd", "11");
	assert_string_equal(json_object_get_string(member(owner, "comm")),
			    "\"w\033\xc3\xa9\xef\xbf\xbd");
	assert_json(owner, "uid", "4294967290");
	assert_json(owner, "unit", "\"web.service\"");
	assert_json(owner, "container", "null");
	json_object_put(json);
}

static void list_empty(void **state)
{
	struct json_object *json;

	(void)state;
	run(cmd_list, "-J");
	assert_int_equal(status, 0);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 0);
	json_object_put(json);
	run(cmd_list, "");
	assert_int_equal(status, 0);
	assert_string_equal(output, "");
}

static void list_table(void **state)
{
	static const char expected[] =
		"PROTO ADDRESS   PORT STATE  SHARE     PID COMMAND USER UNIT\n"
		"tcp   127.0.0.1   80 listen exclusive  10 a\\x20b  1000 -\n"
		"tcp   ::        8080 listen exclusive  20 b       1000 -\n";

	(void)state;
	fake_add(simple_port(2, "::", 8080, 20, "b"));
	fake_add(simple_port(1, "127.0.0.1", 80, 10, "a b"));
	run(cmd_list, "-n");
	assert_int_equal(status, 0);
	assert_string_equal(output, expected);
}

/* Sockets of which the module tells only what they have to themselves. */
static void add_alike(__u32 kind, const char *ip, __u32 pid, const char *comm,
		      const __u16 *ports, size_t n)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest, *owner;
	__u64 numbers[3];
	size_t i;

	nla_put_u32(msg, PORTOWNER_A_PORT_KIND, kind);
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, ports[0]);
	put_socket(msg, ip, IPPROTO_TCP, ports[0],
		   PORTOWNER_STATE_ESTABLISHED);
	owner = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
	nla_put_u32(msg, PORTOWNER_A_OWNER_PID, pid);
	nla_put_u32(msg, PORTOWNER_A_OWNER_FD, 3);
	nla_put_string(msg, PORTOWNER_A_OWNER_COMM, comm);
	nla_put_u32(msg, PORTOWNER_A_OWNER_UID, 1000);
	nla_nest_end(msg, owner);
	nla_nest_end(msg, nest);
	fake_add(msg);
	for (i = 1; i < n; i++) {
		msg = message_new(PORTOWNER_CMD_PORT_GET);
		numbers[0] = ports[i];
		numbers[1] = 10 * ports[i];
		numbers[2] = (__u64)kind << 48 | (__u64)ports[i] << 32 |
			     (3 + i);
		nla_put(msg, PORTOWNER_A_PORT_ALIKE, sizeof(numbers), numbers);
		fake_add(msg);
	}
}

static void list_alike(void **state)
{
	static const char table[] =
		"PROTO ADDRESS    PORT STATE       SHARE     PID COMMAND USER UNIT\n"
		"tcp   127.0.0.1     7 established exclusive  10 \xc3\xa9       1000 -\n"
		"tcp   127.0.0.2    53 established exclusive 200 b       1000 -\n"
		"tcp   127.0.0.1  8080 established exclusive  10 \xc3\xa9       1000 -\n"
		"tcp   127.0.0.2 50000 established exclusive 200 b       1000 -\n"
		"tcp   127.0.0.1 60000 established exclusive  10 \xc3\xa9       1000 -\n";
	static const char own[] =
		"COMMAND  PORT FD COOKIE\n"
		"\xc3\xa9           7  4      7\n"
		"b          53  3     53\n"
		"\xc3\xa9        8080  3   8080\n"
		"b       50000  4  50000\n"
		"\xc3\xa9       60000  5  60000\n";
	const char *name = service_name(IPPROTO_TCP, 53) ?: "-";
	char service[64];
	static const __u16 first[] = { 8080, 7, 60000 };
	static const __u16 second[] = { 53, 50000 };

	(void)state;
	add_alike(0, "127.0.0.1", 10, "\xc3\xa9", first, 3);
	add_alike(1, "127.0.0.2", 200, "b", second, 2);
	run(cmd_list, "-n -a");
	assert_string_equal(output, table);
	run(cmd_list, "-n -a -o COMMAND,PORT,FD,COOKIE");
	assert_string_equal(output, own);
	/* what each port has a name of its own for */
	snprintf(service, sizeof(service), "   53 %s b\n50000 %-*s b\n", name,
		 (int)strlen(name), "-");
	run(cmd_list, "-n -a --no-headings -o PORT,SERVICE,COMMAND 50-50000");
}

static void list_hostile_names(void **state)
{
	static const char expected[] =
		"\"w\\x1b\xc3\xa9\\xff /bin/w\\x20(deleted) 4294967290 vxlan b\\xff[8]\n"
		"[vxlan]     -                   0          vxlan b\\xff[8]\n";

	(void)state;
	fake_add(rich_socket());
	run(cmd_list, "-n --no-headings -o command,exe,user,kernel,binder");
	assert_string_equal(output, expected);
}

static void list_owners(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 1);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	put_owner(msg, 10, 3, "a");
	put_owner(msg, 10, 4, "a");
	put_owner(msg, 11, 3, "b");
	put_owner(msg, 0, 3, "c");
	put_owner(msg, 0, 4, "c");
	nla_put_flag(msg, PORTOWNER_A_SOCKET_OWNERS_HIDDEN);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_list, "--no-headings -o port,pid,command");
	assert_string_equal(output,
			    "80 10 a\n80 11 b\n80  0 c\n80  0 c\n80  - (hidden)\n");
	run(cmd_list, "--no-headings -o pid,fd");
	assert_string_equal(output, "10 3\n10 4\n11 3\n 0 3\n 0 4\n - -\n");
}

static void list_without_owner(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 1);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80, PORTOWNER_STATE_TIME_WAIT);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_list, "-a --no-headings");
	assert_string_equal(output,
			    "tcp 0.0.0.0 80 time-wait exclusive - - - -\n");
}

static void list_filters(void **state)
{
	struct json_object *json;

	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	fake_add(simple_port(2, "::", 81, 11, "b"));
	run(cmd_list, "-J --pid 11");
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 1);
	assert_json(element(json, "sockets", 0), "port", "81");
	json_object_put(json);
	run(cmd_list, "-J --uid 1000 -t4 -p 80-90 --state listen -A");
	assert_int_equal(fake.asked.protos, FILTER_TCP);
	assert_int_equal(fake.asked.families, FILTER_INET);
	assert_int_equal(fake.asked.port, 80);
	assert_int_equal(fake.asked.port_last, 90);
	assert_int_equal(fake.asked.states, 1 << PORTOWNER_STATE_LISTEN);
	assert_true(fake.asked.all_netns);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 1);
	json_object_put(json);
}

static void list_all_netns_has_column(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	run(cmd_list, "-An");
	assert_memory_equal(output, "NETNS ", 6);
	assert_non_null(strstr(output, "\n4026531840 tcp"));
}

static void columns(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	run(cmd_list, "-o +COOKIE,inode -n");
	assert_non_null(strstr(output, "UNIT COOKIE INODE\n"));
	assert_non_null(strstr(output, "-         1 12345\n"));
	fake.opened = 0;
	fake.closed = 0;
	run(cmd_list, "-o port,nonsense");
	assert_int_equal(status, STATUS_USAGE);
	assert_int_equal(fake.opened, 0);
	run(cmd_list, "-o port,");
	assert_int_equal(status, STATUS_USAGE);
	run(cmd_log, "-o state");
	assert_int_equal(status, STATUS_USAGE);
}

/* What one column does not need the others have. */
static void cut_to_the_terminal(void **state)
{
	static const char line[] =
		"--no-headings -n -o port,exe,unit,container,pid,command";

	(void)state;
	fake_add(port_in_container());
	run(cmd_list, line);
	assert_string_equal(output,
			    "80 /usr/lib/postgresql/15/bin/postgres container:0123456789ab 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef 10 \xc3\xa9\n");
	run_on_terminal(cmd_list, line, "80");
	assert_string_equal(output,
			    "80 /usr/lib/postgresql/15/b container:0123456789ab 0123456789abcdef01234567 10 \xc3\xa9\n");
	/* What is cut too short is of no use. */
	run_on_terminal(cmd_list, line, "20");
	assert_string_equal(output,
			    "80 /usr/lib/pos container:01 0123456789ab 10 \xc3\xa9\n");
}

static void quiet(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	run(cmd_who, "-q 80");
	assert_int_equal(status, 0);
	assert_string_equal(output, "");
	run(cmd_who, "-q 81");
	assert_int_equal(status, STATUS_NO);
}

static void module_is_missing(void **state)
{
	(void)state;
	fake.deny = STATUS_DENIED;
	run(cmd_list, "-J");
	assert_int_equal(status, STATUS_DENIED);
	assert_string_equal(output, "");
	run(cmd_who, "80");
	assert_int_equal(status, STATUS_DENIED);
	run(cmd_log, "");
	assert_int_equal(status, STATUS_DENIED);
	run(cmd_stats, "");
	assert_int_equal(status, STATUS_DENIED);
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(json_of_bare_socket),
		TEST(json_of_rich_socket),
		TEST(list_empty),
		TEST(list_table),
		TEST(list_alike),
		TEST(list_hostile_names),
		TEST(list_owners),
		TEST(list_without_owner),
		TEST(list_filters),
		TEST(list_all_netns_has_column),
		TEST(columns),
		TEST(cut_to_the_terminal),
		TEST(quiet),
		TEST(module_is_missing),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
