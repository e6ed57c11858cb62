// SPDX-License-Identifier: GPL-2.0
/*
 * Differences between two audits. Unnamed namespaces cannot be told apart, so
 * all findings at the same place are compared as a group.
 */

#include <stdlib.h>
#include <string.h>

#include "audit/changes.h"
#include "lib/util.h"

/**
 * struct side - Findings of one audit that are compared.
 * @v: array, sorted by identifier and place; NULL once matched
 * @n: elements in @v
 */
struct side {
	const struct finding **v;
	size_t n;
};

/**
 * change_name() - Name the kind of a change.
 * @change: the change
 *
 * Return: a word.
 */
const char *change_name(const struct change *change)
{
	if (!change->was)
		return "new";
	return change->is ? "changed" : "gone";
}

static int compare_keys(const struct finding *a, const struct finding *b)
{
	int order = compare(a->id, b->id);

	return order ? order : finding_compare_place(a, b);
}

static int compare_entries(const void *left, const void *right)
{
	return compare_keys(*(const struct finding * const *)left,
			    *(const struct finding * const *)right);
}

static void take(struct side *side, const struct finding_list *list,
		 __u32 unchecked)
{
	size_t i;

	side->v = xcalloc(list->n + 1, sizeof(*side->v));
	side->n = 0;
	for (i = 0; i < list->n; i++)
		if (!(unchecked & 1U << list->v[i].id))
			side->v[side->n++] = &list->v[i];
	qsort(side->v, side->n, sizeof(*side->v), compare_entries);
}

static void add(struct change_list *changes, const struct finding *was,
		const struct finding *is)
{
	changes->v = xgrow(changes->v, changes->n, &changes->room,
			   sizeof(*changes->v));
	changes->v[changes->n++] = (struct change){ was, is };
}

/* Unchanged findings are no change; pair the certain matches first. */
static void pair_same(struct side *was, struct side *is, bool unknown)
{
	const struct finding *a, *b;
	size_t i, k;

	for (i = 0; i < was->n; i++) {
		for (k = 0; k < is->n && was->v[i]; k++) {
			a = was->v[i];
			b = is->v[k];
			if (!b || !who_same(&a->who, &b->who) ||
			    (!unknown && (a->who.unknown || b->who.unknown)))
				continue;
			was->v[i] = NULL;
			is->v[k] = NULL;
		}
	}
}

static const struct finding *next(struct side *side, size_t *i)
{
	while (*i < side->n && !side->v[*i])
		(*i)++;
	return *i < side->n ? side->v[(*i)++] : NULL;
}

/*
 * Pair up the rest: at the same place the port has a new owner. An automatic
 * port is no place: one program has ended, and another was started.
 */
static void add_rest(struct change_list *changes, struct side *was,
		     struct side *is)
{
	const struct finding *a, *b;
	size_t i = 0, k = 0;

	for (;;) {
		a = next(was, &i);
		b = next(is, &k);
		if (!a && !b)
			return;
		if (a && b && a->automatic) {
			add(changes, a, NULL);
			add(changes, NULL, b);
		} else {
			add(changes, a, b);
		}
	}
}

/* Length of the run of findings, from @first on, at the place of @key. */
static size_t run_length(const struct side *side, size_t first,
			 const struct finding *key)
{
	size_t i;

	for (i = first; i < side->n && !compare_keys(side->v[i], key); i++)
		;
	return i - first;
}

static const struct finding *first_key(const struct side *was, size_t i,
				       const struct side *is, size_t k)
{
	if (i == was->n)
		return is->v[k];
	if (k == is->n)
		return was->v[i];
	return compare_keys(was->v[i], is->v[k]) <= 0 ? was->v[i] : is->v[k];
}

static int compare_changes(const void *left, const void *right)
{
	const struct change *x = left, *y = right;
	const struct finding *a = x->is ?: x->was, *b = y->is ?: y->was;
	int order = compare(a->severity, b->severity);

	if (!order)
		order = compare_keys(a, b);
	if (!order)
		order = compare(a->port, b->port);
	return order ? order : strcmp(change_name(x), change_name(y));
}

/**
 * changes_find() - Compare two audits.
 * @changes: empty; set to the changes
 * @was: the earlier findings
 * @is: the present findings
 * @unchecked: bit N if one of the audits did not check finding N
 */
void changes_find(struct change_list *changes, const struct finding_list *was,
		  const struct finding_list *is, __u32 unchecked)
{
	struct side before, now, a, b;
	const struct finding *key;
	size_t i = 0, k = 0;

	take(&before, was, unchecked);
	take(&now, is, unchecked);
	while (i < before.n || k < now.n) {
		key = first_key(&before, i, &now, k);
		a = (struct side){ before.v + i, run_length(&before, i, key) };
		b = (struct side){ now.v + k, run_length(&now, k, key) };
		i += a.n;
		k += b.n;
		pair_same(&a, &b, false);
		pair_same(&a, &b, true);
		add_rest(changes, &a, &b);
	}
	if (changes->n)
		qsort(changes->v, changes->n, sizeof(*changes->v),
		      compare_changes);
	free(before.v);
	free(now.v);
}

/**
 * changes_clear() - Free a list of changes.
 * @changes: the list, empty and usable afterwards
 */
void changes_clear(struct change_list *changes)
{
	free(changes->v);
	memset(changes, 0, sizeof(*changes));
}
