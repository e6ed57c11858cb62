// SPDX-License-Identifier: GPL-2.0
/* The threads of the host, one for each descriptor table. */

#include <linux/sched/signal.h>

#include "internal.h"

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
