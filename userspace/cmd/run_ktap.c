// SPDX-License-Identifier: GPL-2.0
/*
 * Report refusals between the lines that a command prints.
 *
 * The command prints test results as KTAP, in which a line that begins with "#"
 * is a diagnostic. What a test was refused before it printed a line is reported
 * right before that line, and no line is torn.
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/run_ktap.h"
#include "lib/util.h"
#include "print/phrase.h"

static bool is_same_file(int a, int b)
{
	struct stat first, second;

	return !fstat(a, &first) && !fstat(b, &second) &&
	       first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}

/**
 * run_ktap_begin() - Redirect the output of a command to us.
 * @ktap: set to it
 * @child: the command, not started yet
 *
 * If stderr is the same file as stdout, it is redirected, too, so that their
 * lines stay in order.
 *
 * Return: 0 or the exit status.
 */
int run_ktap_begin(struct run_ktap *ktap, struct child *child)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) || fcntl(ends[0], F_SETFL, O_NONBLOCK))
		return complain(STATUS_FAILED, "cannot make a pipe: %s",
				strerror(errno));
	ktap->in = ends[0];
	ktap->command_end = ends[1];
	ktap->midline = false;
	ktap->deaf = false;
	ktap->len = 0;
	child->output = ktap->command_end;
	child->errors_too = is_same_file(STDOUT_FILENO, STDERR_FILENO);
	return 0;
}

/**
 * run_ktap_started() - The command was started, or could not be.
 * @ktap: its output
 */
void run_ktap_started(struct run_ktap *ktap)
{
	close(ktap->command_end);
}

static void stop_reading(struct run_ktap *ktap)
{
	if (ktap->in >= 0)
		close(ktap->in);
	ktap->in = -1;
}

/* The command notices when it writes, as it would without us. */
static void go_deaf(struct run_ktap *ktap)
{
	ktap->deaf = true;
	ktap->len = 0;
	stop_reading(ktap);
}

/* A single write that does not block; returns how much was written. */
static size_t put_some(struct run_ktap *ktap, const char *text, size_t len)
{
	ssize_t done = write(STDOUT_FILENO, text, len < PIPE_BUF ? len : PIPE_BUF);

	if (done > 0) {
		ktap->midline = text[done - 1] != '\n';
		return done;
	}
	if (done < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (done < 0 && errno != EPIPE)
		complain(STATUS_FAILED, "cannot write: %s", strerror(errno));
	go_deaf(ktap);
	return 0;
}

/* Time for a slow reader to read the rest after we were told to end. */
#define GRACE_MS	1000

/* Passes signals on while waiting for a slow reader. */
static void put(struct run_ktap *ktap, struct child *child, const char *text,
		size_t len)
{
	struct pollfd fds[] = {
		{ .fd = STDOUT_FILENO, .events = POLLOUT },
		{ .fd = child->signals, .events = POLLIN },
	};
	bool ending;
	size_t done;
	int ready;

	while (len && !ktap->deaf) {
		ending = child->ended && child->told_to_end;
		ready = poll(fds, ARRAY_SIZE(fds), ending ? GRACE_MS : -1);
		if (!ready)
			go_deaf(ktap);
		if (ready > 0 && fds[1].revents)
			child_signal(child);
		if (ready <= 0 || !fds[0].revents)
			continue;
		done = put_some(ktap, text, len);
		text += done;
		len -= done;
	}
}

static void put_remark(struct run_ktap *ktap, struct child *child,
		       const char *words)
{
	char *line = xasprintf("%s# " PROGRAM ": %s\n",
			       ktap->midline ? "\n" : "", words);

	put(ktap, child, line, strlen(line));
	free(line);
}

static void tell(struct run_ktap *ktap, struct child *child,
		 struct reject *reject)
{
	char *words = phrase_refusal(reject), *longer = NULL;

	if (reject->fresh > 1)
		longer = xasprintf("%s (%llu times)", words,
				   (unsigned long long)reject->fresh);
	put_remark(ktap, child, longer ? longer : words);
	reject->fresh = 0;
	free(longer);
	free(words);
}

/*
 * A repeated refusal is reported when the command has printed something: once
 * for all attempts since then.
 */
static void tell_news(struct run_ktap *ktap, struct child *child,
		      struct run_log *log, bool again)
{
	struct reject *reject;
	size_t i;

	for (i = 0; i < log->rejects.n; i++) {
		reject = &log->rejects.v[i];
		if (reject->fresh && (again || reject->fresh == reject->count))
			tell(ktap, child, reject);
	}
}

/**
 * run_ktap_read() - Read what the command has printed.
 * @ktap: its output, all of which has been passed on
 *
 * ORDER: read the log after this and before run_ktap_write(). Then it contains
 * all that was refused before that output.
 */
void run_ktap_read(struct run_ktap *ktap)
{
	ssize_t len;

	if (ktap->in < 0)
		return;
	len = read(ktap->in, ktap->text, sizeof(ktap->text));
	if (len > 0)
		ktap->len = len;
	else if (!len || (errno != EAGAIN && errno != EINTR))
		stop_reading(ktap);
}

/**
 * run_ktap_write() - Pass output on, preceded by the refusals.
 * @ktap: output of the command, perhaps empty
 * @child: the command
 * @log: its refusals
 */
void run_ktap_write(struct run_ktap *ktap, struct child *child,
		    struct run_log *log)
{
	const char *end = memchr(ktap->text, '\n', ktap->len);
	size_t begun = 0, len = ktap->len;

	/* The rest of a line whose beginning has been passed on. */
	if (ktap->midline)
		begun = end ? (size_t)(end + 1 - ktap->text) : len;
	put(ktap, child, ktap->text, begun);
	if (!ktap->midline)
		tell_news(ktap, child, log, len);
	put(ktap, child, ktap->text + begun, len - begun);
	ktap->len = 0;
}

static void put_note(struct run_ktap *ktap, struct child *child, char *note)
{
	if (note)
		put_remark(ktap, child, note);
	free(note);
}

/**
 * run_ktap_end() - Pass on the remaining output of a command that has ended.
 * @ktap: its output
 * @child: the command
 * @log: its refusals
 *
 * Its descendants may keep printing, but not into a pipe without a reader.
 */
void run_ktap_end(struct run_ktap *ktap, struct child *child,
		  struct run_log *log)
{
	int left = ktap->in < 0 ? 0 : fcntl(ktap->in, F_GETPIPE_SZ);

	while (left > 0) {
		run_ktap_read(ktap);
		if (!ktap->len)
			break;
		left -= ktap->len;
		run_log_read(log);
		run_ktap_write(ktap, child, log);
	}
	run_log_read(log);
	tell_news(ktap, child, log, true);
	put_note(ktap, child, run_log_dropped_note(log));
	put_note(ktap, child, run_log_lost_note(log));
	stop_reading(ktap);
}
