/* SPDX-License-Identifier: GPL-2.0 */
/* Layout and keys of top, independent of the terminal. */
#ifndef PORTOWNER_TOP_VIEW_H
#define PORTOWNER_TOP_VIEW_H

#include <wchar.h>

#include "model/board.h"
#include "print/print.h"

/* Room for a filter and a zero byte. */
#define TOP_FILTER_ROOM	64

/* Precedes each row, and contains its mark. */
#define TOP_INDENT	"  "

/* Keys that are not characters, numbered above them. */
enum top_key {
	TOP_KEY_NONE = 0x200000,
	TOP_KEY_UP,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_BACKSPACE,
	TOP_KEY_RESIZE,
};

/**
 * enum top_action - An action of a key that is beyond the view.
 * @TOP_NOTHING: nothing; the view may have changed
 * @TOP_QUIT: end
 * @TOP_READ: read the ports now
 * @TOP_WHO: show who owns the selected port
 * @TOP_WHY: explain the selected refusal, or the last one of the selected port
 */
enum top_action {
	TOP_NOTHING,
	TOP_QUIT,
	TOP_READ,
	TOP_WHO,
	TOP_WHY,
};

/**
 * struct top_list - A list of rows on the screen.
 * @board: the rows
 * @columns: their columns
 * @selected: place of the row that keys apply to
 * @key: key of that row
 * @has_key: @key is set
 * @first: place of the first row that fits
 * @room: number of rows that fit
 * @text: rows and headings as lines, to be freed
 * @lines: array: start of each line in @text; the first has the headings
 * @n_lines: elements in @lines
 */
struct top_list {
	struct board *board;
	const struct columns *columns;
	size_t selected;
	struct board_key key;
	bool has_key;
	size_t first;
	size_t room;
	char *text;
	char **lines;
	size_t n_lines;
};

/**
 * struct top_answer - Output of a command, shown in the lower pane.
 * @title: the command, to be freed; NULL if nothing is shown
 * @text: the output, to be freed
 * @lines: array: start of each screen line in @text
 * @lens: array: their lengths in bytes
 * @n: elements in @lines
 * @first: first line that fits
 */
struct top_answer {
	char *title;
	char *text;
	const char **lines;
	size_t *lens;
	size_t n;
	size_t first;
};

/**
 * struct top_view - The screen.
 * @ports: the upper pane
 * @refusals: the lower pane
 * @answer: shown instead of the refusals
 * @no_refusals: the source knows none, so the lower pane is for answers only
 * @on_refusals: keys apply to the refusals
 * @filter: words that rows must contain
 * @typing: keys go into @filter
 * @height: lines on the screen
 * @width: columns on the screen
 * @lower: lines in the lower pane, without its title
 * @style: style of rows
 * @changed: it has to be redrawn
 */
struct top_view {
	struct top_list ports;
	struct top_list refusals;
	struct top_answer answer;
	bool no_refusals;
	bool on_refusals;
	char filter[TOP_FILTER_ROOM];
	bool typing;
	size_t height;
	size_t width;
	size_t lower;
	struct style style;
	bool changed;
};

void top_view_resize(struct top_view *view, size_t height, size_t width);
bool top_view_fits(const struct top_view *view);
void top_view_update(struct top_view *view);
enum top_action top_view_key(struct top_view *view, wint_t key);
const struct board_row *top_view_row(const struct top_view *view);
void top_view_answer(struct top_view *view, char *title, char *text);
void top_view_free(struct top_view *view);

#endif /* PORTOWNER_TOP_VIEW_H */
