/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Internal types, and the functions that one file offers to the others. Each
 * section names its file; a file uses only sections above its own.
 */

#ifndef _PO_INTERNAL_H
#define _PO_INTERNAL_H

#include <linux/bottom_half.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/hash.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <net/net_namespace.h>
#include <net/sock.h>

#include <uapi/linux/portowner.h>

/* ---- payer.c: who is charged for a share of what all have in common ---- */

kuid_t po_payer(const struct cred *cred);

/*
 * Whether who holds @held may take one more while @free are left. One alone gets
 * a quarter of all, the next one a quarter of what is left then, and so nobody
 * ever takes the last one of somebody who has none.
 */
static inline bool po_fair(u64 held, u64 free)
{
	return held * 3 < free;
}

/* ---- params.c: what an administrator can switch and limit ---- */

/* Refusals with a line in the kernel log, which anybody may be able to read. */
enum po_printk {
	PO_PRINTK_OFF,
	PO_PRINTK_INITIAL,	/* those of processes of the initial namespaces */
	PO_PRINTK_ALL,
};

#define PO_LOG_RECORDS		256
#define PO_BINDERS_MIN		1024
#define PO_BINDERS_MAX		131072

/* To be read by READ_ONCE(); each may change at any time. */
extern bool po_log_on;
extern bool po_refusal_owners;
extern bool po_binders_on;
extern unsigned int po_log_records;	/* at least 1 */
extern unsigned int po_log_printk;	/* enum po_printk */
extern unsigned int po_binders_max;

/*
 * Drop a reference to a file of others. If it is the last one, a kernel thread
 * releases the file within a moment; it would have to wait for the end of our
 * system call, were it put on the way back of this task.
 */
static inline void po_fput_later(struct file *file)
{
	local_bh_disable();
	fput(file);
	local_bh_enable();
}

/* ---- procs.c: a process, as it was when it was found ---- */

/**
 * struct po_proc - a process that holds a socket or was refused a bind
 * @older: an earlier process with the same id, or NULL; goes with this one
 * @pid: thread group, translated for each reader; holds a reference
 * @cred: credentials of the process; holds a reference
 * @mm_ns: user namespace over the address space, the initial one if there is
 *	none, NULL if the process was gone; holds a reference
 * @dumpable: whether its own user may inspect the process
 * @not_alone: there is an older or a newer process with the same id
 * @nr: number in the &struct po_snap that has it
 * @comm: command name; any bytes, NUL-terminated
 * @exe: path of the executable, or NULL
 * @cgroup: path in the cgroup v2 hierarchy, from its root, or NULL
 *
 * Never changes once it is in a complete &struct po_snap.
 */
struct po_proc {
	struct po_proc *older;
	struct pid *pid;
	const struct cred *cred;
	struct user_namespace *mm_ns;
	bool dumpable;
	bool not_alone;
	u32 nr;
	char comm[TASK_COMM_LEN];
	char *exe;
	char *cgroup;
};

struct po_proc *po_proc_new(struct pid *pid, const struct cred *cred,
			    const char *comm, gfp_t gfp);
struct po_proc *po_proc_of(struct task_struct *task, gfp_t gfp);
void po_proc_inspect(struct po_proc *proc, struct task_struct *task,
		     gfp_t gfp);
void po_proc_free(struct po_proc *proc);
size_t po_proc_bytes(const struct po_proc *proc);

/* ---- snapshot.c: sockets and owners of one moment ---- */

#include "snapshot.h"

/* ---- rules.c: which socket is in the way of which ---- */

/**
 * struct po_want - a bind that is asked for
 * @sock: the socket that wants it: address, port, options, user, identity
 * @scope: device that the address names, if that matters, or 0; to all
 *	protocols but SCTP it is the device of @sock, too, if it is link-local
 * @had_port: it had a port before
 * @grouped: it is in a reuseport group already, so that it can join no other
 * @by_lsm: a security module refused it
 * @bpf: a program of its cgroup was asked too
 * @listening: it has the port, and asks for it once more to listen
 */
struct po_want {
	struct po_sock sock;
	int scope;
	bool had_port;
	bool grouped;
	bool by_lsm;
	bool bpf;
	bool listening;
};

