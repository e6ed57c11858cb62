// SPDX-License-Identifier: GPL-2.0
/* portowner list: bound and listening ports. */

#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/open.h"
#include "lib/host.h"
#include "lib/util.h"
#include "model/enums.h"
#include "model/target.h"

enum {
	KEY_PID = OPTION_LONG_ONLY,
	KEY_UID,
	KEY_STATE,
	KEY_OWNERS,
};

const struct field * const socket_columns[] = {
	socket_fields, owner_fields, NULL,
};

/**
 * sockets_columns() - Choose the columns of a table of sockets.
 * @options: the command line
 * @peers: connections may be listed, with their peers
 * @columns: set to them
 *
 * Return: 0, or the exit status after reporting the error.
 */
int sockets_columns(const struct options *options, bool peers,
		    struct columns *columns)
{
	static const char * const standards[2][2] = {
		{ "PROTO,ADDRESS,PORT,STATE,SHARE,PID,COMMAND,USER,UNIT",
		  "PROTO,ADDRESS,PORT,PEER,STATE,SHARE,PID,COMMAND,USER,UNIT" },
		{ "NETNS,PROTO,ADDRESS,PORT,STATE,SHARE,PID,COMMAND,USER,UNIT",
		  "NETNS,PROTO,ADDRESS,PORT,PEER,STATE,SHARE,PID,COMMAND,USER,UNIT" },
	};
	const char *standard =
		standards[options->filter.all_netns][peers];

	return columns_choose(columns, socket_columns, standard,
			      options->columns);
}

/* Can the list contain connections? */
static bool shows_peers(const struct options *options)
{
	return options->filter.states & ~STATES_DEFAULT;
}

/*
 * Columns of a list for people. PROCESS comes last, as the only one whose cells
 * may contain blanks.
 */
static int whole_columns(const struct options *options, struct columns *columns)
{
	static const char * const standards[2][2] = {
		{ "SCOPE,PROTO,ADDRESS,PORT,STATE,SHARE,USER,UNIT,PROCESS",
		  "PROTO,ADDRESS,PORT,PEER,STATE,SHARE,USER,UNIT,PROCESS" },
		{ "NETNS,SCOPE,PROTO,ADDRESS,PORT,STATE,SHARE,USER,UNIT,PROCESS",
		  "NETNS,PROTO,ADDRESS,PORT,PEER,STATE,SHARE,USER,UNIT,PROCESS" },
	};
	return columns_choose(columns, socket_columns,
			      standards[options->filter.all_netns]
				       [shows_peers(options)],
			      options->columns);
}

/* A column about processes makes one row per process. */
static bool wants_owners(const struct options *options)
{
	return options->owners || columns_name(owner_fields, options->columns);
}

static int parse_port(struct filter *filter, const char *arg)
{
	const char *why;

	if (filter->port)
		return complain(STATUS_USAGE, "--port is given twice");
	if (!filter_set_port(filter, arg, &why))
		return complain(STATUS_USAGE, "--port '%s': %s", arg, why);
	return 0;
}

static int parse_states(struct filter *filter, const char *arg)
{
	const char *bad;
	size_t len;

	if (!filter_add_states(filter, arg, &bad, &len))
		return complain(STATUS_USAGE,
				"--state: unknown state '%.*s'; '--state help' lists them",
				(int)len, bad);
	return 0;
}

static int parse(struct options *o, int key, char *arg)
{
	switch (key) {
	case 'p':
		return parse_port(&o->filter, arg);
	case KEY_PID:
		return options_parse_pid(o, arg);
	case KEY_UID:
		return options_parse_uid(o, arg);
	case KEY_STATE:
		o->states_help = !strcmp(arg, "help");
		return o->states_help ? 0 : parse_states(&o->filter, arg);
	case KEY_OWNERS:
		o->owners = true;
		break;
	case 'a':
		o->filter.states |= STATES_ALL;
		break;
	}
	return 0;
}

static const struct option_set list_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "port", 'p', "PORT[-LAST]", 0,
		  "this port, range of ports, or service", 0 },
		{ "pid", KEY_PID, "PID", 0, "sockets that this process holds",
		  0 },
		{ "uid", KEY_UID, "UID", 0,
		  "sockets of this user, or held by its processes", 0 },
		{ "state", KEY_STATE, "LIST", 0,
		  "states, such as listen,time-wait; 'help' lists them", 0 },
		{ "all", 'a', 0, 0, "all states, connections included", 0 },
		{ "owners", KEY_OWNERS, 0, 0,
		  "a row for each process that holds a socket", 0 },
		{ 0 }
	},
	.parse = parse,
};

