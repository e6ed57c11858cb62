// SPDX-License-Identifier: GPL-2.0
/* Lists as tables. */

#include <locale.h>

#include "lib/width.h"
#include "model/names.h"
#include "tests/harness.h"

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
		"SCOPE PROTO ADDRESS   PORT STATE  SHARE     USER UNIT PROCESS\n"
		"local tcp   127.0.0.1   80 listen exclusive 1000 -    a\\x20b[10]\n"
		"open  tcp   ::        8080 listen exclusive 1000 -    b[20]\n";
	static const char owners[] =
		"PROTO ADDRESS   PORT STATE  SHARE     PID COMMAND USER UNIT\n"
		"tcp   127.0.0.1   80 listen exclusive  10 a\\x20b  1000 -\n"
		"tcp   ::        8080 listen exclusive  20 b       1000 -\n";

	(void)state;
	fake_add(simple_port(2, "::", 8080, 20, "b"));
	fake_add(simple_port(1, "127.0.0.1", 80, 10, "a b"));
	run(cmd_list, "-n");
	assert_int_equal(status, 0);
	assert_string_equal(output, expected);
	run(cmd_list, "-n --owners");
	assert_string_equal(output, owners);
}

/* The order still shows what is local, but only a name tells the process. */
static void list_narrow(void **state)
{
	(void)state;
	fake_add(simple_port(1, "127.0.0.1", 80, 10, "fifteen-letters"));
	run_on_terminal(cmd_list, "-n", "48");
	assert_string_equal(output,
			    "PROTO ADDRESS   PORT STATE  PROCESS\n"
			    "tcp   127.0.0.1   80 listen fifteen-letters[10]\n");
}

/* Ports that only this host can reach come first, then those of its links. */
static void list_scopes(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 1, 10, "a"));
	fake_add(simple_port(2, "169.254.0.1", 2, 10, "a"));
	fake_add(simple_port(3, "fe80::1", 3, 10, "a"));
	fake_add(simple_port(4, "127.8.0.1", 4, 10, "a"));
	fake_add(simple_port(5, "::1", 5, 10, "a"));
	fake_add(simple_port(6, "10.0.0.1", 6, 10, "a"));
	fake_add(simple_port(7, "::ffff:127.0.0.1", 7, 10, "a"));
	fake_add(simple_port(8, "2001:db8::1", 8, 10, "a"));
	run(cmd_list, "-n --raw --noheadings");
	assert_string_equal(output,
			    "local tcp 127.8.0.1 4 listen exclusive 1000 - a[10]\n"
			    "local tcp ::1 5 listen exclusive 1000 - a[10]\n"
			    "local tcp ::ffff:127.0.0.1 7 listen exclusive 1000 - a[10]\n"
			    "link tcp 169.254.0.1 2 listen exclusive 1000 - a[10]\n"
			    "link tcp fe80::1 3 listen exclusive 1000 - a[10]\n"
			    "open tcp 0.0.0.0 1 listen exclusive 1000 - a[10]\n"
			    "open tcp 10.0.0.1 6 listen exclusive 1000 - a[10]\n"
			    "open tcp 2001:db8::1 8 listen exclusive 1000 - a[10]\n");
	/* Chosen columns are for programs, and sorted by port. */
	run(cmd_list, "--noheadings -o port,scope 1-4");
	assert_string_equal(output, "1 open\n2 link\n3 link\n4 local\n");
}

