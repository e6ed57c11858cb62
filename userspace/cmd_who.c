// SPDX-License-Identifier: GPL-2.0
/* portowner who: who owns these ports, in full. */

#include <stdlib.h>

#include "client.h"
#include "cmd.h"
#include "enums.h"
#include "target.h"

/**
 * struct wanted - What a socket must be to be shown.
 * @filter: of the command line
 * @targets: of the command line
 * @index: target that is being looked for
 * @found: a socket occupies it
 */
struct wanted {
	const struct filter *filter;
	struct target *targets;
	size_t index;
	bool *found;
};

/* A socket that an earlier target has is not shown again. */
static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct wanted *w = arg;
	size_t i;

	if (!filter_wants_endpoint(w->filter, &sock->ep) ||
	    !target_matches(&w->targets[w->index], &sock->ep))
		return false;
	*w->found = true;
	for (i = 0; i < w->index; i++)
		if (target_matches(&w->targets[i], &sock->ep))
			return false;
	return true;
}

static int parse_targets(const struct options *options, struct target *targets)
{
	const char *why;
	size_t i;

	for (i = 0; i < options->n_args; i++)
		if (!target_parse(&targets[i], options->args[i], &why))
			return complain(STATUS_USAGE, "'%s': %s",
					options->args[i], why);
	return 0;
}

/* Ask for each target; STATUS_NO if one of them is free. */
static int collect(struct client *client, const struct options *options,
		   struct target *targets, struct psock_list *list)
{
	struct filter filter = options->filter;
	struct psock_list some = { 0 };
	struct wanted wanted = { &options->filter, targets, 0, NULL };
	int status, answer = STATUS_YES;
	bool found;

	filter.states = STATES_ALL;
	for (; wanted.index < options->n_args; wanted.index++) {
		filter.port = targets[wanted.index].port;
		filter.port_last = filter.port;
		filter.protos = options->filter.protos;
		if (targets[wanted.index].proto) {
			filter.protos = 0;
			filter_add_proto(&filter, targets[wanted.index].proto);
		}
		status = client_ports(client, &filter, &some);
		if (status)
			return status;
		found = false;
		wanted.found = &found;
		psock_list_keep(&some, is_wanted, &wanted);
		psock_list_move(list, &some);
		if (found)
			continue;
		answer = STATUS_NO;
		if (!options->quiet)
			complain(answer, "nobody holds %s",
				 options->args[wanted.index]);
	}
	return answer;
}

static void print(const struct psock_list *list, const struct options *options,
		  const struct columns *columns)
{
	if (options->quiet)
		return;
	if (options->json)
		print_sockets_json(list);
	else if (options->columns && list->n)
		print_sockets_table(list, columns, &options->style);
	else
		print_sockets_full(list, columns, &options->style);
}

static int run(const struct options *options, struct target *targets)
{
	struct psock_list list = { 0 };
	struct columns columns;
	struct client *client;
	int status;

	status = sockets_columns(options, &columns);
	if (!status)
		status = parse_targets(options, targets);
	if (!status)
		status = client_open(&client, options->quiet);
	if (status)
		return status;
	status = collect(client, options, targets, &list);
	if (status == STATUS_YES || status == STATUS_NO) {
		psock_list_sort(&list, ORDER_STATE);
		print(&list, options, &columns);
	}
	psock_list_clear(&list);
	client_close(client);
	return status;
}

/**
 * cmd_who() - Tell who owns ports.
 * @options: the command line
 *
 * Return: what to exit with; STATUS_NO if nobody holds one of them.
 */
int cmd_who(const struct options *options)
{
	struct target *targets;
	int status;

	if (sockets_help_wanted(options))
		return STATUS_YES;
	targets = xcalloc(options->n_args, sizeof(*targets));
	status = run(options, targets);
	free(targets);
	return status;
}
