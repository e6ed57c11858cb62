// SPDX-License-Identifier: GPL-2.0
/* The threads of the host, one for each descriptor table. */

#include <linux/idr.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "internal.h"

/* Thread ids that are looked up in one RCU read-side section. */
#define PO_TIDS		128

/**
 * po_stands_for_table() - whether to read the table of a thread
 * @task: thread
 *
 * Context: under RCU.
 * Return: true if no earlier thread of the same process has the same one.
 */
bool po_stands_for_table(struct task_struct *task)
{
	struct files_struct *files = READ_ONCE(task->files);
	struct task_struct *thread;

	if (!files)
		return false;

	for_each_thread(task->group_leader, thread) {
		if (thread == task)
			return true;
		if (READ_ONCE(thread->files) == files)
			return false;
	}

	/* It is just leaving the list. */
	return true;
}

/**
 * po_next_task() - the next thread whose table is to be read
 * @tid: id from which on to look, changed to that of the thread
 *
 * A thread that is cloned or ends meanwhile may be missed.
 *
 * Context: may sleep.
 * Return: a thread with a reference, or NULL if there is none.
 */
struct task_struct *po_next_task(int *tid)
{
	struct task_struct *task, *found = NULL;
	struct pid *pid;
	int i;

	do {
		rcu_read_lock();
		for (i = 0; i < PO_TIDS && !found; i++, (*tid)++) {
			pid = idr_get_next(&init_pid_ns.idr, tid);
			if (!pid)
				break;
			task = pid_task(pid, PIDTYPE_PID);
			if (task && po_stands_for_table(task)) {
				found = get_task_struct(task);
				break;
			}
		}
		rcu_read_unlock();
		cond_resched();
	} while (!found && pid);

	return found;
}