/* The same program on both wildcards, or on both addresses of localhost. */
static void list_twins(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	fake_add(simple_port(2, "::", 80, 10, "a"));
	fake_add(simple_port(3, "127.0.0.1", 631, 11, "b"));
	fake_add(simple_port(4, "::1", 631, 11, "b"));
	fake_add(simple_port(5, "0.0.0.0", 90, 12, "c"));
	fake_add(simple_port(6, "::", 90, 13, "c"));
	fake_add(simple_port(7, "10.0.0.1", 91, 12, "c"));
	fake_add(simple_port(8, "::", 91, 12, "c"));
	run(cmd_list, "-n --raw --noheadings");
	assert_string_equal(output,
			    "local tcp localhost 631 listen exclusive 1000 - b[11]\n"
			    "open tcp * 80 listen exclusive 1000 - a[10]\n"
			    "open tcp 0.0.0.0 90 listen exclusive 1000 - c[12]\n"
			    "open tcp :: 90 listen exclusive 1000 - c[13]\n"
			    "open tcp 10.0.0.1 91 listen exclusive 1000 - c[12]\n"
			    "open tcp :: 91 listen exclusive 1000 - c[12]\n");
	run(cmd_list, "--noheadings -o address,port,cookie 80");
	assert_string_equal(output, "0.0.0.0 80 1\n::      80 2\n");
	run(cmd_list, "--noheadings --owners -n 80");
	assert_string_equal(output,
			    "tcp 0.0.0.0 80 listen exclusive 10 a 1000 -\n"
			    "tcp ::      80 listen exclusive 10 a 1000 -\n");
}

/* Sockets of which all but the first are in compact form. */
static void add_connections(__u16 id, const char *ip, __u32 pid,
			    const char *comm, const __u16 *ports, size_t n)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct compact compact = { .n = 1, .template_id = { id } };
	static const __u8 peer[16] = { [10] = 0xff, 0xff, 10, 0, 0, 9 };
	struct nlattr *nest, *owner;
	size_t i;

	nla_put_u16(msg, PORTOWNER_A_PORT_TEMPLATE_ID, id);
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, ports[0]);
	put_socket(msg, ip, IPPROTO_TCP, ports[0],
		   PORTOWNER_STATE_ESTABLISHED);
	nla_put(msg, PORTOWNER_A_SOCKET_PEER_ADDR, 4, peer + 12);
	nla_put_u16(msg, PORTOWNER_A_SOCKET_PEER_PORT, ports[0]);
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
		compact.cookie[0] = ports[i];
		compact.inode[0] = 10 * ports[i];
		compact.port[0] = ports[i];
		compact.fd[0] = 3 + i;
		memcpy(compact.peer_addr[0], peer, sizeof(peer));
		compact.peer_port[0] = ports[i];
		put_compact(msg, &compact);
		fake_add(msg);
	}
}

static void list_compact(void **state)
{
	static const char table[] =
		"PROTO ADDRESS    PORT PEER           STATE       SHARE     USER UNIT PROCESS\n"
		"tcp   127.0.0.1     7 10.0.0.9:7     established exclusive 1000 -    "
		"\xc3\xa9[10]\n"
		"tcp   127.0.0.2    53 10.0.0.9:53    established exclusive 1000 -    b[200]\n"
		"tcp   127.0.0.1  8080 10.0.0.9:8080  established exclusive 1000 -    "
		"\xc3\xa9[10]\n"
		"tcp   127.0.0.2 50000 10.0.0.9:50000 established exclusive 1000 -    b[200]\n"
		"tcp   127.0.0.1 60000 10.0.0.9:60000 established exclusive 1000 -    "
		"\xc3\xa9[10]\n";
	static const char owners[] =
		"PROTO ADDRESS    PORT PEER           STATE       SHARE     PID COMMAND USER UNIT\n"
		"tcp   127.0.0.1     7 10.0.0.9:7     established exclusive  10 "
		"\xc3\xa9       1000 -\n"
		"tcp   127.0.0.2    53 10.0.0.9:53    established exclusive 200 b       1000 -\n"
		"tcp   127.0.0.1  8080 10.0.0.9:8080  established exclusive  10 "
		"\xc3\xa9       1000 -\n"
		"tcp   127.0.0.2 50000 10.0.0.9:50000 established exclusive 200 b       1000 -\n"
		"tcp   127.0.0.1 60000 10.0.0.9:60000 established exclusive  10 "
		"\xc3\xa9       1000 -\n";
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
	add_connections(0, "127.0.0.1", 10, "\xc3\xa9", first, 3);
	add_connections(1, "127.0.0.2", 200, "b", second, 2);
	run(cmd_list, "-n -a");
	assert_string_equal(output, table);
	run(cmd_list, "-n -a --owners");
	assert_string_equal(output, owners);
	run(cmd_list, "-n -a -o COMMAND,PORT,FD,COOKIE");
	assert_string_equal(output, own);
	/* the name of a service depends on its port */
	snprintf(service, sizeof(service), "   53 %s b\n50000 %-*s b\n", name,
		 (int)strlen(name), "-");
	run(cmd_list, "-n -a --no-headings -o PORT,SERVICE,COMMAND 50-50000");
}

