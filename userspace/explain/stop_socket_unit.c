// SPDX-License-Identifier: GPL-2.0
/* How to stop what systemd holds a socket for. */

#include <stdlib.h>

#include "explain/service.h"
#include "explain/stop_priv.h"
#include "explain/systemd.h"
#include "lib/util.h"

/* How another port replaces the one in a unit. */
#define LISTEN_STREAM							\
	"in [Socket] an empty ListenStream=, then the new one"

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
			      "systemd holds the port for %s, which may be your "
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
			      "systemd holds the port, perhaps for your way into "
			      "this host: do not stop its socket unit, but give "
			      "it another port (%s edit NAME.socket; "
			      LISTEN_STREAM "), restart that unit, and keep a "
			      "session open until the new port works; this "
			      "shows its name:",
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
	const struct owner *manager = systemd_manager(sock);
	char *service = systemd_activated(sock), *systemctl = NULL;
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
