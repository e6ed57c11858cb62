// SPDX-License-Identifier: GPL-2.0
/* The table of commands. */

#include "cmd/cmd.h"

const struct command * const all_commands[] = {
	&cmd_list, &cmd_who, &cmd_log, &cmd_why, &cmd_check, &cmd_wait,
	&cmd_run, &cmd_trace, &cmd_top, &cmd_audit, &cmd_stats, &cmd_metrics,
	NULL
};
