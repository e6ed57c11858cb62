// SPDX-License-Identifier: GPL-2.0
/* Ending the processes that hold a socket, and what to know before. */

#include <stdlib.h>

#include "explain/restarter.h"
#include "explain/stop_priv.h"
#include "lib/process.h"
#include "lib/util.h"
#include "print/phrase.h"

/* It starts the refused process as well, and does not start the old one again. */
static bool starts_both(const struct context *ctx, __u32 restarter)
{
	const struct owner refused = { .pid = ctx->reject->pid };
	struct restarter its;
	bool both;

	restarter_find(&refused, &its);
	both = its.pid == restarter;
	restarter_forget(&its);
	return both;
}

static const char *suspended_words(const struct psock *sock)
{
	if (!stop_suspended(sock))
		return "";
	return psock_processes(sock) == 1 ?
		       "; it is suspended, as by Ctrl-Z (fg continues it), and "
		       "ends only when it is continued" :
		       "; some are suspended, as by Ctrl-Z (fg continues "
		       "them), and end only when they are continued";
}

/* To be freed; the report is told the same. */
static char *deaf_words(struct report *report, const struct psock *sock)
{
	const struct owner *deaf = stop_deaf(sock);
	__u32 tracer = deaf ? process_stopped_by(deaf->pid) : 0;
	char *debugger, *who, *words;

	if (!deaf)
		return xstrdup("");
	who = phrase_process(deaf->comm, deaf->pid);
	report->deaf = !tracer;
	if (!tracer) {
		words = xasprintf("; %s ignores SIGTERM, the signal that kill "
				  "sends, so end it in a way of its own if it "
				  "has one, since SIGKILL leaves it no time to "
				  "save anything",
				  who);
	} else {
		report->debugger.pid = tracer;
		report->debugger.comm = process_comm(tracer);
		debugger = phrase_process(report->debugger.comm, tracer);
		words = xasprintf("; %s has stopped %s, as a debugger does, so "
				  "rather end it there",
				  debugger, who);
		free(debugger);
	}
	free(who);
	return words;
}

/* To be freed. */
static char *restarter_words(const struct restarter *restarter)
{
	char *who, *words;

	if (!restarter->pid)
		return xstrdup("");
	who = phrase_process(restarter->comm, restarter->pid);
	words = xasprintf("; %s, which started it, may start it again, so stop %s%s",
			  who, restarter->alone ? "that first" : "it there",
			  restarter->hint);
	free(who);
	return words;
}

/* Instead of the processes, or before them; to be freed. */
static char *command_of(const struct context *ctx, const struct psock *sock,
			const struct restarter *restarter)
{
	char *kill, *both;

	if (restarter->pid && !restarter->alone)
		return restarter->command ? xstrdup(restarter->command) : NULL;
	kill = stop_kill_command(ctx, sock);
	if (!kill || !restarter->pid)
		return kill;
	both = xasprintf("kill %u\n%s", restarter->pid, kill);
	free(kill);
	return both;
}

/**
 * stop_end() - End the owners of a socket.
 * @ctx: the context
 * @report: where to add it
 * @sock: the socket
 * @words: a sentence that says so, without a full stop; freed
 */
void stop_end(const struct context *ctx, struct report *report,
	      const struct psock *sock, char *words)
{
	struct restarter restarter;
	char *again, *deaf = deaf_words(report, sock);

	restarter_find(sock->owners, &restarter);
	if (restarter.pid && starts_both(ctx, restarter.pid))
		restarter_forget(&restarter);
	again = restarter_words(&restarter);
	report->suspended = stop_suspended(sock);
	report->restarter.pid = restarter.pid;
	report->restarter.comm = xstrdup(restarter.comm);
	report_advise(report, command_of(ctx, sock, &restarter), "%s%s%s%s:",
		      words, suspended_words(sock), deaf, again);
	free(deaf);
	free(again);
	free(words);
	restarter_forget(&restarter);
}
