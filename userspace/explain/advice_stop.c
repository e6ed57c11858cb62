// SPDX-License-Identifier: GPL-2.0
/*
 * Stopping whatever is in the way, as advice in a report: the smallest thing
 * that frees the port, and nothing that others depend on.
 */

#include <fnmatch.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/own.h"
#include "explain/service.h"
#include "lib/cgroup.h"
#include "lib/escape.h"
#include "lib/process.h"
#include "model/endpoint.h"
#include "model/names.h"
#include "print/kernel_dev.h"
#include "print/kernel_part.h"
#include "print/phrase.h"
#include "print/proxy.h"

/* Maximum number of processes in one kill command. */
#define KILL_MAX 64

#define ID_SHOWN 12

/* Run many programs: the same executable does not mean the same program. */
#define INTERPRETERS							\
	"@(python|node|nodejs|perl|ruby|java|php|php-fpm|bash|sh|dash|"	\
	"zsh|ksh|busybox|lua|luajit|Rscript|mono|dotnet|deno|bun|tclsh|" \
	"guile|erl|beam.smp|escript|gjs|racket|sbcl|R|uwsgi|coreutils)"	\
	"*(-)*([0-9.])?([dt])?(-dbg)?( [(]deleted[)])"

static bool is_interpreter(const char *exe)
{
	const char *slash = exe ? strrchr(exe, '/') : NULL;

	return slash && !fnmatch(INTERPRETERS, slash + 1, FNM_EXTMATCH);
}

/* Options followed by the program to run. */
static bool names_script(const char *arg)
{
	return !strcmp(arg, "-m") || !strcmp(arg, "-jar") ||
	       !strcmp(arg, "-c") || !strcmp(arg, "-e");
}

/* The program that an interpreter runs; NULL if unknown. */
static const char *script_of(const struct process_words *args)
{
	const char *arg = process_next(args, NULL);

	while (arg && (arg = process_next(args, arg)))
		if (names_script(arg))
			return process_next(args, arg);
		else if (*arg != '-')
			return arg;
	return NULL;
}

static bool same_script(const struct reject *reject, const struct owner *owner)
{
	struct process_words ours = process_args(reject->pid, reject->comm);
	struct process_words theirs = process_args(owner->pid, owner->comm);
	const char *one = script_of(&ours), *other = script_of(&theirs);
	bool same = one && other && !strcmp(one, other);

	free(ours.bytes);
	free(theirs.bytes);
	return same;
}

/* The most frequent case: the program was started twice. */
static bool is_same_program(const struct reject *reject,
			    const struct owner *owner)
{
	if (is_interpreter(reject->exe) || is_interpreter(owner->exe))
		return reject->exe && owner->exe &&
		       !strcmp(reject->exe, owner->exe) &&
		       same_script(reject, owner);
	if (reject->exe && owner->exe)
		return !strcmp(reject->exe, owner->exe);
	return false;
}

/* A process that must not be ended: in a container, pid 1 is any program. */
static bool has_init(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (sock->owners[i].pid == 1)
			return true;
	return false;
}

static const char *proto_option(const struct endpoint *ep)
{
	switch (endpoint_transport(ep)) {
	case IPPROTO_TCP:
		return "-t ";
	case IPPROTO_UDP:
		return "-u ";
	default:
		return "";
	}
}

/* Too many, or the list was cut short: query them when they are to be ended. */
static char *kill_listed(const struct context *ctx, const struct psock *sock)
{
	return xasprintf("portowner list %s%s-p %u%s --no-headings -o pid | "
			 "sort -u | xargs -r kill",
			 ctx->here ? "" : "-A ", proto_option(&sock->ep),
			 sock->ep.port, psock_is_passive(sock) ? "" : " -a");
}

/*
 * All owners, because the port is free only when the last one has closed it.
 * NULL if they cannot be ended like this.
 */
