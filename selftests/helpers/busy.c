// SPDX-License-Identifier: GPL-2.0
/*
 * Keep the module busy for the shell tests, in this network namespace:
 *
 *	busy bind PORT [COUNT]	binds PORT and is refused it again and again
 *	busy exhaust		uses up the automatic range, and goes on asking
 *				for ports by connect(), sendto() and listen()
 *	busy dump		requests sockets, rejects and counters all the time,
 *				also while there is no module
 *	busy deaf		subscribes to refusals and never reads one
 *	busy stall		starts a dump that does not fit in its socket,
 *				and leaves it there
 *	busy early		starts such a dump as soon as there is a module, and
 *				reads on in the end
 *	busy unload		unloads the module in the first moment in which
 *				nobody uses it
 *
 * Prints "ready" when under way and goes on until there is something to read
 * on stdin, or does not look there and ends after COUNT refusals.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "../lib/die.h"
#include "../lib/pt.h"
#include "../lib/sock.h"

static int finished(void)
{
	struct pollfd pfd = { .fd = 0, .events = POLLIN };

	return poll(&pfd, 1, 0) == 1;
}

static void ready(void)
{
	puts("ready");
	fflush(stdout);
}

static void busy_bind(int port, int count)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);
	int n = 0;

	sock_listening("127.0.0.1", port);
	ready();
	do {
		if (sock_bind(fd, "127.0.0.1", port) != -EADDRINUSE)
			die("bind was not refused");
	} while (count ? ++n < count : !finished());
}

static void busy_exhaust(void)
{
	union sock_addr addr;
	socklen_t len = sock_addr(&addr, "127.0.0.1", 1);
	int stream = sock_new("127.0.0.1", SOCK_STREAM);
	int dgram = sock_new("127.0.0.1", SOCK_DGRAM);

	sysctl_write("ipv4/ip_local_port_range", "40000 40000");
	sock_bound("0.0.0.0", SOCK_STREAM, 40000);
	sock_bound("0.0.0.0", SOCK_DGRAM, 40000);
	ready();
	do {
		if (sock_connect(stream, "127.0.0.1", 1) != -EADDRNOTAVAIL ||
		    sendto(dgram, "x", 1, 0, &addr.sa, len) == 1 ||
		    sock_listen(stream) != -EADDRINUSE)
			die("a port was found");
	} while (!finished());
}

static void busy_dump(void)
{
	const struct pt_filter all = { .states = PT_ALL_STATES };
	struct nl nl;

	ready();
	while (!finished()) {
		if (nl_open(&nl))
			continue;
		pt_socks(&nl, &all);
		pt_rejects(&nl, 0);
		nl_close(&nl);
	}
}

static void await_input(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };

	if (poll(&input, 1, -1) < 0)
		die_errno("poll");
}

static void busy_deaf(void)
{
	struct nl nl;

	/* Until the module is there to subscribe to. */
	for (;;) {
		if (nl_open(&nl))
			continue;
		if (!nl_join(&nl))
			break;
		nl_close(&nl);
	}
	ready();
	await_input();
}

static void busy_stall(void)
{
	struct nl_msg msg;
	struct nl nl;
	int i;

	for (i = 0; i < 300; i++)
		sock_bound("127.0.0.1", SOCK_DGRAM, 0);
	if (nl_open(&nl))
		die("no portowner family");
	sock_set(nl.fd, SOL_SOCKET, SO_RCVBUF, 4096);
	nl_msg_init(&msg, &nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
	if (send(nl.fd, &msg, msg.hdr.nlmsg_len, 0) < 0)
		die_errno("send");
	ready();
	await_input();
}

static void busy_early(void)
{
	struct nl_msg msg;
	struct nl nl;

	ready();
	while (nl_open(&nl))
		if (finished())
			return;
	nl_msg_init(&msg, &nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
	nl_ask(&nl, &msg);
	await_input();
	nl_hear(&nl, NULL, NULL);
}

static void busy_unload(void)
{
	time_t end = time(NULL) + 180;

	while (syscall(SYS_delete_module, "portowner", O_NONBLOCK))
		if (errno != EAGAIN && errno != EBUSY)
			die_errno("delete_module");
		else if (time(NULL) > end)
			die("somebody uses the module all the time");
}

int main(int argc, char **argv)
{
	if (argc > 2 && !strcmp(argv[1], "bind"))
		busy_bind(atoi(argv[2]), argc > 3 ? atoi(argv[3]) : 0);
	else if (argc == 2 && !strcmp(argv[1], "exhaust"))
		busy_exhaust();
	else if (argc == 2 && !strcmp(argv[1], "dump"))
		busy_dump();
	else if (argc == 2 && !strcmp(argv[1], "deaf"))
		busy_deaf();
	else if (argc == 2 && !strcmp(argv[1], "stall"))
		busy_stall();
	else if (argc == 2 && !strcmp(argv[1], "early"))
		busy_early();
	else if (argc == 2 && !strcmp(argv[1], "unload"))
		busy_unload();
	else
		die("usage: busy %s",
		    "bind PORT [COUNT] | exhaust | dump | deaf | stall | early | unload");
	return 0;
}
