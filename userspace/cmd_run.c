// SPDX-License-Identifier: GPL-2.0
/*
 * portowner run: run a command, then report the binds that it was refused.
 *
 * What we have to say goes to stderr: stdout belongs to the command.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "child.h"
#include "cmd.h"
#include "host.h"
#include "news.h"

/* Rejects that are remembered; a program may be refused for days. */
#define REJECTS_MAX	4096

/* How often the log is looked at by those who are not told of rejects. */
#define POLL_MS		250

/**
 * struct run - A command, and what it was refused.
 * @options: the command line
 * @columns: of the table
 * @child: the command
 * @news: the log
 * @rejects: what was refused
 * @dropped: how many were not remembered
 * @lost: how many the log dropped before we read them, at most
 * @known: number up to which those in the log were read, or counted as lost
 * @dropped_before: how many with a number it had dropped at the last look
 * @unrecorded_before: how many had got no record then
 * @deaf: the log cannot be read any more
 */
struct run {
	const struct options *options;
	struct columns columns;
	struct child child;
	struct news news;
	struct reject_list rejects;
	__u64 dropped;
	__u64 lost;
	__u64 known;
	__u64 dropped_before;
	__u64 unrecorded_before;
	bool deaf;
};

/**
 * struct account - What the log does not have, at a moment.
 * @numbered: number of the last refusal that ever had a record
 * @dropped: of these, those whose record was dropped
 * @last: highest number of one of them
 * @unrecorded: refusals that never had a record
 */
struct account {
	__u64 numbered;
	__u64 dropped;
	__u64 last;
	__u64 unrecorded;
};

static int take_account(struct run *run, struct account *account)
{
	struct counters counters;
	const __u64 *v = counters.v;
	int status;

	status = client_stats(run->news.client, &counters);
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
 * How many refusals after those that are known may have gone unread: numbers up
 * to the last one that was dropped, but for what was read; and no more than were
 * dropped since the last look.
 */
static __u64 gone(const struct run *run, const struct account *now,
		  const struct reject_list *read)
{
	__u64 n = now->last > run->known ? now->last - run->known : 0;
	__u32 netns = host_netns();
	size_t i;

	for (i = 0; i < read->n; i++)
		if (read->v[i].netns == netns && read->v[i].seq > run->known &&
		    read->v[i].seq <= now->last)
			n -= smaller(n, read->v[i].fresh);
	return smaller(n, now->dropped - run->dropped_before);
}

/* Remember what was read: of a record that is known, how often more. */
static void take(struct run *run, struct reject_list *list)
{
	struct reject *reject, *known;
	size_t i;

	for (i = 0; i < list->n; i++) {
		reject = &list->v[i];
		known = reject_list_find(&run->rejects, reject);
		reject->count = reject->fresh;
		if (known) {
			reject->count += known->count;
			reject_clear(known);
			*known = *reject;
		} else if (run->rejects.n < REJECTS_MAX) {
			*reject_list_add(&run->rejects) = *reject;
		} else {
			run->dropped += reject->count;
			reject_clear(reject);
		}
	}
	list->n = 0;
	reject_list_clear(list);
}

/*
 * Read what has come. What did since the last look, and is not in the log any
 * more, may have been lost.
 */
static int look(struct run *run)
{
	struct reject_list list = { 0 };
	struct account before = { 0 }, after = { 0 };
	int status;

	/*
	 * ORDER: counted after it was read, since what comes meanwhile pushes
	 * out what we have not read; and before, since we may not have read
	 * that.
	 */
	status = take_account(run, &before);
	if (!status)
		status = news_read(&run->news, &list);
	if (!status)
		status = take_account(run, &after);
	if (!status) {
		run->lost += gone(run, &after, &list) + after.unrecorded -
			     run->unrecorded_before;
		run->dropped_before = after.dropped;
		run->unrecorded_before = after.unrecorded;
		/* It is read in its order: none is left before the last. */
		run->known = larger(larger(before.numbered, after.last),
				    news_last(&run->news, host_netns()));
	}
	take(run, &list);
	return status;
}

/* Everything from now on that is ours or our descendants'. */
static int begin(struct run *run)
{
	struct client *client = run->news.client;
	int status;

	run->news.query.ancestor = getpid();
	run->news.query.all_netns = client_sees_all(client);
	client_can_join(client, run->news.query.all_netns);
	status = look(run);
	/* A process that had our number may have left some. */
	reject_list_clear(&run->rejects);
	run->dropped = 0;
	run->lost = 0;
	return status;
}

static int timeout_of(const struct run *run)
{
	if (run->deaf)
		return -1;
	if (client_events_fd(run->news.client) < 0)
		return POLL_MS;
	return LOOK_MS;
}

/* Wait for an event, a signal, or the time to look again. */
static int wait_once(struct run *run)
{
	struct pollfd fds[] = {
		{ .fd = run->child.signals, .events = POLLIN },
		{ .fd = run->deaf ? -1 : client_events_fd(run->news.client),
		  .events = POLLIN },
	};

	if (poll(fds, ARRAY_SIZE(fds), timeout_of(run)) < 0 && errno != EINTR)
		return complain(STATUS_FAILED, "cannot wait: %s",
				strerror(errno));
	if (fds[0].revents)
		child_signal(&run->child);
	return fds[1].revents ? client_drain(run->news.client) : 0;
}

/* The command goes on whatever becomes of us. */
static void follow(struct run *run)
{
	while (!run->child.ended) {
		if (wait_once(run) || (!run->deaf && look(run)))
			run->deaf = true;
	}
}

static bool is_elsewhere(const struct reject_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].netns != host_netns())
			return true;
	return false;
}

