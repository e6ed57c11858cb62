// SPDX-License-Identifier: GPL-2.0
/*
 * Locate untracked references, which no descriptor accounts for, if few sockets
 * have any. A descriptor in flight is in the receive queue of a unix socket,
 * whose owners will receive it. A file registered with an io_uring is visible
 * to that ring only, so every process that uses a ring is a candidate.
 *
 * This is another walk over all descriptor tables. It takes references only to
 * the files of unix sockets and of likely rings, each for a few dozen
 * instructions.
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

#include "core/core.h"
#include "owners/owners.h"
#include "sockets/sockets.h"

/* Limits: sockets with untracked references, places of each kind per socket. */
#define PO_UNTRACKED_SOCKS	16
#define PO_UNTRACKED_PLACES	16

/* Slots of a table, and unix sockets in them, read in one RCU section. */
#define PO_SEARCH_FDS		512
#define PO_SEARCH_SOCKS		16

/* Threads checked in one RCU section, and attempts to check those of a process. */
#define PO_SEARCH_THREADS	128
#define PO_SEARCH_ATTEMPTS	4

/* Files in flight checked per unix socket, with its queue locked. */
#define PO_SEARCH_IN_FLIGHT	2048

/**
 * struct po_search - search for untracked references
 * @snap: snapshot
 * @socks: its sockets with untracked references
 * @left: references of each socket not found yet
 * @places: places added per socket, by enum portowner_unseen
 * @nr: number of sockets
 * @queues: unix sockets whose queue was searched, by address
 * @rings: whether a process uses an io_uring, by thread group id
 */
struct po_search {
	struct po_snap *snap;
	struct po_sock *socks[PO_UNTRACKED_SOCKS];
	long left[PO_UNTRACKED_SOCKS];
	unsigned int places[PO_UNTRACKED_SOCKS][PORTOWNER_UNSEEN_IO_URING + 1];
	unsigned int nr;
	struct xarray queues;
	struct xarray rings;
};

/* References found in the queues of a unix socket, and files checked. */
struct po_queue_refs {
	unsigned int nr[PO_UNTRACKED_SOCKS];
	unsigned int scanned;
};

static bool po_is_file_of(struct file *file, const struct po_sock *sock)
{
	struct socket *socket;

	if (file != sock->file)
		return false;

	/* The address may have been reused. */
	socket = po_socket(file);

	return socket && SOCK_INODE(socket)->i_ino == sock->inode;
}

/* Count the descriptors in a message, which holds references to the files. */
static void po_search_skb(const struct po_search *search,
			  const struct sk_buff *skb,
			  struct po_queue_refs *found)
{
	const struct scm_fp_list *fpl = po_unix_fds(skb);
	unsigned int i;
	int j;

	for (j = 0; fpl && j < fpl->count; j++, found->scanned++)
		for (i = 0; i < search->nr; i++)
			if (po_is_file_of(fpl->fp[j], search->socks[i]))
				found->nr[i]++;
}

/*
 * A reader of a partial message detaches its descriptors under the socket's own
 * mutex, and may be delayed with it held. So do not wait for the mutex:
 * references in such a queue are counted as untracked, but without a place.
 * Nor let a reader wait: preemption is disabled while we hold the mutex.
 */
static void po_search_queue(const struct po_search *search, struct sock *sk,
			    struct po_queue_refs *found)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	const struct sk_buff *skb;
	unsigned long flags;

	if (!po_unix_trylock(sk))
		return;

	spin_lock_irqsave(&queue->lock, flags);
	skb_queue_walk(queue, skb) {
		if (found->scanned >= PO_SEARCH_IN_FLIGHT)
			break;
		po_search_skb(search, skb, found);
	}
	spin_unlock_irqrestore(&queue->lock, flags);
	po_unix_unlock(sk);
}

