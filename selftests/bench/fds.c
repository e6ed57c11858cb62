// SPDX-License-Identifier: GPL-2.0
/*
 * A host with many open descriptors: every fourth a UDP socket without a port,
 * the others files, each opened on its own. Some of the processes, the first
 * and the last among them, listen, on the last of their descriptors; one more,
 * the last of all, inherited its listener from a process that is gone.
 * Usage: fds PROCESSES FDS_EACH LISTENERS FIRST_PORT
 */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/die.h"
#include "hold.h"

static void open_fds(int nr)
{
	int i, fd;

	for (i = 0; i < nr; i++) {
		if (i % 4)
			fd = open("/dev/null", O_RDWR);
		else
			fd = socket(AF_INET, SOCK_DGRAM, 0);
		if (fd < 0)
			die("descriptor %d of %d: %m", i, nr);
	}
}

/* The listener of process @i, or -1: they are spread from first to last. */
static int listener_of(int i, int processes, int listeners)
{
	int nr;

	if (listeners == 1)
		return i ? -1 : 0;
	nr = i * (listeners - 1) / (processes - 1);
	if (i && nr == (i - 1) * (listeners - 1) / (processes - 1))
		return -1;
	return nr;
}

static void orphan(int fds, int port)
{
	int listener;
	pid_t pid = fork();

	if (pid < 0)
		die_errno("fork");
	if (pid) {
		waitpid(pid, NULL, 0);
		return;
	}
	listener = tcp_listen("127.0.0.1", port);
	if (hold_start()) {
		open_fds(fds);
		/* Last, so that all others are read before it. */
		if (dup(listener) < 0)
			die_errno("dup");
		close(listener);
		hold_ready();
	}
	_exit(0);
}

int main(int argc, char **argv)
{
	int i, nr, processes, fds, listeners, port;

	if (argc != 5)
		die("usage: fds PROCESSES FDS_EACH LISTENERS FIRST_PORT");
	processes = atoi(argv[1]) - 1;
	fds = atoi(argv[2]);
	listeners = atoi(argv[3]);
	port = atoi(argv[4]);

	hold_init(fds);
	for (i = 0; i < processes; i++) {
		if (!hold_start())
			continue;
		nr = listener_of(i, processes, listeners);
		open_fds(fds - (nr >= 0));
		if (nr >= 0)
			tcp_listen("127.0.0.1", port + nr);
		hold_ready();
	}
	orphan(fds - 1, port + listeners);
	hold_until_end(processes + 1);
	return 0;
}
