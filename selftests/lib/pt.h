/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The answers of the portowner family as C structures. The prefix distinguishes
 * them from structures of the same name in module/.
 */
#ifndef SELFTEST_PORTOWNER_PT_H
#define SELFTEST_PORTOWNER_PT_H

#include <stdbool.h>

#include <netinet/in.h>

#include <linux/portowner.h>
#include <linux/types.h>

#include "nl.h"

/* More than the module has. */
#define PT_TEMPLATES	1024

/* Strings are NULL and numbers 0 where the attribute was absent. */
struct pt_owner {
	bool has_pid;
	__u32 pid;
	__u32 fd;
	__u32 uid;
	char *comm;
	char *exe;
	char *cgroup;
	/* exe and cgroup came with an earlier owner */
	bool repeated;
};

/* What is known about the place of an unseen reference. */
struct pt_unseen {
	__u32 where;
	__u32 pid;
	char *comm;
};

struct pt_binder {
	bool present;
	bool alive;
	__u32 pid;
	__u32 uid;
	char *comm;
};

struct pt_sock {
	__u16 family;
	__u16 proto;
	unsigned char addr[16];
	int addr_len;
	__u16 port;
	__u32 ifindex;
	char *dev;
	__u32 state;
	__u32 netns;
	__u64 cookie;
	__u64 inode;
	bool has_uid;
	__u32 uid;
	__u32 flags;
	bool has_share;
	__u32 share;
	__u32 group_size;
	char *kernel_owner;
	__u32 unseen_refs;
	int n_unseen;
	struct pt_unseen *unseen;
	bool owners_hidden;
	bool owners_incomplete;
	bool has_backlog;
	__u32 backlog;
	__u32 backlog_max;
	__u64 expires;
	unsigned char peer_addr[16];
	int peer_addr_len;
	__u16 peer_port;
	bool has_port_by_kernel;
	bool port_by_kernel;
	struct pt_binder binder;
	int n_owners;
	struct pt_owner *owners;
	bool more;
	/* number of messages for this socket */
	int parts;
};

struct pt_socks {
	int n;
	struct pt_sock *v;
	int err;
	/* for each template id, 0 or 1 + the index of the template */
	int templates[PT_TEMPLATES];
	/* sockets that came in compact form */
	int n_compact;
};

struct pt_range_holder {
	bool has_pid;
	__u32 pid;
	__u32 uid;
	char *comm;
	__u32 ports;
};

struct pt_range {
	bool present;
	__u16 first;
	__u16 last;
	__u32 reserved;
	__u32 taken;
	__u64 time;
	int n_holders;
	struct pt_range_holder *holders;
};

/* Why an address is not local, from the log or from bind-check. */
struct pt_reason {
	__u32 value;
	char *dev;
	__u32 netns;
};

struct pt_reject {
	__u64 seq;
	__u64 time;
	__u64 first_time;
	__u64 count;
	__u32 op;
	__u32 err;
	__u16 family;
	__u16 proto;
	unsigned char addr[16];
	int addr_len;
	__u16 port;
	__u32 ifindex;
	char *dev;
	__u32 netns;
	__u32 flags;
	bool has_pid;
	__u32 pid;
	char *comm;
	char *exe;
	__u32 uid;
	char *cgroup;
	__u32 rule;
	struct pt_reason reason;
	__u32 prog_id;
	char *prog_name;
	unsigned char peer_addr[16];
	int peer_addr_len;
	__u16 peer_port;
	__u32 caller_flags;
	struct pt_range range;
	bool culprits_incomplete;
	int n_culprits;
	struct pt_sock *culprits;
	bool more;
};

struct pt_rejects {
	bool all_netns;
	int n;
	struct pt_reject *v;
	int err;
};

#define PT_OPS		(PORTOWNER_REJECT_OP_MAX + 1)
#define PT_RULES	(PORTOWNER_RULE_MAX + 1)

struct pt_stats {
	int err;
	__u64 seen;
	__u64 kept;
	__u64 dropped;
	__u64 counted;
	__u64 unrecorded;
	__u64 dropped_own;
	__u64 dropped_last;
	__u32 max;
	__u64 missed;
	__u64 binders;
	__u64 evicted;
	__u64 binders_max;
	__u64 dumps;
	__u64 dumps_refused;
	__u64 by_rule[PT_OPS][PT_RULES];
};

/* Filters of a dump of sockets; zero means not sent. */
struct pt_filter {
	__u16 family;
	__u16 proto;
	__u16 port;
	__u16 port_last;
	__u32 states;
	bool all_netns;
	bool compact;
};

/* Filters of a dump of rejects; zero means not sent. */
struct pt_reject_filter {
	__u64 since;
	__u32 ancestor;
	bool all_netns;
};

#define PT_BIT(state)	(1U << PORTOWNER_STATE_##state)
#define PT_ALL_STATES	((1U << (PORTOWNER_STATE_SHUTDOWN_ACK_SENT + 1)) - 2)

/* Send a request; read its answer; do both, again while sockets change. */
void pt_socks_ask(struct nl *nl, const struct pt_filter *filter);
struct pt_socks pt_socks_hear(struct nl *nl);
struct pt_socks pt_socks(struct nl *nl, const struct pt_filter *filter);
struct pt_socks pt_port(struct nl *nl, int port, __u32 states);
struct pt_sock *pt_by_cookie(const struct pt_socks *socks, __u64 cookie);
struct pt_sock *pt_sock_of(struct nl *nl, int fd);
struct pt_owner *pt_owner_of(const struct pt_sock *sock, int pid);

struct pt_rejects pt_rejects(struct nl *nl, __u64 since);
struct pt_rejects pt_rejects_of(struct nl *nl,
				const struct pt_reject_filter *filter);
struct pt_reject *pt_only_reject(struct nl *nl);
struct pt_reject *pt_last_reject(struct nl *nl);
__u64 pt_counts(const struct pt_rejects *rejects);
struct pt_stats pt_stats(struct nl *nl);
__u64 pt_by_rules(const struct pt_stats *stats);

/* Shared by the readers of answers. */
void *pt_grow(void *v, int n, size_t size);
int pt_read_addr(const struct nlattr *nla, unsigned char *addr);
void pt_read_sock(const struct nlattr *nest, struct pt_sock *s);
bool pt_join_owners(struct pt_sock *last, const struct pt_sock *s);
void pt_read_range(const struct nlattr *nest, struct pt_range *r);
void pt_read_culprit(const struct nlattr *nla, struct pt_sock **v, int *n);
void pt_read_owner(const struct nlattr *nest, struct pt_owner *o);
void pt_repeat_owners(const struct pt_socks *socks, struct pt_sock *s);
void pt_read_unseen(const struct nlattr *nest, struct pt_unseen *u);

#endif
