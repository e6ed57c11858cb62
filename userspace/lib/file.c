// SPDX-License-Identifier: GPL-2.0
/* Files written by the tool itself. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/util.h"

static bool write_to(int fd, const char *text, size_t len)
{
	ssize_t put;

	if (fd < 0)
		return false;
	put = write(fd, text, len);
	if (put >= 0 && (size_t)put < len)
		errno = ENOSPC;
	return !close(fd) && put >= 0 && (size_t)put == len;
}

/* A device or a pipe, such as /dev/null or /dev/stdout. */
static bool is_special(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

static bool replace(const char *path, const char *text, size_t len, mode_t mode)
{
	char *new = xasprintf("%s.new", path);
	int fd, err;
	bool done;

	/* What was left there would keep its permissions. */
	unlink(new);
	fd = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	done = write_to(fd, text, len) && !rename(new, path);
	err = errno;

	if (!done)
		unlink(new);
	errno = err;
	free(new);
	return done;
}

/**
 * file_replace() - Replace a file atomically.
 * @path: the file, in a directory that no one else writes to
 * @text: its new contents
 * @len: number of bytes
 * @mode: its permissions
 *
 * A reader sees either the old file or the new one. A symbolic link stays, and
 * what it leads to is replaced; a device or a pipe is written to.
 *
 * Return: true on success; otherwise errno is set.
 */
bool file_replace(const char *path, const char *text, size_t len, mode_t mode)
{
	char *target;
	bool done;

	if (is_special(path))
		return write_to(open(path, O_WRONLY | O_CLOEXEC), text, len);
	target = realpath(path, NULL);
	done = replace(target ? target : path, text, len, mode);
	free(target);
	return done;
}
