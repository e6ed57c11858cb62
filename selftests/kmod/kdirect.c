// SPDX-License-Identifier: GPL-2.0
/*
 * Be called directly by ftrace where a connection forgets its address, as a
 * program of BPF may be. One can at a time: portowner has to do without then.
 */

#include <linux/errno.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/string.h>

#ifdef PO_CALLED_DIRECTLY

static PO_CALLED_DIRECTLY noinline notrace void kdirect(struct sock *sk)
{
}

static struct ftrace_ops kdirect_ops;

static int __init kdirect_init(void)
{
	char symbol[] = "inet_bhash2_reset_saddr";
	int err;

	err = ftrace_set_filter(&kdirect_ops, (void *)symbol, strlen(symbol),
				false);
	if (!err)
		err = po_register_direct(&kdirect_ops, (unsigned long)kdirect);
	/* The list of functions is memory, too. */
	if (err)
		ftrace_set_filter(&kdirect_ops, NULL, 0, true);

	return err;
}

static void __exit kdirect_exit(void)
{
	po_unregister_direct(&kdirect_ops, (unsigned long)kdirect);
	ftrace_set_filter(&kdirect_ops, NULL, 0, true);
}

#else

static int __init kdirect_init(void)
{
	return -EOPNOTSUPP;
}

static void __exit kdirect_exit(void)
{
}

#endif

module_init(kdirect_init);
module_exit(kdirect_exit);

MODULE_DESCRIPTION("takes the place of who is called directly");
MODULE_LICENSE("GPL");
