// SPDX-License-Identifier: GPL-2.0
/* Messages about sockets, whole, split, and malformed. */

#include <netinet/in.h>
#include <netlink/errno.h>

#include "netlink/decode.h"
#include "tests/messages.h"
#include "tests/unit.h"

static void assert_all(const struct psock *s)
{
	assert_int_equal(s->ep.family, AF_INET6);
	assert_int_equal(s->ep.proto, IPPROTO_UDP);
	assert_int_equal(s->ep.port, 53);
	assert_int_equal(s->ep.addr[15], 1);
	assert_string_equal(s->ep.dev, "eth0");
	assert_int_equal(s->state, PORTOWNER_STATE_BOUND);
	assert_int_equal(s->netns, 4026531840U);
	assert_int_equal(s->cookie, 7);
	assert_int_equal(s->inode, 12345);
	assert_true(s->has_uid && s->uid == 33);
	assert_int_equal(s->share, PORTOWNER_SHARE_REUSEPORT);
	assert_int_equal(s->group_size, 4);
	assert_string_equal(s->kernel_owner, "vxlan");
	assert_int_equal(s->untracked_refs, 2);
	assert_true(s->owners_hidden);
	assert_true(s->owners_incomplete);
	assert_true(s->has_age && s->age_ns == 99);
	assert_true(s->has_backlog);
	assert_int_equal(s->backlog, 5);
	assert_int_equal(s->backlog_max, 4);
	assert_true(s->has_expires && s->expires_ns == 60000000001ULL);
	assert_non_null(s->binder);
	assert_int_equal(s->binder->pid, 8);
	assert_int_equal(s->binder->uid, 9);
	assert_string_equal(s->binder->comm, "init");
	assert_true(s->binder->alive);
	assert_int_equal(s->n_owners, 1);
	assert_int_equal(s->owners[0].pid, 10);
	assert_int_equal(s->owners[0].fd, 11);
	assert_int_equal(s->owners[0].uid, 12);
	assert_string_equal(s->owners[0].comm, "web");
	assert_string_equal(s->owners[0].exe, "/bin/web");
	assert_string_equal(s->owners[0].cgroup, "/a.service");
}

static void full_socket(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct psock_list list = { 0 };
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 7);
	put_socket(msg, "::1", IPPROTO_UDP, 53, PORTOWNER_STATE_BOUND);
	put_all(msg);
	nla_nest_end(msg, nest);
	assert_int_equal(take_port(msg, &list), 0);
	assert_int_equal(list.n, 1);
	assert_all(&list.v[0]);
	psock_list_clear(&list);
}

static void bare_socket(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct psock_list list = { 0 };
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 7);
	put_socket(msg, "10.0.0.1", IPPROTO_TCP, 80,
		   PORTOWNER_STATE_TIME_WAIT);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_IFINDEX, 12);
	nla_nest_end(msg, nest);
	assert_int_equal(take_port(msg, &list), 0);
	assert_memory_equal(list.v[0].ep.addr, "\x0a\0\0\1", 4);
	/* A device that no longer has a name. */
	assert_string_equal(list.v[0].ep.dev, "if12");
	assert_false(list.v[0].has_uid);
	assert_false(list.v[0].has_age);
	assert_false(list.v[0].has_backlog);
	assert_false(list.v[0].has_expires);
	assert_false(list.v[0].owners_hidden);
	assert_false(list.v[0].owners_incomplete);
	assert_null(list.v[0].binder);
	assert_null(list.v[0].kernel_owner);
	assert_int_equal(list.v[0].group_size, 1);
	assert_int_equal(list.v[0].n_owners, 0);
	psock_list_clear(&list);
}

static struct nl_msg *split(__u64 cookie, bool first, bool more, __u32 pid)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, cookie);
	if (first)
		put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80,
			   PORTOWNER_STATE_LISTEN);
	put_owner(msg, pid, 3, "a");
	put_owner(msg, pid + 1, 3, "b");
	if (more)
		nla_put_flag(msg, PORTOWNER_A_SOCKET_MORE_OWNERS);
	nla_nest_end(msg, nest);
	return msg;
}

static void split_owners(void **state)
{
	struct psock_list list = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(take_port(split(7, true, true, 10), &list), 0);
	assert_int_equal(take_port(split(7, false, true, 12), &list), 0);
	assert_int_equal(take_port(split(7, false, false, 14), &list), 0);
	assert_int_equal(take_port(split(8, true, false, 99), &list), 0);
	assert_int_equal(list.n, 2);
	assert_int_equal(list.v[0].n_owners, 6);
	for (i = 0; i < 6; i++)
		assert_int_equal(list.v[0].owners[i].pid, 10 + i);
	assert_int_equal(list.v[1].n_owners, 2);
	psock_list_clear(&list);
}

/* A continuation without a beginning, or of a message that was complete. */
static void stray_owners(void **state)
{
	struct psock_list list = { 0 };

	(void)state;
	assert_int_equal(take_port(split(7, false, false, 1), &list),
			 -NLE_MISSING_ATTR);
	assert_int_equal(list.n, 0);
	assert_int_equal(take_port(split(7, true, false, 1), &list), 0);
	assert_int_equal(take_port(split(7, false, false, 1), &list),
			 -NLE_MISSING_ATTR);
	assert_int_equal(take_port(split(8, true, true, 1), &list), 0);
	assert_int_equal(take_port(split(9, false, false, 1), &list),
			 -NLE_MISSING_ATTR);
	psock_list_clear(&list);
}

