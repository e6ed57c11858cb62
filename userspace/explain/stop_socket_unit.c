// SPDX-License-Identifier: GPL-2.0
/* Sockets that systemd holds, for the services that it starts on demand. */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/util.h"

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

/**
 * stop_socket_unit() - Stop what systemd holds a socket for.
 * @report: where to add it
 * @sock: the socket, which systemd holds
 *
 * Stopped alone, the service would be started again by systemd.
 */
void stop_socket_unit(struct report *report, const struct psock *sock)
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
