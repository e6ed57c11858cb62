// SPDX-License-Identifier: GPL-2.0

#include <errno.h>
#include <netinet/in.h>
#include <netlink/errno.h>

#include "netlink/decode.h"
#include "tests/messages.h"
#include "tests/unit.h"

static int take_port(struct nl_msg *msg, struct psock_list *list)
{
	int err = decode_port(nlmsg_hdr(msg), list);

	nlmsg_free(msg);
	return err;
}

static int take_reject(struct nl_msg *msg, struct reject_list *list)
{
	int err = decode_reject(nlmsg_hdr(msg), list);

	nlmsg_free(msg);
	return err;
}

static void put_all(struct nl_msg *msg)
{
	struct nlattr *nest;

	nla_put_u32(msg, PORTOWNER_A_SOCKET_IFINDEX, 2);
	nla_put_string(msg, PORTOWNER_A_SOCKET_DEV, "eth0");
	nla_put_u32(msg, PORTOWNER_A_SOCKET_UID, 33);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_SHARE, PORTOWNER_SHARE_REUSEPORT);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_GROUP_SIZE, 4);
	nla_put_string(msg, PORTOWNER_A_SOCKET_KERNEL_OWNER, "vxlan");
	nla_put_u32(msg, PORTOWNER_A_SOCKET_UNSEEN_REFS, 2);
	nla_put_flag(msg, PORTOWNER_A_SOCKET_OWNERS_HIDDEN);
	nla_put_flag(msg, PORTOWNER_A_SOCKET_OWNERS_INCOMPLETE);
	nla_put_u64(msg, PORTOWNER_A_SOCKET_AGE, 99);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_BACKLOG, 5);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_BACKLOG_MAX, 4);
	nla_put_u64(msg, PORTOWNER_A_SOCKET_EXPIRES, 60000000001ULL);
	nest = nla_nest_start(msg, PORTOWNER_A_SOCKET_BINDER);
	nla_put_u32(msg, PORTOWNER_A_BINDER_PID, 8);
	nla_put_string(msg, PORTOWNER_A_BINDER_COMM, "init");
	nla_put_u32(msg, PORTOWNER_A_BINDER_UID, 9);
	nla_put_flag(msg, PORTOWNER_A_BINDER_ALIVE);
	nla_nest_end(msg, nest);
	nest = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
	nla_put_u32(msg, PORTOWNER_A_OWNER_PID, 10);
	nla_put_u32(msg, PORTOWNER_A_OWNER_FD, 11);
	nla_put_string(msg, PORTOWNER_A_OWNER_COMM, "web");
	nla_put_string(msg, PORTOWNER_A_OWNER_EXE, "/bin/web");
	nla_put_u32(msg, PORTOWNER_A_OWNER_UID, 12);
	nla_put_string(msg, PORTOWNER_A_OWNER_CGROUP, "/a.service");
	nla_nest_end(msg, nest);
}

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
	/* A device whose name is not known any more. */
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

/* A rest whose beginning never came, or had said that it was all. */
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
		/* Too short for a number, no NUL, and no whole attribute. */
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

/* The message that comes before an answer has nothing at all. */
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

/* Attributes of a newer module are none of our business. */
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

/* Any bytes at all: an error or a socket, never a crash. */
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

static void reject(void **state)
{
	struct reject_list list = { 0 };
	struct reject *r;

	(void)state;
	assert_int_equal(take_reject(simple_reject(5, 8080), &list), 0);
	assert_int_equal(take_reject(simple_reject(6, 8081), &list), 0);
	assert_int_equal(list.n, 2);
	r = &list.v[0];
	assert_int_equal(r->seq, 5);
	assert_int_equal(r->time_ns, 1900000000000000005ULL);
	assert_int_equal(r->err, EADDRINUSE);
	assert_int_equal(r->ep.port, 8080);
	assert_int_equal(r->pid, 777);
	assert_string_equal(r->comm, "late");
	assert_null(r->exe);
	assert_int_equal(r->culprits.n, 1);
	assert_int_equal(r->culprits.v[0].cookie, 105);
	assert_string_equal(r->culprits.v[0].owners[0].comm, "early");
	reject_list_clear(&list);
}

