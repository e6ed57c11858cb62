// SPDX-License-Identifier: GPL-2.0
/* Ports that only privileged processes may bind. */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/explain.h"
#include "explain/refused.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/host.h"
#include "lib/interpreter.h"
#include "model/endpoint.h"
#include "print/phrase.h"

/*
 * Where the refused process runs, and so what may give it a capability.
 * @PLACE_HOST: on the host
 * @PLACE_USER: below the service manager of a user
 * @PLACE_IMAGE: in a container made from an image
 * @PLACE_MACHINE: in a container that is kept, such as one of LXC or nspawn
 */
enum place_kind {
	PLACE_HOST,
	PLACE_USER,
	PLACE_IMAGE,
	PLACE_MACHINE,
};

static enum place_kind place_of(const struct reject *reject)
{
	static const char manager[] = "user@";
	struct slice name;

	if (cgroup_container(reject->cgroup, &name))
		return cgroup_is_image(&name) ? PLACE_IMAGE : PLACE_MACHINE;
	if (cgroup_system_unit(reject->cgroup, &name) &&
	    name.len > strlen(manager) &&
	    !memcmp(name.str, manager, strlen(manager)))
		return PLACE_USER;
	return PLACE_HOST;
}

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
	fputs(" Those of the interpreter would apply to every script that anyone "
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
	if (exe && interpreter_is(exe))
		put_script(reject, has, out);
	if (!has || without || !is_plain_word(exe, strlen(exe)))
		return;
	if (place_of(reject) == PLACE_HOST || place_of(reject) == PLACE_USER)
		report_advise(report, xasprintf("getcap %s", exe),
			      "See which ones the file has; cap_net_bind_service=ep is needed:");
	else
		report_sketch(report, xasprintf("getcap %s", exe),
			      "See in the container which ones the file has; cap_net_bind_service=ep is needed:");
}

/* Would file capabilities help, so that they should be set? */
static bool lacks_file_caps(const struct reject *reject)
{
	const char *exe = reject->exe;

	return exe && is_plain_word(exe, strlen(exe)) &&
	       !interpreter_is(exe) && !without_file_caps(reject) &&
	       !host_has_file_caps(reject->pid, exe);
}

static char *file_caps_command(const struct reject *reject)
{
	return xasprintf("setcap cap_net_bind_service=+ep %s", reject->exe);
}

/*
 * Not for the executable of systemd, which would give it to every user. What
 * podman starts is in a user namespace, where file capabilities do not help.
 */
static void advise_file_caps(const struct reject *reject,
			     struct report *report)
{
	const char *engine = refused_engine(reject);

	if (!lacks_file_caps(reject) || refused_is_socket_unit(reject) ||
	    (engine && !strcmp(engine, "podman")))
		return;
	report_advise(report, file_caps_command(reject),
		      "Permit the program to bind such ports, whoever runs it:");
}

static void advise_service(struct report *report)
{
	report_sketch(report, xstrdup("AmbientCapabilities=CAP_NET_BIND_SERVICE"),
		      "If systemd starts it, add this to [Service] of its unit:");
}

static void advise_host(const struct context *ctx, struct report *report)
{
	const struct endpoint *ep = &ctx->reject->ep;
	bool publishes = refused_engine(ctx->reject);

	if (!publishes)
		advise_service(report);
	advise_file_caps(ctx->reject, report);
	if (publishes)
		return;
	report_sketch(report, xasprintf("Listen%s=%u",
					endpoint_can_listen(ep) ? "Stream" :
								  "Datagram",
					ep->port),
		      "If the program can take over a socket (sd_listen_fds), "
		      "have systemd bind the port: add this to [Socket] of a "
		      "socket unit:");
}

static void advise_user(const struct context *ctx, struct report *report)
{
	if (!refused_engine(ctx->reject))
		report_sketch(report, xstrdup("AmbientCapabilities=CAP_NET_BIND_SERVICE"),
			      "The service manager of a user has no such right "
			      "to pass on, neither by AmbientCapabilities= nor "
			      "by a socket unit. Make it a system unit with "
			      "User=, and add this to its [Service]:");
	advise_file_caps(ctx->reject, report);
}

static void advise_image(const struct context *ctx, struct report *report)
{
	char *command;

	if (!lacks_file_caps(ctx->reject))
		return;
	command = file_caps_command(ctx->reject);
	report_sketch(report, xasprintf("RUN %s", command),
		      "Set the capability where the image is built, and do not "
		      "drop it from the container (cap_add: NET_BIND_SERVICE):");
	free(command);
}

/* A container with a systemd of its own, perhaps. */
static void advise_machine(const struct context *ctx, struct report *report)
{
	advise_service(report);
	if (lacks_file_caps(ctx->reject))
		report_sketch(report, file_caps_command(ctx->reject),
			      "Permit the program to bind such ports, whoever "
			      "runs it; run this in the container:");
}

