/* SPDX-License-Identifier: GPL-2.0 */
/* Which sockets are wanted. */
#ifndef PORTOWNER_FILTER_H
#define PORTOWNER_FILTER_H

#include <stdbool.h>
#include <linux/types.h>

#include "model.h"

/* What struct filter has in @protos and @families. */
#define FILTER_TCP	1U
#define FILTER_UDP	2U
#define FILTER_MPTCP	4U
#define FILTER_UDPLITE	8U
#define FILTER_SCTP	16U
#define FILTER_ICMP	32U
#define FILTER_RAW	64U
#define FILTER_INET	1U
#define FILTER_INET6	2U

/**
 * struct filter - What a socket must be to be wanted.
 * @protos: FILTER_TCP, which has MPTCP too, FILTER_UDP and so on; 0 for any
 * @families: FILTER_INET and FILTER_INET6; 0 for any
 * @port: first of the range, or 0 for any
 * @port_last: last of the range
 * @states: bit N for state N; 0 for those that listen or are bound
 * @pid: a process that must be an owner, or 0
 * @has_uid: @uid is asked for
 * @uid: user of the socket or of an owner
 * @all_netns: sockets of every network namespace
 *
 * The kernel is asked for all but @pid and @uid.
 */
struct filter {
	unsigned int protos;
	unsigned int families;
	__u16 port;
	__u16 port_last;
	__u32 states;
	__u32 pid;
	bool has_uid;
	__u32 uid;
	bool all_netns;
};

bool filter_add_proto(struct filter *filter, __u16 proto);
bool filter_add_protos(struct filter *filter, const char *list);
bool filter_add_states(struct filter *filter, const char *list,
		       const char **bad, size_t *bad_len);
bool filter_set_port(struct filter *filter, const char *text,
		     const char **why);
__u16 filter_proto(const struct filter *filter);
__u16 filter_family(const struct filter *filter);
bool filter_wants_endpoint(const struct filter *filter,
			   const struct endpoint *ep);
bool filter_wants_holders(const struct psock *sock, const void *filter);
bool filter_wants(const struct psock *sock, const void *filter);

#endif /* PORTOWNER_FILTER_H */