static void put_culprit(struct nl_msg *msg, __u64 cookie, bool first,
			__u32 pid, bool more)
{
	struct nlattr *nest;

	nest = socket_begin(msg, PORTOWNER_A_REJECT_CULPRIT, cookie);
	if (first)
		put_socket(msg, "0.0.0.0", IPPROTO_TCP, 80,
			   PORTOWNER_STATE_LISTEN);
	put_owner(msg, pid, 3, "x");
	if (more)
		nla_put_flag(msg, PORTOWNER_A_SOCKET_MORE_OWNERS);
	nla_nest_end(msg, nest);
}

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

/* What a process is comes once; another process may be in between. */
static void repeated_owner(void **state)
{
	struct psock_list list = { 0 };

	(void)state;
	assert_int_equal(take_port(with_owner(1, 10, "/bin/a"), &list), 0);
	assert_int_equal(take_port(with_owner(2, 11, "/bin/b"), &list), 0);
	assert_int_equal(take_port(with_owner(3, 10, NULL), &list), 0);
	assert_int_equal(take_port(with_owner(4, 11, NULL), &list), 0);
	/* named in full again: from here on this is what it has */
	assert_int_equal(take_port(with_owner(5, 10, "/bin/c"), &list), 0);
	assert_int_equal(take_port(with_owner(6, 10, NULL), &list), 0);
	assert_string_equal(list.v[2].owners[0].exe, "/bin/a");
	assert_string_equal(list.v[2].owners[0].comm, "web");
	assert_int_equal(list.v[2].owners[0].uid, 33);
	assert_null(list.v[2].owners[0].cgroup);
	assert_string_equal(list.v[3].owners[0].exe, "/bin/b");
	assert_string_equal(list.v[5].owners[0].exe, "/bin/c");
	assert_string_equal(list.v[2].owners[0].exe, "/bin/a");
	/* never named */
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
	/* the number of a template is used again */
	assert_int_equal(take_template(&list, 5, 3, "c"), 0);
	assert_int_equal(take_one(&list, 5), 0);
	assert_compact(&list.v[5], &list.v[4], 21, "c");
	assert_int_not_equal(list.v[5].template_id, list.v[2].template_id);
	psock_list_clear(&list);
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

	/* one that has too much of its own */
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

/* Two culprits over three messages, the first with owners over two. */
static void split_reject(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);
	struct reject_list list = { 0 };

	(void)state;
	put_reject(msg, 9, "::", 80);
	put_culprit(msg, 1, true, 10, true);
	nla_put_flag(msg, PORTOWNER_A_REJECT_MORE);
	assert_int_equal(take_reject(msg, &list), 0);

	msg = message_new(PORTOWNER_CMD_REJECT_GET);
	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, 9);
	put_culprit(msg, 1, false, 11, false);
	put_culprit(msg, 2, true, 20, false);
	nla_put_flag(msg, PORTOWNER_A_REJECT_MORE);
	assert_int_equal(take_reject(msg, &list), 0);

	msg = message_new(PORTOWNER_CMD_REJECT_GET);
	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, 9);
	put_culprit(msg, 3, true, 30, false);
	assert_int_equal(take_reject(msg, &list), 0);

	assert_int_equal(list.n, 1);
	assert_int_equal(list.v[0].culprits.n, 3);
	assert_int_equal(list.v[0].culprits.v[0].n_owners, 2);
	assert_int_equal(list.v[0].culprits.v[0].owners[1].pid, 11);
	assert_int_equal(list.v[0].culprits.v[1].owners[0].pid, 20);
	assert_int_equal(list.v[0].culprits.v[2].cookie, 3);
	assert_false(list.v[0].more);
	reject_list_clear(&list);
}

