// SPDX-License-Identifier: GPL-2.0
/* Security modules that can refuse a bind. */

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "explain/lsm.h"
#include "lib/host.h"
#include "lib/util.h"
#include "print/phrase.h"

static bool can_refuse(const char *name)
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
 * lsms_that_refuse() - List the active security modules that can refuse bind().
 *
 * Return: "apparmor, bpf", empty if there are none; to be freed. NULL if the
 * active ones are unknown.
 */
char *lsms_that_refuse(void)
{
	char *list = host_lsms(), *rest = list, *name, *text;
	size_t len, n = 0;
	FILE *out;

	if (!list)
		return NULL;
	out = phrase_open(&text, &len);
	while ((name = strsep(&rest, ",")))
		if (can_refuse(name))
			fprintf(out, "%s%s", n++ ? ", " : "", name);
	fclose(out);
	free(list);
	return text;
}
