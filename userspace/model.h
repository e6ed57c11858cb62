/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets and rejects as the commands see them, whatever the source. */
#ifndef PORTOWNER_MODEL_H
#define PORTOWNER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/portowner.h>
#include <linux/types.h>

struct known;
struct owner_block;
struct port_range;

/**
 * struct endpoint - A local address, and what decides who else may have it.
 * @family: AF_INET or AF_INET6
 * @proto: IPPROTO_*
 * @port: host byte order
 * @addr: 4 or 16 bytes in network order
 * @dev: device, or NULL
 * @flags: enum portowner_sock_flag
 */
struct endpoint {
	__u16 family;
	__u16 proto;
	__u16 port;
	unsigned char addr[16];
	char *dev;
	__u32 flags;
};

/**
 * struct owner - A descriptor, and the process that has it.
 * @pid: 0 if the reader's pid namespace can't see it
 * @fd: descriptor
 * @uid: effective user id
 * @comm: command name, untrusted bytes
 * @exe: path of the executable, untrusted bytes, or NULL
 * @cgroup: path in the cgroup v2 hierarchy, untrusted bytes, or NULL
 *
 * The strings are shared, see text.h.
 */
struct owner {
	__u32 pid;
	__u32 fd;
	__u32 uid;
	char *comm;
	char *exe;
	char *cgroup;
};

/**
 * struct binder - The process that called bind(), as it was then.
 * @pid: 0 if the reader's pid namespace can't see it
 * @uid: effective user id
 * @comm: command name, untrusted bytes
 * @alive: still runs
 */
struct binder {
	__u32 pid;
	__u32 uid;
	char *comm;
	bool alive;
};

/**
 * struct unseen - Where a reference may be that no descriptor explains.
 * @where: enum portowner_unseen
 * @pid: process, 0 if the reader's pid namespace can't see it
 * @comm: its command name, untrusted bytes, or NULL
 */
struct unseen {
	__u32 where;
	__u32 pid;
	char *comm;
};

/**
 * struct psock - A socket that occupies a port.
 * @ep: local address and options
 * @state: enum portowner_state
 * @netns: inode number of the network namespace
 * @cookie: SO_COOKIE
 * @inode: of the socket file, or 0
 * @has_uid: @uid is known
 * @has_backlog: @backlog and @backlog_max are known, since it listens
 * @has_expires: @expires_ns is known, since it is in time-wait
 * @has_age: @age_ns is known
 * @owners_hidden: there are owners that the reader may not see
 * @owners_incomplete: the search for owners was cut short
 * @more: the source said that further owners follow
 * @uid: user the socket belongs to
 * @share: enum portowner_share
 * @group_size: sockets that coexist, this one included
 * @backlog: connections that wait to be accepted
 * @backlog_max: how many may wait
 * @unseen_refs: references that no descriptor explains
 * @expires_ns: until it is gone
 * @age_ns: since the bind
 * @kernel_owner: what in the kernel made it, or NULL
 * @unseen: array: what is known of where these are
 * @n_unseen: elements in @unseen
 * @unseen_room: elements allocated
 * @binder: or NULL if not recorded
 * @owners: array
 * @n_owners: elements in @owners
 * @room: elements allocated; 0 if a single one is in a block of the list
 * @kind: all of the same kind, unless it is 0, have one owner, and differ in
 *	cookie, inode, port and descriptor only
 */
struct psock {
	struct endpoint ep;
	__u32 state;
	__u32 netns;
	__u64 cookie;
	__u64 inode;
	bool has_uid;
	bool has_backlog;
	bool has_expires;
	bool has_age;
	bool owners_hidden;
	bool owners_incomplete;
	bool more;
	__u32 uid;
	__u32 share;
	__u32 group_size;
	__u32 backlog;
	__u32 backlog_max;
	__u32 unseen_refs;
	__u64 expires_ns;
	__u64 age_ns;
	char *kernel_owner;
	struct unseen *unseen;
	size_t n_unseen;
	size_t unseen_room;
	struct binder *binder;
	struct owner *owners;
	size_t n_owners;
	size_t room;
	__u32 kind;
};

/* Kinds of sockets that a dump may speak of at a time. */
#define KINDS_MAX	0x10000

