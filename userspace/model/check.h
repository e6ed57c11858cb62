/* SPDX-License-Identifier: GPL-2.0 */
/* A hypothetical bind, and what the kernel would answer to it. */
#ifndef PORTOWNER_CHECK_H
#define PORTOWNER_CHECK_H

#include <net/if.h>
#include <stdbool.h>
#include <linux/types.h>

#include "model/model.h"

/**
 * struct bind_request - A bind, and perhaps a listen, to be checked.
 * @ep: requested address, and the options of the socket
 * @ifindex: device that the socket would be bound to, or 0
 * @scope: device that the address names, or 0
 * @scope_dev: its name, or empty
 * @dev: name of the device of --dev, to which the device of @ep points
 * @has_uid: check for @uid instead of the caller
 * @uid: user who would bind
 * @listen: listen() would follow
 * @any_family: the port is meant for IPv4, or for IPv6, or for both
 * @any_proto: of any protocol; @ep has TCP
 */
struct bind_request {
	struct endpoint ep;
	__u32 ifindex;
	__u32 scope;
	char scope_dev[IF_NAMESIZE];
	char dev[IF_NAMESIZE];
	bool has_uid;
	__u32 uid;
	bool listen;
	bool any_family;
	bool any_proto;
};

/* May still refuse without the module, besides enum portowner_unforeseen. */
#define UNCHECKED_BPF	0x10000U	/* a BPF program, if there is one */
#define UNCHECKED_BOUND	0x20000U	/* sockets that are only bound */

/**
 * struct check - The answer.
 * @answered: an answer was received
 * @undecided: it depends on something unknown; the culprits of @would are the
 *	sockets that it depends on
 * @rule_unknown: the rule depends on something unknown
 * @would: the refusal, as it would be logged; its @err is 0 if there is none
 * @servers: sockets with a port of their own, if no other port was free
 * @unchecked: what may still refuse: enum portowner_unforeseen, UNCHECKED_*
 */
struct check {
	bool answered;
	bool undecided;
	bool rule_unknown;
	struct reject would;
	struct psock_list servers;
	__u32 unchecked;
};

void check_clear(struct check *check);

#endif /* PORTOWNER_CHECK_H */
