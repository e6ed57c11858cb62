/* SPDX-License-Identifier: GPL-2.0 */
/* Rejects that were not read before, of one or of all network namespaces. */
#ifndef PORTOWNER_LOG_READER_H
#define PORTOWNER_LOG_READER_H

#include "model/log_cursor.h"
#include "source/source.h"

/**
 * struct counted - What was read of a record before.
 * @netns: its network namespace
 * @port: what was asked for
 * @first_time_ns: when it was refused for the first time
 * @time_ns: when the last time
 * @count: how often
 */
struct counted {
	__u32 netns;
	__u16 port;
	__u64 first_time_ns;
	__u64 time_ns;
	__u64 count;
};

/**
 * struct log_reader - A log that is read again and again.
 * @source: whom to ask
 * @query: for which rejects; where they begin is looked after here
 * @cursor: how far it was read
 * @counted: array: records that were read
 * @n_counted: elements in @counted
 * @counted_room: elements allocated
 * @begun: it was read once; what is missing in the log then was never expected
 * @lost: how many the log dropped between the last two reads, if @query is not
 *	for those of one process
 */
struct log_reader {
	struct source *source;
	struct reject_query query;
	struct log_cursor cursor;
	struct counted *counted;
	size_t n_counted;
	size_t counted_room;
	bool begun;
	__u64 lost;
};

int log_reader_read(struct log_reader *reader, struct reject_list *list);
void log_reader_restart(struct log_reader *reader);
void log_reader_free(struct log_reader *reader);

#endif /* PORTOWNER_LOG_READER_H */
