// SPDX-License-Identifier: GPL-2.0
/* portowner list: every port that is listened on or bound. */

#include <string.h>

#include "client.h"
#include "cmd.h"

const struct field * const socket_columns[] = {
	socket_fields, owner_fields, NULL,
};

/**
 * sockets_columns() - Decide on the columns of a table of sockets.
 * @options: the command line
 * @columns: set to them
 *
 * Return: 0, or what to exit with.
 */
int sockets_columns(const struct options *options, struct columns *columns)
{
	const char *standard =
		"PROTO,ADDRESS,PORT,STATE,SHARE,PID,COMMAND,USER,UNIT";

	if (options->filter.all_netns)
		standard = "NETNS,PROTO,ADDRESS,PORT,STATE,SHARE,PID,COMMAND,USER,UNIT";
	return columns_choose(columns, socket_columns, standard,
			      options->columns);
}

/**
 * cmd_list() - List sockets.
 * @options: the command line
 *
 * Return: what to exit with; an empty list is no failure.
 */
int cmd_list(const struct options *options)
{
	struct psock_list list = { 0 };
	struct columns columns;
	struct client *client;
	int status;

	status = sockets_columns(options, &columns);
	if (status)
		return status;
	status = client_open(&client, options->quiet);
	if (status)
		return status;
	status = client_ports(client, &options->filter, &list);
	if (!status && !options->quiet) {
		psock_list_keep(&list, filter_wants, &options->filter);
		psock_list_sort(&list, ORDER_PORT);
		if (options->json)
			print_sockets_json(&list);
		else
			print_sockets_table(&list, &columns, &options->style);
	}
	psock_list_clear(&list);
	client_close(client);
	return status;
}
