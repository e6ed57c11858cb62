// SPDX-License-Identifier: GPL-2.0
/*
 * What a refused bind costs its caller, whatever others do: the highest of some.
 * Usage: refused RUNS WHAT SIZE, where WHAT is
 *   quiet    a listener in another process
 *   sockets  SIZE sockets on the port
 *   fds      SIZE descriptors elsewhere, and a reference in flight
 *   tables   SIZE threads with tables of their own, and a reference in flight
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../die.h"
#include "ticks.h"

#define PORT	9100

static struct sockaddr_in addr = { .sin_family = AF_INET };

static int bound(int type)
{
	int fd = socket(AF_INET, type, 0), on = 1;

	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof(on)) ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die_errno("bind");
	return fd;
}

/* A reference that no descriptor explains, so that the search never is done. */
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
	int fd;

	if (setrlimit(RLIMIT_NOFILE, &files))
		die_errno("setrlimit");
	if (!strcmp(what, "fds"))
		for (fd = open("/dev/null", 0); size > 0; size--)
			if (dup(fd) < 0)
				die_errno("dup");
	if (!strcmp(what, "sockets"))
		for (; size > 1; size--)
			bound(SOCK_DGRAM);
	fd = bound(SOCK_DGRAM);
	if (!strcmp(what, "fds") || !strcmp(what, "tables"))
		put_in_flight(fd);
	if (!strcmp(what, "tables"))
		start_tables(size);
}

static void start_holder(const char *what, long size)
{
	int ready[2];
	char byte;

	if (pipe(ready))
		die_errno("pipe");
	switch (fork()) {
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
}

static __u64 refusal(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	__u64 then;

	if (fd < 0)
		die_errno("socket");
	then = ticks();
	if (!bind(fd, (struct sockaddr *)&addr, sizeof(addr)) ||
	    errno != EADDRINUSE)
		die("not refused");
	then = ticks() - then;
	close(fd);
	return then;
}

int main(int argc, char **argv)
{
	int runs;

	if (argc != 4)
		die("usage: refused RUNS WHAT SIZE");
	inet_pton(AF_INET, "127.0.0.1", &addr.sin_addr);
	addr.sin_port = htons(PORT);
	start_holder(argv[2], atol(argv[3]));
	for (runs = atoi(argv[1]); runs > 0; runs--)
		printf("%llu\n", refusal());
	return 0;
}
