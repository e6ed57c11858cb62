// SPDX-License-Identifier: GPL-2.0
/*
 * Find the processes behind the sockets of a snapshot: one walk over the
 * descriptor tables of all threads, whatever the number of sockets. For a few
 * sockets the processes that bound them come first, then their relatives, and
 * the walk ends as soon as the references to all files are explained: so the
 * usual answer does not depend on how many descriptors the host has.
 *
 * For a refused bind it ends in any case, when what it may take is spent.
 *
 * No reference is taken on a file and no file_lock is held. A table is kept
 * from being freed by task_lock() of a thread that uses it, for PO_FDS slots
 * at a time; the array behind it and the files in it by RCU.
 */

#include <linux/fdtable.h>
#include <linux/idr.h>
#include <linux/pid_namespace.h>
#include <linux/radix-tree.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "internal.h"

/* Slots of tables that are read before all locks are given up: ~20 us. */
#define PO_FDS		1024

/* Descriptors found before they are written down, outside of locks. */
#define PO_HITS		32

/* Thread ids that are looked up in one RCU read-side section. */
#define PO_TIDS		128

/* Sockets up to which it pays to try those who bound them first. */
#define PO_DIRECT	16

/* Threads of a process that are looked at to know if it has a table alone. */
#define PO_THREADS	1024

/* Generations up to which a descendant counts as a relative. */
#define PO_GENERATIONS	4

/* Processes that are tried first, each with its relatives. */
#define PO_LIKELY	16

/*
 * Instructions that a refused task spends: half of it on the likely ones. What
 * a thread takes, and to know if it is a relative; a table, a word of its bitmap,
 * a descriptor, one of them that is found, and to note that a table was read.
 */
#define PO_OWNERS_MOST	90000
#define PO_COST_TASK	150
#define PO_COST_KIN	150
#define PO_COST_TABLE	100
#define PO_COST_WORD	10
#define PO_COST_FD	12
#define PO_COST_HIT	150
#define PO_COST_NOTE	300

/**
 * struct po_walk - a walk over all descriptor tables
 * @snap: snapshot whose sockets are looked for
 * @keys: to find a socket by its file
 * @tables: tables that were met already
 * @to_the_end: references do not tell when all owners are found
 * @refs: references to the files of all sockets that no hit explains yet
 * @done: threads whose table was read already, by id
 * @shared: tables that several processes share and that were read already
 * @likely: processes that bound a socket, or had it when the module was loaded;
 *	the snapshot and the hints hold references
 * @nr_likely: how many these are
 */
struct po_walk {
	struct po_snap *snap;
	struct po_keys keys;
	struct po_tables tables;
	bool to_the_end;
	long refs;
	struct xarray done;
	struct xarray shared;
	struct pid *likely[PO_LIKELY];
	unsigned int nr_likely;
};

/**
 * struct po_hit - a descriptor that was found
 * @sock: as po_keys_find() numbers the socket that it leads to
 * @fd: descriptor
 */
struct po_hit {
	u32 sock;
	unsigned int fd;
};

/**
 * struct po_scan - how far the table of a thread was read
 * @task: the thread
 * @files: the table, when something was found in it first; only its address
 *	is used
 * @slots: the slots of the table, as long as it is being read
 * @fd: the next slot
 * @more: there are further slots
 * @only_user: no other process has the table
 * @seen: something was found before
 * @met: a table to be remembered before it is read, or NULL
 * @cost: instructions since they were spent last
 * @nr: descriptors found, not written down yet
 * @hits: these
 */
struct po_scan {
	struct task_struct *task;
	const struct files_struct *files;
	struct file __rcu **slots;
	unsigned int fd;
	bool more;
	bool only_user;
	bool seen;
	const struct files_struct *met;
	u32 cost;
	unsigned int nr;
	struct po_hit hits[PO_HITS];
};

static bool po_walk_on(const struct po_walk *walk)
{
	return walk->refs > 0 || walk->to_the_end;
}

/* A file that the filter let pass. False: there is no room for a hit. */
static noinline bool po_check_slot(const struct po_walk *walk,
				   struct po_scan *scan,
				   struct file __rcu **slot)
{
	u32 sock = po_keys_find(&walk->keys, rcu_dereference(*slot));

