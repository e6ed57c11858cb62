// SPDX-License-Identifier: GPL-2.0
/*
 * Where the records of who bound a socket come from. A probe handler takes
 * them, so they are made beforehand; none is ever given back to the system
 * before the end.
 */

#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/refcount.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "binders.h"
#include "internal.h"

#define PO_BINDERS_MAX		65536

/* Binds that one work item may be late by, before there are any sockets. */
#define PO_FIRST_CHUNKS		2

struct po_binder *po_free_binders;
u32 po_nr_free;
DEFINE_RAW_SPINLOCK(po_binders_lock);

/* Entries taken out, whose pid is still to be put. */
static LLIST_HEAD(po_dead_binders);

/* Only the work item of the binders, init and exit write these. */
static struct po_chunk *po_chunks;
static u32 po_nr_total;

/**
 * po_pool_give() - give entries back
 * @first: first of a chain of entries that nothing refers to
 * @last: last of these
 * @nr: their number; if it is 0, nothing is done
 *
 * Context: that of a task.
 */
void po_pool_give(struct po_binder *first, struct po_binder *last, u32 nr)
{
	if (!nr)
		return;

	raw_spin_lock(&po_binders_lock);
	last->next = po_free_binders;
	po_free_binders = first;
	WRITE_ONCE(po_nr_free, po_nr_free + nr);
	raw_spin_unlock(&po_binders_lock);
}

/**
 * po_pool_drop() - give an entry back that has a pid still
 * @binder: entry that nothing refers to
 *
 * If nobody else has the pid, the entry is left to po_pool_bury().
 *
 * Context: under po_binders_lock.
 */
void po_pool_drop(struct po_binder *binder)
{
	if (!refcount_dec_not_one(&binder->pid->count)) {
		llist_add(&binder->dead, &po_dead_binders);
		return;
	}
	binder->next = po_free_binders;
	po_free_binders = binder;
	WRITE_ONCE(po_nr_free, po_nr_free + 1);
}

/**
 * po_pool_bury() - make the entries that po_pool_drop() left usable again
 *
 * Context: that of a task, but no probe handler; one task at a time.
 */
void po_pool_bury(void)
{
	struct llist_node *list = llist_del_all(&po_dead_binders);
	struct po_binder *binder, *next;

	llist_for_each_entry_safe(binder, next, list, dead) {
		put_pid(binder->pid);
		po_pool_give(binder, binder, 1);
	}
}

/**
 * po_pool_grow() - make more entries
 *
 * Context: may sleep; one task at a time.
 * Return: 0, -ENOSPC if there are as many as there may be, or -ENOMEM.
 */
int po_pool_grow(void)
{
	struct po_chunk *chunk;
	unsigned int i;

	BUILD_BUG_ON(sizeof(*chunk) > SZ_32K);
	if (po_nr_total + PO_BINDERS_CHUNK > PO_BINDERS_MAX)
		return -ENOSPC;

	chunk = kvzalloc(sizeof(*chunk), GFP_KERNEL);
	if (!chunk)
		return -ENOMEM;

	chunk->next = po_chunks;
	po_chunks = chunk;
	for (i = 0; i + 1 < PO_BINDERS_CHUNK; i++)
		chunk->binders[i].next = &chunk->binders[i + 1];
	/* Before they are free: who counts may see more in use, never less than none. */
	WRITE_ONCE(po_nr_total, po_nr_total + PO_BINDERS_CHUNK);
	po_pool_give(chunk->binders, &chunk->binders[i], PO_BINDERS_CHUNK);

	return 0;
}

/**
 * po_pool_free() - how many entries are free
 *
 * Return: their number.
 */
u32 po_pool_free(void)
{
	return READ_ONCE(po_nr_free);
}

/**
 * po_pool_used() - how many entries are in use, or dropped
 *
 * Return: their number.
 */
u32 po_pool_used(void)
{
	return READ_ONCE(po_nr_total) - po_pool_free();
}

/**
 * po_pool_chunks() - all entries there are
 *
 * Context: one task at a time, the one that makes more.
 * Return: the first chunk.
 */
struct po_chunk *po_pool_chunks(void)
{
	return po_chunks;
}

/**
 * po_pool_init() - make the first entries
 *
 * Return: 0 or -ENOMEM.
 */
int __init po_pool_init(void)
{
	int i, err = 0;

	for (i = 0; i < PO_FIRST_CHUNKS && !err; i++)
		err = po_pool_grow();
	if (err)
		po_pool_exit();

	return err;
}

/**
 * po_pool_exit() - free all entries; nobody uses one any more
 *
 * Context: may sleep.
 */
void po_pool_exit(void)
{
	struct po_chunk *chunk;

	po_pool_bury();
	while (po_chunks) {
		chunk = po_chunks;
		po_chunks = chunk->next;
		kvfree(chunk);
	}
}
