// SPDX-License-Identifier: GPL-2.0
/*
 * The cells of a table. A long list has a million of them, most of which are
 * the same as the one above: a row costs some 2,000 instructions until it is
 * printed, and 600 if it is like another.
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/width.h"
#include "print/table_priv.h"

static char *text_room(struct grid *grid, size_t len)
{
	if (grid->size - grid->len < len) {
		grid->size = 2 * grid->size + len + 512;
		grid->text = xrealloc(grid->text, grid->size);
	}
	return grid->text + grid->len;
}

/* Consecutive rows have most in common. */
static bool is_repeated(const struct grid *grid, const struct column *column,
			const struct value *v)
{
	if (!column->repeats || v->type != column->type)
		return false;
	if (v->type == VALUE_STRING)
		return v->len == column->cell.len &&
		       !memcmp(v->str, grid->text + column->cell.start,
			       v->len);
	return v->type == VALUE_NULL || v->num == column->num;
}

/* Finish a cell whose text was appended to all other text. */
static void end_cell(struct grid *grid, size_t nr, size_t len, size_t width)
{
	struct column *column = &grid->column[nr];

	if (len > UINT16_MAX || grid->len > UINT32_MAX)
		exit(complain(STATUS_FAILED, "too much text for a table"));
	column->filled |= len != 1 || grid->text[grid->len] != '-';
	column->cell.start = grid->len;
	column->cell.len = len;
	column->cell.width = width;
	if (column->width < width)
		column->width = width;
	if (column->bytes < len)
		column->bytes = len;
	grid->len += len;
}

static void new_cell(struct grid *grid, size_t nr, const struct value *v)
{
	struct column *column = &grid->column[nr];
	char *text;
	size_t len;

	column->type = v->type;
	column->num = v->num;
	column->repeats = true;
	if (v->type == VALUE_NUMBER) {
		len = number_format(text_room(grid, NUMBER_ROOM), v->num);
		end_cell(grid, nr, len, len);
		return;
	}
	if (v->type == VALUE_STRING && escape_is_plain(v->str, v->len)) {
		memcpy(text_room(grid, v->len), v->str, v->len);
		end_cell(grid, nr, v->len, v->len);
		return;
	}
	column->repeats = v->type != VALUE_STRING && v->type != VALUE_TEXT;
	text = value_text(v);
	len = strlen(text);
	memcpy(text_room(grid, len), text, len);
	end_cell(grid, nr, len, text_width(text, len));
	free(text);
}

/**
 * grid_add_row() - Begin a row.
 * @grid: the rows
 */
void grid_add_row(struct grid *grid)
{
	grid_add_row_like(grid, grid->n_rows);
}

/**
 * grid_add_row_like() - Begin a row with few cells of its own.
 * @grid: the rows
 * @like: number of the row with the others
 */
void grid_add_row_like(struct grid *grid, size_t like)
{
	struct row *row;

	grid->rows = xgrow(grid->rows, grid->n_rows, &grid->rows_room,
			   sizeof(*grid->rows));
	if (grid->n_rows > UINT32_MAX || grid->n > UINT32_MAX)
		exit(complain(STATUS_FAILED, "too many rows for a table"));
	row = &grid->rows[grid->n_rows++];
	row->like = like;
	row->cells = grid->n;
}

/**
 * grid_repeat() - Add a cell equal to the one in the previous row.
 * @grid: the rows
 * @nr: number of the column
 */
void grid_repeat(struct grid *grid, size_t nr)
{
	grid->cells = xgrow(grid->cells, grid->n, &grid->room,
			    sizeof(*grid->cells));
	grid->cells[grid->n++] = grid->column[nr].cell;
}

/**
 * grid_add() - Add a cell.
 * @grid: the rows
 * @nr: number of the column
 * @v: its value
 */
void grid_add(struct grid *grid, size_t nr, const struct value *v)
{
	if (!is_repeated(grid, &grid->column[nr], v))
		new_cell(grid, nr, v);
	grid_repeat(grid, nr);
}

/**
 * grid_clear() - Drop all rows, but keep the widths of columns.
 * @grid: the rows, printed
 */
void grid_clear(struct grid *grid)
{
	size_t i;

	grid->n_rows = 0;
	grid->n = 0;
	grid->len = 0;
	for (i = 0; i < COLUMNS_MAX; i++)
		grid->column[i].repeats = false;
}

/**
 * grid_free() - Free what grid_add() allocated.
 * @grid: the rows, printed
 */
void grid_free(struct grid *grid)
{
	free(grid->rows);
	free(grid->cells);
	free(grid->text);
}
