// SPDX-License-Identifier: GPL-2.0
/*
 * Parse the command line. Options may be given before the command, so those of
 * all commands are parsed alike; whether the command takes them is checked
 * afterwards.
 */

#include <limits.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/options.h"
#include "lib/escape.h"
#include "lib/util.h"
#include "model/enums.h"

/* Ends argp's parsing; no errno and no exit status. */
#define STOP	-1

enum {
	KEY_NO_HEADINGS = OPTION_LONG_ONLY,
	KEY_RAW,
	KEY_OUTPUT_ALL,
	KEY_LIST_COLUMNS,
	KEY_TIME,
	KEY_COLOR,
	KEY_SOURCE,
	KEY_PROTO,
	KEY_PID,
	KEY_COMM,
	KEY_UNIT,
	KEY_UID,
};

/**
 * struct set_input - What argp passes to the parser of a set.
 * @options: the command line
 * @use: the set, and which of its options were given
 */
struct set_input {
	struct options *options;
	struct option_use *use;
};

/**
 * struct parser - What argp passes to the parser of arguments.
 * @options: the command line
 * @commands: all commands
 * @inputs: one for each set
 */
struct parser {
	struct options *options;
	const struct command * const *commands;
	struct set_input inputs[OPTION_SETS_MAX];
};

/* One of a few words, by its place among them. */
static bool parse_word(const char * const *words, size_t n, const char *word,
		       unsigned int *index)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(word, words[i]))
			continue;
		*index = i;
		return true;
	}
	return false;
}

static int parse_color(struct options *o, const char *when)
{
	static const char * const names[] = {
		[COLOR_AUTO] = "auto",
		[COLOR_ALWAYS] = "always",
		[COLOR_NEVER] = "never",
	};

	if (parse_word(names, ARRAY_SIZE(names), when, &o->color))
		return 0;
	return complain(STATUS_USAGE,
			"--color '%s': must be auto, always or never", when);
}

static int parse_source(struct options *o, const char *from)
{
	static const char * const names[] = {
		[SOURCE_AUTO] = "auto",
		[SOURCE_MODULE] = "module",
		[SOURCE_DIAG] = "diag",
	};

	if (parse_word(names, ARRAY_SIZE(names), from, &o->from))
		return 0;
	return complain(STATUS_USAGE,
			"--source '%s': must be auto, module or diag", from);
}

static int parse_global(struct options *o, int key, char *arg)
{
	switch (key) {
	case 'J':
		o->json = true;
		break;
	case 'n':
		o->style.numeric = true;
		break;
	case 'A':
		o->filter.all_netns = true;
		break;
	case 'o':
		o->columns = arg;
		break;
	case KEY_NO_HEADINGS:
		o->style.headings = false;
		break;
	case KEY_COLOR:
		return parse_color(o, arg);
	case 'q':
		o->quiet = true;
		break;
	case KEY_SOURCE:
		return parse_source(o, arg);
	case 'V':
		o->version = true;
		return STOP;
	case 'h':
		o->help = true;
		return STOP;
	}
	return 0;
}

const struct option_set global_options = {
	.heading = "Options of every command:",
	.options = (const struct argp_option[]) {
		{ "json", 'J', 0, 0, "print JSON", 0 },
		{ "numeric", 'n', 0, 0,
		  "print numbers instead of user, namespace and service names",
		  0 },
		{ "all-netns", 'A', 0, 0, "cover all network namespaces", 0 },
		{ "output", 'o', "COLS", 0,
		  "choose columns; +COLS adds some, 'help' lists them",
		  0 },
		/* Understood by every command, described among those of tables. */
		{ "no-headings", KEY_NO_HEADINGS, 0, OPTION_HIDDEN, 0, 0 },
		{ "noheadings", 0, 0, OPTION_ALIAS, 0, 0 },
		{ "color", KEY_COLOR, "WHEN", 0,
		  "use colours: auto, always or never", 0 },
		{ "quiet", 'q', 0, 0,
		  "print nothing, only set the exit status", 0 },
		{ "source", KEY_SOURCE, "FROM", 0,
		  "what to query: auto, module or diag", 0 },
		{ "version", 'V', 0, 0, "print the version", 0 },
		{ "help", 'h', 0, 0,
		  "print this, or the page of a command; see portowner(8)",
		  0 },
		{ 0 }
	},
	.parse = parse_global,
};

static int parse_time(struct options *o, const char *format)
{
	o->style.iso_time = !strcmp(format, "iso");
	if (!o->style.iso_time && strcmp(format, "short"))
		return complain(STATUS_USAGE,
				"--time '%s': must be short or iso", format);
	return 0;
}

