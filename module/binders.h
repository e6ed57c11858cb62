/* SPDX-License-Identifier: GPL-2.0 */
/* Records of who bound a socket, and where free ones come from. */

#ifndef _PO_BINDERS_H
#define _PO_BINDERS_H

#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>

/* Entries that are allocated together, in 32 KiB. */
#define PO_BINDERS_CHUNK	511

/**
 * struct po_binder - who bound one socket
 * @next: next entry in the same bucket, or next free one
 * @dead: in the list of dropped entries instead
 * @cookie: SO_COOKIE of the socket; 0 while the entry is free
 * @time: when, in nanoseconds of CLOCK_BOOTTIME, to a timer tick
 * @pid: thread group; holds a reference
 * @uid: effective user
 * @slot: bucket of its port in a table of po_tables
 * @table: index of that table
 * @sweep: number of the last sweep that found the socket
 * @comm: command name then
 *
 * Protected by po_binders_lock.
 */
struct po_binder {
	union {
		struct po_binder *next;
		struct llist_node dead;
	};
	u64 cookie;
	u64 time;
	struct pid *pid;
	kuid_t uid;
	u32 slot;
	u8 table;
	u8 sweep;
	char comm[TASK_COMM_LEN];
};

/**
 * struct po_chunk - entries that were allocated together
 * @next: chunk before it
 * @binders: entries
 */
struct po_chunk {
	struct po_chunk *next;
	struct po_binder binders[PO_BINDERS_CHUNK];
};

/* Entries to be had, and their number; for what is below, and the pool. */
extern struct po_binder *po_free_binders;
extern u32 po_nr_free;

/*
 * All entries, and where they are. Raw, since probe handlers take it; no
 * interrupt does: bind() is never called in one.
 */
extern raw_spinlock_t po_binders_lock;

int po_pool_init(void);
void po_pool_exit(void);
void po_pool_give(struct po_binder *first, struct po_binder *last, u32 nr);
void po_pool_drop(struct po_binder *binder);
void po_pool_bury(void);
int po_pool_grow(void);
u32 po_pool_free(void);
u32 po_pool_used(void);
struct po_chunk *po_pool_chunks(void);

/**
 * po_pool_get() - take an entry
 *
 * Inline since each bind does this.
 *
 * Context: under po_binders_lock.
 * Return: an entry, or NULL if there is none.
 */
static inline struct po_binder *po_pool_get(void)
{
	struct po_binder *binder = po_free_binders;

	if (binder) {
		po_free_binders = binder->next;
		WRITE_ONCE(po_nr_free, po_nr_free - 1);
	}

	return binder;
}

#endif /* _PO_BINDERS_H */
