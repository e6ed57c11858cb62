// SPDX-License-Identifier: GPL-2.0
/* Strings that many have in common, kept as long as anybody has them. */

#include <stdlib.h>
#include <string.h>

#include "text.h"
#include "util.h"

/**
 * struct text - A string that is counted.
 * @refs: how many have it
 * @str: the string
 */
struct text {
	size_t refs;
	char str[];
};

static struct text *text_of(char *str)
{
	return (struct text *)(str - offsetof(struct text, str));
}

/**
 * text_new() - Copy a string.
 * @str: what to copy; NULL gives NULL
 *
 * Return: the copy, to be freed by text_free().
 */
char *text_new(const char *str)
{
	size_t size = str ? strlen(str) + 1 : 0;
	struct text *text;

	if (!str)
		return NULL;
	text = xcalloc(1, sizeof(*text) + size);
	text->refs = 1;
	memcpy(text->str, str, size);
	return text->str;
}

/**
 * text_share() - Have a string that another has.
 * @text: made by text_new(), or NULL
 *
 * Return: the same, to be freed once more.
 */
char *text_share(char *text)
{
	if (text)
		text_of(text)->refs++;
	return text;
}

/**
 * text_free() - Have a string no longer.
 * @text: made by text_new(), or NULL
 */
void text_free(char *text)
{
	if (text && !--text_of(text)->refs)
		free(text_of(text));
}
