/* SPDX-License-Identifier: GPL-2.0 */
/* What all parts of the module build on: snapshots, users, namespaces, tasks. */

#ifndef _PO_CORE_H
#define _PO_CORE_H

#include <linux/bits.h>
#include <linux/bottom_half.h>
#include <linux/bpf.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/xarray.h>
#include <net/netns/generic.h>

#include "core/proc.h"
#include "core/snapshot.h"

struct files_struct;
struct net;
struct sock;

/* ---- payer.c: which user is charged for shared resources ---- */

kuid_t po_payer(const struct cred *cred);
kuid_t po_payer_net(const struct net *net);
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

/* ---- turns.c: network namespaces that wait for their turn ---- */

/* Queues: users with the same hash have one. */
#define PO_TURNS_BITS	6
#define PO_TURNS	BIT(PO_TURNS_BITS)

/**
 * struct po_turns - network namespaces that wait, in a queue for each user
 * @queues: the queues, by a hash of the user
 * @last: index of the queue that had the last turn
 * @seed: random seed of the hash
 */
struct po_turns {
	struct list_head queues[PO_TURNS];
	unsigned int last;
	u32 seed;
};

void po_turns_init(struct po_turns *turns);
void po_turns_add(struct po_turns *turns, struct list_head *node, const struct net *net);
struct list_head *po_turns_next(struct po_turns *turns);

/* ---- task.c: iterate over all descriptor tables ---- */

/**
 * struct po_fdtables - a walk over the descriptor tables of all processes
 * @snap: snapshot that the walk fills, or NULL
 * @seen: thread group id by address of the table, for tables that are shared by
 *	several processes, or by several threads but not their group leader
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
int po_fdtables_done(struct po_fdtables *tables, const struct files_struct *shared);
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
