// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets and owners of one moment, as plain values.
 *
 * A snapshot holds no socket, file or network namespace, so a reader that
 * never finishes its dump keeps nothing of the host alive but processes' ids,
 * credentials and user namespaces.
 */

#include <linux/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"

/* Sockets of the first allocation: enough for most single ports. */
#define PO_SNAP_ROOM	4

/**
 * po_snap_new() - make an empty snapshot
 * @bytes_max: memory that it may take; sockets and owners beyond are left out
 *
 * Context: may sleep.
 * Return: a snapshot, to be freed by po_snap_free(), or NULL without memory.
 */
struct po_snap *po_snap_new(size_t bytes_max)
{
	struct po_snap *snap = kzalloc(sizeof(*snap), GFP_KERNEL_ACCOUNT);

	if (!snap)
		return NULL;

	xa_init(&snap->procs);
	snap->bytes = sizeof(*snap);
	snap->bytes_max = bytes_max;

	return snap;
}

static void po_sock_destroy(struct po_sock *sock)
{
	struct po_owner *owner, *next;

	for (owner = sock->owners; owner; owner = next) {
		next = owner->next;
		kfree(owner);
	}
	if (sock->bound)
		put_pid(sock->bound->pid);
	kfree(sock->bound);
}

/**
 * po_snap_free() - drop a snapshot
 * @snap: snapshot, or NULL
 *
 * Context: may sleep.
 */
void po_snap_free(struct po_snap *snap)
{
	struct po_proc *proc;
	unsigned long tgid;
	u32 i;

	if (!snap)
		return;

	for (i = 0; i < snap->nr; i++) {
		po_sock_destroy(&snap->socks[i]);
		cond_resched();
	}
	xa_for_each(&snap->procs, tgid, proc)
		po_proc_free(proc);
	xa_destroy(&snap->procs);
	kvfree(snap->socks);
	kfree(snap);
}

static int po_snap_resize(struct po_snap *snap, u32 room)
{
	struct po_sock *socks;

	socks = kvmalloc_array(room, sizeof(*socks),
			       GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!socks)
		return -ENOMEM;

	if (snap->nr)
		memcpy(socks, snap->socks, snap->nr * sizeof(*socks));
	kvfree(snap->socks);
	snap->bytes -= snap->room * sizeof(*socks);
	snap->bytes += room * sizeof(*socks);
	snap->socks = socks;
	snap->room = room;

	return 0;
}

/**
 * po_snap_reserve() - make room for more sockets
 * @snap: snapshot
 * @nr: sockets that will be added
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EFBIG if a snapshot can't have that many.
 */
int po_snap_reserve(struct po_snap *snap, u32 nr)
{
	if (snap->room - snap->nr >= nr)
		return 0;
	if (snap->nr + nr < nr || snap->room > U32_MAX / 2)
		return -EFBIG;

	return po_snap_resize(snap, max3(snap->room * 2, snap->nr + nr,
					 (u32)PO_SNAP_ROOM));
}

/**
 * po_snap_prune() - drop the sockets that are marked to be skipped
 * @snap: snapshot without owners
 *
 * Gives back the room they took, if it is to be had in another piece.
 *
 * Context: may sleep.
 */
void po_snap_prune(struct po_snap *snap)
{
	u32 i, nr = 0;

	for (i = 0; i < snap->nr; i++)
		if (!snap->socks[i].skip)
			snap->socks[nr++] = snap->socks[i];
	snap->nr = nr;
	if (!nr) {
		kvfree(snap->socks);
		snap->socks = NULL;
		snap->bytes -= snap->room * sizeof(*snap->socks);
		snap->room = 0;
	} else if (nr < snap->room / 2) {
		po_snap_resize(snap, nr);
	}
}

static struct po_proc *po_snap_proc(struct po_snap *snap,
				    struct task_struct *task)
{
	struct po_proc *proc, *old = xa_load(&snap->procs, task->tgid);
	int err;

	if (old && old->pid == task_tgid(task))
		return old;

	proc = po_proc_of(task);
	if (!proc)
		return ERR_PTR(pid_alive(task) ? -ENOMEM : -ESRCH);

	err = xa_err(xa_store(&snap->procs, task->tgid, proc,
			      GFP_KERNEL_ACCOUNT));
	if (err) {
		po_proc_free(proc);
		return ERR_PTR(err);
	}
	/* Owners point to the old one still. */
	proc->older = old;
	snap->bytes += po_proc_bytes(proc);

	return proc;
}

/**
 * po_snap_add_owner() - add an owner to a socket
 * @snap: snapshot
 * @sock: socket in @snap
 * @task: thread whose table has the descriptor; the caller holds a reference
 * @fd: descriptor
 *
 * Nothing is added if the process is gone since, or the snapshot is full.
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_snap_add_owner(struct po_snap *snap, struct po_sock *sock,
		      struct task_struct *task, unsigned int fd)
{
	struct po_owner *owner;
	struct po_proc *proc;

	if (snap->bytes >= snap->bytes_max) {
		sock->owners_cut = true;
		return 0;
	}

	proc = po_snap_proc(snap, task);
	if (IS_ERR(proc))
		return PTR_ERR(proc) == -ESRCH ? 0 : PTR_ERR(proc);

	owner = kmalloc(sizeof(*owner), GFP_KERNEL_ACCOUNT);
	if (!owner)
		return -ENOMEM;

	owner->next = NULL;
	owner->proc = proc;
	owner->fd = fd;
	if (sock->last)
		sock->last->next = owner;
	else
		sock->owners = owner;
	sock->last = owner;
	snap->bytes += sizeof(*owner);

	return 0;
}
