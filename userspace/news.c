// SPDX-License-Identifier: GPL-2.0
/*
 * Rejects that were not read before.
 *
 * Each network namespace numbers its own, so that what is asked of one cannot
 * be asked of all: there the whole log is read and what is known left out.
 */

#include <stdlib.h>
#include <string.h>

#include "news.h"
#include "util.h"

/* Records whose counts are remembered; a log has far fewer. */
#define COUNTED_MAX	4096

static struct newest *newest_of(struct news *news, __u32 netns)
{
	struct newest *newest;
	size_t i;

	for (i = 0; i < news->n; i++)
		if (news->v[i].netns == netns)
			return &news->v[i];
	news->v = xgrow(news->v, news->n, &news->room, sizeof(*news->v));
	newest = &news->v[news->n++];
	memset(newest, 0, sizeof(*newest));
	newest->netns = netns;
	return newest;
}

/*
 * A namespace that has the inode number of one that ended counts from one
 * again, but later.
 */
static bool is_known(const struct newest *newest, const struct reject *reject)
{
	return reject->seq <= newest->seq && reject->time_ns <= newest->time_ns;
}

/* Returns how many numbers there were after the last one, up to this. */
static __u64 note(struct newest *newest, const struct reject *reject)
{
	__u64 n;

	if (reject->time_ns > newest->time_ns && reject->seq <= newest->seq)
		newest->seq = 0;
	n = reject->seq - newest->seq;
	newest->seq = reject->seq;
	if (reject->time_ns > newest->time_ns)
		newest->time_ns = reject->time_ns;
	return n;
}

/* What is known of a record, or a place for it; that of the oldest if need be. */
static struct counted *counted_of(struct news *news,
				  const struct reject *reject)
{
	struct counted *c, *oldest = news->counted;
	size_t i;

	for (i = 0; i < news->n_counted; i++) {
		c = &news->counted[i];
		if (c->first_time_ns == reject->first_time_ns &&
		    c->netns == reject->netns && c->port == reject->ep.port)
			return c;
		if (c->time_ns < oldest->time_ns)
			oldest = c;
	}
	if (news->n_counted < COUNTED_MAX) {
		news->counted = xgrow(news->counted, news->n_counted,
				      &news->counted_room,
				      sizeof(*news->counted));
		oldest = &news->counted[news->n_counted++];
	}
	memset(oldest, 0, sizeof(*oldest));
	oldest->netns = reject->netns;
	oldest->port = reject->ep.port;
	oldest->first_time_ns = reject->first_time_ns;
	return oldest;
}

/* Set how many refusals a record has that were not read before. */
static void find_fresh(struct news *news, struct reject *reject)
{
	struct counted *counted = counted_of(news, reject);

	reject->fresh = reject->count - counted->count;
	counted->count = reject->count;
	counted->time_ns = reject->time_ns;
}

/*
 * Each refusal has a number, and counts in one record. What has a number, but
 * counts in no record that was read, was dropped with its record.
 */
static bool is_new(const struct reject *reject, const void *arg)
{
	/* reject_list_keep() only passes it on. */
	struct news *news = (struct news *)arg;
	struct newest *newest = newest_of(news, reject->netns);
	__u64 numbers;

	if (is_known(newest, reject))
		return false;
	numbers = note(newest, reject);
	find_fresh(news, (struct reject *)reject);
	if (news->begun)
		news->lost += numbers - reject->fresh;
	return true;
}

/**
 * news_last() - Number of the newest reject that was read of a namespace.
 * @news: the log
 * @netns: inode number of the namespace
 *
 * Return: the number, or 0 if none was read.
 */
__u64 news_last(const struct news *news, __u32 netns)
{
	size_t i;

	for (i = 0; i < news->n; i++)
		if (news->v[i].netns == netns)
			return news->v[i].seq;
	return 0;
}

/**
 * news_read() - Read what was logged since the last time.
 * @news: the log
 * @list: empty; filled with it, for each namespace the oldest first
 *
 * Return: 0, or what to exit with.
 */
int news_read(struct news *news, struct reject_list *list)
{
	int status;

	if (!news->query.all_netns && news->n)
		news->query.since = news->v->seq;
	news->lost = 0;
	status = client_rejects(news->client, &news->query, list);
	if (status)
		return status;
	reject_list_keep(list, is_new, news);
	/* Whoever forgot how often a record was read takes it for less. */
	if ((long long)news->lost < 0)
		news->lost = 0;
	news->begun = true;
	return 0;
}

/**
 * news_free() - Free what is known of a log.
 * @news: the log
 */
void news_free(struct news *news)
{
	free(news->v);
	free(news->counted);
	news->counted = NULL;
	news->n_counted = 0;
	news->counted_room = 0;
	news->v = NULL;
	news->n = 0;
	news->room = 0;
}
