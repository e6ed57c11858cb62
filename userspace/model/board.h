/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of text under observation: which are new, which gone, in which order. */
#ifndef PORTOWNER_BOARD_H
#define PORTOWNER_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/* Instead of a column: by arrival, latest first. */
#define BOARD_BY_ARRIVAL	((size_t)-1)

/**
 * struct board_key - Identifies a row across refreshes.
 * @id: number of its subject
 * @place: where the subject is, if numbers repeat
 */
struct board_key {
	__u64 id;
	__u64 place;
};

/**
 * enum board_mark - What recently happened to a row.
 * @BOARD_PLAIN: nothing
 * @BOARD_NEW: it appeared
 * @BOARD_GONE: it is gone, but still shown
 */
enum board_mark {
	BOARD_PLAIN,
	BOARD_NEW,
	BOARD_GONE,
};

/**
 * struct board_row - A row.
 * @key: its identity
 * @cells: array of texts, one per column
 * @target: its subject, as a TARGET
 * @pid: process that it concerns, or 0
 * @nr: sequence number of its arrival
 * @mark: what happened to it
 * @marked_ns: when
 * @met: it was put in this refresh
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
 * @v: array; the first @sorted by key, then those that have just arrived
 * @n: elements in @v
 * @room: elements allocated
 * @sorted: number of rows in order
 * @n_cells: cells per row
 * @again: a row whose cells change counts as new
 * @begun: rows that arrive from now on are new
 * @changed: something changed since this was last cleared
 * @arrivals: number of arrivals
 * @by: column to sort by, or BOARD_BY_ARRIVAL
 * @reverse: in reverse order
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
