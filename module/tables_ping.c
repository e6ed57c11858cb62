// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP ping sockets, whose port is the identifier of their echo requests.
 *
 * Their table is static, and the functions that walk it are no longer exported
 * now that IPv6 cannot be a module. What is left on every kernel are the
 * operations of /proc/net/icmp: those that start, go on and stop, without the
 * one that prints. They are learned once, from a mount of proc that nobody else
 * sees or can change, and are part of the kernel itself, so that they stay. The
 * other way, to look at each file of each process, would cost by the number of
 * descriptors on the host and miss sockets that none has.
 *
 * Start takes the lock of the whole table, of whatever kind it is on this
 * kernel, and stop gives it up.
 */

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/ping.h>

#include "tables.h"

/* Sockets that are held at a time, to be looked at without the lock. */
#define PO_PING_BATCH	32

/* Set once, before any use; NULL if they could not be learned. */
static const struct seq_operations *po_ping_ops __ro_after_init;

/**
 * struct po_ping_walk - how far the sockets of one family were read
 * @state: what the operations keep
 * @family: AF_INET or AF_INET6
 * @sk: held socket to go on after, or NULL at the start and at the end
 * @num: its identifier then
 * @socks: held sockets to be looked at
 * @nr: number of @socks
 */
struct po_ping_walk {
	struct ping_iter_state state;
	sa_family_t family;
	struct sock *sk;
	u16 num;
	struct sock *socks[PO_PING_BATCH];
	unsigned int nr;
};

/* With a new identifier it may be in another bucket. */
static bool po_ping_lost(const struct po_ping_walk *walk)
{
	return walk->sk && (sk_unhashed(walk->sk) ||
			    walk->sk->sk_num != walk->num);
}

/* Hold the next sockets. Return: 0, or -EAGAIN if the place was lost. */
static int po_ping_batch(struct po_ping_walk *walk)
{
	struct seq_file seq = { .private = &walk->state };
	int bucket = walk->state.bucket, err = 0;
	struct sock *held = walk->sk;
	unsigned int seen = 0;
	loff_t pos = 0;
	void *at;

	walk->nr = 0;
	at = po_ping_ops->start(&seq, &pos);
	walk->state.family = walk->family;
	if (po_ping_lost(walk)) {
		err = -EAGAIN;
		walk->sk = NULL;
		goto stop;
	}
	if (held) {
		walk->state.bucket = bucket;
		at = held;
	}
	walk->sk = NULL;
	while (seen++ < PO_PING_BATCH && (at = po_ping_ops->next(&seq, at, &pos)))
		/* Only the first one of a bucket is sure to be of the family. */
		if (((struct sock *)at)->sk_family == walk->family &&
		    refcount_inc_not_zero(&((struct sock *)at)->sk_refcnt))
			walk->socks[walk->nr++] = at;
	if (at) {
		walk->sk = at;
		walk->num = walk->sk->sk_num;
		sock_hold(walk->sk);
	}
stop:
	po_ping_ops->stop(&seq, at);
	if (held)
		sock_put(held);

	return err;
}

static int po_ping_family(struct net *net, sa_family_t family,
			  const struct po_seer *seer)
{
	struct po_ping_walk walk = { .family = family };
	unsigned int i;
	int err;

#ifdef CONFIG_NET_NS
	walk.state.p.net = net;
#endif
	do {
		err = po_ping_batch(&walk);
		for (i = 0; i < walk.nr; i++) {
			if (!err)
				err = seer->see(seer, walk.socks[i], NULL);
			sock_put(walk.socks[i]);
		}
		cond_resched();
	} while (!err && walk.sk);

	if (walk.sk)
		sock_put(walk.sk);

	return err;
}

static int po_ping_each(struct net *net, const struct po_seer *seer)
{
	if (!po_ping_ops)
		return 0;

	return po_ping_family(net, AF_INET, seer) ?:
	       po_ping_family(net, AF_INET6, seer);
}

/* The namespaces share a table that has no name, so each is asked. */
const struct po_table po_table_ping = {
	.proto	= IPPROTO_ICMP,
	.each	= po_ping_each,
};

/**
 * po_ping_init() - learn how the table is walked
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_ping_init(void)
{
	/* Part of the kernel: there is no reference to give back. */
	struct file_system_type *proc = get_fs_type("proc");
	struct seq_file *seq;
	struct vfsmount *mnt;
	struct file *file;

	if (!proc)
		return -ENODEV;

	mnt = kern_mount(proc);
	if (IS_ERR(mnt))
		return PTR_ERR(mnt);

	file = po_file_open_root(mnt, "self/net/icmp");
	if (!IS_ERR(file)) {
		seq = file->private_data;
		po_ping_ops = seq->op;
		fput(file);
	}
	kern_unmount(mnt);

	return PTR_ERR_OR_ZERO(file);
}
