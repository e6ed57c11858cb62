/* SPDX-License-Identifier: GPL-2.0 */
/* snapshot.c: sockets and owners of one moment */

#ifndef _PO_SNAPSHOT_H
#define _PO_SNAPSHOT_H

#include <linux/bits.h>
#include <linux/gfp.h>
#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/log2.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/uidgid.h>
#include <linux/xarray.h>

#include <uapi/linux/portowner.h>

struct po_proc;

/**
 * struct po_owner - one descriptor that refers to a socket
 * @next: next owner of the same socket, or NULL
 * @proc: process; belongs to the snapshot
 * @fd: descriptor in that process
 */
struct po_owner {
	struct po_owner *next;
	struct po_proc *proc;
	unsigned int fd;
};

/**
 * struct po_bound - who bound a socket
 * @pid: thread group, translated for each reader; holds a reference
 * @uid: effective user then
 * @age: nanoseconds since then
 * @alive: whether the process still runs
 * @comm: command name then; any bytes, NUL-terminated
 */
struct po_bound {
	struct pid *pid;
	kuid_t uid;
	u64 age;
	bool alive;
	char comm[TASK_COMM_LEN];
};

/**
 * struct po_unseen - where a reference that no descriptor explains may be
 * @next: place that was found before, or NULL
 * @proc: process; belongs to the snapshot
 * @where: what of it
 */
struct po_unseen {
	struct po_unseen *next;
	struct po_proc *proc;
	enum portowner_unseen where;
};

/**
 * struct po_sock - a socket that occupies a port, or that wants one
 * @sk: identity of the socket; never dereferenced
 * @file: identity of its file, NULL if it has none; never dereferenced
 * @handler: identity of what in the kernel receives for it, or NULL; if there is
 *	a file, processes may have it all the same, see po_kernel_holds()
 * @cookie: SO_COOKIE
 * @inode: inode number of the socket file, 0 without one
 * @addr: local address; IPv4 as v4-mapped if @family is AF_INET
 * @owners: first owner
 * @last: last owner
 * @owner: room for the first, which most sockets have alone
 * @bound: who bound it, or NULL if that was not seen
 * @unseen: where references that no owner explains may be, or NULL
 * @refs: references to @file when the socket was found, less those of
 *	system calls under way and those that @owners explain
 * @uid: user of the socket, INVALID_UID where the kernel keeps none
 * @conflict_uid: user by which the kernel judges who may share the port
 * @l3mdev: routing domain (VRF) of the device when it was bound, or 0
 * @hash_l3mdev: the same, where TCP looks for it by address
 * @hash_family: family under which TCP finds it by address
 * @netns: inode number of the network namespace
 * @ifindex: device it is bound to, or 0
 * @next_by_key: index + 1 of the next socket in the same hash bucket, or 0
 * @group_size: sockets that share the port with it, itself included
 * @family: AF_INET or AF_INET6
 * @backlog: connections that wait to be accepted, if it listens
 * @backlog_max: how many may wait
 * @expires: nanoseconds until it is gone, if in time-wait
 * @port: local port, host byte order
 * @proto: IPPROTO_*, but IPPROTO_RAW for all raw sockets, and IPPROTO_ICMP for
 *	the ping sockets of both families
 * @state: enum portowner_state
 * @flags: enum portowner_sock_flag
 * @share: enum portowner_share, but for what the owners tell
 * @skip: not asked for; leave it out once the share groups are known
 * @twin: the owners are those of the record in front, see po_is_twin()
 * @owners_cut: the search for owners was cut short; there may be more
 * @dev: name of the device, "" without one
 */
struct po_sock {
	const void *sk;
	const void *file;
	const void *handler;
	u64 cookie;
	unsigned long inode;
	struct in6_addr addr;
	struct po_owner *owners;
	struct po_owner *last;
	struct po_owner owner;
	struct po_bound *bound;
	struct po_unseen *unseen;
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
	u16 proto;
	u8 state;
	u8 flags;
	u8 share;
	bool skip;
	bool twin;
	bool owners_cut;
	char dev[IFNAMSIZ];
};

