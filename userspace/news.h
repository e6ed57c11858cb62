/* SPDX-License-Identifier: GPL-2.0 */
/* Rejects that were not read before, of one or of all network namespaces. */
#ifndef PORTOWNER_NEWS_H
#define PORTOWNER_NEWS_H

#include "client.h"

/**
 * struct newest - The newest reject that was read of a network namespace.
 * @netns: its inode number
 * @seq: highest number
 * @time_ns: latest time
 */
struct newest {
	__u32 netns;
	__u64 seq;
	__u64 time_ns;
};

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
 * struct news - A log that is read again and again.
 * @client: whom to ask
 * @query: for which rejects; @query.since is looked after here
 * @v: one for each network namespace that had any
 * @n: elements in @v
 * @room: elements allocated
 * @counted: array: records that were read
 * @n_counted: elements in @counted
 * @counted_room: elements allocated
 * @begun: it was read once; what is missing in the log then was never expected
 * @lost: how many the log dropped between the last two reads, if @query is not
 *	for those of one process
 */
struct news {
	struct client *client;
	struct reject_query query;
	struct newest *v;
	size_t n;
	size_t room;
	struct counted *counted;
	size_t n_counted;
	size_t counted_room;
	bool begun;
	__u64 lost;
};

__u64 news_last(const struct news *news, __u32 netns);
int news_read(struct news *news, struct reject_list *list);
void news_free(struct news *news);

#endif /* PORTOWNER_NEWS_H */