/* Each connection waiting to be accepted has a receive queue of its own. */
static void po_search_listener(const struct po_search *search,
			       struct sock *sk, struct po_queue_refs *found)
{
	struct sk_buff_head *queue = &sk->sk_receive_queue;
	struct sock *waiting[PO_SEARCH_SOCKS];
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
		po_search_queue(search, waiting[i], found);
		sock_put(waiting[i]);
		cond_resched();
	}
}

static int po_add_place(struct po_search *search, unsigned int i,
			struct task_struct *task, enum portowner_unseen where)
{
	if (search->places[i][where] == PO_UNTRACKED_PLACES)
		return 0;

	search->places[i][where]++;

	return po_snap_add_untracked(search->snap, search->socks[i], task, where);
}

/* Search a unix socket found in the table of a thread. */
static int po_search_unix(struct po_search *search, struct task_struct *task,
			  struct sock *sk)
{
	unsigned long key = po_sk_key(sk);
	struct po_queue_refs found = {};
	unsigned int i;
	int err = 0;

	/* A shared socket counts once, for the process found first. */
	if (xa_load(&search->queues, key))
		return 0;
	err = xa_err(xa_store(&search->queues, key, xa_mk_value(0),
			      GFP_KERNEL_ACCOUNT));
	if (err)
		return err;

	if (READ_ONCE(sk->sk_state) == TCP_LISTEN)
		po_search_listener(search, sk, &found);
	else
		po_search_queue(search, sk, &found);

	for (i = 0; i < search->nr; i++)
		for (; found.nr[i] && search->left[i] > 0 && !err;
		     found.nr[i]--, search->left[i]--)
			err = po_add_place(search, i, task,
					   PORTOWNER_UNSEEN_IN_FLIGHT);

	return err;
}

