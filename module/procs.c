// SPDX-License-Identifier: GPL-2.0
/* A process, described while it can still be asked. */

#include <linux/cgroup.h>
#include <linux/file.h>
#include <linux/kernfs.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/user_namespace.h>

#include "internal.h"

/* Paths up to this length take no more memory than they need. */
#define PO_SHORT_PATH	256

static char *po_exe_path(struct file *file, gfp_t gfp)
{
	char shorter[PO_SHORT_PATH], *longer = NULL, *path, *exe = NULL;

	path = d_path(&file->f_path, shorter, sizeof(shorter));
	if (path == ERR_PTR(-ENAMETOOLONG)) {
		longer = kmalloc(PATH_MAX, gfp);
		if (longer)
			path = d_path(&file->f_path, longer, PATH_MAX);
	}
	if (!IS_ERR(path))
		exe = kstrdup(path, gfp);
	kfree(longer);

	return exe;
}

static int po_cgroup_write(struct task_struct *task, char *buf, size_t size)
{
	int len = po_task_cgroup_path(task, buf, size);

	return len < 0 || (size_t)len >= size ? -ENAMETOOLONG : 0;
}

static char *po_cgroup_path(struct task_struct *task, gfp_t gfp)
{
	char shorter[PO_SHORT_PATH], *longer, *cgroup = NULL;

	if (!po_cgroup_write(task, shorter, sizeof(shorter)))
		return kstrdup(shorter, gfp);

	longer = kmalloc(PATH_MAX, gfp);
	if (longer && !po_cgroup_write(task, longer, PATH_MAX))
		cgroup = kstrdup(longer, gfp);
	kfree(longer);

	return cgroup;
}

/**
 * po_proc_new() - describe a process by what is known of it
 * @pid: its thread group
 * @cred: its credentials
 * @comm: its command name, at most TASK_COMM_LEN bytes
 * @gfp: how memory is allocated
 *
 * Context: may sleep.
 * Return: a description, to be freed by po_proc_free(), or NULL without memory.
 */
struct po_proc *po_proc_new(struct pid *pid, const struct cred *cred,
			    const char *comm, gfp_t gfp)
{
	struct po_proc *proc = kzalloc(sizeof(*proc), gfp);

	if (!proc)
		return NULL;

	proc->pid = get_pid(pid);
	proc->cred = get_cred(cred);
	strscpy(proc->comm, comm, sizeof(proc->comm));

	return proc;
}

/**
 * po_proc_inspect() - add to a description what only the live process knows
 * @proc: description of @task
 * @task: any thread of the process; the caller holds a reference
 * @gfp: how memory is allocated
 *
 * Executable and cgroup stay unknown if the process is ending or memory is
 * short: a record with fewer details is better than none.
 *
 * Context: may sleep; takes task_lock() of @task.
 */
void po_proc_inspect(struct po_proc *proc, struct task_struct *task, gfp_t gfp)
{
	struct file *exe = NULL;
	struct mm_struct *mm;

	/*
	 * The lock keeps the address space; the last reference to that is not
	 * for us to drop, who would have to take it down.
	 */
	task_lock(task);
	mm = task->flags & PF_KTHREAD ? NULL : task->mm;
	proc->dumpable = po_task_dumpable(task, mm, &proc->mm_ns);
	/* Without a root of its own the caller, which is exiting, names none. */
	if (mm && current->fs)
		exe = po_mm_exe_file(mm);
	task_unlock(task);

	if (exe) {
		proc->exe = po_exe_path(exe, gfp);
		po_fput_later(exe);
	}
	proc->cgroup = po_cgroup_path(task, gfp);
}

/**
 * po_proc_of() - describe a live process
 * @task: any thread of it; the caller holds a reference
 * @gfp: how memory is allocated
 *
 * Context: may sleep; takes task_lock() of @task.
 * Return: a description, to be freed by po_proc_free(); NULL without memory,
 * or if the process is gone.
 */
struct po_proc *po_proc_of(struct task_struct *task, gfp_t gfp)
{
	const struct cred *cred = get_task_cred(task);
	struct task_struct *leader = NULL;
	struct po_proc *proc = NULL;
	char comm[TASK_COMM_LEN];
	struct pid *pid;

	rcu_read_lock();
	pid = get_pid(task_tgid(task));
	/* Not group_leader: that one may be gone while @task is held. */
	if (pid)
		leader = pid_task(pid, PIDTYPE_TGID);
	/* Another thread may be writing it; torn but always terminated. */
	if (leader)
		memcpy(comm, leader->comm, sizeof(comm));
	rcu_read_unlock();
	comm[sizeof(comm) - 1] = '\0';

	if (leader)
		proc = po_proc_new(pid, cred, comm, gfp);
	put_pid(pid);
	put_cred(cred);
	if (proc)
		po_proc_inspect(proc, task, gfp);

	return proc;
}

/**
 * po_proc_free() - drop a description, and those of older processes behind it
 * @proc: description, or NULL
 *
 * Context: may sleep.
 */
void po_proc_free(struct po_proc *proc)
{
	struct po_proc *older;

	for (; proc; proc = older) {
		older = proc->older;
		put_pid(proc->pid);
		put_cred(proc->cred);
		if (proc->mm_ns)
			put_user_ns(proc->mm_ns);
		kfree(proc->exe);
		kfree(proc->cgroup);
		kfree(proc);
		cond_resched();
	}
}

/**
 * po_proc_bytes() - memory that a description takes
 * @proc: description
 *
 * Return: bytes.
 */
size_t po_proc_bytes(const struct po_proc *proc)
{
	return sizeof(*proc) + (proc->exe ? strlen(proc->exe) + 1 : 0) +
	       (proc->cgroup ? strlen(proc->cgroup) + 1 : 0);
}
