// SPDX-License-Identifier: GPL-2.0
/*
 * Services that run unrelated programs.
 *
 * Stopping a service is right only if it exists for that one program.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/util.h"
#include "print/phrase.h"

/*
 * @unit: pattern for the name of the service
 * @words: how to stop the program through the service, or NULL if it can be
 *	ended; %s is the process, %u the user it runs as
 * @command: the command that lists the names it has there
 * @of_user: the command has to be run as that user
 */
static const struct supervisor {
	const char *unit;
	const char *words;
	const char *command;
	bool of_user;
} supervisors[] = {
	{ "supervisor?(d).service",
	  "Stop %s through supervisor, which would start it again; this lists "
	  "the names (supervisorctl stop NAME):",
	  "supervisorctl status", false },
	{ "pm2-*.service",
	  "Stop %s through pm2, which would start it again; as %u, this lists "
	  "the names (pm2 stop NAME):",
	  "pm2 list", true },
	{ "@(cron|crond|atd).service", NULL, NULL, false },
	{ "@(ssh|sshd).service", NULL, NULL, false },
	{ "@(docker|containerd|podman|crio).service", NULL, NULL, false },
	{ "@(kubelet|k3s|k3s-agent|rke2-*|nomad).service", NULL, NULL, false },
	{ "@(incus|lxd|snap.lxd.daemon).service", NULL, NULL, false },
	{ "@(libvirtd|virtqemud|virtnetworkd).service", NULL, NULL, false },
	{ "@(NetworkManager|dbus|snapd).service", NULL, NULL, false },
	{ "@(jenkins|gitlab-runner|actions.runner.*).service", NULL, NULL, false },
	{ "@(gdm|gdm3|lightdm|sddm|display-manager).service", NULL, NULL, false },
	/* What is started in a terminal or a notebook of these. */
	{ "@(code-server?(@*)|emacs|jupyter*|?(tiger)vncserver@*).service",
	  NULL, NULL, false },
};

static const struct supervisor *find_supervisor(const struct owner *owner)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(supervisors); i++)
		if (service_is(owner, supervisors[i].unit))
			return &supervisors[i];
	return NULL;
}

static void stop_through(const struct context *ctx, struct report *report,
			 const struct psock *sock,
			 const struct supervisor *supervisor)
{
	const struct owner *owner = sock->owners;
	char *user = phrase_uid(owner->uid, ctx->numeric);
	char *who = phrase_holder(sock);
	char *part = service_fill_in(supervisor->words, "%s", who);
	char *words = service_fill_in(part, "%u", user);

	report_advise(report, supervisor->of_user ?
		      service_as_user(owner->uid, false, supervisor->command) :
		      xstrdup(supervisor->command), "%s", words);
	free(words);
	free(part);
	free(user);
	free(who);
}

/**
 * stop_just_it() - End a program without the service that runs it.
 * @ctx: the context
 * @report: where to add it
 * @sock: its socket
 */
void stop_just_it(const struct context *ctx, struct report *report,
		  const struct psock *sock)
{
	char *unit = phrase_unit(sock->owners->cgroup);
	char *who = phrase_holder(sock);

	stop_end(ctx, report, sock,
		 xasprintf("Stop %s if it should not have the port, but not %s, "
			   "which runs other programs as well",
			   who, unit));
	free(who);
	free(unit);
}

/**
 * stop_supervised() - Stop a program that a service runs for somebody.
 * @ctx: the context
 * @report: where to add it
 * @sock: its socket
 *
 * Return: true if the service runs other programs as well.
 */
bool stop_supervised(const struct context *ctx, struct report *report,
		     const struct psock *sock)
{
	const struct supervisor *supervisor = find_supervisor(sock->owners);

	if (!supervisor)
		return false;
	if (supervisor->words)
		stop_through(ctx, report, sock, supervisor);
	else
		stop_just_it(ctx, report, sock);
	return true;
}
