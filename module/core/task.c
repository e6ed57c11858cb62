// SPDX-License-Identifier: GPL-2.0
/*
 * Iterate over all threads, visiting each descriptor table once per process.
 *
 * Nearly always, all threads of a process use the table of their leader, and
 * the leader stands for it. A table that only one thread uses is visited with
 * that thread. A table shared by other threads is remembered by its address
 * when first met, so that the cost stays linear in the number of threads. So is one that
 * several processes share: none of the others is visited if there was nothing in it.
 */

#include <linux/fdtable.h>
#include <linux/idr.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "core/core.h"

/* Estimated instructions to skip a thread. */
#define PO_COST_SKIP_THREAD	80

/* Value in &po_fdtables.seen: no other thread is to be visited for this table. */
#define PO_DONE			xa_mk_value(0)

/* Key in &po_fdtables.seen. No two tables lie in the same 64 bytes. */
static unsigned long po_fdtable_key(const struct files_struct *files)
{
	BUILD_BUG_ON(sizeof(*files) < 64);

	return (unsigned long)files / 64;
}

/**
 * po_fdtables_begin() - begin a walk over all descriptor tables
 * @tables: the walk; to be ended by po_fdtables_end()
 * @snap: snapshot that it fills, or NULL
 *
 * Context: any.
 */
void po_fdtables_begin(struct po_fdtables *tables, struct po_snap *snap)
{
	tables->snap = snap;
	xa_init_flags(&tables->seen, XA_FLAGS_ACCOUNT);
}

/**
 * po_fdtables_end() - end a walk
 * @tables: the walk
 *
 * Context: may sleep.
 */
void po_fdtables_end(struct po_fdtables *tables)
{
	xa_destroy(&tables->seen);
}

/* Whether a refused task makes the walk, at limited cost. */
static bool po_walk_is_bounded(const struct po_fdtables *tables)
{
	return tables->snap && tables->snap->bounded;
}

/**
 * po_fdtables_want() - whether to read the descriptor table of a thread
 * @tables: the walk
 * @task: thread
 * @shared: result: table to pass to po_fdtables_remember() before reading it,
 *	or NULL
 *
 * Context: under RCU; takes task_lock() of @task.
 * Return: false if another thread of the process stands for the table, or there
 * is nothing to read.
 */
bool po_fdtables_want(struct po_fdtables *tables, struct task_struct *task,
		      const struct files_struct **shared)
{
	const struct task_struct *leader = task->group_leader;
	const struct files_struct *files = READ_ONCE(task->files);
	void *seen;
	int users;

	*shared = NULL;
	/* Kernel threads are numerous, and hold no user descriptors. */
	if (!files || (po_walk_is_bounded(tables) && task->flags & PF_KTHREAD))
		return false;
	if (task != leader && files == READ_ONCE(leader->files))
		return false;

	task_lock(task);
	files = task->files;
	users = files ? atomic_read(&files->count) : 0;
	task_unlock(task);
	/* With no more users than threads, no other process shares it. */
	if (users < 2 || (task == leader && users <= data_race(get_nr_threads(task))))
		return users;

	seen = xa_load(&tables->seen, po_fdtable_key(files));
	if (seen == PO_DONE || (task != leader && seen == xa_mk_value(task->tgid)))
		return false;

	*shared = files;

	return true;
}

static int po_fdtables_store(struct po_fdtables *tables, const struct files_struct *shared,
			     void *value)
{
	gfp_t gfp = tables->snap ? tables->snap->gfp : GFP_KERNEL_ACCOUNT;

	if (!shared)
		return 0;

	return xa_err(xa_store(&tables->seen, po_fdtable_key(shared), value, gfp));
}

/**
 * po_fdtables_remember() - note that a shared table is going to be read
 * @tables: the walk
 * @task: thread that uses the table; the caller holds a reference
 * @shared: result of po_fdtables_want()
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_fdtables_remember(struct po_fdtables *tables, struct task_struct *task,
			 const struct files_struct *shared)
{
	return po_fdtables_store(tables, shared, xa_mk_value(task->tgid));
}

/**
 * po_fdtables_done() - note that no other thread is to be visited for a shared table
 * @tables: the walk
 * @shared: result of po_fdtables_want()
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_fdtables_done(struct po_fdtables *tables, const struct files_struct *shared)
{
	return po_fdtables_store(tables, shared, PO_DONE);
}

/**
 * po_next_task() - get the next thread whose descriptor table is to be read
 * @tables: the walk
 * @tid: smallest id to consider; set to the id of the thread found
 *
 * Threads created or exiting during the walk may be missed. A table is visited once,
 * even if several processes share it.
 *
 * Context: may sleep; takes task_lock() of other tasks.
 * Return: referenced thread, NULL if there is none, or an error pointer:
 * -ENOMEM, or an error of po_snap_check().
 */
struct task_struct *po_next_task(struct po_fdtables *tables, int *tid)
{
	struct task_struct *task, *found = NULL;
	const struct files_struct *shared;
	unsigned int i;
	struct pid *pid;
	int err;

	do {
		err = po_snap_check(tables->snap);
		if (err)
			return ERR_PTR(err);

		rcu_read_lock();
		for (i = 0; i < PO_TID_BATCH; i++, (*tid)++) {
			pid = idr_get_next(&init_pid_ns.idr, tid);
			if (!pid)
				break;
			task = pid_task(pid, PIDTYPE_PID);
			if (task && po_fdtables_want(tables, task, &shared)) {
				found = get_task_struct(task);
				break;
			}
		}
		rcu_read_unlock();
		if (tables->snap)
			po_spend(tables->snap, (i + 1) * PO_COST_SKIP_THREAD);
		cond_resched();
	} while (!found && pid);

	if (!found)
		return NULL;

	err = po_fdtables_done(tables, shared);
	if (err) {
		put_task_struct(found);
		return ERR_PTR(err);
	}

	return found;
}
