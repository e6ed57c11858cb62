// SPDX-License-Identifier: GPL-2.0
/* Strict numbers, and allocation that never fails. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

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
