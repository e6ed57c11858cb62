/* SPDX-License-Identifier: GPL-2.0 */
/* The rows of a table; private to its files. */
#ifndef PORTOWNER_TABLE_PRIV_H
#define PORTOWNER_TABLE_PRIV_H

#include "print/print.h"

/**
 * struct cell - A cell of a table.
 * @start: offset of its text
 * @len: bytes
 * @width: columns on the screen
 */
struct cell {
	__u32 start;
	__u16 len;
	__u16 width;
};

/**
 * struct column - State of a column.
 * @width: columns on the screen
 * @bytes: maximum length of a cell
 * @hidden: not printed for lack of room
 * @filled: some cell is not merely '-'
 * @cell: its last cell
 * @repeats: that cell also serves for another value equal to its own
 * @type: type of its value; the bytes of a string are those of the cell
 * @num: its value, if a number or a truth
 */
struct column {
	size_t width;
	size_t bytes;
	bool hidden;
	bool filled;
	struct cell cell;
	bool repeats;
	enum value_type type;
	__u64 num;
};

/**
 * struct row - A row of a table.
 * @like: row that has its other cells; itself if it has all of them
 * @cells: index of its first cell
 */
struct row {
	__u32 like;
	__u32 cells;
};

/**
 * struct grid - Rows of a table that were not printed yet.
 * @text: text of all cells
 * @len: bytes in @text
 * @size: bytes allocated
 * @rows: array
 * @n_rows: elements in @rows
 * @rows_room: elements allocated
 * @cells: cells of all rows
 * @n: number of cells
 * @room: elements allocated
 * @own: columns, in order, of which a row that is like another has cells
 * @n_own: elements in @own
 * @begun: some rows were printed
 * @column: state of each column
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

void grid_fit(struct grid *grid, const struct columns *columns,
	      size_t terminal, size_t indented);

void grid_print(struct grid *grid, const struct columns *columns,
		const struct style *style, const char *indent);

#endif /* PORTOWNER_TABLE_PRIV_H */
