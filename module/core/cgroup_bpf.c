// SPDX-License-Identifier: GPL-2.0
/* BPF programs attached to a cgroup that can refuse a bind. */

#include <linux/bpf.h>
#include <linux/cgroup.h>
#include <net/sock.h>

#include "core/core.h"

#ifdef CONFIG_CGROUP_BPF
static bool po_cgroup_has_prog(const struct cgroup *cgroup, unsigned int type)
{
	struct bpf_prog_array *progs = rcu_dereference(cgroup->bpf.effective[type]);

	return progs && progs->items[0].prog;
}

/* Called in an RCU read-side section. */
static bool po_cgroup_has_bind_prog(const struct cgroup *cgroup, u16 family)
{
	if (family == AF_INET)
		return po_cgroup_has_prog(cgroup, PO_BPF_INET4_BIND) ||
		       po_cgroup_has_prog(cgroup, PO_BPF_INET4_POST_BIND);

	return po_cgroup_has_prog(cgroup, PO_BPF_INET6_BIND) ||
	       po_cgroup_has_prog(cgroup, PO_BPF_INET6_POST_BIND);
}

/**
 * po_current_has_bind_prog() - whether BPF would check binds of this task
 * @family: AF_INET or AF_INET6
 *
 * Context: process context.
 * Return: true if a program applies to the cgroup of the current task.
 */
bool po_current_has_bind_prog(u16 family)
{
	bool ret;

	rcu_read_lock();
	ret = po_cgroup_has_bind_prog(task_dfl_cgroup(current), family);
	rcu_read_unlock();

	return ret;
}

/**
 * po_sock_has_bind_prog() - whether BPF checks binds of a socket
 * @sk: socket; the caller holds a reference
 *
 * Context: any.
 * Return: true if a program applies to the cgroup of the socket.
 */
bool po_sock_has_bind_prog(struct sock *sk)
{
	bool ret;

	rcu_read_lock();
	ret = po_cgroup_has_bind_prog(sock_cgroup_ptr(&sk->sk_cgrp_data),
				      sk->sk_family);
	rcu_read_unlock();

	return ret;
}

static void po_count_progs(const struct cgroup *cgroup, unsigned int type,
			   const struct bpf_prog **only, unsigned int *nr)
{
	const struct bpf_prog_array *progs;
	const struct bpf_prog_array_item *item;

	progs = rcu_dereference(cgroup->bpf.effective[type]);
	for (item = progs ? progs->items : NULL; item && item->prog; item++) {
		*only = item->prog;
		++*nr;
	}
}

/**
 * po_sock_bind_prog() - get the BPF program that checks binds of a socket
 * @sk: socket; the caller holds a reference
 * @prog: result; its id is 0 if there is none, or several, any of which may
 *	have refused
 *
 * Context: any.
 */
void po_sock_bind_prog(struct sock *sk, struct po_bpf_prog *prog)
{
	const struct bpf_prog *only = NULL;
	const struct cgroup *cgroup;
	bool v4 = sk->sk_family == AF_INET;
	unsigned int nr = 0;

	memset(prog, 0, sizeof(*prog));
	rcu_read_lock();
	cgroup = sock_cgroup_ptr(&sk->sk_cgrp_data);
	po_count_progs(cgroup, v4 ? PO_BPF_INET4_BIND : PO_BPF_INET6_BIND,
		       &only, &nr);
	po_count_progs(cgroup, v4 ? PO_BPF_INET4_POST_BIND :
				    PO_BPF_INET6_POST_BIND, &only, &nr);
	if (nr == 1) {
		prog->id = only->aux->id;
		strscpy(prog->name, only->aux->name, sizeof(prog->name));
	}
	rcu_read_unlock();
}
#else
bool po_current_has_bind_prog(u16 family)
{
	return false;
}

bool po_sock_has_bind_prog(struct sock *sk)
{
	return false;
}

void po_sock_bind_prog(struct sock *sk, struct po_bpf_prog *prog)
{
	memset(prog, 0, sizeof(*prog));
}
#endif
