// SPDX-License-Identifier: GPL-2.0
/*
 * Layout and keys of top. From the top: a title, the headings and rows of
 * ports, a title, the headings and rows of refusals or the output of a command,
 * a line of help.
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/captured.h"
#include "cmd/top_terminal.h"
#include "cmd/top_view.h"
#include "lib/width.h"

/* Lines that are neither rows nor text: two titles, the headings, the help. */
#define FIXED_LINES	4

#define KEY_ESCAPE	0x1b
#define KEY_DELETE	0x7f

static struct top_list *focus_of(struct top_view *view)
{
	return view->on_refusals ? &view->refusals : &view->ports;
}

/* Refusals get a third of the rows, an answer two thirds. */
static void divide(struct top_view *view)
{
	size_t rows = view->height - FIXED_LINES;

	if (view->answer.title)
		view->lower = rows * 2 / 3;
	else
		view->lower = view->no_refusals ? 0 : rows / 3;
	view->ports.room = rows - view->lower;
	/* Minus the headings. */
	view->refusals.room = view->lower ? view->lower - 1 : 0;
}

/* Keep the selected row visible. */
static void scroll(struct top_list *list)
{
	size_t rows = list->board->shown;

	if (list->selected >= rows)
		list->selected = rows ? rows - 1 : 0;
	if (list->selected < list->first)
		list->first = list->selected;
	if (list->room && list->selected >= list->first + list->room)
		list->first = list->selected - list->room + 1;
	if (list->first + list->room > rows)
		list->first = rows > list->room ? rows - list->room : 0;
}

/* Follow the selected row to its new place. */
static void follow(struct top_list *list)
{
	const struct board_row *row;

	if (list->has_key)
		board_find(list->board, &list->key, &list->selected);
	scroll(list);
	row = board_shown(list->board, list->selected);
	list->has_key = row;
	if (row)
		list->key = row->key;
}

static void select_row(struct top_list *list, size_t place)
{
	list->selected = place;
	list->has_key = false;
	follow(list);
}

static char mark_of(const struct board_row *row)
{
	switch (row->mark) {
	case BOARD_NEW:
		return '+';
	case BOARD_GONE:
		return '-';
	default:
		return ' ';
	}
}

static void split_lines(struct top_list *list)
{
	char *line = list->text;
	size_t room = 0;

	list->n_lines = 0;
	while (*line) {
		list->lines = xgrow(list->lines, list->n_lines, &room,
				    sizeof(*list->lines));
		list->lines[list->n_lines++] = line;
		line += strcspn(line, "\n");
		if (*line)
			*line++ = '\0';
	}
}

/* Printed by the same functions as every table of the tool. */
static char *print_rows(const struct top_list *list, const struct style *style)
{
	struct table *table = table_new(list->columns, style);
	struct captured captured;
	size_t i;

	for (i = 0; i < list->board->shown; i++)
		table_add_texts(table, board_shown(list->board, i)->cells);
	captured_begin(&captured);
	table_print(table, TOP_INDENT);
	captured_end(&captured);
	table_free(table);
	free(captured.said);
	return captured.text;
}

static void render(struct top_view *view, struct top_list *list)
{
	size_t i;

	free(list->text);
	free(list->lines);
	list->lines = NULL;
	list->text = print_rows(list, &view->style);
	split_lines(list);
	for (i = 1; i < list->n_lines; i++)
		*list->lines[i] = mark_of(board_shown(list->board, i - 1));
}

