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

/* Returns how many there were between the last one and this. */
static __u64 note(struct newest *newest, const struct reject *reject)
{
	__u64 gap;

	if (reject->time_ns > newest->time_ns && reject->seq <= newest->seq)
		newest->seq = 0;
	gap = reject->seq - newest->seq - 1;
	newest->seq = reject->seq;
	if (reject->time_ns > newest->time_ns)
		newest->time_ns = reject->time_ns;
	return gap;
}

static bool is_new(const struct reject *reject, const void *arg)
{
	/* reject_list_keep() only passes it on. */
	struct news *news = (struct news *)arg;
	struct newest *newest = newest_of(news, reject->netns);
	__u64 gap;

	if (is_known(newest, reject))
		return false;
	gap = note(newest, reject);
	if (news->begun)
		news->lost += gap;
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
	news->v = NULL;
	news->n = 0;
	news->room = 0;
}
