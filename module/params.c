// SPDX-License-Identifier: GPL-2.0
/*
 * Module parameters, which can also be changed at any time in
 * /sys/module/portowner/parameters.
 *
 * Each is a single word that its users read once per operation, by READ_ONCE(),
 * so that a change affects later operations only. No two depend on each other.
 */

#include <linux/moduleparam.h>

#include "owners/owners.h"
#include "rejects/rejects.h"

module_param_named(log, po_log_on, bool, 0644);
MODULE_PARM_DESC(log, "record refused binds (default: Y)");

module_param_named(refusal_owners, po_refusal_owners, bool, 0644);
MODULE_PARM_DESC(refusal_owners,
		 "when a bind is refused, let the refused task look for the processes that hold the conflicting sockets (default: Y)");

module_param_named(binders, po_binders_on, bool, 0644);
MODULE_PARM_DESC(binders, "record who binds each socket, and when (default: Y)");

/**
 * struct po_limits - a numeric parameter and its range
 * @value: the parameter
 * @min: smallest value
 * @max: largest value
 * @changed: called after each change, even before po_init(), or NULL
 */
struct po_limits {
	unsigned int *value;
	unsigned int min;
	unsigned int max;
	void (*changed)(void);
};

static int po_set_number(const char *text, const struct kernel_param *kp)
{
	const struct po_limits *limits = kp->arg;
	unsigned int value;

	if (!text || kstrtouint(text, 0, &value) || value < limits->min ||
	    value > limits->max) {
		pr_err("parameter %s must be a number from %u to %u\n",
		       kp->name, limits->min, limits->max);
		return -EINVAL;
	}
	WRITE_ONCE(*limits->value, value);
	if (limits->changed)
		limits->changed();

	return 0;
}

static int po_get_number(char *buf, const struct kernel_param *kp)
{
	const struct po_limits *limits = kp->arg;

	return sysfs_emit(buf, "%u\n", READ_ONCE(*limits->value));
}

static const struct kernel_param_ops po_number_ops = {
	.set = po_set_number,
	.get = po_get_number,
};

static struct po_limits po_log_size = {
	.value	= &po_log_records,
	.min	= 1,
	.max	= PO_LOG_RECORDS,
};
module_param_cb(log_size, &po_number_ops, &po_log_size, 0644);
__MODULE_PARM_TYPE(log_size, "uint");
MODULE_PARM_DESC(log_size,
		 "maximum number of records in the log of each network namespace, 1 to "
		 __stringify(PO_LOG_RECORDS) " (default: "
		 __stringify(PO_LOG_RECORDS) "); a lower limit applies from the next one on");

static struct po_limits po_log_printk_limits = {
	.value	= &po_log_printk,
	.min	= PO_PRINTK_OFF,
	.max	= PO_PRINTK_ALL,
};
module_param_cb(log_printk, &po_number_ops, &po_log_printk_limits, 0644);
__MODULE_PARM_TYPE(log_printk, "uint");
MODULE_PARM_DESC(log_printk,
		 "write refused binds to the kernel log: 0 never, 1 only for processes in the initial namespaces (default), 2 always, naming processes of all namespaces");

static struct po_limits po_binders_limits = {
	.value	= &po_binders_max,
	.min	= PO_BINDERS_MIN,
	.max	= PO_BINDERS_MAX,
	.changed = po_binders_max_changed,
};
module_param_cb(binders_max, &po_number_ops, &po_binders_limits, 0644);
__MODULE_PARM_TYPE(binders_max, "uint");
MODULE_PARM_DESC(binders_max,
		 "maximum number of sockets whose binder is recorded, "
		 __stringify(PO_BINDERS_MIN) " to " __stringify(PO_BINDERS_MAX)
		 " (default: " __stringify(PO_BINDERS_MAX)
		 "); beyond it, the user with the most records loses the oldest ones");
