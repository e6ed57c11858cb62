/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets and their owners at one moment; other folders include core.h. */

#ifndef _PO_SNAPSHOT_H
#define _PO_SNAPSHOT_H

#include <linux/gfp.h>
#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/log2.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/xarray.h>

#include <uapi/linux/portowner.h>

#include "core/proc.h"

/**
 * struct po_owner - one descriptor that refers to a socket
 * @next: next owner of the same socket, or NULL
 * @proc: process; owned by the snapshot
 * @fd: descriptor in that process
 */
struct po_owner {
	struct po_owner *next;
	struct po_proc *proc;
	unsigned int fd;
};

/**
 * struct po_bound - who bound a socket
 * @pid: thread group, translated for each reader; a reference is held
 * @uid: effective user at the time of the bind
 * @age: nanoseconds since the bind
 * @alive: whether the process still exists
 * @comm: command name at the time of the bind; any bytes, NUL-terminated
 */
struct po_bound {
	struct pid *pid;
	kuid_t uid;
	u64 age;
	bool alive;
	char comm[TASK_COMM_LEN];
};

/**
 * struct po_untracked - where a reference without a descriptor may be held
 * @next: next such place of the same socket, or NULL
 * @proc: process; owned by the snapshot
 * @where: which kind of object of the process holds the reference
 */
struct po_untracked {
	struct po_untracked *next;
	struct po_proc *proc;
	enum portowner_unseen where;
};

/**
 * enum po_port_origin - who chose the port of a socket
 * @PO_PORT_UNKNOWN: unknown; accepted connections have their listener's port
 * @PO_PORT_BY_PROGRAM: a program, by bind()
 * @PO_PORT_BY_KERNEL: the kernel, from the ephemeral range
 */
enum po_port_origin {
	PO_PORT_UNKNOWN,
	PO_PORT_BY_PROGRAM,
	PO_PORT_BY_KERNEL,
};

/**
 * struct po_sock - a socket that occupies or requests a port
 * @sk: address of the socket, as its identity; never dereferenced
 * @file: address of its file, as its identity, or NULL; never dereferenced
 * @handler: address of the socket's receive function in the kernel, or NULL;
 *	processes may hold the socket as well, see po_kernel_holds()
 * @cookie: SO_COOKIE
 * @inode: inode number of the socket file, 0 without one
 * @addr: local address; IPv4 as v4-mapped if @family is AF_INET
 * @peer: remote address of a connection, as @addr; only if @peer_port is not 0
 * @owners: list of owners
 * @last_owner: last entry of @owners
 * @first_owner: storage for the first owner; most sockets have only one
 * @bound: who bound it, or NULL if unknown
 * @untracked: where references not explained by @owners may be, or NULL
 * @refs: references to @file when the socket was found, minus those held by
 *	system calls in progress and those explained by @owners
 * @uid: user of the socket, INVALID_UID where the kernel keeps none
 * @conflict_uid: user that the kernel compares for SO_REUSEPORT
 * @l3mdev: VRF of its device at the time of the bind, or 0
 * @hash_l3mdev: VRF under which TCP's hash by address lists the socket
 * @hash_family: family under which TCP's hash by address lists the socket
 * @netns: inode number of the network namespace
 * @ifindex: device it is bound to, or 0
 * @next_by_key: index + 1 of the next socket in the same hash bucket, or 0
 * @group_size: number of sockets that share the port, itself included
 * @family: AF_INET or AF_INET6
 * @backlog: connections waiting for accept(), of a listening socket
 * @backlog_max: limit of @backlog
 * @expires: nanoseconds until a time-wait socket is freed, also in fin-wait-2
 * @port: local port, host byte order
 * @peer_port: remote port, host byte order; 0 if it is not connected
 * @proto: IPPROTO_*, but IPPROTO_RAW for all raw sockets, and IPPROTO_ICMP for
 *	the ping sockets of both families
 * @state: enum portowner_state
 * @flags: enum portowner_sock_flag
 * @share: enum portowner_share, except for the values derived from the owners
 * @port_origin: enum po_port_origin
 * @skip: collected for the share groups only; po_snap_prune() removes it
 * @alias: uses the owners of the preceding record, see po_is_alias()
 * @owners_incomplete: the search for owners was cut short; there may be more
 * @dev: name of the device, "" without one
 */
