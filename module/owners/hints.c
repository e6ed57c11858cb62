// SPDX-License-Identifier: GPL-2.0
/*
 * Owners of sockets that are older than the module. Their binds went unseen, so
 * when the module is loaded, one walk over all descriptor tables records one
 * process that holds each of them. It is checked first when such a socket
 * conflicts with a refused bind; it need not be the binder.
 */

#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/pid.h>
#include <linux/slab.h>
#include <linux/sort.h>

#include "core/core.h"
#include "owners/walk.h"

/**
 * struct po_hint_entry - a process that held a socket
 * @cookie: SO_COOKIE of the socket
 * @pid: thread group of the process; holds a reference
 */
struct po_hint_entry {
	u64 cookie;
	struct pid *pid;
};

/**
 * struct po_hints - all hints
 * @nr: number of entries
 * @entries: sorted by cookie
 *
 * Immutable once published in po_hints.
 */
struct po_hints {
	u32 nr;
	struct po_hint_entry entries[];
};

/* Set once, with release semantics, by the work item; NULL before. */
static struct po_hints *po_hints;

static int po_hint_cmp(const void *a, const void *b)
{
	const struct po_hint_entry *x = a, *y = b;

	/* sort() of older kernels does not reschedule. */
	cond_resched();

	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

/**
 * po_hints_publish() - make hints of the owners of sockets
 * @snap: sockets, with binders and owners
 *
 * Context: may sleep; called at most once.
 */
void po_hints_publish(const struct po_snap *snap)
{
	const struct po_sock *sock;
	struct po_hints *hints;
	u32 i;

	hints = kvzalloc(struct_size(hints, entries, snap->nr), GFP_KERNEL);
	if (!hints)
		return;

	for (i = 0; i < snap->nr; i++) {
		sock = po_snap_sock(snap, i);
		if (!sock->owners || sock->bound || po_is_alias(snap, i))
			continue;
		hints->entries[hints->nr].cookie = sock->cookie;
		hints->entries[hints->nr++].pid =
			get_pid(sock->owners->proc->pid);
		cond_resched();
	}
	sort(hints->entries, hints->nr, sizeof(*hints->entries), po_hint_cmp,
	     NULL);
	/* Pairs with po_hint(). */
	smp_store_release(&po_hints, hints);
}

/**
 * po_hint() - get a process that held a socket when the module was loaded
 * @sock: socket
 *
 * Context: may sleep.
 * Return: thread group, which may have exited, valid as long as the module is
 * loaded; NULL if unknown.
 */
struct pid *po_hint(const struct po_sock *sock)
{
	const struct po_hint_entry key = { .cookie = sock->cookie }, *entry;
	/* Pairs with po_hints_publish(). */
	const struct po_hints *hints = smp_load_acquire(&po_hints);

	if (!hints)
		return NULL;

	entry = bsearch(&key, hints->entries, hints->nr, sizeof(key),
			po_hint_cmp);

	return entry ? entry->pid : NULL;
}

/**
 * po_hints_drop() - free all hints
 *
 * Context: may sleep; po_hint() and po_hints_publish() are no longer called.
 */
void po_hints_drop(void)
{
	u32 i;

	for (i = 0; po_hints && i < po_hints->nr; i++)
		put_pid(po_hints->entries[i].pid);
	kvfree(po_hints);
}
