// SPDX-License-Identifier: GPL-2.0
/* Messages on stderr, and answers on stdout that must not be lost unnoticed. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "lib/progress.h"
#include "lib/util.h"

/* errno of the first failed write to stdout, or 0. */
static int output_err;

/**
 * write_output() - Write to stdout; keep an error as flush_output() does.
 * @text: what to write; after a failure, nothing of it may be left to fail
 *	again
 * @len: number of bytes
 */
void write_output(const char *text, size_t len)
{
	errno = 0;
	if (fwrite_unlocked(text, 1, len, stdout) != len && !output_err)
		output_err = errno ? errno : EIO;
}

/**
 * flush_output() - Flush stdout; finish_output() reports a failure.
 *
 * A stream remembers that it failed, but not why, and has nothing left that
 * could fail again.
 *
 * Return: true if everything printed so far was written.
 */
bool flush_output(void)
{
	errno = 0;
	if (!fflush(stdout) && !ferror(stdout))
		return true;
	if (!output_err)
		output_err = errno ? errno : EIO;
	return false;
}

/**
 * complain() - Report an error in one line on stderr.
 * @status: exit status of the caller
 * @fmt: printf format, without a newline; invisible characters are escaped
 *
 * Return: @status, for the caller to return.
 */
int complain(enum status status, const char *fmt, ...)
{
	char *text, *safe, *line;
	va_list args;

	progress_erase();
	flush_output();
	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	safe = escape_line(text);
	/* A single write keeps other output from coming in between. */
	line = xasprintf(PROGRAM ": %s\n", safe);
	fputs(line, stderr);
	free(line);
	free(safe);
	free(text);
	return status;
}

/**
 * finish_output() - Flush stdout, and report write errors.
 * @status: exit status on success
 *
 * A reader that went away is not an error; a full disk is.
 *
 * Return: @status or STATUS_FAILED.
 */
int finish_output(int status)
{
	if (flush_output() || output_err == EPIPE)
		return status;
	return complain(STATUS_FAILED, "cannot write: %s",
			strerror(output_err));
}
