// SPDX-License-Identifier: GPL-2.0
/* Rejects as a table. */

#include <string.h>

#include "cmd.h"

const struct field * const reject_columns[] = { reject_fields, NULL };

/**
 * rejects_columns() - Decide on the columns of a table of rejects.
 * @options: the command line
 * @all_netns: there may be rejects of several network namespaces
 * @columns: set to them
 *
 * Return: 0, or what to exit with.
 */
int rejects_columns(const struct options *options, bool all_netns,
		    struct columns *columns)
{
	static const char standard[] =
		"NETNS,SEQ,TIME,COUNT,OP,PROTO,ADDRESS,PORT,ERRNO,PID,COMMAND,USER,RULE,CULPRIT";
	size_t skip = all_netns ? 0 : strlen("NETNS,");

	return columns_choose(columns, reject_columns, standard + skip,
			      options->columns);
}

/**
 * print_rejects_table() - Print rejects as rows.
 * @table: where; with headings the first time only
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
