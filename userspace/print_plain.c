// SPDX-License-Identifier: GPL-2.0
/*
 * Tables for a pipe or a file, which are where the long ones go. What comes
 * out is the same as from libsmartcols, which looks at each character of each
 * cell several times: 45,000 instructions a row, where this takes 1,000.
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

/* The text of a cell goes to the end of a line, where all is blank so far. */
static char *put_cell(char *end, const struct plain *plain,
		      const struct columns *columns, size_t nr,
		      const char *text, const struct cell *cell)
{
	size_t blanks = plain->column[nr].width - cell->width;
	bool right = columns->v[nr]->flags & SCOLS_FL_RIGHT;
	bool last = nr + 1 == columns->n;

	if (right)
		end += blanks;
	end = mempcpy(end, text, cell->len);
	if (last)
		*end++ = '\n';
	else
		end += right ? 1 : blanks + 1;
	return end;
}

/* Bytes that a line may have; those of a character are no measure of width. */
static size_t line_room(const struct plain *plain,
			const struct columns *columns)
{
	size_t i, room = 1;

	for (i = 0; i < columns->n; i++)
		room += plain->column[i].bytes + plain->column[i].width +
			strlen(columns->v[i]->column) + 1;
	return room;
}

static char *put_headings(char *end, const struct plain *plain,
			  const struct columns *columns)
{
	struct cell cell;
	const char *name;
	size_t i;

	for (i = 0; i < columns->n; i++) {
		name = columns->v[i]->column;
		cell.len = strlen(name);
		cell.width = cell.len;
		end = put_cell(end, plain, columns, i, name, &cell);
	}
	return end;
}

static char *put_row(char *end, const struct plain *plain,
		     const struct columns *columns, const struct cell *cells)
{
	size_t i;

	for (i = 0; i < columns->n; i++)
		end = put_cell(end, plain, columns, i,
			       plain->text + cells[i].start, &cells[i]);
	return end;
}

/**
 * plain_print() - Print all rows, and forget them, but not their widths.
 * @plain: the rows
 * @columns: of the table
 * @headings: print a heading before them
 * @indent: what stands before each line
 */
void plain_print(struct plain *plain, const struct columns *columns,
		 bool headings, const char *indent)
{
	size_t i, room, indented = strlen(indent);
	char *line, *start, *end;

	for (i = 0; headings && i < columns->n; i++)
		plain_widen(plain, i, columns->v[i]->column);
	room = line_room(plain, columns);
	line = xcalloc(1, indented + room);
	start = mempcpy(line, indent, indented);
	if (headings) {
		memset(start, ' ', room);
		end = put_headings(start, plain, columns);
		fwrite_unlocked(line, 1, end - line, stdout);
	}
	for (i = 0; i < plain->n; i += columns->n) {
		memset(start, ' ', room);
		end = put_row(start, plain, columns, plain->cells + i);
		fwrite_unlocked(line, 1, end - line, stdout);
	}
	free(line);
	plain->n = 0;
	plain->len = 0;
	for (i = 0; i < columns->n; i++)
		plain->column[i].repeats = false;
}

/**
 * plain_free() - Free what plain_add() allocated.
 * @plain: the rows, printed
 */
void plain_free(struct plain *plain)
{
	free(plain->cells);
	free(plain->text);
}