bool po_is_v4(const struct po_sock *sock);
bool po_is_any(const struct po_sock *sock);
bool po_addr_equal(const struct po_sock *want, const struct po_sock *holder);
bool po_addr_within(const struct po_sock *want, const struct po_sock *fast);
bool po_collides(const struct po_want *want, const struct po_sock *holder);
enum portowner_rule po_rule_between(const struct po_want *want,
				    const struct po_sock *holder);

/* ---- share.c: which sockets coexist on a port ---- */

#define PO_STATES_DEFAULT \
	(BIT(PORTOWNER_STATE_BOUND) | BIT(PORTOWNER_STATE_LISTEN))
#define PO_STATES_ALL \
	GENMASK(PORTOWNER_STATE_CLOSING, PORTOWNER_STATE_ESTABLISHED)

/* Whether a socket has its port for itself, not for a connection. */
static inline bool po_holds_port(const struct po_sock *sock)
{
	return BIT(sock->state) & PO_STATES_DEFAULT;
}

int po_share(struct po_snap *snap, bool killable);

/* ---- nets.c: all network namespaces ---- */

struct net *po_net_next(struct net *net);

/* ---- tasks.c: the threads of the host ---- */

/**
 * struct po_tables - descriptor tables that a walk has met
 * @snap: what the walk fills, or NULL
 * @seen: thread group id by table, for those that neither a leader nor a thread
 *	alone has; only the address of a table is used
 */
struct po_tables {
	struct po_snap *snap;
	struct xarray seen;
};

void po_tables_begin(struct po_tables *tables, struct po_snap *snap);
void po_tables_end(struct po_tables *tables);
bool po_tables_want(struct po_tables *tables, struct task_struct *task,
		    const struct files_struct **shared);
int po_tables_remember(struct po_tables *tables, struct task_struct *task,
		       const struct files_struct *shared);
struct task_struct *po_next_task(struct po_tables *tables, int *tid);

/* ---- open_files.c: sockets that only descriptors lead to ---- */

/**
 * struct po_opener - who looks at files of sockets
 * @wanted: whether to; under RCU, the socket may be about to be released
 * @open: look at one; has to drop the reference; returns 0, or what ends it
 * @snap: what is filled, or NULL
 */
struct po_opener {
	bool (*wanted)(const struct po_opener *opener,
		       const struct socket *socket);
	int (*open)(const struct po_opener *opener, struct file *file);
	struct po_snap *snap;
};

int po_open_files(const struct po_opener *opener);

/* ---- tables*.c: where the protocols have their sockets ---- */

/**
 * struct po_seer - who is told of sockets
 * @see: called for each of them, held and without locks; @addr is its address
 *	where it has several, else NULL; returns 0, or what ends the walk
 * @snap: what is filled, or NULL
 * @as_bound: of a connection that has several, tell those that it is bound to,
 *	by which others are refused, not those that it uses
 */
struct po_seer {
	int (*see)(const struct po_seer *seer, struct sock *sk,
		   const struct in6_addr *addr);
	struct po_snap *snap;
	bool as_bound;
};

/**
 * struct po_table - where a protocol has the sockets that have a port
 * @proto: IPPROTO_*, as struct po_sock has it
 * @family: AF_INET or AF_INET6 if it has sockets of one family only, else 0
 * @each: tell of each socket of a namespace; may sleep; -EAGAIN if the place was
 *	lost. Set for what is no hash table to us, instead of all that follows.
 * @of: the hash table that has the sockets of a namespace
 * @buckets: number of buckets
 * @bucket: bucket of a port
 * @used: the first bucket from @nr on that is not empty, or @end; unlocked
 * @lock: lock a bucket, against softirqs too
 * @unlock: unlock it
 * @first: first socket of a bucket; under its lock
 * @next: the socket after one in the same bucket; under its lock
 * @linked: whether a socket still is in a bucket; under its lock
 */