static char *kill_command(const struct context *ctx, const struct psock *sock)
{
	char *command = NULL, *longer;
	__u32 last = 0;
	size_t i;

	if (has_init(sock))
		return NULL;
	if (psock_processes(sock) > KILL_MAX || sock->owners_incomplete)
		return psock_is_passive(sock) ? kill_listed(ctx, sock) : NULL;
	for (i = 0; i < sock->n_owners; i++) {
		if (!sock->owners[i].pid || sock->owners[i].pid == last)
			continue;
		last = sock->owners[i].pid;
		longer = xasprintf("%s %u", command ? command : "kill", last);
		free(command);
		command = longer;
	}
	return command;
}

/* The system manager, or a user's. */
static bool is_manager(const struct owner *owner)
{
	const char *name = owner->exe ? strrchr(owner->exe, '/') : NULL;

	name = name ? name + 1 : owner->comm;
	if (!name || strcmp(name, "systemd"))
		return false;
	return owner->pid == 1 ||
	       (owner->cgroup && strstr(owner->cgroup, "/user@"));
}

static const struct owner *manager_of(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (is_manager(&sock->owners[i]))
			return &sock->owners[i];
	return NULL;
}

/**
 * systemd_holds() - Does systemd hold a socket, for a socket unit?
 * @sock: the socket
 *
 * In a container, process 1 may be any program.
 *
 * Return: true if one of the owners is systemd as a service manager.
 */
bool systemd_holds(const struct psock *sock)
{
	return manager_of(sock);
}

/* The service that systemd passed the socket to; to be freed, or NULL. */
static char *activated(const struct psock *sock)
{
	struct slice unit;
	char *systemctl, *words = NULL;
	size_t i;

	for (i = 0; i < sock->n_owners && !words; i++) {
		if (is_manager(&sock->owners[i]) || !sock->owners[i].cgroup)
			continue;
		systemctl = service_systemctl(&sock->owners[i], &unit);
		if (systemctl && unit.len)
			words = xasprintf("%.*s", (int)unit.len, unit.str);
		free(systemctl);
	}
	return words;
}

/* Stopped alone, the service would be started again by systemd. */
static void stop_socket_unit(struct report *report, const struct psock *sock)
{
	const struct owner *manager = manager_of(sock);
	char *service = activated(sock), *systemctl = NULL;
	struct slice unit;

	if (manager->pid != 1)
		systemctl = service_systemctl(manager, &unit);
	if (!systemctl)
		systemctl = xstrdup("systemctl");
	if (service)
		report_advise(report,
			      xasprintf("%s stop $(%s show --value -p TriggeredBy %s) %s",
					systemctl, systemctl, service, service),
			      "systemd holds the port for %s (socket "
			      "activation): stop the service together with "
			      "its socket unit, which would start it again:",
			      service);
	else
		report_advise(report,
			      xasprintf("%s list-sockets --all", systemctl),
			      "Stop the socket unit on whose behalf systemd "
			      "holds the port (%s stop NAME.socket), and not "
			      "systemd; this lists them:",
			      systemctl);
	free(systemctl);
	free(service);
}

/* The command that shows which container publishes the port. */
static char *list_published(const char *engine, const struct psock *sock)
{
	bool udp = endpoint_transport(&sock->ep) == IPPROTO_UDP;

	if (!strcmp(engine, "docker"))
		return xasprintf("docker ps --filter publish=%u%s",
				 sock->ep.port, udp ? "/udp" : "");
	return xasprintf("podman port --all | grep ':%u$'", sock->ep.port);
}

/* Ending the proxy would leave its container unreachable. */
static void stop_proxied(const struct context *ctx, struct report *report,
			 const struct psock *sock, const struct owner *proxy)
{
	const char *engine = proxy_engine(proxy);
	char *who = phrase_process(proxy->comm, proxy->pid);
	char *target = proxy_target(proxy), *user = NULL;
	size_t len;
	FILE *out;

	out = phrase_open(&user, &len);
	if (proxy->uid) {
		fputs(" as ", out);
		phrase_user(out, proxy->uid, ctx->numeric);
	}
	fclose(out);
	report_advise(report, list_published(engine, sock),
		      "%s holds the port on behalf of %s. Stop that container "
		      "(%s stop NAME), or have it publish another port; leave "
		      "%s and %s itself running. This shows which one it is%s%s:",
		      who, target, engine, who, engine,
		      proxy->uid ? ", if run" : "", user);
	free(user);
	free(target);
	free(who);
}

