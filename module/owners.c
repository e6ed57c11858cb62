// SPDX-License-Identifier: GPL-2.0
/*
 * Find the processes behind the sockets of a snapshot: one walk over the
 * descriptor tables of all threads, whatever the number of sockets. For a few
 * sockets the processes that bound them come first, then their relatives, and
 * the walk ends as soon as the references to all files are explained: so the
 * usual answer does not depend on how many descriptors the host has.
 *
 * No reference is taken on a file and no file_lock is held. A table is kept
 * from being freed by task_lock() of a thread that uses it, for PO_FDS slots
 * at a time; the array behind it and the files in it by RCU.
 */

#include <linux/fdtable.h>
#include <linux/hash.h>
#include <linux/idr.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <net/sock.h>

#include "internal.h"

/* Slots of a table that are read before its locks are given up: ~20 us. */
#define PO_FDS		1024

/* Descriptors found before they are written down, outside of locks. */
#define PO_HITS		32

/* Thread ids that are looked up in one RCU read-side section. */
#define PO_TIDS		256

/* Sockets up to which it pays to try those who bound them first. */
#define PO_DIRECT	16

/* Threads of a process that are looked at to know if it has a table alone. */
#define PO_THREADS	1024

/* Generations up to which a descendant counts as a relative. */
#define PO_GENERATIONS	4

/**
 * struct po_walk - a walk over all descriptor tables
 * @snap: snapshot whose sockets are looked for
 * @heads: index + 1 of the first socket of each hash bucket, by file, or by
 *	inode number for those without
 * @shift: 64 less log2 of the number of buckets
 * @by_inode: there are sockets of the latter kind
 * @to_the_end: references do not tell when all owners are found
 * @refs: references to the files of all sockets that no hit explains yet
 * @done: threads whose table was read already, by id
 * @shared: tables that several processes share and that were read already
 * @killable: end when the caller is being killed
 */
struct po_walk {
	struct po_snap *snap;
	u32 *heads;
	unsigned int shift;
	bool by_inode;
	bool to_the_end;
	long refs;
	struct xarray done;
	struct xarray shared;
	bool killable;
};

struct po_hit {
	u32 sock;
	unsigned int fd;
};

/* The bucket of a key. One multiplication: it is done for each descriptor. */
static unsigned long po_slot_of(unsigned long key, unsigned int shift)
{
	return ((u64)key * GOLDEN_RATIO_64) >> shift;
}

static int po_walk_init(struct po_walk *walk, struct po_snap *snap)
{
	/* Mostly empty buckets: most descriptors are of other files. */
	unsigned int bits = max(order_base_2(snap->nr) + 2, 6);
	unsigned long key;
	struct po_sock *sock;
	u32 i, *head;

	walk->snap = snap;
	walk->refs = 0;
	xa_init(&walk->done);
	xa_init(&walk->shared);
	walk->shift = 64 - bits;
	walk->heads = kvcalloc(1UL << bits, sizeof(*walk->heads),
			       GFP_KERNEL_ACCOUNT);
	if (!walk->heads)
		return -ENOMEM;

	for (i = 0; i < snap->nr; i++) {
		sock = po_snap_sock(snap, i);
		if (!sock->inode)
			continue;
		key = sock->file ? (unsigned long)sock->file : sock->inode;
		/* Without a file nobody knows how many references there are. */
		if (!sock->file) {
			walk->by_inode = true;
			walk->to_the_end = true;
		}
		head = &walk->heads[po_slot_of(key, walk->shift)];
		sock->next_by_key = *head;
		*head = i + 1;
		walk->refs += sock->refs;
	}

	return 0;
}

/*
 * Whether a file leads to a socket of the snapshot. The file was read from a
 * table in this RCU read-side section, but it may be another than the one that
 * was recorded at the same address: only the same inode number with the same
 * struct sock is the same socket. The file of an MPTCP socket has a struct
 * sock above the one that has the port.
 */
static bool po_leads_to(struct file *file, const struct po_sock *sock)
{
	struct socket *socket = po_sock_from_file(file);

	if (!socket || SOCK_INODE(socket)->i_ino != sock->inode)
		return false;

	return READ_ONCE(socket->sk) == sock->sk ||
	       sock->proto == IPPROTO_MPTCP;
}

/* The socket behind a file, as index + 1, or 0; @first heads its bucket. */
static u32 po_sock_of(const struct po_walk *walk, struct file *file, u32 first)
{
	const struct po_sock *sock;
	struct socket *socket;
	u32 i;

	if (!file)
		return 0;

	for (i = first; i; i = sock->next_by_key) {
		sock = po_snap_sock(walk->snap, i - 1);
		if (sock->file == file && po_leads_to(file, sock))
			return i;
	}
	if (!walk->by_inode)
		return 0;

	socket = po_sock_from_file(file);
	if (!socket)
		return 0;

	i = walk->heads[po_slot_of(SOCK_INODE(socket)->i_ino, walk->shift)];
	for (; i; i = sock->next_by_key) {
		sock = po_snap_sock(walk->snap, i - 1);
		if (!sock->file && po_leads_to(file, sock))
			return i;
	}

	return 0;
}

