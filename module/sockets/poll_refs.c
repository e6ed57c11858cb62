// SPDX-License-Identifier: GPL-2.0
/*
 * References to a socket's file held by system calls in progress. They belong
 * to descriptors that are found anyway, but add to the count of the file: a
 * server sleeping in poll() would appear to have an untracked reference.
 */

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "sockets/sockets.h"

/* Maximum number of waiters examined; there may be thousands. */
#define PO_WAITERS	64

/* Wakeup function of poll() and select(); set once, before any use. */
static wait_queue_func_t po_pollwake __ro_after_init;

/* poll() and select() hold the file while they wait. */
static bool po_waits_in_poll(const struct wait_queue_entry *wait,
			     const struct file *file)
{
	return wait->func == po_pollwake &&
	       container_of(wait, struct poll_table_entry, wait)->filp == file;
}

/*
 * accept(), recv() and the like hold the file only if another thread could
 * close it. The lock of the wait queue keeps the waiting task alive.
 */
static bool po_waits_in_call(const struct wait_queue_entry *wait)
{
	const struct task_struct *task = wait->private;

	if (wait->func != autoremove_wake_function &&
	    wait->func != woken_wake_function)
		return false;

	/* Kernel threads and io_uring workers rely on other references. */
	if (task->flags & (PF_KTHREAD | PF_IO_WORKER))
		return false;

	return task->files && atomic_read(&task->files->count) > 1;
}

/**
 * po_poll_refs() - count the references that sleeping system calls hold
 * @sk: socket; its sk_callback_lock is held
 * @file: its file
 *
 * Calls that do not sleep are not counted, nor are those waiting for a datagram
 * in a process with several threads.
 *
 * Context: any but hard interrupts; takes the lock of the wait queue.
 * Return: number of references.
 */
long po_poll_refs(struct sock *sk, const struct file *file)
{
	struct wait_queue_head *head;
	struct wait_queue_entry *wait;
	struct socket_wq *wq;
	unsigned long flags;
	int seen = 0;
	long nr = 0;

	rcu_read_lock();
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq)) {
		head = &wq->wait;
		spin_lock_irqsave(&head->lock, flags);
		list_for_each_entry(wait, &head->head, entry) {
			if (seen++ == PO_WAITERS)
				break;
			if (po_waits_in_call(wait) ||
			    po_waits_in_poll(wait, file))
				nr++;
		}
		spin_unlock_irqrestore(&head->lock, flags);
	}
	rcu_read_unlock();

	return nr;
}

/**
 * po_poll_refs_init() - learn the wakeup function of poll()
 *
 * The function is not exported, so add a poll entry to a private wait queue and
 * read it from there. An entry needs a file to hold: the executable of the
 * process that loads the module.
 *
 * Context: may sleep; module init, in the task that loads the module.
 * Return: 0 or a negative errno.
 */
int __init po_poll_refs_init(void)
{
	DECLARE_WAIT_QUEUE_HEAD_ONSTACK(head);
	struct wait_queue_entry *wait;
	struct poll_wqueues *table;
	struct file *file = NULL;
	int err = -ENOENT;

	table = kmalloc(sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;

	if (current->mm)
		file = po_mm_exe_file(current->mm);
	if (!file)
		goto out_free;

	poll_initwait(table);
	poll_wait(file, &head, &table->pt);
	wait = list_first_entry_or_null(&head.head, struct wait_queue_entry,
					entry);
	if (wait) {
		po_pollwake = wait->func;
		err = 0;
	}
	poll_freewait(table);
	fput(file);

out_free:
	kfree(table);
	return err;
}
