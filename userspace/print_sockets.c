// SPDX-License-Identifier: GPL-2.0
/* Sockets as a table, or one after the other with all that is known. */

#include <stdio.h>

#include "outgoing.h"
#include "print.h"
#include "share.h"

/**
 * print_sockets_table() - Print sockets as a table.
 * @list: the sockets
 * @columns: what of them
 * @style: how it looks
 */
void print_sockets_table(const struct psock_list *list,
			 const struct columns *columns,
			 const struct style *style)
{
	struct table *table = table_new(columns, style);
	size_t i;

	for (i = 0; i < list->n; i++)
		table_add_socket(table, &list->v[i]);
	table_print(table, "");
	table_free(table);
}

static void print_full(const struct psock *sock, struct share *share,
		       const struct style *style)
{
	static const struct field * const sets[] = { owner_fields, NULL };
	struct columns columns;
	struct table *table;

	print_facts(sock, share, style);
	columns_choose(&columns, sets, "PID,FD,COMMAND,USER,EXE,UNIT", NULL);
	table = table_new(&columns, style);
	table_add_socket(table, sock);
	table_print(table, INDENT);
	table_free(table);
}

/**
 * print_sockets_full() - Print all that is known of sockets that serve, and
 *	a table of the others.
 * @list: the sockets; those that serve first
 * @all: these, and all others on their ports
 * @columns: of the table
 * @style: how it looks
 */
void print_sockets_full(const struct psock_list *list,
			const struct psock_list *all,
			const struct columns *columns,
			const struct style *style)
{
	struct share share = { .all = all, .numeric = style->numeric };
	struct psock_list rest = { 0 };
	size_t i;

	for (i = 0; i < list->n && psock_is_passive(&list->v[i]); i++) {
		if (i)
			putchar('\n');
		print_full(&list->v[i], &share, style);
	}
	if (i == list->n)
		return;
	if (i)
		putchar('\n');
	rest.v = list->v + i;
	rest.n = list->n - i;
	print_sockets_table(&rest, columns, style);
	outgoing_print(&rest, all);
}