static bool po_walk_on(const struct po_walk *walk)
{
	return walk->refs > 0 || walk->to_the_end;
}

/* Read the slots of one word of the bitmap from *@fd on. False: hits are full. */
static bool po_scan_word(const struct po_walk *walk, const struct fdtable *fdt,
			 unsigned int *fd, struct po_hit *hits,
			 unsigned int *nr)
{
	unsigned int bit, base = round_down(*fd, BITS_PER_LONG);
	struct file __rcu **files = fdt->fd + base;
	/* Copies: else the compiler reads them anew for each descriptor. */
	const unsigned int shift = walk->shift;
	const bool each = walk->by_inode;
	const u32 *heads = walk->heads;
	unsigned long bits;
	struct file *file;
	u32 head, sock;

	bits = READ_ONCE(fdt->open_fds[base / BITS_PER_LONG]) &
	       BITMAP_FIRST_WORD_MASK(*fd);
	for (; bits; bits &= bits - 1) {
		bit = __ffs(bits);
		file = rcu_dereference(files[bit]);
		head = heads[po_slot_of((unsigned long)file, shift)];
		if (likely(!head && !each))
			continue;
		sock = po_sock_of(walk, file, head);
		if (!sock)
			continue;
		if (*nr == PO_HITS) {
			*fd = base + bit;
			return false;
		}
		hits[*nr].sock = sock - 1;
		hits[(*nr)++].fd = base + bit;
	}
	*fd = base + BITS_PER_LONG;

	return true;
}

/* Read up to PO_FDS slots from *@fd on. Returns the number of hits. */
static unsigned int po_scan(const struct po_walk *walk,
			    const struct fdtable *fdt, unsigned int *fd,
			    struct po_hit *hits)
{
	unsigned int end = min(fdt->max_fds, *fd + PO_FDS), nr = 0;

	while (*fd < end && po_scan_word(walk, fdt, fd, hits, &nr))
		;

	return nr;
}

/*
 * Whether each user of @files is a thread of the process of @task, so that a
 * reference that is found here is not found again through another process.
 */
static bool po_only_user(const struct files_struct *files,
			 struct task_struct *task)
{
	struct task_struct *thread;
	int users = 0, seen = 0;

	for_each_thread(task->group_leader, thread) {
		if (READ_ONCE(thread->files) == files)
			users++;
		/* As if it were shared: no less right, only slower. */
		if (++seen == PO_THREADS)
			return false;
	}

	return users == atomic_read(&files->count);
}

/*
 * Whether what is found in @files was not found before through another process
 * that shares it. Only the address of @files is used.
 */
static bool po_first_visit(struct po_walk *walk,
			   const struct files_struct *files)
{
	unsigned long key = (unsigned long)files / sizeof(long);

	if (xa_load(&walk->shared, key))
		return false;

	/* Without memory it is found twice, and the walk may end early. */
	xa_store(&walk->shared, key, xa_mk_value(0), GFP_KERNEL_ACCOUNT);

	return true;
}

static int po_add_hits(struct po_walk *walk, struct task_struct *task,
		       const struct po_hit *hits, unsigned int nr, bool explain)
{
	struct po_sock *sock;
	unsigned int i;
	int err;

	for (i = 0; i < nr; i++) {
		sock = po_snap_sock(walk->snap, hits[i].sock);
		/* More than there were: descriptors that came meanwhile. */
		if (explain && sock->refs > 0) {
			sock->refs--;
			walk->refs--;
		}
		err = po_snap_add_owner(walk->snap, sock, task, hits[i].fd);
		if (err)
			return err;
	}

	return 0;
}

static int po_walk_table(struct po_walk *walk, struct task_struct *task)
{
	bool more, first = true, explain = true, only_user = true;
	struct po_hit hits[PO_HITS];
	struct files_struct *files;
	unsigned int nr, fd = 0;
	struct fdtable *fdt;
	int err = 0;

	do {
		nr = 0;
		more = false;
		rcu_read_lock();
		task_lock(task);
		files = task->files;
		if (files) {
			fdt = files_fdtable(files);
			nr = po_scan(walk, fdt, &fd, hits);
			more = fd < fdt->max_fds;
			if (nr && first)
				only_user = po_only_user(files, task);
		}
		task_unlock(task);
		rcu_read_unlock();

		if (nr && first) {
			explain = only_user || po_first_visit(walk, files);
			/* One reference, but who else has it is not known. */
			walk->to_the_end |= !only_user;
			first = false;
		}
		err = po_add_hits(walk, task, hits, nr, explain);
		cond_resched();
	} while (!err && more && po_walk_on(walk));

	return err;
}

