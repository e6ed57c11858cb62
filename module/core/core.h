/* SPDX-License-Identifier: GPL-2.0 */
/* Snapshots and their parts: processes, namespaces, sockets. */

#ifndef _PO_CORE_H
#define _PO_CORE_H

#include <linux/bits.h>
#include <linux/bpf.h>
#include <linux/bottom_half.h>
#include <linux/compiler.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/gfp.h>
#include <linux/if.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/log2.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/xarray.h>
#include <net/netns/generic.h>

#include <uapi/linux/portowner.h>

struct files_struct;
struct net;
struct sock;

/* ---- payer.c: which user is charged for shared resources ---- */

kuid_t po_payer(const struct cred *cred);
kuid_t po_payer_current(const struct net *net);

/*
 * Whether a user who already holds @held of a shared resource may take one more
 * while @free are left. A single user gets at most a quarter of the total, the
 * next one a quarter of the rest, and so on: a user who already holds some
 * never takes the last one.
 */
static inline bool po_fair(u64 held, u64 free)
{
	return held * 3 < free;
}

/* ---- other processes' files ---- */

/*
 * Drop a reference to another process's file. A plain fput() of the last
 * reference would release the file only when this task returns to user space.
 * With softirqs disabled, fput() hands it to a kernel thread, within a tick.
 */
static inline void po_fput_later(struct file *file)
{
	local_bh_disable();
	fput(file);
	local_bh_enable();
}

/* ---- reads that race with the owner of what is read ---- */

static inline const struct cred *po_get_cred(const struct cred *cred)
{
	/* Clears a flag that others clear, too: even that can be reported as a race. */
	return data_race(get_cred(cred));
}

static inline const struct cred *po_get_task_cred(struct task_struct *task)
{
	/* As in po_get_cred(). */
	return data_race(get_task_cred(task));
}

static inline void po_copy_comm(char *comm, const struct task_struct *task)
{
	/* A concurrent write may tear the name, but it stays terminated. */
	data_race(memcpy(comm, task->comm, TASK_COMM_LEN));
	comm[TASK_COMM_LEN - 1] = '\0';
}

/* ---- proc.c: a process at the moment it was found ---- */

/*
 * Levels up to which the path of a control group is looked up: by a reader, and for the
 * refused bind of another user. Users to whom a group is delegated can nest any number
 * of others in it. Services and containers in containers have ten or so.
 */
#define PO_CGROUP_LEVELS	128
#define PO_CGROUP_NEAR		32

/**
 * enum po_paths - which paths of processes to look up
 * @PO_PATHS_NONE: none
 * @PO_PATHS_NEAR: those that are quickly found
 * @PO_PATHS_OWN: those, and all of processes with the same payer
 * @PO_PATHS_ALL: all
 */
enum po_paths {
	PO_PATHS_NONE,
	PO_PATHS_NEAR,
	PO_PATHS_OWN,
	PO_PATHS_ALL,
};

/**
 * struct po_proc - a process that holds a socket or was refused a bind
 * @older: an earlier process with the same id, or NULL; freed with this one
 * @pid: thread group, translated for each reader; a reference is held
 * @cred: credentials of the process; a reference is held
 * @mm_ns: user namespace that owns the address space; the initial one for a
 *	process without an address space, NULL if the process had exited; a
 *	reference is held
 * @dumpable: whether the process's own user may inspect it
 * @flags: enum portowner_caller_flag, as of the description
 * @pid_reused: the snapshot contains another process with the same id
 * @path_skipped: a path was not looked up, since that may take long
 * @path_slow: looking up a path took long
 * @nr: sequence number within its &struct po_snap
 * @comm: command name; any bytes, NUL-terminated
 * @exe: path of the executable, or NULL
 * @cgroup: path in the cgroup v2 hierarchy, from its root, or NULL
 *
 * Immutable once its &struct po_snap is complete.
 */
struct po_proc {
	struct po_proc *older;
	struct pid *pid;
	const struct cred *cred;
	struct user_namespace *mm_ns;
	bool dumpable;
	u8 flags;
	bool pid_reused;
	bool path_skipped;
	bool path_slow;
	u32 nr;
	char comm[TASK_COMM_LEN];
	char *exe;
	char *cgroup;
};

struct po_proc *po_proc_new(struct pid *pid, const struct cred *cred,
			    const char *comm, gfp_t gfp);
struct po_proc *po_proc_of(struct task_struct *task, enum po_paths paths, gfp_t gfp);
void po_proc_inspect(struct po_proc *proc, struct task_struct *task, enum po_paths paths,
		     gfp_t gfp);
void po_proc_free(struct po_proc *proc);
size_t po_proc_bytes(const struct po_proc *proc);
u32 po_proc_cost(const struct po_proc *proc);

/* ---- snapshot.c: sockets and their owners at one moment ---- */

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

/* ---- netns.c: iterate over all network namespaces ---- */

struct net *po_net_next(struct net *net);

/* ---- net_part.c: what parts of the module keep for each network namespace ---- */

/**
 * struct po_net_part - what a part of the module keeps for each network namespace
 * @init: sets it up, zeroed before; returns 0 or a negative errno
 * @exit: called when the namespace ends, or NULL
 * @size: bytes
 * @offset: position in the memory of the namespace; set by po_net_parts_init()
 */
struct po_net_part {
	int (*init)(struct net *net);
	void (*exit)(struct net *net);
	size_t size;
	size_t offset;
};

extern unsigned int po_net_parts_id;

int po_net_parts_init(struct po_net_part *const *parts, unsigned int nr);
void po_net_parts_exit(void);

/* What @part keeps for @net. */
static inline void *po_net_part(const struct net *net, const struct po_net_part *part)
{
	u8 **memory = net_generic(net, po_net_parts_id);

	return *memory + part->offset;
}

/* ---- task.c: iterate over all descriptor tables ---- */

/**
 * struct po_fdtables - a walk over the descriptor tables of all processes
 * @snap: snapshot that the walk fills, or NULL
 * @seen: thread group id by address of the table, for tables that are shared by
 *	several threads but not used by their group leader
 */
struct po_fdtables {
	struct po_snap *snap;
	struct xarray seen;
};

/* Thread ids looked up in one RCU read-side section. */
#define PO_TID_BATCH	128

void po_fdtables_begin(struct po_fdtables *tables, struct po_snap *snap);
void po_fdtables_end(struct po_fdtables *tables);
bool po_fdtables_want(struct po_fdtables *tables, struct task_struct *task,
		      const struct files_struct **shared);
int po_fdtables_remember(struct po_fdtables *tables, struct task_struct *task,
			 const struct files_struct *shared);
struct task_struct *po_next_task(struct po_fdtables *tables, int *tid);

/* ---- cgroup_bpf.c: BPF programs that can refuse a bind ---- */

/**
 * struct po_bpf_prog - a BPF program
 * @id: its id, or 0 for none
 * @name: its name, "" if it has none; any bytes, chosen by its loader
 */
struct po_bpf_prog {
	u32 id;
	char name[BPF_OBJ_NAME_LEN];
};

void po_sock_bind_prog(struct sock *sk, struct po_bpf_prog *prog);
bool po_sock_has_bind_prog(struct sock *sk);
bool po_current_has_bind_prog(u16 family);

#endif /* _PO_CORE_H */
