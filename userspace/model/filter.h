/* SPDX-License-Identifier: GPL-2.0 */
/* Which sockets to list. */
#ifndef PORTOWNER_FILTER_H
#define PORTOWNER_FILTER_H

#include <stdbool.h>
#include <linux/types.h>

#include "model/model.h"

struct target;

/* Bits of @protos and @families in struct filter. */
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
 * struct filter - What a socket must match to be listed.
 * @protos: FILTER_TCP, which includes MPTCP, FILTER_UDP and so on; 0 for any
 * @families: FILTER_INET and FILTER_INET6; 0 for any
 * @port: first port of the range, or 0 for any
 * @port_last: last port of the range
 * @states: bit N for state N; 0 for listening and bound sockets
 * @pid: a process that must be an owner, or 0 for any
 * @has_uid: @uid is set
 * @uid: user of the socket or of an owner
 * @comm: name of the process, or NULL for any
 * @unit: its systemd unit or container, or NULL for any
 * @all_netns: sockets of every network namespace
 * @no_owners: owners need not be searched for, but may be reported
 * @options: the options of each socket are worth a closer look
 *
 * The kernel applies all of it except @pid, @uid, @comm and @unit; the last two
 * apply to rejects only, for which all four describe the process.
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
	const char *comm;
	const char *unit;
	bool all_netns;
	bool no_owners;
	bool options;
};

bool filter_add_proto(struct filter *filter, __u16 proto);
bool filter_add_protos(struct filter *filter, const char *list);
bool filter_add_states(struct filter *filter, const char *list,
		       const char **bad, size_t *bad_len);
bool filter_set_port(struct filter *filter, const char *text,
		     const char **why);
void filter_span_targets(struct filter *filter, const struct target *targets,
			 size_t n);
__u16 filter_proto(const struct filter *filter);
__u16 filter_family(const struct filter *filter);
bool filter_wants_endpoint(const struct filter *filter,
			   const struct endpoint *ep);
bool filter_wants_server(const struct filter *filter, const struct endpoint *ep);
bool filter_wants_holders(const struct psock *sock, const void *filter);
bool filter_wants_reject(const struct filter *filter,
			 const struct reject *reject);
bool filter_wants(const struct psock *sock, const void *filter);

#endif /* PORTOWNER_FILTER_H */
