// SPDX-License-Identifier: GPL-2.0

#include <arpa/inet.h>
#include <errno.h>
#include <linux/portowner.h>

#include "lib/time_fmt.h"
#include "netlink/decode.h"
#include "tests/messages.h"
#include "tests/unit.h"

struct nl_msg *message_new(int command)
{
	struct nl_msg *msg = nlmsg_alloc();

	assert_non_null(msg);
	assert_non_null(genlmsg_put(msg, 0, 1, 42, 0, NLM_F_MULTI, command, 1));
	return msg;
}

int take_port(struct nl_msg *msg, struct psock_list *list)
{
	int err = decode_port(nlmsg_hdr(msg), list);

	nlmsg_free(msg);
	return err;
}

int take_reject(struct nl_msg *msg, struct reject_list *list)
{
	int err = decode_reject(nlmsg_hdr(msg), list);

	nlmsg_free(msg);
	return err;
}

struct nlattr *socket_begin(struct nl_msg *msg, int attr, __u64 cookie)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	assert_non_null(nest);
	nla_put_u64(msg, PORTOWNER_A_SOCKET_COOKIE, cookie);
	return nest;
}

void put_addr(struct nl_msg *msg, int family_attr, int addr_attr,
	      const char *addr)
{
	int family = strchr(addr, ':') ? AF_INET6 : AF_INET;
	unsigned char bytes[16];

	assert_int_equal(inet_pton(family, addr, bytes), 1);
	nla_put_u16(msg, family_attr, family);
	nla_put(msg, addr_attr, family == AF_INET ? 4 : 16, bytes);
}

void put_socket(struct nl_msg *msg, const char *addr, __u16 proto, __u16 port,
		__u32 state)
{
	put_addr(msg, PORTOWNER_A_SOCKET_FAMILY, PORTOWNER_A_SOCKET_ADDR, addr);
	nla_put_u16(msg, PORTOWNER_A_SOCKET_PROTO, proto);
	nla_put_u16(msg, PORTOWNER_A_SOCKET_PORT, port);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_STATE, state);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_NETNS, 4026531840U);
	nla_put_u64(msg, PORTOWNER_A_SOCKET_INODE, 12345);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_FLAGS, 0);
}

static void put_array(struct nl_msg *msg, const struct compact *compact,
		      int attr, const void *elements, size_t size)
{
	if (attr != compact->missing)
		nla_put(msg, attr, compact->n * size - compact->cut[attr],
			elements);
}

void put_compact(struct nl_msg *msg, const struct compact *compact)
{
	struct nlattr *nest = nla_nest_start(msg, PORTOWNER_A_PORT_COMPACT);

	assert_non_null(nest);
	put_array(msg, compact, PORTOWNER_A_COMPACT_TEMPLATE_ID,
		  compact->template_id, sizeof(__u16));
	put_array(msg, compact, PORTOWNER_A_COMPACT_COOKIE, compact->cookie,
		  sizeof(__u64));
	put_array(msg, compact, PORTOWNER_A_COMPACT_INODE, compact->inode,
		  sizeof(__u64));
	put_array(msg, compact, PORTOWNER_A_COMPACT_PORT, compact->port,
		  sizeof(__u16));
	put_array(msg, compact, PORTOWNER_A_COMPACT_FD, compact->fd,
		  sizeof(__u32));
	put_array(msg, compact, PORTOWNER_A_COMPACT_PEER_ADDR,
		  compact->peer_addr, sizeof(compact->peer_addr[0]));
	put_array(msg, compact, PORTOWNER_A_COMPACT_PEER_PORT,
		  compact->peer_port, sizeof(__u16));
	nla_nest_end(msg, nest);
}

void put_all(struct nl_msg *msg)
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

void put_owner(struct nl_msg *msg, __u32 pid, __u32 fd, const char *comm)
{
	struct nlattr *nest = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);

	assert_non_null(nest);
	if (pid)
		nla_put_u32(msg, PORTOWNER_A_OWNER_PID, pid);
	nla_put_u32(msg, PORTOWNER_A_OWNER_FD, fd);
	nla_put_string(msg, PORTOWNER_A_OWNER_COMM, comm);
	nla_put_u32(msg, PORTOWNER_A_OWNER_UID, 1000);
	nla_nest_end(msg, nest);
}

