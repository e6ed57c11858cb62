// SPDX-License-Identifier: GPL-2.0
/* The command that ends the processes that hold a socket. */

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "explain/advice.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/process.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "print/phrase.h"

/* Maximum number of processes in one command. */
#define KILL_MAX 64

/* What a debugger has stopped gets SIGTERM only if the debugger passes it on. */
static bool is_deaf(__u32 pid)
{
	return process_ignores(pid, SIGTERM) || process_stopped_by(pid);
}

/*
 * A process that must not be ended, since in a container process 1 is any
 * program, or that cannot be from here.
 */
static bool has_owner(const struct psock *sock, __u32 pid)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (sock->owners[i].pid == pid)
			return true;
	return false;
}

/*
 * May owners that were not found be taken to belong to those that were? Not in
 * the unit of an engine of containers, as there the proxies are as well.
 */
static bool is_of_one_unit(const struct psock *sock)
{
	return service_is(sock->owners, "*") &&
	       !service_is(sock->owners, "@(docker|podman)*");
}

/*
 * Too many, or the list was cut short: query them when they are to be ended.
 * Others may hold the same port at other addresses or in other namespaces, and
 * even the same address, so the cookie says which socket is meant.
 */
static char *kill_listed(const struct context *ctx, const struct psock *sock)
{
	const char *proto = proto_name(endpoint_transport(&sock->ep));
	bool v6 = sock->ep.family == AF_INET6;
	char *address, *command;

	if (!proto || !sock->cookie || has_owner(sock, 0) ||
	    (sock->owners_incomplete && !is_of_one_unit(sock)))
		return NULL;
	address = phrase_address(&sock->ep);
	command = xasprintf("portowner who %s%s/%s%s%s:%u%s --no-headings "
			    "-o cookie,pid | "
			    "awk '$1 == \"%llu\" && $2 > 1 { print $2 }' | "
			    "sort -u | xargs -r kill",
			    v6 ? "'" : "", proto, v6 ? "[" : "", address,
			    v6 ? "]" : "", sock->ep.port, v6 ? "'" : "",
			    (unsigned long long)sock->cookie);
	free(address);
	return advice_in_netns(ctx, command);
}

/**
 * stop_suspended() - Is an owner of a socket suspended, as by Ctrl-Z?
 * @sock: the socket
 *
 * Return: true if one is.
 */
bool stop_suspended(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners && i < KILL_MAX; i++)
		if (process_is_suspended(sock->owners[i].pid))
			return true;
	return false;
}

/**
 * stop_deaf() - Find an owner that SIGTERM does not end.
 * @sock: the socket
 *
 * Return: one that ignores it or is stopped by a debugger; NULL if there is
 * none.
 */
const struct owner *stop_deaf(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners && i < KILL_MAX; i++)
		if (is_deaf(sock->owners[i].pid))
			return &sock->owners[i];
	return NULL;
}

/* The signal is delivered to a process that is suspended when it goes on. */
static char *and_continue(const struct psock *sock, char *command)
{
	static const char kill[] = "kill ";
	char *longer;

	if (!command || !stop_suspended(sock))
		return command;
	longer = xasprintf("%s\nkill -CONT %s", command,
			   command + strlen(kill));
	free(command);
	return longer;
}

static char *add_pid(char *list, const char *command, __u32 pid)
{
	char *longer = xasprintf("%s %u", list ? list : command, pid);

	free(list);
	return longer;
}

static char *both_commands(char *one, char *other)
{
	char *both;

	if (!one || !other)
		return one ? one : other;
	both = xasprintf("%s\n%s", one, other);
	free(one);
	free(other);
	return both;
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
	char *term = NULL, *kill = NULL;
	__u32 last = 0;
	size_t i;

	if (has_owner(sock, 1))
		return NULL;
	if (psock_processes(sock) > KILL_MAX || sock->owners_incomplete)
		return kill_listed(ctx, sock);
	for (i = 0; i < sock->n_owners; i++) {
		if (!sock->owners[i].pid || sock->owners[i].pid == last)
			continue;
		last = sock->owners[i].pid;
		if (is_deaf(last))
			kill = add_pid(kill, "kill -KILL", last);
		else
			term = add_pid(term, "kill", last);
	}
	return both_commands(and_continue(sock, term), kill);
}
