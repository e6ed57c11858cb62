// SPDX-License-Identifier: GPL-2.0
/*
 * portowner run: run a command, then report its refused binds.
 *
 * stdout belongs to the command. The report goes to stderr or a file or, as
 * diagnostics between its lines, to stdout.
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/run_ktap.h"
#include "cmd/run_log.h"
#include "lib/host.h"
#include "lib/host_netns.h"
#include "lib/progress.h"
#include "print/phrase.h"

/* Polling interval for users who may not follow the log. */
#define POLL_MS		250

/**
 * struct run - State of the command.
 * @options: the command line
 * @columns: columns of the table
 * @file: where the report goes, or NULL for stderr
 * @child: CMD
 * @log: refusals of CMD and its descendants
 * @ktap: output of CMD, if diagnostics go between its lines
 * @has_ktap: they do
 */
struct run {
	const struct options *options;
	struct columns columns;
	FILE *file;
	struct child child;
	struct run_log log;
	struct run_ktap ktap;
	bool has_ktap;
};

static int timeout_of(const struct run *run)
{
	if (run->log.failure)
		return -1;
	if (source_events_fd(run->log.reader.source) < 0)
		return POLL_MS;
	return LOOK_MS;
}

/* Wait for output, an event, a signal, or the time to read again. */
static int wait_once(struct run *run)
{
	struct source *source = run->log.reader.source;
	struct pollfd fds[] = {
		{ .fd = run->child.signals, .events = POLLIN },
		{ .fd = run->log.failure ? -1 : source_events_fd(source),
		  .events = POLLIN },
		{ .fd = run->has_ktap ? run->ktap.in : -1, .events = POLLIN },
	};

	if (poll(fds, ARRAY_SIZE(fds), timeout_of(run)) < 0 && errno != EINTR)
		return complain(STATUS_FAILED, "cannot wait: %s",
				strerror(errno));
	if (fds[0].revents)
		child_signal(&run->child);
	if (fds[2].revents)
		run_ktap_read(&run->ktap);
	return fds[1].revents ? source_drain(source) : 0;
}

