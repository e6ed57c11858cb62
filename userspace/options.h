/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTOWNER_OPTIONS_H
#define PORTOWNER_OPTIONS_H

#include <stdbool.h>
#include <linux/types.h>

#include "filter.h"
#include "print.h"

/**
 * enum option_group - Options that a command takes or does not take together.
 * @GROUP_PROTO: protocol and address family
 * @GROUP_SOCKET: the rest of the filter
 * @GROUP_USER: --uid
 * @GROUP_LOG: what only the log has
 * @GROUP_CHECK: what only check has
 * @GROUP_WAIT: what wait is to wait for
 * @GROUP_TIMEOUT: --timeout
 * @N_GROUPS: how many there are
 */
enum option_group {
	GROUP_PROTO,
	GROUP_SOCKET,
	GROUP_USER,
	GROUP_LOG,
	GROUP_CHECK,
	GROUP_WAIT,
	GROUP_TIMEOUT,
	N_GROUPS,
};

/**
 * struct bind_options - What check is to assume of the socket.
 * @flags: options that it has, enum portowner_sock_flag
 * @dev: device that it is bound to, or NULL
 * @listen: it would listen, too
 */
struct bind_options {
	__u32 flags;
	char *dev;
	bool listen;
};

/**
 * enum wait_for - What wait waits for.
 * @WAIT_LISTENING: somebody serves there
 * @WAIT_BOUND: somebody has it
 * @WAIT_FREE: a server could have it
 */
enum wait_for {
	WAIT_LISTENING,
	WAIT_BOUND,
	WAIT_FREE,
};

/**
 * enum color_when - Whether to use colours.
 * @COLOR_AUTO: on a terminal
 * @COLOR_ALWAYS: yes
 * @COLOR_NEVER: no
 */
enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/**
 * struct options - The command line, read.
 * @args: what is not an option
 * @n_args: how many
 * @used: for each group, an option of it that was given, or NULL
 * @json: --json
 * @quiet: --quiet
 * @help: --help was given and all else is void
 * @version: --version was given and all else is void
 * @diag: --source=diag
 * @columns: --output, or NULL
 * @color: --color
 * @style: how tables look on stdout
 * @filter: which sockets
 * @follow: --follow
 * @since_ns: --since, or 0
 * @bind: of check
 * @wait_for: of wait
 * @has_timeout: @timeout_ns is given
 * @timeout_ns: --timeout
 */
struct options {
	char **args;
	size_t n_args;
	const char *used[N_GROUPS];
	bool json;
	bool quiet;
	bool help;
	bool version;
	bool diag;
	const char *columns;
	enum color_when color;
	struct style style;
	struct filter filter;
	bool follow;
	__u64 since_ns;
	struct bind_options bind;
	enum wait_for wait_for;
	bool has_timeout;
	__u64 timeout_ns;
};

/**
 * struct command - A command.
 * @name: its name
 * @run: does it; returns what to exit with
 * @groups: bit N for each group of options that it takes, beside the global ones
 * @columns: arrays of fields that its tables may have, NULL at the end; or NULL
 * @min_args: arguments that it needs
 * @max_args: arguments that it takes
 * @usage: its arguments
 * @help: what it answers
 */
struct command {
	const char *name;
	int (*run)(const struct options *options);
	unsigned int groups;
	const struct field * const *columns;
	size_t min_args;
	size_t max_args;
	const char *usage;
	const char *help;
};

int options_parse(struct options *options, int argc, char **argv);
struct style options_style(const struct options *options, int fd);
void options_free(struct options *options);
void options_help(const struct command *commands);

#endif /* PORTOWNER_OPTIONS_H */