/* Whether no earlier thread of the same process stands for the same table. */
static bool po_stands_for_table(struct task_struct *task)
{
	struct files_struct *files = READ_ONCE(task->files);
	struct task_struct *thread;

	if (!files)
		return false;

	for_each_thread(task->group_leader, thread) {
		if (thread == task)
			return true;
		if (READ_ONCE(thread->files) == files)
			return false;
	}

	/* It is just leaving the list. */
	return true;
}

/* Whether a process descends from one that bound a socket. Under RCU. */
static bool po_is_relative(const struct po_snap *snap,
			   struct task_struct *task)
{
	struct task_struct *parent = task->group_leader;
	const struct po_bound *bound;
	int i;
	u32 j;

	for (i = 0; i < PO_GENERATIONS; i++) {
		parent = rcu_dereference(parent->real_parent);
		if (parent->pid <= 1 && i)
			return false;
		for (j = 0; j < snap->nr; j++) {
			bound = po_snap_sock(snap, j)->bound;
			if (bound && bound->pid == task_tgid(parent))
				return true;
		}
		parent = parent->group_leader;
	}

	return false;
}

/*
 * The next thread whose table is to be read, from id *@tid on, in the order
 * of ids; referenced. A thread that is cloned or ends meanwhile may be missed.
 */
static struct task_struct *po_next_task(struct po_walk *walk, int *tid,
					bool relatives)
{
	struct task_struct *task, *found = NULL;
	struct pid *pid;
	int i;

	do {
		rcu_read_lock();
		for (i = 0; i < PO_TIDS && !found; i++, (*tid)++) {
			pid = idr_get_next(&init_pid_ns.idr, tid);
			if (!pid)
				break;
			task = pid_task(pid, PIDTYPE_PID);
			if (task && po_stands_for_table(task) &&
			    !xa_load(&walk->done, *tid) &&
			    (!relatives || po_is_relative(walk->snap, task)))
				found = get_task_struct(task);
		}
		rcu_read_unlock();
		cond_resched();
	} while (!found && pid);

	return found;
}

static int po_walk_task(struct po_walk *walk, struct task_struct *task,
			bool remember)
{
	int err;

	if (remember) {
		err = xa_err(xa_store(&walk->done, task->pid, xa_mk_value(0),
				      GFP_KERNEL_ACCOUNT));
		if (err)
			return err;
	}
	err = po_walk_table(walk, task);
	if (!err && walk->killable && fatal_signal_pending(current))
		err = -EINTR;

	return err;
}

static int po_walk_all(struct po_walk *walk, bool relatives)
{
	struct task_struct *task;
	int tid = 1, err = 0;

	while (!err && po_walk_on(walk)) {
		task = po_next_task(walk, &tid, relatives);
		if (!task)
			break;
		err = po_walk_task(walk, task, relatives);
		put_task_struct(task);
	}

	return err;
}

static int po_walk_binders(struct po_walk *walk)
{
	const struct po_bound *bound;
	struct task_struct *task;
	int err = 0;
	u32 i;

	for (i = 0; i < walk->snap->nr && !err && po_walk_on(walk); i++) {
		bound = po_snap_sock(walk->snap, i)->bound;
		if (!bound)
			continue;
		task = get_pid_task(bound->pid, PIDTYPE_TGID);
		if (!task)
			continue;
		if (!xa_load(&walk->done, task->pid))
			err = po_walk_task(walk, task, true);
		put_task_struct(task);
	}

	return err;
}

/**
 * po_find_owners() - find every process that holds a socket of a snapshot
 * @snap: snapshot, complete but for the owners
 * @killable: give up when the caller is being killed
 *
 * Ends early once all references to all files are explained. What is left in
 * refs of a socket otherwise are references from elsewhere: in flight over a
 * unix socket, registered with io_uring, or a system call under way.
 *
 * Context: may sleep; takes task_lock() of other tasks.
 * Return: 0, -ENOMEM, or -EINTR.
 */
int po_find_owners(struct po_snap *snap, bool killable)
{
	struct po_walk walk = { .killable = killable };
	int err;

	err = po_walk_init(&walk, snap);
	if (err)
		return err;

	if (snap->nr <= PO_DIRECT)
		err = po_walk_binders(&walk) ?: po_walk_all(&walk, true);
	if (!err)
		err = po_walk_all(&walk, false);
	xa_destroy(&walk.shared);
	xa_destroy(&walk.done);
	kvfree(walk.heads);

	return err;
}
