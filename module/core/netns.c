// SPDX-License-Identifier: GPL-2.0
/* Iterate over all network namespaces. */

#include <linux/rtnetlink.h>
#include <linux/rwsem.h>
#include <net/net_namespace.h>

#include "core/core.h"

/**
 * po_net_next() - get the next network namespace
 * @net: previous return value, whose reference is dropped, or NULL to start
 *
 * A referenced namespace stays in the list, so net_rwsem is not held between
 * two calls.
 *
 * Context: may sleep.
 * Return: a referenced namespace, or NULL after the last.
 */
struct net *po_net_next(struct net *net)
{
	struct list_head *pos;
	struct net *next = NULL;

	down_read(&net_rwsem);
	pos = net ? net->list.next : net_namespace_list.next;
	/* Skip namespaces being destroyed: no process has sockets there. */
	for (; pos != &net_namespace_list && !next; pos = pos->next)
		next = maybe_get_net(list_entry(pos, struct net, list));
	up_read(&net_rwsem);
	if (net)
		put_net(net);

	return next;
}
