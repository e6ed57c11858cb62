// SPDX-License-Identifier: GPL-2.0
/* What the tool reads of the machine itself. */

#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host.h"
#include "util.h"

/* A list of ports at its longest: every other one is in it. */
#define VALUE_ROOM	(256 * 1024)

static char *first_line(const char *path)
{
	char *value = NULL;
	ssize_t len = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

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
	char *value = first_line(path);

	free(path);
	return value;
}

/**
 * host_lsms() - Security modules that are active.
 *
 * Return: their names, separated by commas; to be freed. NULL if not known.
 */
char *host_lsms(void)
{
	return first_line("/sys/kernel/security/lsm");
}

/**
 * host_ifindex() - Number of a network device.
 * @device: its name, or its number
 *
 * Return: the number, or 0 if there is no such device.
 */
__u32 host_ifindex(const char *device)
{
	char name[IF_NAMESIZE];
	__u64 number;

	if (number_parse(device, strlen(device), 1, INT_MAX, &number) &&
	    if_indextoname(number, name))
		return number;
	return if_nametoindex(device);
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

/**
 * host_uid() - User that the kernel takes the tool for.
 *
 * Return: the effective user id.
 */
__u32 host_uid(void)
{
	return geteuid();
}