struct po_sock {
	const void *sk;
	const void *file;
	const void *handler;
	u64 cookie;
	unsigned long inode;
	struct in6_addr addr;
	struct in6_addr peer;
	struct po_owner *owners;
	struct po_owner *last_owner;
	struct po_owner first_owner;
	struct po_bound *bound;
	struct po_untracked *untracked;
	long refs;
	kuid_t uid;
	kuid_t conflict_uid;
	u32 netns;
	int ifindex;
	int l3mdev;
	int hash_l3mdev;
	u32 next_by_key;
	u32 group_size;
	union {
		struct {
			u32 backlog;
			u32 backlog_max;
		};
		u64 expires;
	};
	u16 hash_family;
	u16 family;
	u16 port;
	u16 peer_port;
	u16 proto;
	u8 state;
	u8 flags;
	u8 share;
	u8 port_origin;
	bool skip;
	bool alias;
	bool owners_incomplete;
	char dev[IFNAMSIZ];
};

/**
 * struct po_snap - sockets and their owners at one moment
 * @chunks: arrays of sockets, see po_snap_sock()
 * @nr_chunks: arrays in @chunks
 * @nr: number of sockets
 * @capacity: number of sockets that fit into @chunks
 * @nr_freed_chunks: arrays at the start of @chunks that were freed
 * @nr_freed: capacity of the freed arrays
 * @procs: newest struct po_proc by thread group id in the initial pid namespace
 * @last_proc: most recent result of a lookup in @procs, or NULL
 * @bytes: memory in use
 * @bytes_max: no socket or owner is added beyond this
 * @further: number of owners beyond the first of each socket, by a hash of the user who
 *	is charged for the process; only for a reader, and NULL as long as there are none
 * @nr_further: sum of @further
 * @nr_procs: number of processes so far; the next one's &po_proc.nr
 * @nr_slow_paths: number of paths so far whose lookup took long
 * @for_reader: made to answer a request: adding fails at @bytes_max instead of
 *	leaving something out, and the search ends when the reader is killed
 * @paths: which paths of processes to look up
 * @gfp: flags for all allocations
 * @budget: estimated number of instructions that the search may still execute
 * @cancelled: ends the search when it becomes true, or NULL
 * @torn: sockets may be missing because the tables changed too fast
 * @bounded: a refused system call waits: a search ends when @budget is spent
 * @truncated: sockets may be missing because @budget was spent
 * @paths_skipped: a path was not looked up, since that may take long
 *
 * Only one task accesses it while it is filled. Immutable after that, except
 * that a dump frees the sockets that it has sent.
 */
struct po_snap {
	struct po_sock **chunks;
	u32 nr_chunks;
	u32 nr;
	u32 capacity;
	u32 nr_freed_chunks;
	u32 nr_freed;
	struct xarray procs;
	struct po_proc *last_proc;
	size_t bytes;
	size_t bytes_max;
	u32 *further;
	u32 nr_further;
	u32 nr_procs;
	u32 nr_slow_paths;
	bool for_reader;
	enum po_paths paths;
	gfp_t gfp;
	s64 budget;
	const bool *cancelled;
	bool torn;
	bool bounded;
	bool truncated;
	bool paths_skipped;
};

/*
 * Instructions that a bounded search may spend on sockets, and then on their
 * owners: most of what a refused bind may cost its caller.
 */
#define PO_COLLECT_BUDGET	100000
#define PO_OWNERS_BUDGET	90000

/*
 * Allocations for a task whose bind was refused: charged to its memory control
 * group, never waiting for reclaim.
 */
#define PO_GFP_REFUSED	(GFP_NOWAIT | __GFP_ACCOUNT | __GFP_NOWARN)

