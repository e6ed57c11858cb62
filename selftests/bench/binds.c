// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of bind() while other bound sockets exist: the median of the call,
 * which is the call alone, the 99th percentile, and the mean for a socket that is
 * created, bound and closed, with all work caused by that.
 * Usage: binds NAME LIVE...; lines of "m NAME.live.PROTO.WHAT LIVE VALUE".
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/die.h"
#include "ticks.h"

#define ROUNDS	4000
#define MANY	20000
#define PORT	9000

#define FIRST_PORT	2000
#define PORTS		60000

static __u64 samples[ROUNDS];

static int bound(int type, in_addr_t ip, int port, __u64 *took)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(ip),
	};
	int fd = socket(AF_INET, type, 0);
	__u64 then;

	if (fd < 0)
		die_errno("socket");
	then = ticks();
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die_errno("bind");
	*took = ticks() - then;
	return fd;
}

static void binds(int type, int rounds)
{
	__u64 took;

	while (rounds-- > 0)
		close(bound(type, INADDR_LOOPBACK, PORT, &took));
}

static void measure(const char *name, const char *proto, int type, int live)
{
	int i, many = live > MANY / 4 ? 4 * live : MANY;
	int *fds = calloc(live + 1, sizeof(*fds));
	__u64 took, then;

	if (!fds)
		die("no memory");
	for (i = 0; i < live; i++)
		fds[i] = bound(type, INADDR_LOOPBACK + 1 + i / PORTS,
			       FIRST_PORT + i % PORTS, &took);
	/* Let the work caused by those finish first. */
	binds(type, ROUNDS + live);
	then = ticks();
	binds(type, many);
	printf("m %s.live.%s.all %d %llu\n", name, proto, live,
	       (ticks() - then) / many);
	for (i = 0; i < ROUNDS; i++)
		close(bound(type, INADDR_LOOPBACK, PORT, &samples[i]));
	qsort(samples, ROUNDS, sizeof(*samples), compare_ticks);
	printf("m %s.live.%s.median %d %llu\n", name, proto, live,
	       samples[ROUNDS / 2]);
	printf("m %s.live.%s.p99 %d %llu\n", name, proto, live,
	       samples[ROUNDS * 99 / 100]);
	fflush(stdout);
	for (i = 0; i < live; i++)
		close(fds[i]);
	free(fds);
}

int main(int argc, char **argv)
{
	const struct rlimit files = { 100000, 100000 };
	int i;

	if (argc < 3)
		die("usage: binds NAME LIVE...");
	if (setrlimit(RLIMIT_NOFILE, &files))
		die_errno("RLIMIT_NOFILE");
	for (i = 2; i < argc; i++) {
		measure(argv[1], "tcp", SOCK_STREAM, atoi(argv[i]));
		measure(argv[1], "udp", SOCK_DGRAM, atoi(argv[i]));
	}
	return 0;
}
