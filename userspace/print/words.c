// SPDX-License-Identifier: GPL-2.0
/* Labelled facts, and text folded into lines. */

#include <stdio.h>
#include <string.h>

#include "lib/width.h"
#include "print/words.h"

/* Sentences are folded to this width if the terminal is no narrower. */
#define LINE_WIDTH	79
#define LINE_WIDTH_MIN	39
#define LABEL_WIDTH	10

/* The last column stays empty, since some terminals begin a new line after it. */
static size_t line_width(void)
{
	size_t width = terminal_width() - 1;

	if (width < LINE_WIDTH_MIN)
		return LINE_WIDTH_MIN;

	return width < LINE_WIDTH ? width : LINE_WIDTH;
}

/**
 * print_words() - Print text, folded at blanks.
 * @words: the text; untrusted bytes in it are escaped already
 * @indent: blanks before each line except the first
 * @column: where the first line begins
 */
void print_words(const char *words, size_t indent, size_t column)
{
	size_t len, width, used = column, line = line_width();

	for (; *words; words += len) {
		len = strcspn(words, " ");
		width = text_width(words, len);
		if (used > column && used + 1 + width > line) {
			printf("\n%*s", (int)indent, "");
			column = indent;
			used = indent;
		}
		if (used > column) {
			putchar(' ');
			used++;
		}
		printf("%.*s", (int)len, words);
		used += width;
		words += strspn(words + len, " ");
	}
	putchar('\n');
}

/**
 * print_fact() - Print a label and folded text.
 * @label: one word
 * @words: the text; untrusted bytes in it are escaped already
 */
void print_fact(const char *label, const char *words)
{
	int column = printf(INDENT "%-*s ", LABEL_WIDTH, label);

	print_words(words, column, column);
}
