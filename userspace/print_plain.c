// SPDX-License-Identifier: GPL-2.0
/*
 * Tables for a pipe or a file, which are where the long ones go. What comes
 * out is the same as from libsmartcols, which looks at each character of each
 * cell several times: 45,000 instructions a row, where this takes 4,000.
 */

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "print.h"

/* Columns on the screen; cells are printable, and most are ASCII. */
static size_t text_width(const char *text, size_t len)
{
	wchar_t *wide;
	size_t i, n;
	int width;

	for (i = 0; i < len; i++)
		if (text[i] & 0x80)
			break;
	if (i == len)
		return len;
	wide = xcalloc(len + 1, sizeof(*wide));
	n = mbstowcs(wide, text, len);
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

	if (plain->width[column] < width)
		plain->width[column] = width;
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

/**
 * plain_add() - Add a cell.
 * @plain: where
 * @columns: of the table
 * @text: of the cell; to be freed by plain_print()
 */
void plain_add(struct plain *plain, const struct columns *columns, char *text)
{
	plain->cells = xgrow(plain->cells, plain->n, &plain->room,
			     sizeof(*plain->cells));
	plain_widen(plain, plain->n % columns->n, text);
	plain->cells[plain->n++] = text;
}

static void pad(size_t n)
{
	while (n--)
		putc_unlocked(' ', stdout);
}

static void print_cell(const struct plain *plain, const struct columns *columns,
		       size_t i, const char *text, const char *indent)
{
	size_t len = strlen(text);
	size_t blanks = plain->width[i] - text_width(text, len);
	bool right = columns->v[i]->flags & SCOLS_FL_RIGHT;
	bool last = i + 1 == columns->n;

	if (!i)
		fputs_unlocked(indent, stdout);
	if (right)
		pad(blanks);
	fwrite_unlocked(text, 1, len, stdout);
	if (!right && !last)
		pad(blanks);
	putc_unlocked(last ? '\n' : ' ', stdout);
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
	size_t i;

	for (i = 0; headings && i < columns->n; i++)
		plain_widen(plain, i, columns->v[i]->column);
	for (i = 0; headings && i < columns->n; i++)
		print_cell(plain, columns, i, columns->v[i]->column, indent);
	for (i = 0; i < plain->n; i++) {
		print_cell(plain, columns, i % columns->n, plain->cells[i],
			   indent);
		free(plain->cells[i]);
	}
	plain->n = 0;
}

/**
 * plain_free() - Free what plain_add() allocated.
 * @plain: the rows, printed
 */
void plain_free(struct plain *plain)
{
	size_t i;

	for (i = 0; i < plain->n; i++)
		free(plain->cells[i]);
	free(plain->cells);
}