struct po_table {
	u16 proto;
	u16 family;
	int (*each)(struct net *net, const struct po_seer *seer);
	void *(*of)(const struct net *net);
	unsigned int (*buckets)(const struct po_table *table,
				const struct net *net);
	unsigned int (*bucket)(const struct po_table *table,
			       const struct net *net, u16 port);
	unsigned int (*used)(const struct po_table *table,
			     const struct net *net, unsigned int nr,
			     unsigned int end);
	void (*lock)(const struct po_table *table, const struct net *net,
		     unsigned int nr);
	void (*unlock)(const struct po_table *table, const struct net *net,
		       unsigned int nr);
	struct sock *(*first)(const struct po_table *table,
			      const struct net *net, unsigned int nr);
	struct sock *(*next)(const struct sock *sk);
	bool (*linked)(const struct po_table *table, const struct net *net,
		       unsigned int nr, const struct sock *sk);
};

/* As many as there may be, on any kernel. */
#define PO_TABLES_MAX	8

extern const struct po_table * const po_tables[];
extern const unsigned int po_nr_tables;

/**
 * struct po_sctp_memory - what a port of SCTP remembers of earlier binds
 * @port: the port
 * @reuse: all had SO_REUSEADDR, and none listens
 * @reuseport: all had SO_REUSEPORT and this user
 * @uid: that user
 */
struct po_sctp_memory {
	u16 port;
	bool reuse;
	bool reuseport;
	kuid_t uid;
};

#ifdef PO_SCTP
int po_sctp_remembers(struct net *net, u16 port, struct po_sctp_memory *memory);
#else
static inline int po_sctp_remembers(struct net *net, u16 port,
				    struct po_sctp_memory *memory)
{
	return -EOPNOTSUPP;
}
#endif

u16 po_proto_of(const struct sock *sk);
bool po_proto_known(u16 proto);
int po_table_of(const struct sock *sk);
void po_tables_init(void);

/* Whether a namespace has its sockets in the table that most share. */
static inline bool po_table_shared(const struct po_table *table,
				   const struct net *net)
{
	return table->of &&
	       (net == &init_net || table->of(net) == table->of(&init_net));
}

/*
 * Where a socket is looked for: a bucket of the table that most namespaces share,
 * or all sockets elsewhere, which count as one more.
 */
static inline u32 po_nr_slots(const struct po_table *table)
{
	return (table->of ? table->buckets(table, &init_net) : 0) + 1;
}

static inline u32 po_slot_in(const struct po_table *table,
			     const struct sock *sk)
{
	const struct net *net = sock_net(sk);

	return po_table_shared(table, net) ?
		       table->bucket(table, net, sk->sk_num) :
		       po_nr_slots(table) - 1;
}

/* ---- waiters.c: references of system calls under way ---- */

int po_waiters_init(void);
long po_waiters(struct sock *sk, const struct file *file);

/* ---- kernel.c: what made a socket that no process opened ---- */

int po_kernel_init(void);
const void *po_kernel_keeper(const struct sock *sk);
const void *po_kernel_handler(const struct sock *sk);
void po_kernel_name(const void *handler, char *name, size_t size);

/* Whether something in the kernel has a socket, and no process. */
static inline bool po_kernel_holds(const struct po_sock *sock)
{
	return sock->handler &&
	       (!sock->file || (!sock->owners && sock->refs > 0));
}

/* References to its file that are neither a descriptor nor the kernel's own. */
static inline long po_unseen_refs(const struct po_sock *sock)
{
	return sock->refs - (sock->file && po_kernel_holds(sock));
}

/* ---- record.c: what is known of a socket ---- */

int po_l3mdev(struct net *net, int ifindex);
bool po_sock_grouped(const struct sock *sk);
void po_sock_init(struct po_sock *rec, struct sock *sk);
void po_sock_addr(struct po_sock *rec, const struct sock *sk);
void po_sock_buckets(struct po_sock *rec, const struct sock *sk);
void po_sock_dev(struct po_sock *rec, const struct sock *sk);
void po_sock_describe(struct po_sock *rec, struct sock *sk);

/* ---- sockets.c: find the sockets that occupy ports ---- */

/**
 * struct po_filter - which sockets are wanted
 * @net: namespace whose tables are read; the caller holds a reference
 * @all_netns: sockets of all namespaces, not only of @net
 * @family: AF_INET, AF_INET6, or 0 for both
 * @proto: IPPROTO_*, or 0 for all; those of MPTCP are among those of TCP too
 * @port_first: first port, host byte order
 * @port_last: last port
 * @states: bit N for enum portowner_state N
 * @want: if set, only sockets that are in the way of this
 */