/* Wait for CMD even if the log fails. */
static void follow(struct run *run)
{
	int status;

	while (!run->child.ended) {
		status = wait_once(run);
		if (status)
			run_log_ends(&run->log, status);
		run_log_read(&run->log);
		if (run->has_ktap)
			run_ktap_write(&run->ktap, &run->child, &run->log);
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

/* Print to stdout, which ends up in @fd. */
static void print(struct run *run, int fd, int status)
{
	struct style style = options_style(run->options, fd);
	struct table *table;

	if (run->options->json) {
		print_run_json(&run->log.rejects, status);
		return;
	}
	/* Cannot fail: run_run() has checked --output. */
	rejects_columns(run->options, is_elsewhere(&run->log.rejects),
			&run->columns);
	table = table_new(&run->columns, &style);
	print_rejects_table(table, &run->log.rejects);
	table_free(table);
}

static void print_to_stderr(struct run *run, int status)
{
	int saved = dup(STDOUT_FILENO);

	dup2(STDERR_FILENO, STDOUT_FILENO);
	print(run, STDERR_FILENO, status);
	/* A failed write must not change the exit status, which is CMD's. */
	fflush(stdout);
	clearerr(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
}

static void print_to_file(struct run *run, int status)
{
	FILE *real = stdout;
	char *text;
	size_t len;

	stdout = phrase_open(&text, &len);
	print(run, fileno(run->file), status);
	fclose(stdout);
	stdout = real;
	fwrite(text, 1, len, run->file);
	free(text);
	if (fflush(run->file))
		complain(STATUS_FAILED, "cannot write %s: %s", run->options->file,
			 strerror(errno));
}

static void print_note(char *note)
{
	if (note)
		complain(STATUS_YES, "%s", note);
	free(note);
}

static void report(struct run *run, int status)
{
	bool quiet = run->options->quiet;

	reject_list_sort(&run->log.rejects);
	if (!quiet && !run->has_ktap) {
		print_note(run_log_dropped_note(&run->log));
		print_note(run_log_lost_note(&run->log));
	}
	if (run->file)
		print_to_file(run, status);
	else if (!quiet && (!run->has_ktap || run->options->json))
		print_to_stderr(run, status);
}

/* Exit status if CMD succeeded, but nothing may have been refused. */
static int verdict(const struct run_log *log)
{
	if (log->rejects.n)
		return STATUS_NO;
	if (log->failure)
		return log->failure;
	return log->lost ? STATUS_FAILED : STATUS_YES;
}

static int run_child(struct run *run)
{
	int status;

	status = child_start(&run->child, run->options->args);
	if (run->has_ktap)
		run_ktap_started(&run->ktap);
	if (status) {
		if (run->options->json)
			report(run, status);
		return status;
	}
	follow(run);
	/* CMD may have been refused something just before it ended. */
	if (run->has_ktap)
		run_ktap_end(&run->ktap, &run->child, &run->log);
	else
		run_log_read(&run->log);
	report(run, child_status(&run->child));
	status = child_end(&run->child);
	return status || !run->options->fail ? status : verdict(&run->log);
}

static int enter_netns(void)
{
	const char *cannot = netns_new();

	if (!cannot)
		return 0;
	/* An administrator who permits none sets a limit, hence ENOSPC. */
	if (errno == EPERM || errno == EACCES || errno == ENOSPC)
		return complain(STATUS_DENIED, "not permitted to %s: %s%s", cannot,
				strerror(errno), errno != ENOSPC ? "" :
				" (user.max_net_namespaces or user.max_user_namespaces)");
	return complain(STATUS_FAILED, "cannot %s: %s", cannot, strerror(errno));
}

/* Try all that may fail before CMD does anything. */
static int begin(struct run *run)
{
	const struct options *options = run->options;
	int status;

	if (options->file) {
		run->file = fopen(options->file, "we");
		if (!run->file)
			return complain(STATUS_FAILED, "cannot write %s: %s",
					options->file, strerror(errno));
	}
	/* The terminal belongs to the command. */
	progress_forbid();
	/* Orphaned descendants become our children, and so still count. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	status = run_log_begin(&run->log);
	run->has_ktap = options->ktap && !options->quiet;
	if (!status && run->has_ktap)
		status = run_ktap_begin(&run->ktap, &run->child);
	return status;
}

static int run_command(struct run *run)
{
	int status = source_open(&run->log.reader.source, run->options,
				 KNOWS_REFUSALS);

	if (!status)
		status = begin(run);
	if (!status)
		status = run_child(run);
	run_log_free(&run->log);
	return status;
}

static int run_run(const struct options *options)
{
	struct run *run = xcalloc(1, sizeof(*run));
	int status;

	run->options = options;
	status = rejects_columns(options, false, &run->columns);
	if (!status && options->new_netns)
		status = enter_netns();
	if (!status)
		status = run_command(run);
	if (run->file)
		fclose(run->file);
	free(run);
	return status;
}

enum {
	KEY_KTAP = OPTION_LONG_ONLY,
	KEY_FAIL,
	KEY_NETNS,
};

static int parse(struct options *o, int key, char *arg)
{
	switch (key) {
	case 'w':
		o->file = arg;
		break;
	case KEY_KTAP:
		o->ktap = true;
		break;
	case KEY_FAIL:
		o->fail = true;
		break;
	case KEY_NETNS:
		o->new_netns = true;
		break;
	}
	return 0;
}

static const struct option_set run_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "fail", KEY_FAIL, 0, 0,
		  "exit with 1 if something was refused though CMD succeeded", 0 },
		{ "ktap", KEY_KTAP, 0, 0,
		  "report as KTAP diagnostics between the lines of CMD", 0 },
		{ "netns", KEY_NETNS, 0, 0,
		  "run CMD in a new network namespace with only lo", 0 },
		{ "write", 'w', "FILE", 0,
		  "write the report to FILE instead of stderr", 0 },
		{ 0 }
	},
	.parse = parse,
};

const struct command cmd_run = {
	.name = "run",
	.run = run_run,
	.sets = (const struct option_set * const[]) {
		&run_options, &table_options, &time_options, NULL
	},
	.columns = reject_columns,
	.min_args = 1,
	.max_args = -1,
	.args_are_command = true,
	.args = "[--] CMD...",
	.summary = "run CMD, then report its refused binds",
	.help = "Run CMD, then report on stderr every bind() and listen() that the kernel\n"
		"refused to it or its descendants. Options after CMD belong to CMD.\n",
	.exits = "  N  the exit status of CMD; 128+N if signal N ended it, 127 if it was not\n"
		 "     found, 126 if it could not be run; 1 with --fail if it succeeded but was\n"
		 "     refused something; if CMD was not started:\n",
	.examples = "  portowner run make test\n"
		    "  portowner run -o +EXE -- ./server --port 8080\n"
		    "  portowner run --ktap ./run_kselftest.sh -c net\n"
		    "  portowner run --netns --fail make test\n",
};
