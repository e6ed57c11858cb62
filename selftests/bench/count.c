// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of a command from start to end, with its output discarded.
 * Usage: count RUNS CMD [ARG]…; one number per run. Many runs are preceded by
 * one that fills the caches and is not counted; expensive commands have few runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/die.h"
#include "ticks.h"

static __u64 run(char **argv)
{
	int status, null = open("/dev/null", O_RDWR | O_CLOEXEC);
	posix_spawn_file_actions_t actions;
	__u64 start;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, null, 0);
	posix_spawn_file_actions_adddup2(&actions, null, 1);
	posix_spawn_file_actions_adddup2(&actions, null, 2);

	start = ticks();
	errno = posix_spawnp(&pid, argv[0], &actions, NULL, argv, environ);
	if (errno)
		die_errno(argv[0]);
	if (waitpid(pid, &status, 0) < 0)
		die_errno("waitpid");
	start = ticks() - start;

	if (status)
		die("%s ended with wait status %#x", argv[0], status);
	posix_spawn_file_actions_destroy(&actions);
	close(null);
	return start;
}

int main(int argc, char **argv)
{
	int runs;

	if (argc < 3)
		die("usage: count RUNS CMD [ARG]...");
	runs = atoi(argv[1]);
	if (runs > 3)
		run(argv + 2);
	while (runs-- > 0)
		printf("%llu ", run(argv + 2));
	printf("\n");
	return 0;
}
