// SPDX-License-Identifier: GPL-2.0
/*
 * Stopping whatever is in the way, as advice in a report: the smallest thing
 * that frees the port, and nothing that others depend on.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/own.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/util.h"
#include "print/phrase.h"

/* The command that stops the service to which all owners belong. */
static char *stop_service_command(const struct psock *sock)
{
	struct slice first, unit;
	char *systemctl, *command = NULL;
	size_t i;

	if (!sock->owners->cgroup || !cgroup_unit(sock->owners->cgroup, &first))
		return NULL;
	for (i = 1; i < sock->n_owners; i++)
		if (!sock->owners[i].cgroup ||
		    !cgroup_unit(sock->owners[i].cgroup, &unit) ||
		    unit.len != first.len ||
		    memcmp(unit.str, first.str, unit.len))
			return NULL;
	systemctl = service_systemctl(sock->owners, &unit);
	if (systemctl && unit.len)
		command = xasprintf("%s stop %.*s", systemctl, (int)unit.len,
				    unit.str);
	free(systemctl);
	return command;
}

/* Does the refused process belong to the service that is in its way? */
static bool is_same_service(const struct reject *reject,
			    const struct owner *owner)
{
	struct slice one, other;

	return reject->cgroup && owner->cgroup &&
	       cgroup_unit(reject->cgroup, &one) &&
	       cgroup_unit(owner->cgroup, &other) && one.len == other.len &&
	       !memcmp(one.str, other.str, one.len);
}

/* Leftovers of an earlier run may not end with the service. */
static bool is_left_behind(const struct psock *sock)
{
	return holder_is_heir(sock) && !sock->binder->alive;
}

static void stop_processes(const struct context *ctx, struct report *report,
			   const struct psock *sock, const char *who)
{
	const char *they = psock_processes(sock) > 1 ? "they" : "it";
	char *command = stop_kill_command(ctx, sock);

	if (is_left_behind(sock))
		report_advise(report, command,
			      "Stop %s, which only inherited the socket, if %s should not have it:",
			      who, they);
	else if (program_is_same(ctx->reject, sock->owners) &&
		 !holder_is_relative(ctx))
		report_advise(report, command,
			      "Another instance of the same program holds the "
			      "port; stop %s if %s should not keep running:",
			      who, they);
	else
		report_advise(report, command,
			      "Stop %s if %s should not have the port:", who,
			      they);
}

static void stop_owners(const struct context *ctx, struct report *report,
			const struct psock *sock, const char *who)
{
	const struct owner *owner = sock->owners;
	char *command;

	if (stop_container(ctx, report, sock, who) ||
	    stop_machine(report, sock) || stop_login(ctx, report, sock) ||
	    stop_needed(report, sock))
		return;
	command = stop_kill_command(ctx, sock);
	if (owner->cgroup && stop_supervised(report, sock, command))
		return;
	free(command);
	command = stop_service_command(sock);
	if (command && is_same_service(ctx->reject, owner)) {
		free(command);
		if (is_left_behind(sock))
			stop_processes(ctx, report, sock, who);
		else
			report_advise(report, service_restart(owner),
				      "%s belongs to the same service: restart that as a whole:",
				      who);
	} else if (command) {
		report_advise(report, command,
			      "Stop the service if it should not have the port:");
	} else {
		stop_processes(ctx, report, sock, who);
	}
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
	if (context_is_own(ctx, sock))
		advise_own(ctx, report);
	else if (systemd_holds(sock))
		stop_socket_unit(report, sock);
	else if (sock->n_owners)
		stop_owners(ctx, report, sock, who);
	else if (sock->kernel_owner)
		stop_kernel(ctx, report, sock);
	else if (sock->owners_hidden)
		report_advise(report, xasprintf("sudo portowner %s%u",
						ctx->here ? "" : "-A ",
						sock->ep.port),
			      "Ask again with enough privilege to see the owner:");
	free(who);
}