static void print(struct run *run)
{
	struct style style = options_style(run->options, STDERR_FILENO);
	struct table *table;

	if (run->options->json) {
		print_rejects_json(&run->rejects);
		return;
	}
	/* Those that were asked for were looked at in the beginning. */
	rejects_columns(run->options, is_elsewhere(&run->rejects),
			&run->columns);
	table = table_new(&run->columns, &style);
	print_rejects_table(table, &run->rejects);
	table_free(table);
}

static void print_notes(const struct run *run)
{
	if (run->dropped)
		complain(STATUS_YES, "note: %llu further refusals are not shown",
			 (unsigned long long)run->dropped);
	if (run->lost)
		complain(STATUS_YES, "note: the log dropped up to %llu "
				     "refusals of this network namespace "
				     "before they were read",
			 (unsigned long long)run->lost);
}

static void report(struct run *run)
{
	int saved;

	reject_list_sort(&run->rejects);
	if (run->options->quiet)
		return;
	print_notes(run);
	saved = dup(STDOUT_FILENO);
	dup2(STDERR_FILENO, STDOUT_FILENO);
	print(run);
	/* The status is that of the command, whether we are heard or not. */
	fflush(stdout);
	clearerr(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static int run_child(struct run *run)
{
	int status;

	status = child_start(&run->child, run->options->args);
	if (status)
		return status;
	follow(run);
	/* Once more, for what came last. */
	if (!run->deaf)
		look(run);
	report(run);
	return child_end(&run->child);
}

/**
 * cmd_run() - Run a command, and report what it was refused.
 * @options: the command line
 *
 * Return: what to exit with: the status of the command.
 */
int cmd_run(const struct options *options)
{
	struct run run = { .options = options };
	int status;

	status = rejects_columns(options, false, &run.columns);
	if (!status)
		status = client_open(&run.news.client, options->quiet);
	if (status)
		return status;
	/* Descendants that lose their parent stay ours. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	status = begin(&run);
	if (!status)
		status = run_child(&run);
	reject_list_clear(&run.rejects);
	news_free(&run.news);
	client_close(run.news.client);
	return status;
}