struct po_filter {
	struct net *net;
	bool all_netns;
	u16 family;
	u16 proto;
	u16 port_first;
	u16 port_last;
	u32 states;
	const struct po_want *want;
};

int po_collect(struct po_snap *snap, const struct po_filter *filter);

/* ---- binders.c, binder_*.c: who bound each socket ---- */

/**
 * struct po_binders_stats - how many binders are known
 * @used: sockets whose binder is recorded, and some that are gone
 * @max: sockets for which it is kept at most
 * @evicted: records given up, or not made, for lack of room
 */
struct po_binders_stats {
	u64 used;
	u64 max;
	u64 evicted;
};

int po_binders_init(void);
void po_binders_exit(void);
void po_binders_limited(void);
void po_binder_record(struct sock *sk);
int po_find_binders(struct po_snap *snap);
void po_binders_stats(struct po_binders_stats *stats);

/* ---- keys.c: the socket that a file belongs to ---- */

/**
 * struct po_keys - the sockets of a snapshot by file
 * @snap: the snapshot
 * @filter: whether the first bits of the hash of a file are those of any socket
 * @filter_shift: 64 less the number of these bits
 * @heads: number + 1 of the first socket of each hash bucket, in pages; the key
 *	is the file, or the inode number for those without
 * @shift: 64 less log2 of the number of buckets
 * @by_inode: there are sockets of the latter kind
 */
struct po_keys {
	struct po_snap *snap;
	u8 *filter;
	u32 **heads;
	unsigned int filter_shift;
	unsigned int shift;
	bool by_inode;
};

/* The first bits of the hash of a key; @shift is 64 less their number. */
static inline unsigned long po_hash(unsigned long key, unsigned int shift)
{
	return ((u64)key * GOLDEN_RATIO_64) >> shift;
}

int po_keys_init(struct po_keys *keys, struct po_snap *snap);
void po_keys_destroy(struct po_keys *keys);
u32 po_keys_find(const struct po_keys *keys, struct file *file);
u32 po_keys_same(const struct po_keys *keys, u32 nr);

/* ---- hints.c: who had the sockets that are older than the module ---- */

void po_hints_init(void);
void po_hints_exit(void);
struct pid *po_hint(const struct po_sock *sock);

/* ---- owners.c: find the processes behind sockets ---- */

int po_find_owners(struct po_snap *snap);

/* ---- unseen.c: references that no descriptor explains ---- */

int po_find_unseen(struct po_snap *snap);

/* ---- reason.c: from an errno to the rule ---- */

const struct po_sock *po_main_culprit(const struct po_snap *culprits);
enum portowner_rule po_reason(struct net *net, const struct po_want *want,
			      enum portowner_op op, int err,
			      const struct po_snap *culprits);

/* ---- range.c: the automatic range, and who has most of it ---- */

#define PO_RANGE_HOLDERS	5

/**
 * struct po_range_holder - a process that holds ports of the range
 * @proc: process
 * @ports: sockets that it has there
 */
struct po_range_holder {
	struct po_proc *proc;
	u32 ports;
};

/**
 * struct po_range - the automatic range when none of it was free
 * @refs: each record has one, each reader another
 * @time: when it was looked at, in nanoseconds of CLOCK_REALTIME
 * @proto: IPPROTO_* of the sockets that were counted
 * @first: first port
 * @last: last port
 * @reserved: ports of it that are never chosen
 * @taken: other ports of it that are in use
 * @holders: processes with most of them
 * @nr: how many these are
 *
 * Never changes once it is made, but for @refs.
 */
struct po_range {
	refcount_t refs;
	u64 time;
	u16 proto;
	u16 first;
	u16 last;
	u32 reserved;
	u32 taken;
	struct po_range_holder holders[PO_RANGE_HOLDERS];
	u32 nr;
};

struct po_range *po_range_new(struct net *net, u16 proto);
struct po_range *po_range_between(struct net *net, u16 proto, int first,
				  int last);
struct po_range *po_range_get(struct po_range *range);
bool po_range_full(const struct po_range *range);
bool po_range_seems_full(const struct sock *sk, u16 proto);
void po_range_put(struct po_range *range);