/* No line wraps. */
static void list_fits_terminal(void **state)
{
	static const char * const widths[] = { "40", "60", "80", "100", "120" };
	static const char * const lines[] = { "", "-a", "-A", "-aA", "--owners",
					      "--owners -aA", "-o all" };
	size_t i, j, limit;
	char *line, *rest;

	(void)state;
	fake_add(simple_port(1, "2001:db8:85a3:1234:5678:8a2e:370:7334", 60000,
			     4000000, "fifteen-letters"));
	fake_add(port_in_container());
	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		for (j = 0; j < ARRAY_SIZE(lines); j++) {
			run_on_terminal(cmd_list, lines[j], widths[i]);
			limit = atoi(widths[i]);
			rest = output;
			while ((line = strsep(&rest, "\n")))
				if (text_width(line, strlen(line)) > limit)
					fail_msg("%s: %s", lines[j], line);
		}
	}
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

/* Any of the targets; the kernel is asked for the range that spans them. */
static void list_targets(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	fake_add(simple_port(2, "::1", 81, 11, "b"));
	fake_add(simple_port(3, "127.0.0.1", 90, 12, "c"));
	run(cmd_list, "80 --no-headings -o port");
	assert_string_equal(output, "80\n");
	assert_int_equal(fake.asked.port, 80);
	assert_int_equal(fake.asked.port_last, 80);
	run(cmd_list, "80-81 90/tcp --no-headings -o port");
	assert_string_equal(output, "80\n81\n90\n");
	assert_int_equal(fake.asked.port, 80);
	assert_int_equal(fake.asked.port_last, 90);
	run(cmd_list, "localhost:81-90 --no-headings -o port");
	assert_string_equal(output, "81\n90\n");
	run(cmd_list, "-p 81 80-90 --no-headings -o port");
	assert_int_equal(fake.asked.port_last, 81);
	run(cmd_list, "udp/80");
	assert_string_equal(output, "");
	assert_int_equal(status, 0);
	run(cmd_list, "80 nonsense");
	assert_int_equal(status, STATUS_USAGE);
}

static void list_all_netns_has_column(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	run(cmd_list, "-An");
	assert_memory_equal(output, "NETNS ", 6);
	assert_non_null(strstr(output, "\n4026531840 open  tcp"));
	run(cmd_list, "-An --owners");
	assert_non_null(strstr(output, "\n4026531840 tcp"));
}

static void columns(void **state)
{
	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	run(cmd_list, "-o +COOKIE,inode -n");
	assert_non_null(strstr(output, "UNIT PROCESS COOKIE INODE\n"));
	assert_non_null(strstr(output, "-    a[10]        1 12345\n"));
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

/* Room that one column does not need goes to the others. */
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
	/* Text that is cut too short is useless. */
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
		TEST(list_empty),
		TEST(list_table),
		TEST(list_narrow),
		TEST(list_scopes),
		TEST(list_twins),
		TEST(list_compact),
		TEST(list_fits_terminal),
		TEST(list_filters),
		TEST(list_targets),
		TEST(list_all_netns_has_column),
		TEST(columns),
		TEST(cut_to_the_terminal),
		TEST(quiet),
		TEST(module_is_missing),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("list", tests, NULL, NULL);
}
