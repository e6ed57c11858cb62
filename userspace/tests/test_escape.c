// SPDX-License-Identifier: GPL-2.0

#include <json-c/json.h>
#include <locale.h>

#include "lib/escape.h"
#include "tests/unit.h"

static void assert_text(const char *bytes, const char *expected)
{
	char *text = escape_text(bytes, strlen(bytes));

	assert_string_equal(text, expected);
	free(text);
}

static void assert_utf8(const char *bytes, const char *expected)
{
	char *text = escape_utf8(bytes, strlen(bytes));

	assert_string_equal(text, expected);
	free(text);
}

static void text_plain(void **state)
{
	(void)state;
	assert_text("", "");
	assert_text("nginx", "nginx");
	assert_text("(sd-pam)", "(sd-pam)");
	assert_text("a\"b'c", "a\"b'c");
}

static void text_controls(void **state)
{
	(void)state;
	assert_text("\033[31mred", "\\x1b[31mred");
	assert_text("a\nb\tc\rd\x7f", "a\\x0ab\\x09c\\x0dd\\x7f");
	assert_text("tmux: server", "tmux:\\x20server");
	assert_text("back\\x41", "back\\\\x41");
}

static void text_utf8(void **state)
{
	(void)state;
	assert_text("caf\xc3\xa9", "caf\xc3\xa9");
	/* A C1 control, a right-to-left override, a zero-width space. */
	assert_text("a\302\23331m", "a\\xc2\\x9b31m");
	assert_text("a\342\200\256b", "a\\xe2\\x80\\xaeb");
	assert_text("a\342\200\213b", "a\\xe2\\x80\\x8bb");
	/* A no-break space would look like two columns. */
	assert_text("a\302\240b", "a\\xc2\\xa0b");
}

