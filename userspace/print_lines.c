// SPDX-License-Identifier: GPL-2.0
/* The rows of a plain table, line by line. */

#include <libsmartcols.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"

/* Lines that are written at a time, if they are no longer than that. */
#define BUFFER		32768

/**
 * struct line - The line of a row, as it is for those like it.
 * @text: blank where they have cells of their own
 * @len: bytes in @text
 * @end: where in @text each of these cells ends
 */
struct line {
	char *text;
	size_t len;
	size_t end[COLUMNS_MAX];
};

/**
 * struct printer - Lines on their way out.
 * @plain: the rows
 * @columns: of the table
 * @indent: what stands before each line
 * @indented: its length
 * @room: bytes that a line may have
 * @buf: lines that are not written yet
 * @len: bytes in @buf
 * @size: bytes allocated
 * @lines: for each row, its line once another is like it, or NULL
 */
struct printer {
	const struct plain *plain;
	const struct columns *columns;
	const char *indent;
	size_t indented;
	size_t room;
	char *buf;
	size_t len;
	size_t size;
	struct line **lines;
};

static bool is_right(const struct printer *printer, size_t nr)
{
	return printer->columns->v[nr]->flags & SCOLS_FL_RIGHT;
}

/* The text of a cell goes to the end of a line, where all is blank so far. */
static char *put_cell(char *end, const struct printer *printer, size_t nr,
		      const char *text, const struct cell *cell)
{
	size_t blanks = printer->plain->column[nr].width - cell->width;
	bool right = is_right(printer, nr);
	bool last = nr + 1 == printer->columns->n;

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

static void write_lines(struct printer *printer)
{
	write_output(printer->buf, printer->len);
	printer->len = 0;
}

/* Where a line can go; all that is written yet is the indent. */
static char *begin_line(struct printer *printer)
{
	char *start;

	if (printer->size - printer->len < printer->room)
		write_lines(printer);
	start = printer->buf + printer->len;
	memset(start, ' ', printer->room);
	return mempcpy(start, printer->indent, printer->indented);
}

static void end_line(struct printer *printer, const char *end)
{
	printer->len = end - printer->buf;
}

static void print_headings(struct printer *printer)
{
	char *end = begin_line(printer);
	struct cell cell;
	const char *name;
	size_t i;

	for (i = 0; i < printer->columns->n; i++) {
		name = printer->columns->v[i]->column;
		cell.len = strlen(name);
		cell.width = cell.len;
		end = put_cell(end, printer, i, name, &cell);
	}
	end_line(printer, end);
}

static void print_row(struct printer *printer, const struct cell *cells)
{
	const char *text = printer->plain->text;
	char *end = begin_line(printer);
	size_t i;

	for (i = 0; i < printer->columns->n; i++)
		end = put_cell(end, printer, i, text + cells[i].start,
			       &cells[i]);
	end_line(printer, end);
}

/* A cell that is left blank ends before a blank or the end of the line. */
static struct line *line_new(const struct printer *printer,
			     const struct cell *cells)
{
	static const struct cell blank = { 0 };
	const struct plain *plain = printer->plain;
	struct line *line = xcalloc(1, sizeof(*line));
	size_t i, n = 0;
	char *end;

	line->text = xcalloc(1, printer->room);
	memset(line->text, ' ', printer->room);
	end = mempcpy(line->text, printer->indent, printer->indented);
	for (i = 0; i < printer->columns->n; i++) {
		if (n < plain->n_own && plain->own[n] == i) {
			end = put_cell(end, printer, i, "", &blank);
			line->end[n++] = end - 1 - line->text;
		} else {
			end = put_cell(end, printer, i,
				       plain->text + cells[i].start, &cells[i]);
		}
	}
	line->len = end - line->text;
	return line;
}

static void print_like(struct printer *printer, const struct row *row)
{
	const struct plain *plain = printer->plain;
	const struct cell *own = &plain->cells[row->cells];
	struct line **line = &printer->lines[row->like];
	char *start;
	size_t i;

	if (!*line)
		*line = line_new(printer,
				 &plain->cells[plain->rows[row->like].cells]);
	if (printer->size - printer->len < printer->room)
		write_lines(printer);
	start = printer->buf + printer->len;
	memcpy(start, (*line)->text, (*line)->len);
	for (i = 0; i < plain->n_own; i++)
		memcpy(start + (*line)->end[i] - own[i].len,
		       plain->text + own[i].start, own[i].len);
	end_line(printer, start + (*line)->len);
}

static void free_lines(struct printer *printer)
{
	size_t i;

	for (i = 0; i < printer->plain->n_rows; i++) {
		if (!printer->lines[i])
			continue;
		free(printer->lines[i]->text);
		free(printer->lines[i]);
	}
	free(printer->lines);
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
	struct printer printer = {
		.plain = plain,
		.columns = columns,
		.indent = indent,
		.indented = strlen(indent),
	};
	const struct row *row;
	size_t i;

	for (i = 0; headings && i < columns->n; i++)
		plain_widen(plain, i, columns->v[i]->column);
	printer.room = printer.indented + line_room(plain, columns);
	printer.size = printer.room < BUFFER ? BUFFER : printer.room;
	printer.buf = xcalloc(1, printer.size);
	printer.lines = xcalloc(plain->n_rows, sizeof(*printer.lines));

	if (headings)
		print_headings(&printer);
	for (i = 0; i < plain->n_rows; i++) {
		row = &plain->rows[i];
		if (row->like == i)
			print_row(&printer, &plain->cells[row->cells]);
		else
			print_like(&printer, row);
	}
	write_lines(&printer);

	free_lines(&printer);
	free(printer.buf);
	plain->n_rows = 0;
	plain->n = 0;
	plain->len = 0;
	for (i = 0; i < columns->n; i++)
		plain->column[i].repeats = false;
}
