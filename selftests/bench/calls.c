// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of system calls on sockets, one by one: the median, which is the call
 * alone, and the mean, which includes a part of everything else that is done. Work
 * done for binds later, by other tasks, shows in the mean of many sockets that are
 * created, bound and closed.
 * Usage: calls RUNS NAME; lines of "m NAME.call.median 0 RUN…".
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/die.h"
#include "ticks.h"

#define ROUNDS	4000
#define MANY	20000
#define PORT	9000

enum call {
	TCP_BIND,
	TCP_BIND_CLOSE,
	TCP_LISTEN,
	UDP_BIND,
	UDP_BIND_CLOSE,
	TCP_CONNECT,
	TCP_ACCEPT,
	TCP_SEND,
	TCP_RECV,
	TCP_CLOSE,
	TCP_CLOSE_RESET,
	UDP_AUTOBIND,
	UDP_SEND,
	NR_CALLS,
};

static const char * const names[NR_CALLS] = {
	[TCP_BIND] = "tcp-bind",
	[TCP_BIND_CLOSE] = "tcp-bind+close",
	[TCP_LISTEN] = "tcp-listen",
	[UDP_BIND] = "udp-bind",
	[UDP_BIND_CLOSE] = "udp-bind+close",
	[TCP_CONNECT] = "connect",
	[TCP_ACCEPT] = "accept",
	[TCP_SEND] = "send",
	[TCP_RECV] = "recv",
	[TCP_CLOSE] = "close",
	[TCP_CLOSE_RESET] = "close-reset",
	[UDP_AUTOBIND] = "udp-autobind",
	[UDP_SEND] = "udp-send",
};

static __u64 samples[NR_CALLS][ROUNDS];

static struct sockaddr_in addr = { .sin_family = AF_INET };

/* Time since *@then, which becomes now. */
static __u64 lap(__u64 *then)
{
	__u64 now = ticks(), passed = now - *then;

	*then = ticks();
	return passed;
}

static int new_socket(int type)
{
	int fd = socket(AF_INET, type, 0);

	if (fd < 0)
		die_errno("socket");
	return fd;
}

static void bind_to(int fd)
{
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		die_errno("bind");
}

static void bind_round(int type, int bind_call, int close_call, int i)
{
	int fd = new_socket(type);
	__u64 then = ticks();

	bind_to(fd);
	samples[bind_call][i] = lap(&then);
	if (type == SOCK_STREAM) {
		if (listen(fd, 1))
			die_errno("listen");
		samples[TCP_LISTEN][i] = lap(&then);
	}
	close(fd);
	samples[close_call][i] = samples[bind_call][i] + lap(&then);
}

static void connection_round(int listener, int i)
{
	int client = new_socket(SOCK_STREAM), child;
	struct linger linger = { .l_onoff = 1 };
	char buf[64] = "";
	__u64 then;

	/*
	 * One end closes as usual, the other resets the connection: so there is no
	 * TIME_WAIT, and each round finds the tables unchanged.
	 */
	setsockopt(client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	then = ticks();
	if (connect(client, (struct sockaddr *)&addr, sizeof(addr)))
		die_errno("connect");
	samples[TCP_CONNECT][i] = lap(&then);
	child = accept(listener, NULL, NULL);
	samples[TCP_ACCEPT][i] = lap(&then);
	if (child < 0 || send(client, buf, sizeof(buf), 0) != sizeof(buf))
		die_errno("send");
	samples[TCP_SEND][i] = lap(&then);
	if (recv(child, buf, sizeof(buf), 0) != sizeof(buf))
		die_errno("recv");
	samples[TCP_RECV][i] = lap(&then);
	close(child);
	samples[TCP_CLOSE][i] = lap(&then);
	close(client);
	samples[TCP_CLOSE_RESET][i] = lap(&then);
}

static void datagram_round(int receiver, int i)
{
	int fd = new_socket(SOCK_DGRAM);
	char buf[64] = "";
	int call;
	__u64 then;

	for (call = UDP_AUTOBIND; call <= UDP_SEND; call++) {
		then = ticks();
		if (sendto(fd, buf, sizeof(buf), 0, (struct sockaddr *)&addr,
			   sizeof(addr)) != sizeof(buf))
			die_errno("sendto");
		samples[call][i] = lap(&then);
		if (recv(receiver, buf, sizeof(buf), 0) != sizeof(buf))
			die_errno("recv");
	}
	close(fd);
}

static void measure(void)
{
	int i, listener, receiver;

	for (i = 0; i < ROUNDS; i++)
		bind_round(SOCK_STREAM, TCP_BIND, TCP_BIND_CLOSE, i);
	for (i = 0; i < ROUNDS; i++)
		bind_round(SOCK_DGRAM, UDP_BIND, UDP_BIND_CLOSE, i);

	listener = new_socket(SOCK_STREAM);
	receiver = new_socket(SOCK_DGRAM);
	bind_to(listener);
	bind_to(receiver);
	if (listen(listener, 16))
		die_errno("listen");
	for (i = 0; i < ROUNDS; i++)
		connection_round(listener, i);
	for (i = 0; i < ROUNDS; i++)
		datagram_round(receiver, i);
	close(receiver);
	close(listener);
}

static void binds(int type, int rounds)
{
	int fd;

	while (rounds-- > 0) {
		fd = new_socket(type);
		bind_to(fd);
		close(fd);
	}
}

/*
 * The cost of a bind with all work caused by it, and by what comes with it. Work
 * left by earlier binds is done here, but these leave as much.
 */
static __u64 many_binds(int type)
{
	__u64 then;

	binds(type, ROUNDS);
	then = ticks();
	binds(type, MANY);
	return (ticks() - then) / MANY;
}

static void print_runs(const char *name, const char *what, const __u64 *values,
		       int runs)
{
	int run;

	printf("m %s.%s 0", name, what);
	for (run = 0; run < runs; run++)
		printf(" %llu", values[run]);
	printf("\n");
}

int main(int argc, char **argv)
{
	__u64 medians[NR_CALLS][16], means[NR_CALLS][16], sum;
	__u64 tcp[16], udp[16];
	int runs = argc == 3 ? atoi(argv[1]) : 0;
	int call, run, i;
	char what[64];

	if (runs < 1 || runs > 16)
		die("usage: calls RUNS NAME");
	inet_pton(AF_INET, "127.0.0.1", &addr.sin_addr);
	addr.sin_port = htons(PORT);

	measure();
	for (run = 0; run < runs; run++) {
		tcp[run] = many_binds(SOCK_STREAM);
		udp[run] = many_binds(SOCK_DGRAM);
		measure();
		for (call = 0; call < NR_CALLS; call++) {
			for (sum = 0, i = 0; i < ROUNDS; i++)
				sum += samples[call][i];
			means[call][run] = sum / ROUNDS;
			qsort(samples[call], ROUNDS, sizeof(__u64), compare_ticks);
			medians[call][run] = samples[call][ROUNDS / 2];
		}
	}

	print_runs(argv[2], "tcp-bind.all", tcp, runs);
	print_runs(argv[2], "udp-bind.all", udp, runs);
	for (call = 0; call < NR_CALLS; call++) {
		snprintf(what, sizeof(what), "%s.median", names[call]);
		print_runs(argv[2], what, medians[call], runs);
		snprintf(what, sizeof(what), "%s.mean", names[call]);
		print_runs(argv[2], what, means[call], runs);
	}
	return 0;
}
