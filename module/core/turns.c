// SPDX-License-Identifier: GPL-2.0
/*
 * Network namespaces that wait for their turn. Users take turns, since each of them can have
 * any number of namespaces.
 */

#include <linux/hash.h>
#include <linux/list.h>
#include <linux/random.h>
#include <linux/uidgid.h>

#include "core/core.h"

/**
 * po_turns_init() - set up empty queues
 * @turns: queues
 *
 * Context: any; nobody else uses @turns yet.
 */
void po_turns_init(struct po_turns *turns)
{
	unsigned int i;

	turns->seed = get_random_u32();
	for (i = 0; i < PO_TURNS; i++)
		INIT_LIST_HEAD(&turns->queues[i]);
}

/**
 * po_turns_add() - have a namespace wait
 * @turns: queues
 * @node: stands for @net; in no list
 * @net: namespace
 *
 * Context: any; the caller prevents concurrent access to @turns.
 */
void po_turns_add(struct po_turns *turns, struct list_head *node, const struct net *net)
{
	u32 user = hash_32(__kuid_val(po_payer_net(net)) ^ turns->seed, PO_TURNS_BITS);

	list_add_tail(node, &turns->queues[user]);
}

/**
 * po_turns_next() - get the namespace whose turn it is
 * @turns: queues
 *
 * Context: any; the caller prevents concurrent access to @turns.
 * Return: node of the namespace, removed from its list, or NULL if none waits.
 */
struct list_head *po_turns_next(struct po_turns *turns)
{
	struct list_head *node;
	unsigned int i;

	for (i = 0; i < PO_TURNS; i++) {
		turns->last = (turns->last + 1) % PO_TURNS;
		if (list_empty(&turns->queues[turns->last]))
			continue;
		node = turns->queues[turns->last].next;
		list_del_init(node);
		return node;
	}

	return NULL;
}
