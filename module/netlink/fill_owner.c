// SPDX-License-Identifier: GPL-2.0
/*
 * Processes of a socket as netlink attributes, as far as the reader may see
 * them: owners, the binder, and possible holders of untracked references.
 */

#include <linux/pid.h>
#include <net/netlink.h>

#include "core/core.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"

/* Decided by the owner's description if the binder is still an owner. */
static bool po_sees_binder(struct po_viewer *viewer, const struct po_sock *sock)
{
	const struct po_owner *owner;

	for (owner = sock->owners; owner; owner = owner->next) {
		if (owner->proc->pid == sock->bound->pid)
			return po_viewer_sees_proc(viewer, owner->proc);
		po_fill_resched(owner);
	}

	return po_viewer_sees_bound(viewer, sock->bound);
}

static int po_fill_binder(struct sk_buff *skb, struct po_viewer *viewer,
			  const struct po_sock *sock)
{
	const struct po_bound *bound = sock->bound;
	pid_t nr = pid_nr_ns(bound->pid, viewer->pid_ns);
	struct nlattr *nest;

	if (nla_put_u64_64bit(skb, PORTOWNER_A_SOCKET_AGE, bound->age,
			      PORTOWNER_A_SOCKET_PAD))
		return -EMSGSIZE;
	if (!po_sees_binder(viewer, sock))
		return 0;

	nest = nla_nest_start(skb, PORTOWNER_A_SOCKET_BINDER);
	if (!nest)
		return -EMSGSIZE;

	/* If it does not fit, the caller cancels the whole socket. */
	if ((nr && nla_put_u32(skb, PORTOWNER_A_BINDER_PID, nr)) ||
	    nla_put_string(skb, PORTOWNER_A_BINDER_COMM, bound->comm) ||
	    po_put_uid(skb, PORTOWNER_A_BINDER_UID, viewer, bound->uid) ||
	    (bound->alive && nla_put_flag(skb, PORTOWNER_A_BINDER_ALIVE)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}

/* Where untracked references may be, as far as the reader may know. */
static int po_fill_untracked(struct sk_buff *skb, struct po_viewer *viewer,
			     const struct po_sock *sock)
{
	const struct po_untracked *untracked;
	struct nlattr *nest;

	for (untracked = sock->untracked; untracked; untracked = untracked->next) {
		if (!po_viewer_sees_proc(viewer, untracked->proc))
			continue;
		nest = nla_nest_start(skb, PORTOWNER_A_SOCKET_UNSEEN);
		/* If it does not fit, the caller cancels the whole socket. */
		if (!nest ||
		    nla_put_u32(skb, PORTOWNER_A_UNSEEN_AT_WHERE,
				untracked->where) ||
		    po_put_pid(skb, PORTOWNER_A_UNSEEN_AT_PID, viewer,
			       untracked->proc) ||
		    nla_put_string(skb, PORTOWNER_A_UNSEEN_AT_COMM,
				   untracked->proc->comm))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}

	return 0;
}

static bool po_owners_hidden(struct po_viewer *viewer,
			     const struct po_sock *sock)
{
	const struct po_owner *owner;

	for (owner = sock->owners; owner; owner = owner->next) {
		if (!po_viewer_sees_proc(viewer, owner->proc))
			return true;
		po_fill_resched(owner);
	}

	return false;
}

/**
 * po_fill_sock_procs() - put all about a socket's processes but the owners
 * @skb: message; the caller cancels its nest on failure
 * @viewer: reader
 * @sock: socket
 *
 * Context: the task that receives the reply.
 * Return: 0 or -EMSGSIZE.
 */
int po_fill_sock_procs(struct sk_buff *skb, struct po_viewer *viewer,
		       const struct po_sock *sock)
{
	if (sock->bound && po_fill_binder(skb, viewer, sock))
		return -EMSGSIZE;
	if (po_fill_untracked(skb, viewer, sock))
		return -EMSGSIZE;
	if (po_owners_hidden(viewer, sock) &&
	    nla_put_flag(skb, PORTOWNER_A_SOCKET_OWNERS_HIDDEN))
		return -EMSGSIZE;
	if (sock->owners_incomplete &&
	    nla_put_flag(skb, PORTOWNER_A_SOCKET_OWNERS_INCOMPLETE))
		return -EMSGSIZE;

	return 0;
}

/* Start an owner's nest, with the common attributes; NULL without room. */
static struct nlattr *po_start_owner(struct sk_buff *skb,
				     const struct po_owner *owner, pid_t nr,
				     bool repeated)
{
	struct nlattr *nest = (struct nlattr *)skb_tail_pointer(skb);

	if (!po_reserve(skb, PORTOWNER_A_SOCKET_OWNER | NLA_F_NESTED, 0))
		return NULL;
	if ((nr && po_put_u32(skb, PORTOWNER_A_OWNER_PID, nr)) ||
	    po_put_u32(skb, PORTOWNER_A_OWNER_FD, owner->fd) ||
	    (repeated && !po_reserve(skb, PORTOWNER_A_OWNER_REPEATED, 0))) {
		nla_nest_cancel(skb, nest);
		return NULL;
	}

	return nest;
}

/* Put the description of an owner's process, except for the id. */
static int po_fill_owner_proc(struct sk_buff *skb,
			      const struct po_viewer *viewer,
			      const struct po_proc *proc)
{
	return po_put_uid(skb, PORTOWNER_A_OWNER_UID, viewer, proc->cred->euid) ?:
	       po_put_string(skb, PORTOWNER_A_OWNER_COMM, proc->comm) ?:
	       po_put_string(skb, PORTOWNER_A_OWNER_EXE, proc->exe) ?:
	       po_put_string(skb, PORTOWNER_A_OWNER_CGROUP,
			     po_viewer_cgroup(viewer, proc));
}

static int po_fill_owner(struct sk_buff *skb, const struct po_viewer *viewer,
			 const struct po_owner *owner)
{
	const struct po_proc *proc = owner->proc;
	pid_t nr = pid_nr_ns(proc->pid, viewer->pid_ns);
	bool repeats = viewer->known && nr && !proc->pid_reused;
	bool repeated = repeats && test_bit(proc->nr, viewer->known);
	struct nlattr *nest;
	int err;

	nest = po_start_owner(skb, owner, nr, repeated);
	if (!nest)
		return -EMSGSIZE;

	err = repeated ? 0 : po_fill_owner_proc(skb, viewer, proc);
	if (err || po_full(skb)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	/* Committed: po_fill_sock() never cancels once an owner was put. */
	if (repeats && !repeated)
		__set_bit(proc->nr, viewer->known);

	return 0;
}

/**
 * po_fill_owners() - put as many owners of a socket into its nest as fit
 * @skb: message
 * @viewer: reader
 * @from: in: first owner to be put, or NULL; out: first owner that did not fit
 *
 * Context: the task that receives the reply.
 * Return: whether any was put.
 */
bool po_fill_owners(struct sk_buff *skb, struct po_viewer *viewer,
		    const struct po_owner **from)
{
	const struct po_owner *owner = *from;
	bool progress = false;

	for (; owner; owner = owner->next) {
		if (!po_viewer_sees_proc(viewer, owner->proc)) {
			po_fill_resched(owner);
			continue;
		}
		if (po_fill_owner(skb, viewer, owner))
			break;
		progress = true;
	}
	*from = owner;

	return progress;
}
