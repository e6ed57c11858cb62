/* SPDX-License-Identifier: GPL-2.0 */
/* Paths of control groups, and indices of their BPF programs. */

#ifndef _PO_COMPAT_CGROUP_H
#define _PO_COMPAT_CGROUP_H

#include <linux/cgroup.h>
#include <linux/err.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

/* 5.15 renamed the indices of the BPF programs of a cgroup. */
#ifdef PO_HAS_CGROUP_BPF_TYPES
#define PO_BPF_INET4_BIND	CGROUP_INET4_BIND
#define PO_BPF_INET6_BIND	CGROUP_INET6_BIND
#define PO_BPF_INET4_POST_BIND	CGROUP_INET4_POST_BIND
#define PO_BPF_INET6_POST_BIND	CGROUP_INET6_POST_BIND
#else
#define PO_BPF_INET4_BIND	BPF_CGROUP_INET4_BIND
#define PO_BPF_INET6_BIND	BPF_CGROUP_INET6_BIND
#define PO_BPF_INET4_POST_BIND	BPF_CGROUP_INET4_POST_BIND
#define PO_BPF_INET6_POST_BIND	BPF_CGROUP_INET6_POST_BIND
#endif

/*
 * Get the path of a control group. Returns its length; -E2BIG if it has more than @levels
 * levels; -ENAMETOOLONG if it may be cut: on newer kernels, cgroup_path() returns the length
 * written even then, so a path that fills the buffer may not be whole.
 */
static inline int po_cgroup_path_of(struct cgroup *cgrp, int levels, char *buf, size_t size)
{
#ifdef CONFIG_CGROUPS
	int len;

	if (cgrp->level > levels)
		return -E2BIG;

	len = cgroup_path(cgrp, buf, size);

	return len >= 0 && (size_t)len >= size - 1 ? -ENAMETOOLONG : len;
#else
	return -EOPNOTSUPP;
#endif
}

/**
 * po_task_cgroup_path() - get the path of a process in the cgroup v2 hierarchy
 * @task: process; the caller holds a reference
 * @levels: maximum number of levels; the kernel takes steps in proportion to its square
 * @buf: result
 * @size: size of @buf
 *
 * Context: any that may enter an RCU read-side section.
 * Return: length of the path; -ENAMETOOLONG if it may be cut; -E2BIG if it has more than
 * @levels levels; another negative errno if there is none.
 */
static inline int po_task_cgroup_path(struct task_struct *task, int levels, char *buf,
				      size_t size)
{
#ifdef CONFIG_CGROUPS
	int len;

	rcu_read_lock();
	len = po_cgroup_path_of(task_dfl_cgroup(task), levels, buf, size);
	rcu_read_unlock();

	return len;
#else
	return -EOPNOTSUPP;
#endif
}

/**
 * po_root_cgroup() - get the root of the current process's cgroup namespace
 *
 * Context: process context; the process keeps the result alive.
 * Return: cgroup, or NULL if it is the root of the hierarchy.
 */
static inline struct cgroup *po_root_cgroup(void)
{
#ifdef CONFIG_CGROUPS
	struct cgroup *cgrp = current->nsproxy->cgroup_ns->root_cset->dfl_cgrp;

	return cgrp == &cgrp_dfl_root.cgrp ? NULL : cgrp;
#else
	return NULL;
#endif
}

#endif /* _PO_COMPAT_CGROUP_H */
