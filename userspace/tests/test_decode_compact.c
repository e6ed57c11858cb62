// SPDX-License-Identifier: GPL-2.0
/* Messages that omit what an earlier one contained. */

#include <netinet/in.h>
#include <netlink/errno.h>

#include "tests/messages.h"
#include "tests/unit.h"

static struct nl_msg *with_owner(__u64 cookie, __u32 pid, const char *exe)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest, *owner;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, cookie);
	put_socket(msg, "10.0.0.1", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	owner = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
	nla_put_u32(msg, PORTOWNER_A_OWNER_PID, pid);
	if (exe) {
		nla_put_string(msg, PORTOWNER_A_OWNER_COMM, "web");
		nla_put_u32(msg, PORTOWNER_A_OWNER_UID, 33);
		nla_put_string(msg, PORTOWNER_A_OWNER_EXE, exe);
	} else {
		nla_put_flag(msg, PORTOWNER_A_OWNER_REPEATED);
	}
	nla_nest_end(msg, owner);
	nla_nest_end(msg, nest);
	return msg;
}

/* A process is described once; another one may come in between. */
static void repeated_owner(void **state)
{
	struct psock_list list = { 0 };

	(void)state;
	assert_int_equal(take_port(with_owner(1, 10, "/bin/a"), &list), 0);
	assert_int_equal(take_port(with_owner(2, 11, "/bin/b"), &list), 0);
	assert_int_equal(take_port(with_owner(3, 10, NULL), &list), 0);
	assert_int_equal(take_port(with_owner(4, 11, NULL), &list), 0);
	/* described again, which counts from here on */
	assert_int_equal(take_port(with_owner(5, 10, "/bin/c"), &list), 0);
	assert_int_equal(take_port(with_owner(6, 10, NULL), &list), 0);
	assert_string_equal(list.v[2].owners[0].exe, "/bin/a");
	assert_string_equal(list.v[2].owners[0].comm, "web");
	assert_int_equal(list.v[2].owners[0].uid, 33);
	assert_null(list.v[2].owners[0].cgroup);
	assert_string_equal(list.v[3].owners[0].exe, "/bin/b");
	assert_string_equal(list.v[5].owners[0].exe, "/bin/c");
	assert_string_equal(list.v[2].owners[0].exe, "/bin/a");
	/* never described */
	assert_int_equal(take_port(with_owner(7, 12, NULL), &list),
			 -NLE_MISSING_ATTR);
	assert_int_equal(take_port(with_owner(8, 0, NULL), &list),
			 -NLE_MISSING_ATTR);
	psock_list_clear(&list);
}

static void put_template(struct nl_msg *msg, __u16 id, __u64 cookie,
			 const char *comm)
{
	struct nlattr *nest, *owner;

	nla_put_u16(msg, PORTOWNER_A_PORT_TEMPLATE_ID, id);
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, cookie);
	put_socket(msg, "127.0.0.1", IPPROTO_TCP, 80,
		   PORTOWNER_STATE_ESTABLISHED);
	owner = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
	nla_put_u32(msg, PORTOWNER_A_OWNER_PID, 10 + id);
	nla_put_u32(msg, PORTOWNER_A_OWNER_FD, 3);
	nla_put_string(msg, PORTOWNER_A_OWNER_COMM, comm);
	nla_put_u32(msg, PORTOWNER_A_OWNER_UID, 12);
	nla_nest_end(msg, owner);
	nla_nest_end(msg, nest);
}

static int take_template(struct psock_list *list, __u16 id, __u64 cookie,
			 const char *comm)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);

	put_template(msg, id, cookie, comm);
	return take_port(msg, list);
}

/* Sockets in compact form, each of which has a template. */
static const struct compact two_compact = {
	.n = 2,
	.template_id = { 5, 300 },
	.cookie = { 21, 22 },
	.inode = { 121, 122 },
	.port = { 65535, 65535 },
	.fd = { 4294967295U, 4294967295U },
	.peer_addr = { { [12] = 10, 0, 0, 9 }, { [12] = 10, 0, 0, 8 } },
	.peer_port = { 65535, 0 },
};

static int take_compact(struct psock_list *list, const struct compact *compact)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);

	put_compact(msg, compact);
	return take_port(msg, list);
}

static int take_one(struct psock_list *list, __u16 id)
{
	struct compact compact = two_compact;

	compact.n = 1;
	compact.template_id[0] = id;
	return take_compact(list, &compact);
}

static void assert_compact(const struct psock *s, const struct psock *template,
			   __u64 cookie, const char *comm)
{
	assert_int_equal(s->ep.family, template->ep.family);
	assert_int_equal(s->ep.proto, template->ep.proto);
	assert_memory_equal(s->ep.addr, template->ep.addr, 16);
	assert_int_equal(s->state, template->state);
	assert_int_equal(s->netns, template->netns);
	assert_int_equal(s->template_id, template->template_id);
	assert_int_not_equal(s->template_id, 0);
	assert_int_equal(s->cookie, cookie);
	assert_int_equal(s->inode, cookie + 100);
	assert_int_equal(s->ep.port, 65535);
	assert_int_equal(s->n_owners, 1);
	assert_int_equal(s->owners->pid, template->owners->pid);
	assert_int_equal(s->owners->uid, 12);
	assert_string_equal(s->owners->comm, comm);
	assert_int_equal(s->owners->fd, 4294967295U);
}