	scan->cost += PO_COST_HIT;
	if (!sock)
		return true;
	if (scan->nr == PO_HITS) {
		scan->fd = slot - scan->slots;
		return false;
	}
	scan->hits[scan->nr].sock = sock;
	scan->hits[scan->nr++].fd = slot - scan->slots;

	return true;
}

/*
 * Read up to 64 slots, those of the bits that are set. False: there is no room
 * for hits. What is kept in registers here is what the compiler would read anew
 * for each descriptor: 7 instructions each if they follow each other from the
 * first on, as they nearly always do, else 12.
 */
static bool po_scan_word(const struct po_walk *walk, struct po_scan *scan,
			 struct file __rcu **slots, unsigned long bits)
{
	struct file __rcu **slot = slots, **end = slots + fls64(bits);
	const unsigned int shift = walk->keys.filter_shift;
	const u8 *filter = walk->keys.filter;
	unsigned long file;

	if (!(bits & (bits + 1))) {
#pragma GCC unroll 8
		for (; slot < end; slot++) {
			file = (unsigned long)rcu_dereference(*slot);
			if (unlikely(filter[po_hash(file, shift)]) &&
			    !po_check_slot(walk, scan, slot))
				return false;
		}
		return true;
	}
	for (; bits; bits &= bits - 1) {
		slot = slots + __ffs(bits);
		file = (unsigned long)rcu_dereference(*slot);
		if (unlikely(filter[po_hash(file, shift)]) &&
		    !po_check_slot(walk, scan, slot))
			return false;
	}

	return true;
}

/* Read up to PO_FDS slots of a table. */
static void po_scan_slots(const struct po_walk *walk, struct po_scan *scan,
			  const struct fdtable *fdt)
{
	unsigned int end = min(fdt->max_fds, scan->fd + PO_FDS);
	unsigned long bits, mask = BITMAP_FIRST_WORD_MASK(scan->fd);
	unsigned int base = round_down(scan->fd, BITS_PER_LONG);

	scan->slots = fdt->fd;
	for (; base < end; base += BITS_PER_LONG, mask = ~0UL) {
		bits = READ_ONCE(fdt->open_fds[base / BITS_PER_LONG]) & mask;
		scan->cost += PO_COST_WORD + PO_COST_FD * fls64(bits);
		if (bits && !po_scan_word(walk, scan, scan->slots + base, bits))
			return;
	}
	scan->fd = base;
}

/*
 * Whether each user of @files is a thread of the process of @task, so that a
 * reference that is found here is not found again through another process.
 */
static bool po_only_user(const struct files_struct *files,
			 struct task_struct *task, u32 *cost)
{
	struct task_struct *thread;
	int users = 0, seen = 0;

	if (atomic_read(&files->count) == 1)
		return true;

