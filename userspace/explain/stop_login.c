// SPDX-License-Identifier: GPL-2.0
/*
 * The ways into the host over SSH. The server and the session of a user, which
 * holds the ports that are forwarded for the client, may have the same name.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/process.h"
#include "lib/util.h"
#include "print/phrase.h"

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

static const struct owner *find_session(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (!is_session(&sock->owners[i]))
			return NULL;
	return sock->n_owners ? sock->owners : NULL;
}

/**
 * login_is_server() - May a process be the way into the host over SSH?
 * @owner: the process
 *
 * Return: true if it is a server.
 */
bool login_is_server(const struct owner *owner)
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
	return find_session(sock);
}

/**
 * stop_login() - End a session that forwards a port.
 * @ctx: the context
 * @report: where to add it
 * @sock: the socket
 *
 * Return: true if the session of a user holds the socket.
 */
bool stop_login(const struct context *ctx, struct report *report,
		const struct psock *sock)
{
	const struct owner *owner = find_session(sock);
	char *user, *who;

	if (!owner)
		return false;
	who = phrase_process(owner->comm, owner->pid);
	user = phrase_uid(owner->uid, ctx->numeric);
	report_advise(report, stop_kill_command(ctx, sock),
		      "%s is a login session of %s, which forwards this port "
		      "(ssh -R, or X11), not the server: end that session, if "
		      "it is not your own, or have its client forward another port:",
		      who, user);
	free(user);
	free(who);
	return true;
}
