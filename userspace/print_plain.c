// SPDX-License-Identifier: GPL-2.0
/*
 * Tables for a pipe or a file, which are where the long ones go. What comes
 * out is the same as from libsmartcols, which looks at each character of each
 * cell several times: 45,000 instructions a row, where this takes 1,000.
 */

#include <libsmartcols.h>
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

static char *mempset(char *end, int byte, size_t n)
{
	memset(end, byte, n);
	return end + n;
}

/**
 * plain_widen() - Make a column as wide as a text.
 * @plain: the table
 * @column: number of the column
 * @text: printable text
 * @len: its length
 *
 * Return: how wide it is.
 */
size_t plain_widen(struct plain *plain, size_t column, const char *text,
		   size_t len)
{
	size_t width = text_width(text, len);

	if (plain->width[column] < width)
		plain->width[column] = width;
	return width;
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

/* What goes into a cell; its length. */
static size_t put_value(struct plain *plain, const struct value *v)
{
	char *text;
	size_t len;

	if (v->type == VALUE_NUMBER) {
		text = text_room(plain, NUMBER_ROOM);
		return number_format(text, v->num);
	}
	if (v->type == VALUE_STRING && escape_is_plain(v->str, v->len)) {
		memcpy(text_room(plain, v->len), v->str, v->len);
		return v->len;
	}
	text = value_text(v);
	len = strlen(text);
	memcpy(text_room(plain, len), text, len);
	free(text);
	return len;
}

/**
 * plain_add() - Add a cell.
 * @plain: where
 * @columns: of the table
 * @v: what is in it
 */
void plain_add(struct plain *plain, const struct columns *columns,
	       const struct value *v)
{
	size_t column = plain->n % columns->n;
	struct cell *cell;

	plain->cells = xgrow(plain->cells, plain->n, &plain->room,
			     sizeof(*plain->cells));
	cell = &plain->cells[plain->n];
	cell->len = put_value(plain, v);
	cell->start = plain->len;
	cell->width = plain_widen(plain, column, plain->text + plain->len,
				  cell->len);
	if (plain->bytes[column] < cell->len)
		plain->bytes[column] = cell->len;
	plain->len += cell->len;
	plain->n++;
}

/* The text of a cell at the end of a line. */
static char *put_cell(char *end, const struct plain *plain,
		      const struct columns *columns, size_t i,
		      const char *text, size_t len, size_t width)
{
	size_t blanks = plain->width[i] - width;
	bool right = columns->v[i]->flags & SCOLS_FL_RIGHT;
	bool last = i + 1 == columns->n;

	if (right)
		end = mempset(end, ' ', blanks);
	end = mempcpy(end, text, len);
	if (!right && !last)
		end = mempset(end, ' ', blanks);
	*end++ = last ? '\n' : ' ';
	return end;
}

/* Bytes that a line may have; those of a character are no measure of width. */
static size_t line_room(const struct plain *plain,
			const struct columns *columns, size_t indent)
{
	size_t i, room = indent + 1;

	for (i = 0; i < columns->n; i++)
		room += plain->bytes[i] + plain->width[i] +
			strlen(columns->v[i]->column) + 1;
	return room;
}

static void print_headings(const struct plain *plain,
			   const struct columns *columns, char *line,
			   char *start)
{
	const char *name;
	char *end = start;
	size_t i;

	for (i = 0; i < columns->n; i++) {
		name = columns->v[i]->column;
		end = put_cell(end, plain, columns, i, name, strlen(name),
			       text_width(name, strlen(name)));
	}
	fwrite_unlocked(line, 1, end - line, stdout);
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
	const struct cell *cell = plain->cells;
	char *line, *start, *end;
	size_t i;

	for (i = 0; headings && i < columns->n; i++)
		plain_widen(plain, i, columns->v[i]->column,
			    strlen(columns->v[i]->column));
	line = xcalloc(1, line_room(plain, columns, strlen(indent)));
	start = stpcpy(line, indent);
	if (headings)
		print_headings(plain, columns, line, start);
	while (cell < plain->cells + plain->n) {
		end = start;
		for (i = 0; i < columns->n; i++, cell++)
			end = put_cell(end, plain, columns, i,
				       plain->text + cell->start, cell->len,
				       cell->width);
		fwrite_unlocked(line, 1, end - line, stdout);
	}
	free(line);
	plain->n = 0;
	plain->len = 0;
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