/*
 * Chunks double in size up to 16 KiB. The allocator clears each in one go, and
 * 32 KiB would take too long without rescheduling.
 */
#define PO_CHUNK_FIRST	4
#define PO_CHUNKS_DOUBLING	5
#define PO_CHUNK_LAST	((u32)(SZ_16K / sizeof(struct po_sock)))
#define PO_IN_DOUBLING	(PO_CHUNK_FIRST * ((1 << PO_CHUNKS_DOUBLING) - 1))

/* After as many slow paths, a snapshot has only those looked up that are quickly found. */
#define PO_SLOW_PATHS	64

/* Sockets of a snapshot processed between calls of cond_resched(). */
#define PO_SNAP_BATCH	512

/**
 * po_snap_sock() - get a socket of a snapshot by its index
 * @snap: snapshot
 * @nr: index, less than the capacity of @snap
 *
 * Growing a snapshot never moves its sockets.
 *
 * Context: any.
 * Return: the socket.
 */
static inline struct po_sock *po_snap_sock(const struct po_snap *snap, u32 nr)
{
	u32 chunk;

	if (nr < PO_IN_DOUBLING) {
		chunk = ilog2(nr / PO_CHUNK_FIRST + 1);
		nr -= PO_CHUNK_FIRST * ((1U << chunk) - 1);
	} else {
		nr -= PO_IN_DOUBLING;
		chunk = PO_CHUNKS_DOUBLING + nr / PO_CHUNK_LAST;
		nr %= PO_CHUNK_LAST;
	}

	return &snap->chunks[chunk][nr];
}

/*
 * A socket with several addresses has one record per address, in a row. The
 * first record holds the owners; the others, its aliases, point to them.
 */
static inline bool po_is_alias(const struct po_snap *snap, u32 nr)
{
	const struct po_sock *sock = po_snap_sock(snap, nr), *last;

	if (!nr || sock->proto != IPPROTO_SCTP)
		return false;

	last = po_snap_sock(snap, nr - 1);

	return last->sk == sock->sk && last->cookie == sock->cookie;
}

/* Whether the reader is being killed, so that the result will not be read. */
static inline bool po_snap_killed(const struct po_snap *snap)
{
	return snap->for_reader && fatal_signal_pending(current);
}

struct po_snap *po_snap_new(size_t bytes_max);
struct po_snap *po_snap_new_for_reader(size_t bytes_max);
struct po_snap *po_snap_new_bounded(size_t bytes_max);
int po_snap_check(const struct po_snap *snap);
bool po_snap_complete(const struct po_snap *snap);
void po_snap_drop_before(struct po_snap *snap, u32 nr);
void po_snap_free(struct po_snap *snap);
int po_snap_reserve(struct po_snap *snap);
void po_snap_prune(struct po_snap *snap);
void po_snap_join_aliases(struct po_snap *snap);
int po_snap_add_owner(struct po_snap *snap, struct po_sock *sock,
		      struct task_struct *task, unsigned int fd);
int po_snap_add_untracked(struct po_snap *snap, struct po_sock *sock,
			  struct task_struct *task, enum portowner_unseen where);
void po_snap_drop_untracked(struct po_sock *sock, enum portowner_unseen where);

/* Charge an estimate of the instructions executed; matters if it is bounded. */
static inline void po_spend(struct po_snap *snap, u32 instructions)
{
	snap->budget -= instructions;
}

/* The protocol from whose port space a socket takes its port. */
static inline u16 po_transport(const struct po_sock *sock)
{
	return sock->proto == IPPROTO_MPTCP ? IPPROTO_TCP : sock->proto;
}

static inline bool po_is_udp(const struct po_sock *sock)
{
	return sock->proto == IPPROTO_UDP || sock->proto == IPPROTO_UDPLITE;
}

/* The numbers of ping and raw sockets are not ports: any user may use them. */
static inline bool po_has_ports(const struct po_sock *sock)
{
	return sock->proto != IPPROTO_RAW && sock->proto != IPPROTO_ICMP;
}

#endif /* _PO_SNAPSHOT_H */
