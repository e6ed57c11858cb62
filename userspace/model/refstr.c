// SPDX-License-Identifier: GPL-2.0
/* Reference-counted strings. */

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "model/refstr.h"

/**
 * struct refstr - A reference-counted string.
 * @refs: number of references
 * @str: the string
 */
struct refstr {
	size_t refs;
	char str[];
};

static struct refstr *refstr_of(char *str)
{
	return (struct refstr *)(str - offsetof(struct refstr, str));
}

/**
 * refstr_new() - Copy a string.
 * @str: the string, or NULL
 *
 * Return: the copy, to be released by refstr_free(); NULL if @str is.
 */
char *refstr_new(const char *str)
{
	size_t size = str ? strlen(str) + 1 : 0;
	struct refstr *refstr;

	if (!str)
		return NULL;
	refstr = xcalloc(1, sizeof(*refstr) + size);
	refstr->refs = 1;
	memcpy(refstr->str, str, size);
	return refstr->str;
}

/**
 * refstr_share() - Take a further reference to a string.
 * @refstr: from refstr_new(), or NULL
 *
 * Return: the same, to be released once more.
 */
char *refstr_share(char *refstr)
{
	if (refstr)
		refstr_of(refstr)->refs++;
	return refstr;
}

/**
 * refstr_free() - Release a reference; the last one frees the string.
 * @refstr: from refstr_new(), or NULL
 */
void refstr_free(char *refstr)
{
	if (refstr && !--refstr_of(refstr)->refs)
		free(refstr_of(refstr));
}
