// SPDX-License-Identifier: GPL-2.0
/* The processes of a snapshot: owners of its sockets, and those that may be. */

#include <linux/cred.h>
#include <linux/hash.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "core/core.h"

/* Estimated instructions to add an owner. */
#define PO_COST_OWNER	700

/* Part of a reader's memory for owners beyond the first of each socket: a quarter. */
#define PO_FURTHER_PART	4

/* Users with the same hash share a share. */
#define PO_FURTHER_BITS		6
#define PO_FURTHER_USERS	BIT(PO_FURTHER_BITS)

static struct po_proc *po_snap_proc(struct po_snap *snap,
				    struct task_struct *task)
{
	struct po_proc *proc, *old = snap->last_proc;
	int err;

	if (old && old->pid == task_tgid(task))
		return old;

	old = xa_load(&snap->procs, task->tgid);
	if (old && old->pid == task_tgid(task)) {
		snap->last_proc = old;
		return old;
	}

	proc = po_proc_of(task, snap->paths, snap->gfp);
	if (!proc)
		return ERR_PTR(pid_alive(task) ? -ENOMEM : -ESRCH);

	po_spend(snap, po_proc_cost(proc));
	err = xa_err(xa_store(&snap->procs, task->tgid, proc, snap->gfp));
	if (err) {
		po_proc_free(proc);
		return ERR_PTR(err);
	}
	snap->paths_skipped |= proc->path_skipped;
	if (proc->path_slow && ++snap->nr_slow_paths == PO_SLOW_PATHS)
		snap->paths = PO_PATHS_NEAR;
	proc->nr = snap->nr_procs++;
	/* Owners may still point to the old process. */
	proc->older = old;
	if (old) {
		old->pid_reused = true;
		proc->pid_reused = true;
	}
	snap->last_proc = proc;
	snap->bytes += po_proc_bytes(proc);

	return proc;
}

/*
 * Whether a process may be one more owner of a socket that has one. Processes can share a
 * table full of descriptors, and so be any number of owners at no cost. These have a part of
 * the reader's memory, of which each user gets a fair share: they keep a reader neither from
 * getting all sockets nor from getting the owners among other users' processes. Returns 1 if
 * it may, which is counted, 0 if not, or -ENOMEM.
 */
static int po_snap_take_further(struct po_snap *snap, const struct po_proc *proc)
{
	u32 max = snap->bytes_max / PO_FURTHER_PART / sizeof(struct po_owner);
	/* Nobody can choose users with the same hash: the address is a secret. */
	u32 seed = hash_ptr(snap, 32);
	u32 user = hash_32(__kuid_val(po_payer(proc->cred)) ^ seed, PO_FURTHER_BITS);

	if (!snap->further)
		snap->further = kcalloc(PO_FURTHER_USERS, sizeof(*snap->further), snap->gfp);
	if (!snap->further)
		return -ENOMEM;
	if (!po_fair(snap->further[user], max - snap->nr_further))
		return 0;

	snap->further[user]++;
	snap->nr_further++;

	return 1;
}

/**
 * po_snap_add_owner() - add an owner to a socket
 * @snap: snapshot
 * @sock: socket in @snap
 * @task: thread with the descriptor; the caller holds a reference
 * @fd: descriptor
 *
 * Adds nothing if the process has exited or there is no room.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -E2BIG if the memory limit of a reader is reached and the
 * socket has no owner yet.
 */
int po_snap_add_owner(struct po_snap *snap, struct po_sock *sock,
		      struct task_struct *task, unsigned int fd)
{
	struct po_owner *owner;
	struct po_proc *proc;
	int err;

	if (snap->bytes >= snap->bytes_max && !(snap->for_reader && sock->owners)) {
		if (snap->for_reader)
			return -E2BIG;
		sock->owners_incomplete = true;
		return 0;
	}

	proc = po_snap_proc(snap, task);
	if (IS_ERR(proc))
		return PTR_ERR(proc) == -ESRCH ? 0 : PTR_ERR(proc);

	if (snap->for_reader && sock->owners) {
		err = po_snap_take_further(snap, proc);
		if (err < 0)
			return err;
		if (!err) {
			sock->owners_incomplete = true;
			return 0;
		}
	}

	po_spend(snap, PO_COST_OWNER);
	if (sock->owners) {
		owner = kmalloc(sizeof(*owner), snap->gfp);
		if (!owner)
			return -ENOMEM;
		snap->bytes += sizeof(*owner);
	} else {
		owner = &sock->first_owner;
	}

	owner->next = NULL;
	owner->proc = proc;
	owner->fd = fd;
	if (sock->last_owner)
		sock->last_owner->next = owner;
	else
		sock->owners = owner;
	sock->last_owner = owner;

	return 0;
}

/**
 * po_snap_add_untracked() - add a place where references may be held
 * @snap: snapshot
 * @sock: socket in @snap
 * @task: thread of the process; the caller holds a reference
 * @where: kind of object that may hold the reference
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_snap_add_untracked(struct po_snap *snap, struct po_sock *sock,
			  struct task_struct *task, enum portowner_unseen where)
{
	struct po_proc *proc = po_snap_proc(snap, task);
	struct po_untracked *entry;

	if (IS_ERR(proc))
		return PTR_ERR(proc) == -ESRCH ? 0 : PTR_ERR(proc);

	entry = kmalloc(sizeof(*entry), snap->gfp);
	if (!entry)
		return -ENOMEM;

	entry->proc = proc;
	entry->where = where;
	entry->next = sock->untracked;
	sock->untracked = entry;
	snap->bytes += sizeof(*entry);

	return 0;
}

/**
 * po_snap_drop_untracked() - remove all places of one kind
 * @sock: socket
 * @where: kind of object
 *
 * Context: any.
 */
void po_snap_drop_untracked(struct po_sock *sock, enum portowner_unseen where)
{
	struct po_untracked **link = &sock->untracked, *entry;

	while (*link) {
		entry = *link;
		if (entry->where == where) {
			*link = entry->next;
			kfree(entry);
		} else {
			link = &entry->next;
		}
	}
}
