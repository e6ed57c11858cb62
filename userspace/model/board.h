/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of text that are watched: which are new, which are gone, in which order. */
#ifndef PORTOWNER_BOARD_H
#define PORTOWNER_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* In place of a column: by arrival, the last one first. */
#define BOARD_BY_ARRIVAL	((size_t)-1)

/**
 * struct board_key - What makes a row the same row the next time.
 * @id: number of what the row is about
 * @place: where that is, if numbers repeat
 */
struct board_key {
	__u64 id;
	__u64 place;
};

/**
 * enum board_mark - What has happened to a row of late.
 * @BOARD_PLAIN: nothing
 * @BOARD_NEW: it has come
 * @BOARD_GONE: it is gone, and only still shown
 */
enum board_mark {
	BOARD_PLAIN,
	BOARD_NEW,
	BOARD_GONE,
};

/**
 * struct board_row - A row.
 * @key: what it is about
 * @cells: array of texts, of each column one
 * @target: what the row is about, as a TARGET
 * @pid: process that it is about, or 0
 * @nr: number of its arrival
 * @mark: what has happened to it
 * @marked_ns: when
 * @met: it is there this time
 */
struct board_row {
	struct board_key key;
	char **cells;
	char *target;
	__u32 pid;
	__u64 nr;
	enum board_mark mark;
	__u64 marked_ns;
	bool met;
};

/**
 * struct board - The rows, and which of them are shown.
 * @v: array; the first @sorted by key, those that have just come behind them
 * @n: elements in @v
 * @room: elements allocated
 * @sorted: how many of them are in order
 * @n_cells: cells of a row
 * @again: a row whose cells change is as good as new
 * @begun: rows that come from now on are new
 * @changed: something changed since this was last set to false
 * @arrivals: rows that have come
 * @by: column that orders them, or BOARD_BY_ARRIVAL
 * @reverse: the other way round
 * @order: array: indices into @v of the rows that are shown
 * @shown: elements in @order
 */
struct board {
	struct board_row *v;
	size_t n;
	size_t room;
	size_t sorted;
	size_t n_cells;
	bool again;
	bool begun;
	bool changed;
	__u64 arrivals;
	size_t by;
	bool reverse;
	size_t *order;
	size_t shown;
};

void board_begin(struct board *board);
void board_put(struct board *board, const struct board_row *row, __u64 now_ns);
void board_end(struct board *board, bool whole, __u64 now_ns);
bool board_age(struct board *board, __u64 now_ns, __u64 linger_ns);
__u64 board_next(const struct board *board, __u64 linger_ns);
void board_trim(struct board *board, size_t max);
void board_arrange(struct board *board, const char *filter);
size_t board_count(const struct board *board, enum board_mark mark);
const struct board_row *board_shown(const struct board *board, size_t i);
bool board_find(const struct board *board, const struct board_key *key,
		size_t *place);
void board_free(struct board *board);

#endif /* PORTOWNER_BOARD_H */
