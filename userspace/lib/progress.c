// SPDX-License-Identifier: GPL-2.0
/*
 * Show the progress of long work on a terminal: one line on stderr, updated in
 * place after the first second, and erased before anything else is printed.
 */

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <linux/types.h>

#include "lib/progress.h"
#include "lib/util.h"

/* Work that ends sooner shows nothing. */
#define FIRST_MS	1000
#define AGAIN_MS	100

/* Room for a line with the longest number. */
#define LINE_ROOM	128

bool progress_allowed;

/* Nested work counts as part of the outer work. */
static unsigned int depth;
static __u64 begun_ms;
static __u64 shown_ms;
/* Columns to erase. */
static size_t shown_len;

static __u64 now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000ULL + ts.tv_nsec / 1000000;
}

/* The reader of a pipe may print on the same terminal. */
static bool is_pipe(int fd)
{
	struct stat st;

	return !fstat(fd, &st) &&
	       (S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode));
}

/**
 * progress_allow() - Show progress from now on, if stderr is a terminal and
 *	stdout is not a pipe.
 */
void progress_allow(void)
{
	progress_allowed = isatty(STDERR_FILENO) && !is_pipe(STDOUT_FILENO);
}

/**
 * progress_forbid() - Show nothing from now on.
 */
void progress_forbid(void)
{
	progress_erase();
	progress_allowed = false;
}

/**
 * progress_begin() - Begin work, which may consist of several parts.
 */
void progress_begin(void)
{
	if (!depth++ && progress_allowed)
		begun_ms = now_ms();
}

/**
 * progress_end() - End work that was begun.
 */
void progress_end(void)
{
	depth--;
	progress_erase();
}

/**
 * progress_erase() - Erase the progress line before other output.
 */
void progress_erase(void)
{
	char line[LINE_ROOM + 2];

	if (!shown_len)
		return;
	line[0] = '\r';
	memset(line + 1, ' ', shown_len);
	line[shown_len + 1] = '\r';
	fwrite(line, 1, shown_len + 2, stderr);
	fflush(stderr);
	shown_len = 0;
}

/* With thousands separators. */
static size_t put_number(char *out, size_t num)
{
	char digits[NUMBER_ROOM];
	size_t i, n = number_format(digits, num), len = 0;

	for (i = 0; i < n; i++) {
		if (i && (n - i) % 3 == 0)
			out[len++] = ',';
		out[len++] = digits[i];
	}
	out[len] = '\0';
	return len;
}

/* Can the line be rewritten in place? */
static bool fits(size_t len)
{
	struct winsize size;

	return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) || !size.ws_col ||
	       len < size.ws_col;
}

/**
 * progress_show() - Slow path of progress_count().
 * @what: what is being done
 * @done: items done so far
 */
void progress_show(const char *what, size_t done)
{
	char number[2 * NUMBER_ROOM], line[LINE_ROOM];
	size_t len, before = shown_len;
	__u64 time_ms;

	if (depth != 1)
		return;
	time_ms = now_ms();
	if (time_ms - begun_ms < FIRST_MS || time_ms - shown_ms < AGAIN_MS)
		return;
	put_number(number, done);
	len = snprintf(line, sizeof(line), PROGRAM ": %s: %s", what, number);
	if (len >= sizeof(line) || !fits(len))
		return;
	/* Overwrite the rest of a longer line. */
	fprintf(stderr, "\r%s%*s", line,
		before > len ? (int)(before - len) : 0, "");
	fflush(stderr);
	shown_len = before > len ? before : len;
	shown_ms = time_ms;
}
