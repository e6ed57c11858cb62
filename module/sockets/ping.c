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
 *
 * The sockets of other namespaces are passed under that lock, too, so a bounded
 * walk first counts the sockets of all namespaces. The protocols that count them
 * are not exported either; they are found by name in /proc/net/protocols.
 */

#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/mount.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include <linux/string.h>
#include <net/net_namespace.h>
#include <net/ping.h>

#include "core/core.h"
#include "sockets/sockets.h"
#include "sockets/tables.h"

/* Sockets referenced per batch, to be visited without the lock. */
#define PO_PING_BATCH	32

/* Ping sockets on the host that a bounded walk passes. */
#define PO_PING_FEW	1024

/* Estimated instructions to pass a socket. */
#define PO_COST_PING	10

/* Set once, before any use; NULL if they could not be learned. */
static const struct seq_operations *po_ping_ops __ro_after_init;

/* Likewise; of IPv4 and IPv6, where supported. */
static struct proto *po_ping_prots[2] __ro_after_init;

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

/* Number of ping sockets with an identifier in a namespace. */
static u32 po_ping_count(struct net *net)
{
	u32 i, nr = 0;

	for (i = 0; i < ARRAY_SIZE(po_ping_prots); i++)
		if (po_ping_prots[i])
			nr += sock_prot_inuse_get(net, po_ping_prots[i]);

	return nr;
}

/* Whether all namespaces together have few ping sockets, as far as is known. */
static bool po_ping_few(struct po_snap *snap)
{
	const u32 counts = num_possible_cpus() * ARRAY_SIZE(po_ping_prots);
	u32 nr = 0, read = 0;
	struct net *net;
	bool few = true;

	rcu_read_lock();
	for_each_net_rcu(net) {
		read += counts;
		nr += po_ping_count(net);
		few = read <= PO_COUNTS_MAX && nr <= PO_PING_FEW;
		if (!few)
			break;
	}
	rcu_read_unlock();
	po_spend(snap, read * PO_COST_COUNT + nr * PO_COST_PING);

	return few;
}

static int po_ping_each(struct net *net, const struct po_sk_visitor *visitor)
{
	struct po_snap *snap = visitor->snap;

	if (!po_ping_ops)
		return 0;
	if (snap && snap->bounded) {
		if (po_ping_prots[0] && !po_ping_count(net))
			return 0;
		if (!po_ping_prots[0] || !po_ping_few(snap))
			return -ETIME;
	}

	return po_ping_family(net, AF_INET, visitor) ?:
	       po_ping_family(net, AF_INET6, visitor);
}

/* All namespaces share one table, but /proc/net/icmp shows only its own. */
const struct po_table po_table_ping = {
	.proto	= IPPROTO_ICMP,
	.each	= po_ping_each,
};

static void __init po_ping_learn_prots(struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct proto *prot;
	loff_t pos = 1;		/* 0 is the head of the list */
	void *at;

	for (at = seq->op->start(seq, &pos); at;
	     at = seq->op->next(seq, at, &pos)) {
		prot = list_entry(at, struct proto, node);
		if (!strcmp(prot->name, "PING"))
			po_ping_prots[0] = prot;
		else if (!strcmp(prot->name, "PINGv6"))
			po_ping_prots[1] = prot;
	}
	seq->op->stop(seq, at);
}

/**
 * po_ping_init() - learn how to walk and count ping sockets
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
		file = po_file_open_root(mnt, "self/net/protocols");
	}
	if (!IS_ERR(file)) {
		po_ping_learn_prots(file);
		fput(file);
	}
	kern_unmount(mnt);

	return PTR_ERR_OR_ZERO(file);
}
