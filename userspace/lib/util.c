// SPDX-License-Identifier: GPL-2.0
/* Messages, exit statuses, strict numbers, and allocation that never fails. */

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

/**
 * number_parse() - Parse a decimal number that fills the whole text.
 * @text: text to parse
 * @len: its length
 * @min: lowest value allowed
 * @max: highest value allowed
 * @out: set to the number
 *
 * Signs, blanks, leading zeros and other bases are rejected.
 *
 * Return: true if it is valid.
 */
bool number_parse(const char *text, size_t len, __u64 min, __u64 max,
		  __u64 *out)
{
	__u64 value = 0;
	size_t i;

	if (!len || len > 20 || (len > 1 && text[0] == '0'))
		return false;
	for (i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return false;
		if (__builtin_mul_overflow(value, 10, &value) ||
		    __builtin_add_overflow(value, text[i] - '0', &value))
			return false;
	}
	if (value < min || value > max)
		return false;
	*out = value;
	return true;
}

/**
 * number_format() - Format a number in decimal.
 * @buf: NUMBER_ROOM bytes
 * @num: the number
 *
 * printf() takes ten times as long, and a long list has a million numbers.
 *
 * Return: number of digits; there is no zero byte after them.
 */
size_t number_format(char *buf, __u64 num)
{
	char digits[NUMBER_ROOM];
	size_t n = sizeof(digits);

	if (num < 10) {
		*buf = '0' + num;
		return 1;
	}
	do {
		digits[--n] = '0' + num % 10;
		num /= 10;
	} while (num);
	memcpy(buf, digits + n, sizeof(digits) - n);
	return sizeof(digits) - n;
}

static void *checked(void *memory)
{
	if (memory)
		return memory;
	/* complain() would allocate. */
	fputs(PROGRAM ": out of memory\n", stderr);
	exit(STATUS_FAILED);
}

/**
 * xcalloc() - calloc() that does not fail.
 * @n: number of elements
 * @size: size of one
 *
 * Return: zeroed memory.
 */
void *xcalloc(size_t n, size_t size)
{
	return checked(calloc(n, size));
}

/**
 * xrealloc() - realloc() that does not fail.
 * @old: memory, or NULL
 * @size: bytes wanted, not 0
 *
 * Return: the memory, possibly moved.
 */
void *xrealloc(void *old, size_t size)
{
	return checked(realloc(old, size));
}

/**
 * xgrow_full() - Slow path of xgrow(), for a full array.
 * @old: the array, or NULL
 * @room: elements allocated; updated
 * @size: size of one
 *
 * Return: the array, possibly moved.
 */
void *xgrow_full(void *old, size_t *room, size_t size)
{
	*room = *room ? *room * 2 : 4;
	return checked(reallocarray(old, *room, size));
}

/**
 * xstrdup() - strdup() that does not fail.
 * @text: what to copy; NULL gives NULL
 *
 * Return: the copy.
 */
char *xstrdup(const char *text)
{
	return text ? checked(strdup(text)) : NULL;
}

/**
 * xvasprintf() - vasprintf() that does not fail.
 * @fmt: printf format
 * @args: its arguments
 *
 * Return: the text; to be freed.
 */
char *xvasprintf(const char *fmt, va_list args)
{
	char *text = NULL;
	int len = vasprintf(&text, fmt, args);

	return checked(len < 0 ? NULL : text);
}

/**
 * xasprintf() - asprintf() that does not fail.
 * @fmt: printf format
 *
 * Return: the text; to be freed.
 */
char *xasprintf(const char *fmt, ...)
{
	va_list args;
	char *text;

	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	return text;
}
