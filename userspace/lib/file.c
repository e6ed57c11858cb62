// SPDX-License-Identifier: GPL-2.0
/* Files of our own. */

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
 * file_replace() - Replace a file as a whole.
 * @path: the file, in a directory that nobody else writes to
 * @text: what it shall have
 * @len: how many bytes
 * @mode: its permissions
 *
 * Whoever reads it finds the old one or the new one.
 *
 * Return: true if it is done; errno says why not.
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
