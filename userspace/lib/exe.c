// SPDX-License-Identifier: GPL-2.0
/* Paths of executables, as the kernel reports them. */

#include <string.h>

#include "lib/exe.h"

/* Appended by the kernel if the file was deleted, or replaced by an upgrade. */
#define DELETED	" (deleted)"

/**
 * exe_name() - The name of an executable.
 * @exe: its path or name, or NULL
 *
 * Return: what follows the last slash, or NULL.
 */
const char *exe_name(const char *exe)
{
	const char *slash = exe ? strrchr(exe, '/') : NULL;

	return slash ? slash + 1 : exe;
}

/**
 * exe_len() - The length of a path without what the kernel appends to it.
 * @exe: path of an executable
 *
 * Return: number of bytes, which is less than strlen() if the file was deleted
 * or replaced.
 */
size_t exe_len(const char *exe)
{
	size_t len = strlen(exe), suffix = strlen(DELETED);

	if (len >= suffix && !strcmp(exe + len - suffix, DELETED))
		return len - suffix;
	return len;
}
