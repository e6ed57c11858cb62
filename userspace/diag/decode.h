/* SPDX-License-Identifier: GPL-2.0 */
/* Decode sock_diag messages into the model. */
#ifndef PORTOWNER_DIAG_DECODE_H
#define PORTOWNER_DIAG_DECODE_H

#include <linux/netlink.h>

#include "model/filter.h"

/**
 * struct diag_fact - What sock_diag reports of a socket beyond the model.
 * @cgroup_id: cgroup of the socket, or 0
 */
struct diag_fact {
	__u64 cgroup_id;
};

/**
 * struct diag_answer - Destination of the answer to a dump.
 * @proto: requested IPPROTO_*
 * @filter: which sockets are wanted; the kernel may not have applied it
 * @netns: inode number of the queried network namespace
 * @elsewhere: that is not ours, so its devices have no names here
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
