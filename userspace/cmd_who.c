// SPDX-License-Identifier: GPL-2.0
/* portowner who: who owns these ports, in full. */

#include <stdlib.h>

#include "client.h"
#include "cmd.h"
#include "enums.h"
#include "target.h"

/**
 * struct who - What was asked, and the answer.
 * @options: the command line
 * @targets: its arguments
 * @found: for each target, whether a socket occupies it
 * @all: all sockets on the ports of the targets
 * @columns: of tables
 */
struct who {
	const struct options *options;
	struct target *targets;
	bool *found;
	struct psock_list all;
	struct columns columns;
};

static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct who *who = arg;
	bool wanted = false;
	size_t i;

	if (!filter_wants_endpoint(&who->options->filter, &sock->ep))
		return false;
	for (i = 0; i < who->options->n_args; i++) {
		if (!target_matches(&who->targets[i], &sock->ep))
			continue;
		who->found[i] = true;
		wanted = true;
	}
	return wanted;
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

/*
 * Whoever shares a port with a socket is to be told, whatever its address, its
 * family, and whether it is TCP or MPTCP.
 */
static unsigned int protos_of(const struct who *who, __u16 port)
{
	struct filter filter = { 0 };
	const struct target *t = who->targets;
	size_t i;

	for (i = 0; i < who->options->n_args; i++, t++) {
		if (t->port != port)
			continue;
		if (t->proto)
			filter_add_proto(&filter, t->proto);
		else if (who->options->filter.protos)
			filter.protos |= who->options->filter.protos;
		else
			return 0;
	}
	if (filter.protos & FILTER_MPTCP)
		filter.protos |= FILTER_TCP;
	return filter.protos;
}

/* Ask for the port of a target, if no earlier one has the same. */
static int ask(struct who *who, struct client *client, size_t index)
{
	struct filter filter = { 0 };
	struct psock_list some = { 0 };
	__u16 port = who->targets[index].port;
	int status;
	size_t i;

	for (i = 0; i < index; i++)
		if (who->targets[i].port == port)
			return 0;
	filter.port = port;
	filter.port_last = port;
	filter.protos = protos_of(who, port);
	filter.states = STATES_ALL;
	filter.all_netns = who->options->filter.all_netns;
	status = client_ports(client, &filter, &some);
	psock_list_move(&who->all, &some);
	return status;
}

static void print(const struct who *who, const struct psock_list *list)
{
	const struct options *options = who->options;

	if (options->json)
		print_sockets_json(list);
	else if (options->columns && list->n)
		print_sockets_table(list, &who->columns, &options->style);
	else
		print_sockets_full(list, &who->all, &who->columns,
				   &options->style);
}

/* STATUS_NO if one of the targets is free. */
static int answer(struct who *who)
{
	struct psock_list list = { 0 }, rest = { 0 };
	int status = STATUS_YES;
	size_t i;

	list.v = who->all.v;
	list.n = psock_list_partition(&who->all, is_wanted, who);
	rest.v = list.v + list.n;
	rest.n = who->all.n - list.n;
	for (i = 0; i < who->options->n_args; i++) {
		if (who->found[i])
			continue;
		status = STATUS_NO;
		if (!who->options->quiet)
			complain(status, "nobody holds %s",
				 who->options->args[i]);
	}
	if (!who->options->quiet) {
		psock_list_sort(&list, ORDER_STATE);
		psock_list_sort(&rest, ORDER_PORT);
		print(who, &list);
	}
	return status;
}

static int run(struct who *who)
{
	struct client *client;
	int status;
	size_t i;

	status = sockets_columns(who->options, &who->columns);
	if (!status)
		status = parse_targets(who->options, who->targets);
	if (!status)
		status = client_open(&client, who->options->quiet);
	if (status)
		return status;
	for (i = 0; i < who->options->n_args && !status; i++)
		status = ask(who, client, i);
	if (!status)
		status = answer(who);
	psock_list_clear(&who->all);
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
	struct who who = { .options = options };
	int status;

	who.targets = xcalloc(options->n_args, sizeof(*who.targets));
	who.found = xcalloc(options->n_args, sizeof(*who.found));
	status = run(&who);
	free(who.targets);
	free(who.found);
	return status;
}
