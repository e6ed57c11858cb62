// SPDX-License-Identifier: GPL-2.0
/* Render the rows of a table; cells wider than their column are cut. */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "lib/width.h"
#include "print/table_priv.h"

/* Size of the buffer, unless a line is longer. */
#define BUFFER		32768

/**
 * struct slot - The place of a column in each line.
 * @nr: number of the column
 * @width: columns on the screen
 * @before: all bits set if blanks go before the text
 * @behind: all bits set if blanks go behind it
 * @color: escape sequence for its colour, or NULL
 * @end: what follows it, a blank or a line break
 */
struct slot {
	size_t nr;
	size_t width;
	size_t before;
	size_t behind;
	const char *color;
	char end;
};

/**
 * struct line - The line of a row, for reuse by rows like it.
 * @text: blank where those have cells of their own
 * @len: bytes in @text
 * @at: position of each of these cells in @text: its end if it is
 *	right-aligned, otherwise its start
 */
struct line {
	char *text;
	size_t len;
	size_t at[COLUMNS_MAX];
};

/**
 * struct printer - Lines to be printed.
 * @grid: the rows
 * @slots: of each printed column
 * @n: elements in @slots
 * @own: slots of the columns in which rows like others have their own cells;
 *	NULL if not printed
 * @indent: printed before each line
 * @indented: its length
 * @room: maximum bytes of a line
 * @buf: lines not written yet
 * @len: bytes in @buf
 * @size: bytes allocated
 * @lines: for each row, its line once another row is like it, or NULL
 */
struct printer {
	const struct grid *grid;
	struct slot slots[COLUMNS_MAX];
	size_t n;
	const struct slot *own[COLUMNS_MAX];
	const char *indent;
	size_t indented;
	size_t room;
	char *buf;
	size_t len;
	size_t size;
	struct line **lines;
};

static void widen(struct grid *grid, const struct columns *columns)
{
	size_t i, width;

	for (i = 0; i < columns->n; i++) {
		width = strlen(columns->v[i]->column);
		if (grid->column[i].width < width)
			grid->column[i].width = width;
	}
}

static char *put_text(char *end, const char *text)
{
	return mempcpy(end, text, strlen(text));
}

/*
 * Length of the part of a cell that fits its column, leaving @blanks. Text with
 * one byte per column is ASCII.
 */
static size_t cut_cell(const struct cell *cell, size_t width, const char *text,
		       size_t *blanks)
{
	size_t len, used = width;

	*blanks = 0;
	if (cell->len == cell->width)
		return width;
	len = text_fit(text, cell->len, &used);
	*blanks = width - used;
	return len;
}

/* Append a cell to a line that was pre-filled with blanks. */
static inline char *put_cell(char *end, const struct slot *slot,
			     const char *text, const struct cell *cell)
{
	size_t len = cell->len, blanks = slot->width - cell->width;

	if (cell->width > slot->width)
		len = cut_cell(cell, slot->width, text, &blanks);
	end += blanks & slot->before;
	if (slot->color)
		end = put_text(end, slot->color);
	end = mempcpy(end, text, len);
	end += blanks & slot->behind;
	if (slot->color)
		end = put_text(end, SGR_RESET);
	*end++ = slot->end;
	return end;
}

static void write_lines(struct printer *printer)
{
	write_output(printer->buf, printer->len);
	printer->len = 0;
}

/* Start of a new line, with only the indentation written. */
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

static void print_headings(struct printer *printer,
			   const struct columns *columns)
{
	char *end = begin_line(printer);
	struct cell cell = { 0 };
	const char *name;
	size_t i;

	for (i = 0; i < printer->n; i++) {
		name = columns->v[printer->slots[i].nr]->column;
		cell.len = strlen(name);
		cell.width = cell.len;
		end = put_cell(end, &printer->slots[i], name, &cell);
	}
	end_line(printer, end);
}

static void print_row(struct printer *printer, const struct cell *cells)
{
	const char *text = printer->grid->text;
	const struct slot *slot = printer->slots;
	char *end = begin_line(printer);
	const struct cell *cell;
	size_t i;

	for (i = 0; i < printer->n; i++, slot++) {
		cell = &cells[slot->nr];
		end = put_cell(end, slot, text + cell->start, cell);
	}
	end_line(printer, end);
}

/* A cell that is left blank ends before a blank or the end of the line. */
static struct line *line_new(const struct printer *printer,
			     const struct cell *cells)
{
	static const struct cell blank = { 0 };
	const struct grid *grid = printer->grid;
	struct line *line = xcalloc(1, sizeof(*line));
	const struct slot *slot;
	const struct cell *cell;
	size_t i, n = 0;
	char *end;

	line->text = xcalloc(1, printer->room);
	memset(line->text, ' ', printer->room);
	end = mempcpy(line->text, printer->indent, printer->indented);
	for (i = 0; i < printer->n; i++) {
		slot = &printer->slots[i];
		cell = &cells[slot->nr];
		while (n < grid->n_own && grid->own[n] < slot->nr)
			n++;
		if (n < grid->n_own && grid->own[n] == slot->nr) {
			line->at[n] = end - line->text;
			end = put_cell(end, slot, "", &blank);
			if (slot->before)
				line->at[n] = end - 1 - line->text;
			n++;
		} else {
			end = put_cell(end, slot, grid->text + cell->start,
				       cell);
		}
	}
	line->len = end - line->text;
	return line;
}