static int parse_table(struct options *o, int key, char *arg)
{
	switch (key) {
	case KEY_RAW:
		o->style.raw = true;
		break;
	case KEY_OUTPUT_ALL:
		o->columns = COLUMNS_ALL;
		break;
	case KEY_LIST_COLUMNS:
		o->columns = COLUMNS_HELP;
		break;
	case KEY_TIME:
		return parse_time(o, arg);
	}
	return 0;
}

const struct option_set table_options = {
	.heading = "Tables:",
	.options = (const struct argp_option[]) {
		{ "output-all", KEY_OUTPUT_ALL, 0, 0, "all columns", 0 },
		{ "list-columns", KEY_LIST_COLUMNS, 0, 0,
		  "list the columns, as '-o help' does", 0 },
		{ "raw", KEY_RAW, 0, 0, "one blank between columns, for programs",
		  0 },
		{ 0 }
	},
	.parse = parse_table,
};

const struct option_set time_options = {
	.heading = "Times:",
	.options = (const struct argp_option[]) {
		{ "time", KEY_TIME, "FORMAT", 0,
		  "short (default), or iso: the date, and a fraction", 0 },
		{ 0 }
	},
	.parse = parse_table,
};

static int parse_proto(struct options *o, int key, char *arg)
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
			return complain(STATUS_USAGE,
					"--proto '%s': must be " PROTOS_ASKED,
					arg);
		break;
	}
	return 0;
}

const struct option_set proto_options = {
	.heading = "Protocol and address family:",
	.options = (const struct argp_option[]) {
		{ "tcp", 't', 0, 0, "TCP and MPTCP", 0 },
		{ "udp", 'u', 0, 0, "UDP", 0 },
		{ "proto", KEY_PROTO, "LIST", 0, PROTOS_ASKED, 0 },
		{ "ipv4", '4', 0, 0, "IPv4", 0 },
		{ "ipv6", '6', 0, 0, "IPv6", 0 },
		{ 0 }
	},
	.parse = parse_proto,
};

/**
 * options_parse_pid() - Parse the argument of --pid.
 * @options: the process is set in its filter
 * @arg: number of a process
 *
 * Return: 0, or STATUS_USAGE after having reported what is wrong.
 */
int options_parse_pid(struct options *options, const char *arg)
{
	__u64 pid;

	if (options->filter.pid)
		return complain(STATUS_USAGE, "--pid is given twice");
	if (!number_parse(arg, strlen(arg), 1, INT_MAX, &pid))
		return complain(STATUS_USAGE,
				"--pid '%s': must be a number from 1 to %d",
				arg, INT_MAX);
	options->filter.pid = pid;
	return 0;
}

/**
 * options_parse_uid() - Parse the argument of --uid.
 * @options: the user is set in its filter
 * @arg: name or id of a user
 *
 * Return: 0, or STATUS_USAGE after having reported what is wrong.
 */
int options_parse_uid(struct options *options, const char *arg)
{
	struct passwd *pw = getpwnam(arg);
	__u64 uid;

	if (options->filter.has_uid)
		return complain(STATUS_USAGE, "--uid is given twice");
	/* UINT_MAX is (uid_t)-1, which is no user. */
	if (pw)
		uid = pw->pw_uid;
	else if (!number_parse(arg, strlen(arg), 0, UINT_MAX - 1, &uid))
		return complain(STATUS_USAGE,
				"--uid '%s': neither a user name nor a user id",
				arg);
	options->filter.has_uid = true;
	options->filter.uid = uid;
	return 0;
}

/**
 * options_target() - Parse an argument that is a TARGET.
 * @options: the command line
 * @text: the argument
 * @parse: what makes a target of it
 * @target: set to it; its device is a name
 *
 * With --all-netns the device may be one of another network namespace.
 *
 * Return: 0, or STATUS_USAGE after having reported what is wrong.
 */
int options_target(const struct options *options, const char *text,
		   target_parser *parse, struct target *target)
{
	const char *why;

	if (!parse(target, text, &why))
		return complain(STATUS_USAGE, "'%s': %s", text, why);
	if (!target_find_dev(target) && !options->filter.all_netns)
		return complain(STATUS_USAGE, "'%s': no such device: '%s'",
				text, target->dev);
	return 0;
}

/**
 * options_target_single() - Parse an argument that is a TARGET of one port.
 * @options: the command line
 * @text: the argument
 * @parse: what makes a target of it
 * @target: set to it; its device is a name
 *
 * Return: 0, or STATUS_USAGE after having reported what is wrong.
 */
