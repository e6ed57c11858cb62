// SPDX-License-Identifier: GPL-2.0
/*
 * Parse the command line. Options may precede the command, so those of all
 * commands are parsed alike; whether the command accepts them is checked
 * afterwards.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/options.h"
#include "lib/escape.h"
#include "lib/util.h"

/**
 * struct set_input - Passed by argp to the parser of a set.
 * @options: the command line
 * @use: the set, and which of its options were given
 */
struct set_input {
	struct options *options;
	struct option_use *use;
};

/**
 * struct parser - Passed by argp to the parser of arguments.
 * @options: the command line
 * @commands: all commands
 * @inputs: one for each set
 */
struct parser {
	struct options *options;
	const struct command * const *commands;
	struct set_input inputs[OPTION_SETS_MAX];
};

/* "--help check" is "check --help". */
static void take_topic(struct options *o, const struct argp_state *state)
{
	if (o->help && !o->n_args && state->next < state->argc)
		o->args[o->n_args++] = state->argv[state->next];
}

/* Called by argp for each option, and for events of its own. */
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
 * @commands: all commands, NULL at the end
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

/* Do they differ in one character, or in the order of two? */
static bool is_typo(const char *text, const char *word)
{
	while (*text && *text == *word) {
		text++;
		word++;
	}
	if (!*text || !*word)
		return strlen(text) + strlen(word) == 1;
	return !strcmp(text + 1, word) || !strcmp(text, word + 1) ||
	       !strcmp(text + 1, word + 1) ||
	       (text[0] == word[1] && text[1] == word[0] &&
		!strcmp(text + 2, word + 2));
}

/**
 * command_meant() - Find a command whose name was mistyped.
 * @commands: all commands, NULL at the end
 * @name: what was typed
 *
 * Return: the command, or NULL.
 */
const struct command *command_meant(const struct command * const *commands,
				    const char *name)
{
	for (; *commands; commands++)
		if (is_typo(name, (*commands)->name))
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
		/* getopt has printed the error; one line is enough. */
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

/* getopt does not escape arguments; parsing ends with its first message. */
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
 * @options: set to the result
 * @commands: all commands, NULL at the end
 * @argc: number of arguments
 * @argv: the arguments
 *
 * Return: 0, or STATUS_USAGE after reporting the error.
 */
int options_parse(struct options *options,
		  const struct command * const *commands, int argc,
		  char **argv)
{
	struct parser parser = { .options = options, .commands = commands };
	/* It stays in argv. */
	static char name[] = PROGRAM;
	int err;

	memset(options, 0, sizeof(*options));
	options->args = xcalloc(argc + 1, sizeof(*options->args));
	options->style.headings = true;
	add_sets(options, commands);
	/* Messages of getopt begin with the name, not the path. */
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

/* Only list has --port; other commands have a TARGET. */
static int refuse_option(const char *name, const struct command *command)
{
	if (!strcmp(name, "port") && strstr(command->args, "TARGET"))
		return complain(STATUS_USAGE,
				"--port is not valid for '%s': its argument is the port, as in '%s 8080'",
				command->name, command->name);
	return complain(STATUS_USAGE, "--%s is not valid for '%s'", name,
			command->name);
}

static int check_use(const struct option_use *use,
		     const struct command *command)
{
	const struct argp_option *option = use->set->options;
	__u32 given = use->given;

	for (; given; given >>= 1, option++)
		if (given & 1 && !takes_option(command, option->name))
			return refuse_option(option->name, command);
	return 0;
}

/**
 * options_check() - Check that a command accepts what was given.
 * @options: the command line; its arguments without the command name
 * @command: the command
 *
 * Return: 0, or the exit status after reporting the error.
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
 * options_style() - Style of tables on a stream.
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
