// SPDX-License-Identifier: GPL-2.0
/* Sockets that systemd holds, for the services that it starts on demand. */

#include <stdlib.h>
#include <string.h>

#include "explain/service.h"
#include "explain/systemd.h"
#include "lib/exe.h"
#include "lib/util.h"

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

/**
 * systemd_manager() - The service manager that holds a socket.
 * @sock: the socket
 *
 * In a container, process 1 may be any program.
 *
 * Return: the first of the owners that is systemd as a service manager, or NULL.
 */
const struct owner *systemd_manager(const struct psock *sock)
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
 * Return: true if a service manager is one of the owners.
 */
bool systemd_holds(const struct psock *sock)
{
	return systemd_manager(sock);
}

/**
 * systemd_activated() - The service that systemd passed a socket to.
 * @sock: the socket
 *
 * Return: name of the unit, safe in a command, to be freed; NULL if there is none.
 */
char *systemd_activated(const struct psock *sock)
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
