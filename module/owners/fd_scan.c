// SPDX-License-Identifier: GPL-2.0
/*
 * Read the descriptor table of a thread, a part at a time.
 *
 * No file reference and no file_lock is taken. task_lock() of a thread that
 * uses the table keeps it from being freed, for PO_SCAN_FDS slots at a time;
 * RCU protects its array and the files in it.
 */

#include <linux/fdtable.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "owners/walk.h"

/* Threads checked to find out whether a process shares its table. */
#define PO_MAX_THREADS	1024

/*
 * Estimated instructions per call of po_scan_table(), word of the bitmap,
 * descriptor, and file that passes the filter.
 */
#define PO_COST_SCAN	100
#define PO_COST_WORD	10
#define PO_COST_FD	12
#define PO_COST_HIT	150

/* Check a file that passed the filter. Returns false if there is no room. */
static noinline bool po_check_slot(const struct po_file_index *index,
				   struct po_scan *scan,
				   struct file __rcu **slot)
{
	u32 sock = po_file_index_find(index, rcu_dereference(*slot));

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
 * Read the slots whose bits are set. Returns false if there is no room for a
 * hit. The local variables keep in registers what the compiler would otherwise
 * reload for each descriptor. A descriptor takes 7 instructions if all are
 * consecutive from the first one on, as is nearly always the case, else 12.
 */
static bool po_scan_word(const struct po_file_index *index, struct po_scan *scan,
			 struct file __rcu **slots, unsigned long bits)
{
	struct file __rcu **slot = slots, **end = slots + fls64(bits);
	const unsigned int shift = index->filter_shift;
	const u8 *filter = index->filter;
	unsigned long file;

	if (!(bits & (bits + 1))) {
#pragma GCC unroll 8
		for (; slot < end; slot++) {
			file = (unsigned long)rcu_dereference(*slot);
			if (unlikely(filter[po_file_hash(file, shift)]) &&
			    !po_check_slot(index, scan, slot))
				return false;
		}
		return true;
	}
	for (; bits; bits &= bits - 1) {
		slot = slots + __ffs(bits);
		file = (unsigned long)rcu_dereference(*slot);
		if (unlikely(filter[po_file_hash(file, shift)]) &&
		    !po_check_slot(index, scan, slot))
			return false;
	}

	return true;
}

/* Read up to PO_SCAN_FDS slots of a table. */
static void po_scan_slots(const struct po_file_index *index, struct po_scan *scan,
			  const struct fdtable *fdt)
{
	unsigned int end = min(fdt->max_fds, scan->fd + PO_SCAN_FDS);
	unsigned long bits, mask = BITMAP_FIRST_WORD_MASK(scan->fd);
	unsigned int base = round_down(scan->fd, BITS_PER_LONG);

	scan->slots = fdt->fd;
	for (; base < end; base += BITS_PER_LONG, mask = ~0UL) {
		bits = READ_ONCE(fdt->open_fds[base / BITS_PER_LONG]) & mask;
		scan->cost += PO_COST_WORD + PO_COST_FD * fls64(bits);
		if (bits && !po_scan_word(index, scan, scan->slots + base, bits))
			return;
	}
	scan->fd = base;
}

/*
 * Whether all users of @files are threads of the process of @task, so that no
 * other process leads to the same references again. Adds the cost to *@cost.
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
		/* Treating it as shared is also correct, only slower. */
		*cost += PO_COST_WORD;
		if (++seen == PO_MAX_THREADS)
			return false;
	}

	return users == atomic_read(&files->count);
}

/**
 * po_scan_table() - read the next part of the table of a thread
 * @index: sockets to look for
 * @scan: progress; receives up to %PO_HITS hits
 *
 * Context: under RCU; takes task_lock() of the thread.
 */
void po_scan_table(const struct po_file_index *index, struct po_scan *scan)
{
	struct task_struct *task = scan->task;
	struct files_struct *files;
	struct fdtable *fdt;

	scan->nr = 0;
	scan->more = false;
	scan->cost += PO_COST_SCAN;
	task_lock(task);
	files = task->files;
	if (files) {
		fdt = files_fdtable(files);
		po_scan_slots(index, scan, fdt);
		scan->more = scan->fd < fdt->max_fds;
		if (scan->nr && !scan->had_hits) {
			scan->files = files;
			scan->only_user = po_only_user(files, task,
						       &scan->cost);
		}
	}
	task_unlock(task);
}
