// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets of different users that set SO_REUSEPORT: two programs, or one that
 * changed its user after it had opened some of its sockets.
 */

#include <stdlib.h>

#include "explain/kin.h"
#include "explain/refused.h"
#include "explain/systemd.h"
#include "explain/users.h"
#include "print/phrase.h"

/**
 * users_differ() - Did both set SO_REUSEPORT, as different users?
 * @ctx: the context, with a holder
 *
 * Return: true if they did.
 */
bool users_differ(const struct context *ctx)
{
	const struct psock *holder = ctx->holder;

	return holder->ep.flags & ctx->reject->ep.flags &
		       PORTOWNER_SOCK_FLAG_REUSEPORT &&
	       holder->has_uid && holder->uid != ctx->reject->uid;
}

/**
 * users_are_one_program() - Did a program change its user in between?
 * @ctx: the context, with a holder
 *
 * Return: true if both sockets are of one program, which opened one of them
 * before it dropped its privileges.
 */
bool users_are_one_program(const struct context *ctx)
{
	return context_is_own(ctx, ctx->holder) || kin_is_forked(kin_of(ctx));
}

/**
 * users_put() - Complete a sentence about sockets of the same user.
 * @out: for sentences
 * @ctx: the context, with a holder
 */
void users_put(FILE *out, const struct context *ctx)
{
	char *who;

	fputs(": the existing one belongs to ", out);
	phrase_user(out, ctx->holder->uid, ctx->numeric);
	fputs(", the new one to ", out);
	phrase_user(out, ctx->reject->uid, ctx->numeric);
	fputs(". What counts is the user who created the socket, not the one "
	      "the program runs as now: a server that opens its socket as root "
	      "and then drops privileges counts as root.",
	      out);
	if (!users_are_one_program(ctx))
		return;
	who = phrase_refused_process(ctx->reject);
	fprintf(out, " Both are sockets of one program: %s opened the new one "
		     "as another user than the first.", who);
	free(who);
}

/**
 * users_advise() - Have both sockets created by the same user.
 * @ctx: the context, with a holder
 * @report: where to add it
 *
 * systemd opens the sockets of its units as root in any case.
 *
 * Return: true if nothing else would help, since both are of one program.
 */
bool users_advise(const struct context *ctx, struct report *report)
{
	char *who;

	if (users_are_one_program(ctx)) {
		who = phrase_refused_process(ctx->reject);
		report_advise(report, NULL,
			      "Have %s open all its sockets before it changes "
			      "its user (drops privileges), or start it as "
			      "that user (User= in [Service] of a systemd "
			      "unit, with AmbientCapabilities=CAP_NET_BIND_SERVICE "
			      "for a port below 1024).", who);
		free(who);
		return true;
	}
	if (!systemd_holds(ctx->holder))
		report_advise(report, NULL,
			      "Start both programs as the same user; in a "
			      "systemd unit, that is User= in [Service].");
	return false;
}
