// SPDX-License-Identifier: GPL-2.0
/* How to end the session of a user that forwards a port. */

#include <stdlib.h>

#include "explain/stop_priv.h"
#include "lib/util.h"
#include "print/phrase.h"

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
	const struct owner *owner = login_session(sock);
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
