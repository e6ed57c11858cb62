// SPDX-License-Identifier: GPL-2.0

#include <json-c/json.h>
#include <locale.h>

#include "escape.h"
#include "unit.h"

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
		assert_string_equal(json_object_get_string(back), valid);
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

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(text_plain),
		cmocka_unit_test(text_controls),
		cmocka_unit_test(text_utf8),
		cmocka_unit_test(text_invalid),
		cmocka_unit_test(text_ascii_locale),
		cmocka_unit_test(utf8_kept),
		cmocka_unit_test(utf8_invalid),
		cmocka_unit_test(json_of_any_bytes),
		cmocka_unit_test(json_controls),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("escape", tests, NULL, NULL);
}
