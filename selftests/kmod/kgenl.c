// SPDX-License-Identifier: GPL-2.0
/* Register a family of generic netlink, as many modules do. */

#include <linux/module.h>
#include <net/genetlink.h>

static struct genl_family kgenl_family __ro_after_init = {
	.name		= "kgenl",
	.version	= 1,
	.module		= THIS_MODULE,
};

static int __init kgenl_init(void)
{
	return genl_register_family(&kgenl_family);
}

static void __exit kgenl_exit(void)
{
	genl_unregister_family(&kgenl_family);
}

module_init(kgenl_init);
module_exit(kgenl_exit);

MODULE_DESCRIPTION("registers a family of generic netlink");
MODULE_LICENSE("GPL");
