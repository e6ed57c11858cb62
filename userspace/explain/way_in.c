// SPDX-License-Identifier: GPL-2.0
/*
 * The ways into the host over SSH. The server and the session of a user, which
 * holds the ports that are forwarded for the client, may have the same name.
 */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/refused.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "explain/systemd.h"
#include "lib/process.h"

#define SSH_PORT	22

/* Where sessions are; the second for connections to a socket unit. */
#define SESSIONS "@(session-*.scope|ssh?(d)@*.service)"

static bool is_called(const struct owner *owner, const char *name)
{
	return owner->comm && !strcmp(owner->comm, name);
}

/*
 * A session calls itself "sshd: alice@pts/0", a server perhaps "sshd:
 * /usr/sbin/sshd -D [listener]", which somebody may have started by hand in a
 * session. Since OpenSSH 9.8 the session has a name of its own.
 */
static bool is_session(const struct owner *owner)
{
	struct process_words args;
	const char *title;
	bool session;

	if (!is_called(owner, "sshd"))
		return is_called(owner, "sshd-session");
	args = process_args(owner->pid, owner->comm);
	title = process_next(&args, NULL);
	if (title)
		session = !strncmp(title, "sshd: ", strlen("sshd: ")) &&
			  !strstr(title, "[listener]");
	else
		session = service_is(owner, SESSIONS);
	free(args.bytes);
	return session;
}

/**
 * refused_is_session() - Was the session of a user, over SSH, refused?
 * @reject: the refusal
 *
 * It goes on, so its title can be read; a server may have the same name.
 *
 * Return: true if it is known to be one.
 */
bool refused_is_session(const struct reject *reject)
{
	struct owner owner = refused_as_owner(reject);

	owner.cgroup = NULL;
	return is_session(&owner);
}

/**
 * login_session() - The session of a user, over SSH, that holds a socket.
 * @sock: the socket
 *
 * Return: its first process; NULL if other processes hold the socket as well.
 */
const struct owner *login_session(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (!is_session(&sock->owners[i]))
			return NULL;
	return sock->n_owners ? sock->owners : NULL;
}

/* May a process be the way into the host over SSH? */
static bool is_server(const struct owner *owner)
{
	return is_called(owner, "dropbear") ||
	       (is_called(owner, "sshd") && !is_session(owner));
}

/**
 * login_holds() - Is a socket held by the session of a user, over SSH?
 * @sock: the socket
 *
 * Return: true if all its owners are parts of such a session.
 */
bool login_holds(const struct psock *sock)
{
	return login_session(sock);
}

/**
 * ssh_master() - The client that holds a socket, and has a shared connection.
 * @sock: the socket
 *
 * It calls itself "ssh: /home/alice/.ssh/host [mux]".
 *
 * Return: its process, or NULL if there is none.
 */
const struct owner *ssh_master(const struct psock *sock)
{
	const struct owner *master = NULL;
	struct process_words args;
	const char *title;
	size_t i;

	for (i = 0; i < sock->n_owners && !master; i++) {
		if (!is_called(&sock->owners[i], "ssh"))
			continue;
		args = process_args(sock->owners[i].pid, "ssh");
		title = process_next(&args, NULL);
		if (title && !strncmp(title, "ssh: ", strlen("ssh: ")) &&
		    strstr(title, "[mux]"))
			master = &sock->owners[i];
		free(args.bytes);
	}
	return master;
}

/* SSH, as far as the owners, the service or the port tell. */
static bool is_way_in(const struct psock *sock, const char *service)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (is_server(&sock->owners[i]))
			return true;
	if (service)
		return login_holds(sock) ||
		       !fnmatch("@(ssh|dropbear)*", service, FNM_EXTMATCH);
	return sock->ep.port == SSH_PORT;
}

/**
 * socket_unit_is_way_in() - May systemd hold a socket for the way into the host?
 * @sock: the socket
 *
 * Return: true if it holds the socket, and for SSH.
 */
bool socket_unit_is_way_in(const struct psock *sock)
{
	char *service = systemd_activated(sock);
	bool way_in = systemd_holds(sock) && is_way_in(sock, service);

	free(service);
	return way_in;
}