static bool ends_with(const char *path, size_t len, const char *suffix)
{
	size_t n = strlen(suffix);

	return len >= n && !memcmp(path + len - n, suffix, n);
}

/* The command that stops a container, recognised by its cgroup path. */
static char *container_command(const char *cgroup)
{
	static const struct {
		const char *before;
		const char *command;
	} managers[] = {
		{ "/docker-",		"docker stop" },
		{ "/docker/",		"docker stop" },
		{ "/libpod-",		"podman stop" },
		{ "/systemd-nspawn@",	"machinectl poweroff" },
	};
	struct slice name, outer;
	char *above, *command = NULL;
	size_t i, len;

	if (!cgroup_container(cgroup, &name) ||
	    !is_plain_word(name.str, name.len))
		return NULL;
	len = name.str - cgroup;
	above = xasprintf("%.*s", (int)len, cgroup);
	*(strrchr(above, '/') + 1) = '\0';
	for (i = 0; i < ARRAY_SIZE(managers); i++)
		if (ends_with(cgroup, len, managers[i].before) &&
		    !cgroup_container(above, &outer))
			command = xasprintf("%s %.*s", managers[i].command,
					    i < 3 && name.len > ID_SHOWN ?
						    ID_SHOWN : (int)name.len,
					    name.str);
	free(above);
	return command;
}

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
	char *command = kill_command(ctx, sock);

	if (is_left_behind(sock))
		report_advise(report, command,
			      "Stop %s, which only inherited the socket, if %s should not have it:",
			      who, they);
	else if (is_same_program(ctx->reject, sock->owners) &&
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
	const struct owner *proxy = proxy_of(sock);
	char *container = NULL, *command;
	struct slice name;

	if (proxy) {
		stop_proxied(ctx, report, sock, proxy);
		return;
	}
	if (owner->cgroup && cgroup_container(owner->cgroup, &name)) {
		container = phrase_unit(owner->cgroup);
		report_advise(report, container_command(owner->cgroup),
			      "Stop %s, which runs %s, or have it publish another port:",
			      container, who);
		free(container);
		return;
	}
	if (advice_needed(report, sock))
		return;
	command = kill_command(ctx, sock);
	if (owner->cgroup && advice_supervised(report, sock, command))
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

/* If the device is unknown, list those of all named namespaces. */
static char *devices_everywhere(const struct kernel_part *part, char *command)
{
	char *longer;

	if (!command || !kernel_part_has_type(part))
		return command;
	longer = xasprintf("%s\nip -all netns exec ip -d link show type %s",
			   command, part->device);
	free(command);
	return longer;
}

static void stop_part(const struct context *ctx, struct report *report,
		      const struct kernel_part *part)
{
	char *command = advice_in_netns(ctx, xstrdup(part->show));

	report_advise(report, devices_everywhere(part, command),
		      kernel_part_has_type(part) ?
		      "%s; this lists such devices, also those that "
		      "were moved to another network namespace:" :
		      "%s; this shows it:", part->remedy);
}

static void stop_device(struct report *report, const struct kernel_part *part,
			const struct host_tunnel *tunnel)
{
	char *which = kernel_dev_phrase(tunnel);

	report_advise(report, kernel_dev_command(tunnel), "%s; it is %s:",
		      part->remedy, which);
	free(which);
}

static void stop_kernel(const struct context *ctx, struct report *report,
			const struct psock *sock)
{
	const struct kernel_part *part = kernel_part_find(sock->kernel_owner);
	const struct host_tunnel *tunnel = kernel_dev_find(sock);
	char *name;

	if (tunnel) {
		stop_device(report, part, tunnel);
	} else if (part) {
		stop_part(ctx, report, part);
	} else {
		name = escape_text(sock->kernel_owner,
				   strlen(sock->kernel_owner));
		report_advise(report, NULL,
			      "Remove what uses the port inside the kernel (%s), or give it another port.",
			      name);
		free(name);
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
