// SPDX-License-Identifier: GPL-2.0

#include <locale.h>

#include "lib/width.h"
#include "print/words.h"
#include "tests/unit.h"

static void assert_width(const char *text, size_t width)
{
	assert_int_equal(text_width(text, strlen(text)), width);
}

static void widths(void **state)
{
	(void)state;
	assert_width("", 0);
	assert_width("nginx", 5);
	assert_width("caf\u00e9", 4);
	assert_width("cafe\u0301", 4);
	assert_width("\u6f22\u5b57", 4);
	assert_width("\U0001f600", 2);
	/* a syllable of three letters */
	assert_width("\u1112\u1161\u11ab", 2);
	/* half a character, which is never printed */
	assert_width("a\xc3", 2);
}

static void assert_fit(const char *text, size_t room, const char *fits,
		       size_t width)
{
	size_t len = text_fit(text, strlen(text), &room);

	assert_int_equal(len, strlen(fits));
	assert_memory_equal(text, fits, len);
	assert_int_equal(room, width);
}

static void fits(void **state)
{
	(void)state;
	assert_fit("nginx", 10, "nginx", 5);
	assert_fit("nginx", 5, "nginx", 5);
	assert_fit("nginx", 3, "ngi", 3);
	assert_fit("nginx", 0, "", 0);
	assert_fit("\u6f22\u5b57", 4, "\u6f22\u5b57", 4);
	assert_fit("\u6f22\u5b57", 3, "\u6f22", 2);
	assert_fit("\u6f22\u5b57", 1, "", 0);
	/* A mark stays with its letter. */
	assert_fit("cafe\u0301s", 4, "cafe\u0301", 4);
	assert_fit("cafe\u0301s", 3, "caf", 3);
}

static void assert_printed(const char *words, size_t indent, size_t column,
			   const char *expected)
{
	FILE *real = stdout;
	char *printed;
	size_t len;

	fflush(stdout);
	stdout = open_memstream(&printed, &len);
	print_words(words, indent, column);
	fclose(stdout);
	stdout = real;
	assert_string_equal(printed, expected);
	free(printed);
}

#define WIDE_9	"\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22\u6f22"
#define MARKS_9	"e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301"
#define ASCII_9	"123456789"

static void folded(void **state)
{
	(void)state;
	assert_printed("", 2, 2, "\n");
	assert_printed("one two", 2, 2, "one two\n");
	/* 79 columns are filled, not 80. */
	assert_printed(ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " "
		       ASCII_9 " " ASCII_9 " " ASCII_9 " x", 0, 0,
		       ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " "
		       ASCII_9 " " ASCII_9 " " ASCII_9 "\nx\n");
	assert_printed(ASCII_9 " x", 4, 70, ASCII_9 "\n    x\n");
}

/* In half of a window, say; below 40 columns, nothing could be read. */
static void folded_on_narrow(void **state)
{
	(void)state;
	setenv("COLUMNS", "60", 1);
	assert_printed(ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " "
		       ASCII_9 " " ASCII_9, 2, 0,
		       ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " "
		       ASCII_9 "\n  " ASCII_9 "\n");
	setenv("COLUMNS", "10", 1);
	assert_printed(ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9, 2, 0,
		       ASCII_9 " " ASCII_9 " " ASCII_9 " " ASCII_9 "\n  " ASCII_9 "\n");
	setenv("COLUMNS", "200", 1);
	assert_printed(ASCII_9 " x", 4, 70, ASCII_9 "\n    x\n");
	unsetenv("COLUMNS");
}

/* As many columns as before, of other bytes. */
static void folded_by_width(void **state)
{
	(void)state;
	assert_printed(MARKS_9 " " MARKS_9 " " MARKS_9 " " MARKS_9 " " MARKS_9 " "
		       MARKS_9 " " MARKS_9 " " MARKS_9 " x", 0, 0,
		       MARKS_9 " " MARKS_9 " " MARKS_9 " " MARKS_9 " " MARKS_9 " "
		       MARKS_9 " " MARKS_9 " " MARKS_9 "\nx\n");
	assert_printed(WIDE_9 " " WIDE_9 " " WIDE_9 " " WIDE_9 " xx y", 2, 0,
		       WIDE_9 " " WIDE_9 " " WIDE_9 " " WIDE_9 " xx\n  y\n");
	assert_printed(WIDE_9 " " WIDE_9 " " WIDE_9 " " WIDE_9 " " WIDE_9, 2, 0,
		       WIDE_9 " " WIDE_9 " " WIDE_9 " " WIDE_9 "\n  " WIDE_9 "\n");
}

int main(void)
{
	const struct unit_case tests[] = {
		cmocka_unit_test(widths),
		cmocka_unit_test(fits),
		cmocka_unit_test(folded),
		cmocka_unit_test(folded_on_narrow),
		cmocka_unit_test(folded_by_width),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
