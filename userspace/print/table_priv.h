/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of a table, shared by its files only. */
#ifndef PORTOWNER_TABLE_PRIV_H
#define PORTOWNER_TABLE_PRIV_H

#include "print/print.h"

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
 * @hidden: it is not printed, since there is no room
 * @cell: its last cell
 * @repeats: that cell will do for another value that equals its own
 * @type: of its value; the bytes of a string are those of the cell
 * @num: its value, if that is a number or truth
 */
struct column {
	size_t width;
	size_t bytes;
	bool hidden;
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
 * struct grid - Rows of a table that are not printed yet.
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
 * @begun: some rows are printed
 * @column: of each column
 */
struct grid {
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
	bool begun;
	struct column column[COLUMNS_MAX];
};

void grid_add_row(struct grid *grid);
void grid_add_row_like(struct grid *grid, size_t like);
void grid_add(struct grid *grid, size_t nr, const struct value *v);
void grid_repeat(struct grid *grid, size_t nr);
void grid_clear(struct grid *grid);
void grid_free(struct grid *grid);

size_t terminal_width(void);
void grid_fit(struct grid *grid, const struct columns *columns,
	      size_t terminal, size_t indented);

void grid_print(struct grid *grid, const struct columns *columns,
		const struct style *style, const char *indent);

#endif /* PORTOWNER_TABLE_PRIV_H */
