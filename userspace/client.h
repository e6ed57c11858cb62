/* SPDX-License-Identifier: GPL-2.0 */
/* Ask the module through generic netlink. */
#ifndef PORTOWNER_CLIENT_H
#define PORTOWNER_CLIENT_H

#include <stdbool.h>
#include <linux/types.h>

#include "filter.h"
#include "model.h"

struct client;

/*
 * Functions that return an int say what is wrong themselves, in one line on
 * stderr, and return what the tool shall exit with; 0 if all is well.
 */
int client_open(struct client **client, bool quiet);
void client_close(struct client *client);

int client_ports(struct client *client, const struct filter *filter,
		 struct psock_list *list);
int client_rejects(struct client *client, __u64 since,
		   struct reject_list *list);
int client_stats(struct client *client, struct counters *counters);

int client_join(struct client *client);
int client_wait(struct client *client, int stop_fd, bool *event);

#endif /* PORTOWNER_CLIENT_H */
