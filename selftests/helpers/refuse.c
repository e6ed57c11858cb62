// SPDX-License-Identifier: GPL-2.0
/*
 * Run a program to which a BPF program refuses something, for the shell tests:
 *
 *	refuse lsm HOOK ERRNO COMMAND [ARG]...
 *	refuse cgroup DIRECTORY ERRNO COMMAND [ARG]...
 *
 * HOOK is one of a security module, as socket_bind. DIRECTORY is that of a cgroup,
 * which the command joins, and in which binding IPv4 sockets is refused. With
 * ERRNO 0 that is EPERM by default. If the kernel cannot, the status is 4.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../lib/bpf.h"
#include "../lib/die.h"

#define CANNOT	4

/* The command runs in this process, so the program applies to it. */
static void by_lsm(const char *hook, int err)
{
	int link = bpf_lsm_refuse(hook, err);

	if (link < 0)
		exit(CANNOT);
	if (fcntl(link, F_SETFD, 0))
		die_errno("descriptor of the program");
}

static void by_cgroup(const char *path, int err)
{
	int cgroup = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int procs;

	if (cgroup < 0)
		die_errno(path);
	procs = openat(cgroup, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (procs < 0 || write(procs, "0", 1) != 1)
		die_errno("cgroup.procs");
	if (bpf_cgroup_refuse(cgroup, BPF_CGROUP_INET4_BIND, err) < 0)
		exit(CANNOT);
}

int main(int argc, char **argv)
{
	if (argc < 5)
		die("usage: refuse lsm|cgroup HOOK|DIRECTORY ERRNO COMMAND...");
	if (!strcmp(argv[1], "lsm"))
		by_lsm(argv[2], atoi(argv[3]));
	else
		by_cgroup(argv[2], atoi(argv[3]));
	execvp(argv[4], argv + 4);
	die_errno(argv[4]);
}
