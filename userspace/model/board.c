// SPDX-License-Identifier: GPL-2.0
/*
 * Rows of text under observation. Each refresh puts them again; those that were
 * not put are gone. New and gone rows stay marked for a while.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "model/board.h"

static int compare_keys(const struct board_key *a, const struct board_key *b)
{
	int order = compare(a->id, b->id);

	return order ? order : compare(a->place, b->place);
}

static int by_key(const void *left, const void *right)
{
	const struct board_row *a = left, *b = right;

	return compare_keys(&a->key, &b->key);
}

static struct board_row *find_row(const struct board *board,
				  const struct board_key *key)
{
	const struct board_row wanted = { .key = *key };

	/* An empty board has no array to pass to bsearch(). */
	if (!board->sorted)
		return NULL;
	return bsearch(&wanted, board->v, board->sorted, sizeof(*board->v),
		       by_key);
}

static void free_row(const struct board *board, struct board_row *row)
{
	size_t i;

	for (i = 0; i < board->n_cells; i++)
		free(row->cells[i]);
	free(row->cells);
	free(row->target);
}

static void set_mark(struct board_row *row, enum board_mark mark, __u64 now_ns)
{
	row->mark = mark;
	row->marked_ns = now_ns;
}

static bool same_cells(const struct board *board, const struct board_row *a,
		       const struct board_row *b)
{
	size_t i;

	for (i = 0; i < board->n_cells; i++)
		if (strcmp(a->cells[i], b->cells[i]))
			return false;
	return true;
}

static void add_row(struct board *board, const struct board_row *row,
		    __u64 now_ns)
{
	struct board_row *added;

	board->v = xgrow(board->v, board->n, &board->room, sizeof(*board->v));
	added = &board->v[board->n++];
	*added = *row;
	added->met = true;
	added->nr = ++board->arrivals;
	set_mark(added, board->begun ? BOARD_NEW : BOARD_PLAIN, now_ns);
	board->changed = true;
}

/**
 * board_begin() - Begin a refresh.
 * @board: its rows have to be put again before board_end()
 */
void board_begin(struct board *board)
{
	size_t i;

	for (i = 0; i < board->n; i++)
		board->v[i].met = false;
}

/**
 * board_put() - Put a row.
 * @board: the board
 * @row: key, cells, target and process; the texts are freed with the board
 * @now_ns: current time
 */
void board_put(struct board *board, const struct board_row *row, __u64 now_ns)
{
	struct board_row *old = find_row(board, &row->key), replaced;
	bool same;

	if (!old) {
		add_row(board, row, now_ns);
		return;
	}
	same = same_cells(board, old, row);
	replaced = *old;
	old->cells = row->cells;
	old->target = row->target;
	old->pid = row->pid;
	old->met = true;
	if (old->mark == BOARD_GONE || (board->again && !same)) {
		old->nr = ++board->arrivals;
		set_mark(old, BOARD_NEW, now_ns);
		same = false;
	}
	board->changed |= !same;
	free_row(board, &replaced);
}

static void mark_gone(struct board *board, __u64 now_ns)
{
	struct board_row *row;

	for (row = board->v; row < board->v + board->n; row++) {
		if (row->met || row->mark == BOARD_GONE)
			continue;
		set_mark(row, BOARD_GONE, now_ns);
		board->changed = true;
	}
}

/**
 * board_end() - End a refresh.
 * @board: the board
 * @whole: rows not put since board_begin() are gone
 * @now_ns: current time
 */
void board_end(struct board *board, bool whole, __u64 now_ns)
{
	if (whole)
		mark_gone(board, now_ns);
	if (board->n > board->sorted)
		qsort(board->v, board->n, sizeof(*board->v), by_key);
	board->sorted = board->n;
	board->begun = true;
}

/* Drop the rows that @drop selects; the others stay in order. */
static void drop_rows(struct board *board,
		      bool (*drop)(const struct board_row *row, __u64 arg),
		      __u64 arg)
{
	size_t i, kept = 0;

	for (i = 0; i < board->n; i++) {
		if (drop(&board->v[i], arg))
			free_row(board, &board->v[i]);
		else
			board->v[kept++] = board->v[i];
	}
	board->changed |= kept < board->n;
	board->n = kept;
	board->sorted = kept;
}

static bool was_gone_by(const struct board_row *row, __u64 time_ns)
{
	return row->mark == BOARD_GONE && row->marked_ns <= time_ns;
}

/**
 * board_age() - Remove expired marks, and the rows whose mark was "gone".
 * @board: the board, after board_end()
 * @now_ns: current time
 * @linger_ns: how long a mark lasts
 *
 * Return: true if there were any.
 */
bool board_age(struct board *board, __u64 now_ns, __u64 linger_ns)
{
	__u64 past = now_ns > linger_ns ? now_ns - linger_ns : 0;
	size_t i, before = board->n;
	bool aged = false;

	drop_rows(board, was_gone_by, past);
	for (i = 0; i < board->n; i++) {
		if (board->v[i].mark != BOARD_NEW ||
		    board->v[i].marked_ns > past)
			continue;
		board->v[i].mark = BOARD_PLAIN;
		aged = true;
	}
	board->changed |= aged;
	return aged || board->n < before;
}

