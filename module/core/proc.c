// SPDX-License-Identifier: GPL-2.0
/* Describe a process while it exists. */

#include <linux/cgroup.h>
#include <linux/file.h>
#include <linux/kernfs.h>
#include <linux/mount.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/user_namespace.h>

#include "core/core.h"

/* Shorter paths are built on the stack, longer ones in an allocated buffer. */
#define PO_SHORT_PATH	256

/* Estimated instructions to describe a process, and per byte of the result. */
#define PO_COST_PROC	4000
#define PO_COST_PATH	20

/* Per level, squared: the kernel finds the path of a control group anew for each level. */
#define PO_COST_LEVEL	6

/* A path that takes longer counts towards PO_SLOW_PATHS. */
#define PO_SLOW_PATH_NS	(100 * NSEC_PER_USEC)

/* PATH_MAX bytes, and two that po_cgroup_path_of() requires to be left. */
#define PO_CGROUP_PATH	(PATH_MAX + 2)

/*
 * Whether the path of an executable may take long to find: the kernel passes each mount
 * on the way, and users can stack any number of these in a user namespace of their own.
 * The flag is set on all mounts that were copied for such a namespace.
 */
static bool po_exe_is_far(const struct file *file)
{
	const struct vfsmount *mnt = file->f_path.mnt;

	return mnt->mnt_flags & MNT_LOCK_ATIME || mnt->mnt_sb->s_user_ns != &init_user_ns;
}

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

static void po_proc_exe(struct po_proc *proc, struct file *exe, bool far, gfp_t gfp)
{
	u64 start;

	if (!po_exe_is_far(exe)) {
		proc->exe = po_exe_path(exe, gfp);
	} else if (far) {
		start = ktime_get_ns();
		proc->exe = po_exe_path(exe, gfp);
		proc->path_slow = ktime_get_ns() - start > PO_SLOW_PATH_NS;
	} else {
		proc->path_skipped = true;
	}
}

/* Set the path of the control group if it has at most @levels levels, or return -E2BIG. */
static int po_proc_cgroup(struct po_proc *proc, struct task_struct *task, int levels, gfp_t gfp)
{
	char shorter[PO_SHORT_PATH], *longer;
	int len = po_task_cgroup_path(task, levels, shorter, sizeof(shorter));

	if (len >= 0)
		proc->cgroup = kstrdup(shorter, gfp);
	if (len != -ENAMETOOLONG)
		return min(len, 0);

	longer = kmalloc(PO_CGROUP_PATH, gfp);
	len = longer ? po_task_cgroup_path(task, levels, longer, PO_CGROUP_PATH) : -ENOMEM;
	if (len >= 0)
		proc->cgroup = kstrdup(longer, gfp);
	kfree(longer);

	return min(len, 0);
}

/**
 * po_proc_new() - create a process description from given values
 * @pid: its thread group
 * @cred: its credentials
 * @comm: its command name, at most TASK_COMM_LEN bytes
 * @gfp: allocation flags
 *
 * Context: may sleep.
 * Return: description, to be freed by po_proc_free(), or NULL without memory.
 */
struct po_proc *po_proc_new(struct pid *pid, const struct cred *cred,
			    const char *comm, gfp_t gfp)
{
	struct po_proc *proc = kzalloc(sizeof(*proc), gfp);

	if (!proc)
		return NULL;

	proc->pid = get_pid(pid);
	proc->cred = po_get_cred(cred);
	strscpy(proc->comm, comm, sizeof(proc->comm));

	return proc;
}

/* Whether to look up a path even if that may take long. */
static bool po_paths_far(enum po_paths paths, const struct po_proc *proc)
{
	return paths == PO_PATHS_ALL ||
	       (paths == PO_PATHS_OWN &&
		uid_eq(po_payer(proc->cred), po_payer(current_cred())));
}