void put_reject(struct nl_msg *msg, __u64 seq, const char *addr, __u16 port)
{
	nla_put_u64(msg, PORTOWNER_A_REJECT_SEQ, seq);
	nla_put_u64(msg, PORTOWNER_A_REJECT_TIME,
		    1900000000000000000ULL + seq);
	nla_put_u32(msg, PORTOWNER_A_REJECT_OP, PORTOWNER_REJECT_OP_BIND);
	nla_put_u32(msg, PORTOWNER_A_REJECT_ERRNO, EADDRINUSE);
	put_addr(msg, PORTOWNER_A_REJECT_FAMILY, PORTOWNER_A_REJECT_ADDR, addr);
	nla_put_u16(msg, PORTOWNER_A_REJECT_PROTO, IPPROTO_TCP);
	nla_put_u16(msg, PORTOWNER_A_REJECT_PORT, port);
	nla_put_u32(msg, PORTOWNER_A_REJECT_NETNS, 4026531840U);
	nla_put_u32(msg, PORTOWNER_A_REJECT_FLAGS,
		    PORTOWNER_SOCK_FLAG_REUSEADDR);
	nla_put_u32(msg, PORTOWNER_A_REJECT_PID, 777);
	nla_put_string(msg, PORTOWNER_A_REJECT_COMM, "late");
	nla_put_u32(msg, PORTOWNER_A_REJECT_UID, 1000);
	nla_put_u32(msg, PORTOWNER_A_REJECT_RULE,
		    PORTOWNER_RULE_ADDRESS_IN_USE);
}

void put_verdict(struct nl_msg *msg, __u32 op, __u32 err, __u32 rule)
{
	if (err) {
		nla_put_u32(msg, PORTOWNER_A_CHECK_OP, op);
		nla_put_u32(msg, PORTOWNER_A_CHECK_ERRNO, err);
		nla_put_u32(msg, PORTOWNER_A_CHECK_RULE, rule);
	}
}

void put_rule_count(struct nl_msg *msg, __u32 op, __u32 rule, __u64 count)
{
	struct nlattr *nest = nla_nest_start(msg, PORTOWNER_A_STATS_REJECTS_BY_RULE);

	nla_put_u32(msg, PORTOWNER_A_RULE_COUNT_OP, op);
	nla_put_u32(msg, PORTOWNER_A_RULE_COUNT_RULE, rule);
	nla_put_u64(msg, PORTOWNER_A_RULE_COUNT_COUNT, count);
	nla_nest_end(msg, nest);
}

static void put_range_holder(struct nl_msg *msg, __u32 pid, const char *comm,
			     __u32 ports)
{
	struct nlattr *nest = nla_nest_start(msg, PORTOWNER_A_RANGE_HOLDER);

	nla_put_u32(msg, PORTOWNER_A_RANGE_HOLDER_PID, pid);
	nla_put_string(msg, PORTOWNER_A_RANGE_HOLDER_COMM, comm);
	nla_put_u32(msg, PORTOWNER_A_RANGE_HOLDER_UID, 1000);
	nla_put_u32(msg, PORTOWNER_A_RANGE_HOLDER_PORTS, ports);
	nla_nest_end(msg, nest);
}

void put_range(struct nl_msg *msg, int attr)
{
	struct nlattr *nest = nla_nest_start(msg, attr);

	nla_put_u16(msg, PORTOWNER_A_RANGE_FIRST, 40000);
	nla_put_u16(msg, PORTOWNER_A_RANGE_LAST, 40099);
	nla_put_u32(msg, PORTOWNER_A_RANGE_RESERVED, 7);
	nla_put_u32(msg, PORTOWNER_A_RANGE_TAKEN, 93);
	nla_put_u64(msg, PORTOWNER_A_RANGE_TIME, time_fmt_now());
	put_range_holder(msg, 10, "a b", 60);
	put_range_holder(msg, 11, "b", 33);
	nla_nest_end(msg, nest);
}

struct nl_msg *simple_port(__u64 cookie, const char *addr, __u16 port,
			   __u32 pid, const char *comm)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, cookie);
	put_socket(msg, addr, IPPROTO_TCP, port, PORTOWNER_STATE_LISTEN);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_UID, 0);
	put_owner(msg, pid, 3, comm);
	nla_nest_end(msg, nest);
	return msg;
}

