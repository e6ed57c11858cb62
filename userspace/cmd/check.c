// SPDX-License-Identifier: GPL-2.0
/* portowner check: whether a bind, and a listen, would succeed now. */

#include <stdio.h>
#include <stdlib.h>

#include "cmd/bind_request.h"
#include "cmd/check_answer.h"
#include "cmd/cmd.h"
#include "cmd/open.h"

enum {
	KEY_REUSEADDR = OPTION_LONG_ONLY,
	KEY_REUSEPORT,
	KEY_V6ONLY,
	KEY_FREEBIND,
	KEY_DEV,
	KEY_UID,
	KEY_LISTEN,
};

static int parse(struct options *o, int key, char *arg)
{
	switch (key) {
	case KEY_REUSEADDR:
		o->bind.flags |= PORTOWNER_SOCK_FLAG_REUSEADDR;
		break;
	case KEY_REUSEPORT:
		o->bind.flags |= PORTOWNER_SOCK_FLAG_REUSEPORT;
		break;
	case KEY_V6ONLY:
		o->bind.flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
		break;
	case KEY_FREEBIND:
		o->bind.flags |= PORTOWNER_SOCK_FLAG_FREEBIND;
		break;
	case KEY_DEV:
		o->bind.dev = arg;
		break;
	case KEY_UID:
		return options_parse_uid(o, arg);
	case KEY_LISTEN:
		o->bind.listen = true;
		break;
	}
	return 0;
}

static const struct option_set check_options = {
	.heading = "Options:",
	.options = (const struct argp_option[]) {
		{ "reuseaddr", KEY_REUSEADDR, 0, 0, "set SO_REUSEADDR", 0 },
		{ "reuseport", KEY_REUSEPORT, 0, 0, "set SO_REUSEPORT", 0 },
		{ "v6only", KEY_V6ONLY, 0, 0, "set IPV6_V6ONLY", 0 },
		{ "freebind", KEY_FREEBIND, 0, 0, "set IP_FREEBIND", 0 },
		{ "dev", KEY_DEV, "IF", 0, "bind to this network device", 0 },
		{ "uid", KEY_UID, "UID", 0, "bind as this user", 0 },
		{ "listen", KEY_LISTEN, 0, 0, "check listen() as well", 0 },
		{ 0 }
	},
	.parse = parse,
};

/* To be freed; NULL if there is nothing to note. */
static char *note_of(struct source *source, const struct bind_request *request,
		     const struct check *check)
{
	struct bind_request six;
	struct check answer = { 0 };
	char *note = NULL;

	if (check_for_ipv6(source, request, check, &six, &answer))
		note = check_note_ipv6(&six, &answer);
	check_clear(&answer);
	return note;
}

static void print(const struct options *options, const struct columns *columns,
		  const struct bind_request *request, const struct check *check,
		  struct source *source)
{
	char *note = note_of(source, request, check);

	if (options->json) {
		check_print_json(options, request, check, note,
				 source->ops->name);
	} else {
		check_print(options, columns, request, check);
		if (note)
			printf("note: %s\n", note);
	}
	free(note);
}

static int answer(const struct options *options, const struct columns *columns,
		  const struct bind_request *request, const struct check *check,
		  struct source *source)
{
	if (!options->quiet)
		print(options, columns, request, check, source);
	if (check->undecided)
		return complain(STATUS_FAILED,
				"cannot tell without the module whether '%s' can be bound",
				options->args[0]);
	return check->would.err ? STATUS_NO : STATUS_YES;
}

static int run_check(const struct options *options)
{
	struct bind_request request;
	struct check check = { 0 };
	struct columns columns;
	struct source *source;
	int status;

	status = sockets_columns(options, false, &columns);
	if (!status)
		status = bind_request_of(&request, options);
	if (!status)
		status = source_open(&source, options, KNOWS_CHECK);
	if (status)
		return status;
	status = check_ask(source, &request, &check);
	if (!status)
		status = answer(options, &columns, &request, &check, source);
	check_clear(&check);
	source_close(source);
	return status;
}

const struct command cmd_check = {
	.name = "check",
	.run = run_check,
	.sets = (const struct option_set * const[]) {
		&check_options, &proto_options, &table_options, NULL
	},
	.columns = socket_columns,
	.min_args = 1,
	.max_args = 1,
	.args = "TARGET",
	.summary = "check whether a bind would succeed, and if not, why",
	.help = "Check whether a new socket could be bound to TARGET now, without binding it.\n"
		"If not, print the error, the rule that applies, the sockets that are in the way\n"
		"and what can be done. By default the socket is TCP on 0.0.0.0.\n",
	.exits = "  0  the bind would succeed\n"
		 "  1  it would be refused\n",
	.examples = "  portowner check 8080\n"
		    "  portowner check --listen --v6only --uid www-data 80\n"
		    "  portowner check --reuseport udp/[::1]:53\n",
};
