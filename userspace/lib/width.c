// SPDX-License-Identifier: GPL-2.0
/* Width of a terminal, and of text on it, where a character takes 0, 1 or 2 columns. */

#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistr.h>
#include <uniwidth.h>
#include <linux/types.h>

#include "lib/util.h"
#include "lib/width.h"

/* Legacy East Asian encodings widen even Greek letters; this one does not. */
#define ENCODING	"UTF-8"

/* Of a terminal of unknown size. */
#define TERMINAL_WIDTH	80

/**
 * text_width() - Measure a text.
 * @text: visible characters in UTF-8, and blanks
 * @len: number of bytes
 *
 * Return: number of columns.
 */
size_t text_width(const char *text, size_t len)
{
	size_t width = SIZE_MAX;

	text_fit(text, len, &width);
	return width;
}

/**
 * text_fit() - Find out how much of a text fits.
 * @text: visible characters in UTF-8, and blanks
 * @len: number of bytes
 * @width: columns available; set to the columns used, which may be one less if
 *	the next character is wide
 *
 * Return: number of bytes that fit; a mark is not separated from its letter.
 */
size_t text_fit(const char *text, size_t len, size_t *width)
{
	const __u8 *bytes = (const __u8 *)text;
	size_t at, used = 0;
	ucs4_t code;
	int n, columns;

	for (at = 0; at < len; at += n) {
		n = u8_mbtouc(&code, bytes + at, len - at);
		columns = uc_width(code, ENCODING);
		if (columns <= 0)
			continue;
		if (used + columns > *width)
			break;
		used += columns;
	}
	*width = used;
	return at;
}

/**
 * terminal_width() - Width of the terminal that stdout is, or may be.
 *
 * Return: number of columns.
 */
size_t terminal_width(void)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	__u64 width;

	if (!ioctl(fileno(stdout), TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	if (columns && number_parse(columns, strlen(columns), 1, INT_MAX,
				    &width))
		return width;
	return TERMINAL_WIDTH;
}
