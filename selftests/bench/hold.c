// SPDX-License-Identifier: GPL-2.0
/* Processes that hold descriptors until their fixture ends. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/die.h"
#include "hold.h"

/* Holders read here until the starter is gone. */
static int life[2];
/* Each holder writes a byte when it is ready. */
static int ready[2];

/**
 * hold_init() - prepare to start holders
 * @fds_max: descriptors that each may have
 */
void hold_init(int fds_max)
{
	struct rlimit limit = { fds_max + 64, fds_max + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		die_errno("RLIMIT_NOFILE");
	if (pipe(life) || pipe(ready))
		die_errno("pipe");
}

/**
 * hold_start() - start a holder
 *
 * Return: 0 in the starter, 1 in the holder.
 */
int hold_start(void)
{
	pid_t pid = fork();

	if (pid < 0)
		die_errno("fork");
	if (pid)
		return 0;
	close(life[1]);
	return 1;
}

/**
 * hold_ready() - hold what this process has; does not return
 */
void hold_ready(void)
{
	char byte = 0;

	if (write(ready[1], &byte, 1) != 1)
		die_errno("ready");
	if (read(life[0], &byte, 1))
		die_errno("life");
	_exit(0);
}

/**
 * hold_until_end() - wait until all holders are ready, print that, and stop them at the end
 * @processes: number of holders started
 */
void hold_until_end(int processes)
{
	char byte;
	int i;

	close(ready[1]);
	for (i = 0; i < processes; i++)
		if (read(ready[0], &byte, 1) != 1)
			die("holder %d of %d did not get ready", i, processes);
	printf("ready\n");
	fflush(stdout);
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	close(life[1]);
	while (wait(NULL) > 0)
		;
	/* Orphaned holders have the other end of this. */
	while (read(ready[0], &byte, 1) > 0)
		;
}

/**
 * tcp_listen() - listen on an IPv4 address
 * @ip: address
 * @port: port
 *
 * Return: the socket.
 */
int tcp_listen(const char *ip, int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	inet_pton(AF_INET, ip, &addr.sin_addr);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    listen(fd, 4096))
		die("listening on %s:%d: %m", ip, port);
	return fd;
}