struct nl_msg *port_of(const struct spec *spec)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest, *inner;
	unsigned char addr[4];
	const __u32 *pid;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, spec->cookie);
	put_socket(msg, spec->addr, spec->proto, spec->port, spec->state);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_FLAGS, spec->flags);
	if (spec->dev)
		nla_put_string(msg, PORTOWNER_A_SOCKET_DEV, spec->dev);
	if (spec->state != PORTOWNER_STATE_TIME_WAIT)
		nla_put_u32(msg, PORTOWNER_A_SOCKET_UID, spec->uid);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_SHARE, spec->share);
	if (spec->group)
		nla_put_u32(msg, PORTOWNER_A_SOCKET_GROUP_SIZE, spec->group);
	if (spec->backlog_max) {
		nla_put_u32(msg, PORTOWNER_A_SOCKET_BACKLOG, spec->backlog);
		nla_put_u32(msg, PORTOWNER_A_SOCKET_BACKLOG_MAX,
			    spec->backlog_max);
	}
	if (spec->expires_ns)
		nla_put_u64(msg, PORTOWNER_A_SOCKET_EXPIRES, spec->expires_ns);
	if (spec->age_ns)
		nla_put_u64(msg, PORTOWNER_A_SOCKET_AGE, spec->age_ns);
	if (spec->origin)
		nla_put_u8(msg, PORTOWNER_A_SOCKET_PORT_BY_KERNEL,
			   spec->origin > 0);
	if (spec->self) {
		inet_pton(AF_INET, spec->addr, addr);
		nla_put(msg, PORTOWNER_A_SOCKET_PEER_ADDR, 4, addr);
		nla_put_u16(msg, PORTOWNER_A_SOCKET_PEER_PORT, spec->port);
	}
	for (pid = spec->pids; *pid; pid++)
		put_owner(msg, *pid, 3, "p q");
	if (spec->hidden)
		nla_put_flag(msg, PORTOWNER_A_SOCKET_OWNERS_HIDDEN);
	if (spec->bound) {
		inner = nla_nest_start(msg, PORTOWNER_A_SOCKET_BINDER);
		nla_put_u32(msg, PORTOWNER_A_BINDER_PID, spec->pids[0]);
		nla_put_string(msg, PORTOWNER_A_BINDER_COMM, "p q");
		nla_nest_end(msg, inner);
	}
	nla_nest_end(msg, nest);
	return msg;
}

struct nl_msg *simple_reject(__u64 seq, __u16 port)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_REJECT_GET);
	struct nlattr *nest;

	put_reject(msg, seq, "0.0.0.0", port);
	nest = socket_begin(msg, PORTOWNER_A_REJECT_CULPRIT, seq + 100);
	put_socket(msg, "0.0.0.0", IPPROTO_TCP, port, PORTOWNER_STATE_LISTEN);
	put_owner(msg, 555, 4, "early");
	nla_nest_end(msg, nest);
	return msg;
}

struct nl_msg *port_in_container(void)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest, *inner;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 1);
	put_socket(msg, "10.0.0.1", IPPROTO_TCP, 80, PORTOWNER_STATE_LISTEN);
	inner = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
	nla_put_u32(msg, PORTOWNER_A_OWNER_PID, 10);
	nla_put_string(msg, PORTOWNER_A_OWNER_COMM, "\xc3\xa9");
	nla_put_string(msg, PORTOWNER_A_OWNER_EXE,
		       "/usr/lib/postgresql/15/bin/postgres");
	nla_put_string(msg, PORTOWNER_A_OWNER_CGROUP,
		       "/docker/0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef");
	nla_nest_end(msg, inner);
	nla_nest_end(msg, nest);
	return msg;
}

struct nl_msg *rich_socket(void)
{
	struct nl_msg *msg = message_new(PORTOWNER_CMD_PORT_GET);
	struct nlattr *nest, *inner;

	nest = socket_begin(msg, PORTOWNER_A_PORT_SOCKET, 7);
	put_socket(msg, "0.0.0.0", IPPROTO_UDP, 4789, PORTOWNER_STATE_BOUND);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_UID, 0);
	nla_put_string(msg, PORTOWNER_A_SOCKET_KERNEL_OWNER, "vxlan");
	nla_put_u32(msg, PORTOWNER_A_SOCKET_SHARE, PORTOWNER_SHARE_REUSEADDR);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_GROUP_SIZE, 2);
	nla_put_u32(msg, PORTOWNER_A_SOCKET_UNSEEN_REFS, 3);
	nla_put_u64(msg, PORTOWNER_A_SOCKET_AGE, 61000000000ULL);
	inner = nla_nest_start(msg, PORTOWNER_A_SOCKET_BINDER);
	nla_put_u32(msg, PORTOWNER_A_BINDER_PID, 8);
	nla_put_string(msg, PORTOWNER_A_BINDER_COMM, "b\xff");
	nla_put_u32(msg, PORTOWNER_A_BINDER_UID, 4294967290U);
	nla_nest_end(msg, inner);
	inner = nla_nest_start(msg, PORTOWNER_A_SOCKET_OWNER);
	nla_put_u32(msg, PORTOWNER_A_OWNER_PID, 10);
	nla_put_u32(msg, PORTOWNER_A_OWNER_FD, 11);
	nla_put_string(msg, PORTOWNER_A_OWNER_COMM, "\"w\033\xc3\xa9\xff");
	nla_put_string(msg, PORTOWNER_A_OWNER_EXE, "/bin/w (deleted)");
	nla_put_u32(msg, PORTOWNER_A_OWNER_UID, 4294967290U);
	nla_put_string(msg, PORTOWNER_A_OWNER_CGROUP,
		       "/system.slice/web.service");
	nla_nest_end(msg, inner);
	nla_nest_end(msg, nest);
	return msg;
}
