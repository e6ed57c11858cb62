// SPDX-License-Identifier: GPL-2.0
/* portowner - which processes own bound ports, and which binds were refused */

#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/module.h>

#include "core/core.h"
#include "netlink/netlink.h"
#include "owners/owners.h"
#include "probes/probes.h"
#include "rejects/rejects.h"
#include "sockets/sockets.h"
#include "trace/trace.h"

/* ORDER: a later one may depend on an earlier one. */
static struct po_net_part *const po_net_parts_of_module[] = {
	&po_log_part,
	&po_notify_part,
	&po_trace_part,
};

static int __init po_init(void)
{
	int err;

	err = po_poll_refs_init() ?: po_kernel_owner_init();
	if (err)
		return err;

	po_tables_init();
	po_log_init();
	po_notify_init();
	po_trace_init();

	err = po_net_parts_init(po_net_parts_of_module,
				ARRAY_SIZE(po_net_parts_of_module));
	if (err)
		goto err_tables;

	err = po_binders_init();
	if (err)
		goto err_net_parts;

	err = po_rejects_init();
	if (err)
		goto err_binders;

	/* ORDER: probe handlers use all of the above. */
	err = po_probes_init();
	if (err)
		goto err_rejects;

	/* ORDER: last, as a module that fails to load is freed even if requests hold it. */
	err = po_netlink_init();
	if (err)
		goto err_probes;

	po_notify_start();
	po_hints_init();

	return 0;

err_probes:
	po_probes_exit();
err_rejects:
	po_rejects_exit();
err_binders:
	po_binders_exit();
err_net_parts:
	po_net_parts_exit();
	po_log_exit();
err_tables:
	po_tables_exit();
	return err;
}

static void __exit po_exit(void)
{
	/* ORDER: stop new refusals, drop pending ones, then stop notifying. */
	po_probes_exit();
	po_rejects_exit();
	po_notify_stop();
	po_trace_stop();
	po_netlink_exit();
	po_log_stop();
	po_hints_exit();
	po_binders_exit();
	po_net_parts_exit();
	po_log_exit();
	po_tables_exit();
}

module_init(po_init);
module_exit(po_exit);

MODULE_AUTHOR("portowner developers");
MODULE_DESCRIPTION("Owners of bound ports and a log of refused binds");
MODULE_VERSION("0.2.0");
MODULE_LICENSE("GPL");
