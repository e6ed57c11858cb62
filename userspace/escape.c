// SPDX-License-Identifier: GPL-2.0
/*
 * Untrusted bytes for a terminal, for a table and for JSON.
 *
 * A process chooses its name freely. It must not be able to move the cursor,
 * to turn the direction of the text, to forge a column, or to break JSON.
 */

#include <langinfo.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "escape.h"
#include "util.h"

/* Longest thing one input byte can become: "\xNN". */
#define ESCAPE_MAX	4

#define REPLACEMENT	"\xef\xbf\xbd"	/* U+FFFD */

static size_t utf8_length(unsigned char lead)
{
	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		return 2;
	if ((lead & 0xf0) == 0xe0)
		return 3;
	if (lead >= 0xf0 && lead <= 0xf4)
		return 4;
	return 0;
}

/* Decode one character; its length in bytes, or 0 if it is not valid. */
static size_t utf8_decode(const char *bytes, size_t len, __u32 *code)
{
	const unsigned char *b = (const unsigned char *)bytes;
	size_t i, n = utf8_length(b[0]);

	if (!n || n > len)
		return 0;
	if (n == 1) {
		*code = b[0];
		return 1;
	}
	*code = b[0] & (0x7f >> n);
	for (i = 1; i < n; i++) {
		if ((b[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (b[i] & 0x3f);
	}
	/* Overlong, surrogate, or beyond the last plane. */
	if ((n == 3 && *code < 0x800) || (n == 4 && *code < 0x10000) ||
	    (*code >= 0xd800 && *code <= 0xdfff) || *code > 0x10ffff)
		return 0;
	return n;
}

/* Controls, and characters that hide text or reorder it on the screen. */
static bool is_treacherous(__u32 code)
{
	if (code >= 0x20 && code < 0x7f)
		return false;
	return code < 0x20 || (code >= 0x7f && code <= 0x9f) ||
	       code == 0xad || code == 0x61c ||
	       (code >= 0x200b && code <= 0x200f) ||
	       (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2060 && code <= 0x206f) ||
	       code == 0xfeff || (code >= 0xfff9 && code <= 0xfffb) ||
	       (code >= 0xe0000 && code <= 0xe007f);
}

static bool is_printable(__u32 code, bool utf8)
{
	if (code == '\\' || is_treacherous(code))
		return false;
	if (code < 0x80)
		return code != ' ';
	if (code == 0xa0 || code == 0x2007 || code == 0x202f)
		return false;	/* blanks that the C library calls none */
	return utf8 && iswprint(code) && !iswspace(code) && wcwidth(code) >= 0;
}

/* How many bytes from the first on are plain: nearly always all of them. */
static size_t plain_length(const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] <= ' ' || bytes[i] >= 0x7f || bytes[i] == '\\')
			break;
	return i;
}

/**
 * escape_is_plain() - Do bytes stay as they are?
 * @bytes: the bytes
 * @len: how many
 *
 * Return: true if they are one word of ASCII, and nothing in it is escaped.
 */
bool escape_is_plain(const char *bytes, size_t len)
{
	return len && plain_length(bytes, len) == len;
}

/**
 * escape_text() - Untrusted bytes as one word of printable text.
 * @bytes: the bytes
 * @len: how many
 *
 * A byte that is not part of a printable character becomes \xNN, a blank too,
 * so that a name is always one field; a backslash is doubled, so that nothing
 * is lost. In a locale that is not UTF-8 only ASCII is printable.
 *
 * Return: the text; to be freed.
 */
char *escape_text(const char *bytes, size_t len)
{
	size_t i, n = plain_length(bytes, len);
	bool utf8 = n < len && !strcmp(nl_langinfo(CODESET), "UTF-8");
	char *text = xcalloc(len + 1, n < len ? ESCAPE_MAX : 1);
	char *out = mempcpy(text, bytes, n);
	__u32 code;

	bytes += n;
	len -= n;
	while (len) {
		n = utf8_decode(bytes, len, &code);
		if (n && is_printable(code, utf8)) {
			out = mempcpy(out, bytes, n);
		} else if (n && code == '\\') {
			out = stpcpy(out, "\\\\");
		} else {
			n = n ? n : 1;
			for (i = 0; i < n; i++)
				out += sprintf(out, "\\x%02x",
					       (unsigned char)bytes[i]);
		}
		bytes += n;
		len -= n;
	}
	*out = '\0';
	return text;
}

/**
 * escape_utf8() - Untrusted bytes as valid UTF-8.
 * @bytes: the bytes
 * @len: how many
 *
 * Each byte that is not part of a valid character becomes U+FFFD.
 *
 * Return: the text; to be freed.
 */
char *escape_utf8(const char *bytes, size_t len)
{
	size_t n = plain_length(bytes, len);
	char *text = xcalloc(len + 1, n < len ? sizeof(REPLACEMENT) - 1 : 1);
	char *out = mempcpy(text, bytes, n);
	__u32 code;

	bytes += n;
	len -= n;
	while (len) {
		n = utf8_decode(bytes, len, &code);
		if (n) {
			out = mempcpy(out, bytes, n);
		} else {
			out = stpcpy(out, REPLACEMENT);
			n = 1;
		}
		bytes += n;
		len -= n;
	}
	*out = '\0';
	return text;
}

/* One \uNNNN for each UTF-16 unit. */
static void print_code(FILE *out, __u32 code)
{
	if (code > 0xffff) {
		code -= 0x10000;
		fprintf(out, "\\u%04x\\u%04x", 0xd800 | code >> 10,
			0xdc00 | (code & 0x3ff));
	} else {
		fprintf(out, "\\u%04x", code);
	}
}

/**
 * escape_json_print() - Print JSON that also is harmless on a terminal.
 * @out: where
 * @json: valid JSON without line breaks, in UTF-8
 *
 * The JSON library escapes C0 controls only. Others can stand in strings
 * alone, where \uNNNN means the same.
 */
void escape_json_print(FILE *out, const char *json)
{
	const char *start = json;
	const char *end = json + strlen(json);
	__u32 code;
	size_t n;

	while (json < end) {
		if (*json >= ' ' && *json < 0x7f) {
			json++;
			continue;
		}
		n = utf8_decode(json, end - json, &code);
		if (n && is_treacherous(code)) {
			fwrite(start, 1, json - start, out);
			print_code(out, code);
			start = json + n;
		}
		json += n ? n : 1;
	}
	fwrite(start, 1, end - start, out);
}
