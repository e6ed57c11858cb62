// SPDX-License-Identifier: GPL-2.0
/* Sockets that systemd holds, for the services that it starts on demand. */

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/service.h"
#include "explain/stop_priv.h"
#include "lib/exe.h"
#include "lib/util.h"

#define SSH_PORT	22

/* How another port replaces the one in a unit. */
#define LISTEN_STREAM							\
	"in [Socket] an empty ListenStream=, then the new one"

/* The system manager, or a user's. */
static bool is_manager(const struct owner *owner)
{
	const char *name = owner->exe ? exe_name(owner->exe) : owner->comm;
	static const char systemd[] = "systemd";

	if (!name || exe_len(name) != strlen(systemd) ||
	    strncmp(name, systemd, strlen(systemd)))
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

/* SSH, as far as the owners, the service or the port tell. */
static bool is_way_in(const struct psock *sock, const char *service)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (login_is_server(&sock->owners[i]))
			return true;
	if (service)
		return login_holds(sock) ||
		       !fnmatch("@(ssh|dropbear)*", service, FNM_EXTMATCH);
	return sock->ep.port == SSH_PORT;
}

/**
 * socket_unit_is_way_in() - May systemd hold a socket for the way into the host?
 * @sock: the socket
 *
 * Return: true if it holds the socket, and for SSH.
 */
bool socket_unit_is_way_in(const struct psock *sock)
{
	char *service = activated(sock);
	bool way_in = systemd_holds(sock) && is_way_in(sock, service);

	free(service);
	return way_in;
}

static void stop_activated(struct report *report, const char *systemctl,
			   const char *service)
{
	report_advise(report,
		      xasprintf("%s stop $(%s show --value -p TriggeredBy %s) %s",
				systemctl, systemctl, service, service),
		      "systemd holds the port for %s (socket activation): stop "
		      "the service together with its socket unit, which would "
		      "start it again:",
		      service);
}

static void move_activated(struct report *report, const char *systemctl,
			   const char *service, bool way_in)
{
	char *command = xasprintf("%s edit $(%s show --value -p TriggeredBy %s)",
				  systemctl, systemctl, service);

	if (way_in)
		report_advise(report, command,
			      "systemd holds the port for %s, which may be the "
			      "way into this host: do not stop it, but give its "
			      "socket unit another port (" LISTEN_STREAM "; "
			      "where sshd_config sets the port of the socket "
			      "unit, change Port there), restart that unit, and "
			      "keep a session open until the new port works:",
			      service);
	else
		report_advise(report, command,
			      "systemd holds the port for %s, which others may "
			      "need: do not stop it, but give its socket unit "
			      "another port (" LISTEN_STREAM "), and restart "
			      "that unit when the service can be interrupted:",
			      service);
}

/* The service has not been started yet, or each connection gets its own. */
static void find_socket_unit(struct report *report, const char *systemctl,
			     __u16 port, bool way_in)
{
	char *command = xasprintf("%s list-sockets --all | grep ':%u '",
				  systemctl, port);

	if (way_in)
		report_advise(report, command,
			      "systemd holds the port, perhaps for the way into "
			      "this host: do not stop its socket unit, but give "
			      "it another port (%s edit NAME.socket; "
			      LISTEN_STREAM "), restart that unit, and keep a "
			      "session open until the new port works; this "
			      "tells its name:",
			      systemctl);
	else
		report_advise(report, command,
			      "Stop the socket unit on whose behalf systemd "
			      "holds the port (%s stop NAME.socket), and not "
			      "systemd; this shows its name:",
			      systemctl);
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
	bool way_in = socket_unit_is_way_in(sock);
	struct slice unit;

	if (manager->pid != 1)
		systemctl = service_systemctl(manager, &unit);
	if (!systemctl)
		systemctl = xstrdup("systemctl");
	if (!service)
		find_socket_unit(report, systemctl, sock->ep.port,
				 way_in);
	else if (way_in || service_is_needed(sock))
		move_activated(report, systemctl, service, way_in);
	else
		stop_activated(report, systemctl, service);
	free(systemctl);
	free(service);
}
