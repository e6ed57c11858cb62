// SPDX-License-Identifier: GPL-2.0
/* Tables: choose columns, fill cells, print. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "print.h"
#include "print_scols.h"

/* What is cut to fit the terminal keeps as much as this. */
#define CUT_MIN		12

/**
 * struct table - A table that can be filled and printed again and again.
 * @tb: of libsmartcols, or NULL if the rows are in @plain
 * @plain: see there; has the widths of the columns in any case
 * @columns: its columns
 * @numeric: no names
 * @headings: to be printed yet
 * @has_fd: rows for each descriptor, not for each process
 * @has_kinds: sockets of a kind make rows that are alike
 * @kinds: for each kind of sockets, 0 or 1 + the number of a row
 * @n_kinds: elements in @kinds
 * @last: the owner in the last row; no comm if there is none, or it is printed
 */
struct table {
	struct libscols_table *tb;
	struct plain plain;
	struct columns columns;
	bool numeric;
	bool headings;
	bool has_fd;
	bool has_kinds;
	__u32 *kinds;
	size_t n_kinds;
	struct owner last;
};

static const struct field *find_column(const struct field * const *sets,
				       const char *name, size_t len)
{
	const struct field *field;

	for (; *sets; sets++)
		for (field = *sets; field->get; field++)
			if (field->column && strlen(field->column) == len &&
			    !strncasecmp(field->column, name, len))
				return field;
	return NULL;
}

static int add_columns(struct columns *columns,
		       const struct field * const *sets, const char *list)
{
	const struct field *field;
	size_t len;

	do {
		len = strcspn(list, ",");
		field = find_column(sets, list, len);
		if (!field)
			return complain(STATUS_USAGE,
					"unknown column '%.*s'; '-o help' lists them",
					(int)len, list);
		if (columns->n == COLUMNS_MAX)
			return complain(STATUS_USAGE, "more than %d columns",
					COLUMNS_MAX);
		columns->v[columns->n++] = field;
		list += len;
	} while (*list++);
	return 0;
}

/**
 * columns_choose() - Decide on the columns of a table.
 * @columns: set to them
 * @sets: arrays of fields to choose from, NULL at the end
 * @standard: those that are shown if nobody asks for others
 * @wanted: comma separated list; with + before it, added to @standard; or NULL
 *
 * Return: 0, or what to exit with.
 */
int columns_choose(struct columns *columns, const struct field * const *sets,
		   const char *standard, const char *wanted)
{
	columns->n = 0;
	if (!wanted)
		return add_columns(columns, sets, standard);
	if (*wanted != '+')
		return add_columns(columns, sets, wanted);
	return add_columns(columns, sets, standard) ||
	       add_columns(columns, sets, wanted + 1) ? STATUS_USAGE : 0;
}

/**
 * columns_help() - Print all columns and what they are.
 * @sets: arrays of fields, NULL at the end
 */
void columns_help(const struct field * const *sets)
{
	const struct field *field;

	for (; *sets; sets++)
		for (field = *sets; field->get; field++)
			if (field->column)
				printf("%-10s %s\n", field->column,
				       field->help);
}

static void out_of_memory(void)
{
	exit(complain(STATUS_FAILED, "out of memory"));
}

static struct libscols_table *new_scols(const struct columns *columns,
					const struct style *style)
{
	struct libscols_table *tb = scols.new_table();
	const struct field *field;
	struct libscols_column *cl;
	size_t i;

	if (!tb)
		out_of_memory();
	/* Cells are escaped before they get there. */
	scols.table_enable_noencoding(tb, 1);
	scols.table_enable_minout(tb, 1);
	scols.table_enable_noheadings(tb, !style->headings);
	scols.table_enable_colors(tb, style->color);
	for (i = 0; i < columns->n; i++) {
		field = columns->v[i];
		/* A heading takes its width even if it is not printed. */
		cl = scols.table_new_column(tb, style->headings ?
					    field->column : "", 0,
					    field->flags & SCOLS_FL_RIGHT);
		if (!cl)
			out_of_memory();
		if (field->color)
			scols.column_set_color(cl, field->color);
	}
	return tb;
}

/* What each socket of a kind has to itself, if rows can be so alike. */
static void set_own_columns(struct table *table)
{
	struct plain *plain = &table->plain;
	size_t i;
	int flags;

	table->has_kinds = !table->tb;
	for (i = 0; i < table->columns.n; i++) {
		flags = table->columns.v[i]->flags;
		if (!(flags & FIELD_OF_ONE))
			continue;
		plain->own[plain->n_own++] = i;
		if (!(flags & SCOLS_FL_RIGHT))
			table->has_kinds = false;
	}
}