static void malformed_reject(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);
	struct reject_list list = { 0 };

	(void)state;
	nla_put_u32(msg, PORTOWNER_A_REJECT_ERRNO, 98);
	assert_true(take_reject(msg, &list) < 0);
	/* A rest of nothing. */
	msg = message_new(PORTOWNER_CMD_REJECT_GET);
	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, 9);
	assert_true(take_reject(msg, &list) < 0);
	reject_list_clear(&list);
}

static void stats(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_STATS_GET);
	struct counters counters;

	(void)state;
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_SEEN, 1ULL << 40);
	nla_put_u32(msg, PORTOWNER_A_STATS_REJECTS_MAX, 256);
	nla_put_u64(msg, PORTOWNER_A_STATS_MISSED_NO_INSTANCE, 1ULL << 41);
	nla_put_u64(msg, PORTOWNER_A_STATS_MISSED_NESTED, 1ULL << 42);
	nla_put_u64(msg, PORTOWNER_A_STATS_MISSED_SHARE, 1ULL << 43);
	nla_put_u64(msg, PORTOWNER_A_STATS_BINDERS_MAX, 131072);
	assert_int_equal(decode_stats(nlmsg_hdr(msg), &counters), 0);
	nlmsg_free(msg);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_REJECTS_SEEN],
			 1ULL << 40);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_REJECTS_MAX], 256);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_BINDERS], 0);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_MISSED_NO_INSTANCE],
			 1ULL << 41);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_MISSED_NESTED],
			 1ULL << 42);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_MISSED_SHARE],
			 1ULL << 43);
	assert_int_equal(counters.v[PORTOWNER_A_STATS_BINDERS_MAX], 131072);
}

/* What a newer module may have is counted, under a name that says no more. */
static void stats_by_rule(void **state)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_STATS_GET);
	struct counters counters;

	(void)state;
	memset(&counters, 0xff, sizeof(counters));
	put_rule_count(msg, PORTOWNER_REJECT_OP_LISTEN, PORTOWNER_RULE_TIME_WAIT, 3);
	nla_put_u64(msg, PORTOWNER_A_STATS_REJECTS_SEEN, 8);
	put_rule_count(msg, PORTOWNER_REJECT_OP_BIND, PORTOWNER_RULE_OTHER, 1);
	put_rule_count(msg, PORTOWNER_REJECT_OP_BIND, PORTOWNER_RULE_MAX + 1, 2);
	put_rule_count(msg, 99, PORTOWNER_RULE_OTHER, 2);
	assert_int_equal(decode_stats(nlmsg_hdr(msg), &counters), 0);
	nlmsg_free(msg);
	assert_int_equal(counters.by_rule[PORTOWNER_REJECT_OP_LISTEN]
					 [PORTOWNER_RULE_TIME_WAIT], 3);
	assert_int_equal(counters.by_rule[PORTOWNER_REJECT_OP_BIND]
					 [PORTOWNER_RULE_OTHER], 3);
	assert_int_equal(counters.by_rule[COUNTED_OPS - 1]
					 [PORTOWNER_RULE_OTHER], 2);
	assert_int_equal(counters.by_rule[PORTOWNER_REJECT_OP_AUTOBIND]
					 [PORTOWNER_RULE_OTHER], 0);
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(full_socket),
		cmocka_unit_test(bare_socket),
		cmocka_unit_test(split_owners),
		cmocka_unit_test(stray_owners),
		cmocka_unit_test(repeated_owner),
		cmocka_unit_test(compact),
		cmocka_unit_test(unknown_template),
		cmocka_unit_test(malformed_compact),
		cmocka_unit_test(malformed_address),
		cmocka_unit_test(malformed_attributes),
		cmocka_unit_test(no_socket),
		cmocka_unit_test(only_begun),
		cmocka_unit_test(unknown_attributes),
		cmocka_unit_test(random_bytes),
		cmocka_unit_test(reject),
		cmocka_unit_test(split_reject),
		cmocka_unit_test(malformed_reject),
		cmocka_unit_test(stats),
		cmocka_unit_test(stats_by_rule),
	};

	return cmocka_run_group_tests_name("decode", tests, NULL, NULL);
}