int options_target_single(const struct options *options, const char *text,
			  target_parser *parse, struct target *target)
{
	int status = options_target(options, text, parse, target);

	if (!status && target->port != target->port_last)
		return complain(STATUS_USAGE,
				"'%s': one port is needed, not a range", text);
	return status;
}

/**
 * options_targets() - Parse all arguments, which are TARGETs.
 * @options: the command line
 * @targets: set to them; as many as there are arguments
 *
 * Return: 0, or STATUS_USAGE after having reported what is wrong.
 */
int options_targets(const struct options *options, struct target *targets)
{
	int status = 0;
	size_t i;

	for (i = 0; i < options->n_args && !status; i++)
		status = options_target(options, options->args[i], target_parse,
					&targets[i]);
	return status;
}

static int parse_name(const char **name, const char *option, const char *arg)
{
	if (*name)
		return complain(STATUS_USAGE, "--%s is given twice", option);
	*name = arg;
	return 0;
}

static int parse_refused(struct options *o, int key, char *arg)
{
	switch (key) {
	case KEY_PID:
		return options_parse_pid(o, arg);
	case KEY_COMM:
		return parse_name(&o->filter.comm, "comm", arg);
	case KEY_UNIT:
		return parse_name(&o->filter.unit, "unit", arg);
	case KEY_UID:
		return options_parse_uid(o, arg);
	}
	return 0;
}

const struct option_set refused_options = {
	.heading = "The process that asked:",
	.options = (const struct argp_option[]) {
		{ "pid", KEY_PID, "PID", 0, "this process", 0 },
		{ "comm", KEY_COMM, "NAME", 0, "processes with this name", 0 },
		{ "unit", KEY_UNIT, "NAME", 0,
		  "processes of this systemd unit, or of container:ID", 0 },
		{ "uid", KEY_UID, "UID", 0, "processes of this user", 0 },
		{ 0 }
	},
	.parse = parse_refused,
};

/* "--help check" is "check --help". */
static void take_topic(struct options *o, const struct argp_state *state)
{
	if (o->help && !o->n_args && state->next < state->argc)
		o->args[o->n_args++] = state->argv[state->next];
}

/* Called by argp for each option, and for its own events, which are no option. */
static int parse_set(int key, char *arg, struct argp_state *state)
{
	struct set_input *input = state->input;
	const struct argp_option *option = input->use->set->options;
	__u32 bit = 1;
	int err;

	for (; option->name && option->key != key; option++)
		bit <<= 1;
	if (!option->name)
		return ARGP_ERR_UNKNOWN;
	input->use->given |= bit;
	err = input->use->set->parse(input->options, key, arg);
	take_topic(input->options, state);
	return err;
}

/**
 * command_find() - Find a command by its name.
 * @commands: where to look, NULL at the end
 * @name: the name
 *
 * Return: the command, or NULL.
 */
const struct command *command_find(const struct command * const *commands,
				   const char *name)
{
	for (; *commands; commands++)
		if (!strcmp((*commands)->name, name))
			return *commands;
	return NULL;
}

/* What follows "run CMD" belongs to CMD, options included. */
static void take_rest(struct parser *parser, struct argp_state *state)
{
	struct options *o = parser->options;
	const struct command *command;

	if (o->n_args != 2)
		return;
	command = command_find(parser->commands, o->args[0]);
	if (!command || !command->args_are_command)
		return;
	while (state->next < state->argc)
		o->args[o->n_args++] = state->argv[state->next++];
}