/**
 * po_proc_inspect() - add details of the live process to a description
 * @proc: description of @task
 * @task: any thread of the process; the caller holds a reference
 * @paths: which paths to look up
 * @gfp: allocation flags
 *
 * Executable and cgroup stay unknown if the process is exiting or memory is
 * short: a record with fewer details is better than none.
 *
 * Context: may sleep; takes task_lock() of @task.
 */
void po_proc_inspect(struct po_proc *proc, struct task_struct *task, enum po_paths paths,
		     gfp_t gfp)
{
	bool far = po_paths_far(paths, proc);
	struct file *exe = NULL;
	struct mm_struct *mm;

	/*
	 * The lock keeps task->mm alive. A reference to it could turn out to be
	 * the last, and we would have to tear down the address space.
	 */
	task_lock(task);
	mm = task->flags & PF_KTHREAD ? NULL : task->mm;
	proc->dumpable = po_task_dumpable(task, mm, &proc->mm_ns);
	/* An exiting caller has no root directory to resolve a path against. */
	if (mm && current->fs && paths != PO_PATHS_NONE)
		exe = po_mm_exe_file(mm);
	task_unlock(task);

	if (task_no_new_privs(task))
		proc->flags |= PORTOWNER_CALLER_FLAG_NO_NEW_PRIVS;
	if (exe) {
		if (exe->f_path.mnt->mnt_flags & MNT_NOSUID)
			proc->flags |= PORTOWNER_CALLER_FLAG_NOSUID;
		po_proc_exe(proc, exe, far, gfp);
		po_fput_later(exe);
	}
	if (paths != PO_PATHS_NONE &&
	    po_proc_cgroup(proc, task, far ? PO_CGROUP_LEVELS : PO_CGROUP_NEAR, gfp) == -E2BIG)
		proc->path_skipped |= !far;
}

/**
 * po_proc_of() - describe a live process
 * @task: any thread of the process; the caller holds a reference
 * @paths: which paths to look up
 * @gfp: allocation flags
 *
 * Context: may sleep; takes task_lock() of @task.
 * Return: description, to be freed by po_proc_free(); NULL without memory, or
 * if the process is gone.
 */
struct po_proc *po_proc_of(struct task_struct *task, enum po_paths paths, gfp_t gfp)
{
	const struct cred *cred = po_get_task_cred(task);
	struct task_struct *leader = NULL;
	struct po_proc *proc = NULL;
	char comm[TASK_COMM_LEN];
	struct pid *pid;

	rcu_read_lock();
	pid = get_pid(task_tgid(task));
	/* Not group_leader: a reference to @task does not keep it alive. */
	if (pid)
		leader = pid_task(pid, PIDTYPE_TGID);
	if (leader)
		po_copy_comm(comm, leader);
	rcu_read_unlock();

	if (leader)
		proc = po_proc_new(pid, cred, comm, gfp);
	put_pid(pid);
	put_cred(cred);
	if (proc)
		po_proc_inspect(proc, task, paths, gfp);

	return proc;
}

/**
 * po_proc_free() - free a description and those of older processes linked to it
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
 * po_proc_bytes() - get the size of a description
 * @proc: description
 *
 * Context: any.
 * Return: bytes of memory that it takes.
 */
size_t po_proc_bytes(const struct po_proc *proc)
{
	return sizeof(*proc) + (proc->exe ? strlen(proc->exe) + 1 : 0) +
	       (proc->cgroup ? strlen(proc->cgroup) + 1 : 0);
}

/**
 * po_proc_cost() - estimate what it took to describe a process
 * @proc: description
 *
 * Context: any.
 * Return: number of instructions.
 */
u32 po_proc_cost(const struct po_proc *proc)
{
	const char *c = proc->cgroup ?: "";
	u32 levels = 0;

	for (; *c; c++)
		levels += *c == '/';

	return PO_COST_PROC + PO_COST_PATH * po_proc_bytes(proc) +
	       PO_COST_LEVEL * levels * levels;
}