/**
 * table_new() - Make an empty table.
 * @columns: its columns
 * @style: how it looks
 *
 * Return: the table.
 */
struct table *table_new(const struct columns *columns,
			const struct style *style)
{
	struct table *table = xcalloc(1, sizeof(*table));
	size_t i;

	/* Without the library the rows are there, but plain. */
	if ((style->terminal || style->color) && scols_load())
		table->tb = new_scols(columns, style);
	table->columns = *columns;
	table->numeric = style->numeric;
	table->headings = style->headings;
	for (i = 0; i < columns->n; i++)
		if (!strcmp(columns->v[i]->column, "FD"))
			table->has_fd = true;
	set_own_columns(table);
	return table;
}

/**
 * value_text() - A value as one word of printable text.
 * @v: the value
 *
 * Return: the text; to be freed.
 */
char *value_text(const struct value *v)
{
	char number[NUMBER_ROOM];

	if (v->type == VALUE_BOOL)
		return xstrdup(v->num ? "yes" : "no");
	if (v->type == VALUE_NUMBER) {
		number[number_format(number, v->num)] = '\0';
		return xstrdup(number);
	}
	if (v->type == VALUE_STRING && v->len)
		return escape_text(v->str, v->len);
	/* An empty cell would shift the others. */
	return xstrdup("-");
}

/* Strings of a process are shared by its owners, as long as these are there. */
static bool is_same_process(const struct owner *owner, const struct owner *last)
{
	return owner && last->comm && owner->pid == last->pid &&
	       owner->uid == last->uid && owner->comm == last->comm &&
	       owner->exe == last->exe && owner->cgroup == last->cgroup;
}

static void add_cells(struct table *table, const struct subject *s)
{
	bool repeated = is_same_process(s->owner, &table->last);
	const struct field *field;
	struct value v;
	size_t i;

	plain_add_row(&table->plain);
	for (i = 0; i < table->columns.n; i++) {
		field = table->columns.v[i];
		if (repeated && field->flags & FIELD_OF_PROCESS) {
			plain_repeat(&table->plain, i);
			continue;
		}
		v.type = VALUE_NULL;
		field->get(s, &v);
		plain_add(&table->plain, i, &v);
	}
	if (s->owner)
		table->last = *s->owner;
	else
		table->last.comm = NULL;
}

static void add_line(struct table *table, const struct subject *s)
{
	struct libscols_line *line = scols.table_new_line(table->tb, NULL);
	struct value v;
	char *text;
	size_t i;

	if (!line)
		out_of_memory();
	for (i = 0; i < table->columns.n; i++) {
		v.type = VALUE_NULL;
		table->columns.v[i]->get(s, &v);
		text = value_text(&v);
		plain_widen(&table->plain, i, text);
		if (scols.line_refer_data(line, i, text))
			out_of_memory();
	}
}

/**
 * table_add() - Add a row.
 * @table: where
 * @subject: what the row is about
 */
void table_add(struct table *table, const struct subject *subject)
{
	struct subject s = *subject;

	s.numeric = table->numeric;
	if (table->tb)
		add_line(table, &s);
	else
		add_cells(table, &s);
}

/* With no column that differs, two descriptors of a process are one row. */
static bool is_repeated(const struct psock *sock, size_t index)
{
	size_t i;

	for (i = 0; i < index && sock->owners[index].pid; i++)
		if (sock->owners[i].pid == sock->owners[index].pid)
			return true;
	return false;
}

/* The only row of a socket of which the kind may have a row already. */
static void add_kind(struct table *table, const struct subject *s)
{
	struct plain *plain = &table->plain;
	size_t i, nr, room = table->n_kinds;
	__u32 *row;
	struct value v;

	if (s->sock->kind >= room) {
		table->n_kinds = 2 * s->sock->kind + 1;
		table->kinds = xrealloc(table->kinds, table->n_kinds *
						      sizeof(*table->kinds));
		memset(table->kinds + room, 0,
		       (table->n_kinds - room) * sizeof(*table->kinds));
	}
	row = &table->kinds[s->sock->kind];
	if (!*row) {
		*row = plain->n_rows + 1;
		table_add(table, s);
		return;
	}
	plain_add_row_like(plain, *row - 1);
	for (i = 0; i < plain->n_own; i++) {
		nr = plain->own[i];
		v.type = VALUE_NULL;
		table->columns.v[nr]->get(s, &v);
		plain_add(plain, nr, &v);
	}
}

/**
 * table_add_socket() - Add all rows of a socket.
 * @table: where; has sockets of one list only until it is printed
 * @sock: the socket
 */
