/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets and rejects, independent of their source. */
#ifndef PORTOWNER_MODEL_H
#define PORTOWNER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/portowner.h>
#include <linux/types.h>

struct proc_cache;
struct owner_block;
struct port_range;

/**
 * struct endpoint - A local address, and the options that affect conflicts.
 * @family: AF_INET or AF_INET6
 * @proto: IPPROTO_*
 * @port: in host byte order
 * @addr: 4 or 16 bytes in network byte order
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
 * struct owner - A descriptor of a socket, and the process that holds it.
 * @pid: 0 if it has none in the reader's pid namespace
 * @fd: descriptor
 * @uid: effective user id
 * @comm: command name, untrusted bytes
 * @exe: path of the executable, untrusted bytes, or NULL
 * @cgroup: path in the cgroup v2 hierarchy, untrusted bytes, or NULL
 *
 * The strings are reference-counted, see refstr.h.
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
 * struct binder - The process that called bind(), as it was at that time.
 * @pid: 0 if it has none in the reader's pid namespace
 * @uid: effective user id
 * @comm: command name, untrusted bytes
 * @alive: it is still running
 */
struct binder {
	__u32 pid;
	__u32 uid;
	char *comm;
	bool alive;
};

/**
 * struct untracked - Where an untracked reference is, or may be.
 * @where: enum portowner_unseen
 * @pid: process, or 0 if it has none in the reader's pid namespace
 * @comm: its command name, untrusted bytes, or NULL
 */
struct untracked {
	__u32 where;
	__u32 pid;
	char *comm;
};

/**
 * enum port_origin - Who chose a local port.
 * @PORT_ORIGIN_UNKNOWN: not known, or the listener that accepted a connection
 * @PORT_ORIGIN_PROGRAM: a program, by bind()
 * @PORT_ORIGIN_KERNEL: the kernel, from the ephemeral range
 */
enum port_origin {
	PORT_ORIGIN_UNKNOWN,
	PORT_ORIGIN_PROGRAM,
	PORT_ORIGIN_KERNEL,
};

/*
 * Properties of a socket that a source may not know, as bits of @unknown in
 * struct psock: if a bit is set, the members that it names are meaningless.
 */
#define UNKNOWN_REUSE		1U	/* SO_REUSEADDR and SO_REUSEPORT */
#define UNKNOWN_V6ONLY		2U
#define UNKNOWN_IP_OPTIONS	4U	/* IP_FREEBIND and IP_TRANSPARENT */
#define UNKNOWN_SHARE		8U	/* share */
#define UNKNOWN_GROUP_SIZE	16U
#define UNKNOWN_UID		32U
#define UNKNOWN_HIDDEN		64U	/* owners_hidden */
#define UNKNOWN_UNTRACKED	128U	/* untracked_refs */
#define UNKNOWN_LARGE		256U	/* group_size, of too many sockets */

/**
 * struct psock - A socket that holds a port; the p stands for port.
 * @ep: local address and options
 * @state: enum portowner_state
 * @netns: inode number of the network namespace
 * @cookie: SO_COOKIE
 * @inode: of the socket file, or 0
 * @unknown: what the source does not know, UNKNOWN_*
 * @has_uid: @uid is known
 * @has_backlog: @backlog and @backlog_max are known; only if it is listening
 * @has_expires: @expires_ns is known; only in TIME_WAIT
 * @has_age: @age_ns is known
 * @port_origin: who chose the port
 * @owners_hidden: there are owners that the reader may not see
 * @owners_incomplete: the search for owners was cut short
 * @more: further owners follow in the next message
 * @uid: user that the socket belongs to
 * @share: enum portowner_share
 * @group_size: number of sockets that share the port, this one included
 * @backlog: connections waiting to be accepted
 * @backlog_max: limit of @backlog
 * @peer_port: port of the peer, in host byte order; 0 without a connection
 * @peer_addr: address of the peer, 4 or 16 bytes as for the family of @ep
 * @untracked_refs: references that cannot be traced to a descriptor
 * @expires_ns: time until the kernel drops it
 * @age_ns: time since the bind
 * @kernel_owner: part of the kernel that created it, or NULL
 * @cgroup: cgroup of a socket without owners, in the form used for owners
 * @untracked: array: where untracked references are, or may be
 * @n_untracked: elements in @untracked
 * @untracked_room: elements allocated
 * @binder: or NULL if not recorded
 * @owners: array
 * @n_owners: elements in @owners
 * @room: elements allocated; 0 if the only owner is in a block of the list
 * @template_id: 0 for none; sockets with the same id have the same owner, and
 *	differ only in cookie, inode, port, peer and descriptor, see template.c
 */
struct psock {
	struct endpoint ep;
	__u32 state;
	__u32 netns;
	__u64 cookie;
	__u64 inode;
	__u32 unknown;
	bool has_uid;
	bool has_backlog;
	bool has_expires;
	bool has_age;
	enum port_origin port_origin;
	bool owners_hidden;
	bool owners_incomplete;
	bool more;
	__u32 uid;
	__u32 share;
	__u32 group_size;
	__u32 backlog;
	__u32 backlog_max;
	__u32 untracked_refs;
	__u16 peer_port;
	unsigned char peer_addr[16];
	__u64 expires_ns;
	__u64 age_ns;
	char *kernel_owner;
	char *cgroup;
	struct untracked *untracked;
	size_t n_untracked;
	size_t untracked_room;
	struct binder *binder;
	struct owner *owners;
	size_t n_owners;
	size_t room;
	__u32 template_id;
};

