// SPDX-License-Identifier: GPL-2.0
/*
 * Where the references may be that no descriptor explains, if few sockets have
 * such. Descriptors in flight are in the receive queue of a unix socket, which
 * tells whose they will be. What is registered with an io_uring is known to
 * that alone: any process that uses one may be the answer.
 *
 * This is another walk over all tables. It takes references to the files of unix
 * sockets and of what looks like a ring only, each for some dozen instructions.
 */

#include <linux/dcache.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/magic.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/af_unix.h>
#include <net/tcp_states.h>

#include "internal.h"

/* Sockets up to which it pays, and places of each kind that are told of each. */
#define PO_UNSEEN_SOCKS		16
#define PO_UNSEEN_PLACES	16

/* Slots of a table, and files of them, that are looked at in one go. */
#define PO_UNSEEN_FDS		512
#define PO_UNSEEN_FILES		16

/* Files in flight that are looked at in one queue, which is locked meanwhile. */
#define PO_UNSEEN_FLIGHT	2048

/**
 * struct po_search - what is looked for
 * @snap: snapshot that has the sockets
 * @socks: these
 * @left: references of each that are not found yet
 * @places: places that are told already, by enum portowner_unseen
 * @nr: number of sockets
 * @queues: unix sockets whose queue was read, by address
 * @rings: whether a process uses an io_uring, by thread group id
 */
struct po_search {
	struct po_snap *snap;
	struct po_sock *socks[PO_UNSEEN_SOCKS];
	long left[PO_UNSEEN_SOCKS];
	unsigned int places[PO_UNSEEN_SOCKS][PORTOWNER_UNSEEN_IO_URING + 1];
	unsigned int nr;
	struct xarray queues;
	struct xarray rings;
};

/* How many references to each socket are in one queue. */
struct po_found {
	unsigned int nr[PO_UNSEEN_SOCKS];
	unsigned int looked_at;
};

static bool po_is_file_of(struct file *file, const struct po_sock *sock)
{
	struct socket *socket;

	if (file != sock->file)
		return false;

	/* It may have been given to another since. */
	socket = po_socket(file);

	return socket && SOCK_INODE(socket)->i_ino == sock->inode;
}

/* Count the descriptors in one message. They belong to it. */
static void po_look_at_skb(const struct po_search *search,
			   const struct sk_buff *skb, struct po_found *found)
{
	const struct scm_fp_list *fpl = po_unix_fds(skb);
	unsigned int i;
	int j;

	for (j = 0; fpl && j < fpl->count; j++, found->looked_at++)
		for (i = 0; i < search->nr; i++)
			if (po_is_file_of(fpl->fp[j], search->socks[i]))
				found->nr[i]++;
}

/*
 * Who reads a part of a message frees its descriptors under the socket's own
 * mutex alone, and may be held up as it reads: so it is not waited for. What is
 * there then is counted, but not where.
 */
static void po_look_at_queue(const struct po_search *search, struct sock *sk,
			     struct po_found *found)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	const struct sk_buff *skb;
	unsigned long flags;

	if (!po_unix_trylock(sk))
		return;

	spin_lock_irqsave(&queue->lock, flags);
	skb_queue_walk(queue, skb) {
		if (found->looked_at >= PO_UNSEEN_FLIGHT)
			break;
		po_look_at_skb(search, skb, found);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	po_unix_unlock(sk);
}

/* What waits to be accepted has a queue of its own, where data may wait. */
static void po_look_at_listener(const struct po_search *search,
				struct sock *sk, struct po_found *found)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sock *waiting[PO_UNSEEN_FILES];
	const struct sk_buff *skb;
	unsigned int i, nr = 0;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	skb_queue_walk(queue, skb) {
		if (!skb->sk || nr == ARRAY_SIZE(waiting))
			break;
		sock_hold(skb->sk);
		waiting[nr++] = skb->sk;
	}
	spin_unlock_irqrestore(&queue->lock, flags);

	for (i = 0; i < nr; i++) {
		po_look_at_queue(search, waiting[i], found);
		sock_put(waiting[i]);
		cond_resched();
	}
}

