// SPDX-License-Identifier: GPL-2.0

#include <locale.h>
#include <netinet/in.h>

#include "lib/host_tunnels.h"
#include "model/enums.h"
#include "tests/harness.h"

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
	assert_int_equal(fake.asked.states, 0xfffe);
	assert_int_equal(fake.asked.port, 80);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 2);
	assert_json(element(json, "sockets", 0), "cookie", "2");
	assert_json(element(json, "sockets", 1), "cookie", "1");
	json_object_put(json);
}

/* Each port is queried once, however the ranges overlap. */
static void who_ranges(void **state)
{
	struct json_object *json;

	(void)state;
	fake_add(simple_port(1, "0.0.0.0", 80, 10, "a"));
	fake_add(simple_port(2, "0.0.0.0", 85, 10, "a"));
	fake_add(simple_port(3, "0.0.0.0", 95, 10, "a"));
	run(cmd_who, "-J 80-90");
	assert_int_equal(status, 0);
	assert_int_equal(fake.asked.port, 80);
	assert_int_equal(fake.asked.port_last, 90);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 2);
	json_object_put(json);
	fake.asks = 0;
	run(cmd_who, "-J 85 84-90 80-84 95");
	assert_int_equal(status, 0);
	/* For a terminal as well. */
	assert_int_equal(fake.asks, 2 * 2);
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 3);
	json_object_put(json);
	run(cmd_who, "81-84 80");
	assert_int_equal(status, STATUS_NO);
	assert_words(said, "81-84 is not in use");
}

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

/* A large group is reduced to one screen. */
static void who_crowd(void **state)
{
	int i;

	(void)state;
	for (i = 1; i <= 60; i++)
		fake_add(simple_port(i, i % 3 ? "0.0.0.0" : "127.0.0.1", 80,
				     i, i % 2 ? "a" : "b c"));
	run(cmd_who, "80");
	assert_true(lines_of(output) <= 24);
	assert_words(output, "and 59 more listening or bound sockets; "
			     "--owners shows each of them:");
	assert_words(output, "20 on tcp 0.0.0.0:80 (listen), of b\\x20c");
	assert_words(output, "10 on tcp 127.0.0.1:80 (listen), of a");
	run(cmd_who, "80 -o pid --noheadings");
	assert_int_equal(lines_of(output), 60);
	run(cmd_who, "80 --owners");
	assert_true(lines_of(output) > 3 * 60);
	assert_null(strstr(output, "more sockets"));
}

/* So is a socket with many owners. */
static void who_many_owners(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;
	int i;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 1);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	for (i = 1; i <= 40; i++)
		put_owner(msg, 1000 + i / 2, i, "a");
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_who, "80");
	assert_true(lines_of(output) <= 24);
	assert_words(output, "and 32 more descriptors, of 21 processes "
			     "together; --owners shows all");
	run(cmd_who, "80 --owners");
	assert_true(lines_of(output) > 40);
	assert_null(strstr(output, "more descriptors"));
}

static void who_hidden(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 1);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	nla_put_flag(msg, PORTOWNER_A_SOCKET_OWNERS_HIDDEN);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_who, "80");
	assert_words(output, "hidden processes that you are not permitted to see PID");
	fake.has_root = true;
	run(cmd_who, "80");
	assert_words(output, "hidden processes that you are not permitted to see, but root is PID");
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
	assert_string_equal(said, PROGRAM ": 81 is not in use\n");
	fake.no_rules = true;
	run(cmd_who, "127.0.0.2:80");
	assert_int_equal(status, STATUS_NO);
	assert_words(said, "127.0.0.2:80 is not in use: no socket holds it; "
			   "redirects by nftables, iptables or IPVS were not "
			   "checked");
	assert_null(strstr(said, "-A"));
	fake.has_root = true;
	run(cmd_who, "81");
	assert_words(said, "were not checked, which takes CAP_NET_ADMIN; "
			   "as root, -A looks in all network namespaces");
	fake.sees_all = true;
	run(cmd_who, "81");
	assert_words(said, "were not checked, which takes CAP_NET_ADMIN; "
			   "-A looks in all network namespaces");
	run(cmd_who, "-A 81");
	assert_null(strstr(said, "; -A"));
	fake.sees_all = false;
	fake.has_root = false;
	run(cmd_who, "raw/80");
	assert_string_equal(said, PROGRAM ": raw/80 is not in use\n");
	run(cmd_who, "-q 81");
	assert_string_equal(said, "");
	run(cmd_who, "udp/80");
	assert_int_equal(status, STATUS_NO);
	run(cmd_who, "-u tcp/80");
	assert_int_equal(status, STATUS_USAGE);
	run(cmd_who, "-t mptcp/80");
	assert_int_equal(status, STATUS_NO);
	run(cmd_who, "127.0.0.1:80");
	assert_int_equal(status, STATUS_YES);
	run(cmd_who, "80x");
	assert_int_equal(status, STATUS_USAGE);
	run(cmd_who, "[fe80::1%eth1]:80");
	assert_int_equal(status, STATUS_USAGE);
	run(cmd_who, "-A [fe80::1%eth1]:80");
	assert_int_equal(status, STATUS_NO);
}