/**
 * struct psock_list - Sockets.
 * @v: array
 * @n: elements in @v
 * @room: elements allocated
 * @known: the processes that its source has named, or NULL
 * @blocks: the owners of sockets that have just one
 * @kinds: array: for each number of a kind, 0 or 1 + the index of a socket;
 *	until the order of @v changes
 * @n_kinds: elements in @kinds
 * @last_kind: highest kind of a socket
 */
struct psock_list {
	struct psock *v;
	size_t n;
	size_t room;
	struct known *known;
	struct owner_block *blocks;
	size_t *kinds;
	size_t n_kinds;
	__u32 last_kind;
};

/**
 * struct reject - A bind that the kernel refused, once or again and again.
 * @seq: number of the last refusal in its namespace
 * @time_ns: when that was, CLOCK_REALTIME
 * @first_time_ns: when the first one was
 * @count: refusals
 * @fresh: those of them that were not read before
 * @op: enum portowner_op
 * @err: positive errno
 * @ep: what was asked for
 * @netns: inode number of the network namespace
 * @pid: 0 if the reader's pid namespace can't see it
 * @uid: effective user id of the caller
 * @comm: command name, untrusted bytes
 * @exe: path of the executable, untrusted bytes, or NULL
 * @cgroup: path in the cgroup v2 hierarchy, untrusted bytes, or NULL
 * @rule: enum portowner_rule
 * @culprits: sockets that were in the way
 * @culprits_incomplete: the search for them was cut short
 * @range: the range that was exhausted, or NULL
 * @more: the source said that further culprits follow
 */
struct reject {
	__u64 seq;
	__u64 time_ns;
	__u64 first_time_ns;
	__u64 count;
	__u64 fresh;
	__u32 op;
	__u32 err;
	struct endpoint ep;
	__u32 netns;
	__u32 pid;
	__u32 uid;
	char *comm;
	char *exe;
	char *cgroup;
	__u32 rule;
	struct psock_list culprits;
	bool culprits_incomplete;
	struct port_range *range;
	bool more;
};

/**
 * struct reject_list - Rejects, oldest first.
 * @v: array
 * @n: elements in @v
 * @room: elements allocated
 */
struct reject_list {
	struct reject *v;
	size_t n;
	size_t room;
};

/**
 * struct counters - Statistics, indexed by PORTOWNER_A_STATS_*.
 * @v: the counters; 0 where the source has none
 */
struct counters {
	__u64 v[PORTOWNER_A_STATS_MAX + 1];
};

/**
 * enum psock_order - What psock_list_sort() puts first.
 * @ORDER_PORT: by port, then protocol
 * @ORDER_STATE: sockets that listen or are bound, then the connected ones
 */
enum psock_order {
	ORDER_PORT,
	ORDER_STATE,
};

struct psock *psock_list_add(struct psock_list *list);
void psock_list_set_kind(struct psock_list *list, size_t nr);
struct psock *psock_list_add_kind(struct psock_list *list, size_t nr);
void psock_list_drop_last(struct psock_list *list);
void psock_list_keep(struct psock_list *list,
		     bool (*keep)(const struct psock *sock, const void *arg),
		     const void *arg);
size_t psock_list_partition(struct psock_list *list,
			    bool (*want)(const struct psock *sock,
					 const void *arg),
			    const void *arg);
void psock_list_move(struct psock_list *to, struct psock_list *from);
void psock_list_sort(struct psock_list *list, enum psock_order order);
void psock_list_clear(struct psock_list *list);
bool psock_is_passive(const struct psock *sock);
size_t psock_processes(const struct psock *sock);
void psock_take_owners(struct psock_list *list, struct psock *sock,
		       const struct psock *from);
struct owner *psock_add_owner(struct psock_list *list, struct psock *sock);
struct unseen *psock_add_unseen(struct psock *sock);

void reject_clear(struct reject *reject);
struct reject *reject_list_add(struct reject_list *list);
void reject_list_keep(struct reject_list *list,
		      bool (*keep)(const struct reject *reject,
				   const void *arg),
		      const void *arg);
struct reject *reject_list_find(struct reject_list *list,
				const struct reject *reject);
void reject_list_sort(struct reject_list *list);
void reject_list_clear(struct reject_list *list);

#endif /* PORTOWNER_MODEL_H */
