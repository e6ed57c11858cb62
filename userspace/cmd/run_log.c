// SPDX-License-Identifier: GPL-2.0
/* Collect the refusals of a command and its descendants while it runs. */

#include <unistd.h>

#include "cmd/run_log.h"
#include "lib/host.h"
#include "lib/util.h"

/* Rejects kept for the report; a program may be refused for days. */
#define REJECTS_MAX	4096

/**
 * struct account - What the log has lost so far.
 * @numbered: sequence number of the last refusal that ever had a record
 * @dropped: refusals whose record was dropped
 * @last: highest sequence number of those
 * @unrecorded: refusals that never had a record, and so no sequence number
 */
struct account {
	__u64 numbered;
	__u64 dropped;
	__u64 last;
	__u64 unrecorded;
};

static int take_account(struct run_log *log, struct account *account)
{
	struct counters counters;
	const __u64 *v = counters.v;
	int status;

	status = source_stats(log->reader.source, &counters);
	if (status)
		return status;
	account->unrecorded = v[PORTOWNER_A_STATS_REJECTS_UNRECORDED];
	account->numbered = v[PORTOWNER_A_STATS_REJECTS_SEEN] -
			    account->unrecorded;
	account->dropped = v[PORTOWNER_A_STATS_REJECTS_DROPPED] -
			   account->unrecorded;
	account->last = v[PORTOWNER_A_STATS_REJECTS_DROPPED_LAST];
	return 0;
}

static __u64 larger(__u64 a, __u64 b)
{
	return a > b ? a : b;
}

static __u64 smaller(__u64 a, __u64 b)
{
	return a < b ? a : b;
}

/*
 * Upper bound of the refusals after @known that were dropped unread: the
 * sequence numbers up to the last dropped one, minus those read, but no more
 * than were dropped since the last read.
 */
static __u64 count_lost(const struct run_log *log, const struct account *now,
			const struct reject_list *read)
{
	__u64 n = now->last > log->known ? now->last - log->known : 0;
	__u32 netns = host_netns();
	size_t i;

	for (i = 0; i < read->n; i++)
		if (read->v[i].netns == netns && read->v[i].seq > log->known &&
		    read->v[i].seq <= now->last)
			n -= smaller(n, read->v[i].fresh);
	return smaller(n, now->dropped - log->dropped_before);
}

/*
 * Keep what was read; a record that is already kept adds to its counts. From
 * now on, @fresh counts what was not reported yet.
 */
static void keep(struct run_log *log, struct reject_list *list)
{
	struct reject *reject, *known;
	size_t i;

	for (i = 0; i < list->n; i++) {
		reject = &list->v[i];
		known = reject_list_find(&log->rejects, reject);
		reject->count = reject->fresh;
		if (known) {
			reject->count += known->count;
			reject->fresh += known->fresh;
			reject_clear(known);
			*known = *reject;
		} else if (log->rejects.n < REJECTS_MAX) {
			*reject_list_add(&log->rejects) = *reject;
		} else {
			log->dropped += reject->count;
			reject_clear(reject);
		}
	}
	list->n = 0;
	reject_list_clear(list);
}

/**
 * run_log_read() - Read new records, and count what may have been lost.
 * @log: the log; not read again after a failure
 *
 * Return: 0 or the exit status.
 */
int run_log_read(struct run_log *log)
{
	struct reject_list list = { 0 };
	struct account before = { 0 }, after = { 0 };
	int status;

	if (log->failure)
		return log->failure;
	/*
	 * ORDER: count after reading, because refusals during the read push out
	 * unread ones; and also before, because those may not have been read.
	 */
	status = take_account(log, &before);
	if (!status)
		status = log_reader_read(&log->reader, &list);
	if (!status)
		status = take_account(log, &after);
	if (!status) {
		log->lost += count_lost(log, &after, &list) +
			     after.unrecorded - log->unrecorded_before;
		log->dropped_before = after.dropped;
		log->unrecorded_before = after.unrecorded;
		/* Read in order: nothing before the last record is unread. */
		log->known = larger(larger(before.numbered, after.last),
				    log_cursor_last(&log->reader.cursor,
						    host_netns()));
	}
	keep(log, &list);
	log->failure = status;
	return status;
}

/**
 * run_log_begin() - Start to collect refusals of us and our descendants.
 * @log: the log, whose reader has a source
 *
 * Return: 0 or the exit status.
 */
int run_log_begin(struct run_log *log)
{
	struct source *source = log->reader.source;
	int status;

	log->reader.query.ancestor = getpid();
	log->reader.query.all_netns = source_sees_all(source);
	source_can_join(source, EVENT_REFUSAL, log->reader.query.all_netns);
	status = run_log_read(log);
	/* These belong to a process that had our pid before. */
	reject_list_clear(&log->rejects);
	log->dropped = 0;
	log->lost = 0;
	return status;
}

/**
 * run_log_ends() - Stop reading the log.
 * @log: the log
 * @status: exit status for the failure
 */
void run_log_ends(struct run_log *log, int status)
{
	if (!log->failure)
		log->failure = status;
}

/**
 * run_log_dropped_note() - Report how many refusals did not fit.
 * @log: the log
 *
 * Return: a note, to be freed; NULL if all did.
 */
char *run_log_dropped_note(const struct run_log *log)
{
	if (!log->dropped)
		return NULL;
	return xasprintf("note: %llu more refusal%s not shown",
			 (unsigned long long)log->dropped,
			 log->dropped > 1 ? "s are" : " is");
}

/**
 * run_log_lost_note() - Report how many refusals may be missing.
 * @log: the log
 *
 * Return: a note, to be freed; NULL if none is.
 */
char *run_log_lost_note(const struct run_log *log)
{
	if (!log->lost)
		return NULL;
	return xasprintf("note: the log dropped up to %llu refusals "
			 "of this network namespace before they were read",
			 (unsigned long long)log->lost);
}

/**
 * run_log_free() - Free what was collected, and close the source.
 * @log: the log
 */
void run_log_free(struct run_log *log)
{
	reject_list_clear(&log->rejects);
	log_reader_free(&log->reader);
	source_close(log->reader.source);
}
