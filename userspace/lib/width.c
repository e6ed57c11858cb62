// SPDX-License-Identifier: GPL-2.0
/* How wide text is on a terminal, where a character takes 0, 1 or 2 columns. */

#include <stdint.h>
#include <unistr.h>
#include <uniwidth.h>
#include <linux/types.h>

#include "lib/width.h"

/* In old encodings of East Asia even Greek letters are wide; in this not. */
#define ENCODING	"UTF-8"

/**
 * text_width() - Measure a text.
 * @text: visible characters in UTF-8, and blanks
 * @len: bytes
 *
 * Return: columns that it takes.
 */
size_t text_width(const char *text, size_t len)
{
	size_t width = SIZE_MAX;

	text_fit(text, len, &width);
	return width;
}

/**
 * text_fit() - Find out how much of a text has room.
 * @text: visible characters in UTF-8, and blanks
 * @len: bytes
 * @width: columns that there are; set to those that it takes, which may be one
 *	less if the next character is wide
 *
 * Return: bytes that have room; a mark is not parted from its letter.
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
