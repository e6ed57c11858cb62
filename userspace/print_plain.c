// SPDX-License-Identifier: GPL-2.0
/*
 * Tables for a pipe or a file, which are where the long ones go. What comes
 * out is the same as from libsmartcols, which looks at each character of each
 * cell several times: 45,000 instructions a row, where this takes 1,000, and
 * 300 if the row is like another.
 */

#include <libsmartcols.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "escape.h"
#include "print.h"

/* Columns on the screen; cells are printable, and most are ASCII. */
static size_t text_width(const char *text, size_t len)
{
	mbstate_t state = { 0 };
	wchar_t *wide;
	size_t i, n;
	int width;

	for (i = 0; i < len; i++)
		if (text[i] & 0x80)
			break;
	if (i == len)
		return len;
	wide = xcalloc(len + 1, sizeof(*wide));
	n = mbsnrtowcs(wide, &text, len, len, &state);
	width = n == (size_t)-1 ? -1 : wcswidth(wide, n);
	free(wide);
	return width < 0 ? len : (size_t)width;
}

/**
 * plain_widen() - Make a column as wide as a text.
 * @plain: the table
 * @column: number of the column
 * @text: printable text
 */
void plain_widen(struct plain *plain, size_t column, const char *text)
{
	size_t width = text_width(text, strlen(text));

	if (plain->column[column].width < width)
		plain->column[column].width = width;
}

/**
 * plain_cut() - Cut a text.
 * @text: printable text
 * @width: columns that it may have
 */
void plain_cut(char *text, size_t width)
{
	size_t len = strlen(text);

	while (len && text_width(text, len) > width) {
		/* all bytes of a character */
		while (len && (text[--len] & 0xc0) == 0x80)
			;
		text[len] = '\0';
	}
}

static char *text_room(struct plain *plain, size_t len)
{
	if (plain->size - plain->len < len) {
		plain->size = 2 * plain->size + len + 512;
		plain->text = xrealloc(plain->text, plain->size);
	}
	return plain->text + plain->len;
}

/* Rows that follow each other have most in common. */
static bool is_repeated(const struct plain *plain, const struct column *column,
			const struct value *v)
{
	if (!column->repeats || v->type != column->type)
		return false;
	if (v->type == VALUE_STRING)
		return v->len == column->cell.len &&
		       !memcmp(v->str, plain->text + column->cell.start,
			       v->len);
	return v->type == VALUE_NULL || v->num == column->num;
}

/* A cell whose text is at the end of all text already. */
static void end_cell(struct plain *plain, size_t nr, size_t len, size_t width)
{
	struct column *column = &plain->column[nr];

	if (len > UINT16_MAX || plain->len > UINT32_MAX)
		exit(complain(STATUS_FAILED, "too much text for a table"));
	column->cell.start = plain->len;
	column->cell.len = len;
	column->cell.width = width;
	if (column->width < width)
		column->width = width;
	if (column->bytes < len)
		column->bytes = len;
	plain->len += len;
}

static void new_cell(struct plain *plain, size_t nr, const struct value *v)
{
	struct column *column = &plain->column[nr];
	char *text;
	size_t len;

	column->type = v->type;
	column->num = v->num;
	column->repeats = true;
	if (v->type == VALUE_NUMBER) {
		len = number_format(text_room(plain, NUMBER_ROOM), v->num);
		end_cell(plain, nr, len, len);
		return;
	}
	if (v->type == VALUE_STRING && escape_is_plain(v->str, v->len)) {
		memcpy(text_room(plain, v->len), v->str, v->len);
		end_cell(plain, nr, v->len, v->len);
		return;
	}
	column->repeats = v->type != VALUE_STRING;
	text = value_text(v);
	len = strlen(text);
	memcpy(text_room(plain, len), text, len);
	end_cell(plain, nr, len, text_width(text, len));
	free(text);
}

/**
 * plain_add_row() - Begin a row.
 * @plain: where
 *
 * Return: its number.
 */
size_t plain_add_row(struct plain *plain)
{
	plain_add_row_like(plain, plain->n_rows);
	return plain->n_rows - 1;
}

/**
 * plain_add_row_like() - Begin a row that has few cells of its own.
 * @plain: where
 * @like: number of the row that has the others
 */
void plain_add_row_like(struct plain *plain, size_t like)
{
	struct row *row;

	plain->rows = xgrow(plain->rows, plain->n_rows, &plain->rows_room,
			    sizeof(*plain->rows));
	if (plain->n_rows > UINT32_MAX || plain->n > UINT32_MAX)
		exit(complain(STATUS_FAILED, "too many rows for a table"));
	row = &plain->rows[plain->n_rows++];
	row->like = like;
	row->cells = plain->n;
}

/**
 * plain_repeat() - Add a cell that is the same as in the row before.
 * @plain: where
 * @nr: number of the column
 */
void plain_repeat(struct plain *plain, size_t nr)
{
	plain->cells = xgrow(plain->cells, plain->n, &plain->room,
			     sizeof(*plain->cells));
	plain->cells[plain->n++] = plain->column[nr].cell;
}

/**
 * plain_add() - Add a cell.
 * @plain: where
 * @nr: number of the column
 * @v: what is in it
 */
void plain_add(struct plain *plain, size_t nr, const struct value *v)
{
	if (!is_repeated(plain, &plain->column[nr], v))
		new_cell(plain, nr, v);
	plain_repeat(plain, nr);
}

/**
 * plain_free() - Free what plain_add() allocated.
 * @plain: the rows, printed
 */
void plain_free(struct plain *plain)
{
	free(plain->rows);
	free(plain->cells);
	free(plain->text);
}
