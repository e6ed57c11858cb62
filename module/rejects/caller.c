// SPDX-License-Identifier: GPL-2.0
/* The process that was refused a bind, and its ancestors. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "core/core.h"
#include "rejects/rejects.h"

/* The parent of a thread group, or NULL. Under RCU. */
static struct pid *po_parent(struct pid *pid)
{
	struct task_struct *task = pid_task(pid, PIDTYPE_TGID);

	if (!task)
		return NULL;

	task = rcu_dereference(task->real_parent);

	/* The parent of init is the idle task of the boot CPU. */
	return is_idle_task(task) ? NULL : task_tgid(task);
}

static bool po_is_reaper(struct pid *pid)
{
	struct task_struct *task = pid_task(pid, PIDTYPE_TGID);

	return task && task->signal->is_child_subreaper;
}

/* Recorded now: an ancestor may exit once the caller continues. */
static void po_find_ancestors(struct po_caller *caller)
{
	struct pid *pid = caller->proc->pid;

	rcu_read_lock();
	while (caller->nr_ancestors < PO_ANCESTORS) {
		pid = po_parent(pid);
		if (!pid)
			break;
		if (!caller->reaper && po_is_reaper(pid))
			caller->reaper = pid;
		caller->ancestors[caller->nr_ancestors++] = get_pid(pid);
	}
	rcu_read_unlock();
}

/**
 * po_reaper() - the nearest child subreaper above a process
 * @pid: thread group
 *
 * A child subreaper adopts orphans: the init of a container, the manager of a
 * user's services, or "portowner run". Processes with the same subreaper share
 * all its ancestors, even if they are restarted repeatedly.
 *
 * Context: any.
 * Return: thread group to be released by put_pid(), or NULL if there is none
 * among the nearest %PO_ANCESTORS ancestors.
 */
struct pid *po_reaper(struct pid *pid)
{
	struct pid *found = NULL;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; !found && i < PO_ANCESTORS; i++) {
		pid = po_parent(pid);
		if (!pid)
			break;
		if (po_is_reaper(pid))
			found = get_pid(pid);
	}
	rcu_read_unlock();

	return found;
}

/* What decides about privileged ports; a capability also counts in the namespaces below. */
static u8 po_caller_rights(const struct net *net, const struct cred *cred)
{
	const struct user_namespace *ns;
	u8 flags = 0;

	if (cap_raised(cred->cap_effective, CAP_NET_BIND_SERVICE))
		flags |= PORTOWNER_CALLER_FLAG_BIND_SERVICE;
	for (ns = net->user_ns; ns; ns = ns->parent)
		if (ns == cred->user_ns)
			return flags;

	return flags | PORTOWNER_CALLER_FLAG_FOREIGN_NETNS;
}

/**
 * po_caller_new() - describe a process that was refused a bind
 * @net: network namespace of the socket
 * @pid: its thread group
 * @cred: its credentials at that time
 * @comm: its command name at that time
 *
 * Context: may sleep.
 * Return: description, to be released by po_caller_put(), or NULL without
 * memory.
 */
struct po_caller *po_caller_new(const struct net *net, struct pid *pid, const struct cred *cred,
				const char *comm)
{
	struct po_caller *caller = kzalloc(sizeof(*caller), PO_GFP_REFUSED);
	struct task_struct *task;

	if (!caller)
		return NULL;

	refcount_set(&caller->refs, 1);
	caller->proc = po_proc_new(pid, cred, comm, PO_GFP_REFUSED);
	if (!caller->proc) {
		kfree(caller);
		return NULL;
	}

	caller->proc->flags = po_caller_rights(net, cred);
	task = get_pid_task(pid, PIDTYPE_TGID);
	if (task) {
		po_proc_inspect(caller->proc, task, PO_PATHS_ALL, PO_GFP_REFUSED);
		put_task_struct(task);
	}
	po_find_ancestors(caller);
	caller->bytes = sizeof(*caller) + po_proc_bytes(caller->proc);

	return caller;
}

/**
 * po_caller_put() - drop a reference to a description
 * @caller: description, or NULL
 *
 * Context: may sleep.
 */
void po_caller_put(struct po_caller *caller)
{
	if (!caller || !refcount_dec_and_test(&caller->refs))
		return;

	while (caller->nr_ancestors)
		put_pid(caller->ancestors[--caller->nr_ancestors]);
	po_proc_free(caller->proc);
	kfree(caller);
}
