// SPDX-License-Identifier: GPL-2.0
/* Services: stopping one is right only if it exists for the program. */

#include <stdlib.h>
#include <string.h>

#include "explain/own.h"
#include "explain/program.h"
#include "explain/refused.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/escape.h"
#include "lib/exe.h"
#include "lib/host.h"
#include "lib/host_services.h"
#include "lib/util.h"
#include "print/phrase.h"

/**
 * struct service - The service to which all owners of a socket belong.
 * @owner: one of them
 * @name: its name
 * @systemctl: how to talk to its manager
 * @user: that is the manager of a user
 * @mixed: number of processes in it, if these run several programs; else 0
 * @triggered: other units would start it again
 */
struct service {
	const struct owner *owner;
	char *name;
	char *systemctl;
	bool user;
	size_t mixed;
	bool triggered;
};

static bool in_same_unit(const char *cgroup, const char *other)
{
	struct slice one, two;

	return cgroup_unit(cgroup, &one) && cgroup_unit(other, &two) &&
	       one.len == two.len && !memcmp(one.str, two.str, one.len);
}

/**
 * service_is_same() - Is the refused process in the service that is in its way?
 * @reject: the refusal
 * @sock: what is in the way
 *
 * Return: true if both are in one unit.
 */
bool service_is_same(const struct reject *reject, const struct psock *sock)
{
	return in_same_unit(reject->cgroup, sock->owners->cgroup);
}

/* A program is the same while an upgrade replaces its file. */
static char *program_of(__u32 pid)
{
	char *exe = host_link(pid, "exe");

	if (exe)
		exe[exe_len(exe)] = '\0';
	return exe;
}

/*
 * Number of processes in the unit if any of them runs another program than its
 * owner, as far as the executables may be read; else 0.
 */
static size_t count_mixed(const struct owner *owner, const struct slice *unit)
{
	size_t len = unit->str + unit->len - owner->cgroup, n = 0;
	char *path = xasprintf("%.*s", (int)len, owner->cgroup);
	char *procs = host_cgroup_procs(path), *rest = procs, *line, *other;
	char *own = program_of(owner->pid);
	bool mixed = false;
	__u64 pid;

	while ((line = strsep(&rest, "\n"))) {
		if (!number_parse(line, strlen(line), 1, 0xffffffff, &pid))
			continue;
		n++;
		other = own && !mixed ? program_of(pid) : NULL;
		mixed |= other && strcmp(own, other);
		free(other);
	}
	free(own);
	free(procs);
	free(path);
	return mixed ? n : 0;
}

static bool has_unit(const char *stem, size_t len, bool user)
{
	static const char * const kinds[] = { "socket", "path" };
	bool found = false;
	char *name;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(kinds) && !found; i++) {
		name = xasprintf("%.*s.%s", (int)len, stem, kinds[i]);
		found = host_has_unit(name, user);
		free(name);
	}
	return found;
}

/* Is there a unit NAME.socket or NAME.path? One of a template serves all. */
static bool has_trigger(const char *service, bool user)
{
	size_t len = strlen(service) - strlen(".service");
	const char *at = memchr(service, '@', len);

	return has_unit(service, len, user) ||
	       (at && has_unit(service, at + 1 - service, user));
}

static bool find_service(const struct psock *sock, struct service *service)
{
	const struct owner *owner = sock->owners;
	struct slice unit;
	size_t i;

	if (!owner->cgroup)
		return false;
	for (i = 1; i < sock->n_owners; i++)
		if (!in_same_unit(owner->cgroup, sock->owners[i].cgroup))
			return false;
	service->systemctl = service_systemctl(owner, &unit);
	if (!service->systemctl || !unit.len) {
		free(service->systemctl);
		return false;
	}
	service->owner = owner;
	service->user = strcmp(service->systemctl, "systemctl");
	service->name = xasprintf("%.*s", (int)unit.len, unit.str);
	service->mixed = count_mixed(owner, &unit);
	service->triggered = has_trigger(service->name, service->user);
	return true;
}

static void forget_service(struct service *service)
{
	free(service->systemctl);
	free(service->name);
}

static char *stop_command(const struct service *service)
{
	const char *systemctl = service->systemctl, *name = service->name;

	if (!service->triggered)
		return xasprintf("%s stop %s", systemctl, name);
	return xasprintf("%s stop $(%s show --value -p TriggeredBy %s) %s",
			 systemctl, systemctl, name, name);
}

/* What lists the processes; another user's manager would have to be asked. */
static char *which_lists(const struct service *service)
{
	if (!service->user)
		return xasprintf(", which systemd-cgls -u %s lists",
				 service->name);
	if (!strcmp(service->systemctl, "systemctl --user"))
		return xasprintf(", which systemd-cgls --user-unit %s lists",
				 service->name);
	return xstrdup("");
}

