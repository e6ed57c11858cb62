/* SPDX-License-Identifier: GPL-2.0 */
#ifndef PORTOWNER_CMD_H
#define PORTOWNER_CMD_H

#include "options.h"

int cmd_list(const struct options *options);
int cmd_who(const struct options *options);
int cmd_log(const struct options *options);
int cmd_check(const struct options *options);
int cmd_why(const struct options *options);
int cmd_wait(const struct options *options);
int cmd_run(const struct options *options);
int cmd_stats(const struct options *options);

/* What list and who have in common. */
int sockets_columns(const struct options *options, struct columns *columns);
bool sockets_help_wanted(const struct options *options);

/* What log and run have in common. */
int rejects_columns(const struct options *options, bool all_netns,
		    struct columns *columns);
bool rejects_help_wanted(const struct options *options);
void print_rejects_table(struct table *table, const struct reject_list *list);

#endif /* PORTOWNER_CMD_H */
