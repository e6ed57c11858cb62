// SPDX-License-Identifier: GPL-2.0
/*
 * What an administrator can switch and limit, as the module is loaded and, under
 * /sys/module/portowner/parameters, at any time after that.
 *
 * Each is one word, read once where it matters, by READ_ONCE(): what is under way
 * goes on as it began, and no two have to agree.
 */

#include <linux/moduleparam.h>

#include "internal.h"

bool po_log_on = true;
module_param_named(log, po_log_on, bool, 0644);
MODULE_PARM_DESC(log, "record refused binds (default: Y)");

bool po_refusal_owners = true;
module_param_named(refusal_owners, po_refusal_owners, bool, 0644);
MODULE_PARM_DESC(refusal_owners,
		 "look for the processes behind the sockets in the way, at the moment of the refusal, in the process that is refused (default: Y)");

bool po_binders_on = true;
module_param_named(binders, po_binders_on, bool, 0644);
MODULE_PARM_DESC(binders, "record who binds each socket, and when (default: Y)");

/**
 * struct po_limits - what a number may be
 * @value: the number
 * @min: smallest value
 * @max: largest value
 * @changed: called when it was set, also before the module begins; or NULL
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
		pr_err("parameter %s has to be a number from %u to %u\n",
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

unsigned int po_log_records = PO_LOG_RECORDS;
static struct po_limits po_log_size = {
	.value	= &po_log_records,
	.min	= 1,
	.max	= PO_LOG_RECORDS,
};
module_param_cb(log_size, &po_number_ops, &po_log_size, 0644);
__MODULE_PARM_TYPE(log_size, "uint");
MODULE_PARM_DESC(log_size,
		 "records that the log of each network namespace keeps, 1 to "
		 __stringify(PO_LOG_RECORDS) " (default: "
		 __stringify(PO_LOG_RECORDS) "); fewer take effect with the next one");

unsigned int po_log_printk = PO_PRINTK_INITIAL;
static struct po_limits po_log_printk_limits = {
	.value	= &po_log_printk,
	.min	= PO_PRINTK_OFF,
	.max	= PO_PRINTK_ALL,
};
module_param_cb(log_printk, &po_number_ops, &po_log_printk_limits, 0644);
__MODULE_PARM_TYPE(log_printk, "uint");
MODULE_PARM_DESC(log_printk,
		 "a line in the kernel log: 0 never, 1 if a process of the initial namespaces is refused (default), 2 for each refused bind, with the names of processes of all namespaces");

unsigned int po_binders_max = PO_BINDERS_MAX;
static struct po_limits po_binders_limits = {
	.value	= &po_binders_max,
	.min	= PO_BINDERS_MIN,
	.max	= PO_BINDERS_MAX,
	.changed = po_binders_limited,
};
module_param_cb(binders_max, &po_number_ops, &po_binders_limits, 0644);
__MODULE_PARM_TYPE(binders_max, "uint");
MODULE_PARM_DESC(binders_max,
		 "sockets whose binder is recorded at most, "
		 __stringify(PO_BINDERS_MIN) " to " __stringify(PO_BINDERS_MAX)
		 " (default: " __stringify(PO_BINDERS_MAX)
		 "); beyond that whoever has most loses the oldest first");
