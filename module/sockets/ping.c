// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP ping sockets, whose port is the identifier of their echo requests.
 *
 * Their table is static, and recent kernels no longer export the functions that
 * walk it. Every kernel has /proc/net/icmp, though: its seq_file operations
 * start, next and stop are learned once, from a private mount of proc that no
 * process can tamper with. They are built into the kernel, so the pointers stay
 * valid. Looking at each descriptor of each process instead would cost more and
 * miss sockets without a descriptor.
 *
 * start() takes the lock of the whole table, whichever type it has on this
 * kernel, and stop() releases it.
 */

#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <net/ping.h>

#include "sockets/sockets.h"
#include "sockets/tables.h"

/* Sockets referenced per batch, to be visited without the lock. */
#define PO_PING_BATCH	32

/* Set once, before any use; NULL if they could not be learned. */
static const struct seq_operations *po_ping_ops __ro_after_init;

/**
 * struct po_ping_walk - a walk over the sockets of one family
 * @state: state of the seq_file operations
 * @family: AF_INET or AF_INET6
 * @sk: referenced socket to continue after, or NULL at the start and at the end
 * @num: identifier of @sk when it was reached
 * @socks: referenced sockets to be visited
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

/* A socket that got a new identifier may be in a different bucket. */
static bool po_ping_lost(const struct po_ping_walk *walk)
{
	return walk->sk && (sk_unhashed(walk->sk) ||
			    walk->sk->sk_num != walk->num);
}

/* Reference the next batch. Returns 0, or -EAGAIN if the position was lost. */
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
		/* next() checks only the family of a bucket's first socket. */
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
			  const struct po_sk_visitor *visitor)
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
				err = visitor->visit(visitor, walk.socks[i], NULL, 0);
			sock_put(walk.socks[i]);
		}
		cond_resched();
	} while (!err && walk.sk);

	if (walk.sk)
		sock_put(walk.sk);

	return err;
}

static int po_ping_each(struct net *net, const struct po_sk_visitor *visitor)
{
	if (!po_ping_ops)
		return 0;

	return po_ping_family(net, AF_INET, visitor) ?:
	       po_ping_family(net, AF_INET6, visitor);
}

/* All namespaces share one table, but /proc/net/icmp shows only its own. */
const struct po_table po_table_ping = {
	.proto	= IPPROTO_ICMP,
	.each	= po_ping_each,
};

/**
 * po_ping_init() - learn the seq_file operations of /proc/net/icmp
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int __init po_ping_init(void)
{
	/* proc is built in: there is no module reference to drop. */
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
