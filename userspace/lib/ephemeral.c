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

static void put_run(FILE *out, unsigned int first, unsigned int last)
{
	fprintf(out, "%s%u", ftell(out) ? "," : "", first);
	if (last > first)
		fprintf(out, "-%u", last);
}

/**
 * ephemeral_list() - What is reserved, and more.
 * @ephemeral: the range; what it reserves is known
 * @need: for each port from 0 to 65535, whether to add it
 *
 * In a single list: a second command would undo the first.
 *
 * Return: the new value of the sysctl, to be freed.
 */
char *ephemeral_list(const struct ephemeral *ephemeral, const bool *need)
{
	unsigned int port, first = 0;
	char *list;
	size_t len;
	FILE *out = open_memstream(&list, &len);

	if (!out)
		exit(complain(STATUS_FAILED, "out of memory"));
	fputs(ephemeral->reserved, out);
	for (port = 1; port <= 65536; port++) {
		bool here = port < 65536 && need[port];

		if (here && !need[port - 1])
			first = port;
		if (!here && need[port - 1])
			put_run(out, first, port - 1);
	}
	fclose(out);
	return list;
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
