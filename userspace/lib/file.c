// SPDX-License-Identifier: GPL-2.0
/* Files written by the tool itself. */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
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

/* Is a file in a directory to which only root can write? */
static bool is_of_system(const char *path)
{
	char *copy = xstrdup(path);
	struct stat st;
	bool ours;

	ours = !stat(dirname(copy), &st) && !st.st_uid &&
	       !(st.st_mode & 022);
	free(copy);
	return ours;
}

static bool is_special(mode_t mode)
{
	return !S_ISREG(mode) && !S_ISDIR(mode) && !S_ISLNK(mode);
}

/*
 * Open a device or a pipe, such as /dev/null. A link to one, such as /dev/stdout,
 * is followed only where nobody else can have put it. Returns false if it is
 * neither; otherwise @fd is set, to -1 on failure.
 */
static bool open_special(const char *path, int *fd)
{
	int follow = O_NOFOLLOW;
	struct stat st;

	if (lstat(path, &st))
		return false;
	if (S_ISLNK(st.st_mode) && is_of_system(path) && !stat(path, &st))
		follow = 0;
	if (!is_special(st.st_mode))
		return false;
	*fd = open(path, O_WRONLY | O_CLOEXEC | follow);
	/* It may be another one by now. */
	if (*fd >= 0 && (fstat(*fd, &st) || !is_special(st.st_mode))) {
		close(*fd);
		*fd = -1;
		errno = EBUSY;
	}
	return true;
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
 * A reader sees either the old file or the new one. A symbolic link is replaced,
 * and what it leads to stays as it is; a device or a pipe is written to.
 *
 * Return: true on success; otherwise errno is set.
 */
bool file_replace(const char *path, const char *text, size_t len, mode_t mode)
{
	int fd;

	if (open_special(path, &fd))
		return write_to(fd, text, len);
	return replace(path, text, len, mode);
}
