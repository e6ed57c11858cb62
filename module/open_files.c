// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets that can be reached through nothing but a descriptor, since the
 * kernel keeps them where no module can look. Unlike the walk for owners this
 * has to look into each file, so it is done for few protocols, and only if it
 * is known that there is something to be found.
 */

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/net.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>

#include "internal.h"

/* Slots of a table that are read before its locks are given up. */
#define PO_SLOTS_AT_ONCE	256

/* What these take. */
#define PO_COST_TABLE		100
#define PO_COST_SLOT		12

/* The next file from *@fd on that is wanted; referenced. Under the locks. */
static struct file *po_scan_files(const struct fdtable *fdt, unsigned int *fd,
				  const struct po_opener *opener)
{
	unsigned int end = min(fdt->max_fds, *fd + PO_SLOTS_AT_ONCE);
	struct socket *socket;
	struct file *file;

	for (; *fd < end; (*fd)++) {
		file = rcu_dereference(fdt->fd[*fd]);
		socket = file ? po_sock_from_file(file) : NULL;
		if (!socket || !opener->wanted(opener, socket))
			continue;
		file = po_get_slot(&fdt->fd[(*fd)++]);
		if (file)
			return file;
	}

	return NULL;
}

static int po_open_table(struct task_struct *task,
			 const struct po_opener *opener)
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
			file = po_scan_files(fdt, &fd, opener);
			more = fd < fdt->max_fds;
		}
		task_unlock(task);
		rcu_read_unlock();

		if (file)
			err = opener->open(opener, file);
		if (opener->snap)
			po_spend(opener->snap,
				 PO_COST_TABLE + (fd - from) * PO_COST_SLOT);
		cond_resched();
		err = err ?: po_snap_check(opener->snap);
	} while (!err && more);

	return err;
}

/**
 * po_open_files() - look at the files of some sockets, once for each descriptor
 * @opener: which, and who looks
 *
 * Context: may sleep; takes task_lock() of other tasks.
 * Return: 0, what @opener ended it with, -ENOMEM, or what po_snap_check() says.
 */
int po_open_files(const struct po_opener *opener)
{
	struct task_struct *task;
	struct po_tables tables;
	int tid, err = 0;

	po_tables_begin(&tables, opener->snap);
	for (tid = 1; !err; tid++) {
		task = po_next_task(&tables, &tid);
		err = PTR_ERR_OR_ZERO(task);
		if (err || !task)
			break;
		err = po_open_table(task, opener);
		put_task_struct(task);
	}
	po_tables_end(&tables);

	return err;
}
