// SPDX-License-Identifier: GPL-2.0
/* The command that ends the processes that hold a socket. */

#include <netinet/in.h>
#include <stdlib.h>

#include "explain/stop_priv.h"
#include "lib/util.h"
#include "model/endpoint.h"

/* Maximum number of processes in one command. */
#define KILL_MAX 64

/* A process that must not be ended: in a container, pid 1 is any program. */
static bool has_init(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (sock->owners[i].pid == 1)
			return true;
	return false;
}

static const char *proto_option(const struct endpoint *ep)
{
	switch (endpoint_transport(ep)) {
	case IPPROTO_TCP:
		return "-t ";
	case IPPROTO_UDP:
		return "-u ";
	default:
		return "";
	}
}

/* Too many, or the list was cut short: query them when they are to be ended. */
static char *kill_listed(const struct context *ctx, const struct psock *sock)
{
	return xasprintf("portowner list %s%s-p %u%s --no-headings -o pid | "
			 "sort -u | xargs -r kill",
			 ctx->here ? "" : "-A ", proto_option(&sock->ep),
			 sock->ep.port, psock_is_passive(sock) ? "" : " -a");
}

/**
 * stop_kill_command() - The command that ends the owners of a socket.
 * @ctx: the context
 * @sock: the socket
 *
 * All of them, because the port is free only when the last one has closed it.
 *
 * Return: the command, to be freed; NULL if they cannot be ended like this.
 */
char *stop_kill_command(const struct context *ctx, const struct psock *sock)
{
	char *command = NULL, *longer;
	__u32 last = 0;
	size_t i;

	if (has_init(sock))
		return NULL;
	if (psock_processes(sock) > KILL_MAX || sock->owners_incomplete)
		return psock_is_passive(sock) ? kill_listed(ctx, sock) : NULL;
	for (i = 0; i < sock->n_owners; i++) {
		if (!sock->owners[i].pid || sock->owners[i].pid == last)
			continue;
		last = sock->owners[i].pid;
		longer = xasprintf("%s %u", command ? command : "kill", last);
		free(command);
		command = longer;
	}
	return command;
}
