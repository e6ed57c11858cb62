// SPDX-License-Identifier: GPL-2.0
/* Remedies that several reasons of a missing address have in common. */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "explain/place_priv.h"
#include "explain/refused.h"
#include "lib/util.h"

/**
 * address_advise_later() - Remedies if the address appears later.
 * @p: the address
 * @boot: it may be missing only while the host starts
 */
void address_advise_later(const struct place *p, bool boot)
{
	if (boot)
		report_sketch(p->report,
			      xstrdup("Wants=network-online.target\n"
				      "After=network-online.target"),
			      "If it fails only at boot, start the service after the "
			      "network: add this to [Unit] of its systemd unit:");
	report_advise(p->report,
		      in_netns(p, xasprintf("sysctl -w net.%s.ip_nonlocal_bind=1",
					    p->family == AF_INET6 ? "ipv6" : "ipv4")),
		      "If the address is meant to arrive later (failover)%s, "
		      "%slet every program bind addresses that do not exist yet:",
		      p->family == AF_INET6 ?
			      ", or is only in a local route (AnyIP)" : "",
		      refused_engine(p->ctx->reject) ? "" :
			      "set FreeBind=yes in a systemd socket unit or "
			      "IP_FREEBIND in the program; or ");
}

/**
 * address_sysctl_name() - The name of an IPv6 sysctl of a device.
 * @dev: the device, or "all"
 * @setting: the last part of the name
 *
 * Dots separate the parts of the name, or slashes if @dev has a dot.
 *
 * Return: the name, to be freed.
 */
char *address_sysctl_name(const char *dev, const char *setting)
{
	return xasprintf(strchr(dev, '.') ? "net/ipv6/conf/%s/%s" :
					    "net.ipv6.conf.%s.%s", dev, setting);
}

/**
 * address_sysctl() - A command that sets a sysctl of a device.
 * @dev: the device, or "all"
 * @setting: the setting, and its value
 *
 * Return: the command.
 */
char *address_sysctl(const char *dev, const char *setting)
{
	char *name = address_sysctl_name(dev, setting);
	char *command = xasprintf("sysctl -w %s", name);

	free(name);
	return command;
}
