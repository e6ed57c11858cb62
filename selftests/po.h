/* SPDX-License-Identifier: GPL-2.0 */
/* The answers of the portowner family as C structures. */
#ifndef SELFTEST_PORTOWNER_PO_H
#define SELFTEST_PORTOWNER_PO_H

#include <stdbool.h>

#include <netinet/in.h>

#include <linux/portowner.h>
#include <linux/types.h>

#include "nl.h"

/* More than the module has. */
#define PO_KINDS	1024

/* Strings are NULL and numbers 0 where the attribute was absent. */
struct po_owner {
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

/* What is known of where an unseen reference is. */
struct po_unseen {
	__u32 where;
	__u32 pid;
	char *comm;
};

struct po_binder {
	bool present;
	bool alive;
	__u32 pid;
	__u32 uid;
	char *comm;
};

struct po_sock {
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
	struct po_unseen *unseen;
	bool owners_hidden;
	bool owners_incomplete;
	bool has_backlog;
	__u32 backlog;
	__u32 backlog_max;
	__u64 expires;
	struct po_binder binder;
	int n_owners;
	struct po_owner *owners;
	bool more;
	/* messages that this socket took */
	int parts;
};

struct po_socks {
	int n;
	struct po_sock *v;
	int err;
	/* for each number of a kind, 0 or 1 + the index of a socket */
	int kinds[PO_KINDS];
	/* sockets that came as one of a kind */
	int n_alike;
};

struct po_range_holder {
	bool has_pid;
	__u32 pid;
	__u32 uid;
	char *comm;
	__u32 ports;
};

struct po_range {
	bool present;
	__u16 first;
	__u16 last;
	__u32 reserved;
	__u32 taken;
	__u64 time;
	int n_holders;
	struct po_range_holder *holders;
};

struct po_reject {
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
	struct po_range range;
	bool culprits_incomplete;
	int n_culprits;
	struct po_sock *culprits;
	bool more;
};

struct po_rejects {
	int n;
	struct po_reject *v;
	int err;
};

struct po_stats {
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
};

/* Filters of a dump of sockets; zero means not sent. */
struct po_filter {
	__u16 family;
	__u16 proto;
	__u16 port;
	__u16 port_last;
	__u32 states;
	bool all_netns;
	bool brief;
};

/* What a dump of rejects is asked for; zero means not sent. */
struct po_reject_filter {
	__u64 since;
	__u32 ancestor;
	bool all_netns;
};

#define PO_BIT(state)	(1U << PORTOWNER_STATE_##state)
#define PO_ALL_STATES	((1U << (PORTOWNER_STATE_CLOSING + 1)) - 2)

/* A request, and the answer to it; and both, anew while sockets move. */
void po_socks_ask(struct nl *nl, const struct po_filter *filter);
struct po_socks po_socks_hear(struct nl *nl);
struct po_socks po_socks(struct nl *nl, const struct po_filter *filter);
struct po_socks po_port(struct nl *nl, int port, __u32 states);
struct po_sock *po_by_cookie(const struct po_socks *socks, __u64 cookie);
struct po_sock *po_sock_of(struct nl *nl, int fd);
struct po_owner *po_owner_of(const struct po_sock *sock, int pid);

struct po_rejects po_rejects(struct nl *nl, __u64 since);
struct po_rejects po_rejects_of(struct nl *nl,
				const struct po_reject_filter *filter);
struct po_reject *po_only_reject(struct nl *nl);
struct po_reject *po_last_reject(struct nl *nl);
__u64 po_counts(const struct po_rejects *rejects);
struct po_stats po_stats(struct nl *nl);

/* What the readers of answers share. */
void *po_grow(void *v, int n, size_t size);
int po_read_addr(const struct nlattr *nla, unsigned char *addr);
void po_read_sock(const struct nlattr *nest, struct po_sock *s);
bool po_join_owners(struct po_sock *last, const struct po_sock *s);
void po_read_range(const struct nlattr *nest, struct po_range *r);
void po_read_culprit(const struct nlattr *nla, struct po_sock **v, int *n);
void po_read_owner(const struct nlattr *nest, struct po_owner *o);
void po_repeat_owners(const struct po_socks *socks, struct po_sock *s);
void po_read_kind(const struct nlattr *nla, struct po_socks *socks);
void po_read_alike(const struct nlattr *nla, struct po_socks *socks);
void po_read_unseen(const struct nlattr *nest, struct po_unseen *u);
void po_read_reject(const struct nlmsghdr *hdr, void *arg);

#endif
