// SPDX-License-Identifier: GPL-2.0
/* Ports of protocols that the source does not list. */

#include "cmd/unlisted.h"
#include "lib/util.h"

/**
 * say_unlisted() - Report that a port may be in use or not.
 * @options: of the command
 * @target: the port, as the user wrote it
 *
 * Return: the exit status.
 */
int say_unlisted(const struct options *options, const char *target)
{
	if (options->quiet)
		return STATUS_FAILED;
	return complain(STATUS_FAILED,
			"cannot tell without the module whether '%s' is in use",
			target);
}
