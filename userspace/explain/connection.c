// SPDX-License-Identifier: GPL-2.0
/* Ports not chosen by a program, and connections that already exist. */

#include <stdlib.h>

#include "explain/advice.h"
#include "explain/explain.h"
#include "explain/refused.h"
#include "lib/time_fmt.h"
#include "model/endpoint.h"
#include "print/phrase.h"

static void put_chosen(FILE *out, const struct context *ctx)
{
	bool known = ctx->holder->port_origin == PORT_ORIGIN_KERNEL;

	fprintf(out, " The kernel %s the port automatically",
		known ? "picked" : "may have picked");
	if (ctx->here && ephemeral_has(&ctx->ephemeral, ctx->reject->ep.port))
		fprintf(out, "%s it lies in " SYSCTL_RANGE " (%u to %u)",
			known ? ":" : ", because", ctx->ephemeral.first,
			ctx->ephemeral.last);
	else if (known)
		fputs(", from those that " SYSCTL_RANGE " had then", out);
	if (known)
		fputs("; no program asked for it", out);
	fputc('.', out);
}

/* A server that does not care about its port may as well have a fixed one. */
static void advise_fixed_port(const struct psock *sock, struct report *report)
{
	bool many = psock_processes(sock) > 1;
	char *who;

	if (!psock_is_passive(sock) || sock->kernel_owner)
		return;
	who = phrase_holder(sock);
	report_advise(report, NULL,
		      "Start %s again, so that %s another port, or give "
		      "%s a fixed one if that can be configured.", who,
		      many ? "they get" : "it gets", many ? "them" : "it");
	free(who);
}

static void explain_self_connected(struct report *report, FILE *out,
				   const struct psock *sock)
{
	char *who = phrase_holder(sock);

	fprintf(out, " That socket is connected to itself: %s tried to connect to "
		     "port %u while nothing was listening there, the kernel "
		     "picked that very port for the client's end, and TCP "
		     "connects such a socket to itself.", who, sock->ep.port);
	report_advise(report, NULL,
		      "Have the client of %s close a connection whose two ends "
		      "are the same (getsockname() equals getpeername()) before "
		      "it tries again.", who);
	free(who);
}

/**
 * explain_chosen() - The kernel picked the port that a program requests.
 * @ctx: the context, with a holder
 * @report: for remedies
 * @out: for sentences
 *
 * Nothing is added if it did not, or cannot have.
 */
void explain_chosen(const struct context *ctx, struct report *report,
		    FILE *out)
{
	if (context_is_chosen(ctx)) {
		put_chosen(out, ctx);
		advice_reserve(ctx, report);
		advise_fixed_port(ctx->holder, report);
	}
	if (psock_is_self_connected(ctx->holder))
		explain_self_connected(report, out, ctx->holder);
}

static void put_existing(FILE *out, const struct context *ctx)
{
	const struct reject *reject = ctx->reject;
	const struct psock *sock = ctx->holder;
	char *local = phrase_endpoint(&reject->ep);
	char *peer = phrase_reject_peer(reject), *who;
	bool lasts = sock && psock_is_lasting(sock);

	fprintf(out, "A connection from %s to %s already %s", local, peer,
		reject->rule == PORTOWNER_RULE_TIME_WAIT ? "existed" : "exists");
	if (lasts) {
		who = phrase_holder(sock);
		fprintf(out, ", held by %s", who);
		free(who);
	} else if (sock) {
		fprintf(out, ": %s", phrase_orphan(sock));
	}
	fputs(". There can be only one with the same two addresses and ports: "
	      "SO_REUSEADDR and SO_REUSEPORT let sockets share the local port, "
	      "but not the connection.", out);
	free(local);
	free(peer);
}

static void advise_wait(const struct context *ctx, struct report *report)
{
	char left[16];

	if (!ctx->there || !ctx->there->has_expires)
		return;
	time_fmt_age(ctx->there->expires_ns, left, sizeof(left));
	report_advise(report, NULL, "Or wait: it expires in %s.", left);
}

static void advise_close(const struct context *ctx, struct report *report)
{
	char *who;

	if (!ctx->there || !psock_is_lasting(ctx->there))
		return;
	who = phrase_holder(ctx->there);
	report_advise(report, NULL,
		      context_is_own(ctx, ctx->there) ?
			      "Have %s use the connection that it has, or "
			      "close that one before it connects again." :
			      "Or close the existing connection in %s first, "
			      "if it is no longer needed.",
		      who);
	free(who);
}

/**
 * explain_tuple() - The same connection exists already.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_tuple(const struct context *ctx, struct report *report, FILE *out)
{
	char *who = phrase_refused_process(ctx->reject);

	advice_start_again(ctx, report);
	put_existing(out, ctx);
	report_advise(report, NULL,
		      "Let the kernel choose the local port: have %s call "
		      "connect() without bind(), or bind() with port 0.", who);
	report_advise(report, NULL,
		      "If the local port has to be fixed, use a port other than "
		      "%u, or another local address, for each connection to "
		      "that peer.", ctx->reject->ep.port);
	advise_close(ctx, report);
	advise_wait(ctx, report);
	free(who);
}
