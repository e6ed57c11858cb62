/* SPDX-License-Identifier: GPL-2.0 */
/* Messages of sock_diag, into the model. */
#ifndef PORTOWNER_DIAG_DECODE_H
#define PORTOWNER_DIAG_DECODE_H

#include <linux/netlink.h>

#include "model/filter.h"

/**
 * struct diag_fact - What sock_diag says of a socket that the model has not.
 * @cgroup_id: of the socket, or 0
 */
struct diag_fact {
	__u64 cgroup_id;
};

/**
 * struct diag_answer - Where the answer to a dump goes.
 * @proto: IPPROTO_* that was asked for
 * @filter: what of it is wanted, which the kernel need not have looked at
 * @netns: inode number of the network namespace that was asked
 * @elsewhere: that is not ours, so that its devices have no name here
 * @list: gets the sockets
 * @facts: array: one for each socket in @list
 * @room: elements allocated in @facts
 * @absent: protocols that the kernel did not list, FILTER_*
 */
struct diag_answer {
	__u16 proto;
	const struct filter *filter;
	__u32 netns;
	bool elsewhere;
	struct psock_list *list;
	struct diag_fact *facts;
	size_t room;
	unsigned int absent;
};

int diag_decode(struct nlmsghdr *nlh, struct diag_answer *answer);

#endif /* PORTOWNER_DIAG_DECODE_H */
