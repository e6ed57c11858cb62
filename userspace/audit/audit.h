/* SPDX-License-Identifier: GPL-2.0 */
/* The whole host: sockets in, findings out. */
#ifndef PORTOWNER_AUDIT_H
#define PORTOWNER_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "audit/finding.h"
#include "lib/ephemeral.h"
#include "model/model.h"

#define SYSCTL_UNPRIVILEGED	"net.ipv4.ip_unprivileged_port_start"

/* Ports below are for root, unless the sysctl says otherwise. */
#define PRIVILEGED_PORTS	1024

/**
 * struct audit - What is looked at, and what is found.
 * @all: listening and bound sockets, and connected ones of UDP, sorted by port
 * @wanted: whether a socket may be reported
 * @arg: passed to it
 * @ephemeral: the range that the kernel chooses ports from, in namespace @netns
 * @has_unprivileged: @unprivileged is known
 * @unprivileged: lowest port that any user may bind, in namespace @netns
 * @module: the source knows binders, options and parts of the kernel
 * @all_netns: sockets of all network namespaces are there
 * @host: what is set on the host is looked at, too
 * @numeric: omit names of users
 * @root_sees: root would see more
 * @netns: network namespace of the tool
 * @findings: what was found, the worst first
 * @unchecked: what could not be looked at: bit N for finding N, and
 *	UNCHECKED_SYSCTLS for the sysctls of other network namespaces
 * @partly: what could not be looked at everywhere, likewise
 * @hidden: sockets that have processes which the caller may not see
 * @first: first finding about the port that is looked at
 */
struct audit {
	const struct psock_list *all;
	bool (*wanted)(const struct psock *sock, const void *arg);
	const void *arg;
	struct ephemeral ephemeral;
	bool has_unprivileged;
	unsigned int unprivileged;
	bool module;
	bool all_netns;
	bool host;
	bool numeric;
	bool root_sees;
	__u32 netns;
	struct finding_list findings;
	__u32 unchecked;
	__u32 partly;
	size_t hidden;
	size_t first;
};

void audit_run(struct audit *audit);
void audit_clear(struct audit *audit);

#endif /* PORTOWNER_AUDIT_H */