static void print_like(struct printer *printer, const struct row *row)
{
	const struct grid *grid = printer->grid;
	const struct cell *own = &grid->cells[row->cells];
	struct line **line = &printer->lines[row->like];
	const struct slot *slot;
	size_t i, len;
	char *start;

	if (!*line)
		*line = line_new(printer,
				 &grid->cells[grid->rows[row->like].cells]);
	if (printer->size - printer->len < printer->room)
		write_lines(printer);
	start = printer->buf + printer->len;
	memcpy(start, (*line)->text, (*line)->len);
	for (i = 0; i < grid->n_own; i++) {
		slot = printer->own[i];
		if (!slot)
			continue;
		len = own[i].len < slot->width ? own[i].len : slot->width;
		memcpy(start + (*line)->at[i] - (slot->before & len),
		       grid->text + own[i].start, len);
	}
	end_line(printer, start + (*line)->len);
}

static void free_lines(struct printer *printer)
{
	size_t i;

	for (i = 0; i < printer->grid->n_rows; i++) {
		if (!printer->lines[i])
			continue;
		free(printer->lines[i]->text);
		free(printer->lines[i]);
	}
	free(printer->lines);
}

/* Maximum bytes of a cell; those of a character say nothing about its width. */
static size_t cell_room(const struct slot *slot, const struct field *field,
			size_t bytes)
{
	size_t room = slot->width + bytes + strlen(field->column) + 1;

	if (slot->color)
		room += strlen(slot->color) + strlen(SGR_RESET);
	return room;
}

/* Returns the slot in which the column is printed. */
static struct slot *add_slot(struct printer *printer,
			     const struct field *field, size_t nr, bool color)
{
	const struct column *column = &printer->grid->column[nr];
	struct slot *slot = &printer->slots[printer->n++];

	slot->nr = nr;
	slot->width = column->width;
	slot->color = color ? field->color : NULL;
	slot->end = ' ';
	slot->before = field->flags & FIELD_RIGHT ? SIZE_MAX : 0;
	slot->behind = ~slot->before;
	printer->room += cell_room(slot, field, column->bytes);
	return slot;
}

static void set_slots(struct printer *printer, const struct columns *columns,
		      bool color)
{
	const struct grid *grid = printer->grid;
	struct slot *slot = NULL;
	size_t i, n = 0;

	printer->room = printer->indented;
	for (i = 0; i < columns->n; i++) {
		if (n < grid->n_own && grid->own[n] < i)
			n++;
		if (grid->column[i].hidden)
			continue;
		slot = add_slot(printer, columns->v[i], i, color);
		if (n < grid->n_own && grid->own[n] == i)
			printer->own[n] = slot;
	}
	if (!slot)
		return;
	slot->end = '\n';
	/* Rows like others need blanks for their own cells. */
	if (slot->nr + 1 == columns->n ||
	    !(columns->v[slot->nr]->flags & FIELD_OF_ONE))
		slot->behind = 0;
}

/* One blank between cells, and none within them. */
static void print_raw_cell(const char *text, size_t len, char end)
{
	const char *blank;

	while ((blank = memchr(text, ' ', len))) {
		write_output(text, blank - text);
		write_output("\\x20", strlen("\\x20"));
		len -= blank + 1 - text;
		text = blank + 1;
	}
	write_output(text, len);
	write_output(&end, 1);
}

static void print_raw(const struct grid *grid, const struct columns *columns,
		      bool headings)
{
	const struct cell *cell = grid->cells;
	const char *name;
	size_t i, nr;

	for (i = 0; headings && i < columns->n; i++) {
		name = columns->v[i]->column;
		print_raw_cell(name, strlen(name),
			       i + 1 < columns->n ? ' ' : '\n');
	}
	for (i = 0; i < grid->n_rows; i++)
		for (nr = 0; nr < columns->n; nr++, cell++)
			print_raw_cell(grid->text + cell->start, cell->len,
				       nr + 1 < columns->n ? ' ' : '\n');
}

/**
 * grid_print() - Print all rows.
 * @grid: the rows; afterwards, columns are as wide as printed
 * @columns: of the table
 * @style: its style
 * @indent: printed before each line
 */
void grid_print(struct grid *grid, const struct columns *columns,
		const struct style *style, const char *indent)
{
	struct printer printer = {
		.grid = grid,
		.indent = indent,
		.indented = strlen(indent),
	};
	const struct row *row;
	size_t i;

	if (style->raw) {
		print_raw(grid, columns, style->headings);
		return;
	}
	if (style->headings)
		widen(grid, columns);
	if (style->terminal)
		grid_fit(grid, columns,
			 style->width ? style->width : terminal_width(),
			 printer.indented);
	grid->begun = true;
	set_slots(&printer, columns, style->color);
	printer.size = printer.room < BUFFER ? BUFFER : printer.room;
	printer.buf = xcalloc(1, printer.size);
	printer.lines = xcalloc(grid->n_rows, sizeof(*printer.lines));

	if (style->headings)
		print_headings(&printer, columns);
	for (i = 0; i < grid->n_rows; i++) {
		row = &grid->rows[i];
		if (row->like == i)
			print_row(&printer, &grid->cells[row->cells]);
		else
			print_like(&printer, row);
	}
	write_lines(&printer);
	free_lines(&printer);
	free(printer.buf);
}
