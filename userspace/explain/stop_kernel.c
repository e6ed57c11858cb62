// SPDX-License-Identifier: GPL-2.0
/* Sockets that the kernel itself holds. */

#include <stdlib.h>
#include <string.h>

#include "explain/advice.h"
#include "explain/stop_priv.h"
#include "lib/escape.h"
#include "lib/util.h"
#include "print/kernel_dev.h"
#include "print/kernel_part.h"

/* If the device is unknown, list those of all named namespaces. */
static char *devices_everywhere(const struct kernel_part *part, char *command)
{
	char *longer;

	if (!command || !kernel_part_has_type(part))
		return command;
	longer = xasprintf("%s\nip -all netns exec ip -d link show type %s",
			   command, part->device);
	free(command);
	return longer;
}

static void stop_part(const struct context *ctx, struct report *report,
		      const struct kernel_part *part)
{
	char *command = advice_in_netns(ctx, xstrdup(part->show));

	report_advise(report, devices_everywhere(part, command),
		      kernel_part_has_type(part) ?
		      "%s; this lists such devices, including those "
		      "moved to another network namespace:" :
		      "%s; this shows it:", part->remedy);
}

static void stop_device(struct report *report, const struct kernel_part *part,
			const struct host_tunnel *tunnel)
{
	char *which = kernel_dev_phrase(tunnel);

	report_advise(report, kernel_dev_command(tunnel), "%s; it is %s:",
		      part->remedy, which);
	free(which);
}

/**
 * stop_kernel() - Remove what uses a port inside the kernel.
 * @ctx: the context
 * @report: where to add it
 * @sock: the socket, which the kernel holds
 */
void stop_kernel(const struct context *ctx, struct report *report,
		 const struct psock *sock)
{
	const struct kernel_part *part = kernel_part_find(sock->kernel_owner);
	const struct host_tunnel *tunnel = kernel_dev_find(sock);
	char *name;

	if (tunnel) {
		stop_device(report, part, tunnel);
	} else if (part) {
		stop_part(ctx, report, part);
	} else {
		name = escape_text(sock->kernel_owner,
				   strlen(sock->kernel_owner));
		report_advise(report, NULL,
			      "Remove what uses the port inside the kernel (%s), or give it another port.",
			      name);
		free(name);
	}
}
