// SPDX-License-Identifier: GPL-2.0
/* Sockets as JSON. */

#include <locale.h>
#include <netinet/in.h>

#include "model/refstr.h"
#include "netlink/decode.h"
#include "print/json.h"
#include "print/print.h"
#include "tests/harness.h"

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

/* A socket with an owner of that name for each of its descriptors. */
static struct nl_msg *named_owner(__u16 port, const char *comm, int fds)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, port);
	int fd;

	put_socket(msg, "127.0.0.1", IPPROTO_TCP, port, PORTOWNER_STATE_LISTEN);
	for (fd = 3; fd < 3 + fds; fd++)
		put_owner(msg, 100, fd, comm);
	nla_nest_end(msg, nest);
	return msg;
}

/* Lists are written as text, which is what json-c makes of the same objects. */
static void json_text_is_json(void **state)
{
	struct psock_list list = { 0 };
	struct nl_msg *msgs[] = {
		named_owner(80, "plain", 3), named_owner(81, "plain", 1),
		named_owner(82, "a \"quoted\\ \001\n\x7f", 2),
		named_owner(83, "\xc3\xa9\xff\xe2\x80\xae", 2), named_owner(84, "", 40),
		rich_socket(),
	};
	char *expected;
	size_t len, i;
	FILE *out = open_memstream(&expected, &len);

	(void)state;
	fputs("{\"source\":\"module\",\"sockets\":[", out);
	for (i = 0; i < ARRAY_SIZE(msgs); i++) {
		assert_int_equal(decode_port(nlmsg_hdr(msgs[i]), &list), 0);
		fputs(i ? ",\n" : "\n", out);
		json_write(out, json_socket(&list.v[i], NULL));
		fake_add(msgs[i]);
	}
	fputs("]}\n", out);
	fclose(out);
	run(cmd_list, "-a -J");
	assert_string_equal(output, expected);
	free(expected);
	psock_list_clear(&list);
}

/* Sockets of one process, or each of another process. */
static void add_socket(struct psock_list *list, size_t nr, __u32 kind)
{
	struct psock *sock = psock_list_add(list);
	struct owner *owner = psock_add_owner(list, sock);
	bool bound = kind == 2;
	char path[3000] = { 0 };

	memset(path, 'x', kind == 4 ? sizeof(path) - 1 : 10);
	/* Templates 1 and 513 replace each other. */
	sock->template_id = kind == 6 ? 513 : kind;
	sock->ep.family = kind % 2 ? AF_INET6 : AF_INET;
	sock->ep.proto = IPPROTO_TCP;
	sock->ep.port = nr * 97;
	sock->state = bound ? PORTOWNER_STATE_BOUND :
			      PORTOWNER_STATE_ESTABLISHED;
	sock->uid = kind;
	sock->cookie = nr * nr * nr * nr * nr * nr;
	sock->inode = nr * nr;
	sock->peer_port = bound ? 0 : nr % 5 * 1000;
	memset(sock->peer_addr, nr, sizeof(sock->peer_addr));
	owner->pid = 10 + kind;
	owner->fd = nr / 7;
	owner->comm = refstr_new(kind == 3 ? "a \"\xff" : "plain");
	owner->exe = refstr_new(path);
}

static char *printed_list(const struct psock_list *list)
{
	struct psock_list none = { 0 };
	FILE *real = stdout;
	char *printed;
	size_t len;

	stdout = open_memstream(&printed, &len);
	print_sockets_json(list, "module");
	/* With who else may join. */
	print_who_json(list, &none, list, "module", NULL);
	fclose(stdout);
	stdout = real;
	return printed;
}

/* Sockets of one template are copied in part, and must look the same. */
static void templates(void **state)
{
	struct psock_list list = { 0 };
	char *one, *other;
	size_t i;

	(void)state;
	for (i = 0; i < 1000; i++)
		add_socket(&list, i, i % 7);
	for (; i < 2000; i++)
		add_socket(&list, i, 1 + i % 2);
	one = printed_list(&list);
	for (i = 0; i < list.n; i++)
		list.v[i].template_id = 0;
	other = printed_list(&list);
	assert_string_equal(one, other);
	free(one);
	free(other);
	psock_list_clear(&list);
}

int main(void)
{
	const struct unit_case tests[] = {
		TEST(json_of_bare_socket),
		TEST(json_of_rich_socket),
		TEST(json_text_is_json),
		TEST(templates),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("list_json", tests, NULL, NULL);
}