static void stop_mixed(struct report *report, const struct service *service)
{
	char *list = which_lists(service);

	report_advise(report, stop_command(service),
		      "Stop %s%s if it should not have the port; that ends all "
		      "%zu processes in it%s:",
		      service->name, service->triggered ?
			      ", together with the units that would start it again," :
			      "",
		      service->mixed, list);
	free(list);
}

/*
 * The service has been started again, but a restart ends what is left of an
 * earlier run only if the unit says so. Other processes of the unit may be meant
 * to outlive it, as containers do, so only those with the port are ended.
 */
static void end_left_over(const struct context *ctx, struct report *report,
			  const struct psock *sock,
			  const struct service *service, const char *who)
{
	const char *systemctl = service->systemctl, *name = service->name;
	char *kill = stop_kill_command(ctx, sock);

	report_advise(report,
		      xasprintf("%s show -p KillMode %s\n%s%s%s restart %s",
				systemctl, name, kill ? kill : "",
				kill ? "\n" : "", systemctl, name),
		      "%s belong%s to the same service, but the process that "
		      "bound the port has ended. Processes left from an earlier run "
		      "survive a restart if the unit has "
		      "KillMode=process or KillMode=none (control-group, the "
		      "default, would end them): end what holds the port, and start "
		      "the service again:",
		      who, psock_processes(sock) > 1 ? "" : "s");
	free(kill);
}

/* What stops or reloads a service may be the same program. */
static void restart_whole(const struct context *ctx, struct report *report,
			  const struct psock *sock,
			  const struct service *service, const char *who)
{
	const char *exe = ctx->reject->exe;
	/* It has ended, so what it ran by an interpreter is not known. */
	bool same = exe && service->owner->exe &&
		    !strcmp(exe, service->owner->exe) &&
		    !holder_is_relative(ctx);
	char *refused = phrase_refused_process(ctx->reject);

	report_advise(report, service_restart(service->owner),
		      "%s belong%s to the same service: restart that as a whole%s%s%s:",
		      who, psock_processes(sock) > 1 ? "" : "s",
		      same ? "; if " : "", same ? refused : "",
		      same ? " was only to stop or reload it (ExecStop=, "
			     "ExecReload=), start that without the options that "
			     "open the port, such as those of JMX" : "");
	free(refused);
}

/* Are both instances of one template, such as postgresql@.service? */
static bool is_sibling(const struct reject *reject,
		       const struct service *service)
{
	const char *at = strchr(service->name, '@');
	size_t len = at ? at + 1 - service->name : 0;
	struct slice unit;

	return len && reject->cgroup && cgroup_unit(reject->cgroup, &unit) &&
	       unit.len > len && !memcmp(unit.str, service->name, len);
}

/* Each has a configuration of its own. */
static void stop_sibling(struct report *report, const struct service *service,
			 const struct psock *sock)
{
	report_advise(report, stop_command(service),
		      "%s is another instance of the same unit: give one of the "
		      "two a port other than %u in its configuration, or stop "
		      "this one if it should not keep running:",
		      service->name, sock->ep.port);
}

/* The most frequent case: a program is started by hand, and by its service. */
static void stop_same(struct report *report, const struct service *service)
{
	report_advise(report, stop_command(service),
		      "%s runs the same program, so a second instance may not "
		      "be needed (%s restart %s has it read its configuration "
		      "again); stop the service%s if it should not keep running:",
		      service->name, service->systemctl, service->name,
		      service->triggered ?
			      ", together with the units that would start it again," :
			      "");
}

/**
 * stop_service() - Stop the service that holds a socket.
 * @ctx: the context
 * @report: where to add it
 * @sock: the socket
 * @who: its holder
 *
 * Return: true if all its owners belong to one service.
 */
bool stop_service(const struct context *ctx, struct report *report,
		  const struct psock *sock, const char *who)
{
	bool own = service_is_same(ctx->reject, sock);
	struct service service;

	if (!find_service(sock, &service))
		return false;
	/* To stop all of it would also end what was to be started. */
	if (own && service.mixed)
		stop_just_it(ctx, report, sock);
	else if (own && sock->binder && !sock->binder->alive)
		end_left_over(ctx, report, sock, &service, who);
	else if (own)
		restart_whole(ctx, report, sock, &service, who);
	else if (service.mixed)
		stop_mixed(report, &service);
	else if (sock->port_origin == PORT_ORIGIN_KERNEL)
		report_advise(report, service_restart(service.owner),
			      "%s can make do with another port, since the kernel "
			      "chose this one: restart the service:",
			      who);
	else if (is_sibling(ctx->reject, &service))
		stop_sibling(report, &service, sock);
	else if (program_is_same(ctx->reject, service.owner))
		stop_same(report, &service);
	else if (service.triggered)
		report_advise(report, stop_command(&service),
			      "Stop the service together with the units that "
			      "would start it again, if it should not have the port:");
	else
		report_advise(report, stop_command(&service),
			      "Stop the service if it should not have the port "
			      "(disable --now in place of stop also keeps it "
			      "from starting at boot):");
	forget_service(&service);
	return true;
}
