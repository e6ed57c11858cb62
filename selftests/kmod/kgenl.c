// SPDX-License-Identifier: GPL-2.0
/* Register a generic netlink family, as many modules do, and report how long that took. */

#include <linux/ktime.h>
#include <linux/module.h>
#include <net/genetlink.h>

static unsigned int took_us;
module_param(took_us, uint, 0444);
MODULE_PARM_DESC(took_us, "microseconds that it took to register the family");

static struct genl_family kgenl_family __ro_after_init = {
	.name		= "kgenl",
	.version	= 1,
	.module		= THIS_MODULE,
};

static int __init kgenl_init(void)
{
	ktime_t start = ktime_get();
	int err = genl_register_family(&kgenl_family);

	took_us = ktime_us_delta(ktime_get(), start);

	return err;
}

static void __exit kgenl_exit(void)
{
	genl_unregister_family(&kgenl_family);
}

module_init(kgenl_init);
module_exit(kgenl_exit);

MODULE_DESCRIPTION("registers a family of generic netlink");
MODULE_LICENSE("GPL");