static struct nl_msg *with_addr(__u16 family, int len)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	unsigned char addr[32] = { 0 };
	struct nlattr *nest;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 7);
	nla_put_u16(msg, PORTOWNER_A_SOCKET_FAMILY, family);
	nla_put_u16(msg, PORTOWNER_A_SOCKET_PROTO, IPPROTO_TCP);
	nla_put_u16(msg, PORTOWNER_A_SOCKET_PORT, 80);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_STATE, PORTOWNER_STATE_LISTEN);
	if (len >= 0)
		nla_put(msg, PORTOWNER_A_SOCKET_ADDR, len, addr);
	nla_nest_end(msg, nest);
	return msg;
}

static void malformed_address(void **state)
{
	struct psock_list list = { 0 };

	(void)state;
	assert_int_equal(take_port(with_addr(AF_INET, 4), &list), 0);
	assert_int_equal(take_port(with_addr(AF_INET6, 16), &list), 0);
	assert_int_equal(list.n, 2);
	assert_true(take_port(with_addr(AF_INET, -1), &list) < 0);
	assert_true(take_port(with_addr(AF_INET, 0), &list) < 0);
	assert_true(take_port(with_addr(AF_INET, 3), &list) < 0);
	assert_true(take_port(with_addr(AF_INET, 16), &list) < 0);
	assert_true(take_port(with_addr(AF_INET6, 4), &list) < 0);
	assert_true(take_port(with_addr(AF_INET6, 32), &list) < 0);
	assert_true(take_port(with_addr(AF_UNIX, 4), &list) < 0);
	assert_int_equal(list.n, 2);
	psock_list_clear(&list);
}

static void malformed_attributes(void **state)
{
	static const int cases[] = {
		PORTOWNER_A_SOCKET_STATE, PORTOWNER_A_SOCKET_UID,
		PORTOWNER_A_SOCKET_AGE, PORTOWNER_A_SOCKET_DEV,
		PORTOWNER_A_SOCKET_KERNEL_OWNER, PORTOWNER_A_SOCKET_BINDER,
		PORTOWNER_A_SOCKET_OWNER,
	};
	struct psock_list list = { 0 };
	struct nl_msg *msg;
	struct nlattr *nest;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		msg = message_new(PORTOWNER_CMD_PORT_GET);
		nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 7);
		put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80,
			   PORTOWNER_STATE_LISTEN);
		/* Too short for a number, without a NUL, and not a whole attribute. */
		nla_put(msg, cases[i], 3, "\xff\xff\xff");
		nla_nest_end(msg, nest);
		if (cases[i] == PORTOWNER_A_SOCKET_BINDER ||
		    cases[i] == PORTOWNER_A_SOCKET_OWNER)
			take_port(msg, &list);
		else
			assert_true(take_port(msg, &list) < 0);
	}
	psock_list_clear(&list);
}

static void no_socket(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct psock_list list = { 0 };

	(void)state;
	nla_put_u16(msg, PORTOWNER_A_PORT_TEMPLATE_ID, 1);
	assert_int_equal(take_port(msg, &list), -NLE_MISSING_ATTR);
	assert_int_equal(list.n, 0);
}

/* The message that precedes an answer is empty. */
static void only_begun(void **state)
{
	struct reject_list rejects = { 0 };
	struct psock_list list = { 0 };

	(void)state;
	assert_int_equal(take_port(message_new(PORTOWNER_CMD_PORT_GET), &list),
			 0);
	assert_int_equal(list.n, 0);
	assert_int_equal(take_reject(message_new(PORTOWNER_CMD_REJECT_GET),
				     &rejects), 0);
	assert_int_equal(rejects.n, 0);
}

/* Attributes of a newer module are ignored. */
static void unknown_attributes(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct psock_list list = { 0 };
	struct nlattr *nest;

	(void)state;
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 7);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80, 31);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_MAX + 5, 1);
	nla_nest_end(msg, nest);
	nla_put_u32(msg, PORTOWNER_A_PORT_MAX + 1, 1);
	assert_int_equal(take_port(msg, &list), 0);
	assert_int_equal(list.v[0].state, 31);
	psock_list_clear(&list);
}

/* Random bytes give an error or a socket, never a crash. */
static void random_bytes(void **state)
{
	struct reject_list rejects = { 0 };
	struct psock_list list = { 0 };
	struct counters counters;
	struct nl_msg *msg;
	char *bytes;
	int i, n;

	(void)state;
	srandom(2);
	for (i = 0; i < 20000; i++) {
		msg = i & 1 ? split(7, true, true, 1) : simple_reject(1, 80);
		bytes = (char *)genlmsg_hdr(nlmsg_hdr(msg));
		for (n = 0; n < 3; n++)
			bytes[4 + random() % (nlmsg_hdr(msg)->nlmsg_len - 20)] =
				random();
		decode_port(nlmsg_hdr(msg), &list);
		decode_reject(nlmsg_hdr(msg), &rejects);
		decode_stats(nlmsg_hdr(msg), &counters);
		nlmsg_free(msg);
		psock_list_clear(&list);
		reject_list_clear(&rejects);
	}
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(full_socket),
		cmocka_unit_test(bare_socket),
		cmocka_unit_test(split_owners),
		cmocka_unit_test(stray_owners),
		cmocka_unit_test(malformed_address),
		cmocka_unit_test(malformed_attributes),
		cmocka_unit_test(no_socket),
		cmocka_unit_test(only_begun),
		cmocka_unit_test(unknown_attributes),
		cmocka_unit_test(random_bytes),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
