// SPDX-License-Identifier: GPL-2.0
/* portowner: which process owns a port, and what was in the way of a bind. */

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/child.h"
#include "cmd/cmd.h"
#include "cmd/help.h"
#include "lib/host_tunnels.h"
#include "lib/progress.h"
#include "model/names.h"
#include "model/target.h"

/* Complain about a word, with the command that was meant, or else the reason. */
static int complain_word(const char *word, const char *what, const char *why)
{
	const struct command *command = command_meant(all_commands, word);
	char *more = command ?
		xasprintf("; did you mean '%s'?", command->name) :
		why ? xasprintf(": %s", why) : xstrdup("");

	complain(STATUS_USAGE, "'%s' is %s%s", word, what, more);
	free(more);
	return STATUS_USAGE;
}

/* The named command, or the default if none is named. */
static const struct command *choose_command(struct options *options)
{
	const struct command *command;
	struct target target;
	const char *why;

	if (!options->n_args)
		return &cmd_list;
	command = command_find(all_commands, options->args[0]);
	if (command) {
		options->args++;
		options->n_args--;
		return command;
	}
	if (target_parse(&target, options->args[0], &why))
		return &cmd_who;
	complain_word(options->args[0], "neither a command nor a TARGET", why);
	return NULL;
}

/* "help check" is "--help check". Returns 0 or the exit status. */
static int take_help(struct options *options)
{
	if (options->help || !options->n_args ||
	    strcmp(options->args[0], "help"))
		return 0;
	options->help = true;
	options->args++;
	options->n_args--;
	if (options->n_args && !command_find(all_commands, options->args[0]))
		return complain_word(options->args[0], "not a command", NULL);
	return 0;
}

static void print_help(const struct options *options)
{
	const struct command *command = NULL;

	if (options->n_args)
		command = command_find(all_commands, options->args[0]);
	if (command)
		help_print_command(command);
	else
		help_print(all_commands);
}

/* "-o help" is answered whatever else is given or missing. */
static bool is_columns_help(const struct command *command,
			    const struct options *options)
{
	return command->columns && options->columns &&
	       !strcmp(options->columns, COLUMNS_HELP);
}

static int run(struct options *options)
{
	const struct command *command = choose_command(options);
	int status;

	if (!command)
		return STATUS_USAGE;
	if (is_columns_help(command, options)) {
		columns_help(command->columns);
		return STATUS_YES;
	}
	/* JSON has no columns. */
	if (options->json)
		options->columns = NULL;
	status = options_check(options, command);
	if (!options->quiet)
		progress_allow();
	return status ? status : command->run(options);
}

/* Keep netlink sockets off a closed stdout: writing there must fail. */
static void occupy_standard_fds(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
			open("/dev/null", (fd ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
}

int main(int argc, char **argv)
{
	struct options options;
	char **args;
	int status;

	occupy_standard_fds();
	setlocale(LC_CTYPE, "");
	ignore_broken_pipes();
	status = options_parse(&options, all_commands, argc, argv);
	args = options.args;
	if (!status)
		status = take_help(&options);
	if (!status && options.help)
		print_help(&options);
	else if (!status && options.version)
		puts(PROGRAM " " PROGRAM_VERSION);
	else if (!status)
		status = run(&options);
	options.args = args;
	options_free(&options);
	names_forget();
	host_tunnels_forget();
	return finish_output(status);
}
