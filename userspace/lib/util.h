/* SPDX-License-Identifier: GPL-2.0 */
/* Messages, exit statuses, strict numbers, and allocation that never fails. */
#ifndef PORTOWNER_UTIL_H
#define PORTOWNER_UTIL_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <linux/types.h>

#define PROGRAM		"portowner"

#define STRING(x)	#x
#define EXPAND(x)	STRING(x)
#define PROGRAM_VERSION	EXPAND(PORTOWNER_VERSION)

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#ifndef __printf
#define __printf(fmt, args) __attribute((__format__(printf, fmt, args)))
#endif

/**
 * enum status - Exit statuses of the tool.
 * @STATUS_YES: Yes, found, succeeded.
 * @STATUS_NO: The answer is no.
 * @STATUS_USAGE: Invalid command line.
 * @STATUS_DENIED: The module is not loaded, or permission was denied.
 * @STATUS_FAILED: Any other failure.
 */
enum status {
	STATUS_YES,
	STATUS_NO,
	STATUS_USAGE,
	STATUS_DENIED,
	STATUS_FAILED,
};

__printf(2, 3)
int complain(enum status status, const char *fmt, ...);
void write_output(const char *text, size_t len);
bool flush_output(void);
int finish_output(int status);

/* Three-way comparison, for qsort(). */
static inline int compare(__u64 a, __u64 b)
{
	return (a > b) - (a < b);
}

/* Both may be NULL. */
static inline bool text_equal(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool number_parse(const char *text, size_t len, __u64 min, __u64 max,
		  __u64 *out);

/* Room for a 64-bit number and a zero byte. */
#define NUMBER_ROOM	21
size_t number_format(char *buf, __u64 num);

void *xcalloc(size_t n, size_t size);
void *xrealloc(void *old, size_t size);
void *xgrow_full(void *old, size_t *room, size_t size);
char *xstrdup(const char *text);
char *xvasprintf(const char *fmt, va_list args);
__printf(1, 2)
char *xasprintf(const char *fmt, ...);

/**
 * xgrow() - Make room for one more element in an array.
 * @old: the array, or NULL
 * @used: elements in use
 * @room: elements allocated; updated
 * @size: size of one
 *
 * Return: the array, possibly moved.
 */
static inline void *xgrow(void *old, size_t used, size_t *room, size_t size)
{
	return used < *room ? old : xgrow_full(old, room, size);
}

#endif /* PORTOWNER_UTIL_H */
