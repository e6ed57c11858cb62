// SPDX-License-Identifier: GPL-2.0
/* Lists of rejects: grow, choose, sort, free. */

#include <stdlib.h>
#include <string.h>

#include "model.h"
#include "range.h"
#include "util.h"

/**
 * reject_list_add() - Append an empty reject.
 * @list: where
 *
 * Return: the reject; it moves when the list grows again.
 */
struct reject *reject_list_add(struct reject_list *list)
{
	struct reject *reject;

	list->v = xgrow(list->v, list->n, &list->room, sizeof(*list->v));
	reject = &list->v[list->n++];
	memset(reject, 0, sizeof(*reject));
	return reject;
}

/**
 * reject_clear() - Free what a reject has.
 * @reject: the reject, empty afterwards
 */
void reject_clear(struct reject *reject)
{
	psock_list_clear(&reject->culprits);
	range_free(reject->range);
	free(reject->ep.dev);
	free(reject->comm);
	free(reject->exe);
	free(reject->cgroup);
	memset(reject, 0, sizeof(*reject));
}

/**
 * reject_list_keep() - Drop the rejects that are not wanted.
 * @list: from where
 * @keep: says whether a reject is wanted
 * @arg: passed to @keep
 */
void reject_list_keep(struct reject_list *list,
		      bool (*keep)(const struct reject *reject,
				   const void *arg),
		      const void *arg)
{
	size_t i, n = 0;

	for (i = 0; i < list->n; i++) {
		if (keep(&list->v[i], arg))
			list->v[n++] = list->v[i];
		else
			reject_clear(&list->v[i]);
	}
	list->n = n;
}

static int by_time(const void *left, const void *right)
{
	const struct reject *a = left, *b = right;
	int order = compare(a->time_ns, b->time_ns);

	if (!order)
		order = compare(a->netns, b->netns);
	return order ? order : compare(a->seq, b->seq);
}

/**
 * reject_list_sort() - Bring rejects of several namespaces into one order.
 * @list: the rejects, the oldest first afterwards
 */
void reject_list_sort(struct reject_list *list)
{
	if (list->n)
		qsort(list->v, list->n, sizeof(*list->v), by_time);
}

/**
 * reject_list_find() - Find an earlier state of a record.
 * @list: where
 * @reject: the record
 *
 * Return: it, or NULL.
 */
struct reject *reject_list_find(struct reject_list *list,
				const struct reject *reject)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].netns == reject->netns &&
		    list->v[i].first_time_ns == reject->first_time_ns &&
		    list->v[i].ep.port == reject->ep.port &&
		    list->v[i].err == reject->err)
			return &list->v[i];
	return NULL;
}

/**
 * reject_list_clear() - Free all rejects of a list.
 * @list: the list, empty and usable afterwards
 */
void reject_list_clear(struct reject_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		reject_clear(&list->v[i]);
	free(list->v);
	memset(list, 0, sizeof(*list));
}