/**
 * struct po_snap - sockets of one moment and who held them
 * @chunks: arrays of sockets, see po_snap_sock()
 * @nr_chunks: arrays in @chunks
 * @nr: sockets
 * @room: sockets for which there is memory
 * @nr_passed: arrays at the start of @chunks that were freed
 * @gone: sockets for which those had room
 * @procs: newest struct po_proc by thread group id in the initial pid namespace
 * @last_proc: the one that was asked for last, or NULL
 * @bytes: memory in use
 * @bytes_max: no socket or owner is added beyond this
 * @nr_procs: numbers that were given to processes
 * @asked: it is for a reader: rather than leave something out it fails, and it
 *	is given up when the reader is being killed
 * @gfp: how memory is allocated
 * @left: instructions that the search may still take, by estimate
 * @cancelled: ends the search when it becomes true, or NULL
 * @torn: sockets may be missing since the tables changed too fast
 * @bounded: somebody's system call waits, so the search ends when @left is spent
 * @cut: sockets may be missing since it ended so
 *
 * Belongs to one task while it is filled; never changes after that, but for what
 * a dump has passed.
 */
struct po_snap {
	struct po_sock **chunks;
	u32 nr_chunks;
	u32 nr;
	u32 room;
	u32 nr_passed;
	u32 gone;
	struct xarray procs;
	struct po_proc *last_proc;
	size_t bytes;
	size_t bytes_max;
	u32 nr_procs;
	bool asked;
	gfp_t gfp;
	s64 left;
	const bool *cancelled;
	bool torn;
	bool bounded;
	bool cut;
};

/*
 * Memory for a task whose bind was refused: charged to its control group, and
 * only what is to be had at once.
 */
#define PO_GFP_REFUSED	(GFP_NOWAIT | __GFP_ACCOUNT | __GFP_NOWARN)

/*
 * Chunks double from the first size on, and then have 32 KiB each: the kernel
 * clears one at one go, and 64 KiB take it too long.
 */
#define PO_CHUNK_FIRST	4
#define PO_CHUNKS_DOUBLING	6
#define PO_CHUNK_LAST	((u32)(SZ_32K / sizeof(struct po_sock)))
#define PO_IN_DOUBLING	(PO_CHUNK_FIRST * ((1 << PO_CHUNKS_DOUBLING) - 1))

/* Sockets of a snapshot that are looked at before others may run. */
#define PO_SNAP_BATCH	512

/**
 * po_snap_sock() - a socket of a snapshot
 * @snap: snapshot
 * @nr: number of the socket, less than the room there is
 *
 * Sockets never move as the snapshot grows, so that growing costs nothing.
 *
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
 * A socket with several addresses has a record for each, one after the other.
 * The owners belong to the first one; the others, its twins, point to them.
 */
static inline bool po_is_twin(const struct po_snap *snap, u32 nr)
{
	const struct po_sock *sock = po_snap_sock(snap, nr), *last;

	if (!nr || sock->proto != IPPROTO_SCTP)
		return false;

	last = po_snap_sock(snap, nr - 1);

	return last->sk == sock->sk && last->cookie == sock->cookie;
}

/* Whether to give up: nobody will read it. */
static inline bool po_snap_killed(const struct po_snap *snap)
{
	return snap->asked && fatal_signal_pending(current);
}

struct po_snap *po_snap_new(size_t bytes_max);
struct po_snap *po_snap_asked(size_t bytes_max);
struct po_snap *po_snap_new_bounded(size_t bytes_max);
int po_snap_check(const struct po_snap *snap);
bool po_snap_complete(const struct po_snap *snap);
void po_snap_pass(struct po_snap *snap, u32 nr);
void po_snap_free(struct po_snap *snap);
int po_snap_reserve(struct po_snap *snap);
void po_snap_prune(struct po_snap *snap);
void po_snap_join_twins(struct po_snap *snap);
int po_snap_add_owner(struct po_snap *snap, struct po_sock *sock,
		      struct task_struct *task, unsigned int fd);
int po_snap_add_unseen(struct po_snap *snap, struct po_sock *sock,
		       struct task_struct *task, enum portowner_unseen where);
void po_snap_drop_unseen(struct po_sock *sock, enum portowner_unseen where);

/* Instructions that were taken, by estimate; they count if it is bounded. */
static inline void po_spend(struct po_snap *snap, u32 instructions)
{
	snap->left -= instructions;
}

/* The protocol whose ports a socket takes. */
static inline u16 po_transport(const struct po_sock *sock)
{
	return sock->proto == IPPROTO_MPTCP ? IPPROTO_TCP : sock->proto;
}

static inline bool po_is_udp(const struct po_sock *sock)
{
	return sock->proto == IPPROTO_UDP || sock->proto == IPPROTO_UDPLITE;
}

/* Ping sockets and raw ones have numbers that anybody may use. */
static inline bool po_has_ports(const struct po_sock *sock)
{
	return sock->proto != IPPROTO_RAW && sock->proto != IPPROTO_ICMP;
}

#endif /* _PO_SNAPSHOT_H */