/* ---- forecast_tcp.c, forecast_udp.c: whether a port can be had ---- */

bool po_tcp_shortcut(struct net *net, const struct po_want *want);
bool po_tcp_port_free(struct net *net, const struct po_want *want, u16 port,
		      bool relax);
bool po_udp_port_free(struct net *net, const struct po_want *want, u16 port);

/* ---- forecast_ping.c, forecast_sctp.c: what has a bind() of its own ---- */

int po_ping_addr_ok(struct net *net, const struct po_want *want);

int po_sctp_addr_ok(struct net *net, const struct po_want *want);
int po_sctp_shortcut(struct net *net, const struct po_want *want);
int po_sctp_any_port(struct net *net);

/* ---- forecast.c: whether a bind would succeed ---- */

bool po_nonlocal_ok(const struct net *net, const struct po_want *want,
		    u16 family);
bool po_bpf_judges(struct sock *sk);
u32 po_unforeseen(u16 family);
int po_forecast(struct net *net, const struct po_want *want, bool privileged,
		bool listen, struct po_snap *culprits, enum portowner_op *op);

/* ---- caller.c: who was refused, and under whom it runs ---- */

/* Nobody nests deeper to hide: it only keeps "run" from showing a reject. */
#define PO_ANCESTORS		32

/**
 * struct po_caller - a process that was refused a bind
 * @refs: each record has one, each reader of it another
 * @proc: the process
 * @reaper: the nearest child subreaper among @ancestors, or NULL; no reference
 * @ancestors: the thread groups above that of @proc, nearest first; each holds
 *	a reference
 * @nr_ancestors: how many these are
 *
 * Never changes once it is made, but for @refs.
 */
struct po_caller {
	refcount_t refs;
	struct po_proc *proc;
	struct pid *reaper;
	struct pid *ancestors[PO_ANCESTORS];
	u32 nr_ancestors;
};

struct po_caller *po_caller_new(struct pid *pid, const struct cred *cred,
				const char *comm);
void po_caller_put(struct po_caller *caller);
size_t po_caller_bytes(const struct po_caller *caller);
struct pid *po_reaper(struct pid *pid);

/* ---- equal.c: which refusals count as one ---- */

/**
 * struct po_reject - a bind that the kernel refused, once or again and again
 * @refs: the log has one, each reader another
 * @op: what was refused
 * @err: positive errno
 * @rule: why
 * @want: what was asked for, the first time
 * @culprits: the sockets that were in the way the first time; never NULL
 * @range_first: first port of the range that was exhausted, or 0
 * @range_last: last port of it
 * @first_time: nanoseconds of CLOCK_REALTIME, the first time
 * @bytes: memory in use, without @caller
 * @payer: who is charged for it
 * @time: the last time
 * @seq: number of the last refusal in the log of the namespace, from 1
 * @count: refusals
 * @caller: who asked, the last time
 * @id: number of the record in the log, from 1
 * @slot: where the log has it
 * @user: the share of the log that it belongs to
 * @in_log: in the order of @seq among all records
 * @in_user: likewise among those of the same user
 * @in_hash: among those with the same hash
 * @range: the range that was exhausted, as the first reader found it, or NULL
 *
 * What comes before @time never changes once it is in the log, but for @refs.
 * The lock of the log protects all else.
 */
struct po_reject {
	refcount_t refs;
	enum portowner_op op;
	int err;
	enum portowner_rule rule;
	struct po_want want;
	struct po_snap *culprits;
	u16 range_first;
	u16 range_last;
	u64 first_time;
	size_t bytes;
	kuid_t payer;
	u64 time;
	u64 seq;
	u64 count;
	struct po_caller *caller;
	u64 id;
	u32 slot;
	struct po_log_user *user;
	struct list_head in_log;
	struct list_head in_user;
	struct hlist_node in_hash;
	struct po_range *range;
};

/**
 * struct po_key - what makes refusals equal, and who asks now
 * @want: what is asked for; of this, what has a name in a record
 * @op: how
 * @err: positive errno
 * @rule: why not
 * @culprit: cookie of the main culprit, or 0
 * @cred: credentials; of these, the effective user
 * @exe: path of the executable, or NULL
 * @reaper: nearest child subreaper above, or NULL
 * @pid: thread group that asks now; equal or not
 * @comm: its command name; equal or not
 */
