/* SPDX-License-Identifier: GPL-2.0 */
/* The command line: what commands declare, and what was given. */
#ifndef PORTOWNER_OPTIONS_H
#define PORTOWNER_OPTIONS_H

#include <argp.h>
#include <stdbool.h>
#include <linux/types.h>

#include "model/filter.h"
#include "model/target.h"
#include "print/print.h"

/* More than all commands use together. */
#define OPTION_SETS_MAX	16

/* Keys of options without a letter start here. */
#define OPTION_LONG_ONLY	0x100

/* Instead of columns, to list them. */
#define COLUMNS_HELP		"help"

struct options;

/**
 * struct option_set - Options that a command accepts together.
 * @heading: printed above them on the command's help page
 * @options: at most 32; each has a one-line description
 * @parse: handles one of them; returns 0, or the exit status after reporting
 *	the error
 */
struct option_set {
	const char *heading;
	const struct argp_option *options;
	int (*parse)(struct options *options, int key, char *arg);
};

/**
 * struct option_use - Which options of a set were given.
 * @set: the set
 * @given: bit N for the option at index N
 */
struct option_use {
	const struct option_set *set;
	__u32 given;
};

/**
 * struct bind_options - The socket that check assumes.
 * @flags: options set on it, enum portowner_sock_flag
 * @dev: device that it is bound to, or NULL
 * @listen: check listen() as well
 */
struct bind_options {
	__u32 flags;
	char *dev;
	bool listen;
};

/**
 * enum wait_for - What wait waits for.
 * @WAIT_LISTENING: a socket is listening
 * @WAIT_BOUND: a socket is bound, listening or not
 * @WAIT_FREE: a server could bind the port
 */
enum wait_for {
	WAIT_LISTENING,
	WAIT_BOUND,
	WAIT_FREE,
};

/**
 * enum color_when - When to use colours.
 * @COLOR_AUTO: on a terminal
 * @COLOR_ALWAYS: always
 * @COLOR_NEVER: never
 */
enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/**
 * enum source_from - The source to use.
 * @SOURCE_AUTO: the module, or the kernel without it if it is not loaded
 * @SOURCE_MODULE: the module
 * @SOURCE_DIAG: the kernel without it
 */
enum source_from {
	SOURCE_AUTO,
	SOURCE_MODULE,
	SOURCE_DIAG,
};

/**
 * struct options - The parsed command line.
 * @args: arguments that are not options; the command's name is the first
 * @n_args: number of arguments
 * @used: which options were given
 * @n_used: length of @used
 * @json: --json
 * @quiet: --quiet
 * @help: --help; nothing after it was parsed
 * @version: --version; nothing after it was parsed
 * @from: --source
 * @columns: --output, or NULL
 * @color: --color
 * @style: style of tables on stdout
 * @states_help: --state=help
 * @filter: which sockets are wanted
 * @owners: --owners
 * @follow: --follow
 * @journal: --journal
 * @since_ns: --since, or 0
 * @file: --write, or NULL
 * @ktap: --ktap
 * @fail: --fail
 * @new_netns: --netns
 * @save: --save, or NULL
 * @baseline: --baseline, or NULL
 * @fix: --fix
 * @bind: options of check
 * @wait_for: what wait waits for
 * @has_wait_for: @wait_for was given
 * @once: --once
 * @delay_ns: --delay, or 0
 * @timeout_ns: --timeout
 * @has_timeout: @timeout_ns was given
 */
struct options {
	char **args;
	size_t n_args;
	struct option_use used[OPTION_SETS_MAX];
	size_t n_used;
	bool json;
	bool quiet;
	bool help;
	bool version;
	enum source_from from;
	const char *columns;
	enum color_when color;
	struct style style;
	bool states_help;
	struct filter filter;
	bool owners;
	bool follow;
	bool journal;
	__u64 since_ns;
	const char *file;
	bool ktap;
	bool fail;
	bool new_netns;
	const char *save;
	const char *baseline;
	bool fix;
	struct bind_options bind;
	enum wait_for wait_for;
	bool has_wait_for;
	bool once;
	__u64 delay_ns;
	__u64 timeout_ns;
	bool has_timeout;
};

/**
 * struct command - A command, as declared in its own file.
 * @name: its name
 * @run: runs it; returns the exit status
 * @sets: options that it accepts besides the global ones, NULL at the end
 * @columns: arrays of fields for its tables, NULL at the end; or NULL
 * @min_args: arguments that it needs
 * @max_args: arguments that it takes
 * @args_are_command: its first argument is a command with options of its own
 * @args: its arguments, as in a usage line
 * @summary: what it does, for the list of commands
 * @help: what it does, in whole lines
 * @exits: its exit statuses, except those shared by all commands
 * @examples: whole lines
 */
struct command {
	const char *name;
	int (*run)(const struct options *options);
	const struct option_set * const *sets;
	const struct field * const *columns;
	size_t min_args;
	size_t max_args;
	bool args_are_command;
	const char *args;
	const char *summary;
	const char *help;
	const char *exits;
	const char *examples;
};

/* Accepted by every command. */
extern const struct option_set global_options;

/* Protocol and address family: accepted by commands that deal with ports. */
extern const struct option_set proto_options;

/* Style of tables: accepted by commands that print some. */
extern const struct option_set table_options;

/* Format of times: accepted by commands that print tables of refusals. */
extern const struct option_set time_options;

/* The calling process: accepted by log, why and trace. */
extern const struct option_set refused_options;

const struct command *command_find(const struct command * const *commands,
				   const char *name);
const struct command *command_meant(const struct command * const *commands,
				    const char *name);

int options_parse(struct options *options,
		  const struct command * const *commands, int argc,
		  char **argv);
int options_check(const struct options *options,
		  const struct command *command);
int options_target(const struct options *options, const char *text,
		   target_parser *parse, struct target *target);
int options_target_single(const struct options *options, const char *text,
			  target_parser *parse, struct target *target);
int options_targets(const struct options *options, struct target *targets);
int options_parse_pid(struct options *options, const char *arg);
int options_parse_uid(struct options *options, const char *arg);
struct style options_style(const struct options *options, int fd);
void options_free(struct options *options);

#endif /* PORTOWNER_OPTIONS_H */
