// SPDX-License-Identifier: GPL-2.0
/*
 * Services that run unrelated programs.
 *
 * Stopping a service is right only if it exists for that one program.
 */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/util.h"
#include "print/phrase.h"

/* Services that run unrelated programs. */
static const struct {
	const char *unit;
	const char *words;
	const char *command;
} supervisors[] = {
	{ "supervisor.service",
	  "Stop %s through supervisor, which would start it again; this lists "
	  "the names (supervisorctl stop NAME):",
	  "supervisorctl status" },
	{ "supervisord.service",
	  "Stop %s through supervisor, which would start it again; this lists "
	  "the names (supervisorctl stop NAME):",
	  "supervisorctl status" },
	{ "cron.service", NULL, NULL },
	{ "crond.service", NULL, NULL },
	{ "atd.service", NULL, NULL },
	{ "ssh.service", NULL, NULL },
	{ "sshd.service", NULL, NULL },
	{ "docker.service", NULL, NULL },
	{ "containerd.service", NULL, NULL },
	{ "podman.service", NULL, NULL },
	{ "crio.service", NULL, NULL },
	{ "kubelet.service", NULL, NULL },
	{ "k3s.service", NULL, NULL },
	{ "libvirtd.service", NULL, NULL },
	{ "NetworkManager.service", NULL, NULL },
	{ "dbus.service", NULL, NULL },
	{ "jenkins.service", NULL, NULL },
	{ "gitlab-runner.service", NULL, NULL },
	{ "nomad.service", NULL, NULL },
	{ "snapd.service", NULL, NULL },
	{ "gdm.service", NULL, NULL },
	{ "gdm3.service", NULL, NULL },
	{ "lightdm.service", NULL, NULL },
	{ "sddm.service", NULL, NULL },
	{ "display-manager.service", NULL, NULL },
};

/**
 * stop_supervised() - End a program without the service that runs it.
 * @report: where to add it
 * @sock: its socket
 * @kill: the command that ends just the program, or NULL; freed
 *
 * Return: true if the service runs other programs as well; if not, @kill is not
 * freed.
 */
bool stop_supervised(struct report *report, const struct psock *sock,
		       char *kill)
{
	const struct owner *owner = sock->owners;
	char *who, *words;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(supervisors); i++)
		if (service_is(owner, supervisors[i].unit))
			break;
	if (i == ARRAY_SIZE(supervisors))
		return false;
	who = phrase_holder(sock);
	if (supervisors[i].words) {
		words = service_fill_in(supervisors[i].words, "%s", who);
		report_advise(report, xstrdup(supervisors[i].command), "%s",
			      words);
		free(words);
		free(kill);
	} else {
		report_advise(report, kill,
			      "Stop %s if it should not have the port, but "
			      "not %s, which runs other programs as well:",
			      who, supervisors[i].unit);
	}
	free(who);
	return true;
}
