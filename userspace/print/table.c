// SPDX-License-Identifier: GPL-2.0
/* Tables: their rows, and the contents of cells. */

#include <stdlib.h>
#include <string.h>

#include "print/table_priv.h"

/**
 * struct table - A table that can be filled and printed repeatedly.
 * @grid: its rows
 * @columns: its columns
 * @style: its style; without headings once they are printed
 * @has_fd: one row per descriptor, not per process
 * @has_like: sockets of one template make similar rows
 * @like: for each template id, 0 or 1 + the number of such a row
 * @n_like: elements in @like
 * @last: owner in the last row; without comm if there is none, or it is printed
 */
struct table {
	struct grid grid;
	struct columns columns;
	struct style style;
	bool has_fd;
	bool has_like;
	__u32 *like;
	size_t n_like;
	struct owner last;
};

/*
 * Can the cells of a column be copied into blanks, because each begins or ends
 * at the same place in all rows? No blanks follow the last column.
 */
static bool is_simple(const struct field *field, bool last)
{
	if (field->color)
		return false;
	return field->flags & FIELD_RIGHT ||
	       (field->flags & FIELD_ASCII && !last);
}

/* Find the columns in which sockets of one template differ. */
static void set_own_columns(struct table *table)
{
	struct grid *grid = &table->grid;
	const struct field *field;
	size_t i;

	/* Raw rows have all of their cells. */
	table->has_like = !table->style.raw;
	for (i = 0; i < table->columns.n; i++) {
		field = table->columns.v[i];
		if (!(field->flags & FIELD_OF_ONE))
			continue;
		grid->own[grid->n_own++] = i;
		if (!is_simple(field, i + 1 == table->columns.n))
			table->has_like = false;
	}
}

/**
 * table_new() - Make an empty table.
 * @columns: its columns
 * @style: its style
 *
 * Return: the table.
 */
struct table *table_new(const struct columns *columns,
			const struct style *style)
{
	struct table *table = xcalloc(1, sizeof(*table));
	size_t i;

	table->columns = *columns;
	table->style = *style;
	for (i = 0; i < columns->n; i++)
		if (!strcmp(columns->v[i]->column, "FD"))
			table->has_fd = true;
	set_own_columns(table);
	return table;
}

static bool is_repeated_process(const struct owner *owner,
				const struct owner *last)
{
	return owner && last->comm && owner_same_process(owner, last);
}

/**
 * table_add() - Add a row.
 * @table: the table
 * @subject: subject of the row
 */
void table_add(struct table *table, const struct subject *subject)
{
	bool repeated = is_repeated_process(subject->owner, &table->last);
	struct subject s = *subject;
	const struct field *field;
	struct value v;
	size_t i;

	s.numeric = table->style.numeric;
	s.iso_time = table->style.iso_time;
	grid_add_row(&table->grid);
	for (i = 0; i < table->columns.n; i++) {
		field = table->columns.v[i];
		if (repeated && field->flags & FIELD_OF_PROCESS) {
			grid_repeat(&table->grid, i);
			continue;
		}
		v.type = VALUE_NULL;
		field->get(&s, &v);
		grid_add(&table->grid, i, &v);
	}
	if (s.owner)
		table->last = *s.owner;
	else
		table->last.comm = NULL;
}

/**
 * table_add_texts() - Add a row of cells made before.
 * @table: where
 * @texts: printable text of each column
 */
void table_add_texts(struct table *table, char * const *texts)
{
	struct value v = { .type = VALUE_TEXT };
	size_t i;

	grid_add_row(&table->grid);
	for (i = 0; i < table->columns.n; i++) {
		v.str = texts[i];
		v.len = strlen(texts[i]);
		grid_add(&table->grid, i, &v);
	}
	table->last.comm = NULL;
}

/* Without a column that differs, descriptors of a process share a row. */
static bool is_repeated(const struct psock *sock, size_t index)
{
	size_t i;

	for (i = 0; i < index && sock->owners[index].pid; i++)
		if (sock->owners[i].pid == sock->owners[index].pid)
			return true;
	return false;
}

/* Add the only row of a socket, like that of its template if there is one. */
static void add_like(struct table *table, const struct subject *s)
{
	struct grid *grid = &table->grid;
	size_t i, nr, room = table->n_like;
	__u32 *row;
	struct value v;

	if (s->sock->template_id >= room) {
		table->n_like = 2 * s->sock->template_id + 1;
		table->like = xrealloc(table->like,
				       table->n_like * sizeof(*table->like));
		memset(table->like + room, 0,
		       (table->n_like - room) * sizeof(*table->like));
	}
	row = &table->like[s->sock->template_id];
	if (!*row) {
		*row = grid->n_rows + 1;
		table_add(table, s);
		return;
	}
	grid_add_row_like(grid, *row - 1);
	for (i = 0; i < grid->n_own; i++) {
		nr = grid->own[i];
		v.type = VALUE_NULL;
		table->columns.v[nr]->get(s, &v);
		grid_add(grid, nr, &v);
	}
}

/**
 * table_add_socket() - Add all rows of a socket.
 * @table: the table; has sockets of one list only until it is printed
 * @sock: the socket
 */
void table_add_socket(struct table *table, const struct psock *sock)
{
	struct subject s = { .ep = &sock->ep, .sock = sock };
	size_t i;

	if (sock->template_id && table->has_like) {
		s.owner = sock->owners;
		add_like(table, &s);
		return;
	}

	for (i = 0; i < sock->n_owners; i++) {
		if (!table->has_fd && is_repeated(sock, i))
			continue;
		s.owner = &sock->owners[i];
		table_add(table, &s);
	}
	if (sock->n_owners && !sock->owners_hidden && !sock->kernel_owner)
		return;
	s.owner = NULL;
	table_add(table, &s);
}

/**
 * table_add_whole() - Add one row for a socket and all of its owners.
 * @table: the table; has sockets of one list only until it is printed
 * @sock: the socket
 * @twin: the row is also for its IPv6 twin
 */
void table_add_whole(struct table *table, const struct psock *sock, bool twin)
{
	struct subject s = {
		.ep = &sock->ep,
		.sock = sock,
		.owner = psock_main_owner(sock),
		.whole = true,
		.twin = twin,
	};

	if (sock->template_id && table->has_like && !twin)
		add_like(table, &s);
	else
		table_add(table, &s);
}

/**
 * table_print() - Print the rows, and clear them.
 * @table: the table; headings are printed the first time only
 * @indent: printed before each line
 */
void table_print(struct table *table, const char *indent)
{
	if (!table->grid.n_rows)
		return;
	grid_print(&table->grid, &table->columns, &table->style, indent);
	grid_clear(&table->grid);
	table->style.headings = false;
	table->last.comm = NULL;
	table->n_like = 0;
}

/**
 * table_free() - Free a table.
 * @table: the table
 */
void table_free(struct table *table)
{
	grid_free(&table->grid);
	free(table->like);
	free(table);
}
