// SPDX-License-Identifier: GPL-2.0
/*
 * What a reader may see: processes that it could inspect through a /proc of its
 * own, its own refusals, and those of a namespace that it administers.
 */

#include <linux/capability.h>
#include <linux/cgroup.h>
#include <linux/file.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <net/netlink.h>

#include "core/core.h"
#include "netlink/netlink.h"

static const struct cred *po_requester_cred(const struct sk_buff *skb)
{
	return NETLINK_CB(skb).sk->sk_socket->file->f_cred;
}

/**
 * po_capable() - whether a reader has a capability
 * @skb: request being answered
 * @ns: user namespace over which it is required
 * @cap: capability
 *
 * Both the opener of the socket and the receiving task must have it. If the
 * request was sent to an address, netlink_ns_capable() checks only current; but
 * during a dump, current may be a privileged program that was handed the
 * descriptor, and the answer goes to the sender of the request.
 *
 * Context: the task that receives the reply.
 * Return: true if so.
 */
bool po_capable(const struct sk_buff *skb, struct user_namespace *ns, int cap)
{
	const struct cred *opener = po_requester_cred(skb), *reader;
	bool capable = ns_capable_noaudit(ns, cap);

	if (!capable || opener == current_cred())
		return capable;

	reader = override_creds(opener);
	capable = ns_capable_noaudit(ns, cap);
	revert_creds(reader);

	return capable;
}

/**
 * po_sees_host() - whether a reader may see counters of the whole host
 * @skb: request being answered
 *
 * Such counters reveal activity in other namespaces.
 *
 * Context: the task that receives the reply.
 * Return: true if it is in the initial network and user namespaces, or has
 * CAP_NET_ADMIN in the initial user namespace.
 */
bool po_sees_host(const struct sk_buff *skb)
{
	if (net_eq(sock_net(NETLINK_CB(skb).sk), &init_net) &&
	    current_user_ns() == &init_user_ns &&
	    po_requester_cred(skb)->user_ns == &init_user_ns)
		return true;

	return po_capable(skb, &init_user_ns, CAP_NET_ADMIN);
}

/* The root of the reader's cgroup namespace; NULL if that of the hierarchy. */
static int po_cgroup_root(char **root)
{
	struct cgroup *cgrp = po_root_cgroup();
	int len;

	*root = NULL;
	if (!cgrp)
		return 0;

	*root = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!*root)
		return -ENOMEM;

	len = po_cgroup_path_of(cgrp, PO_CGROUP_LEVELS, *root, PATH_MAX);
	if (len == -E2BIG) {
		/* Groups below it have no path either, and no path begins with this. */
		strscpy(*root, "?", PATH_MAX);
	} else if (len < 0) {
		kfree(*root);
		return -ENAMETOOLONG;
	}

	return 0;
}

/**
 * po_viewer_init() - identify the reader
 * @viewer: result
 * @skb: request being answered
 *
 * Context: the task that receives the reply; may sleep.
 * Return: 0, -ENOMEM or -ENAMETOOLONG; on success, po_viewer_destroy() must be
 * called.
 */
int po_viewer_init(struct po_viewer *viewer, const struct sk_buff *skb)
{
	memset(viewer, 0, sizeof(*viewer));
	viewer->skb = skb;
	viewer->user_ns = sk_user_ns(NETLINK_CB(skb).sk);
	viewer->pid_ns = task_active_pid_ns(current);

	return po_cgroup_root(&viewer->cgroup_root);
}

/**
 * po_viewer_destroy() - release what po_viewer_init() took
 * @viewer: viewer
 *
 * Context: any.
 */
void po_viewer_destroy(struct po_viewer *viewer)
{
	kfree(viewer->cgroup_root);
}

/* A process of the same user may have rights that the reader lacks. */
static bool po_cred_owns(const struct cred *reader, const struct cred *cred)
{
	return reader->user_ns == cred->user_ns &&
	       cap_issubset(cred->cap_permitted, reader->cap_effective) &&
	       uid_eq(reader->fsuid, cred->uid) &&
	       uid_eq(reader->fsuid, cred->euid) &&
	       uid_eq(reader->fsuid, cred->suid) &&
	       gid_eq(reader->fsgid, cred->gid) &&
	       gid_eq(reader->fsgid, cred->egid) &&
	       gid_eq(reader->fsgid, cred->sgid);
}

