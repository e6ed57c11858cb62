// SPDX-License-Identifier: GPL-2.0
/* How to end a session, or a connection, of SSH that forwards a port. */

#include <stdlib.h>

#include "explain/refused.h"
#include "explain/stop_priv.h"
#include "lib/util.h"
#include "print/phrase.h"

/* Ports of displays that sshd forwards: 6000, the default offset, and more. */
#define DISPLAY_FIRST	6010
#define DISPLAYS	990

/* Its other sessions would end with it. */
static void keep_master(struct report *report, const struct owner *master)
{
	char *who = phrase_process(master->comm, master->pid);

	report_advise(report, NULL,
		      "%s has an SSH connection that other sessions may share "
		      "(ControlMaster): rather than ending it, take the "
		      "forwarding back (ssh -O cancel -L PORT:HOST:PORT SERVER), "
		      "or close the connection for all of them (ssh -O exit SERVER).",
		      who);
	free(who);
}

/* Each session takes the first port from X11DisplayOffset on that is free. */
static bool is_display(const struct reject *reject)
{
	return refused_is_session(reject) &&
	       reject->ep.port >= DISPLAY_FIRST &&
	       reject->ep.port < DISPLAY_FIRST + DISPLAYS;
}

/**
 * stop_login() - End a session that forwards a port.
 * @ctx: the context
 * @report: where to add it
 * @sock: the socket
 *
 * Return: true if the session of a user, or a shared connection, holds the
 * socket.
 */
bool stop_login(const struct context *ctx, struct report *report,
		const struct psock *sock)
{
	const struct owner *owner = login_session(sock);
	const struct owner *master = ssh_master(sock);
	char *user, *who;

	if (master)
		keep_master(report, master);
	if (!owner)
		return master;
	if (is_display(ctx->reject)) {
		report_advise(report, NULL,
			      "If this was to forward X11, nothing needs to be "
			      "done: sshd tries one display after the other "
			      "until one is free.");
		return true;
	}
	who = phrase_process(owner->comm, owner->pid);
	user = phrase_uid(owner->uid, ctx->numeric);
	report_advise(report, stop_kill_command(ctx, sock),
		      "%s is a login session of %s, which forwards this port "
		      "(ssh -R, or X11), not the server: end that session, if "
		      "it is not your own, or have its client forward another port:",
		      who, user);
	report_advise(report, NULL,
		      "So that sessions whose client is gone do not keep "
		      "ports, set ClientAliveInterval (to 30 seconds, for "
		      "example) in sshd_config, and reload sshd.");
	free(user);
	free(who);
	return true;
}