struct po_key {
	const struct po_want *want;
	enum portowner_op op;
	int err;
	enum portowner_rule rule;
	u64 culprit;
	const struct cred *cred;
	const char *exe;
	const struct pid *reaper;
	const struct pid *pid;
	const char *comm;
};

void po_key_of(struct po_key *key, const struct po_reject *rej);
u32 po_key_hash(const struct po_key *key);
bool po_key_equal(const struct po_key *key, const struct po_reject *rej);
bool po_key_same_caller(const struct po_key *key, const struct po_reject *rej);

/* ---- log.c: the refused binds of a network namespace ---- */

/**
 * struct po_log_stats - counters of the log of one namespace
 * @seen: binds that were refused
 * @kept: records in the log
 * @counted: refusals in these
 * @dropped: @seen - @counted
 * @unrecorded: those of @dropped that never had a record
 * @dropped_own: those of @dropped whose record a user was charged for
 * @dropped_last: highest number of a refusal whose record was dropped
 */
struct po_log_stats {
	u64 seen;
	u64 kept;
	u64 counted;
	u64 dropped;
	u64 unrecorded;
	u64 dropped_own;
	u64 dropped_last;
};

/* A log is bounded by this, too; one record of at most PO_REJECT_BYTES always fits. */
#define PO_LOG_BYTES		SZ_1M
#define PO_REJECT_BYTES		SZ_32K

/**
 * struct po_mark - a record as it was when a reader asked for the log
 * @id: number of the record
 * @seq: number of its last refusal then
 * @time: when that was
 * @count: refusals then
 * @slot: where the log has it
 */
struct po_mark {
	u64 id;
	u64 seq;
	u64 time;
	u64 count;
	u32 slot;
};

int po_log_init(void);
void po_log_exit(void);
u64 po_log_add(struct net *net, struct po_reject *rej);
int po_log_repeat(struct net *net, const struct po_key *key, u64 time,
		  struct po_caller **caller, u64 *seq);
void po_log_lost(struct net *net);
u32 po_log_mark(struct net *net, u64 since, struct po_mark *marks);
struct po_reject *po_log_get(struct net *net, const struct po_mark *mark,
			     struct po_caller **caller);
u64 po_log_last(struct net *net);
struct po_range *po_log_range(struct net *net, struct po_reject *rej,
			      struct po_range *found);
void po_log_stats(const struct net *net, kuid_t payer,
		  struct po_log_stats *stats);
void po_reject_put(struct po_reject *rej);

/* ---- notify.c: tell subscribers ---- */

int po_notify_init(void);
void po_notify_stop(void);
void po_notify_exit(void);
void po_notify_reject(struct net *net, u64 seq);

/* ---- refusal.c: from a refusal to its record ---- */

/**
 * struct po_refusal - a bind or listen that was refused a moment ago
 * @sk: socket; holds a reference
 * @net: its namespace; holds a reference
 * @pid: thread group of the caller; holds a reference
 * @cred: its credentials; holds a reference
 * @comm: its command name; any bytes, NUL-terminated
 * @in_task: the refused task itself is about to record it
 * @time: nanoseconds of CLOCK_REALTIME
 * @op: what was refused
 * @err: positive errno, or 0 if it is not certain to be EADDRNOTAVAIL
 * @want: what was asked for
 *
 * Belongs to one task at a time.
 */
struct po_refusal {
	struct sock *sk;
	struct net *net;
	struct pid *pid;
	const struct cred *cred;
	char comm[TASK_COMM_LEN];
	bool in_task;
	u64 time;
	enum portowner_op op;
	int err;
	struct po_want want;
};

bool po_refusal_has_culprits(const struct po_refusal *refusal);
void po_refusal_record(struct po_refusal *refusal);

/* ---- repeat.c: a refusal that is in the log already ---- */

int po_repeat(struct po_refusal *refusal, u64 *seq);

/* ---- rejects.c: refusals that wait to be recorded ---- */

int po_rejects_init(void);
void po_rejects_exit(void);
void po_reject_begin(struct sock *sk, const struct po_want *want,
		     enum portowner_op op, int err);

/* ---- probe_module.c: a probe on a function of another module ---- */