/* Both the opener of the socket and the receiving task must qualify. */
static bool po_viewer_owns(const struct po_viewer *viewer,
			   const struct cred *cred)
{
	return po_cred_owns(current_cred(), cred) &&
	       po_cred_owns(po_requester_cred(viewer->skb), cred);
}

static bool po_cred_is(const struct cred *cred, const struct user_namespace *ns,
		       kuid_t uid)
{
	return cred->user_ns == ns && uid_eq(cred->euid, uid);
}

/*
 * Whether a user both opened the socket and reads from it. The same uid in
 * another user namespace is a different user.
 */
static bool po_viewer_is(const struct po_viewer *viewer,
			 const struct user_namespace *ns, kuid_t uid)
{
	return po_cred_is(current_cred(), ns, uid) &&
	       po_cred_is(po_requester_cred(viewer->skb), ns, uid);
}

static bool po_viewer_capable(const struct po_viewer *viewer,
			      struct user_namespace *ns)
{
	return po_capable(viewer->skb, ns, CAP_SYS_PTRACE) ||
	       po_capable(viewer->skb, ns, CAP_NET_ADMIN);
}

/*
 * Whether a process is in the reader's pid namespace or one below it. Otherwise
 * the reader's /proc does not list it, regardless of its user. Of the opener of
 * the socket, only the credentials are known.
 */
static bool po_viewer_has_pid(const struct po_viewer *viewer, struct pid *pid)
{
	return pid_nr_ns(pid, viewer->pid_ns);
}

static bool po_viewer_may_inspect(const struct po_viewer *viewer,
				  const struct po_proc *proc)
{
	if (proc->pid == task_tgid(current) &&
	    po_viewer_is(viewer, current_user_ns(), current_euid()))
		return true;
	if (!proc->dumpable &&
	    !po_viewer_capable(viewer, proc->mm_ns ?: &init_user_ns))
		return false;

	return (po_viewer_has_pid(viewer, proc->pid) &&
		po_viewer_owns(viewer, proc->cred)) ||
	       po_viewer_capable(viewer, proc->cred->user_ns);
}

/**
 * po_viewer_forget() - forget the last verdict about a process
 * @viewer: viewer
 *
 * Must be called before that process can be freed.
 *
 * Context: any.
 */
void po_viewer_forget(struct po_viewer *viewer)
{
	viewer->last = NULL;
}

/**
 * po_viewer_sees_proc() - whether a reader may see a process
 * @viewer: reader
 * @proc: process
 *
 * Decides like ptrace_may_access() for reading, which modules cannot call,
 * through a /proc of the reader's pid namespace. CAP_SYS_PTRACE or
 * CAP_NET_ADMIN over a process makes it visible from anywhere. Security modules
 * are not consulted.
 *
 * Context: the task that receives the reply.
 * Return: true if it may.
 */
bool po_viewer_sees_proc(struct po_viewer *viewer, const struct po_proc *proc)
{
	if (viewer->last != proc) {
		viewer->last_visible = po_viewer_may_inspect(viewer, proc);
		viewer->last = proc;
	}

	return viewer->last_visible;
}

/*
 * Whether a process has an address space, and if so, who may inspect it. As in
 * po_proc_inspect(), a reference to the address space could be the last one, and
 * generic netlink's lock would be held while it is torn down.
 */
static bool po_inspect_mm(struct po_proc *proc, struct task_struct *task)
{
	struct mm_struct *mm;

	task_lock(task);
	mm = task->flags & PF_KTHREAD ? NULL : task->mm;
	if (mm)
		proc->dumpable = po_task_dumpable(task, mm, &proc->mm_ns);
	task_unlock(task);

	return mm;
}

static bool po_viewer_may_inspect_task(const struct po_viewer *viewer,
				       struct po_proc *proc,
				       struct task_struct *task)
{
	bool may;

