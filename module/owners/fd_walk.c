// SPDX-License-Identifier: GPL-2.0
/*
 * Find the processes behind the sockets of a snapshot, by one walk over the
 * descriptor tables of all threads, regardless of the number of sockets. If
 * there are only a few, the processes that bound them come first, then their
 * descendants, and the walk ends once all references to their files are
 * accounted for. So the cost of the usual answer does not depend on the number
 * of descriptors on the host.
 *
 * For a refused bind the walk also ends when its budget of instructions is
 * spent.
 */

#include <linux/fdtable.h>
#include <linux/idr.h>
#include <linux/pid_namespace.h>
#include <linux/radix-tree.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "core/core.h"
#include "owners/owners.h"
#include "owners/walk.h"

/* Sockets up to which it pays to try likely owners first. */
#define PO_LIKELY_SOCKS	16

/* Generations of descendants that count as relatives. */
#define PO_GENERATIONS	4

/* Processes tried first, with their relatives. */
#define PO_LIKELY	16

/*
 * Slots of shared tables with hits, read for one process after the other, before only one
 * more is: any number of processes can share a table with a million slots.
 */
#define PO_SHARED_SLOTS	SZ_16M

/*
 * Estimated instructions to pass a thread, to check whether it is a relative,
 * and to remember that its table was read.
 */
#define PO_COST_THREAD		150
#define PO_COST_RELATIVE	150
#define PO_COST_REMEMBER	300

/* Estimated instructions to find another socket with the same file. */
#define PO_COST_SAME		40

/**
 * struct po_walk - a walk over all descriptor tables
 * @snap: snapshot whose owners are wanted
 * @index: its sockets by file
 * @tables: tables already seen
 * @exhaustive: read all tables, since reference counts cannot tell when all
 *	owners are found
 * @enough: of the processes that share a table with hits, only one more is visited
 * @shared_slots: slots read so far of tables with hits that processes share
 * @refs: references to the files of all sockets not yet accounted for
 * @read: threads whose table was read early, by id
 * @shared_tables: tables with hits that several processes share
 * @likely: processes that bound a socket, or held it when the module was
 *	loaded; the snapshot and the hints hold the references
 * @nr_likely: entries in @likely
 */
struct po_walk {
	struct po_snap *snap;
	struct po_file_index index;
	struct po_fdtables tables;
	bool exhaustive;
	bool enough;
	u64 shared_slots;
	long refs;
	struct xarray read;
	struct xarray shared_tables;
	struct pid *likely[PO_LIKELY];
	unsigned int nr_likely;
};

static bool po_walk_unfinished(const struct po_walk *walk)
{
	return walk->refs > 0 || walk->exhaustive;
}

/*
 * Whether @files has not been read through another process that shares it. Only
 * its address is used.
 */
static bool po_first_visit(struct po_walk *walk,
			   const struct files_struct *files)
{
	unsigned long key = (unsigned long)files / sizeof(long);

	if (xa_load(&walk->shared_tables, key))
		return false;

	/* Without memory, hits are counted twice and the walk may end early. */
	xa_store(&walk->shared_tables, key, xa_mk_value(0), walk->snap->gfp);

	return true;
}

/* Add an owner to the socket behind a descriptor, or to all its subflows. */
static int po_add_hit(struct po_walk *walk, const struct po_scan *scan,
		      const struct po_hit *hit, bool count)
{
	struct po_sock *sock;
	int err = 0;
	u32 nr;

	for (nr = hit->sock; nr && !err; nr = po_file_index_next_same(&walk->index, nr)) {
		sock = po_snap_sock(walk->snap, nr - 1);
		/* Descriptors opened since may exceed the count. */
		if (count && sock->refs > 0) {
			sock->refs--;
			walk->refs--;
		}
		po_spend(walk->snap, PO_COST_SAME);
		err = po_snap_add_owner(walk->snap, sock, scan->task, hit->fd) ?:
		      po_snap_check(walk->snap);
		/* There is no room for more, or others with this table are not visited. */
		walk->enough |= sock->owners_incomplete;
		sock->owners_incomplete |= walk->enough && !scan->only_user;
	}

	return err;
}

static int po_add_hits(struct po_walk *walk, const struct po_scan *scan,
		       bool count)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < scan->nr && !err; i++)
		err = po_add_hit(walk, scan, &scan->hits[i], count);

	return err;
}

/* Add the owners found in the first part of a table, and read the rest. */
static int po_walk_table(struct po_walk *walk, struct po_scan *scan)
{
	bool count = true;
	int err;

	for (;;) {
		if (scan->nr && !scan->had_hits) {
			count = scan->only_user ||
				po_first_visit(walk, scan->files);
			/* One reference, but possibly further owners. */
			walk->exhaustive |= !scan->only_user;
			scan->had_hits = true;
		}
		err = po_add_hits(walk, scan, count);
		cond_resched();
		if (err || !scan->more || !po_walk_unfinished(walk))
			return err;

		po_spend(walk->snap, scan->cost);
		scan->cost = 0;
		err = po_snap_check(walk->snap);
		if (err)
			return err;

		rcu_read_lock();
		po_scan_table(&walk->index, scan);
		rcu_read_unlock();
	}
}

