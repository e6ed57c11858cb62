// SPDX-License-Identifier: GPL-2.0
/*
 * Read the command line. All options are read by one parser, wherever they
 * stand; whether a command takes them is looked at afterwards.
 */

#include <argp.h>
#include <limits.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enums.h"
#include "options.h"
#include "options_priv.h"
#include "util.h"

/* Children of the parser. */
#define N_PARSERS	5

/* Neither an error nor a number that means something to argp. */
#define STOP	-1

static const struct argp_option global_options[] = {
	{ 0, 0, 0, 0, "Options of every command:", 0 },
	{ "json", 'J', 0, 0, "print JSON", 0 },
	{ "numeric", 'n', 0, 0,
	  "print numbers instead of names of users and namespaces", 0 },
	{ "all-netns", 'A', 0, 0,
	  "all network namespaces (list, who, log, why, wait)", 0 },
	{ "no-headings", KEY_NO_HEADINGS, 0, 0, "no first line in tables", 0 },
	{ "output", 'o', "COLS", 0,
	  "columns, separated by commas; +COLS adds some; help lists them", 0 },
	{ "quiet", 'q', 0, 0, "print no answer, only exit with it", 0 },
	{ "color", KEY_COLOR, "WHEN", 0,
	  "colours: auto, always or never", 0 },
	{ "source", KEY_SOURCE, "FROM", 0,
	  "where to ask: auto, module or diag", 0 },
	{ "version", 'V', 0, 0, "print the version", 0 },
	{ "help", 'h', 0, 0, "print this help", 0 },
	{ 0 }
};

static const struct argp_option filter_options[] = {
	{ 0, 0, 0, 0, "Filters of list, who, log, check, why and wait:", 1 },
	{ "tcp", 't', 0, 0, "TCP, and MPTCP", 1 },
	{ "udp", 'u', 0, 0, "UDP", 1 },
	{ "ipv4", '4', 0, 0, "IPv4", 1 },
	{ "ipv6", '6', 0, 0, "IPv6", 1 },
	{ "proto", KEY_PROTO, "LIST", 0, "protocols: " PROTOS_ASKED, 1 },
	{ 0, 0, 0, 0, "Further filters of list:", 2 },
	{ "port", 'p', "PORT[-LAST]", 0, "port, range of ports, or service",
	  2 },
	{ "pid", KEY_PID, "PID", 0, "process that holds the socket", 2 },
	{ "uid", KEY_UID, "UID", 0,
	  "user of the socket or of a process that holds it; in check, user who would bind",
	  2 },
	{ "state", KEY_STATE, "LIST", 0,
	  "states, such as listen, bound, established, time-wait", 2 },
	{ "all", 'a', 0, 0, "all states, not just listen and bound", 2 },
	{ 0 }
};

static int parse_color(struct options *o, const char *when)
{
	static const char * const names[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(when, names[i]))
			continue;
		o->color = i;
		return 0;
	}
	return options_usage("--color '%s': must be auto, always or never",
			     when);
}

static int parse_source(struct options *o, const char *from)
{
	o->diag = !strcmp(from, "diag");
	if (!o->diag && strcmp(from, "auto") && strcmp(from, "module"))
		return options_usage("--source '%s': must be auto, module or diag",
			     from);
	return 0;
}

