// SPDX-License-Identifier: GPL-2.0
/*
 * Make untrusted bytes safe for terminals, tables and JSON.
 *
 * A process chooses its name freely. It must not be able to move the cursor,
 * reverse the direction of text, hide parts of it, forge a column, or break
 * JSON.
 */

#include <langinfo.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unictype.h>

#include "lib/escape.h"
#include "lib/util.h"

/* Longest output for one input byte: "\xNN". */
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

/* Decode one character. Returns its length in bytes, or 0 if it is invalid. */
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

/* Invisible characters in categories that count as visible. */
static bool is_blank(__u32 code)
{
	return code == 0x2800 ||	/* blank braille pattern */
	       code == 0xfffc ||	/* object replacement */
	       code == 0x13441 || code == 0x13442 ||	/* Egyptian blanks */
	       code == 0x16fe4 ||	/* Khitan filler */
	       code == 0x1d159;		/* null notehead */
}

/*
 * Only letters, marks, numbers, punctuation and symbols are visible. Blanks,
 * direction and other controls, and code points without a common meaning
 * (private use, unassigned) are not, nor are those that Unicode allows a
 * display to ignore, such as variation selectors and tags.
 */
static bool is_visible(__u32 code)
{
	static const __u32 categories =
		UC_CATEGORY_MASK_L | UC_CATEGORY_MASK_M | UC_CATEGORY_MASK_N |
		UC_CATEGORY_MASK_P | UC_CATEGORY_MASK_S;

	if (code < 0x7f)
		return code > ' ';
	return uc_is_general_category_withtable(code, categories) &&
	       !uc_is_property_default_ignorable_code_point(code) &&
	       !is_blank(code);
}

/* Length of the plain prefix, which is nearly always all of them. */
static size_t plain_length(const char *bytes, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (bytes[i] <= ' ' || bytes[i] >= 0x7f || bytes[i] == '\\')
			break;
	return i;
}

/**
 * escape_is_plain() - Do bytes need no escaping?
 * @bytes: the bytes
 * @len: how many
 *
 * Return: true if they are one ASCII word with nothing to escape.
 */
bool escape_is_plain(const char *bytes, size_t len)
{
	return len && plain_length(bytes, len) == len;
}

/* With @line, blanks and backslashes are kept. */
static char *escape(const char *bytes, size_t len, bool line)
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
		if (n && code == '\\' && !line) {
			out = stpcpy(out, "\\\\");
		} else if (n && (n == 1 || utf8) &&
			   (is_visible(code) || (line && code == ' '))) {
			out = mempcpy(out, bytes, n);
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
 * escape_text() - Untrusted bytes as one printable word.
 * @bytes: the bytes
 * @len: how many
 *
 * Each byte that is not part of a visible character becomes \xNN. Blanks do,
 * too, so that a name is always one field; backslashes are doubled, so that
 * nothing is lost. Outside UTF-8 locales only ASCII is visible.
 *
 * Return: the text; to be freed.
 */
char *escape_text(const char *bytes, size_t len)
{
	return escape(bytes, len, false);
}

/**
 * escape_line() - A message that contains untrusted words, as one line.
 * @text: the message, some words of which may be escaped already
 *
 * Like escape_text(), but blanks and backslashes are kept.
 *
 * Return: the line, without a line break; to be freed.
 */
char *escape_line(const char *text)
{
	return escape(text, strlen(text), true);
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
 * escape_json_print() - Print JSON that is also harmless on a terminal.
 * @out: output stream
 * @json: valid JSON without line breaks, in UTF-8
 *
 * The JSON library escapes C0 controls only. Other invisible characters can
 * occur only in strings, where \uNNNN means the same.
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
		if (n && !is_visible(code)) {
			fwrite(start, 1, json - start, out);
			print_code(out, code);
			start = json + n;
		}
		json += n ? n : 1;
	}
	fwrite(start, 1, end - start, out);
}

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@:._/+-"

/**
 * is_plain_word() - Is a text safe as an argument in a shell command?
 * @text: the text
 * @len: its length
 *
 * Return: true if no character is special to a shell, and it is not an option.
 */
bool is_plain_word(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!text[i] || !strchr(PLAIN, text[i]))
			return false;
	return len && text[0] != '-';
}
