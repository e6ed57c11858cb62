// SPDX-License-Identifier: GPL-2.0
/* All network namespaces, one after the other. */

#include <linux/rwsem.h>
#include <net/net_namespace.h>
#include <linux/rtnetlink.h>

#include "internal.h"

/**
 * po_net_next() - the next network namespace
 * @net: one that this function returned, whose reference is dropped; or NULL
 *
 * A namespace that has a reference stays in the list, so that nothing has to be
 * locked while the caller looks at it.
 *
 * Context: may sleep.
 * Return: a referenced namespace, the first one for NULL; NULL after the last.
 */
struct net *po_net_next(struct net *net)
{
	struct list_head *pos;
	struct net *next = NULL;

	down_read(&net_rwsem);
	pos = net ? net->list.next : net_namespace_list.next;
	/* Those that are going away have no sockets of processes any more. */
	for (; pos != &net_namespace_list && !next; pos = pos->next)
		next = maybe_get_net(list_entry(pos, struct net, list));
	up_read(&net_rwsem);
	if (net)
		put_net(net);

	return next;
}
