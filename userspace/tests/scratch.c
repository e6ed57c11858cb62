// SPDX-License-Identifier: GPL-2.0
/* A directory for a group of tests, and a file in it. */

#include <stdlib.h>
#include <unistd.h>

#include "lib/util.h"
#include "tests/scratch.h"

char *scratch_folder;
char *scratch_file;

int scratch_make(void **state)
{
	(void)state;
	scratch_folder = xstrdup("/tmp/portowner-audit-XXXXXX");
	if (!mkdtemp(scratch_folder))
		return 1;
	scratch_file = xasprintf("%s/audit.json", scratch_folder);
	return 0;
}

int scratch_remove(void **state)
{
	(void)state;
	unlink(scratch_file);
	rmdir(scratch_folder);
	free(scratch_file);
	free(scratch_folder);
	return 0;
}