static int po_tell(struct po_search *search, unsigned int i,
		   struct task_struct *task, enum portowner_unseen where)
{
	if (search->places[i][where] == PO_UNSEEN_PLACES)
		return 0;

	search->places[i][where]++;

	return po_snap_add_unseen(search->snap, search->socks[i], task, where);
}

/* A unix socket in the table of a thread. */
static int po_look_at_unix(struct po_search *search, struct task_struct *task,
			   struct sock *sk)
{
	unsigned long key = (unsigned long)sk / sizeof(long);
	struct po_found found = {};
	unsigned int i;
	int err = 0;

	/* Another process has it too: the message is one all the same. */
	if (xa_load(&search->queues, key))
		return 0;
	err = xa_err(xa_store(&search->queues, key, xa_mk_value(0),
			      GFP_KERNEL_ACCOUNT));
	if (err)
		return err;

	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		po_look_at_listener(search, sk, &found);
	else
		po_look_at_queue(search, sk, &found);

	for (i = 0; i < search->nr; i++)
		for (; found.nr[i] && search->left[i] > 0 && !err;
		     found.nr[i]--, search->left[i]--)
			err = po_tell(search, i, task,
				      PORTOWNER_UNSEEN_IN_FLIGHT);

	return err;
}

/*
 * Only what has these operations, and no others, is worth a reference. Those of
 * other file systems may be freed as the file is closed. Under RCU.
 */
static bool po_may_be_ring(const struct file *file)
{
	const struct inode *inode = READ_ONCE(file->f_inode);
	const struct file_operations *ops = READ_ONCE(file->f_op);

	return inode && inode->i_sb->s_magic == ANON_INODE_FS_MAGIC && ops &&
	       ops->show_fdinfo && ops->mmap && ops->poll && !ops->read &&
	       !ops->read_iter && !ops->write && !ops->write_iter &&
	       !ops->unlocked_ioctl;
}

/* The caller holds a reference; the file may be another than was looked at. */
static bool po_is_ring(const struct file *file)
{
	const struct qstr *name = &file->f_path.dentry->d_name;

	return po_may_be_ring(file) &&
	       !strcmp((const char *)name->name, "[io_uring]");
}

static bool po_is_unix(const struct socket *socket)
{
	const struct proto_ops *ops = socket ? READ_ONCE(socket->ops) : NULL;

	return ops && ops->family == PF_UNIX;
}

/*
 * The unix socket behind a file that is held, itself held instead, or NULL. A
 * reference to the file for any longer would put off its release, and so what
 * the peer sees of a close(); one to the socket keeps no more than its memory.
 */
static struct sock *po_hold_unix(struct file *file)
{
	struct socket *socket = po_socket(file);

	if (!po_is_unix(socket) || !socket->sk)
		return NULL;

	sock_hold(socket->sk);

	return socket->sk;
}

/*
 * Hold the unix sockets behind the descriptors from *@fd on, and see whether
 * there is a ring.
 */
static unsigned int po_hold_socks(struct task_struct *task, unsigned int *fd,
				  struct sock **socks, bool *ring, bool *more)
{
	unsigned int nr = 0, end;
	struct fdtable *fdt;
	struct file *file;

	*more = false;
	rcu_read_lock();
	task_lock(task);
	if (task->files) {
		fdt = files_fdtable(task->files);
		end = min(fdt->max_fds, *fd + PO_UNSEEN_FDS);
		for (; *fd < end && nr < PO_UNSEEN_FILES; (*fd)++) {
			file = rcu_dereference(fdt->fd[*fd]);
			if (!file || (!po_is_unix(po_sock_from_file(file)) &&
				      !po_may_be_ring(file)))
				continue;
			file = po_get_slot(&fdt->fd[*fd]);
			if (!file)
				continue;
			socks[nr] = po_hold_unix(file);
			if (socks[nr])
				nr++;
			else
				*ring |= po_is_ring(file);
			po_fput_later(file);
		}
		*more = *fd < fdt->max_fds;
	}
	task_unlock(task);
	rcu_read_unlock();

	return nr;
}