/**
 * board_next() - When board_age() will have something to do.
 * @board: the board
 * @linger_ns: how long a mark lasts
 *
 * Return: the time, or 0 if nothing is marked.
 */
__u64 board_next(const struct board *board, __u64 linger_ns)
{
	__u64 first = 0;
	size_t i;

	for (i = 0; i < board->n; i++) {
		if (board->v[i].mark == BOARD_PLAIN)
			continue;
		if (!first || board->v[i].marked_ns + linger_ns < first)
			first = board->v[i].marked_ns + linger_ns;
	}
	return first;
}

static bool came_by(const struct board_row *row, __u64 nr)
{
	return row->nr <= nr;
}

static int by_number(const void *left, const void *right)
{
	return compare(*(const __u64 *)left, *(const __u64 *)right);
}

/**
 * board_trim() - Drop the rows that arrived first.
 * @board: the board, after board_end()
 * @max: how many to keep
 */
void board_trim(struct board *board, size_t max)
{
	__u64 *numbers;
	size_t i;

	if (board->n <= max)
		return;
	numbers = xcalloc(board->n, sizeof(*numbers));
	for (i = 0; i < board->n; i++)
		numbers[i] = board->v[i].nr;
	qsort(numbers, board->n, sizeof(*numbers), by_number);
	drop_rows(board, came_by, numbers[board->n - max - 1]);
	free(numbers);
}

/* Does a cell contain a word? */
static bool has_word(const struct board *board, const struct board_row *row,
		     const char *word)
{
	size_t i;

	for (i = 0; i < board->n_cells; i++)
		if (strcasestr(row->cells[i], word))
			return true;
	return false;
}

static bool passes(const struct board *board, const struct board_row *row,
		   const char *filter)
{
	char *words = xstrdup(filter), *rest = words, *word;
	bool all = true;

	while (all && (word = strsep(&rest, " ")))
		all = !*word || has_word(board, row, word);
	free(words);
	return all;
}

/* Numbers compare by value, also within text; unknown cells come last. */
static int compare_cells(const char *a, const char *b)
{
	bool no_a = !strcmp(a, "-"), no_b = !strcmp(b, "-");

	return no_a || no_b ? no_a - no_b : strverscmp(a, b);
}

static int compare_rows(const void *left, const void *right, void *arg)
{
	const struct board *board = arg;
	const struct board_row *a = &board->v[*(const size_t *)left];
	const struct board_row *b = &board->v[*(const size_t *)right];
	int order = 0, sign = board->reverse ? -1 : 1;
	size_t i;

	if (board->by == BOARD_BY_ARRIVAL)
		return sign * compare(b->nr, a->nr);
	if (board->by < board->n_cells)
		order = compare_cells(a->cells[board->by], b->cells[board->by]);
	if (order)
		return sign * order;
	for (i = 0; i < board->n_cells && !order; i++)
		order = compare_cells(a->cells[i], b->cells[i]);
	return order ? order : compare(a->nr, b->nr);
}

/**
 * board_arrange() - Choose the rows to show, and their order.
 * @board: the board, after board_end()
 * @filter: words that must all occur in a row, in either case
 */
void board_arrange(struct board *board, const char *filter)
{
	size_t i;

	board->order = xrealloc(board->order,
				(board->n + 1) * sizeof(*board->order));
	board->shown = 0;
	for (i = 0; i < board->n; i++)
		if (passes(board, &board->v[i], filter))
			board->order[board->shown++] = i;
	qsort_r(board->order, board->shown, sizeof(*board->order), compare_rows,
		board);
}

/**
 * board_count() - Count the rows with a mark.
 * @board: the board; hidden rows count, too
 * @mark: the mark
 *
 * Return: number of rows.
 */
size_t board_count(const struct board *board, enum board_mark mark)
{
	size_t i, n = 0;

	for (i = 0; i < board->n; i++)
		n += board->v[i].mark == mark;
	return n;
}

/**
 * board_shown() - Get a row that is shown.
 * @board: the board, after board_arrange()
 * @i: its position
 *
 * Return: the row, or NULL past the last one.
 */
const struct board_row *board_shown(const struct board *board, size_t i)
{
	return i < board->shown ? &board->v[board->order[i]] : NULL;
}

/**
 * board_find() - Find a row among those shown.
 * @board: the board, after board_arrange()
 * @key: its key
 * @place: set to its position
 *
 * Return: true if it is shown.
 */
bool board_find(const struct board *board, const struct board_key *key,
		size_t *place)
{
	size_t i;

	for (i = 0; i < board->shown; i++) {
		if (compare_keys(&board->v[board->order[i]].key, key))
			continue;
		*place = i;
		return true;
	}
	return false;
}

/**
 * board_free() - Free all rows.
 * @board: empty afterwards
 */
void board_free(struct board *board)
{
	size_t i;

	for (i = 0; i < board->n; i++)
		free_row(board, &board->v[i]);
	free(board->v);
	free(board->order);
	memset(board, 0, sizeof(*board));
}
