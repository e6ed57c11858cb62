// SPDX-License-Identifier: GPL-2.0
/* The ephemeral port range, as set by sysctls. */

#include <stdio.h>
#include <stdlib.h>

#include "lib/ephemeral.h"
#include "lib/host.h"
#include "lib/util.h"

/**
 * ephemeral_read() - Read the sysctls of the network namespace of the tool.
 * @ephemeral: set to their values
 */
void ephemeral_read(struct ephemeral *ephemeral)
{
	char *range = host_sysctl("net/ipv4/ip_local_port_range");

	ephemeral->known = range && sscanf(range, "%u %u", &ephemeral->first,
					   &ephemeral->last) == 2;
	free(range);
	ephemeral->reserved = host_sysctl("net/ipv4/ip_local_reserved_ports");
}

/**
 * ephemeral_free() - Free what ephemeral_read() allocated.
 * @ephemeral: the range
 */
void ephemeral_free(struct ephemeral *ephemeral)
{
	free(ephemeral->reserved);
	ephemeral->reserved = NULL;
}

/**
 * ephemeral_has() - Is a port in the range?
 * @ephemeral: the range
 * @port: the port
 *
 * Return: true if it is.
 */
bool ephemeral_has(const struct ephemeral *ephemeral, unsigned int port)
{
	return ephemeral->known && port >= ephemeral->first &&
	       port <= ephemeral->last;
}

/**
 * ephemeral_reserves() - Is a port reserved?
 * @ephemeral: the range
 * @port: the port
 *
 * The list looks like 8080,9000-9100.
 *
 * Return: true if it is.
 */
bool ephemeral_reserves(const struct ephemeral *ephemeral, unsigned int port)
{
	const char *list = ephemeral->reserved ? ephemeral->reserved : "";
	unsigned int first, last;
	int len;

	while (sscanf(list, "%u%n", &first, &len) == 1) {
		list += len;
		last = first;
		if (*list == '-' && sscanf(list, "-%u%n", &last, &len) == 1)
			list += len;
		if (port >= first && port <= last)
			return true;
		list += *list == ',';
	}
	return false;
}

/**
 * ephemeral_command() - The command that reserves a port.
 * @ephemeral: the range
 * @port: the port
 *
 * Return: a command line, to be freed; NULL if it would not help.
 */
char *ephemeral_command(const struct ephemeral *ephemeral, unsigned int port)
{
	const char *reserved = ephemeral->reserved;

	if (!reserved || !ephemeral_has(ephemeral, port) ||
	    ephemeral_reserves(ephemeral, port))
		return NULL;
	return xasprintf("sysctl -w " SYSCTL_RESERVED "=%s%s%u", reserved,
			 *reserved ? "," : "", port);
}
