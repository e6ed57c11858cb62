// SPDX-License-Identifier: GPL-2.0
/* The terminal of top: draws the view with ncurses, and reads keys. */

/* Leave short names such as move() and erase() to us. */
#define NCURSES_NOMACROS
#include <ncurses.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/top_screen.h"
#include "cmd/top_terminal.h"
#include "cmd/top_titles.h"
#include "lib/width.h"

/* Time for the rest of a key sequence to follow Escape. */
#define ESCAPE_MS	25

enum {
	PAIR_NEW = 1,
	PAIR_GONE,
};

static SCREEN *screen;
static bool colored;

static void begin_color(void)
{
	if (start_color() == ERR)
		return;
	use_default_colors();
	init_pair(PAIR_NEW, COLOR_GREEN, -1);
	init_pair(PAIR_GONE, COLOR_RED, -1);
	colored = true;
}

/**
 * top_screen_open() - Take over the terminal.
 * @view: its size is set; top_terminal_check() has succeeded
 * @color: use colours
 *
 * Return: 0, or the exit status after reporting the error.
 */
int top_screen_open(struct top_view *view, bool color)
{
	set_escdelay(ESCAPE_MS);
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return complain(STATUS_FAILED, "cannot use the terminal");
	/* xcalloc() and the like may exit. */
	atexit(top_screen_close);
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, true);
	nodelay(stdscr, true);
	curs_set(0);
	if (color)
		begin_color();
	top_view_resize(view, getmaxy(stdscr), getmaxx(stdscr));
	return 0;
}

/* As much as fits, with blanks up to the edge. */
static void put_line(size_t y, const char *text, size_t len, attr_t attributes,
		     short pair)
{
	size_t used = getmaxx(stdscr);
	size_t fit = text_fit(text, len, &used);

	wattr_set(stdscr, attributes, pair, NULL);
	mvwaddnstr(stdscr, y, 0, text, fit);
	/* Writing the last cell must not scroll the screen. */
	mvwhline(stdscr, y, used, ' ' | attributes, getmaxx(stdscr) - used);
	wattr_set(stdscr, A_NORMAL, 0, NULL);
}

static void put_title(size_t y, char *text, attr_t attributes)
{
	put_line(y, text, strlen(text), attributes, 0);
	free(text);
}

static void put_row(size_t y, const struct top_list *list, size_t i,
		    bool selected)
{
	const struct board_row *row = board_shown(list->board, i);
	attr_t attributes = selected ? A_REVERSE : A_NORMAL;
	const char *line = list->lines[i + 1];
	short pair = 0;

	if (row->mark == BOARD_NEW) {
		attributes |= A_BOLD;
		pair = PAIR_NEW;
	} else if (row->mark == BOARD_GONE) {
		attributes |= A_DIM;
		pair = PAIR_GONE;
	}
	put_line(y, line, strlen(line), attributes, colored ? pair : 0);
}

/* Headings and rows; returns the line below. */
static size_t put_list(size_t y, const struct top_list *list, bool focus)
{
	const char *headings = list->n_lines ? list->lines[0] : "";
	size_t i;

	put_line(y++, headings, strlen(headings), A_UNDERLINE, 0);
	for (i = list->first; i < list->first + list->room; i++, y++)
		if (i + 1 < list->n_lines)
			put_row(y, list, i, focus && i == list->selected);
	return y;
}

static void put_answer(size_t y, const struct top_view *view)
{
	const struct top_answer *answer = &view->answer;
	size_t i, at;

	for (i = 0; i < view->lower; i++) {
		at = answer->first + i;
		if (at < answer->n)
			put_line(y + i, answer->lines[at], answer->lens[at],
				 A_NORMAL, 0);
	}
}

static void put_panes(const struct top_data *data, const struct top_view *view)
{
	bool on_ports = !view->on_refusals;
	size_t y;

	put_title(0, top_title_screen(data, view),
		  on_ports ? A_REVERSE | A_BOLD : A_REVERSE);
	y = put_list(1, &view->ports, on_ports);
	put_title(y++, top_title_lower(data, view),
		  on_ports ? A_REVERSE : A_REVERSE | A_BOLD);
	if (view->answer.title)
		put_answer(y, view);
	else if (view->lower)
		put_list(y, &view->refusals, view->on_refusals);
	put_title(view->height - 1, top_title_help(view), A_NORMAL);
}

/**
 * top_screen_draw() - Draw what has changed.
 * @data: what is shown
 * @view: how it is shown
 */
void top_screen_draw(const struct top_data *data, const struct top_view *view)
{
	char *text;

	werase(stdscr);
	if (top_view_fits(view)) {
		put_panes(data, view);
	} else {
		text = xasprintf("too small: needs %dx%d", TOP_COLUMNS_MIN,
				 TOP_LINES_MIN);
		put_title(0, text, A_NORMAL);
	}
	wrefresh(stdscr);
}

/* Keys that are not characters. */
static wint_t translate(wint_t key)
{
	switch (key) {
	case KEY_UP:
		return TOP_KEY_UP;
	case KEY_DOWN:
		return TOP_KEY_DOWN;
	case KEY_PPAGE:
		return TOP_KEY_PAGE_UP;
	case KEY_NPAGE:
		return TOP_KEY_PAGE_DOWN;
	case KEY_HOME:
		return TOP_KEY_HOME;
	case KEY_END:
		return TOP_KEY_END;
	case KEY_BACKSPACE:
		return TOP_KEY_BACKSPACE;
	case KEY_ENTER:
		return '\n';
	case KEY_BTAB:
		return '\t';
	case KEY_RESIZE:
		return TOP_KEY_RESIZE;
	default:
		return TOP_KEY_NONE;
	}
}

/**
 * top_screen_key() - Read a key, if one was pressed.
 * @view: gets the new size of the screen after a resize
 * @key: set to a character, or enum top_key
 *
 * Return: true if a key was pressed.
 */
bool top_screen_key(struct top_view *view, wint_t *key)
{
	int result = wget_wch(stdscr, key);

	if (result == ERR)
		return false;
	if (result == KEY_CODE_YES)
		*key = translate(*key);
	if (*key == TOP_KEY_RESIZE)
		top_view_resize(view, getmaxy(stdscr), getmaxx(stdscr));
	return true;
}

/**
 * top_screen_close() - Restore the terminal.
 */
void top_screen_close(void)
{
	if (!screen)
		return;
	/* Where later output begins, if the terminal keeps this screen. */
	wmove(stdscr, getmaxy(stdscr) - 1, 0);
	wclrtoeol(stdscr);
	wrefresh(stdscr);
	endwin();
	delscreen(screen);
	screen = NULL;
	colored = false;
}
