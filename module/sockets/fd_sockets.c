// SPDX-License-Identifier: GPL-2.0
/*
 * Find sockets through descriptors, because a module cannot access the table
 * that contains them. Unlike the walk for owners, this has to look into each
 * file, so it is only done for SCTP, and only while sockets are known to be
 * missing.
 */

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/timekeeping.h>

#include "core/core.h"
#include "sockets/tables.h"

/* Slots of a descriptor table read before its locks are released. */
#define PO_SLOT_BATCH	256

/* Estimated instructions per batch, and per slot. */
#define PO_COST_FDTABLE		100
#define PO_COST_SLOT		12

/* Get the next wanted file from *@fd on. Under RCU and task_lock(). */
static struct file *po_scan_files(const struct fdtable *fdt, unsigned int *fd,
				  const struct po_file_visitor *visitor)
{
	unsigned int end = min(fdt->max_fds, *fd + PO_SLOT_BATCH);
	struct socket *socket;
	struct file *file;

	for (; *fd < end; (*fd)++) {
		file = rcu_dereference(fdt->fd[*fd]);
		socket = file ? po_sock_from_file(file) : NULL;
		if (!socket || !visitor->wanted(visitor, socket))
			continue;
		file = po_get_slot(&fdt->fd[(*fd)++]);
		if (file)
			return file;
	}

	return NULL;
}

static int po_visit_fdtable(struct task_struct *task,
			    const struct po_file_visitor *visitor)
{
	struct files_struct *files;
	unsigned int fd = 0, from;
	struct fdtable *fdt;
	struct file *file;
	bool more;
	int err = 0;

	do {
		from = fd;
		file = NULL;
		more = false;
		rcu_read_lock();
		task_lock(task);
		files = task->files;
		if (files) {
			fdt = files_fdtable(files);
			file = po_scan_files(fdt, &fd, visitor);
			more = fd < fdt->max_fds;
		}
		task_unlock(task);
		rcu_read_unlock();

		if (file)
			err = visitor->visit(visitor, file);
		if (visitor->snap)
			po_spend(visitor->snap,
				 PO_COST_FDTABLE + (fd - from) * PO_COST_SLOT);
		cond_resched();
		err = err ?: po_snap_check(visitor->snap);
		if (!err && visitor->until && ktime_get_ns() >= visitor->until)
			err = -ETIME;
	} while (!err && more);

	return err;
}

/**
 * po_visit_sock_files() - visit the files of wanted sockets, per descriptor
 * @visitor: selects and visits the files
 *
 * Context: may sleep; takes task_lock() of other tasks.
 * Return: 0, the value by which @visitor ended the walk, -ENOMEM, -ETIME, or an
 * error of po_snap_check().
 */
int po_visit_sock_files(const struct po_file_visitor *visitor)
{
	struct task_struct *task;
	struct po_fdtables tables;
	int tid, err = 0;

	po_fdtables_begin(&tables, visitor->snap);
	for (tid = 1; !err; tid++) {
		task = po_next_task(&tables, &tid);
		err = PTR_ERR_OR_ZERO(task);
		if (err || !task)
			break;
		err = po_visit_fdtable(task, visitor);
		put_task_struct(task);
	}
	po_fdtables_end(&tables);

	return err;
}