/*
 * Whether a file may be an io_uring, by its operations. Checks the file system
 * first, since the operations of others may be freed with the file. Under RCU.
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

/* The caller holds a reference to the file, which may have been reused. */
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
 * Take a reference to the unix socket behind a file, or return NULL. Unlike a
 * reference to the file, it delays only the freeing of memory, not the effect
 * of a close() on the peer. The caller holds a reference to the file.
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
 * Take references to the unix sockets behind the descriptors from *@fd on, and
 * check for a ring. Returns the number of sockets.
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
		end = min(fdt->max_fds, *fd + PO_SEARCH_FDS);
		for (; *fd < end && nr < PO_SEARCH_SOCKS; (*fd)++) {
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

static int po_search_table(struct po_search *search, struct task_struct *task,
			   bool *ring)
{
	struct sock *socks[PO_SEARCH_SOCKS];
	unsigned int i, nr, fd = 0;
	bool more;
	int err = 0;

	do {
		nr = po_hold_socks(task, &fd, socks, ring, &more);
		for (i = 0; i < nr; i++) {
			if (!err)
				err = po_search_unix(search, task, socks[i]);
			sock_put(socks[i]);
			cond_resched();
			err = err ?: po_snap_check(search->snap);
		}
		cond_resched();
		err = err ?: po_snap_check(search->snap);
	} while (more && !err);

	return err;
}

/*
 * Leave the RCU section for a moment. Returns false if a thread has left the list of its
 * process in the meantime, so that a walk cannot continue from there.
 */
static bool po_pause_at(struct task_struct *thread)
{
	bool alive;

	get_task_struct(thread);
	rcu_read_unlock();
	cond_resched();
	rcu_read_lock();
	alive = pid_alive(thread);
	put_task_struct(thread);

	return alive;
}

/*
 * Whether a thread of a process has used an io_uring. Returns -EAGAIN if some may have been
 * missed, because threads exited at the same time.
 */
static int po_find_ring(struct task_struct *task)
{
	struct task_struct *thread;
	unsigned int nr = 0;
	int ret = 0;

	rcu_read_lock();
	/* Not only the leader, which may exit before its threads do. */
	for_each_thread(task, thread) {
		if (po_has_io_uring(thread))
			ret = 1;
		else if (++nr % PO_SEARCH_THREADS == 0 && !po_pause_at(thread))
			ret = -EAGAIN;
		if (ret)
			break;
	}
	rcu_read_unlock();

	return ret;
}

/* Whether a process has used an io_uring: a mapping may be all that is left. */
static bool po_uses_ring(struct task_struct *task)
{
	int i, ret = -EAGAIN;

	for (i = 0; i < PO_SEARCH_ATTEMPTS && ret == -EAGAIN; i++)
		ret = po_find_ring(task);

	return ret > 0;
}

/* Whether the place added last is an io_uring of the same process. */
static bool po_place_added_last(const struct po_sock *sock,
				struct task_struct *task)
{
	return sock->untracked && sock->untracked->where == PORTOWNER_UNSEEN_IO_URING &&
	       sock->untracked->proc->pid == task_tgid(task);
}

/* Evaluated once per process, even if its threads have several tables. */
static int po_find_ring_user(struct po_search *search, struct task_struct *task,
			     bool *ring)
{
	void *cached = xa_load(&search->rings, task->tgid);

	if (cached) {
		*ring = xa_to_value(cached);
		return 0;
	}
	*ring = po_uses_ring(task);

	return xa_err(xa_store(&search->rings, task->tgid, xa_mk_value(*ring),
			       GFP_KERNEL_ACCOUNT));
}

static int po_search_task(struct po_search *search, struct task_struct *task)
{
	unsigned int i;
	bool ring;
	int err;

	err = po_find_ring_user(search, task, &ring) ?:
	      po_search_table(search, task, &ring);
	for (i = 0; ring && i < search->nr && !err; i++)
		if (!po_place_added_last(search->socks[i], task))
			err = po_add_place(search, i, task,
					   PORTOWNER_UNSEEN_IO_URING);

	return err;
}

/* Drop the io_uring candidates of sockets whose references were all found. */
static void po_drop_guesses(struct po_search *search)
{
	unsigned int i;

	for (i = 0; i < search->nr; i++)
		if (search->left[i] <= 0)
			po_snap_drop_untracked(search->socks[i],
					       PORTOWNER_UNSEEN_IO_URING);
}

/* Returns false if no socket has untracked references, or too many have. */
static bool po_search_init(struct po_search *search, struct po_snap *snap)
{
	struct po_sock *sock;
	u32 i;

	memset(search, 0, sizeof(*search));
	search->snap = snap;
	for (i = 0; i < snap->nr; i++) {
		sock = po_snap_sock(snap, i);
		if (i % PO_SEARCH_FDS == 0)
			cond_resched();
		if (!sock->file || po_untracked_refs(sock) <= 0)
			continue;
		if (search->nr == PO_UNTRACKED_SOCKS)
			return false;
		search->socks[search->nr] = sock;
		search->left[search->nr++] = po_untracked_refs(sock);
	}

	return search->nr;
}

/**
 * po_find_untracked() - find the places of untracked references
 * @snap: snapshot, complete with all owners
 *
 * Does nothing if more than %PO_UNTRACKED_SOCKS sockets have untracked
 * references.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINTR if the caller is being killed.
 */
int po_find_untracked(struct po_snap *snap)
{
	struct task_struct *task;
	struct po_fdtables tables;
	struct po_search search;
	int tid, err = 0;

	if (!po_search_init(&search, snap))
		return 0;

	xa_init_flags(&search.queues, XA_FLAGS_ACCOUNT);
	xa_init_flags(&search.rings, XA_FLAGS_ACCOUNT);
	po_fdtables_begin(&tables, snap);
	for (tid = 1; !err; tid++) {
		task = po_next_task(&tables, &tid);
		err = PTR_ERR_OR_ZERO(task);
		if (err || !task)
			break;
		err = po_search_task(&search, task);
		put_task_struct(task);
	}
	po_fdtables_end(&tables);
	po_drop_guesses(&search);
	xa_destroy(&search.rings);
	xa_destroy(&search.queues);

	return err;
}
