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
extern const struct field * const socket_columns[];

/* What log and run have in common. */
int rejects_columns(const struct options *options, bool all_netns,
		    struct columns *columns);
extern const struct field * const reject_columns[];
void print_rejects_table(struct table *table, const struct reject_list *list);

#endif /* PORTOWNER_CMD_H */
