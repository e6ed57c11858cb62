// SPDX-License-Identifier: GPL-2.0
/* Ports that only privileged processes may bind. */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/explain.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/process.h"
#include "model/endpoint.h"
#include "print/phrase.h"

#define SYSCTL_UNPRIVILEGED	"net.ipv4.ip_unprivileged_port_start"

/* Why file capabilities have no effect for the process; NULL if they do. */
static const char *without_file_caps(const struct reject *reject)
{
	bool nnp = reject->caller_flags & PORTOWNER_CALLER_FLAG_NO_NEW_PRIVS;
	bool nosuid = reject->caller_flags & PORTOWNER_CALLER_FLAG_NOSUID;

	if (nnp && nosuid)
		return "it runs with no_new_privs, and its executable is on a "
		       "mount with the option nosuid";
	if (nnp)
		return "it runs with no_new_privs (NoNewPrivileges= of its "
		       "systemd unit, or a sandbox or container that set it)";
	return nosuid ? "its executable is on a mount with the option nosuid" :
			NULL;
}

/* Capabilities of a script are meant for it alone, not for all scripts. */
static void put_script(const struct reject *reject, bool interpreter_has,
		       FILE *out)
{
	char *path = reject_capable_script(reject), *script;

	if (path) {
		script = escape_text(path, strlen(path));
		fprintf(out, " The script %s has file capabilities, but those "
			     "of a script have no effect: only its "
			     "interpreter's count, %s.",
			script, interpreter_has ? "which do not help here" :
						  "which has none");
		free(script);
	} else {
		fputs(" Its executable is an interpreter: file capabilities of "
		      "a script have no effect.", out);
	}
	fputs(" Those of the interpreter would serve every script that anybody "
	      "runs with it.", out);
	free(path);
}

static void put_file_caps(const struct context *ctx, struct report *report,
			  FILE *out)
{
	const struct reject *reject = ctx->reject;
	const char *without = without_file_caps(reject), *exe = reject->exe;
	bool has = exe && host_has_file_caps(reject->pid, exe);

	if (has && without)
		fprintf(out, " Its executable has file capabilities, but they "
			     "are ignored: %s.", without);
	else if (without)
		fprintf(out, " File capabilities (setcap) would be ignored: %s.",
			without);
	else if (has)
		fputs(" Its executable has file capabilities, but the process "
		      "has no such capability: they do not include it, were "
		      "set after it started, or are cut by a bounding set or "
		      "a user namespace.", out);
	if (exe && process_is_interpreter(exe))
		put_script(reject, has, out);
	if (has && !without && is_plain_word(exe, strlen(exe)))
		report_advise(report, xasprintf("getcap %s", exe),
			      "See which it has; cap_net_bind_service=ep is needed:");
}

static void advise_file_caps(const struct reject *reject,
			     struct report *report)
{
	const char *exe = reject->exe;

	if (!exe || !is_plain_word(exe, strlen(exe)) || process_is_interpreter(exe) ||
	    without_file_caps(reject) || host_has_file_caps(reject->pid, exe))
		return;
	report_advise(report, xasprintf("setcap cap_net_bind_service=+ep %s", exe),
		      "Permit the program to bind such ports, whoever runs it:");
}

static void advise_systemd(const struct context *ctx, struct report *report)
{
	const struct endpoint *ep = &ctx->reject->ep;

	report_sketch(report, xstrdup("AmbientCapabilities=CAP_NET_BIND_SERVICE"),
		      "If systemd starts it, add this to [Service] of its unit:");
	advise_file_caps(ctx->reject, report);
	report_sketch(report, xasprintf("Listen%s=%u",
					endpoint_can_listen(ep) ? "Stream" :
								  "Datagram",
					ep->port),
		      "If the program can take over a socket (sd_listen_fds), "
		      "have systemd bind the port: add this to [Socket] of a "
		      "socket unit:");
}

/**
 * explain_privileged() - Only privileged processes may bind the port.
 * @ctx: the context
 * @report: for remedies
 * @out: for sentences
 */
void explain_privileged(const struct context *ctx, struct report *report,
			FILE *out)
{
	char *start = host_sysctl("net/ipv4/ip_unprivileged_port_start");
	unsigned int port = ctx->reject->ep.port;
	__u64 first = 1024;
	char *who;

	if (ctx->here && start)
		number_parse(start, strlen(start), 0, 65536, &first);
	who = phrase_refused_process(ctx);
	fprintf(out, "Ports below %llu (" SYSCTL_UNPRIVILEGED ") are reserved "
		     "for root and for processes with the capability "
		     "CAP_NET_BIND_SERVICE; %s runs as ",
		(unsigned long long)first, who);
	phrase_user(out, ctx->reject->uid, ctx->numeric);
	fputs(" without it.", out);
	if (!ctx->reject->uid)
		fputs(" Root may lack it in a container, in a user namespace "
		      "that does not own the network namespace, or in a "
		      "service that dropped it (CapabilityBoundingSet=).",
		      out);
	if (first <= port) {
		fprintf(out, " The limit has since been lowered: any user may bind port %u now.",
			port);
		report_advise(report, NULL, "Nothing needs to be changed: start %s again.",
			      who);
	} else {
		put_file_caps(ctx, report, out);
		advise_systemd(ctx, report);
		report_advise(report,
			      advice_in_netns(ctx, xasprintf("sysctl -w " SYSCTL_UNPRIVILEGED "=%u",
							     port)),
			      "Let every user bind ports from this one up:");
		report_advise(report, NULL, "Use port %llu or higher for %s.",
			      (unsigned long long)first, who);
	}
	free(start);
	free(who);
}