static bool po_is_likely(const struct po_walk *walk, const struct pid *pid)
{
	unsigned int i;

	for (i = 0; i < walk->nr_likely; i++)
		if (walk->likely[i] == pid)
			return true;

	return false;
}

/* Whether a thread belongs to a likely process or a descendant. Under RCU. */
static bool po_is_relative(const struct po_walk *walk, struct task_struct *task)
{
	struct task_struct *parent = task->group_leader;
	int i;

	for (i = 0; !po_is_likely(walk, task_tgid(parent)); i++) {
		if (i == PO_GENERATIONS)
			return false;
		parent = rcu_dereference(parent->real_parent);
		if (parent->pid <= 1 && i)
			return false;
		parent = parent->group_leader;
	}

	return true;
}

/* Whether to read the table of a thread. Under RCU. */
static bool po_wants_table(struct po_walk *walk, struct task_struct *task,
			   bool relatives, const struct files_struct **shared)
{
	po_spend(walk->snap,
		 PO_COST_THREAD + (relatives ? PO_COST_RELATIVE : 0));

	return (xa_empty(&walk->read) || !xa_load(&walk->read, task->pid)) &&
	       (!relatives || po_is_relative(walk, task)) &&
	       po_fdtables_want(&walk->tables, task, shared);
}

/*
 * Find the next thread, in order of ids from *@tid on, whose table has hits or
 * is not fully read yet. Most tables are small and without hits, and are read
 * completely here, many in one RCU read-side section. Threads that start or
 * exit during the walk may be missed. Returns false if there is none up to
 * *@tid; *@end is set if there are no more threads at all.
 */
static bool po_next_scan(struct po_walk *walk, unsigned long *tid,
			 bool relatives, struct po_scan *scan, bool *end)
{
	unsigned int tids = 0, slots = 0;
	const struct files_struct *shared;
	struct radix_tree_iter iter;
	struct task_struct *task;
	void __rcu **slot;
	void *entry;

	radix_tree_for_each_slot(slot, &init_pid_ns.idr.idr_rt, &iter, *tid) {
		*tid = iter.index;
		if (tids++ == PO_TID_BATCH || slots >= PO_SCAN_FDS ||
		    walk->snap->budget <= 0)
			return false;

		entry = radix_tree_deref_slot(slot);
		if (radix_tree_deref_retry(entry)) {
			slot = radix_tree_iter_retry(&iter);
			continue;
		}
		task = entry ? pid_task(entry, PIDTYPE_PID) : NULL;
		if (!task || !po_wants_table(walk, task, relatives, &shared))
			continue;

		po_scan_init(scan, task);
		scan->shared = shared;
		/* Remembering a table may sleep: then read it later. */
		if (!relatives && !shared)
			po_scan_table(&walk->index, scan);
		slots += scan->fd;
		if (scan->nr || scan->more) {
			(*tid)++;
			get_task_struct(task);
			return true;
		}
		po_spend(walk->snap, scan->cost);
	}
	*end = true;

	return false;
}

static int po_remember_thread(struct po_walk *walk,
			      const struct task_struct *task)
{
	po_spend(walk->snap, PO_COST_REMEMBER);

	return xa_err(xa_store(&walk->read, task->pid, xa_mk_value(0),
			       walk->snap->gfp));
}

/* Read the table of a thread that po_next_scan() has found. */
static int po_walk_found(struct po_walk *walk, struct po_scan *scan, bool relatives)
{
	bool last = walk->enough;
	int err = 0;

	if (relatives)
		err = po_remember_thread(walk, scan->task);
	err = err ?: po_fdtables_remember(&walk->tables, scan->task, scan->shared) ?:
	      po_walk_table(walk, scan);
	if (err)
		return err;

	if (scan->shared && scan->had_hits)
		walk->shared_slots += scan->fd;
	walk->enough |= walk->shared_slots > PO_SHARED_SLOTS;

	/* Other processes that share a table without hits own nothing either. */
	return last || !scan->had_hits ?
	       po_fdtables_done(&walk->tables, scan->shared) : 0;
}

/* Read the tables of all threads from @tid on, or of relatives only. */
static int po_walk_all(struct po_walk *walk, unsigned long tid, bool relatives)
{
	struct po_scan scan;
	bool end = false;
	int err = 0;

	while (!err && !end && po_walk_unfinished(walk)) {
		rcu_read_lock();
		scan.task = NULL;
		if (!po_next_scan(walk, &tid, relatives, &scan, &end))
			scan.task = NULL;
		rcu_read_unlock();
		cond_resched();
		if (scan.task) {
			err = po_walk_found(walk, &scan, relatives);
			put_task_struct(scan.task);
		}
		if (!err && !end && po_walk_unfinished(walk))
			err = po_snap_check(walk->snap);
	}

	return err;
}

