// SPDX-License-Identifier: GPL-2.0
/*
 * What the parts of the module keep for each network namespace: one block of
 * memory, and one registration for all. Unregistering waits for namespaces that
 * are being destroyed, which should be done once.
 */

#include <linux/kernel.h>
#include <linux/slab.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "core/core.h"

unsigned int po_net_parts_id __read_mostly;

/* Written by init, before the registration. */
static struct po_net_part *const *po_net_parts_all;
static unsigned int po_nr_net_parts;
static size_t po_net_parts_size;

/* Undo the initialization of the first @nr parts, the last one first. */
static void po_net_parts_undo(struct net *net, unsigned int nr)
{
	while (nr--)
		if (po_net_parts_all[nr]->exit)
			po_net_parts_all[nr]->exit(net);
}

static int po_net_parts_net_init(struct net *net)
{
	u8 **memory = net_generic(net, po_net_parts_id);
	unsigned int i;
	int err;

	*memory = kzalloc(po_net_parts_size, GFP_KERNEL_ACCOUNT);
	if (!*memory)
		return -ENOMEM;

	for (i = 0; i < po_nr_net_parts; i++) {
		err = po_net_parts_all[i]->init(net);
		if (err) {
			po_net_parts_undo(net, i);
			kfree(*memory);
			return err;
		}
	}

	return 0;
}

static void po_net_parts_net_exit(struct net *net)
{
	u8 **memory = net_generic(net, po_net_parts_id);

	po_net_parts_undo(net, po_nr_net_parts);
	kfree(*memory);
}

static struct pernet_operations po_net_parts_ops = {
	.init	= po_net_parts_net_init,
	.exit	= po_net_parts_net_exit,
	.id	= &po_net_parts_id,
	.size	= sizeof(u8 *),
};

/**
 * po_net_parts_init() - set up all parts in each network namespace
 * @parts: parts; each may depend on those before it
 * @nr: number of @parts
 *
 * Context: may sleep; takes pernet_ops_rwsem for writing.
 * Return: 0 or a negative errno.
 */
int __init po_net_parts_init(struct po_net_part *const *parts, unsigned int nr)
{
	unsigned int i;

	po_net_parts_all = parts;
	po_nr_net_parts = nr;
	for (i = 0; i < nr; i++) {
		parts[i]->offset = po_net_parts_size;
		po_net_parts_size += round_up(parts[i]->size, sizeof(u64));
	}

	return register_pernet_subsys(&po_net_parts_ops);
}

/**
 * po_net_parts_exit() - undo po_net_parts_init()
 *
 * Context: may sleep; takes pernet_ops_rwsem for writing, for which the kernel
 * first finishes the namespaces that it is destroying.
 */
void po_net_parts_exit(void)
{
	unregister_pernet_subsys(&po_net_parts_ops);
}
