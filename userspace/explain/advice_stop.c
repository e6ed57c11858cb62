// SPDX-License-Identifier: GPL-2.0
/*
 * Stopping whatever is in the way, as advice in a report: the smallest thing
 * that frees the port, and nothing that others depend on.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/program.h"
#include "explain/own.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "explain/systemd.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/util.h"
#include "print/phrase.h"

static void stop_processes(const struct context *ctx, struct report *report,
			   const struct psock *sock, const char *who)
{
	const char *they = psock_processes(sock) > 1 ? "they" : "it";
	const char *them = psock_processes(sock) > 1 ? "them" : "it";
	char *words;

	if (holder_is_leftover(sock))
		words = xasprintf("Stop %s, which did not bind the socket itself, "
				  "if %s should not have it", who, they);
	else if (sock->port_origin == PORT_ORIGIN_KERNEL)
		words = xasprintf("%s can make do with another port, since the kernel "
				  "chose this one: stop %s, and start %s again",
				  who, them, them);
	else if (program_is_same(ctx->reject, sock->owners) &&
		 !holder_is_relative(ctx))
		words = xasprintf("Another instance of the same program holds "
				  "the port; stop %s if %s should not keep running",
				  who, they);
	else
		words = xasprintf("Stop %s if %s should not have the port",
				  who, they);
	stop_end(ctx, report, sock, words);
}

static void stop_owners(const struct context *ctx, struct report *report,
			const struct psock *sock, const char *who)
{
	if (stop_container(ctx, report, sock, who) ||
	    stop_machine(report, sock) || stop_login(ctx, report, sock) ||
	    stop_needed(report, sock) || stop_runner(report, sock) ||
	    stop_reserved(report, sock) || stop_desktop(report, sock) ||
	    stop_supervised(ctx, report, sock))
		return;
	if (holder_is_leftover(sock) && service_is_same(ctx->reject, sock))
		stop_processes(ctx, report, sock, who);
	else if (!stop_service(ctx, report, sock, who))
		stop_processes(ctx, report, sock, who);
}

/* Root of a user namespace, or of a sandbox, would see no more. */
static void show_hidden(const struct context *ctx, struct report *report,
			const struct psock *sock)
{
	if (host_has_root())
		report_advise(report, xasprintf("sudo portowner %s%u",
						ctx->here ? "" : "-A ",
						sock->ep.port),
			      "Ask again with enough privilege to see the owner:");
	else
		report_advise(report, NULL,
			      "Ask someone who can see all processes of this host which of them holds port %u.",
			      sock->ep.port);
}

/**
 * advice_stop() - Stop whatever is in the way now.
 * @ctx: the context
 * @report: where to add it
 */
void advice_stop(const struct context *ctx, struct report *report)
{
	const struct psock *sock = ctx->there;
	char *who;

	if (!sock || !psock_is_lasting(sock))
		return;
	who = phrase_holder(sock);
	stop_frozen(report, sock);
	if (context_is_own(ctx, sock))
		advise_own(ctx, report);
	else if (systemd_holds(sock))
		stop_socket_unit(report, sock);
	else if (sock->n_owners)
		stop_owners(ctx, report, sock, who);
	else if (sock->kernel_owner)
		stop_kernel(ctx, report, sock);
	else if (sock->owners_hidden)
		show_hidden(ctx, report, sock);
	free(who);
}