/**
 * struct psock_list - Sockets.
 * @v: array
 * @n: elements in @v
 * @room: elements allocated
 * @proc_cache: processes named so far, or NULL
 * @blocks: owners of sockets that have only one
 * @templates: array: by the number of a template in the dump, 0 or 1 + the
 *	index in @v of the socket that serves as template; invalid once @v is
 *	reordered
 * @n_templates: elements in @templates
 * @last_template_id: highest @template_id of a socket so far
 */
struct psock_list {
	struct psock *v;
	size_t n;
	size_t room;
	struct proc_cache *proc_cache;
	struct owner_block *blocks;
	size_t *templates;
	size_t n_templates;
	__u32 last_template_id;
};

/* Reasons that only the tool gives, not the module. */
#define REASON_FILE_CAPS_IGNORED	0x10000U
#define REASON_CAP_ELSEWHERE		0x10001U
#define REASON_CAP_DENIED		0x10002U
#define REASON_ADDRESS_NOT_READ		0x10003U

/**
 * struct reject - A bind that the kernel refused, once or repeatedly; or a
 *	traced call, which may have succeeded.
 * @seq: sequence number of the last refusal in its namespace; 0 for a check
 * @time_ns: time of that refusal, CLOCK_REALTIME
 * @first_time_ns: time of the first refusal
 * @count: number of refusals
 * @fresh: number of refusals not read before
 * @op: enum portowner_reject_op
 * @err: positive errno; 0 only of a traced call
 * @bound_port: port of the socket after a traced call that succeeded, or 0
 * @ep: requested address, and options of the socket
 * @netns: inode number of the network namespace
 * @pid: 0 if it has none in the reader's pid namespace
 * @uid: effective user id of the caller
 * @comm: command name, untrusted bytes
 * @exe: path of the executable, untrusted bytes, or NULL
 * @cgroup: path in the cgroup v2 hierarchy, untrusted bytes, or NULL
 * @boot_ns: like @time_ns, in nanoseconds of CLOCK_BOOTTIME; 0 if not known
 * @first_boot_ns: the same for @first_time_ns
 * @family: of the socket; @ep has that of the address
 * @rule: enum portowner_rule
 * @reason: enum portowner_reason, see reject_reason()
 * @reason_dev: device concerned, or NULL
 * @reason_netns: inode number of the network namespace concerned, or 0
 * @prog_id: BPF program that refused, or 0
 * @prog_name: its name, untrusted bytes, or NULL
 * @peer_port: port passed to connect(), in host byte order, or 0
 * @peer_addr: address passed with it, as in struct psock
 * @caller_flags: enum portowner_caller_flag
 * @culprits: sockets that were in the way
 * @culprits_incomplete: the search for them was cut short
 * @range: the range that was exhausted, or NULL
 * @more: further culprits follow in the next message
 */
struct reject {
	__u64 seq;
	__u64 time_ns;
	__u64 first_time_ns;
	__u64 count;
	__u64 fresh;
	__u32 op;
	__u32 err;
	__u16 bound_port;
	struct endpoint ep;
	__u32 netns;
	__u32 pid;
	__u32 uid;
	char *comm;
	char *exe;
	char *cgroup;
	__u64 boot_ns;
	__u64 first_boot_ns;
	__u16 family;
	__u32 rule;
	__u32 reason;
	char *reason_dev;
	__u32 reason_netns;
	__u32 prog_id;
	char *prog_name;
	__u16 peer_port;
	unsigned char peer_addr[16];
	__u32 caller_flags;
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
 * @seq_all: number of refusals in all network namespaces up to the end of the
 *	list, or 0 if it was not requested from such a number on
 */
struct reject_list {
	struct reject *v;
	size_t n;
	size_t room;
	__u64 seq_all;
};

/* Number of protocols whose sockets are counted. */
#define COUNTED_PROTOS	7
/* The last operation stands for all that only a newer module knows. */
#define COUNTED_OPS	(PORTOWNER_REJECT_OP_MAX + 2)
#define COUNTED_RULES	(PORTOWNER_RULE_MAX + 1)

/**
 * struct counters - Statistics.
 * @v: the counters by PORTOWNER_A_STATS_*; 0 if the source has none
 * @by_rule: refusals by enum portowner_reject_op and enum portowner_rule
 * @only_sockets: the source has no counters, but counted sockets
 * @sockets: number of sockets of each protocol
 */
struct counters {
	__u64 v[PORTOWNER_A_STATS_MAX + 1];
	__u64 by_rule[COUNTED_OPS][COUNTED_RULES];
	bool only_sockets;
	struct {
		__u16 proto;
		__u64 n;
	} sockets[COUNTED_PROTOS];
};

/**
 * enum psock_order - Sort orders for psock_list_sort().
 * @ORDER_PORT: by port, then protocol
 * @ORDER_STATE: listening and bound sockets, then the connected ones
 * @ORDER_SCOPE: sockets reachable from this host only, then the others
 */
enum psock_order {
	ORDER_PORT,
	ORDER_STATE,
	ORDER_SCOPE,
};

void counters_count(struct counters *counters, const struct psock *sock);

struct psock *psock_list_add(struct psock_list *list);
void psock_list_set_template(struct psock_list *list, size_t nr);
struct psock *psock_list_add_like(struct psock_list *list, size_t nr);
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
bool owner_same_process(const struct owner *a, const struct owner *b);
size_t psock_processes(const struct psock *sock);
const struct owner *psock_main_owner(const struct psock *sock);
bool psock_is_twin(const struct psock *sock, const struct psock *other);
void psock_take_owners(struct psock_list *list, struct psock *sock,
		       const struct psock *from);
struct owner *psock_add_owner(struct psock_list *list, struct psock *sock);
struct untracked *psock_add_untracked(struct psock *sock);

bool psock_is_self_connected(const struct psock *sock);

char *reject_capable_script(const struct reject *reject);
bool reject_is_short(const struct reject *reject);
__u32 reject_reason(const struct reject *reject);
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
