// SPDX-License-Identifier: GPL-2.0
/* What the tool reads of the machine itself. */

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "util.h"

/* A list of ports at its longest: every other one is in it. */
#define VALUE_ROOM	(256 * 1024)

/**
 * host_sysctl() - Value of a sysctl.
 * @name: path below /proc/sys
 *
 * Those of net are of the network namespace that the tool runs in.
 *
 * Return: the first line; to be freed. NULL if it cannot be read.
 */
char *host_sysctl(const char *name)
{
	char *path = xasprintf("/proc/sys/%s", name);
	char *value = NULL;
	ssize_t len = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	free(path);
	if (fd < 0)
		return NULL;
	value = xcalloc(VALUE_ROOM + 1, 1);
	/* The kernel gives a long list to one read only, and cuts it. */
	len = read(fd, value, VALUE_ROOM);
	close(fd);
	if (len < 0) {
		free(value);
		return NULL;
	}
	value[strcspn(value, "\n")] = '\0';
	return value;
}

/**
 * host_netns() - Network namespace that the tool runs in.
 *
 * Return: its inode number, or 0 if it is not known.
 */
__u32 host_netns(void)
{
	struct stat st;

	return stat("/proc/self/ns/net", &st) ? 0 : st.st_ino;
}
