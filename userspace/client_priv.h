/* SPDX-License-Identifier: GPL-2.0 */
/* Shared by client.c, client_check.c and events.c only. */
#ifndef PORTOWNER_CLIENT_PRIV_H
#define PORTOWNER_CLIENT_PRIV_H

#include <netlink/netlink.h>

#include "client.h"

/**
 * struct client - Contact with the module.
 * @sk: for requests
 * @events: for multicast, or NULL
 * @family: number of the generic netlink family
 * @refusal: positive errno that the kernel refused the last request with
 * @words: the reason for @refusal
 * @unloaded: the module is gone
 * @quiet: no notes
 */
struct client {
	struct nl_sock *sk;
	struct nl_sock *events;
	int family;
	int refusal;
	char words[256];
	bool unloaded;
	bool quiet;
};

struct nl_msg *client_request(const struct client *client, __u8 command,
			      int flags);
int client_exchange(struct client *client, struct nl_msg *msg,
		    int (*decode)(struct nlmsghdr *nlh, void *result),
		    void *result);

struct nl_sock *client_socket(void);
int client_report(const struct client *client, int err, const char *what);
void client_note(const struct client *client, const char *text);

#endif /* PORTOWNER_CLIENT_PRIV_H */