/* An IPv6 socket that accepts IPv4 is shown to those who ask for IPv4. */
static void who_dual(void **state)
{
	(void)state;
	fake_add(simple_port(1, "::", 80, 10, "a"));
	run(cmd_who, "-4 80");
	assert_int_equal(status, STATUS_YES);
	run(cmd_who, "-6 80");
	assert_int_equal(status, STATUS_YES);
	run(cmd_who, "[fe80::1%7]:80");
	assert_int_equal(status, STATUS_YES);
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
		"  share      reuseaddr, 2 sockets; no other socket may join\n"
		"  choice     this socket gets all unicast datagrams to its address; multicast\n"
		"             and broadcast go to every socket\n"
		"  age        1m1s\n"
		"  binder     b\\xff[8] by 4294967290, which has gone since\n"
		"  kernel     vxlan\n"
		"  purpose    a vxlan device; to see it: ip -d link show type vxlan\n"
		"  unseen     3 references that cannot be traced to a descriptor\n"
		"  PID FD COMMAND     USER       EXE                 UNIT\n"
		"   10 11 \"w\\x1b\xc3\xa9\\xff 4294967290 /bin/w\\x20(deleted) web.service\n"
		"    -  - [vxlan]     0          -                   -\n";

	(void)state;
	fake_add(rich_socket());
	run(cmd_who, "-n 4789");
	assert_string_equal(output, expected);
}

/* JSON contains what is said in words. */
static void who_json(void **state)
{
	static const struct host_tunnel tunnel = {
		.kind = "vxlan", .dev = "vx0", .port = 4789,
		.netns = 4026531840U, .sock_netns = 4026531840U,
	};
	struct json_object *json, *sock;

	(void)state;
	fake_add(rich_socket());
	run(cmd_who, "-J udp/4789");
	json = parsed(output);
	sock = element(json, "sockets", 0);
	assert_keys(sock, socket_keys);
	assert_json(sock, "choice", "{\"by\":\"address\",\"cookie\":7}");
	assert_json(sock, "may_join", "[]");
	assert_json(sock, "covers", "null");
	assert_json(sock, "backlog", "null");
	assert_json(sock, "purpose", "{\"what\":\"a vxlan device\",\"command\":"
				     "\"ip -d link show type vxlan\"}");
	assert_json(sock, "forwards", "null");
	assert_json(sock, "unseen", "null");
	assert_json(json, "notes", "[]");
	assert_json(json, "others", "[]");
	json_object_put(json);
	fake.netns = tunnel.netns;
	fake.tunnels = &tunnel;
	fake.n_tunnels = 1;
	run(cmd_who, "-J udp/4789");
	json = parsed(output);
	assert_json(element(json, "sockets", 0), "purpose",
		    "{\"what\":\"a vxlan device\",\"command\":"
		    "\"ip -d link show dev vx0\"}");
	json_object_put(json);
	/* A list does not know which other sockets are on the port. */
	run(cmd_list, "-J -u");
	json = parsed(output);
	sock = element(json, "sockets", 0);
	assert_json(sock, "choice", "null");
	assert_json(sock, "may_join", "null");
	json_object_put(json);
}

static void who_others(void **state)
{
	struct json_object *json, *sock;

	(void)state;
	fake_add(simple_port(1, "::", 80, 10, "a"));
	fake_add(simple_port(2, "::1", 80, 10, "a"));
	run(cmd_who, "-J [::1]:80");
	json = parsed(output);
	assert_int_equal(count(json, "sockets"), 2);
	assert_json(json, "others", "[]");
	json_object_put(json);
	run(cmd_who, "-J 127.0.0.1:80");
	json = parsed(output);
	sock = element(json, "sockets", 0);
	assert_json(sock, "covers", "\"0.0.0.0\"");
	sock = element(json, "others", 0);
	assert_keys(sock, socket_keys);
	assert_json(sock, "cookie", "2");
	assert_json(sock, "covers", "null");
	json_object_put(json);
}

