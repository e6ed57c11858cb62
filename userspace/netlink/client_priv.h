/* SPDX-License-Identifier: GPL-2.0 */
/* Private to the files of the client. */
#ifndef PORTOWNER_CLIENT_PRIV_H
#define PORTOWNER_CLIENT_PRIV_H

#include "netlink/client.h"
#include "source/channel.h"

/**
 * struct client - A connection to the module.
 * @source: what the rest of the tool sees of it
 * @channel: for requests
 * @events: for multicast, or NULL
 * @joined: events on @events, besides families that come and go
 * @family: id of the generic netlink family
 * @unloaded: the module is gone
 */
struct client {
	struct source source;
	struct channel channel;
	struct nl_sock *events;
	enum source_event joined;
	int family;
	bool unloaded;
};

static inline struct client *client_of(struct source *source)
{
	return (struct client *)source;
}

struct nl_msg *client_request(const struct client *client, __u8 command,
			      int flags);
int client_exchange(struct client *client, struct nl_msg *msg,
		    int (*decode)(struct nlmsghdr *nlh, void *result),
		    void *result);
bool client_is_gone(const struct source *source);
int client_report(const struct client *client, int err, const char *what);

int client_ports(struct source *source, const struct filter *filter,
		 struct psock_list *list);
int client_check(struct source *source, const struct bind_request *request,
		 struct check *check);
bool client_can_check(struct source *source,
		      const struct bind_request *request,
		      struct check *check);
int client_rejects(struct source *source, const struct reject_query *query,
		   struct reject_list *list);
bool client_sees_all(struct source *source);
int client_calls(struct source *source, struct call_cursor *cursor,
		 struct reject_list *list);
int client_join(struct source *source, enum source_event event,
		bool all_netns);
bool client_can_join(struct source *source, enum source_event event,
		     bool all_netns);
int client_events_fd(const struct source *source);
int client_drain(struct source *source);
int client_wait(struct source *source, int stop_fd, int timeout_ms,
		bool *event);
int client_rejoin(struct source *source, int stop_fd, bool *back);

#endif /* PORTOWNER_CLIENT_PRIV_H */