	proc->cred = po_get_task_cred(task);
	may = po_viewer_may_inspect(viewer, proc);
	put_user_ns(proc->mm_ns);
	put_cred(proc->cred);

	return may;
}

/*
 * Whether a process that has exited belonged to the reader. Its user and
 * network namespace are known; its user namespace is assumed to be the owner of
 * its pid namespace, provided that this also owns the network namespace.
 */
static bool po_viewer_owned(const struct po_viewer *viewer,
			    const struct po_bound *bound)
{
	struct user_namespace *ns = sock_net(NETLINK_CB(viewer->skb).sk)->user_ns;

	return po_viewer_has_pid(viewer, bound->pid) &&
	       ns_of_pid(bound->pid)->user_ns == ns &&
	       po_viewer_is(viewer, ns, bound->uid);
}

/**
 * po_viewer_sees_bound() - whether a reader may see the binder of a socket
 * @viewer: reader, in the network namespace of the socket
 * @bound: binder
 *
 * A running binder is subject to the rules for any process. After its exit, and
 * if it is a kernel thread, it is shown to its user, and to readers who may see
 * every process.
 *
 * Context: the task that receives the reply; may sleep.
 * Return: true if it may.
 */
bool po_viewer_sees_bound(const struct po_viewer *viewer,
			  const struct po_bound *bound)
{
	struct po_proc proc = { .pid = bound->pid };
	struct task_struct *task;
	bool sees;

	if (po_viewer_capable(viewer, &init_user_ns))
		return true;

	task = get_pid_task(bound->pid, PIDTYPE_TGID);
	sees = task && po_inspect_mm(&proc, task) ?
		       po_viewer_may_inspect_task(viewer, &proc, task) :
		       po_viewer_owned(viewer, bound);
	if (task)
		put_task_struct(task);

	return sees;
}

/* Whether the reader's own user was refused, in its pid namespace or below. */
static bool po_viewer_was_refused(const struct po_viewer *viewer,
				  const struct po_proc *caller)
{
	return po_viewer_has_pid(viewer, caller->pid) &&
	       po_viewer_is(viewer, caller->cred->user_ns, caller->cred->euid);
}

/**
 * po_viewer_sees_reject() - whether a reader may see a refused bind
 * @viewer: reader, in the namespace of the reject
 * @caller: refused process
 *
 * Context: the task that receives the reply.
 * Return: true if it is the reader's own, or the reader has CAP_NET_ADMIN over
 * the network namespace.
 */
bool po_viewer_sees_reject(const struct po_viewer *viewer,
			   const struct po_proc *caller)
{
	const struct sock *sk = NETLINK_CB(viewer->skb).sk;

	return po_viewer_was_refused(viewer, caller) ||
	       po_capable(viewer->skb, sock_net(sk)->user_ns, CAP_NET_ADMIN);
}

/**
 * po_viewer_sees_caller() - whether a reader may see the refused process
 * @viewer: reader, who may see the reject
 * @caller: refused process
 *
 * A process may be refused in the network namespace of a user who has no rights
 * over it.
 *
 * Context: the task that receives the reply.
 * Return: true if it may see the process id and name.
 */
bool po_viewer_sees_caller(const struct po_viewer *viewer,
			   const struct po_proc *caller)
{
	return po_viewer_was_refused(viewer, caller) ||
	       po_viewer_capable(viewer, caller->cred->user_ns);
}

/**
 * po_viewer_cgroup() - get the cgroup path of a process, as seen by a reader
 * @viewer: reader
 * @proc: process
 *
 * Context: any.
 * Return: path below the root of the reader's cgroup namespace; NULL if it is
 * outside or unknown.
 */
const char *po_viewer_cgroup(const struct po_viewer *viewer,
			     const struct po_proc *proc)
{
	const char *path = proc->cgroup;
	size_t len;

	if (!path || !viewer->cgroup_root)
		return path;

	len = strlen(viewer->cgroup_root);
	if (strncmp(path, viewer->cgroup_root, len))
		return NULL;
	if (!path[len])
		return "/";

	return path[len] == '/' ? path + len : NULL;
}
