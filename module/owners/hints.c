// SPDX-License-Identifier: GPL-2.0
/*
 * Owners of sockets that are older than the module. Their binds went unseen, so
 * when the module is loaded, one walk over all descriptor tables records one
 * process that holds each of them. It is checked first when such a socket
 * conflicts with a refused bind; it need not be the binder.
 */

#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/workqueue.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "owners/owners.h"
#include "owners/walk.h"
#include "sockets/sockets.h"

/* Memory for the snapshot: enough for hints on some 4,000 sockets. */
#define PO_HINTS_BYTES	SZ_1M

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

/* Ends the walk early when the module is unloaded. */
static bool po_hints_cancelled;

static int po_hint_cmp(const void *a, const void *b)
{
	const struct po_hint_entry *x = a, *y = b;

	/* sort() of older kernels does not reschedule. */
	cond_resched();

	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static void po_hints_publish(const struct po_snap *snap)
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

static void po_hints_collect(struct work_struct *work)
{
	const struct po_filter filter = {
		.net		= &init_net,
		.all_netns	= true,
		.port_first	= 1,
		.port_last	= U16_MAX,
		.states		= PO_STATES_DEFAULT,
	};
	struct po_snap *snap = po_snap_new(PO_HINTS_BYTES);
	int err;

	if (!snap)
		return;

	snap->cancelled = &po_hints_cancelled;
	err = po_collect(snap, &filter);
	/* Sockets beyond the memory limit get no hint. */
	if (err == -EFBIG)
		err = 0;
	err = err ?: po_find_binders(snap) ?: po_find_owners(snap);
	if (!err)
		po_hints_publish(snap);
	po_snap_free(snap);
}

static DECLARE_WORK(po_hints_work, po_hints_collect);

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
 * po_hints_init() - start to look for the owners of existing sockets
 *
 * Context: process context.
 */
void po_hints_init(void)
{
	queue_work(po_unbound_wq, &po_hints_work);
}

/**
 * po_hints_exit() - free all hints
 *
 * Context: may sleep; po_hint() is no longer called.
 */
void po_hints_exit(void)
{
	u32 i;

	WRITE_ONCE(po_hints_cancelled, true);
	cancel_work_sync(&po_hints_work);
	for (i = 0; po_hints && i < po_hints->nr; i++)
		put_pid(po_hints->entries[i].pid);
	kvfree(po_hints);
}
