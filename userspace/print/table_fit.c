// SPDX-License-Identifier: GPL-2.0
/* Which columns are printed on a terminal, and their widths. */

#include "print/table_priv.h"

/* Minimum width of columns that are cut to fit the terminal. */
#define CUT_MIN		12
#define CUT_MIN_SHORT	6

/* On narrower terminals lines are longer, since less would be useless. */
#define TERMINAL_MIN	40

/**
 * struct fitting - Columns being fitted to a terminal.
 * @grid: their widths
 * @columns: the columns
 * @terminal: total width available
 */
struct fitting {
	struct grid *grid;
	const struct columns *columns;
	size_t terminal;
};

/* Is the column printed, and may it be cut? */
static bool may_cut(const struct fitting *fit, size_t nr, int flag)
{
	return !fit->grid->column[nr].hidden &&
	       fit->columns->v[nr]->flags & flag;
}

/* Width of a line. */
static size_t used(const struct fitting *fit)
{
	size_t i, sum = 0;

	for (i = 0; i < fit->columns->n; i++)
		if (!fit->grid->column[i].hidden)
			sum += fit->grid->column[i].width + 1;
	return sum ? sum - 1 : 0;
}

/* Room for each column that may be cut; what one leaves goes to the others. */
static size_t room_each(const struct fitting *fit, int flag, size_t room)
{
	size_t i, n, width, each, fits, last = 0;

	do {
		each = last;
		for (i = 0, n = 0, fits = 0; i < fit->columns->n; i++) {
			width = fit->grid->column[i].width;
			if (!may_cut(fit, i, flag))
				continue;
			if (width <= each)
				fits += width;
			else
				n++;
		}
		if (n && room > fits)
			last = (room - fits) / n;
	} while (last > each);
	return each;
}

/* Columns that may be cut share what the others leave of the terminal. */
static void cut(struct fitting *fit, int flag, size_t min)
{
	size_t i, each, others = used(fit);
	struct column *column = fit->grid->column;

	for (i = 0; i < fit->columns->n; i++)
		if (may_cut(fit, i, flag))
			others -= column[i].width;
	each = room_each(fit, flag, fit->terminal > others ?
					    fit->terminal - others : 0);
	if (each < min)
		each = min;
	for (i = 0; i < fit->columns->n; i++)
		if (may_cut(fit, i, flag) && column[i].width > each)
			column[i].width = each;
}

/*
 * Drop a column, the last one first, only of those that are empty if @empty; it
 * has to be the same in all rows.
 */
static bool drop(struct fitting *fit, bool empty)
{
	size_t i = fit->columns->n;

	if (!fit->columns->standard || fit->grid->begun)
		return false;
	while (i--) {
		if (!may_cut(fit, i, FIELD_DROP) ||
		    (empty && fit->grid->column[i].filled))
			continue;
		fit->grid->column[i].hidden = true;
		return true;
	}
	return false;
}

/* Print nothing past the edge of the terminal: no line wraps. */
static void clip(struct fitting *fit)
{
	struct column *column = fit->grid->column;
	size_t i, left = fit->terminal;

	for (i = 0; i < fit->columns->n; i++) {
		if (column[i].hidden)
			continue;
		/* Half a number is useless. */
		if (!left || (column[i].width > left &&
			      fit->columns->v[i]->flags & FIELD_RIGHT))
			column[i].hidden = true;
		else if (column[i].width > left)
			column[i].width = left;
		left -= left > column[i].width ? column[i].width + 1 : left;
	}
}

static void set_widths(struct grid *grid, const size_t *widths)
{
	size_t i;

	for (i = 0; i < COLUMNS_MAX; i++)
		grid->column[i].width = widths[i];
}

/**
 * grid_fit() - Narrow columns to fit a terminal.
 * @grid: the rows; some columns become narrower, or hidden
 * @columns: of the table
 * @terminal: its width
 * @indented: width of the indentation
 *
 * What is shown elsewhere, or can be looked up, is reduced first.
 */
void grid_fit(struct grid *grid, const struct columns *columns,
	      size_t terminal, size_t indented)
{
	struct fitting fit = { .grid = grid, .columns = columns };
	size_t i, widths[COLUMNS_MAX];

	for (i = 0; i < COLUMNS_MAX; i++)
		widths[i] = grid->column[i].width;
	fit.terminal = terminal > indented ? terminal - indented : 0;
	/* What says nothing makes room before anything is cut. */
	while (terminal >= TERMINAL_MIN && used(&fit) > fit.terminal &&
	       drop(&fit, true))
		;
	do {
		set_widths(grid, widths);
		cut(&fit, FIELD_CUT, CUT_MIN);
		if (terminal < TERMINAL_MIN)
			return;
		cut(&fit, FIELD_CUT_SHORT, CUT_MIN_SHORT);
		cut(&fit, FIELD_CUT, CUT_MIN_SHORT);
	} while (used(&fit) > fit.terminal && drop(&fit, false));
	cut(&fit, FIELD_CUT_LATE, CUT_MIN);
	cut(&fit, FIELD_CUT_LAST, CUT_MIN);
	clip(&fit);
}