static int print_states(void)
{
	const char *name;
	size_t i;

	for (i = 0; (name = state_listed(i)); i++)
		puts(name);
	return STATUS_YES;
}

/**
 * struct wanted - The sockets to list.
 * @filter: what the kernel was asked for, and more
 * @targets: one of these must match, unless there are none
 * @n: elements in @targets
 */
struct wanted {
	struct filter filter;
	struct target *targets;
	size_t n;
};

static bool is_wanted(const struct psock *sock, const void *arg)
{
	const struct wanted *wanted = arg;

	return filter_wants(sock, &wanted->filter) &&
	       targets_match(wanted->targets, wanted->n, &sock->ep);
}

static void print(const struct options *options, const struct columns *columns,
		  struct psock_list *list, const char *from)
{
	bool whole = !options->json && !wants_owners(options);
	bool scope = whole && columns->standard && !shows_peers(options);

	psock_list_sort(list, scope ? ORDER_SCOPE : ORDER_PORT);
	if (options->json)
		print_sockets_json(list, from);
	else if (whole)
		print_sockets_whole(list, columns, &options->style);
	else
		print_sockets_table(list, columns, &options->style);
}

static bool has_hidden(const struct psock_list *list,
		       const struct wanted *wanted)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		if (list->v[i].owners_hidden && is_wanted(&list->v[i], wanted))
			return true;
	return false;
}

/* A process that is hidden seems to hold nothing. */
static bool may_be_hidden(const struct psock_list *list,
			  const struct wanted *wanted)
{
	struct wanted anyone = *wanted;

	anyone.filter.pid = 0;
	anyone.filter.has_uid = false;
	return has_hidden(list, &anyone);
}

/* For people only: programs know what HIDDEN means. */
static void say_hidden(const struct options *options, bool hidden)
{
	if (hidden && !options->json && options->style.terminal &&
	    host_has_root())
		complain(STATUS_YES,
			 "note: some processes are hidden from you, but not from root");
}

static int list_wanted(const struct options *options,
		       const struct wanted *wanted,
		       const struct columns *columns)
{
	struct psock_list list = { 0 };
	struct source *source;
	int status = source_open(&source, options, 0);
	bool hidden;

	if (status)
		return status;
	status = source_ports(source, &wanted->filter, &list);
	if (!status && !options->quiet) {
		hidden = may_be_hidden(&list, wanted);
		psock_list_keep(&list, is_wanted, wanted);
		print(options, columns, &list, source->ops->name);
		if (list.n)
			hidden = has_hidden(&list, wanted);
		say_hidden(options, hidden);
	}
	psock_list_clear(&list);
	source_close(source);
	return status;
}

/* An empty list is not an error. */
static int run_list(const struct options *options)
{
	struct wanted wanted = {
		.filter = options->filter,
		.n = options->n_args,
	};
	struct columns columns;
	int status;

	if (options->states_help)
		return print_states();
	if (wants_owners(options))
		status = sockets_columns(options, shows_peers(options),
					 &columns);
	else
		status = whole_columns(options, &columns);
	if (status)
		return status;
	wanted.targets = xcalloc(wanted.n + 1, sizeof(*wanted.targets));
	status = options_targets(options, wanted.targets);
	filter_span_targets(&wanted.filter, wanted.targets, wanted.n);
	if (!status)
		status = list_wanted(options, &wanted, &columns);
	free(wanted.targets);
	return status;
}

const struct command cmd_list = {
	.name = "list",
	.run = run_list,
	.sets = (const struct option_set * const[]) {
		&list_options, &proto_options, &table_options, NULL
	},
	.columns = socket_columns,
	.max_args = -1,
	.args = "[TARGET...]",
	.summary = "list bound and listening ports (the default command)",
	.help = "List every socket that is listening, or bound but not connected; those that\n"
		"only this host can reach come first. PROCESS is the process that bound it, else\n"
		"the oldest, and +N stands for N others that hold it; --owners, or a column of\n"
		"a process, gives each a row. With TARGETs, list only sockets that occupy them.\n",
	.exits = "  0  success, even if the list is empty\n",
	.examples = "  portowner                          list bound and listening ports\n"
		    "  portowner list 8000-8100 443/tcp   the sockets on these ports\n"
		    "  portowner list -A --state listen   listening ports in all namespaces\n"
		    "  portowner list --owners 443        all processes that hold its sockets\n"
		    "  portowner list -u -o +EXE          executables behind UDP ports\n",
};
