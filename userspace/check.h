/* SPDX-License-Identifier: GPL-2.0 */
/* A bind that is only thought of, and what the kernel would say to it. */
#ifndef PORTOWNER_CHECK_H
#define PORTOWNER_CHECK_H

#include <stdbool.h>
#include <linux/netlink.h>
#include <linux/types.h>

#include "model.h"

struct client;

/**
 * struct bind_request - A bind, and perhaps a listen, to be checked.
 * @ep: what would be asked for, and the options that would be set
 * @ifindex: device that the socket would be bound to, or 0
 * @scope: device that a link-local address is meant on, or 0
 * @has_uid: @uid is not just the caller
 * @uid: user who would bind
 * @listen: listen() would follow
 */
struct bind_request {
	struct endpoint ep;
	__u32 ifindex;
	__u32 scope;
	bool has_uid;
	__u32 uid;
	bool listen;
};

/**
 * struct check - The answer.
 * @answered: there is one
 * @would: what would be logged; its @err is 0 if nothing would be refused
 * @unforeseen: enum portowner_unforeseen
 */
struct check {
	bool answered;
	struct reject would;
	__u32 unforeseen;
};

int decode_check(struct nlmsghdr *nlh, struct check *check);
void check_clear(struct check *check);

int client_check(struct client *client, const struct bind_request *request,
		 struct check *check);
bool client_can_check(struct client *client, const struct bind_request *request,
		      struct check *check);

#endif /* PORTOWNER_CHECK_H */
