// SPDX-License-Identifier: GPL-2.0
/* Rejects as a table. */

#include "print/print.h"

/**
 * print_rejects_table() - Print rejects as rows.
 * @table: the table; prints headings the first time only
 * @list: the rejects
 */
void print_rejects_table(struct table *table, const struct reject_list *list)
{
	struct subject s = { 0 };
	size_t i;

	for (i = 0; i < list->n; i++) {
		s.ep = &list->v[i].ep;
		s.reject = &list->v[i];
		table_add(table, &s);
	}
	table_print(table, "");
}