static void who_forwards(void **state)
{
	static const struct fake_file files[] = {
		{ 10, "comm", "docker-proxy\n" },
		{ 10, "cmdline", "/usr/bin/docker-proxy\n-container-ip\n"
		  "fd00::2\n-container-port\n8080\n" },
		{ 11, "comm", "conmon\n" },
		{ 11, "cmdline", "conmon\n-n\nw\x1b\n-p\n/run/x\n" },
		{ 12, "comm", "docker-proxy\n" },
		{ 12, "cmdline", "docker-proxy\n-container-ip\n::\n"
		  "-container-port\nx\n" },
		{ 0 }
	};
	struct json_object *json;

	(void)state;
	fake.files = files;
	fake_add(simple_port(1, "::", 80, 10, "docker-proxy"));
	fake_add(simple_port(2, "0.0.0.0", 81, 11, "conmon"));
	fake_add(simple_port(3, "0.0.0.0", 82, 12, "docker-proxy"));
	fake_add(simple_port(4, "0.0.0.0", 83, 13, "slirp4netns"));
	run(cmd_who, "-J 80 81 82 83");
	json = parsed(output);
	assert_json(element(json, "sockets", 0), "forwards",
		    "{\"engine\":\"docker\",\"container\":null,"
		    "\"addr\":\"fd00::2\",\"port\":8080}");
	assert_json(element(json, "sockets", 1), "forwards",
		    "{\"engine\":\"podman\",\"container\":\"w\\u001b\","
		    "\"addr\":null,\"port\":null}");
	assert_json(element(json, "sockets", 2), "forwards",
		    "{\"engine\":\"docker\",\"container\":null,"
		    "\"addr\":\"::\",\"port\":null}");
	assert_json(element(json, "sockets", 3), "forwards",
		    "{\"engine\":\"podman\",\"container\":null,"
		    "\"addr\":null,\"port\":null}");
	json_object_put(json);
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

static struct nl_msg *with_untracked(__u16 port, __u32 refs, bool rings)
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

static void who_untracked(void **state)
{
	static const char one[] =
		"  unseen     1 reference in a message queued on a unix socket of a\\x20b[5]\n";
	static const char more[] =
		"  unseen     2 references in messages queued on a unix socket of a\\x20b[5]; 1\n"
		"             reference that cannot be traced to a descriptor, possibly\n"
		"             registered with an io_uring of db[7] or x (outside this pid\n"
		"             namespace)\n";
	struct json_object *json;

	(void)state;
	fake_add(with_untracked(80, 1, false));
	fake_add(with_untracked(81, 3, true));
	run(cmd_who, "80");
		assert_non_null(strstr(output, one));
	run(cmd_who, "81");
		assert_non_null(strstr(output, more));
	run(cmd_who, "-J 81");
	json = parsed(output);
	assert_json(element(json, "sockets", 0), "unseen",
		    "[{\"where\":\"in-flight\",\"pid\":5,\"comm\":\"a b\"},"
		    "{\"where\":\"in-flight\",\"pid\":5,\"comm\":\"a b\"},"
		    "{\"where\":\"io-uring\",\"pid\":7,\"comm\":\"db\"},"
		    "{\"where\":\"io-uring\",\"pid\":0,\"comm\":\"x\"}]");
	json_object_put(json);
}

/* A socket unit's socket was bound by a process that systemd forked for that. */
static void who_systemd(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest, *binder;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 80);
	put_socket(msg, "127.0.0.1", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	binder = nla_nest_start(msg, PORTOWNER_A_SOCKET_BINDER);
	nla_put_u32(msg, PORTOWNER_A_BINDER_PID, 300);
	nla_put_string(msg, PORTOWNER_A_BINDER_COMM, "(sd-listen)");
	nla_put_u32(msg, PORTOWNER_A_BINDER_UID, 0);
	nla_nest_end(msg, binder);
	nla_nest_end(msg, nest);
	fake_add(msg);
	run(cmd_who, "80");
	assert_non_null(strstr(output, "  binder     systemd, for a socket unit\n"));
	assert_null(strstr(output, "gone since"));
}

static void who_text_connected(void **state)
{
	static const char expected[] =
		"tcp [::]:80 listen\n"
		"  netns      4026531840\n"
		"  user       0\n"
		"  share      exclusive\n"
		"  covers     0.0.0.0 too, because it is not v6only\n"
		"  PID FD COMMAND USER EXE UNIT\n"
		"   10  3 a       1000 -   -\n"
		"\n"
		"PROTO ADDRESS  PORT PEER STATE       SHARE     PID COMMAND USER UNIT\n"
		"tcp   10.0.0.1   80 -    established exclusive   - -       -    -\n";

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
		TEST(who_ranges),
		TEST(who_crowd),
		TEST(who_many_owners),
		TEST(who_hidden),
		TEST(who_nobody),
		TEST(who_dual),
		TEST(who_several),
		TEST(who_text),
		TEST(who_json),
		TEST(who_others),
		TEST(who_forwards),
		TEST(who_untracked),
		TEST(who_systemd),
		TEST(who_text_connected),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("who", tests, NULL, NULL);
}