struct kretprobe;

void po_probe_module(struct kretprobe *probe, const char *module);
void po_unprobe_module(void);

/* ---- hooks.c: see each bind and listen ---- */

/**
 * struct po_missed - calls that were not seen
 * @no_instance: more were under way than a probe can see at once
 * @nested: another probe was under way on that CPU
 * @share: its user has more than a fair share of what a probe can see at once
 */
struct po_missed {
	u64 no_instance;
	u64 nested;
	u64 share;
};

int po_hooks_init(void);
void po_hooks_exit(void);
void po_hooks_missed(struct po_missed *missed);

/* ---- visibility.c: what a reader may see ---- */

/**
 * struct po_viewer - the reader of a reply
 * @skb: its request
 * @user_ns: for user ids
 * @pid_ns: for process ids
 * @cgroup_root: path of the root of its cgroup namespace, NULL for that of all
 * @known: bitmap of the processes that it was told of in this dump, by their
 *	number, so that they are not told again; NULL: each is told each time
 * @last: process that was asked about last; only its address is used
 * @last_visible: the answer
 */
struct po_viewer {
	const struct sk_buff *skb;
	struct user_namespace *user_ns;
	struct pid_namespace *pid_ns;
	char *cgroup_root;
	unsigned long *known;
	const struct po_proc *last;
	bool last_visible;
};

bool po_capable(const struct sk_buff *skb, struct user_namespace *ns, int cap);
bool po_sees_host(const struct sk_buff *skb);
int po_viewer_init(struct po_viewer *viewer, const struct sk_buff *skb);
void po_viewer_destroy(struct po_viewer *viewer);
void po_viewer_forget(struct po_viewer *viewer);
bool po_viewer_sees_proc(struct po_viewer *viewer, const struct po_proc *proc);
bool po_viewer_sees_bound(const struct po_viewer *viewer,
			  const struct po_bound *bound);
bool po_viewer_sees_reject(const struct po_viewer *viewer,
			   const struct po_proc *caller);
bool po_viewer_sees_caller(const struct po_viewer *viewer,
			   const struct po_proc *caller);
const char *po_viewer_cgroup(const struct po_viewer *viewer,
			     const struct po_proc *proc);

/* ---- quota.c: how many answers may be under way, and how large ---- */

struct po_quota;

/* What an answer may take that is collected under generic netlink's lock. */
#define PO_QUICK_BYTES	SZ_32K

int po_quota_count(struct netlink_callback *cb, struct po_quota **quota);
struct po_snap *po_quota_snap(const struct po_quota *quota);
int po_quota_exceeded(struct netlink_callback *cb, int err);
void po_quota_drop(struct po_quota *quota);
void po_quota_stats(u64 *used, u64 *refused);

/* ---- dump.c: how a dump begins ---- */

int po_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		  int more);

/* ---- fill.c: records as netlink attributes ---- */

int po_fill_sock(struct sk_buff *skb, int attrtype, struct po_viewer *viewer,
		 const struct po_sock *sock, const struct po_owner **from);
int po_fill_range(struct sk_buff *skb, int attrtype, struct po_viewer *viewer,
		  const struct po_range *range);
int po_fill_culprits(struct sk_buff *skb, int attrtype,
		     struct po_viewer *viewer, const struct po_snap *culprits,
		     u32 *nr, const struct po_owner **owner);
int po_fill_reject(struct sk_buff *skb, struct po_viewer *viewer,
		   const struct po_reject *rej, const struct po_caller *last,
		   const struct po_mark *mark, const struct po_range *range);

/* ---- port_get.c, reject_get.c, check.c: dumps ---- */

/* Room for a record with the two longest paths, whatever the reader offers. */
#define PO_MIN_DUMP_ALLOC	(2 * PATH_MAX + 4096)

/*
 * What a dumpit returns: 0 if all is put, so that the end of the dump goes into
 * the same message; else what was filled, or the error if nothing was.
 */
static inline int po_dump_result(const struct sk_buff *skb, int err)
{
	if (!err)
		return 0;

	return skb->len ?: err;
}

/* ---- netlink.c: the generic netlink family ---- */

int po_netlink_init(void);
void po_netlink_exit(void);

#endif /* _PO_INTERNAL_H */
