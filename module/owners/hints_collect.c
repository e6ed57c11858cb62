// SPDX-License-Identifier: GPL-2.0
/*
 * Find the owners of sockets that are older than the module, when it is loaded: one
 * walk over all descriptor tables, see hints.c.
 */

#include <linux/sizes.h>
#include <linux/workqueue.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "owners/owners.h"
#include "owners/walk.h"
#include "sockets/sockets.h"

/* Memory for the snapshot: enough for hints on some 4,000 sockets. */
#define PO_HINTS_BYTES	SZ_1M

/* Ends the walk early when the module is unloaded. */
static bool po_hints_cancelled;

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
	snap->paths = PO_PATHS_NONE;
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
	WRITE_ONCE(po_hints_cancelled, true);
	cancel_work_sync(&po_hints_work);
	po_hints_drop();
}
