// SPDX-License-Identifier: GPL-2.0
/* portowner stats: counters of the module. */

#include "client.h"
#include "cmd.h"

/**
 * cmd_stats() - Print counters.
 * @options: the command line
 *
 * Return: what to exit with.
 */
int cmd_stats(const struct options *options)
{
	struct counters counters;
	struct client *client;
	int status = client_open(&client, options->quiet);

	if (status)
		return status;
	status = client_stats(client, &counters);
	if (!status && !options->quiet)
		print_counters(&counters, options->json);
	client_close(client);
	return status;
}
