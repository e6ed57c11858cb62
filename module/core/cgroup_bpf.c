// SPDX-License-Identifier: GPL-2.0
/* BPF programs attached to a cgroup that can refuse a bind. */

#include <linux/bpf.h>
#include <linux/cgroup.h>
#include <net/sock.h>

#include "core/core.h"

#ifdef CONFIG_CGROUP_BPF
/*
 * Count the programs of one type, and note the last one. A detach without
 * memory for a smaller array leaves an entry without aux, which does nothing.
 * Called in an RCU read-side section.
 */
static unsigned int po_count_progs(const struct cgroup *cgroup,
				   unsigned int type,
				   const struct bpf_prog **last)
{
	const struct bpf_prog_array_item *item;
	const struct bpf_prog_array *progs;
	const struct bpf_prog *prog;
	unsigned int nr = 0;

	progs = rcu_dereference(cgroup->bpf.effective[type]);
	if (!progs)
		return 0;

	/* A detach may replace an entry at any moment, hence a single read. */
	for (item = progs->items; (prog = READ_ONCE(item->prog)); item++) {
		if (!prog->aux)
			continue;
		*last = prog;
		nr++;
	}

	return nr;
}

/* Count the programs that check binds. Called in an RCU read-side section. */
static unsigned int po_count_bind_progs(const struct cgroup *cgroup, u16 family,
					const struct bpf_prog **last)
{
	if (family == AF_INET)
		return po_count_progs(cgroup, PO_BPF_INET4_BIND, last) +
		       po_count_progs(cgroup, PO_BPF_INET4_POST_BIND, last);

	return po_count_progs(cgroup, PO_BPF_INET6_BIND, last) +
	       po_count_progs(cgroup, PO_BPF_INET6_POST_BIND, last);
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
	const struct bpf_prog *last;
	bool ret;

	rcu_read_lock();
	ret = po_count_bind_progs(task_dfl_cgroup(current), family, &last);
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
	const struct bpf_prog *last;
	bool ret;

	rcu_read_lock();
	ret = po_count_bind_progs(sock_cgroup_ptr(&sk->sk_cgrp_data),
				  sk->sk_family, &last);
	rcu_read_unlock();

	return ret;
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

	memset(prog, 0, sizeof(*prog));
	rcu_read_lock();
	if (po_count_bind_progs(sock_cgroup_ptr(&sk->sk_cgrp_data),
				sk->sk_family, &only) == 1) {
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
