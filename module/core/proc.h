/* SPDX-License-Identifier: GPL-2.0 */
/* A process at the moment it was found; other folders include core.h. */

#ifndef _PO_PROC_H
#define _PO_PROC_H

#include <linux/compiler.h>
#include <linux/cred.h>
#include <linux/gfp.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/types.h>

struct user_namespace;

/* ---- reads that race with the owner of what is read ---- */

static inline const struct cred *po_get_cred(const struct cred *cred)
{
	/* Clears a flag that others clear, too: even that can be reported as a race. */
	return data_race(get_cred(cred));
}

static inline const struct cred *po_get_task_cred(struct task_struct *task)
{
	/* As in po_get_cred(). */
	return data_race(get_task_cred(task));
}

static inline void po_copy_comm(char *comm, const struct task_struct *task)
{
	/* A concurrent write may tear the name, but it stays terminated. */
	data_race(memcpy(comm, task->comm, TASK_COMM_LEN));
	comm[TASK_COMM_LEN - 1] = '\0';
}

/* ---- proc.c: descriptions of processes ---- */

/*
 * Levels up to which the path of a control group is looked up: by a reader, and for the
 * refused bind of another user. Users to whom a group is delegated can nest any number
 * of others in it. Services and containers in containers have ten or so.
 */
#define PO_CGROUP_LEVELS	128
#define PO_CGROUP_NEAR		32

/**
 * enum po_paths - which paths of processes to look up
 * @PO_PATHS_NONE: none
 * @PO_PATHS_NEAR: those that are quickly found
 * @PO_PATHS_OWN: those, and all of processes with the same payer
 * @PO_PATHS_ALL: all
 */
enum po_paths {
	PO_PATHS_NONE,
	PO_PATHS_NEAR,
	PO_PATHS_OWN,
	PO_PATHS_ALL,
};

/**
 * struct po_proc - a process that holds a socket or was refused a bind
 * @older: an earlier process with the same id, or NULL; freed with this one
 * @pid: thread group, translated for each reader; a reference is held
 * @cred: credentials of the process; a reference is held
 * @mm_ns: user namespace that owns the address space; the initial one for a
 *	process without an address space, NULL if the process had exited; a
 *	reference is held
 * @dumpable: whether the process's own user may inspect it
 * @flags: enum portowner_caller_flag, as of the description
 * @pid_reused: the snapshot contains another process with the same id
 * @path_skipped: a path was not looked up, since that may take long
 * @path_slow: looking up a path took long
 * @nr: sequence number within its &struct po_snap
 * @comm: command name; any bytes, NUL-terminated
 * @exe: path of the executable, or NULL
 * @cgroup: path in the cgroup v2 hierarchy, from its root, or NULL
 *
 * Immutable once its &struct po_snap is complete.
 */
struct po_proc {
	struct po_proc *older;
	struct pid *pid;
	const struct cred *cred;
	struct user_namespace *mm_ns;
	bool dumpable;
	u8 flags;
	bool pid_reused;
	bool path_skipped;
	bool path_slow;
	u32 nr;
	char comm[TASK_COMM_LEN];
	char *exe;
	char *cgroup;
};

struct po_proc *po_proc_new(struct pid *pid, const struct cred *cred,
			    const char *comm, gfp_t gfp);
struct po_proc *po_proc_of(struct task_struct *task, enum po_paths paths, gfp_t gfp);
void po_proc_inspect(struct po_proc *proc, struct task_struct *task, enum po_paths paths,
		     gfp_t gfp);
void po_proc_free(struct po_proc *proc);
size_t po_proc_bytes(const struct po_proc *proc);
u32 po_proc_cost(const struct po_proc *proc);

#endif /* _PO_PROC_H */
