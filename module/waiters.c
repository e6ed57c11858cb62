// SPDX-License-Identifier: GPL-2.0
/*
 * References to a socket file that system calls under way hold. They belong to
 * descriptors that are found anyway, but add to the count of the file: a server
 * that waits in poll() would look as if something unseen held its socket.
 */

#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/poll.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/wait.h>
#include <net/sock.h>

#include "internal.h"

/* Waiters that are looked at; each is a task, so there may be very many. */
#define PO_WAITERS	64

/* How poll() and select() are woken; set once, before any use. */
static wait_queue_func_t po_pollwake __ro_after_init;

/* poll() and select() hold the file as long as they wait. */
static bool po_waits_in_poll(const struct wait_queue_entry *wait,
			     const struct file *file)
{
	return wait->func == po_pollwake &&
	       container_of(wait, struct poll_table_entry, wait)->filp == file;
}

/*
 * accept(), recv() and the like hold the file only if another thread could
 * close it. The waiter cannot go away as long as the queue is locked.
 */
static bool po_waits_in_call(const struct wait_queue_entry *wait)
{
	const struct task_struct *task = wait->private;

	if (wait->func != autoremove_wake_function &&
	    wait->func != woken_wake_function)
		return false;

	/* These two use files that others hold. */
	if (task->flags & (PF_KTHREAD | PF_IO_WORKER))
		return false;

	return task->files && atomic_read(&task->files->count) > 1;
}

/**
 * po_waiters() - count the references that sleeping system calls hold
 * @sk: socket; its sk_callback_lock is held
 * @file: its file
 *
 * A call that does not wait, or that waits for a datagram in a process with
 * several threads, is not counted.
 *
 * Context: any but hard interrupts; takes the lock of the wait queue.
 * Return: number of references.
 */
long po_waiters(struct sock *sk, const struct file *file)
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
 * po_waiters_init() - learn how poll() is woken
 *
 * Its function has no name for a module, so poll is made to wait on a queue of
 * our own, where the function can be seen. The file it wants to hold meanwhile
 * is the program that loads the module.
 *
 * Return: 0 or a negative errno.
 */
int __init po_waiters_init(void)
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
