// SPDX-License-Identifier: GPL-2.0
/*
 * The threads of the host, one for each descriptor table of each process. All
 * threads of nearly all processes have the table of the first one. A thread may
 * have a table alone; what several others share is remembered, so that what it
 * takes is linear, whatever tables there are.
 */

#include <linux/fdtable.h>
#include <linux/idr.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "internal.h"

/* Thread ids that are looked up in one RCU read-side section. */
#define PO_TIDS		128

/* What a thread takes to pass over. */
#define PO_COST_TASK	80

/* Where a table is in po_tables: no two of them are in the same 64 bytes. */
static unsigned long po_table_key(const struct files_struct *files)
{
	BUILD_BUG_ON(sizeof(*files) < 64);

	return (unsigned long)files / 64;
}

/**
 * po_tables_begin() - begin a walk over all descriptor tables
 * @tables: the walk; to be ended by po_tables_end()
 * @snap: what it fills, or NULL
 *
 * Context: any.
 */
void po_tables_begin(struct po_tables *tables, struct po_snap *snap)
{
	tables->snap = snap;
	xa_init(&tables->seen);
}

/**
 * po_tables_end() - end a walk
 * @tables: the walk
 *
 * Context: may sleep.
 */
void po_tables_end(struct po_tables *tables)
{
	xa_destroy(&tables->seen);
}

/* Whether somebody's system call waits for the walk. */
static bool po_in_haste(const struct po_tables *tables)
{
	return tables->snap && tables->snap->bounded;
}

/**
 * po_tables_want() - whether the table of a thread is to be read
 * @tables: the walk
 * @task: thread
 * @shared: result: a table that po_tables_remember() has to be told of before it
 *	is read, or NULL
 *
 * Context: under RCU; takes task_lock() of @task.
 * Return: true if no thread of the same process stands for it.
 */
bool po_tables_want(struct po_tables *tables, struct task_struct *task,
		    const struct files_struct **shared)
{
	const struct task_struct *leader = task->group_leader;
	const struct files_struct *files = READ_ONCE(task->files);
	void *seen;
	int users;

	*shared = NULL;
	/* Kernel threads have no descriptors of users, and there are many. */
	if (!files || (po_in_haste(tables) && task->flags & PF_KTHREAD))
		return false;
	if (task == leader)
		return true;
	if (files == READ_ONCE(leader->files))
		return false;

	task_lock(task);
	files = task->files;
	users = files ? atomic_read(&files->count) : 0;
	task_unlock(task);
	if (users < 2)
		return users;

	seen = xa_load(&tables->seen, po_table_key(files));
	if (seen == xa_mk_value(task->tgid))
		return false;

	*shared = files;

	return true;
}

/**
 * po_tables_remember() - note that a table is read
 * @tables: the walk
 * @task: thread that has it; the caller holds a reference
 * @shared: as po_tables_want() had it
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_tables_remember(struct po_tables *tables, struct task_struct *task,
		       const struct files_struct *shared)
{
	gfp_t gfp = tables->snap ? tables->snap->gfp : GFP_KERNEL_ACCOUNT;

	if (!shared)
		return 0;

	return xa_err(xa_store(&tables->seen, po_table_key(shared),
			       xa_mk_value(task->tgid), gfp));
}

/**
 * po_next_task() - the next thread whose table is to be read
 * @tables: the walk
 * @tid: id from which on to look, changed to that of the thread
 *
 * A thread that is cloned or ends meanwhile may be missed.
 *
 * Context: may sleep; takes task_lock() of others.
 * Return: a thread with a reference, NULL if there is none, or an error pointer:
 * -ENOMEM, or what po_snap_check() says.
 */
struct task_struct *po_next_task(struct po_tables *tables, int *tid)
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
		for (i = 0; i < PO_TIDS; i++, (*tid)++) {
			pid = idr_get_next(&init_pid_ns.idr, tid);
			if (!pid)
				break;
			task = pid_task(pid, PIDTYPE_PID);
			if (task && po_tables_want(tables, task, &shared)) {
				found = get_task_struct(task);
				break;
			}
		}
		rcu_read_unlock();
		if (tables->snap)
			po_spend(tables->snap, (i + 1) * PO_COST_TASK);
		cond_resched();
	} while (!found && pid);

	if (!found)
		return NULL;

	err = po_tables_remember(tables, found, shared);
	if (err) {
		put_task_struct(found);
		return ERR_PTR(err);
	}

	return found;
}