static int parse_global(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;

	switch (key) {
	case 'J':
		o->json = true;
		return 0;
	case 'n':
		o->style.numeric = true;
		return 0;
	case 'A':
		o->filter.all_netns = true;
		return 0;
	case KEY_NO_HEADINGS:
		o->style.headings = false;
		return 0;
	case 'o':
		o->columns = arg;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case KEY_COLOR:
		return parse_color(o, arg);
	case KEY_SOURCE:
		return parse_source(o, arg);
	case 'V':
		o->version = true;
		return STOP;
	case 'h':
		o->help = true;
		return STOP;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int parse_proto(int key, char *arg, struct options *o)
{
	switch (key) {
	case 't':
		filter_add_proto(&o->filter, IPPROTO_TCP);
		break;
	case 'u':
		filter_add_proto(&o->filter, IPPROTO_UDP);
		break;
	case '4':
		o->filter.families |= FILTER_INET;
		break;
	case '6':
		o->filter.families |= FILTER_INET6;
		break;
	case KEY_PROTO:
		if (!filter_add_protos(&o->filter, arg))
			return options_usage("--proto '%s': must be " PROTOS_ASKED,
				     arg);
		break;
	default:
		return ARGP_ERR_UNKNOWN;
	}
	options_note(o, GROUP_PROTO, filter_options, key);
	return 0;
}

static int parse_number(const char *name, const char *text, bool given,
			__u64 min, __u64 max, __u64 *out)
{
	if (given)
		return options_usage("--%s is given twice", name);
	if (!number_parse(text, strlen(text), min, max, out))
		return options_usage("--%s '%s': must be a number from %llu to %llu",
			     name, text, (unsigned long long)min,
			     (unsigned long long)max);
	return 0;
}

static int parse_port(struct options *o, const char *arg)
{
	const char *why;

	if (o->filter.port)
		return options_usage("--port is given twice");
	if (!filter_set_port(&o->filter, arg, &why))
		return options_usage("--port '%s': %s", arg, why);
	return 0;
}

static int parse_states(struct options *o, const char *arg)
{
	const char *bad;
	size_t len;

	if (!filter_add_states(&o->filter, arg, &bad, &len))
		return options_usage("--state: unknown state '%.*s'", (int)len, bad);
	return 0;
}

/* The highest number is no user. */
static int parse_user(struct options *o, const char *arg)
{
	struct passwd *pw = getpwnam(arg);
	__u64 n;

	if (o->filter.has_uid)
		return options_usage("--uid is given twice");
	if (pw)
		n = pw->pw_uid;
	else if (!number_parse(arg, strlen(arg), 0, UINT_MAX - 1, &n))
		return options_usage("--uid '%s': neither a user nor a user id", arg);
	o->filter.has_uid = true;
	o->filter.uid = n;
	options_note(o, GROUP_USER, filter_options, KEY_UID);
	return 0;
}

static int parse_filter(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	int err = 0;
	__u64 n = 0;

	switch (key) {
	case 'p':
		err = parse_port(o, arg);
		break;
	case KEY_PID:
		err = parse_number("pid", arg, o->filter.pid, 1, INT_MAX, &n);
		o->filter.pid = n;
		break;
	case KEY_UID:
		return parse_user(o, arg);
	case KEY_STATE:
		err = parse_states(o, arg);
		break;
	case 'a':
		o->filter.states |= STATES_ALL;
		break;
	default:
		return parse_proto(key, arg, o);
	}
	options_note(o, GROUP_SOCKET, filter_options, key);
	return err;
}

static const struct argp global_argp = {
	.options = global_options,
	.parser = parse_global,
};

static const struct argp filter_argp = {
	.options = filter_options,
	.parser = parse_filter,
};

/* What follows "run" is a command line of its own, options and all. */
static void take_rest(struct options *o, struct argp_state *state)
{
	if (o->n_args != 2 || strcmp(o->args[0], "run"))
		return;
	while (state->next < state->argc)
		o->args[o->n_args++] = state->argv[state->next++];
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	size_t i;

	switch (key) {
	case ARGP_KEY_INIT:
		for (i = 0; i < N_PARSERS; i++)
			state->child_inputs[i] = o;
		/* One line says what is wrong; getopt has printed it. */
		state->err_stream = NULL;
		return 0;
	case ARGP_KEY_ARG:
		o->args[o->n_args++] = arg;
		take_rest(o, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = {
	{ &filter_argp, 0, NULL, 1 },
	{ &log_argp, 0, NULL, 2 },
	{ &check_argp, 0, NULL, 3 },
	{ &wait_argp, 0, NULL, 4 },
	{ &global_argp, 0, NULL, 5 },
	{ 0 }
};

/**
 * options_style() - How tables look on a stream.
 * @options: the command line
 * @fd: of the stream
 *
 * Return: the style.
 */
struct style options_style(const struct options *options, int fd)
{
	const char *term = getenv("TERM");
	struct style style = options->style;

	style.terminal = isatty(fd);
	style.color = options->color == COLOR_ALWAYS ||
		      (options->color == COLOR_AUTO && style.terminal &&
		       !getenv("NO_COLOR") && term && strcmp(term, "dumb"));
	return style;
}

/**
 * options_parse() - Read the command line.
 * @options: set to what it says
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: 0, or what to exit with after one line has been said on stderr.
 */
int options_parse(struct options *options, int argc, char **argv)
{
	static const struct argp argp = {
		.parser = parse,
		.children = children,
	};
	char name[] = PROGRAM;
	int err;

	memset(options, 0, sizeof(*options));
	options->args = xcalloc(argc + 1, sizeof(*options->args));
	options->style.headings = true;
	/* Messages begin with the name, not with the path. */
	if (argc > 0)
		argv[0] = name;
	err = argp_parse(&argp, argc, argv, ARGP_IN_ORDER | ARGP_NO_HELP |
			 ARGP_NO_EXIT, NULL, options);
	options->style = options_style(options, STDOUT_FILENO);
	if (options->help || options->version)
		return 0;
	return err ? STATUS_USAGE : 0;
}

/**
 * options_free() - Free what options_parse() allocated.
 * @options: the options
 */
void options_free(struct options *options)
{
	free(options->args);
}

/* No option takes an argument only sometimes. */
static char *without_note(int key, const char *text, void *input)
{
	(void)input;
	return key == ARGP_KEY_HELP_DUP_ARGS_NOTE ? NULL : (char *)text;
}

/**
 * options_help() - Print the help.
 * @commands: the commands, without a name at the end
 */
void options_help(const struct command *commands)
{
	static const struct argp argp = {
		.children = children,
		.help_filter = without_note,
	};
	char name[] = PROGRAM;

	fputs("Usage: " PROGRAM " [OPTION...] [COMMAND] [ARG...]\n"
	      "Which process owns a port, and who was in the way of a refused bind.\n\n"
	      " Commands (list if there is none):\n", stdout);
	for (; commands->name; commands++)
		printf("  %-6s %-12s %s\n", commands->name, commands->usage,
		       commands->help);
	fputs("  TARGET              the same as who TARGET\n\n"
	      " TARGET is [PROTO/][ADDR:]PORT: 8080, tcp/8080, udp/[::1]:53, 127.0.0.1:http\n\n",
	      stdout);
	argp_help(&argp, stdout, ARGP_HELP_LONG, name);
	fputs("\nExit status: 0 yes or found, 1 no, 2 usage, 3 module not loaded or not\n"
	      "permitted, 4 other failure.\n", stdout);
}