/* Characters that are invisible, or that terminals treat differently. */
static const struct {
	__u32 first;
	__u32 last;
} hidden[] = {
	/* controls and blanks */
	{ 0, 0x20 }, { 0x7f, 0xa0 }, { 0x1680, 0x1680 }, { 0x2000, 0x200a },
	{ 0x2028, 0x2029 }, { 0x202f, 0x202f }, { 0x205f, 0x205f },
	{ 0x3000, 0x3000 },
	/* Default_Ignorable_Code_Point */
	{ 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
	{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f },
	{ 0x200b, 0x200f }, { 0x202a, 0x202e }, { 0x2060, 0x206f },
	{ 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff },
	{ 0xffa0, 0xffa0 }, { 0xfff0, 0xfff8 }, { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	/* other format controls, which terminals do not agree on */
	{ 0x600, 0x605 }, { 0x6dd, 0x6dd }, { 0x70f, 0x70f },
	{ 0x890, 0x891 }, { 0x8e2, 0x8e2 }, { 0xfff9, 0xfffb },
	{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
	/* blank: braille, an object, Egyptian, Khitan, a notehead */
	{ 0x2800, 0x2800 }, { 0xfffc, 0xfffc }, { 0x13441, 0x13442 },
	{ 0x16fe4, 0x16fe4 }, { 0x1d159, 0x1d159 },
	/* surrogates, private use, no characters */
	{ 0xd800, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0x40000, 0xdffff },
	{ 0xf0000, 0x10ffff },
	/* unassigned in the middle of scripts */
	{ 0x378, 0x379 }, { 0x530, 0x530 }, { 0x5ff, 0x5ff },
};

static bool is_hidden(__u32 code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hidden); i++)
		if (code >= hidden[i].first && code <= hidden[i].last)
			return true;
	return (code & 0xfffe) == 0xfffe;
}

/* Encoded as UTF-8, including invalid code points. */
static size_t encode(__u32 code, char *bytes)
{
	size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	size_t i;

	for (i = n - 1; i; i--) {
		bytes[i] = 0x80 | (code & 0x3f);
		code >>= 6;
	}
	bytes[0] = n == 1 ? code : (0xf0 << (4 - n)) | code;
	return n;
}

/* Every code point becomes itself if it is visible, else its escaped bytes. */
static void text_all_code_points(void **state)
{
	char bytes[4], escaped[17], *text;
	size_t i, n, plain = 0;
	__u32 code;

	(void)state;
	for (code = 0; code <= 0x10ffff; code++) {
		n = encode(code, bytes);
		for (i = 0; i < n; i++)
			sprintf(escaped + 4 * i, "\\x%02x",
				(unsigned char)bytes[i]);
		text = escape_text(bytes, n);
		if (strlen(text) == n && !memcmp(text, bytes, n)) {
			plain++;
			if (is_hidden(code) || code == '\\')
				fail_msg("U+%04X is not escaped", code);
		} else if (code == '\\') {
			assert_string_equal(text, "\\\\");
		} else {
			assert_string_equal(text, escaped);
		}
		free(text);
	}
	/* The number of letters, marks, numbers and symbols in Unicode 14. */
	assert_true(plain > 144000);
}

/* Characters of many scripts, with marks, wide ones, and pictures. */
static void text_of_all_scripts(void **state)
{
	static const char * const texts[] = {
		"na\u00efve", "\u03b1\u03b2\u03b3", "\u043f\u043e\u0440\u0442",
		"\u05e9\u05c1\u05dc\u05d5\u05dd", "\u0645\u064f\u0646\u0641\u0630",
		"\u0939\u093f\u0928\u094d\u0926\u0940", "\u0e1e\u0e2d\u0e23\u0e4c\u0e15",
		"\u1019\u103c\u1014\u103a\u1019\u102c", "\u1230\u120b\u121d",
		"\u6f22\u5b57", "\u30dd\u30fc\u30c8", "\ud3ec\ud2b8",
		"\u1112\u1161\u11ab", "e\u0301", "1\u20e3",
		"\U0001f600\U0001f44d\U0001f3fd", "\U0001f1e9\U0001f1ea",
		"\u20ac\u2260\u2192\u2713\u00ab\u00bb\u2026", "\ufffd", "\u2801",
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(texts); i++)
		assert_text(texts[i], texts[i]);
}

static void text_invalid(void **state)
{
	(void)state;
	assert_text("\xff\xfe", "\\xff\\xfe");
	assert_text("a\xc3", "a\\xc3");
	assert_text("\xc3(", "\\xc3(");
}

static void text_ascii_locale(void **state)
{
	(void)state;
	assert_non_null(setlocale(LC_CTYPE, "C"));
	assert_text("caf\xc3\xa9", "caf\\xc3\\xa9");
	assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void utf8_kept(void **state)
{
	(void)state;
	assert_utf8("", "");
	assert_utf8("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		    "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80");
	assert_utf8("a\nb\\c", "a\nb\\c");
}

#define FFFD	"\xef\xbf\xbd"

static void utf8_invalid(void **state)
{
	(void)state;
	assert_utf8("a\377b", "a" FFFD "b");
	assert_utf8("\xc3", FFFD);
	assert_utf8("\xe2\x82", FFFD FFFD);
	/* Overlong slash and NUL, a surrogate, beyond the last plane. */
	assert_utf8("\xc0\xaf", FFFD FFFD);
	assert_utf8("\xe0\x80\x80", FFFD FFFD FFFD);
	assert_utf8("\xed\xa0\x80", FFFD FFFD FFFD);
	assert_utf8("\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD);
	assert_utf8("\xf5", FFFD);
	assert_utf8("\x80", FFFD);
}

/*
 * json-c takes a pair of \uNNNN for the half of one if bits 11 to 15 of the
 * character are those of a surrogate.
 */
static bool is_read_wrong(const char *text)
{
	for (; *text; text++)
		if ((*text & 0xf0) == 0xf0 && (text[1] & 0xf) == 0xd &&
		    text[2] & 0x20)
			return true;
	return false;
}

/* All bytes but NUL, in any order: always valid JSON, never a control. */
static void json_of_any_bytes(void **state)
{
	struct json_object *object, *back;
	char bytes[64], *valid, *shown;
	size_t i, round, len;
	FILE *stream;

	(void)state;
	srandom(1);
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < sizeof(bytes) - 1; i++)
			bytes[i] = random() % 255 + 1;
		valid = escape_utf8(bytes, sizeof(bytes) - 1);
		object = json_object_new_string(valid);
		stream = open_memstream(&shown, &len);
		escape_json_print(stream, json_object_to_json_string(object));
		fclose(stream);
		for (i = 0; i < len; i++)
			assert_false((unsigned char)shown[i] < 0x20 ||
				     shown[i] == 0x7f);
		assert_null(strstr(shown, "\xc2\x9b"));
		back = json_tokener_parse(shown);
		assert_non_null(back);
		if (!is_read_wrong(valid))
			assert_string_equal(json_object_get_string(back),
					    valid);
		json_object_put(back);
		json_object_put(object);
		free(valid);
		free(shown);
	}
}

static void json_controls(void **state)
{
	char *shown;
	size_t len;
	FILE *stream = open_memstream(&shown, &len);

	(void)state;
	escape_json_print(stream, "\"a\xc2\x9b\xe2\x80\xae\xf3\xa0\x80\x81"
			  "\x7f\xc3\xa9\"");
	fclose(stream);
	assert_string_equal(shown,
			    "\"a\\u009b\\u202e\\udb40\\udc01\\u007f\xc3\xa9\"");
	free(shown);
}

static void json_all_code_points(void **state)
{
	char json[8] = "\"", *shown, expected[16];
	__u32 code;
	FILE *stream;
	size_t n, len;

	(void)state;
	for (code = ' '; code <= 0x10ffff; code++) {
		if (code == '"' || code == '\\' ||
		    (code >= 0xd800 && code < 0xe000))
			continue;
		n = encode(code, json + 1);
		strcpy(json + 1 + n, "\"");
		snprintf(expected, sizeof(expected),
			 code < 0x10000 ? "\"\\u%04x\"" : "\"\\u%04x\\u%04x\"",
			 code < 0x10000 ? code : 0xd7c0 + (code >> 10),
			 0xdc00 | (code & 0x3ff));
		stream = open_memstream(&shown, &len);
		escape_json_print(stream, json);
		fclose(stream);
		if (strcmp(shown, json))
			assert_string_equal(shown, expected);
		else if (code != ' ' && is_hidden(code))
			fail_msg("U+%04X is not escaped", code);
		free(shown);
	}
}

/* A message keeps its blanks, and whatever is already escaped. */
static void message(void **state)
{
	char *text = escape_line("'a\x1b[1m\n\\x1b' \xc3\xa9: no \xff \xe2\x80\xae");

	(void)state;
	assert_string_equal(text, "'a\\x1b[1m\\x0a\\x1b' \xc3\xa9: no \\xff \\xe2\\x80\\xae");
	free(text);
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(text_plain),
		cmocka_unit_test(text_controls),
		cmocka_unit_test(text_utf8),
		cmocka_unit_test(text_all_code_points),
		cmocka_unit_test(text_of_all_scripts),
		cmocka_unit_test(text_invalid),
		cmocka_unit_test(text_ascii_locale),
		cmocka_unit_test(message),
		cmocka_unit_test(utf8_kept),
		cmocka_unit_test(utf8_invalid),
		cmocka_unit_test(json_of_any_bytes),
		cmocka_unit_test(json_controls),
		cmocka_unit_test(json_all_code_points),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
