// SPDX-License-Identifier: GPL-2.0
/*
 * Recognise a refusal that is already in the log, without all the work of
 * making a record.
 *
 * The key of a refusal only requires the main culprit. So the search ends at
 * the first socket that is certain to be it, and does not look for owners. A
 * full search yields the same main culprit, since both visit the bucket in
 * order. If the quick search takes too long, a full search is made.
 */

#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"
#include "rejects/refusal.h"
#include "rejects/rejects.h"
#include "sockets/sockets.h"

/* Sockets of a bucket visited, and checked in detail, before giving up. */
#define PO_QUICK_VISITS	256
#define PO_QUICK_CHECKS	64

/* Give up on executables with longer paths. */
#define PO_QUICK_PATH	256

/**
 * struct po_quick - quick search for the main culprit
 * @net: namespace
 * @want: what was refused
 * @visited: sockets visited
 * @checked: sockets checked in detail
 * @found: @best and @cookie are set
 * @cookie: cookie of @best, or 0 if it has none yet
 * @best: the best candidate so far
 * @sock: the socket being checked
 */
struct po_quick {
	struct net *net;
	const struct po_want *want;
	u32 visited;
	u32 checked;
	bool found;
	u64 cookie;
	struct po_sock best;
	struct po_sock sock;
};

/*
 * Returns 1 if the socket is certain to be the main culprit, 0 to continue the
 * search, or -E2BIG to give up.
 */
static int po_quick_check(struct po_quick *quick, struct sock *sk)
{
	struct po_sock *sock = &quick->sock;

	if (quick->visited++ == PO_QUICK_VISITS)
		return -E2BIG;
	if (!net_eq(sock_net(sk), quick->net) ||
	    sk->sk_num != quick->want->sock.port)
		return 0;
	/* Among connections, the first one is the main culprit. */
	if (quick->found && !(BIT(READ_ONCE(sk->sk_state)) & PO_STATES_DEFAULT))
		return 0;
	if (quick->checked++ == PO_QUICK_CHECKS)
		return -E2BIG;

	po_sock_init(sock, sk);
	po_sock_addr(sock, sk);
	po_sock_buckets(sock, sk);
	if (sk->sk_state != TCP_TIME_WAIT)
		sock->conflict_uid = po_conflict_uid(sk);
	if (po_rule_between(quick->want, sock) == PORTOWNER_RULE_OTHER)
		return 0;
	if (quick->found && !po_holds_port(sock))
		return 0;

	quick->found = true;
	quick->cookie = atomic64_read(&sk->sk_cookie);
	quick->best = *sock;

	return po_holds_port(sock);
}

static int po_quick_bucket(struct po_quick *quick, const struct po_table *table)
{
	struct net *net = quick->net;
	unsigned int nr = table->bucket(table, net, quick->want->sock.port);
	struct sock *sk;
	int ret = 0;

	table->lock(table, net, nr);
	for (sk = table->first(table, net, nr); sk && !ret;
	     sk = table->next(sk)) {
		/* Not a time-wait socket under construction. */
		if (refcount_read(&sk->sk_refcnt))
			ret = po_quick_check(quick, sk);
	}
	table->unlock(table, net, nr);

	return ret;
}

static int po_quick_search(struct po_quick *quick)
{
	u16 proto = po_transport(&quick->want->sock);
	const struct po_table *table;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < po_nr_tables && !ret; i++) {
		table = po_tables[i];
		if (table->proto != proto)
			continue;
		/* Without access to a hash table, no search is quick. */
		ret = table->each ? -E2BIG : po_quick_bucket(quick, table);
	}

	return min(ret, 0);
}

/* Set the rule, and who or what refused, in the key of a refusal. */
static int po_quick_rule(const struct po_refusal *refusal,
			 struct po_reject_key *key)
{
	struct po_quick quick = {
		.net	= refusal->net,
		.want	= &refusal->want,
	};
	struct po_sock *chunk = &quick.best;
	struct po_snap culprits = { .chunks = &chunk };
	struct po_bpf_prog prog;
	int err;

	if (po_refusal_has_culprits(refusal)) {
		err = po_quick_search(&quick);
		if (err)
			return err;
		/* A socket without a cookie is in no record. */
		if (quick.found && !quick.cookie)
			return -ENOENT;
		culprits.nr = quick.found;
	}

	key->culprit = quick.cookie;
	key->rule = po_rule_of_errno(refusal->net, &refusal->want, refusal->op,
				     refusal->err, &culprits);
	po_reason_of(refusal->net, &refusal->want, key->rule, refusal->err,
		     &key->reason);
	if (key->rule == PORTOWNER_RULE_DENIED_BY_BPF) {
		po_sock_bind_prog(refusal->sk, &prog);
		key->prog = prog.id;
	}

	return 0;
}

/* Must yield the same path as po_proc_inspect(). */
static int po_quick_exe(struct pid *pid, char *buf, const char **exe)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);
	struct file *file = NULL;
	struct mm_struct *mm;

	*exe = NULL;
	if (!task)
		return 0;

	/* Like po_proc_inspect(), without a reference to the address space. */
	task_lock(task);
	mm = task->flags & PF_KTHREAD ? NULL : task->mm;
	if (mm && current->fs)
		file = po_mm_exe_file(mm);
	task_unlock(task);
	put_task_struct(task);
	if (file) {
		*exe = d_path(&file->f_path, buf, PO_QUICK_PATH);
		po_fput_later(file);
	}

	return PTR_ERR_OR_ZERO(*exe);
}

static int po_refusal_count(struct po_refusal *refusal,
			    const struct po_reject_key *key, u64 *seq)
{
	struct po_caller *caller = NULL;
	int err;

	err = po_log_repeat(refusal->net, key, &refusal->time, &caller, seq);
	if (err != -EAGAIN)
		return err;

	caller = po_caller_new(refusal->net, refusal->pid, refusal->cred, refusal->comm);
	if (!caller)
		return -ENOMEM;

	err = po_log_repeat(refusal->net, key, &refusal->time, &caller, seq);
	po_caller_put(caller);

	return err;
}

/**
 * po_refusal_repeat() - count a refusal in the record of an identical one
 * @refusal: refusal
 * @seq: set to the number of the refusal
 *
 * Context: may sleep; takes bucket locks.
 * Return: 0 if it was counted; -ENOMEM if it was not, for lack of memory;
 * another negative errno if there is no such record, or that is uncertain.
 */
int po_refusal_repeat(struct po_refusal *refusal, u64 *seq)
{
	struct po_reject_key key = {
		.want	= &refusal->want,
		.op	= refusal->op,
		.err	= refusal->err,
		.cred	= refusal->cred,
		.pid	= refusal->pid,
		.comm	= refusal->comm,
	};
	char path[PO_QUICK_PATH];
	struct pid *reaper;
	int err;

	refusal->want.bpf = po_sock_has_bind_prog(refusal->sk);
	err = po_quick_exe(refusal->pid, path, &key.exe) ?:
	      po_quick_rule(refusal, &key);
	if (err)
		return err;

	reaper = po_reaper(refusal->pid);
	key.reaper = reaper;
	err = po_refusal_count(refusal, &key, seq);
	put_pid(reaper);

	return err;
}
