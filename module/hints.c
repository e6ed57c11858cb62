// SPDX-License-Identifier: GPL-2.0
/*
 * Who had the sockets that are older than the module. Nobody saw these being
 * bound, so when the module is loaded one walk over all descriptor tables notes
 * a process that has each of them: where to look first when one is in the way of
 * a bind that is refused. A hint is no more than that, and no binder.
 */

#include <linux/bsearch.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/workqueue.h>

#include "internal.h"

/* Memory for the sockets that get a hint: some 4,000 of them. */
#define PO_HINTS_BYTES	SZ_1M

/**
 * struct po_hint_entry - a process that had a socket
 * @cookie: SO_COOKIE of the socket
 * @pid: its thread group; holds a reference
 */
struct po_hint_entry {
	u64 cookie;
	struct pid *pid;
};

/**
 * struct po_hints - all that is known
 * @nr: number of sockets
 * @v: these, by cookie
 *
 * Never changes once it is in po_hints.
 */
struct po_hints {
	u32 nr;
	struct po_hint_entry v[];
};

/* Set once, with release semantics, by the work item. */
static struct po_hints *po_hints;

/* The module is about to be unloaded. */
static bool po_hints_cancelled;

static int po_hint_cmp(const void *a, const void *b)
{
	const struct po_hint_entry *x = a, *y = b;

	/* sort() of older kernels does not do it for long arrays. */
	cond_resched();

	return x->cookie < y->cookie ? -1 : x->cookie > y->cookie;
}

static void po_hints_take(const struct po_snap *snap)
{
	const struct po_sock *sock;
	struct po_hints *hints;
	u32 i;

	hints = kvzalloc(struct_size(hints, v, snap->nr), GFP_KERNEL);
	if (!hints)
		return;

	for (i = 0; i < snap->nr; i++) {
		sock = po_snap_sock(snap, i);
		if (!sock->owners || sock->bound || po_is_twin(snap, i))
			continue;
		hints->v[hints->nr].cookie = sock->cookie;
		hints->v[hints->nr++].pid = get_pid(sock->owners->proc->pid);
		cond_resched();
	}
	sort(hints->v, hints->nr, sizeof(*hints->v), po_hint_cmp, NULL);
	/* Pairs with po_hint(). */
	smp_store_release(&po_hints, hints);
}

static void po_hints_work(struct work_struct *work)
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
	/* What does not fit has no hint. */
	if (err == -EFBIG)
		err = 0;
	err = err ?: po_find_binders(snap) ?: po_find_owners(snap);
	if (!err)
		po_hints_take(snap);
	po_snap_free(snap);
}

static DECLARE_WORK(po_hints_walk, po_hints_work);

/**
 * po_hint() - a process that had a socket when the module was loaded
 * @sock: socket
 *
 * Context: may sleep.
 * Return: thread group, which may be gone; held as long as the module is loaded.
 * NULL if there is none.
 */
struct pid *po_hint(const struct po_sock *sock)
{
	const struct po_hint_entry key = { .cookie = sock->cookie }, *entry;
	/* Pairs with po_hints_take(). */
	const struct po_hints *hints = smp_load_acquire(&po_hints);

	if (!hints)
		return NULL;

	entry = bsearch(&key, hints->v, hints->nr, sizeof(key), po_hint_cmp);

	return entry ? entry->pid : NULL;
}

/**
 * po_hints_init() - begin to look who has the sockets that there are
 *
 * Context: process context.
 */
void po_hints_init(void)
{
	queue_work(po_unbound_wq, &po_hints_walk);
}

/**
 * po_hints_exit() - forget it
 *
 * Context: may sleep. po_hint() is not called any more.
 */
void po_hints_exit(void)
{
	u32 i;

	WRITE_ONCE(po_hints_cancelled, true);
	cancel_work_sync(&po_hints_walk);
	for (i = 0; po_hints && i < po_hints->nr; i++)
		put_pid(po_hints->v[i].pid);
	kvfree(po_hints);
}