	for_each_thread(task, thread) {
		if (READ_ONCE(thread->files) == files)
			users++;
		/* As if it were shared: no less right, only slower. */
		*cost += PO_COST_WORD;
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
	xa_store(&walk->shared, key, xa_mk_value(0), walk->snap->gfp);

	return true;
}

/* Read on in the table of a thread. Under RCU. */
static void po_scan_table(const struct po_walk *walk, struct po_scan *scan)
{
	struct task_struct *task = scan->task;
	struct files_struct *files;
	struct fdtable *fdt;

	scan->nr = 0;
	scan->more = false;
	scan->cost += PO_COST_TABLE;
	task_lock(task);
	files = task->files;
	if (files) {
		fdt = files_fdtable(files);
		po_scan_slots(walk, scan, fdt);
		scan->more = scan->fd < fdt->max_fds;
		if (scan->nr && !scan->seen) {
			scan->files = files;
			scan->only_user = po_only_user(files, task,
						       &scan->cost);
		}
	}
	task_unlock(task);
}

/* A descriptor that leads to a socket, or to all those of one file. */
static int po_add_hit(struct po_walk *walk, const struct po_scan *scan,
		      const struct po_hit *hit, bool explain)
{
	struct po_sock *sock;
	int err = 0;
	u32 nr;

	for (nr = hit->sock; nr && !err; nr = po_keys_same(&walk->keys, nr)) {
		sock = po_snap_sock(walk->snap, nr - 1);
		/* More than there were: descriptors that came meanwhile. */
		if (explain && sock->refs > 0) {
			sock->refs--;
			walk->refs--;
		}
		err = po_snap_add_owner(walk->snap, sock, scan->task, hit->fd);
	}

	return err;
}

static int po_add_hits(struct po_walk *walk, const struct po_scan *scan,
		       bool explain)
{
	unsigned int i;
	int err = 0;

	for (i = 0; i < scan->nr && !err; i++)
		err = po_add_hit(walk, scan, &scan->hits[i], explain);

	return err;
}

/* Write down what was found in a table, and read the rest of it. */
static int po_walk_table(struct po_walk *walk, struct po_scan *scan)
{
	bool explain = true;
	int err;

	for (;;) {
		if (scan->nr && !scan->seen) {
			explain = scan->only_user ||
				  po_first_visit(walk, scan->files);
			/* One reference, but who else has it is not known. */
			walk->to_the_end |= !scan->only_user;
			scan->seen = true;
		}
		err = po_add_hits(walk, scan, explain);
		cond_resched();
		if (err || !scan->more || !po_walk_on(walk))
			return err;

		po_spend(walk->snap, scan->cost);
		scan->cost = 0;
		err = po_snap_check(walk->snap);
		if (err)
			return err;

		rcu_read_lock();
		po_scan_table(walk, scan);
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

/* Whether a thread is one of a likely process, or of its descendants. Under RCU. */
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

static void po_scan_init(struct po_scan *scan, struct task_struct *task)
{
	scan->task = task;
	scan->fd = 0;
	scan->nr = 0;
	scan->more = true;
	scan->seen = false;
	scan->met = NULL;
	scan->cost = 0;
}

/* Whether the table of a thread has to be read. Under RCU. */
static bool po_wants_task(struct po_walk *walk, struct task_struct *task,
			  bool relatives, const struct files_struct **met)
{
	po_spend(walk->snap, PO_COST_TASK + (relatives ? PO_COST_KIN : 0));

	return (xa_empty(&walk->done) || !xa_load(&walk->done, task->pid)) &&
	       (!relatives || po_is_relative(walk, task)) &&
	       po_tables_want(&walk->tables, task, met);
}

/*
 * The next thread whose table has something, or is not read to its end yet,
 * from id *@tid on, in the order of ids. A thread that is cloned or ends
 * meanwhile may be missed. Its tables being small, most processes are done with
 * here, many in one RCU read-side section. False: there is none up to *@tid.
 */
static bool po_next_scan(struct po_walk *walk, unsigned long *tid,
			 bool relatives, struct po_scan *scan, bool *end)
{
	unsigned int tids = 0, looked_at = 0;
	const struct files_struct *met;
	struct radix_tree_iter iter;
	struct task_struct *task;
	void __rcu **slot;
	void *entry;

	radix_tree_for_each_slot(slot, &init_pid_ns.idr.idr_rt, &iter, *tid) {
		*tid = iter.index;
		if (tids++ == PO_TIDS || looked_at >= PO_FDS ||
		    walk->snap->left <= 0)
			return false;

		entry = radix_tree_deref_slot(slot);
		if (radix_tree_deref_retry(entry)) {
			slot = radix_tree_iter_retry(&iter);
			continue;
		}
		task = entry ? pid_task(entry, PIDTYPE_PID) : NULL;
		if (!task || !po_wants_task(walk, task, relatives, &met))
			continue;

		po_scan_init(scan, task);
		scan->met = met;
		/* What has to be remembered first, which may sleep, comes later. */
		if (!relatives && !met)
			po_scan_table(walk, scan);
		looked_at += scan->fd;
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

static int po_remember(struct po_walk *walk, const struct task_struct *task)
{
	po_spend(walk->snap, PO_COST_NOTE);

	return xa_err(xa_store(&walk->done, task->pid, xa_mk_value(0),
			       walk->snap->gfp));
}

/* From thread @tid on: relatives, or all. */
static int po_walk_all(struct po_walk *walk, unsigned long tid, bool relatives)
{
	struct po_scan scan;
	bool end = false;
	int err = 0;

	while (!err && !end && po_walk_on(walk)) {
		rcu_read_lock();
		scan.task = NULL;
		if (!po_next_scan(walk, &tid, relatives, &scan, &end))
			scan.task = NULL;
		rcu_read_unlock();
		cond_resched();
		if (scan.task) {
			err = relatives ? po_remember(walk, scan.task) : 0;
			err = err ?: po_tables_remember(&walk->tables,
							scan.task, scan.met);
			err = err ?: po_walk_table(walk, &scan);
			put_task_struct(scan.task);
		}
		if (!err && !end && po_walk_on(walk))
			err = po_snap_check(walk->snap);
	}

	return err;
}

static int po_walk_process(struct po_walk *walk, struct task_struct *task)
{
	struct po_scan scan;

	po_scan_init(&scan, task);

	return po_remember(walk, task) ?: po_walk_table(walk, &scan);
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

/* The likely processes, and after them their relatives. */
static int po_walk_likely(struct po_walk *walk)
{
	unsigned long first = ULONG_MAX;
	struct task_struct *task;
	unsigned int i;
	int err = 0;

	po_find_likely(walk);
	for (i = 0; i < walk->nr_likely && !err && po_walk_on(walk); i++) {
		first = min_t(unsigned long, first, pid_nr(walk->likely[i]));
		task = get_pid_task(walk->likely[i], PIDTYPE_TGID);
		if (!task)
			continue;
		err = po_walk_process(walk, task);
		put_task_struct(task);
	}
	if (err || !walk->nr_likely)
		return err;

	/* Within bounds: a child has the next ids, unless they came to an end. */
	return po_walk_all(walk, walk->snap->bounded ? first : 1, true);
}

/* The likely ones may take half of what there is, all threads what is left. */
static int po_walk_bounded(struct po_walk *walk)
{
	s64 rest = walk->snap->left / 2;
	int err;

	walk->snap->left -= rest;
	err = po_walk_likely(walk);
	walk->snap->left += rest;
	if (err && err != -ETIME)
		return err;

	/* A table that was not read to its end then is not read again. */
	return po_walk_all(walk, 1, false) ?: err;
}

/* Mark the sockets that may have owners that were not found. */
static void po_mark_cut(const struct po_walk *walk)
{
	struct po_sock *sock;
	u32 i;

	for (i = 0; i < walk->snap->nr; i++) {
		sock = po_snap_sock(walk->snap, i);
		if (sock->inode && !po_is_twin(walk->snap, i))
			sock->owners_cut |= walk->to_the_end || !sock->file ||
					    sock->refs > 0;
	}
}

static int po_walk(struct po_walk *walk)
{
	const struct po_snap *snap = walk->snap;
	int err = 0;

	if (snap->bounded)
		return po_walk_bounded(walk);
	if (snap->nr <= PO_DIRECT)
		err = po_walk_likely(walk);

	return err ?: po_walk_all(walk, 1, false);
}

/**
 * po_find_owners() - find every process that holds a socket of a snapshot
 * @snap: snapshot, complete but for the owners
 *
 * Ends early once all references to all files are explained. What is left in
 * refs of a socket otherwise are references from elsewhere: in flight over a
 * unix socket, registered with io_uring, or a system call under way. Of a bounded
 * snapshot the sockets are marked that may have other owners.
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
		snap->left = PO_OWNERS_MOST;
	xa_init(&walk.done);
	xa_init(&walk.shared);
	po_tables_begin(&walk.tables, snap);
	err = po_keys_init(&walk.keys, snap);
	for (i = 0; i < snap->nr; i++) {
		if (po_is_twin(snap, i))
			continue;
		sock = po_snap_sock(snap, i);
		walk.refs += sock->refs;
		/* Without a file nobody knows how many references there are. */
		walk.to_the_end |= sock->inode && !sock->file;
		if (i % PO_FDS == 0)
			cond_resched();
	}
	err = err ?: po_walk(&walk);
	if (err && snap->bounded) {
		po_mark_cut(&walk);
		err = 0;
	}
	po_snap_join_twins(snap);
	po_tables_end(&walk.tables);
	xa_destroy(&walk.shared);
	xa_destroy(&walk.done);
	po_keys_destroy(&walk.keys);

	return err;
}
