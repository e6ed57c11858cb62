// SPDX-License-Identifier: GPL-2.0
/* The threads of the host, one for each descriptor table. */

#include <linux/idr.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "internal.h"

/*
 * Thread ids that are looked up in one RCU read-side section, and threads that
 * they are compared with, after which no other one is looked at.
 */
#define PO_TIDS		128
#define PO_COMPARED	1024

/**
 * po_stands_for_table() - whether to read the table of a thread
 * @task: thread
 * @compared: rises by the number of threads that it was compared with
 *
 * Context: under RCU.
 * Return: true if no earlier thread of the same process has the same one.
 */
bool po_stands_for_table(struct task_struct *task, unsigned int *compared)
{
	struct files_struct *files = READ_ONCE(task->files);
	struct task_struct *thread;

	if (!files)
		return false;

	for_each_thread(task, thread) {
		if (thread == task)
			return true;
		if (READ_ONCE(thread->files) == files)
			return false;
		++*compared;
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
	unsigned int i, compared;
	struct pid *pid;

	do {
		compared = 0;
		rcu_read_lock();
		for (i = 0; i < PO_TIDS && compared < PO_COMPARED;
		     i++, (*tid)++) {
			pid = idr_get_next(&init_pid_ns.idr, tid);
			if (!pid)
				break;
			task = pid_task(pid, PIDTYPE_PID);
			if (task && po_stands_for_table(task, &compared)) {
				found = get_task_struct(task);
				break;
			}
		}
		rcu_read_unlock();
		cond_resched();
	} while (!found && pid);

	return found;
}
