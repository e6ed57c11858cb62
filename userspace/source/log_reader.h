/* SPDX-License-Identifier: GPL-2.0 */
/* Rejects that were not read before, of one or all network namespaces. */
#ifndef PORTOWNER_LOG_READER_H
#define PORTOWNER_LOG_READER_H

#include "model/log_cursor.h"
#include "source/source.h"

/**
 * struct counted - What was already read of a record.
 * @netns: its network namespace
 * @port: requested port
 * @first_time_ns: time of its first refusal
 * @time_ns: time of its last refusal
 * @count: number of refusals
 */
struct counted {
	__u32 netns;
	__u16 port;
	__u64 first_time_ns;
	__u64 time_ns;
	__u64 count;
};

/**
 * struct log_reader - A log that is read repeatedly.
 * @source: where it is read from
 * @query: which rejects; where they begin is maintained here
 * @cursor: how far it was read
 * @counted: array: records that were read
 * @n_counted: elements in @counted
 * @counted_room: elements allocated
 * @begun: read at least once; what was missing in the log then is not lost
 * @lost: refusals that the log dropped between the last two reads, unless
 *	@query is limited to one process
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