static int parse(int key, char *arg, struct argp_state *state)
{
	struct parser *parser = state->input;
	struct options *o = parser->options;
	size_t i;

	switch (key) {
	case ARGP_KEY_INIT:
		for (i = 0; i < o->n_used; i++)
			state->child_inputs[i] = &parser->inputs[i];
		/* getopt has printed what is wrong; one line is enough. */
		state->err_stream = NULL;
		return 0;
	case ARGP_KEY_ARG:
		o->args[o->n_args++] = arg;
		take_rest(parser, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void add_set(struct options *o, const struct option_set *set)
{
	size_t i;

	for (i = 0; i < o->n_used; i++)
		if (o->used[i].set == set)
			return;
	if (o->n_used < OPTION_SETS_MAX)
		o->used[o->n_used++].set = set;
}

static void add_sets(struct options *o, const struct command * const *commands)
{
	const struct option_set * const *set;

	add_set(o, &global_options);
	for (; *commands; commands++)
		for (set = (*commands)->sets; set && *set; set++)
			add_set(o, *set);
}

/* getopt prints an argument as it is; parsing ends with the first message. */
static void print_escaped(char *said)
{
	size_t len = strlen(said);
	char *safe;

	if (!len)
		return;
	said[len - 1] = '\0';
	safe = escape_line(said);
	fprintf(stderr, "%s\n", safe);
	free(safe);
}

static int run_quietly(const struct argp *argp, int argc, char **argv,
		       struct parser *parser)
{
	FILE *real = stderr;
	char *said = NULL;
	size_t len;
	int err;

	stderr = open_memstream(&said, &len);
	if (!stderr)
		stderr = real;
	err = argp_parse(argp, argc, argv,
			 ARGP_IN_ORDER | ARGP_NO_HELP | ARGP_NO_EXIT, NULL,
			 parser);
	if (stderr == real)
		return err;
	fclose(stderr);
	stderr = real;
	print_escaped(said);
	free(said);
	return err;
}

static int run_argp(struct parser *parser, int argc, char **argv)
{
	struct argp_child children[OPTION_SETS_MAX + 1] = { 0 };
	struct argp argps[OPTION_SETS_MAX] = { 0 };
	struct argp argp = { .parser = parse, .children = children };
	struct options *o = parser->options;
	size_t i;

	for (i = 0; i < o->n_used; i++) {
		argps[i].options = o->used[i].set->options;
		argps[i].parser = parse_set;
		children[i].argp = &argps[i];
		parser->inputs[i].options = o;
		parser->inputs[i].use = &o->used[i];
	}
	return run_quietly(&argp, argc, argv, parser);
}

/**
 * options_parse() - Parse the command line.
 * @options: set to what it says
 * @commands: all commands, NULL at the end
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: 0, or STATUS_USAGE after having reported what is wrong.
 */
int options_parse(struct options *options,
		  const struct command * const *commands, int argc,
		  char **argv)
{
	struct parser parser = { .options = options, .commands = commands };
	char name[] = PROGRAM;
	int err;

	memset(options, 0, sizeof(*options));
	options->args = xcalloc(argc + 1, sizeof(*options->args));
	options->style.headings = true;
	add_sets(options, commands);
	/* Messages of getopt begin with the name, not with the path. */
	if (argc > 0)
		argv[0] = name;
	err = run_argp(&parser, argc, argv);
	options->style = options_style(options, STDOUT_FILENO);
	if (options->help || options->version)
		return 0;
	return err ? STATUS_USAGE : 0;
}

static bool has_option(const struct option_set *set, const char *name)
{
	const struct argp_option *option;

	for (option = set->options; option->name; option++)
		if (!strcmp(option->name, name))
			return true;
	return false;
}

static bool takes_option(const struct command *command, const char *name)
{
	const struct option_set * const *set;

	for (set = command->sets; set && *set; set++)
		if (has_option(*set, name))
			return true;
	return has_option(&global_options, name);
}

static int check_use(const struct option_use *use,
		     const struct command *command)
{
	const struct argp_option *option = use->set->options;
	__u32 given = use->given;

	for (; given; given >>= 1, option++)
		if (given & 1 && !takes_option(command, option->name))
			return complain(STATUS_USAGE,
					"--%s is not valid for '%s'",
					option->name, command->name);
	return 0;
}

/**
 * options_check() - Check that a command takes what was given.
 * @options: the command line, its arguments without the name of the command
 * @command: the command
 *
 * Return: 0, or the exit status after having reported what is wrong.
 */
int options_check(const struct options *options, const struct command *command)
{
	int status = 0;
	size_t i;

	for (i = 0; i < options->n_used && !status; i++)
		status = check_use(&options->used[i], command);
	if (status)
		return status;
	if (options->n_args < command->min_args)
		return complain(STATUS_USAGE, "'%s' needs an argument: %s",
				command->name, command->args);
	if (options->n_args > command->max_args)
		return complain(STATUS_USAGE,
				"unexpected argument '%s' for '%s'",
				options->args[command->max_args],
				command->name);
	return 0;
}

/**
 * options_style() - How tables look on a stream.
 * @options: the command line
 * @fd: file descriptor of the stream
 *
 * Return: the style.
 */
struct style options_style(const struct options *options, int fd)
{
	const char *term = getenv("TERM"), *none = getenv("NO_COLOR");
	struct style style = options->style;

	style.terminal = isatty(fd);
	style.color = options->color == COLOR_ALWAYS ||
		      (options->color == COLOR_AUTO && style.terminal &&
		       !(none && *none) && term && strcmp(term, "dumb"));
	return style;
}

/**
 * options_free() - Free what options_parse() allocated.
 * @options: the command line
 */
void options_free(struct options *options)
{
	free(options->args);
}
