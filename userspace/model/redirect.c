// SPDX-License-Identifier: GPL-2.0
/* Lists of rules that redirect packets to a port. */

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "model/redirect.h"

static bool same(const struct redirect *a, const struct redirect *b)
{
	return a->by == b->by && a->family == b->family &&
	       a->proto == b->proto && a->here == b->here &&
	       a->has_addr == b->has_addr && a->port == b->port &&
	       !memcmp(a->addr, b->addr, sizeof(a->addr)) &&
	       text_equal(a->table_family, b->table_family) &&
	       text_equal(a->table, b->table) && text_equal(a->chain, b->chain);
}

/**
 * redirect_list_add() - Append a redirect, unless it is there already.
 * @list: where to add it
 * @redirect: copied
 *
 * The same rule can be reached from several hooks.
 */
void redirect_list_add(struct redirect_list *list, const struct redirect *redirect)
{
	struct redirect *added;
	size_t i;

	for (i = 0; i < list->n; i++) {
		if (!same(&list->v[i], redirect))
			continue;
		list->v[i].certain |= redirect->certain;
		return;
	}
	list->v = xgrow(list->v, list->n, &list->room, sizeof(*list->v));
	added = &list->v[list->n++];
	*added = *redirect;
	added->table = xstrdup(redirect->table);
	added->chain = xstrdup(redirect->chain);
}

/**
 * redirect_list_clear() - Free the contents of a list.
 * @list: the list, empty afterwards
 */
void redirect_list_clear(struct redirect_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		free(list->v[i].table);
		free(list->v[i].chain);
	}
	free(list->v);
	memset(list, 0, sizeof(*list));
}

/**
 * redirect_by_name() - Name of a rule's owner, as in JSON.
 * @by: owner of the rule
 *
 * Return: the name.
 */
const char *redirect_by_name(enum redirect_by by)
{
	static const char * const names[] = {
		[REDIRECT_BY_NFTABLES] = "nftables",
		[REDIRECT_BY_IPTABLES] = "iptables",
		[REDIRECT_BY_IPVS] = "ipvs",
	};

	return names[by];
}
