// SPDX-License-Identifier: GPL-2.0
/*
 * A refusal that is in the log already, told from a new one without finding out
 * all that a record says.
 *
 * What makes refusals equal is known as soon as the first socket in the way is:
 * the search ends there, and no owner is looked for. What it finds is what a full
 * search would call the main culprit, since both go through the bucket in its
 * order. Where that takes too long, the full search is made.
 */

#include <linux/dcache.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/sched/task.h>

#include "internal.h"

/* Sockets of a bucket that are passed, and that are judged, before giving up. */
#define PO_QUICK_PASSED	256
#define PO_QUICK_JUDGED	64

/* Longer paths are left to who makes a full record. */
#define PO_QUICK_PATH	256

/**
 * struct po_quick - search for the main culprit
 * @net: namespace
 * @want: what was refused
 * @passed: sockets that were met
 * @judged: those that were looked at
 * @found: the best one so far is in @main
 * @cookie: its cookie, 0 if it has none yet
 * @main: the best one so far
 * @sock: the one that is being judged
 */
struct po_quick {
	struct net *net;
	const struct po_want *want;
	u32 passed;
	u32 judged;
	bool found;
	u64 cookie;
	struct po_sock main;
	struct po_sock sock;
};

/* 1 if a socket is the main culprit for sure, -E2BIG if it takes too long. */
static int po_quick_judge(struct po_quick *quick, struct sock *sk)
{
	struct po_sock *sock = &quick->sock;

	if (quick->passed++ == PO_QUICK_PASSED)
		return -E2BIG;
	if (!net_eq(sock_net(sk), quick->net) ||
	    sk->sk_num != quick->want->sock.port)
		return 0;
	/* Of connections the first one is the best. */
	if (quick->found && !(BIT(READ_ONCE(sk->sk_state)) & PO_STATES_DEFAULT))
		return 0;
	if (quick->judged++ == PO_QUICK_JUDGED)
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
	quick->main = *sock;

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
		/* Time-wait half made; the original is still here too. */
		if (refcount_read(&sk->sk_refcnt))
			ret = po_quick_judge(quick, sk);
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
		/* Where it is no hash table to us a look is never quick. */
		ret = table->each ? -E2BIG : po_quick_bucket(quick, table);
	}

	return min(ret, 0);
}

/* Rule and main culprit of a refusal. */
static int po_quick_reason(const struct po_refusal *refusal, struct po_key *key)
{
	struct po_quick quick = {
		.net	= refusal->net,
		.want	= &refusal->want,
	};
	struct po_sock *chunk = &quick.main;
	struct po_snap culprits = { .chunks = &chunk };
	int err;

	if (po_refusal_has_culprits(refusal)) {
		err = po_quick_search(&quick);
		if (err)
			return err;
		/* Who has no cookie was never seen before. */
		if (quick.found && !quick.cookie)
			return -ENOENT;
		culprits.nr = quick.found;
	}

	key->culprit = quick.cookie;
	key->rule = po_reason(refusal->net, &refusal->want, refusal->op,
			      refusal->err, &culprits);

	return 0;
}

/* As po_proc_inspect() finds the path, which has to be the same. */
static int po_quick_exe(struct pid *pid, char *buf, const char **exe)
{
	struct task_struct *task = get_pid_task(pid, PIDTYPE_TGID);
	struct file *file = NULL;
	struct mm_struct *mm;

	*exe = NULL;
	if (!task)
		return 0;

	/* As po_proc_inspect(): without a reference to the address space. */
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

static int po_repeat_of(struct po_refusal *refusal, const struct po_key *key,
			u64 *seq)
{
	struct po_caller *caller = NULL;
	int err;

	err = po_log_repeat(refusal->net, key, refusal->time, &caller, seq);
	if (err != -EAGAIN)
		return err;

	caller = po_caller_new(refusal->pid, refusal->cred, refusal->comm);
	if (!caller)
		return -ENOMEM;

	err = po_log_repeat(refusal->net, key, refusal->time, &caller, seq);
	po_caller_put(caller);

	return err;
}

/**
 * po_repeat() - count a refusal in the record of an equal one
 * @refusal: refusal
 * @seq: set to its number
 *
 * Context: may sleep; takes the bucket's lock.
 * Return: 0 if it was counted; -ENOMEM if it was not for want of memory; another
 * negative errno if there may be no equal one.
 */
int po_repeat(struct po_refusal *refusal, u64 *seq)
{
	struct po_key key = {
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

	refusal->want.bpf = po_bpf_judges(refusal->sk);
	err = po_quick_exe(refusal->pid, path, &key.exe) ?:
	      po_quick_reason(refusal, &key);
	if (err)
		return err;

	reaper = po_reaper(refusal->pid);
	key.reaper = reaper;
	err = po_repeat_of(refusal, &key, seq);
	put_pid(reaper);

	return err;
}
