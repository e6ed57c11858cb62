// SPDX-License-Identifier: GPL-2.0
/* portowner log: refused binds, past and as they happen. */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/cmd.h"
#include "cmd/log_journal.h"
#include "cmd/open.h"
#include "cmd/stop.h"
#include "lib/host.h"
#include "lib/host_journal.h"
#include "lib/time_fmt.h"
#include "model/target.h"
#include "source/log_reader.h"

/*
 * Pause between two reads of the log for the journal: a refusal repeated over
 * and over makes one entry per pause, with a count.
 */
#define JOURNAL_PAUSE_MS	1000

enum {
	KEY_SINCE = OPTION_LONG_ONLY,
	KEY_JOURNAL,
};

/**
 * struct log - State of the command.
 * @options: the command line
 * @target: the only wanted target, or NULL
 * @clock: clock setting at the start, when --since was parsed
 * @table: table of rejects, unless printed as JSON
 * @reader: reads the log
 * @journal: destination of rejects with --journal
 */
struct log {
	const struct options *options;
	const struct target *target;
	__s64 clock;
	struct table *table;
	struct log_reader reader;
	struct log_journal journal;
};

const struct field * const reject_columns[] = { reject_fields, NULL };

/**
 * rejects_columns() - Choose the columns of a table of rejects.
 * @options: the command line
 * @all_netns: there may be rejects from several network namespaces
 * @columns: set to them
 *
 * Return: 0, or the exit status after reporting the error.
 */
int rejects_columns(const struct options *options, bool all_netns,
		    struct columns *columns)
{
	static const char standard[] =
		"NETNS,TIME,COUNT,OP,PROTO,ADDRESS,PORT,ERRNO,PROCESS,USER,RULE,CULPRIT";
	size_t skip = all_netns ? 0 : strlen("NETNS,");

	return columns_choose(columns, reject_columns, standard + skip,
			      options->columns);
}

