// SPDX-License-Identifier: GPL-2.0
/* A livepatch of inet_listen(): while it is active, every listen() fails with EXDEV. */

#include <linux/errno.h>
#include <linux/livepatch.h>
#include <linux/module.h>
#include <linux/net.h>

static int klisten_refused(struct socket *sock, int backlog)
{
	return -EXDEV;
}

static struct klp_func klisten_funcs[] = {
	{
		.old_name	= "inet_listen",
		.new_func	= klisten_refused,
	},
	{}
};

static struct klp_object klisten_objs[] = {
	{
		.funcs	= klisten_funcs,
	},
	{}
};

static struct klp_patch klisten_patch = {
	.mod	= THIS_MODULE,
	.objs	= klisten_objs,
};

static int __init klisten_init(void)
{
	return klp_enable_patch(&klisten_patch);
}

/* Only once it has been disabled through sysfs. */
static void __exit klisten_exit(void)
{
}

module_init(klisten_init);
module_exit(klisten_exit);

MODULE_DESCRIPTION("patches inet_listen()");
MODULE_LICENSE("GPL");
MODULE_INFO(livepatch, "Y");