/* A line of the answer may take several lines on the screen. */
static void fold(struct top_answer *answer, size_t width)
{
	const char *text = answer->text;
	size_t len, fit, columns, room = 0, lens_room = 0;

	free(answer->lines);
	free(answer->lens);
	answer->lines = NULL;
	answer->lens = NULL;
	answer->n = 0;
	while (*text) {
		len = strcspn(text, "\n");
		columns = width;
		fit = text_fit(text, len, &columns);
		/* Not even one wide character fits. */
		if (!fit)
			fit = len;
		answer->lines = xgrow(answer->lines, answer->n, &room,
				      sizeof(*answer->lines));
		answer->lens = xgrow(answer->lens, answer->n, &lens_room,
				     sizeof(*answer->lens));
		answer->lines[answer->n] = text;
		answer->lens[answer->n++] = fit;
		text += fit;
		if (fit == len)
			text += *text == '\n';
	}
}

/**
 * top_view_fits() - Is the screen large enough?
 * @view: the screen
 *
 * Return: true if it is.
 */
bool top_view_fits(const struct top_view *view)
{
	return view->height >= TOP_LINES_MIN && view->width >= TOP_COLUMNS_MIN;
}

/**
 * top_view_update() - Update the lines from the rows.
 * @view: the screen
 */
void top_view_update(struct top_view *view)
{
	struct top_list *lists[] = { &view->ports, &view->refusals };
	size_t i;

	if (!top_view_fits(view))
		return;
	divide(view);
	for (i = 0; i < ARRAY_SIZE(lists); i++) {
		board_arrange(lists[i]->board, view->filter);
		follow(lists[i]);
		render(view, lists[i]);
		lists[i]->board->changed = false;
	}
	view->changed = true;
}

/**
 * top_view_resize() - Set the size of the screen.
 * @view: the screen
 * @height: number of lines
 * @width: number of columns
 */
void top_view_resize(struct top_view *view, size_t height, size_t width)
{
	view->height = height;
	view->width = width;
	view->style.terminal = true;
	view->style.color = false;
	view->style.headings = true;
	view->style.raw = false;
	view->style.width = width;
	if (view->answer.title)
		fold(&view->answer, width);
	view->answer.first = 0;
	view->changed = true;
	top_view_update(view);
}

static void drop_answer(struct top_view *view)
{
	struct top_answer *answer = &view->answer;

	free(answer->title);
	free(answer->text);
	free(answer->lines);
	free(answer->lens);
	memset(answer, 0, sizeof(*answer));
}

/**
 * top_view_answer() - Show the output of a command.
 * @view: the screen
 * @title: the command; freed with the view
 * @text: its output; freed with the view
 */
void top_view_answer(struct top_view *view, char *title, char *text)
{
	drop_answer(view);
	view->answer.title = title;
	view->answer.text = text;
	fold(&view->answer, view->width);
	top_view_update(view);
}

/* Move by a number of rows, as far as there are any. */
static size_t moved(size_t from, long by, size_t n)
{
	if (by < 0)
		return from > (size_t)-by ? from + by : 0;
	if ((size_t)by >= n || from + by >= n)
		return n ? n - 1 : 0;
	return from + by;
}

/* How far a key moves, or 0 if it does not. */
static long distance(wint_t key, size_t room)
{
	long page = room > 1 ? room - 1 : 1;

	switch (key) {
	case TOP_KEY_UP:
	case 'k':
		return -1;
	case TOP_KEY_DOWN:
	case 'j':
		return 1;
	case TOP_KEY_PAGE_UP:
		return -page;
	case TOP_KEY_PAGE_DOWN:
		return page;
	case TOP_KEY_HOME:
		return -LONG_MAX;
	case TOP_KEY_END:
		return LONG_MAX;
	default:
		return 0;
	}
}

static bool move(struct top_view *view, wint_t key)
{
	struct top_answer *answer = &view->answer;
	struct top_list *list = focus_of(view);
	size_t last;
	long by;

	by = distance(key, answer->title ? view->lower : list->room);
	if (!by)
		return false;
	if (answer->title) {
		last = answer->n > view->lower ? answer->n - view->lower : 0;
		answer->first = moved(answer->first, by, last + 1);
	} else {
		select_row(list, moved(list->selected, by,
				       list->board->shown));
	}
	view->changed = true;
	return true;
}