static bool is_wanted(const struct reject *reject, const void *arg)
{
	const struct log *log = arg;

	if (time_fmt_then(reject->time_ns, reject->boot_ns, log->clock) <
		    log->options->since_ns ||
	    !filter_wants_reject(&log->options->filter, reject))
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

/* Counts all lost refusals: whether they were wanted is unknown. */
static void print_lost(const struct log *log)
{
	unsigned long long lost = log->reader.lost;

	if (lost && !log->options->quiet)
		complain(STATUS_YES,
			 "note: %llu refusal%s dropped before %s read", lost,
			 lost > 1 ? "s were" : " was",
			 lost > 1 ? "they were" : "it was");
}

static int print_new(struct log *log)
{
	struct reject_list list = { 0 };
	int status = log_reader_read(&log->reader, &list);

	if (!status) {
		print_lost(log);
		reject_list_keep(&list, is_wanted, log);
		if (log->options->journal) {
			status = log_journal_write(&log->journal, &list);
		} else {
			if (log->reader.query.all_netns)
				reject_list_sort(&list);
			print(log, &list);
		}
	}
	reject_list_clear(&list);
	return status;
}

/* Wait until it is time to read again, or to end. */
static void pause_journal(void)
{
	struct pollfd stop = { .fd = stop_fd(), .events = POLLIN };

	poll(&stop, 1, JOURNAL_PAUSE_MS);
}

/*
 * An upgrade reloads the module. All that it has logged by then is read; only a
 * signal to us, or the end of our output, ends the wait with success.
 */
static int wait_for_module(struct log *log, bool *back)
{
	struct source *source = log->reader.source;
	int status;

	source_note(source, "waiting until it is loaded again");
	status = source_rejoin(source, stop_fd(), back);
	if (status || !*back)
		return status;
	source_note(source, "the kernel module is loaded again");
	log_reader_restart(&log->reader);
	return 0;
}

static int read_next(struct log *log, bool *event)
{
	int timeout_ms = log->reader.query.all_netns ? LOOK_MS : -1;
	int status = source_wait(log->reader.source, stop_fd(), timeout_ms,
				 event);

	if (!status && *event)
		status = print_new(log);
	return status;
}

static int follow(struct log *log)
{
	bool event;
	int status;

	do {
		/* Refusals must not linger in our buffer. */
		if (!flush_output())
			return STATUS_YES;
		status = read_next(log, &event);
		while (status && source_is_gone(log->reader.source)) {
			status = wait_for_module(log, &event);
			if (!status && event)
				status = print_new(log);
		}
		if (!status && event && log->options->journal)
			pause_journal();
	} while (!status && event);
	return status;
}

static int join(struct log *log)
{
	int status = stop_on_signals();

	return status ? status :
	       source_join(log->reader.source, EVENT_REFUSAL,
			   log->reader.query.all_netns);
}

/* For people only, as in list: why something is not listed. */
static void say_missing(const struct log *log)
{
	const struct options *options = log->options;

	if (!options->style.terminal || options->json || options->quiet ||
	    options->journal)
		return;
	if (!source_sees_all(log->reader.source) && host_has_root())
		complain(STATUS_YES,
			 "note: only refusals of your own are shown, but root sees all");
	if (options->since_ns > time_fmt_now())
		complain(STATUS_YES,
			 "note: --since is a time in the future");
}

static int read_log(struct log *log)
{
	const struct options *options = log->options;
	int status = 0;

	log->reader.query.all_netns = options->filter.all_netns;
	if (options->journal)
		status = log_journal_open(&log->journal, &log->reader.cursor);
	if (!status)
		status = source_open(&log->reader.source, options,
				     KNOWS_REFUSALS);
	if (status)
		return status;
	/* ORDER: subscribe before reading, or a refusal may go unnoticed. */
	if (options->follow)
		status = join(log);
	if (!status)
		status = print_new(log);
	if (!status && options->journal)
		host_journal_ready();
	if (!status && options->follow)
		status = follow(log);
	else if (!status)
		say_missing(log);
	source_close(log->reader.source);
	return status;
}

static int parse_since(struct options *o, const char *arg)
{
	size_t digits = strspn(arg, "0123456789");

	/* An age of decades is a mistake. */
	if (digits >= strlen("1000000000") && !arg[digits])
		return complain(STATUS_USAGE,
				"--since '%s': did you mean @%s, seconds since 1970?",
				arg, arg);
	if (!time_fmt_parse(arg, time_fmt_now(), &o->since_ns))
		return complain(STATUS_USAGE,
				"--since '%s': must be a time such as %s", arg,
				"10m, 1h30m, today, 18:00, 2030-01-31, '2030-01-31 18:00' or @1900000000");
	return 0;
}

static int parse(struct options *o, int key, char *arg)
{
	switch (key) {
	case 'f':
		o->follow = true;
		break;
	case KEY_JOURNAL:
		o->journal = true;
		break;
	case KEY_SINCE:
		return parse_since(o, arg);
	}
	return 0;
}

static const struct option_set log_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "follow", 'f', 0, 0, "keep printing refusals as they happen",
		  0 },
		{ "journal", KEY_JOURNAL, 0, 0,
		  "write to the journal, instead of printing", 0 },
		{ "since", KEY_SINCE, "TIME", 0,
		  "only refusals since TIME: 10m (ago), today, 18:00, a date", 0 },
		{ 0 }
	},
	.parse = parse,
};

/* An empty log is not an error. */
static int run_log(const struct options *options)
{
	struct log log = { .options = options, .clock = time_fmt_clock() };
	struct columns columns;
	struct target target;
	int status;

	status = rejects_columns(options, options->filter.all_netns, &columns);
	if (!status && options->n_args) {
		status = options_target(options, options->args[0],
					target_parse_wanted, &target);
		log.target = &target;
	}
	if (status)
		return status;
	log.table = table_new(&columns, &options->style);
	status = read_log(&log);
	log_reader_free(&log.reader);
	log_journal_free(&log.journal);
	table_free(log.table);
	return status;
}

const struct command cmd_log = {
	.name = "log",
	.run = run_log,
	.sets = (const struct option_set * const[]) {
		&log_options, &refused_options, &proto_options,
		&table_options, &time_options, NULL
	},
	.columns = reject_columns,
	.max_args = 1,
	.args = "[TARGET]",
	.summary = "list refused binds, and what was in the way",
	.help = "List the binds that the kernel refused, oldest first: the process that was\n"
		"refused, the address and port it asked for, the rule that applied, and the\n"
		"process that was in the way. With TARGET, list only refusals that match it.\n",
	.exits = "  0  success, even if nothing is logged\n",
	.examples = "  portowner log --since 10m -f\n"
		    "  portowner log --since today 8000-8100\n"
		    "  portowner log tcp/8080 -o +EXE\n"
		    "  portowner log --unit nginx\n"
		    "  portowner log -f --json | jq -c '[.comm, .port, .rule]'\n",
};
