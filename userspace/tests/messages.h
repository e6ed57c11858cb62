/* SPDX-License-Identifier: GPL-2.0 */
/* Messages in the form of the module, built by hand. */
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

/* Further attributes of a socket, with one owner. */
void put_all(struct nl_msg *msg);

/**
 * struct compact - Sockets in compact form.
 * @n: how many
 * @template_id: for each socket, as all members below
 * @cookie: SO_COOKIE
 * @inode: of the socket file
 * @port: local port
 * @fd: descriptor in the owning process
 * @peer_addr: remote address; IPv4 as IPv4-mapped
 * @peer_port: remote port
 * @cut: for each array, number of bytes missing at its end
 * @missing: PORTOWNER_A_COMPACT_* of an array to omit, or 0
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

/* The answer of bind-check, and a range without a free port. */
void put_verdict(struct nl_msg *msg, __u32 op, __u32 err, __u32 rule);
void put_range(struct nl_msg *msg, int attr);

/* One of the counters by rule in stats-get. */
void put_rule_count(struct nl_msg *msg, __u32 op, __u32 rule, __u64 count);

/* A port-get message with one listening TCP socket of one owner. */
struct nl_msg *simple_port(__u64 cookie, const char *addr, __u16 port,
			   __u32 pid, const char *comm);

/**
 * struct spec - A socket to report.
 * @cookie: SO_COOKIE
 * @addr: local address
 * @dev: device, or NULL
 * @proto: IPPROTO_*
 * @port: local port
 * @state: enum portowner_state
 * @flags: enum portowner_sock_flag
 * @uid: user; none in TIME_WAIT
 * @share: enum portowner_share
 * @group: number of sockets that share the port, or 0 to omit
 * @backlog: connections waiting to be accepted, if @backlog_max
 * @backlog_max: limit of @backlog, or 0 to omit both
 * @expires_ns: time until it expires, or 0 to omit
 * @age_ns: time since the bind, or 0 to omit
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

/* A message about a socket with all attributes, and hostile names. */
struct nl_msg *rich_socket(void);

#endif /* PORTOWNER_TESTS_MESSAGES_H */
