/* SPDX-License-Identifier: GPL-2.0 */
/* Messages as the module sends them, built by hand. */
#ifndef PORTOWNER_TESTS_MESSAGES_H
#define PORTOWNER_TESTS_MESSAGES_H

#include <linux/portowner.h>
#include <linux/types.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <stdbool.h>

#include "model/model.h"

struct nl_msg *message_new(int command);

/* Decode a message, and free it. */
int take_port(struct nl_msg *msg, struct psock_list *list);
int take_reject(struct nl_msg *msg, struct reject_list *list);

/* A socket nest is open between begin and nla_nest_end(). */
struct nlattr *socket_begin(struct nl_msg *msg, int attr, __u64 cookie);
void put_addr(struct nl_msg *msg, int family_attr, int addr_attr,
	      const char *addr);
void put_socket(struct nl_msg *msg, const char *addr, __u16 proto, __u16 port,
		__u32 state);
void put_owner(struct nl_msg *msg, __u32 pid, __u32 fd, const char *comm);
void put_reject(struct nl_msg *msg, __u64 seq, const char *addr, __u16 port);

/* What a socket may have besides that, with one owner. */
void put_all(struct nl_msg *msg);

/**
 * struct compact - Sockets in compact form.
 * @n: how many
 * @template_id: of each, like all below
 * @cookie: SO_COOKIE
 * @inode: of the socket file
 * @port: local port
 * @fd: descriptor in the owning process
 * @peer_addr: remote address, IPv4 as an IPv4-mapped one
 * @peer_port: remote port
 * @cut: for each array, bytes that are left out at its end
 * @missing: PORTOWNER_A_COMPACT_* of an array that is left out, or 0
 */
struct compact {
	int n;
	__u16 template_id[2];
	__u64 cookie[2];
	__u64 inode[2];
	__u16 port[2];
	__u32 fd[2];
	__u8 peer_addr[2][16];
	__u16 peer_port[2];
	int cut[PORTOWNER_A_COMPACT_MAX + 1];
	int missing;
};

void put_compact(struct nl_msg *msg, const struct compact *compact);

/* What bind-check says, and a range without a free port. */
void put_verdict(struct nl_msg *msg, __u32 op, __u32 err, __u32 rule);
void put_range(struct nl_msg *msg, int attr);

/* One of the counters by rule in stats-get. */
void put_rule_count(struct nl_msg *msg, __u32 op, __u32 rule, __u64 count);

/* A port-get message with one listening TCP socket of one owner. */
struct nl_msg *simple_port(__u64 cookie, const char *addr, __u16 port,
			   __u32 pid, const char *comm);

/**
 * struct spec - A socket that is to be told of.
 * @cookie: SO_COOKIE
 * @addr: local address
 * @dev: device, or NULL
 * @proto: IPPROTO_*
 * @port: local port
 * @state: enum portowner_state
 * @flags: enum portowner_sock_flag
 * @uid: user; none in time-wait
 * @share: enum portowner_share
 * @group: sockets that share the port, or 0 if not told
 * @backlog: connections that wait, if @backlog_max
 * @backlog_max: how many may wait, or 0 if not told
 * @expires_ns: until it is gone, or 0 if not told
 * @age_ns: since the bind, or 0 if not told
 * @pids: owners, 0 at the end
 * @hidden: there are further owners
 * @bound: the binder is known
 * @origin: 1 if the kernel chose the port, -1 if a program did
 * @self: connected to itself; an IPv4 socket
 */
struct spec {
	__u64 cookie;
	const char *addr;
	const char *dev;
	__u16 proto;
	__u16 port;
	__u32 state;
	__u32 flags;
	__u32 uid;
	__u32 share;
	__u32 group;
	__u32 backlog;
	__u32 backlog_max;
	__u64 expires_ns;
	__u64 age_ns;
	__u32 pids[4];
	bool hidden;
	bool bound;
	int origin;
	bool self;
};

struct nl_msg *port_of(const struct spec *spec);
/* A port-get message whose owner has long names. */
struct nl_msg *port_in_container(void);

struct nl_msg *simple_reject(__u64 seq, __u16 port);

/* One with all that a socket may have, and names that mean no good. */
struct nl_msg *rich_socket(void);

#endif /* PORTOWNER_TESTS_MESSAGES_H */
