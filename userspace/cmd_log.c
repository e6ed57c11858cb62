// SPDX-License-Identifier: GPL-2.0
/* portowner log: rejects so far, and as they happen. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "client.h"
#include "cmd.h"
#include "news.h"
#include "target.h"

/* How long what was printed may take to be read, when we are to end. */
#define GRACE_S	1

/* Readable when we are to end; handlers of signals have no other way. */
static int stop_fd = -1;

/**
 * struct log - A log that is being read.
 * @options: the command line
 * @target: only rejects of this, or NULL
 * @table: where to print, or NULL for JSON
 * @news: what was read
 */
struct log {
	const struct options *options;
	const struct target *target;
	struct table *table;
	struct news news;
};

static bool is_wanted(const struct reject *reject, const void *arg)
{
	const struct log *log = arg;

	if (reject->time_ns < log->options->since_ns ||
	    !filter_wants_endpoint(&log->options->filter, &reject->ep))
		return false;
	return !log->target || target_matches(log->target, &reject->ep);
}

static void print(const struct log *log, const struct reject_list *list)
{
	if (log->options->quiet)
		return;
	if (log->options->json && log->options->follow) {
		print_rejects_json_lines(list);
		return;
	}
	if (log->options->json) {
		print_rejects_json(list);
		return;
	}
	print_rejects_table(log->table, list);
}

/* Before anything is left out that is not wanted, or nobody could tell. */
static void print_lost(const struct log *log)
{
	unsigned long long lost = log->news.lost;

	if (lost && !log->options->quiet)
		complain(STATUS_YES,
			 "note: %llu refusal%s dropped before %s read", lost,
			 lost > 1 ? "s were" : " was",
			 lost > 1 ? "they were" : "it was");
}

static int print_news(struct log *log)
{
	struct reject_list list = { 0 };
	int status = news_read(&log->news, &list);

	if (!status) {
		print_lost(log);
		reject_list_keep(&list, is_wanted, log);
		if (log->news.query.all_netns)
			reject_list_sort(&list);
		print(log, &list);
	}
	reject_list_clear(&list);
	return status;
}

static void on_stop(int signal)
{
	int err = errno;

	(void)signal;
	eventfd_write(stop_fd, 1);
	alarm(GRACE_S);
	errno = err;
}

/* Ending a look at the log is no failure. */
static void on_alarm(int signal)
{
	(void)signal;
	_exit(STATUS_YES);
}

/*
 * A write() goes on after a signal, so that nothing is left half-printed; but
 * nobody may ever read what it waits to write.
 */
static int catch_signals(void)
{
	struct sigaction stop = { .sa_handler = on_stop,
				  .sa_flags = SA_RESTART };
	struct sigaction give_up = { .sa_handler = on_alarm };
	sigset_t signals;

	stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (stop_fd < 0)
		return -1;
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGALRM, &give_up, NULL);
	/* Who started us may have blocked them. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGALRM);
	return sigprocmask(SIG_UNBLOCK, &signals, NULL);
}

static int follow(struct log *log)
{
	int timeout_ms = log->news.query.all_netns ? LOOK_MS : -1;
	bool event;
	int status;

	do {
		/* Nobody may learn late of what is in our buffer. */
		if (!flush_output())
			return STATUS_YES;
		status = client_wait(log->news.client, stop_fd, timeout_ms,
				     &event);
		if (!status && event)
			status = print_news(log);
	} while (!status && event);
	return status;
}

static int join(struct log *log)
{
	if (catch_signals())
		return complain(STATUS_FAILED, "cannot catch signals: %s",
				strerror(errno));
	return client_join(log->news.client, log->news.query.all_netns);
}

static int run(struct log *log)
{
	const struct options *options = log->options;
	int status;

	log->news.query.all_netns = options->filter.all_netns;
	status = client_open(&log->news.client, options->quiet);
	if (status)
		return status;
	/* ORDER: joined before the first look, so that nothing falls between. */
	if (options->follow)
		status = join(log);
	if (!status)
		status = print_news(log);
	if (!status && options->follow)
		status = follow(log);
	news_free(&log->news);
	client_close(log->news.client);
	return status;
}

/**
 * cmd_log() - Print rejects.
 * @options: the command line
 *
 * Return: what to exit with; an empty log is no failure.
 */
int cmd_log(const struct options *options)
{
	struct log log = { .options = options };
	struct columns columns;
	struct target target;
	const char *why;
	int status;

	status = rejects_columns(options, options->filter.all_netns, &columns);
	if (status)
		return status;
	if (options->n_args) {
		if (!target_parse_wanted(&target, options->args[0], &why))
			return complain(STATUS_USAGE, "'%s': %s",
					options->args[0], why);
		log.target = &target;
	}
	log.table = table_new(&columns, &options->style);
	status = run(&log);
	table_free(log.table);
	return status;
}
