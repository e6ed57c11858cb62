// SPDX-License-Identifier: GPL-2.0
/* portowner: which process owns a port, and who was in the way of a bind. */

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "child.h"
#include "cmd.h"
#include "names.h"
#include "target.h"

#define STRING(x)	#x
#define EXPAND(x)	STRING(x)

#define BIT(n)		(1U << (n))

static const struct command commands[] = {
	{
		.name = "list",
		.run = cmd_list,
		.groups = BIT(GROUP_PROTO) | BIT(GROUP_SOCKET) |
			  BIT(GROUP_USER),
		.columns = socket_columns,
		.usage = "",
		.help = "every port that is listened on or bound",
	},
	{
		.name = "who",
		.run = cmd_who,
		.groups = BIT(GROUP_PROTO),
		.columns = socket_columns,
		.min_args = 1,
		.max_args = -1,
		.usage = "TARGET...",
		.help = "who owns these ports, in full",
	},
	{
		.name = "log",
		.run = cmd_log,
		.groups = BIT(GROUP_PROTO) | BIT(GROUP_LOG),
		.columns = reject_columns,
		.max_args = 1,
		.usage = "[TARGET]",
		.help = "binds that the kernel refused, and who was in the way",
	},
	{
		.name = "why",
		.run = cmd_why,
		.groups = BIT(GROUP_PROTO),
		.max_args = 1,
		.usage = "[TARGET]",
		.help = "the last refusal in words, and what can be done",
	},
	{
		.name = "check",
		.run = cmd_check,
		.groups = BIT(GROUP_PROTO) | BIT(GROUP_USER) |
			  BIT(GROUP_CHECK),
		.columns = socket_columns,
		.min_args = 1,
		.max_args = 1,
		.usage = "TARGET",
		.help = "would a bind succeed now, and if not, why",
	},
	{
		.name = "wait",
		.run = cmd_wait,
		.groups = BIT(GROUP_PROTO) | BIT(GROUP_WAIT) |
			  BIT(GROUP_TIMEOUT),
		.min_args = 1,
		.max_args = 1,
		.usage = "TARGET",
		.help = "until somebody listens there, or nobody",
	},
	{
		.name = "run",
		.run = cmd_run,
		.columns = reject_columns,
		.min_args = 1,
		.max_args = -1,
		.usage = "[--] CMD...",
		.help = "run CMD, then report the binds it was refused",
	},
	{
		.name = "stats",
		.run = cmd_stats,
		.usage = "",
		.help = "counters of the module",
	},
	{ 0 }
};

static const struct command *find_command(const char *name)
{
	const struct command *command;

	for (command = commands; command->name; command++)
		if (!strcmp(command->name, name))
			return command;
	return NULL;
}

/* What the command line asks for, as if the command had been written. */
static const struct command *choose_command(struct options *options)
{
	const struct command *command;
	struct target target;
	const char *why;

	if (!options->n_args)
		return find_command("list");
	command = find_command(options->args[0]);
	if (command) {
		options->args++;
		options->n_args--;
		return command;
	}
	if (target_parse(&target, options->args[0], &why))
		return find_command("who");
	complain(STATUS_USAGE, "'%s' is no command, and no TARGET: %s",
		 options->args[0], why);
	return NULL;
}

static int check_usage(const struct command *command,
		       const struct options *options)
{
	size_t i;

	for (i = 0; i < N_GROUPS; i++)
		if (options->used[i] && !(command->groups & BIT(i)))
			return complain(STATUS_USAGE,
					"--%s is no option of '%s'",
					options->used[i], command->name);
	if (options->n_args < command->min_args)
		return complain(STATUS_USAGE, "'%s' needs an argument: %s",
				command->name, command->usage);
	if (options->n_args > command->max_args)
		return complain(STATUS_USAGE, "'%s' does not take '%s'",
				command->name,
				options->args[command->max_args]);
	if (options->diag)
		return complain(STATUS_FAILED,
				"--source=diag is not available yet; use module");
	return 0;
}

/* Whatever else stands there, or is missing. */
static bool columns_help_wanted(const struct command *command,
				const struct options *options)
{
	return command->columns && options->columns &&
	       !strcmp(options->columns, "help");
}

static int run(struct options *options)
{
	const struct command *command = choose_command(options);
	int status;

	if (!command)
		return STATUS_USAGE;
	if (columns_help_wanted(command, options)) {
		columns_help(command->columns);
		return STATUS_YES;
	}
	/* It has no columns. */
	if (options->json)
		options->columns = NULL;
	status = check_usage(command, options);
	return status ? status : command->run(options);
}

/* A netlink socket must not become our stdout, which then is unwritable. */
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
	status = options_parse(&options, argc, argv);
	args = options.args;
	if (!status && options.help)
		options_help(commands);
	else if (!status && options.version)
		puts(PROGRAM " " EXPAND(PORTOWNER_VERSION));
	else if (!status)
		status = run(&options);
	options.args = args;
	options_free(&options);
	names_forget();
	return finish_output(status);
}