/* The next column; after the last one, the order of arrival. */
static void sort_by_next(struct board *board, bool back)
{
	size_t n = board->n_cells + 1;
	size_t now = board->by == BOARD_BY_ARRIVAL ? n - 1 : board->by;

	now = (now + (back ? n - 1 : 1)) % n;
	board->by = now == n - 1 ? BOARD_BY_ARRIVAL : now;
}

static void drop_last_character(char *text)
{
	size_t len = strlen(text);

	/* Continuation bytes of a UTF-8 character. */
	while (len && (text[len - 1] & 0xc0) == 0x80)
		len--;
	text[len ? len - 1 : 0] = '\0';
}

static void add_character(char *text, wint_t key)
{
	char bytes[MB_LEN_MAX + 1];
	mbstate_t state = { 0 };
	size_t n = wcrtomb(bytes, key, &state);
	size_t len = strlen(text);

	if (n == (size_t)-1 || len + n >= TOP_FILTER_ROOM)
		return;
	memcpy(text + len, bytes, n);
	text[len + n] = '\0';
}

static bool is_enter(wint_t key)
{
	return key == '\n' || key == '\r';
}

/* Each key changes the filter at once. */
static void type(struct top_view *view, wint_t key)
{
	if (is_enter(key)) {
		view->typing = false;
	} else if (key == KEY_ESCAPE) {
		view->typing = false;
		*view->filter = '\0';
	} else if (key == TOP_KEY_BACKSPACE || key == '\b' ||
		   key == KEY_DELETE) {
		drop_last_character(view->filter);
	} else if (key >= ' ' && key < TOP_KEY_NONE) {
		add_character(view->filter, key);
	}
	top_view_update(view);
}

/* Escape goes back one step. */
static void leave(struct top_view *view)
{
	if (view->answer.title)
		drop_answer(view);
	else
		*view->filter = '\0';
	top_view_update(view);
}

/**
 * top_view_key() - Handle a key.
 * @view: the screen
 * @key: a character, or enum top_key
 *
 * Return: the action that remains.
 */
enum top_action top_view_key(struct top_view *view, wint_t key)
{
	struct board *board = focus_of(view)->board;

	if (!top_view_fits(view))
		return key == 'q' ? TOP_QUIT : TOP_NOTHING;
	if (view->typing) {
		type(view, key);
		return TOP_NOTHING;
	}
	if (move(view, key))
		return TOP_NOTHING;
	switch (key) {
	case 'q':
		return TOP_QUIT;
	case ' ':
		return TOP_READ;
	case '\n':
	case '\r':
	case 'w':
		return TOP_WHO;
	case 'y':
		return TOP_WHY;
	case '/':
		view->typing = true;
		view->changed = true;
		return TOP_NOTHING;
	case '\t':
		view->on_refusals = !view->on_refusals && !view->no_refusals;
		break;
	case 's':
	case 'S':
		sort_by_next(board, key == 'S');
		break;
	case 'r':
		board->reverse = !board->reverse;
		break;
	case KEY_ESCAPE:
		leave(view);
		return TOP_NOTHING;
	default:
		return TOP_NOTHING;
	}
	top_view_update(view);
	return TOP_NOTHING;
}

/**
 * top_view_row() - The row that keys apply to.
 * @view: the screen
 *
 * Return: the row, or NULL if there is none.
 */
const struct board_row *top_view_row(const struct top_view *view)
{
	const struct top_list *list =
		view->on_refusals ? &view->refusals : &view->ports;

	return board_shown(list->board, list->selected);
}

/**
 * top_view_free() - Free lines and answer, but not the boards.
 * @view: the screen
 */
void top_view_free(struct top_view *view)
{
	drop_answer(view);
	free(view->ports.text);
	free(view->ports.lines);
	free(view->refusals.text);
	free(view->refusals.lines);
	memset(view, 0, sizeof(*view));
}
