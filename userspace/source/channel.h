/* SPDX-License-Identifier: GPL-2.0 */
/* Requests and dumps over a netlink socket, for any protocol. */
#ifndef PORTOWNER_CHANNEL_H
#define PORTOWNER_CHANNEL_H

#include <stdbool.h>
#include <netlink/netlink.h>

/* How often to read a dump whose table keeps changing. */
#define DUMP_TRIES	3

/**
 * struct channel - A netlink socket, and the outcome of its last request.
 * @sk: the socket
 * @refusal: positive errno with which the kernel refused the last request
 * @words: the reason for @refusal
 * @explained: @words is the kernel's own message, not just the name of an error
 */
struct channel {
	struct nl_sock *sk;
	int refusal;
	char words[256];
	bool explained;
};

struct nl_sock *channel_socket(int protocol);
void channel_prepare(struct channel *channel);
void channel_expect_dumps(struct channel *channel);
int channel_exchange(struct channel *channel, struct nl_msg *msg,
		     int (*decode)(struct nlmsghdr *nlh, void *result),
		     void *result);
int channel_report(const struct channel *channel, int err, const char *what);

#endif /* PORTOWNER_CHANNEL_H */
