/* SPDX-License-Identifier: GPL-2.0 */
/* Threads: whether they run, have to wait, may be inspected, and use an io_uring. */

#ifndef _PO_COMPAT_SCHED_H
#define _PO_COMPAT_SCHED_H

#include <linux/mm_types.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/coredump.h>
#ifndef SUID_DUMP_USER
#include <linux/sched/exec_state.h>
#endif
#include <linux/user_namespace.h>

/**
 * po_task_dumpable() - whether a process may be inspected by its own user
 * @task: any thread of the process; the caller holds a reference
 * @mm: its address space, or NULL for exiting processes and kernel threads
 * @ns: result: user namespace over which others need capabilities to inspect
 *	the process; referenced
 *
 * Context: process context.
 * Return: true if it may.
 */
static inline bool po_task_dumpable(struct task_struct *task,
				    struct mm_struct *mm,
				    struct user_namespace **ns)
{
#ifndef SUID_DUMP_USER
	struct task_exec_state *state;
	bool dumpable;

	rcu_read_lock();
	state = rcu_dereference(task->exec_state);
	dumpable = READ_ONCE(state->dumpable) == TASK_DUMPABLE_OWNER;
	*ns = get_user_ns(state->user_ns);
	rcu_read_unlock();

	return dumpable;
#else
	*ns = get_user_ns(mm ? mm->user_ns : &init_user_ns);

	return mm && get_dumpable(mm) == SUID_DUMP_USER;
#endif
}

/* Whether a thread has ever used an io_uring, and so may have one. */
static inline bool po_has_io_uring(const struct task_struct *task)
{
#ifdef CONFIG_IO_URING
	return READ_ONCE(task->io_uring);
#else
	return false;
#endif
}

/**
 * po_pages_over_high() - pages for which this task is to wait
 *
 * Once its memory control group exceeds memory.high, a task that takes more is delayed
 * on its way back to user space, by up to two seconds.
 *
 * Context: process context.
 * Return: number of pages, to be restored by po_set_pages_over_high().
 */
static inline unsigned int po_pages_over_high(void)
{
#ifdef CONFIG_MEMCG
	return current->memcg_nr_pages_over_high;
#else
	return 0;
#endif
}

static inline void po_set_pages_over_high(unsigned int pages)
{
#ifdef CONFIG_MEMCG
	current->memcg_nr_pages_over_high = pages;
#endif
}

/* 5.14 renamed task_struct.state. */
#ifndef task_is_running
#define task_is_running(task)	(READ_ONCE((task)->state) == TASK_RUNNING)
#endif

#endif /* _PO_COMPAT_SCHED_H */
