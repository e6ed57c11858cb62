/* SPDX-License-Identifier: GPL-2.0 */
/* The commands, each declared in the file that bears its name. */
#ifndef PORTOWNER_CMD_H
#define PORTOWNER_CMD_H

#include "cmd/options.h"

extern const struct command cmd_list;
extern const struct command cmd_who;
extern const struct command cmd_log;
extern const struct command cmd_why;
extern const struct command cmd_check;
extern const struct command cmd_wait;
extern const struct command cmd_run;
extern const struct command cmd_trace;
extern const struct command cmd_top;
extern const struct command cmd_stats;
extern const struct command cmd_audit;
extern const struct command cmd_metrics;

/* All commands in the order of the help, NULL at the end. */
extern const struct command * const all_commands[];

/* Tables of sockets: list, who and check. */
int sockets_columns(const struct options *options, bool peers,
		    struct columns *columns);
extern const struct field * const socket_columns[];

/* Tables of refusals: log and run. */
int rejects_columns(const struct options *options, bool all_netns,
		    struct columns *columns);
extern const struct field * const reject_columns[];

#endif /* PORTOWNER_CMD_H */