static void advise_capability(const struct context *ctx, struct report *report)
{
	switch (place_of(ctx->reject)) {
	case PLACE_IMAGE:
		advise_image(ctx, report);
		break;
	case PLACE_MACHINE:
		advise_machine(ctx, report);
		break;
	case PLACE_USER:
		advise_user(ctx, report);
		break;
	default:
		advise_host(ctx, report);
	}
}

static void advise_higher(const struct context *ctx, struct report *report,
			  unsigned long long first)
{
	const char *engine = refused_engine(ctx->reject);
	char *who = phrase_refused(ctx->reject);

	if (engine)
		report_advise(report, NULL,
			      "Publish port %llu or higher of this host for "
			      "the container (%s run -p PORT:CONTAINER-PORT, or "
			      "ports: in compose.yaml).", first, engine);
	else
		report_advise(report, NULL, "Use port %llu or higher for %s.",
			      first, who);
	free(who);
}

/* Why the process does not have the right; @who is the process. */
static void put_lack(const struct context *ctx, FILE *out, const char *who)
{
	const struct reject *reject = ctx->reject;
	bool has = reject->caller_flags & PORTOWNER_CALLER_FLAG_BIND_SERVICE;

	switch (reject_reason(reject)) {
	case REASON_CAP_ELSEWHERE:
		fprintf(out, "; %s %s in its user namespace, but that one does "
			     "not own the network namespace that the process "
			     "uses, so no capability it has counts there. "
			     "That is the case in a rootless container that uses "
			     "the network of the host, and after unshare -U without -n.",
			who, has ? "has it" : "could only get it");
		return;
	case REASON_CAP_DENIED:
		fprintf(out, "; %s has it, so a security module kept it from "
			     "using it, such as AppArmor with a profile that "
			     "lacks that capability.", who);
		return;
	default:
		fprintf(out, "; %s runs as ", who);
		phrase_user(out, reject->uid, ctx->numeric);
		fputs(" without it.", out);
	}
	if (!reject->uid)
		fputs(" Root may lack it in a container, in a user namespace "
		      "that does not own the network namespace, or in a "
		      "service that dropped it (CapabilityBoundingSet=).",
		      out);
}

/*
 * A capability given to the process, or to its executable, would not help. What
 * publishes ports of containers has to be where it is.
 */
static void advise_netns(const struct context *ctx, struct report *report,
			 unsigned long long first)
{
	if (refused_engine(ctx->reject))
		return;
	report_advise(report, NULL,
		      "Give it a network namespace that belongs to its user "
		      "namespace: start the rootless container without "
		      "--network=host, and publish its port %u as a port of %llu "
		      "or higher (-p PORT:%u), or add -n to unshare -U.",
		      ctx->reject->ep.port, first, ctx->reject->ep.port);
}

static void advise_denied(struct report *report)
{
	report_advise(report, xstrdup("journalctl -k -b | grep -iE 'denied|avc'"),
		      "Look for the message of the security module:");
	report_sketch(report, xstrdup("capability net_bind_service,"),
		      "With AppArmor, add this to the profile that confines "
		      "the program, and load it again (apparmor_parser -r):");
}

/* Neither a file nor a unit can give root what it was made to drop. */
static void advise_kept(struct report *report)
{
	report_advise(report, NULL,
		      "Let it keep the capability: add CAP_NET_BIND_SERVICE to "
		      "CapabilityBoundingSet= of its unit if that is set, or "
		      "NET_BIND_SERVICE to the capabilities of its container "
		      "(--cap-add, cap_add:).");
}

static void advise_right(const struct context *ctx, struct report *report,
			 unsigned long long first, FILE *out)
{
	switch (reject_reason(ctx->reject)) {
	case REASON_CAP_ELSEWHERE:
		advise_netns(ctx, report, first);
		break;
	case REASON_CAP_DENIED:
		advise_denied(report);
		break;
	default:
		if (!ctx->reject->uid) {
			advise_kept(report);
			break;
		}
		put_file_caps(ctx, report, out);
		advise_capability(ctx, report);
	}
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
	who = phrase_refused_process(ctx->reject);
	fprintf(out, "Ports below %llu (" SYSCTL_UNPRIVILEGED ") are reserved "
		     "for root and for processes with the capability "
		     "CAP_NET_BIND_SERVICE",
		(unsigned long long)first);
	put_lack(ctx, out, who);
	if (first <= port) {
		fprintf(out, " The limit has since been lowered: any user may bind port %u now.",
			port);
		report_advise(report, NULL, "Nothing needs to be changed: start %s again.",
			      who);
	} else {
		advise_right(ctx, report, first, out);
		report_advise(report,
			      advice_in_netns(ctx, xasprintf("sysctl -w " SYSCTL_UNPRIVILEGED "=%u",
							     port)),
			      "Let every user bind ports from this one up:");
		advise_higher(ctx, report, first);
	}
	free(start);
	free(who);
}
