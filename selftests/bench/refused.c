// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of a refused bind to its caller, whatever others do.
 * Usage: refused RUNS first|again WHAT SIZE: refusals with a record
 * each, or all in the same one. WHAT is
 *   quiet    a listener in another process
 *   sockets  SIZE sockets on the port
 *   fds      SIZE descriptors elsewhere, and a reference in flight
 *   tables   SIZE threads with tables of their own, and a reference in flight
 *   all      SIZE sockets, half as many such threads, and a reference in flight
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../lib/die.h"
#include "ticks.h"

#define PORT	9100

static struct sockaddr_in addr = { .sin_family = AF_INET };

/* On the wildcard, so that it is in the way of every address. */
static int bound(int type)
{
	int fd = socket(AF_INET, type, 0), on = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die_errno("bind");
	return fd;
}

/* A reference that no descriptor explains, so that the search never completes. */
static void put_in_flight(int fd)
{
	char room[CMSG_SPACE(sizeof(fd))] = "", byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
	int pair[2];

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) ||
	    sendmsg(pair[0], &msg, 0) != 1)
		die_errno("sendmsg");
}

static void *own_table(void *ready)
{
	if (unshare(CLONE_FILES))
		die_errno("unshare");
	pthread_barrier_wait(ready);
	pause();
	return NULL;
}

static void start_tables(long nr)
{
	static pthread_barrier_t ready;
	pthread_attr_t attr;
	pthread_t thread;
	long i;

	pthread_barrier_init(&ready, NULL, nr + 1);
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 65536);
	for (i = 0; i < nr; i++)
		if (pthread_create(&thread, &attr, own_table, &ready))
			die("pthread_create");
	pthread_barrier_wait(&ready);
}

static void hold(const char *what, long size)
{
	const struct rlimit files = { size + 64, size + 64 };
	bool all = !strcmp(what, "all"), tables = !strcmp(what, "tables");
	bool fds = !strcmp(what, "fds"), sockets = !strcmp(what, "sockets");
	long i;
	int fd;

	if (setrlimit(RLIMIT_NOFILE, &files))
		die_errno("setrlimit");
	fd = open("/dev/null", 0);
	for (i = 0; fds && i < size; i++)
		if (dup(fd) < 0)
			die_errno("dup");
	for (i = 1; (sockets || all) && i < size; i++)
		bound(SOCK_DGRAM);
	fd = bound(SOCK_DGRAM);
	if (fds || tables || all)
		put_in_flight(fd);
	if (tables || all)
		start_tables(all ? size / 2 : size);
}

static pid_t start_holder(const char *what, long size)
{
	int ready[2];
	pid_t holder;
	char byte;

	if (pipe(ready))
		die_errno("pipe");
	holder = fork();
	switch (holder) {
	case -1:
		die_errno("fork");
	case 0:
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		hold(what, size);
		if (write(ready[1], "", 1) != 1)
			die_errno("write");
		pause();
		_exit(1);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		die("the holder failed");
	return holder;
}

/* Interrupts of this machine, software interrupts, and switches between tasks. */
static __u64 interrupted(void)
{
	unsigned long long nr, sum = 0;
	FILE *stat = fopen("/proc/stat", "r");
	char line[8192];

	if (!stat)
		die_errno("/proc/stat");
	while (fgets(line, sizeof(line), stat))
		if (sscanf(line, "intr %llu", &nr) == 1 ||
		    sscanf(line, "softirq %llu", &nr) == 1 ||
		    sscanf(line, "ctxt %llu", &nr) == 1)
			sum += nr;
	fclose(stat);
	return sum;
}

/* The cost of a refusal to the caller, without interruptions. */
static __u64 refusal(bool again)
{
	static in_addr_t ip = INADDR_LOOPBACK;
	__u64 before, then;
	int fd;

	do {
		/* A different address makes it a different refusal. */
		addr.sin_addr.s_addr = htonl(again ? ip : ip++);
		fd = socket(AF_INET, SOCK_DGRAM, 0);
		if (fd < 0)
			die_errno("socket");
		before = interrupted();
		then = ticks();
		if (!bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
		    errno != EADDRINUSE)
			die("not refused");
		then = ticks() - then;
		close(fd);
	} while (interrupted() != before);
	return then;
}

int main(int argc, char **argv)
{
	pid_t holder;
	bool again;
	int runs;

	if (argc != 5)
		die("usage: refused RUNS first|again WHAT SIZE");
	addr.sin_port = htons(PORT);
	again = !strcmp(argv[2], "again");
	holder = start_holder(argv[3], atol(argv[4]));
	/* The first call of a process costs more, with or without the module. */
	refusal(again);
	for (runs = atoi(argv[1]); runs > 0; runs--)
		printf("%llu\n", refusal(again));
	/* The port is free for the next one when this has returned. */
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
	return 0;
}