static int po_walk_process(struct po_walk *walk, struct task_struct *task)
{
	struct po_scan scan;

	po_scan_init(&scan, task);

	return po_remember_thread(walk, task) ?: po_walk_table(walk, &scan);
}

static void po_find_likely(struct po_walk *walk)
{
	const struct po_sock *sock;
	struct pid *pid;
	u32 i;

	for (i = 0; i < walk->snap->nr; i++) {
		sock = po_snap_sock(walk->snap, i);
		pid = sock->bound ? sock->bound->pid : po_hint(sock);
		if (pid && !po_is_likely(walk, pid) &&
		    walk->nr_likely < PO_LIKELY)
			walk->likely[walk->nr_likely++] = pid;
	}
}

/* Read the tables of the likely processes, then those of their relatives. */
static int po_walk_likely(struct po_walk *walk)
{
	unsigned long first = ULONG_MAX;
	struct task_struct *task;
	unsigned int i;
	int err = 0;

	po_find_likely(walk);
	for (i = 0; i < walk->nr_likely && !err && po_walk_unfinished(walk);
	     i++) {
		first = min_t(unsigned long, first, pid_nr(walk->likely[i]));
		task = get_pid_task(walk->likely[i], PIDTYPE_TGID);
		if (!task)
			continue;
		err = po_walk_process(walk, task);
		put_task_struct(task);
	}
	if (err || !walk->nr_likely)
		return err;

	/* On a budget, skip lower ids: children get them only on wraparound. */
	return po_walk_all(walk, walk->snap->bounded ? first : 1, true);
}

/* Likely processes may use half of the budget, all threads the rest. */
static int po_walk_bounded(struct po_walk *walk)
{
	s64 rest = walk->snap->budget / 2;
	int err;

	walk->snap->budget -= rest;
	err = po_walk_likely(walk);
	walk->snap->budget += rest;
	if (err && err != -ETIME)
		return err;

	/* A table left unfinished by the first half is not read again. */
	return po_walk_all(walk, 1, false) ?: err;
}

/* Mark the sockets that may have further owners. */
static void po_mark_incomplete(const struct po_walk *walk)
{
	struct po_sock *sock;
	u32 i;

	for (i = 0; i < walk->snap->nr; i++) {
		sock = po_snap_sock(walk->snap, i);
		if (sock->inode && !po_is_alias(walk->snap, i))
			sock->owners_incomplete |= walk->exhaustive ||
						   !sock->file || sock->refs > 0;
	}
}

static int po_walk(struct po_walk *walk)
{
	const struct po_snap *snap = walk->snap;
	int err = 0;

	if (snap->bounded)
		return po_walk_bounded(walk);
	if (snap->nr <= PO_LIKELY_SOCKS)
		err = po_walk_likely(walk);

	return err ?: po_walk_all(walk, 1, false);
}

/**
 * po_find_owners() - find every process that holds a socket of a snapshot
 * @snap: snapshot, complete except for owners
 *
 * Ends early once all references to all files are accounted for. If some remain
 * in refs of a socket, they come from elsewhere: in flight over a unix socket,
 * registered with io_uring, or held by a system call in progress. In a bounded
 * snapshot, sockets that may have further owners are marked.
 *
 * Context: may sleep; takes task_lock() of other tasks.
 * Return: 0, -ENOMEM, or -EINTR; always 0 if @snap is bounded.
 */
int po_find_owners(struct po_snap *snap)
{
	struct po_walk walk = { .snap = snap };
	const struct po_sock *sock;
	int err;
	u32 i;

	if (snap->bounded)
		snap->budget = PO_OWNERS_BUDGET;
	xa_init_flags(&walk.read, XA_FLAGS_ACCOUNT);
	xa_init_flags(&walk.shared_tables, XA_FLAGS_ACCOUNT);
	po_fdtables_begin(&walk.tables, snap);
	err = po_file_index_init(&walk.index, snap);
	for (i = 0; i < snap->nr; i++) {
		if (po_is_alias(snap, i))
			continue;
		sock = po_snap_sock(snap, i);
		walk.refs += sock->refs;
		/* Without a file the number of references is unknown. */
		walk.exhaustive |= sock->inode && !sock->file;
		if (i % PO_SCAN_FDS == 0)
			cond_resched();
	}
	err = err ?: po_walk(&walk);
	if (err && snap->bounded) {
		po_mark_incomplete(&walk);
		err = 0;
	}
	po_snap_join_aliases(snap);
	po_fdtables_end(&walk.tables);
	xa_destroy(&walk.shared_tables);
	xa_destroy(&walk.read);
	po_file_index_destroy(&walk.index);

	return err;
}
