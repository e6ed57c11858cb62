/* SPDX-License-Identifier: GPL-2.0 */
/* Processes behind sockets: owners, binders and untracked references. */

#ifndef _PO_OWNERS_H
#define _PO_OWNERS_H

#include <linux/types.h>

struct po_snap;
struct sock;

/* ---- binders.c, binder_*.c: who bound each socket ---- */

#define PO_BINDERS_MIN		1024
#define PO_BINDERS_MAX		131072

/* Module parameters, see params.c; read them with READ_ONCE(). */
extern bool po_binders_on;
extern unsigned int po_binders_max;

/**
 * struct po_binders_stats - binder record counters
 * @used: records in use, including those of sockets that have since closed
 * @max: upper limit of @used
 * @evicted: records evicted, or never made, because there was no room
 */
struct po_binders_stats {
	u64 used;
	u64 max;
	u64 evicted;
};

int po_binders_init(void);
void po_binders_exit(void);
void po_binders_max_changed(void);
void po_binder_record(struct sock *sk);
int po_find_binders(struct po_snap *snap);
void po_binders_stats(struct po_binders_stats *stats);

/* ---- hints_collect.c: owners of sockets that are older than the module ---- */

void po_hints_init(void);
void po_hints_exit(void);

/* ---- fd_walk.c: find the processes behind sockets ---- */

int po_find_owners(struct po_snap *snap);

/* ---- untracked.c: references that no descriptor accounts for ---- */

int po_find_untracked(struct po_snap *snap);

#endif /* _PO_OWNERS_H */
