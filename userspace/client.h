/* SPDX-License-Identifier: GPL-2.0 */
/* Ask the module through generic netlink. */
#ifndef PORTOWNER_CLIENT_H
#define PORTOWNER_CLIENT_H

#include <stdbool.h>
#include <linux/types.h>

#include "filter.h"
#include "model.h"

struct client;

/**
 * struct reject_query - Which rejects are asked for.
 * @since: those with a higher number in their network namespace
 * @ancestor: those of this process and its descendants, or 0 for any
 * @all_netns: those of every network namespace, one after the other
 */
struct reject_query {
	__u64 since;
	__u32 ancestor;
	bool all_netns;
};

/*
 * Functions that return an int say what is wrong themselves, in one line on
 * stderr, and return what the tool shall exit with; 0 if all is well.
 */
int client_open(struct client **client, bool quiet);
void client_close(struct client *client);

int client_ports(struct client *client, const struct filter *filter,
		 struct psock_list *list);
int client_rejects(struct client *client, const struct reject_query *query,
		   struct reject_list *list);
bool client_sees_all(struct client *client);
int client_stats(struct client *client, struct counters *counters);

/* How often all namespaces are looked at, some of which tell us nothing. */
#define LOOK_MS		1000

int client_join(struct client *client, bool all_netns);
bool client_can_join(struct client *client, bool all_netns);
int client_events_fd(const struct client *client);
int client_drain(struct client *client);
int client_wait(struct client *client, int stop_fd, int timeout_ms,
		bool *event);

#endif /* PORTOWNER_CLIENT_H */
