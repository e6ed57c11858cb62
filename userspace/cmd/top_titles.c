// SPDX-License-Identifier: GPL-2.0
/* The lines of top that are not rows. */

#include <stdlib.h>

#include "cmd/top_titles.h"
#include "print/phrase.h"

static void put_count(FILE *out, size_t n, const char *what)
{
	fprintf(out, "%zu %s%s", n, what, n == 1 ? "" : "s");
}

static void put_mark(FILE *out, const struct board *board,
		     enum board_mark mark, const char *what)
{
	size_t n = board_count(board, mark);

	if (n)
		fprintf(out, ", %zu %s", n, what);
}

static void put_order(FILE *out, const struct board *board,
		      const struct columns *columns)
{
	fprintf(out, ", by %s%s",
		board->by == BOARD_BY_ARRIVAL ? "arrival" :
						columns->v[board->by]->column,
		board->reverse ? ", reversed" : "");
}

static void put_ports(FILE *out, const struct board *board)
{
	put_count(out, board->n - board_count(board, BOARD_GONE), "port");
	put_mark(out, board, BOARD_NEW, "new");
	put_mark(out, board, BOARD_GONE, "gone");
}

/**
 * top_title_ports() - "3 ports, 1 new"
 * @data: what is shown
 *
 * Return: the title; to be freed.
 */
char *top_title_ports(const struct top_data *data)
{
	char *text;
	size_t len;
	FILE *out = phrase_open(&text, &len);

	put_ports(out, &data->ports);
	fclose(out);
	return text;
}

static void put_refusals(FILE *out, const struct top_data *data)
{
	if (!source_knows(data->source, KNOWS_REFUSALS)) {
		fputs("refusals: only the kernel module sees them", out);
		return;
	}
	put_count(out, data->refusals.n, "refusal");
	put_mark(out, &data->refusals, BOARD_NEW, "new");
	if (data->lost)
		fprintf(out, ", %llu dropped unread", data->lost);
}

/**
 * top_title_refusals() - "2 refusals, 1 new"
 * @data: what is shown
 *
 * Return: the title; to be freed.
 */
char *top_title_refusals(const struct top_data *data)
{
	char *text;
	size_t len;
	FILE *out = phrase_open(&text, &len);

	put_refusals(out, data);
	fclose(out);
	return text;
}

/**
 * top_title_screen() - The first line: ports, their order, the filter.
 * @data: what is shown
 * @view: how it is shown
 *
 * Return: the title; to be freed.
 */
char *top_title_screen(const struct top_data *data, const struct top_view *view)
{
	char *text;
	size_t len;
	FILE *out = phrase_open(&text, &len);

	put_ports(out, &data->ports);
	put_order(out, &data->ports, &data->port_columns);
	if (*view->filter)
		fprintf(out, ", %zu with '%s'", data->ports.shown,
			view->filter);
	fprintf(out, " (%s)", data->source->ops->name);
	fclose(out);
	return text;
}

/**
 * top_title_lower() - The line above the lower pane.
 * @data: what is shown
 * @view: how it is shown
 *
 * Return: the title; to be freed.
 */
char *top_title_lower(const struct top_data *data, const struct top_view *view)
{
	const struct top_answer *answer = &view->answer;
	size_t last = answer->first + view->lower;
	char *text;
	size_t len;
	FILE *out = phrase_open(&text, &len);

	if (!answer->title) {
		put_refusals(out, data);
		if (data->refusals.n)
			put_order(out, &data->refusals,
				  &data->refusal_columns);
	} else if (answer->n > view->lower) {
		fprintf(out, "%s (lines %zu to %zu of %zu)", answer->title,
			answer->first + 1, last < answer->n ? last : answer->n,
			answer->n);
	} else {
		fputs(answer->title, out);
	}
	fclose(out);
	return text;
}

/**
 * top_title_help() - The last line: keys, or the filter being typed.
 * @view: the screen
 *
 * Return: the line; to be freed.
 */
char *top_title_help(const struct top_view *view)
{
	if (view->typing)
		return xasprintf("filter: %s", view->filter);
	if (view->answer.title)
		return xstrdup("Esc close  arrows scroll  q quit");
	return xstrdup("q quit  / filter  w who  y why  s sort  r reverse  Tab pane  Space read");
}
