// SPDX-License-Identifier: GPL-2.0
/* The help: one screen for the tool, a page for each command. */

#include <stdio.h>
#include <string.h>

#include "cmd/help.h"
#include "lib/util.h"

/* Gap between the names of options and their descriptions. */
#define GAP	2

/* Room for the names of an option, or for the usage of a command. */
#define NAMES_ROOM	64

/* "-o, --output=COLS"; returns its length. */
static int format_option(const struct argp_option *option,
			 char names[NAMES_ROOM])
{
	char letter[5] = "    ";

	if (option->key < OPTION_LONG_ONLY)
		snprintf(letter, sizeof(letter), "-%c, ", option->key);
	return snprintf(names, NAMES_ROOM, "%s--%s%s%s", letter, option->name,
			option->arg ? "=" : "", option->arg ? option->arg : "");
}

static int options_width(const struct option_set *set)
{
	const struct argp_option *option;
	char names[NAMES_ROOM];
	int max = 0, width;

	for (option = set->options; option->name; option++) {
		if (option->flags & (OPTION_ALIAS | OPTION_HIDDEN))
			continue;
		width = format_option(option, names);
		if (width > max)
			max = width;
	}
	return max + GAP;
}

static void print_options(const struct option_set *set, int width)
{
	const struct argp_option *option;
	char names[NAMES_ROOM];

	for (option = set->options; option->name; option++) {
		if (option->flags & (OPTION_ALIAS | OPTION_HIDDEN))
			continue;
		format_option(option, names);
		printf("  %-*s%s\n", width, names, option->doc);
	}
}

/**
 * help_print() - Print the help that fits on one screen.
 * @commands: all commands, NULL at the end
 */
void help_print(const struct command * const *commands)
{
	int width = options_width(&global_options);
	const struct command *command;
	char usage[NAMES_ROOM];

	puts("Usage: " PROGRAM " [OPTION...] [COMMAND] [ARGUMENT...]\n"
	     "Show which process owns a port, and what was in the way of a refused bind.");
	while ((command = *commands++)) {
		snprintf(usage, sizeof(usage), "%s %s", command->name,
			 command->args);
		printf("  %-*s%s\n", width, usage, command->summary);
	}
	puts("TARGET is [PROTO/][ADDR:]PORT: 8080, 53/udp, 8000-8100, :http, tcp/[::1]:80");
	print_options(&global_options, width);
}

static void print_sets(const struct option_set * const *sets)
{
	const struct option_set * const *set;
	int max = 0, width;

	for (set = sets; set && *set; set++) {
		width = options_width(*set);
		if (width > max)
			max = width;
	}
	for (set = sets; set && *set; set++) {
		printf("\n%s\n", (*set)->heading);
		print_options(*set, max);
	}
}

/**
 * help_print_command() - Print the page of a command.
 * @command: the command
 */
void help_print_command(const struct command *command)
{
	printf("Usage: " PROGRAM " %s [OPTION...]%s%s\n\n%s", command->name,
	       *command->args ? " " : "", command->args, command->help);
	print_sets(command->sets);
	printf("\nExit status:\n%s"
	       "  2  usage error\n"
	       "  3  module needed but not loaded, or permission denied\n"
	       "  4  other failure\n"
	       "\nExamples:\n%s\n", command->exits, command->examples);
	if (command->columns)
		printf("'" PROGRAM " %s -o help' lists the columns of the table.\n",
		       command->name);
	puts("'" PROGRAM " --help' lists the options of every command; see also " PROGRAM "(8).");
}