void table_add_socket(struct table *table, const struct psock *sock)
{
	struct subject s = { .ep = &sock->ep, .sock = sock };
	size_t i;

	if (sock->kind && table->has_kinds) {
		s.owner = sock->owners;
		add_kind(table, &s);
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

/*
 * What comes later is to stand under what is printed already. The library
 * takes the heading for the least width, and looks at a hint only beyond it,
 * and then only if the column is strict.
 */
static void keep_widths(const struct table *table)
{
	struct libscols_column *cl;
	size_t i, width;
	int flags;

	for (i = 0; i + 1 < table->columns.n; i++) {
		cl = scols.table_get_column(table->tb, i);
		width = scols.column_get_width(cl);
		flags = table->columns.v[i]->flags & SCOLS_FL_RIGHT;
		if (width > strlen(scols.column_get_name(cl)))
			flags |= SCOLS_FL_STRICTWIDTH;
		scols.column_set_whint(cl, width);
		scols.column_set_flags(cl, flags);
	}
}

static void print_indented(struct libscols_table *tb, const char *indent)
{
	char *text = NULL, *line, *next;

	scols.table_reduce_termwidth(tb, strlen(indent));
	if (scols.print_table_to_string(tb, &text))
		out_of_memory();
	for (line = text; line && *line; line = next) {
		next = strchrnul(line, '\n');
		if (*next)
			*next++ = '\0';
		printf("%s%s\n", indent, line);
	}
	free(text);
}

static bool may_cut(const struct table *table, size_t column)
{
	return table->columns.v[column]->flags & SCOLS_FL_TRUNC;
}

/* Room for each column that may be cut; what one leaves goes to the others. */
static size_t room_each(const struct table *table, size_t room)
{
	size_t i, n, width, each, fits, last = 0;

	do {
		each = last;
		for (i = 0, n = 0, fits = 0; i < table->columns.n; i++) {
			width = table->plain.column[i].width;
			if (!may_cut(table, i))
				continue;
			if (width <= each)
				fits += width;
			else
				n++;
		}
		if (n && room > fits)
			last = (room - fits) / n;
	} while (last > each);
	return each < CUT_MIN ? CUT_MIN : each;
}

static void cut_column(struct table *table, size_t column, size_t width)
{
	struct libscols_line *line;
	char *text;
	size_t i;

	for (i = 0; i < scols.table_get_nlines(table->tb); i++) {
		line = scols.table_get_line(table->tb, i);
		text = xstrdup(scols.cell_get_data(scols.line_get_cell(line,
								       column)));
		plain_cut(text, width);
		if (scols.line_refer_data(line, column, text))
			out_of_memory();
	}
	table->plain.column[column].width = width;
}

/*
 * The library would cut the first columns to the width of their heading before
 * it cuts the others.
 */
static void fit(struct table *table, const char *indent)
{
	size_t terminal = scols.table_get_termwidth(table->tb);
	size_t i, each, sum = strlen(indent) + table->columns.n - 1;

	for (i = 0; i < table->columns.n; i++) {
		if (table->headings)
			plain_widen(&table->plain, i,
				    table->columns.v[i]->column);
		sum += may_cut(table, i) ? 0 : table->plain.column[i].width;
	}
	each = room_each(table, terminal > sum ? terminal - sum : 0);
	for (i = 0; i < table->columns.n; i++) {
		if (!may_cut(table, i))
			continue;
		if (table->plain.column[i].width > each)
			cut_column(table, i, each);
		sum += table->plain.column[i].width;
	}
	if (terminal < sum)
		scols.table_set_termwidth(table->tb, sum);
}

static void print_scols(struct table *table, const char *indent)
{
	fit(table, indent);
	print_indented(table->tb, indent);
	keep_widths(table);
	scols.table_remove_lines(table->tb);
	scols.table_enable_noheadings(table->tb, 1);
}

/**
 * table_print() - Print the rows, and forget them.
 * @table: the table; headings are printed the first time only
 * @indent: what stands before each line
 */
void table_print(struct table *table, const char *indent)
{
	if (table->tb && scols.table_get_nlines(table->tb))
		print_scols(table, indent);
	if (!table->plain.n)
		return;
	plain_print(&table->plain, &table->columns, table->headings, indent);
	table->headings = false;
	table->last.comm = NULL;
	table->n_kinds = 0;
}

/**
 * table_free() - Free a table.
 * @table: the table
 */
void table_free(struct table *table)
{
	if (table->tb)
		scols.unref_table(table->tb);
	plain_free(&table->plain);
	free(table->kinds);
	free(table);
}
