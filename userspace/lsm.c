// SPDX-License-Identifier: GPL-2.0
/* Security modules that may refuse a bind. */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "lsm.h"
#include "prose.h"
#include "util.h"

static bool has_say(const char *name)
{
	static const char * const lsms[] = {
		"apparmor", "bpf", "landlock", "selinux", "smack", "tomoyo",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(lsms); i++)
		if (!strcmp(lsms[i], name))
			return true;
	return false;
}

/**
 * lsms_with_say() - Active security modules that have a say in bind().
 *
 * Return: their names in words, empty if there is none; to be freed. NULL if it
 * is not known which are active.
 */
char *lsms_with_say(void)
{
	char *list = host_lsms(), *rest = list, *name, *text;
	size_t len, n = 0;
	FILE *out;

	if (!list)
		return NULL;
	out = prose_open(&text, &len);
	while ((name = strsep(&rest, ",")))
		if (has_say(name))
			fprintf(out, "%s%s", n++ ? ", " : "", name);
	fclose(out);
	free(list);
	return text;
}
