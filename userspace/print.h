/* SPDX-License-Identifier: GPL-2.0 */
/* From the model to stdout. */
#ifndef PORTOWNER_PRINT_H
#define PORTOWNER_PRINT_H

#include <stdbool.h>

#include "field.h"
#include "model.h"

/* What stands below a title. */
#define INDENT		"  "

/* More than there are columns. */
#define COLUMNS_MAX	48

/**
 * struct columns - The columns of a table.
 * @v: the fields
 * @n: how many
 */
struct columns {
	const struct field *v[COLUMNS_MAX];
	size_t n;
};

/**
 * struct style - How tables look.
 * @numeric: no names of users and namespaces
 * @headings: print them
 * @color: use colours
 * @terminal: cut tables to its width
 */
struct style {
	bool numeric;
	bool headings;
	bool color;
	bool terminal;
};

/**
 * struct cell - A cell of a table.
 * @start: where its text is
 * @len: bytes
 * @width: columns on the screen
 */
struct cell {
	__u32 start;
	__u16 len;
	__u16 width;
};

/**
 * struct column - What is known of a column so far.
 * @width: columns on the screen
 * @bytes: most that a cell has
 * @cell: its last cell
 * @repeats: that cell will do for another value that equals its own
 * @type: of its value; the bytes of a string are those of the cell
 * @num: its value, if that is a number or truth
 */
struct column {
	size_t width;
	size_t bytes;
	struct cell cell;
	bool repeats;
	enum value_type type;
	__u64 num;
};

/**
 * struct row - A row of a table.
 * @like: the row that has its cells, but for those of its own; itself if it has
 *	all of them
 * @cells: the first one that it has
 */
struct row {
	__u32 like;
	__u32 cells;
};

/**
 * struct plain - Rows of a table that needs neither colours nor a terminal.
 * @text: of all cells
 * @len: bytes in @text
 * @size: bytes allocated
 * @rows: array
 * @n_rows: elements in @rows
 * @rows_room: elements allocated
 * @cells: of each row
 * @n: number of cells
 * @room: elements allocated
 * @own: columns, in order, of which a row that is like another has cells; all
 *	of them are numbers
 * @n_own: elements in @own
 * @column: of each column
 */
struct plain {
	char *text;
	size_t len;
	size_t size;
	struct row *rows;
	size_t n_rows;
	size_t rows_room;
	struct cell *cells;
	size_t n;
	size_t room;
	size_t own[COLUMNS_MAX];
	size_t n_own;
	struct column column[COLUMNS_MAX];
};

size_t plain_add_row(struct plain *plain);
void plain_add_row_like(struct plain *plain, size_t like);
void plain_add(struct plain *plain, size_t nr, const struct value *v);
void plain_repeat(struct plain *plain, size_t nr);
void plain_widen(struct plain *plain, size_t column, const char *text);
void plain_cut(char *text, size_t width);
void plain_free(struct plain *plain);
void plain_print(struct plain *plain, const struct columns *columns,
		 bool headings, const char *indent);

struct table;

int columns_choose(struct columns *columns, const struct field * const *sets,
		   const char *standard, const char *wanted);
void columns_help(const struct field * const *sets);

struct table *table_new(const struct columns *columns,
			const struct style *style);
void table_add(struct table *table, const struct subject *subject);
void table_print(struct table *table, const char *indent);
void table_free(struct table *table);
char *value_text(const struct value *v);

/* A row for each owner, and one where there is none to show. */
void table_add_socket(struct table *table, const struct psock *sock);

struct share;

char *column_text(const struct subject *s, const char *name);
void print_words(const char *words, size_t indent, size_t column);
void print_fact(const char *label, const char *words);
void print_facts(const struct psock *sock, struct share *share,
		 const struct style *style);

void print_sockets_json(const struct psock_list *list);
void print_sockets_table(const struct psock_list *list,
			 const struct columns *columns,
			 const struct style *style);
void print_sockets_full(const struct psock_list *list,
			const struct psock_list *all,
			const struct columns *columns,
			const struct style *style);
void print_rejects_json(const struct reject_list *list);
void print_rejects_json_lines(const struct reject_list *list);
struct story;

void print_check_json(const struct reject *would);
void print_why_json(const struct reject_list *list,
		    const struct story *story);
void print_counters(const struct counters *counters, bool json);

#endif /* PORTOWNER_PRINT_H */