static void compact(void **state)
{
	struct psock_list list = { 0 };

	(void)state;
	assert_int_equal(take_template(&list, 5, 1, "a"), 0);
	assert_int_equal(take_template(&list, 300, 2, "b"), 0);
	assert_int_equal(take_compact(&list, &two_compact), 0);
	assert_int_equal(list.n, 4);
	assert_int_equal(list.v[2].peer_port, 65535);
	assert_memory_equal(list.v[2].peer_addr, "\x0a\0\0\x09", 4);
	assert_int_equal(list.v[3].peer_port, 0);
	assert_compact(&list.v[2], &list.v[0], 21, "a");
	assert_compact(&list.v[3], &list.v[1], 22, "b");
	/* the number of a template is reused */
	assert_int_equal(take_template(&list, 5, 3, "c"), 0);
	assert_int_equal(take_one(&list, 5), 0);
	assert_compact(&list.v[5], &list.v[4], 21, "c");
	assert_int_not_equal(list.v[5].template_id, list.v[2].template_id);
	psock_list_clear(&list);
}

/* Each message has its own templates; equal ones have the same id. */
static void like_templates(void **state)
{
	struct psock_list list = { 0 };

	(void)state;
	assert_int_equal(take_template(&list, 5, 1, "a"), 0);
	assert_int_equal(take_template(&list, 5, 2, "a"), 0);
	assert_int_equal(take_one(&list, 5), 0);
	assert_int_equal(list.v[1].template_id, list.v[0].template_id);
	assert_compact(&list.v[2], &list.v[0], 21, "a");
	assert_int_equal(take_template(&list, 5, 3, "b"), 0);
	assert_int_not_equal(list.v[3].template_id, list.v[1].template_id);
	/* only the last one with that number is used */
	assert_int_equal(take_template(&list, 5, 4, "a"), 0);
	assert_int_not_equal(list.v[4].template_id, list.v[1].template_id);
	psock_list_clear(&list);
}

/* Is a template that differs in this byte from another one like that? */
static bool is_like(size_t offset)
{
	struct psock_list list = { 0 };
	struct psock *sock;
	bool like;
	int i;

	for (i = 0; i < 2; i++) {
		sock = psock_list_add(&list);
		psock_add_owner(&list, sock)->fd = i;
		((char *)sock)[offset] += i;
		psock_list_set_template(&list, 5);
	}
	like = list.v[1].template_id == list.v[0].template_id;
	psock_list_clear(&list);
	return like;
}

static void difference(void **state)
{
	(void)state;
	assert_true(is_like(offsetof(struct psock, ep.port)));
	assert_true(is_like(offsetof(struct psock, cookie)));
	assert_true(is_like(offsetof(struct psock, inode)));
	assert_true(is_like(offsetof(struct psock, peer_port)));
	assert_true(is_like(offsetof(struct psock, peer_addr[15])));
	assert_false(is_like(offsetof(struct psock, ep.proto)));
	assert_false(is_like(offsetof(struct psock, ep.addr[15])));
	assert_false(is_like(offsetof(struct psock, ep.flags)));
	assert_false(is_like(offsetof(struct psock, state)));
	assert_false(is_like(offsetof(struct psock, netns)));
	assert_false(is_like(offsetof(struct psock, uid)));
	assert_false(is_like(offsetof(struct psock, group_size)));
	assert_false(is_like(offsetof(struct psock, age_ns)));
}

static void unknown_template(void **state)
{
	struct psock_list list = { 0 };
	struct nlattr *nest;
	struct nl_msg *msg;

	(void)state;
	assert_int_not_equal(take_one(&list, 5), 0);
	assert_int_equal(take_template(&list, 5, 1, "a"), 0);
	assert_int_not_equal(take_one(&list, 6), 0);
	assert_int_not_equal(take_one(&list, 65535), 0);
	psock_list_clear(&list);

	/* a socket with too many attributes of its own */
	msg = message_new(PORTOWNER_CMD_PORT_GET);
	nla_put_u16(msg, PORTOWNER_A_PORT_TEMPLATE_ID, 5);
	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 7);
	put_socket(msg, "::1", IPPROTO_UDP, 53, PORTOWNER_STATE_BOUND);
	put_all(msg);
	nla_nest_end(msg, nest);
	assert_int_not_equal(take_port(msg, &list), 0);
	assert_int_not_equal(take_one(&list, 5), 0);
	psock_list_clear(&list);
}

/* Each array may lack an element, or half of one, or be missing. */
static void malformed_compact(void **state)
{
	struct psock_list list = { 0 };
	struct compact compact;
	int type, cut;

	(void)state;
	assert_int_equal(take_template(&list, 5, 1, "a"), 0);
	assert_int_equal(take_template(&list, 300, 2, "b"), 0);
	for (type = 1; type <= PORTOWNER_A_COMPACT_MAX; type++) {
		for (cut = 1; cut <= 4; cut++) {
			compact = two_compact;
			compact.cut[type] = cut;
			assert_int_not_equal(take_compact(&list, &compact), 0);
			assert_int_equal(list.n, 2);
		}
		compact = two_compact;
		compact.missing = type;
		assert_int_not_equal(take_compact(&list, &compact), 0);
	}
	assert_int_equal(list.n, 2);
	psock_list_clear(&list);
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(repeated_owner),
		cmocka_unit_test(compact),
		cmocka_unit_test(like_templates),
		cmocka_unit_test(difference),
		cmocka_unit_test(unknown_template),
		cmocka_unit_test(malformed_compact),
	};

	return cmocka_run_group_tests_name("decode_compact", tests, NULL, NULL);
}
