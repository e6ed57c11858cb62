// SPDX-License-Identifier: GPL-2.0
/*
 * A host with many established TCP sockets: each process listens on an address
 * of its own and connects to itself. Both ends of a connection are sockets of
 * this host. Usage: conns PROCESSES SOCKETS_EACH PORT
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../lib/die.h"
#include "hold.h"

static void connect_to(int listener)
{
	struct sockaddr_storage addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (getsockname(listener, (struct sockaddr *)&addr, &len))
		die_errno("getsockname");
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, len))
		die_errno("connect");
	if (accept(listener, NULL, NULL) < 0)
		die_errno("accept");
}

int main(int argc, char **argv)
{
	int i, processes, sockets, port, listener;
	char ip[32];

	if (argc != 4)
		die("usage: conns PROCESSES SOCKETS_EACH PORT");
	processes = atoi(argv[1]);
	sockets = atoi(argv[2]);
	port = atoi(argv[3]);

	hold_init(sockets);
	for (i = 0; i < processes; i++) {
		if (!hold_start())
			continue;
		snprintf(ip, sizeof(ip), "127.1.%d.1", i & 255);
		listener = tcp_listen(ip, port);
		for (; sockets >= 2; sockets -= 2)
			connect_to(listener);
		hold_ready();
	}
	hold_until_end(processes);
	return 0;
}
