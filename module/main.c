// SPDX-License-Identifier: GPL-2.0
/* portowner - which process owns each bound port, and which binds were refused */

#include <linux/init.h>
#include <linux/module.h>

#include "internal.h"

static int __init po_init(void)
{
	int err;

	err = po_waiters_init() ?: po_kernel_init();
	if (err)
		return err;

	po_tables_init();

	err = po_log_init();
	if (err)
		return err;

	err = po_notify_init();
	if (err)
		goto err_log;

	err = po_binders_init();
	if (err)
		goto err_notify;

	err = po_rejects_init();
	if (err)
		goto err_binders;

	err = po_netlink_init();
	if (err)
		goto err_rejects;

	/* ORDER: last, since handlers need the log and notify the family. */
	err = po_hooks_init();
	if (err)
		goto err_netlink;

	po_hints_init();

	return 0;

err_netlink:
	/* ORDER: as in po_exit(); a probe may have been there for a moment. */
	po_rejects_exit();
	po_notify_stop();
	po_netlink_exit();
	goto err_binders;
err_rejects:
	po_rejects_exit();
err_binders:
	po_binders_exit();
err_notify:
	po_notify_exit();
err_log:
	po_log_exit();
	return err;
}

static void __exit po_exit(void)
{
	/* ORDER: no new refusals, then none under way, then nobody to tell. */
	po_hooks_exit();
	po_rejects_exit();
	po_notify_stop();
	po_netlink_exit();
	po_hints_exit();
	po_binders_exit();
	po_notify_exit();
	po_log_exit();
}

module_init(po_init);
module_exit(po_exit);

MODULE_DESCRIPTION("Owners of bound ports and a log of refused binds");
MODULE_LICENSE("GPL");
