// SPDX-License-Identifier: GPL-2.0
/* Files written by the tool itself. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/util.h"

static bool write_file(const char *path, const char *text, size_t len,
		       mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW,
		      mode);
	ssize_t put;

	if (fd < 0)
		return false;
	put = write(fd, text, len);
	if (put >= 0 && (size_t)put < len)
		errno = ENOSPC;
	return !close(fd) && put >= 0 && (size_t)put == len;
}

/**
 * file_replace() - Replace a file atomically.
 * @path: the file, in a directory that no one else writes to
 * @text: its new contents
 * @len: number of bytes
 * @mode: its permissions
 *
 * A reader sees either the old file or the new one.
 *
 * Return: true on success; otherwise errno is set.
 */
bool file_replace(const char *path, const char *text, size_t len, mode_t mode)
{
	char *new = xasprintf("%s.new", path);
	bool done = write_file(new, text, len, mode) && !rename(new, path);
	int err = errno;

	if (!done)
		unlink(new);
	errno = err;
	free(new);
	return done;
}
