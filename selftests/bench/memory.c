// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel memory used for the actions of this program, in bytes.
 * Usage: memory bind NR    NR existing sockets get a port each
 *        memory reject NR  NR binds are refused, after 1000 uncounted ones
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/die.h"

#define FIRST_PORT	10000
#define PORTS		1000

static long free_bytes(void)
{
	FILE *file = fopen("/proc/meminfo", "r");
	long kib = -1;
	char line[128];

	while (file && kib < 0 && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemFree: %ld kB", &kib) != 1)
			kib = -1;
	if (kib < 0)
		die("no MemFree in /proc/meminfo");
	fclose(file);
	return kib * 1024;
}

static int new_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0)
		die_errno("socket");
	return fd;
}

static int bind_nth(int fd, int i)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(FIRST_PORT + i % PORTS),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + i / PORTS),
	};

	return bind(fd, (struct sockaddr *)&addr, sizeof(addr));
}

static long bind_all(int nr)
{
	struct rlimit limit = { nr + 64, nr + 64 };
	int i, *fds = calloc(nr, sizeof(*fds));
	long before;

	if (!fds || setrlimit(RLIMIT_NOFILE, &limit))
		die_errno("RLIMIT_NOFILE");
	for (i = 0; i < nr; i++)
		fds[i] = new_socket();
	before = free_bytes();
	for (i = 0; i < nr; i++)
		if (bind_nth(fds[i], i))
			die_errno("bind");
	before -= free_bytes();
	free(fds);
	return before;
}

static long reject_all(int nr)
{
	int fd = new_socket(), other = new_socket(), i;
	long before = 0;

	if (bind_nth(fd, 0))
		die_errno("bind");
	for (i = -1000; i < nr; i++) {
		if (!i)
			before = free_bytes();
		if (!bind_nth(other, 0) || errno != EADDRINUSE)
			die("bind number %d was not refused", i);
	}
	return before - free_bytes();
}

int main(int argc, char **argv)
{
	int nr = argc == 3 ? atoi(argv[2]) : 0;

	if (nr > 0 && !strcmp(argv[1], "bind"))
		printf("%ld\n", bind_all(nr));
	else if (nr > 0 && !strcmp(argv[1], "reject"))
		printf("%ld\n", reject_all(nr));
	else
		die("usage: memory bind|reject NR");
	return 0;
}