static int po_look_at_table(struct po_search *search, struct task_struct *task,
			    bool *ring)
{
	struct sock *socks[PO_UNSEEN_FILES];
	unsigned int i, nr, fd = 0;
	bool more;
	int err = 0;

	do {
		nr = po_hold_socks(task, &fd, socks, ring, &more);
		for (i = 0; i < nr; i++) {
			if (!err)
				err = po_look_at_unix(search, task, socks[i]);
			sock_put(socks[i]);
			cond_resched();
			err = err ?: po_snap_check(search->snap);
		}
		cond_resched();
		err = err ?: po_snap_check(search->snap);
	} while (more && !err);

	return err;
}

/* Whether a process has used an io_uring: it may have none but a mapping. */
static bool po_uses_ring(struct task_struct *task)
{
	struct task_struct *thread;
	bool uses = false;

	rcu_read_lock();
	/* Not by the leader: it may be gone before the thread is. */
	for_each_thread(task, thread)
		uses |= po_has_io_uring(thread);
	rcu_read_unlock();

	return uses;
}

/* Whether a process was told as a possible place last. */
static bool po_told_last(const struct po_sock *sock, struct task_struct *task)
{
	return sock->unseen && sock->unseen->where == PORTOWNER_UNSEEN_IO_URING &&
	       sock->unseen->proc->pid == task_tgid(task);
}

/* Once for a process, however many tables its threads have. */
static int po_look_for_ring(struct po_search *search, struct task_struct *task,
			    bool *ring)
{
	void *known = xa_load(&search->rings, task->tgid);

	if (known) {
		*ring = xa_to_value(known);
		return 0;
	}
	*ring = po_uses_ring(task);

	return xa_err(xa_store(&search->rings, task->tgid, xa_mk_value(*ring),
			       GFP_KERNEL_ACCOUNT));
}

static int po_look_at_task(struct po_search *search, struct task_struct *task)
{
	unsigned int i;
	bool ring;
	int err;

	err = po_look_for_ring(search, task, &ring) ?:
	      po_look_at_table(search, task, &ring);
	for (i = 0; ring && i < search->nr && !err; i++)
		if (!po_told_last(search->socks[i], task))
			err = po_tell(search, i, task,
				      PORTOWNER_UNSEEN_IO_URING);

	return err;
}

/* Drop the guesses where all is explained without. */
static void po_settle(struct po_search *search)
{
	unsigned int i;

	for (i = 0; i < search->nr; i++)
		if (search->left[i] <= 0)
			po_snap_drop_unseen(search->socks[i],
					    PORTOWNER_UNSEEN_IO_URING);
}

/* False: there are none, or too many. */
static bool po_search_init(struct po_search *search, struct po_snap *snap)
{
	struct po_sock *sock;
	u32 i;

	memset(search, 0, sizeof(*search));
	search->snap = snap;
	for (i = 0; i < snap->nr; i++) {
		sock = po_snap_sock(snap, i);
		if (i % PO_UNSEEN_FDS == 0)
			cond_resched();
		if (!sock->file || po_unseen_refs(sock) <= 0)
			continue;
		if (search->nr == PO_UNSEEN_SOCKS)
			return false;
		search->socks[search->nr] = sock;
		search->left[search->nr++] = po_unseen_refs(sock);
	}

	return search->nr;
}

/**
 * po_find_unseen() - find where references are that no descriptor explains
 * @snap: snapshot, complete with all owners
 *
 * Does nothing if there are none, or if more than a few sockets have some.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed.
 */
int po_find_unseen(struct po_snap *snap)
{
	struct task_struct *task;
	struct po_tables tables;
	struct po_search search;
	int tid, err = 0;

	if (!po_search_init(&search, snap))
		return 0;

	xa_init(&search.queues);
	xa_init(&search.rings);
	po_tables_begin(&tables, snap);
	for (tid = 1; !err; tid++) {
		task = po_next_task(&tables, &tid);
		err = PTR_ERR_OR_ZERO(task);
		if (err || !task)
			break;
		err = po_look_at_task(&search, task);
		put_task_struct(task);
	}
	po_tables_end(&tables);
	po_settle(&search);
	xa_destroy(&search.rings);
	xa_destroy(&search.queues);

	return err;
}
