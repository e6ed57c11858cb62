// SPDX-License-Identifier: GPL-2.0
/*
 * Rejects that were not read before.
 *
 * Each network namespace numbers its own. A reader of all of them asks by the
 * total count instead, and drops what comes twice.
 */

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "source/log_reader.h"

/* Records whose counts are remembered; a log has far fewer. */
#define COUNTED_MAX	4096

/* Find the entry of a record, or add one, if need be in place of the oldest. */
static struct counted *counted_of(struct log_reader *reader,
				  const struct reject *reject)
{
	struct counted *c, *oldest = reader->counted;
	size_t i;

	for (i = 0; i < reader->n_counted; i++) {
		c = &reader->counted[i];
		if (c->first_time_ns == reject->first_time_ns &&
		    c->netns == reject->netns && c->port == reject->ep.port)
			return c;
		if (c->time_ns < oldest->time_ns)
			oldest = c;
	}
	if (reader->n_counted < COUNTED_MAX) {
		reader->counted = xgrow(reader->counted, reader->n_counted,
					&reader->counted_room,
					sizeof(*reader->counted));
		oldest = &reader->counted[reader->n_counted++];
	}
	memset(oldest, 0, sizeof(*oldest));
	oldest->netns = reject->netns;
	oldest->port = reject->ep.port;
	oldest->first_time_ns = reject->first_time_ns;
	return oldest;
}

/* Set how many refusals of a record were not read before. */
static void find_fresh(struct log_reader *reader, struct reject *reject)
{
	struct counted *counted = counted_of(reader, reject);

	reject->fresh = reject->count - counted->count;
	counted->count = reject->count;
	counted->time_ns = reject->time_ns;
}

/*
 * Does a reject that looks familiar belong to a namespace that has ended? Its
 * records come last, after those of another one with the same inode number.
 */
static bool is_of_ended(struct log_reader *reader, const struct reject *reject)
{
	if (!reader->query.all_netns)
		return false;
	find_fresh(reader, (struct reject *)reject);
	return reject->fresh;
}

/*
 * Each refusal has a number, and counts in one record. A number that counts in
 * none of the records read was dropped with its record.
 */
static bool is_new(const struct reject *reject, const void *arg)
{
	/* reject_list_keep() only passes it through. */
	struct log_reader *reader = (struct log_reader *)arg;
	struct newest *newest = log_cursor_of(&reader->cursor, reject->netns);
	bool expected = reader->begun || newest->loaded;
	__u64 numbers;

	if (log_cursor_passed(newest, reject))
		return !newest->loaded && is_of_ended(reader, reject);
	numbers = log_cursor_advance(newest, reject);
	find_fresh(reader, (struct reject *)reject);
	if (expected)
		reader->lost += numbers - reject->fresh;
	return true;
}

/**
 * log_reader_read() - Read what was logged since the last time.
 * @reader: the log
 * @list: empty; filled with it, oldest first within each namespace
 *
 * Return: 0 or the exit status.
 */
int log_reader_read(struct log_reader *reader, struct reject_list *list)
{
	const struct log_cursor *cursor = &reader->cursor;
	int status;

	/* A number from a file may be of a module that was unloaded since. */
	if (!reader->query.all_netns && cursor->n == 1 && !cursor->v->loaded)
		reader->query.since = cursor->v->seq;
	reader->lost = 0;
	status = source_rejects(reader->source, &reader->query, list);
	if (status)
		return status;
	reject_list_keep(list, is_new, reader);
	/* Once an entry was dropped, refusals read before look fresh again. */
	if ((long long)reader->lost < 0)
		reader->lost = 0;
	reader->begun = true;
	/* A reloaded module counts from 1 again. */
	reader->query.since_all = list->seq_all;
	return 0;
}

/**
 * log_reader_restart() - Start over after the module was reloaded.
 * @reader: the log
 */
void log_reader_restart(struct log_reader *reader)
{
	log_cursor_restart(&reader->cursor);
	reader->query.since = 0;
	reader->query.since_all = 0;
}

/**
 * log_reader_free() - Free the state of a log reader.
 * @reader: the log
 */
void log_reader_free(struct log_reader *reader)
{
	log_cursor_free(&reader->cursor);
	free(reader->counted);
	reader->counted = NULL;
	reader->n_counted = 0;
	reader->counted_room = 0;
}
