/* SPDX-License-Identifier: GPL-2.0 */
/* Audit the host: sockets in, findings out. */
#ifndef PORTOWNER_AUDIT_H
#define PORTOWNER_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "audit/finding.h"
#include "lib/ephemeral.h"
#include "model/model.h"

/* Lower ports are for root, unless the sysctl says otherwise. */
#define PRIVILEGED_PORTS	1024

/**
 * struct audit - Input and findings of an audit.
 * @all: listening and bound sockets, and connected UDP sockets, sorted by port
 * @wanted: whether a socket may be reported
 * @arg: passed to it
 * @ephemeral: the ephemeral port range of namespace @netns
 * @has_unprivileged: @unprivileged is known
 * @unprivileged: lowest port that any user may bind, in namespace @netns
 * @module: the source knows binders, options and kernel owners
 * @all_netns: sockets of all network namespaces are included
 * @host: check the settings of the host, too
 * @numeric: omit user names
 * @root_sees: root would see more
 * @netns: network namespace of the tool
 * @findings: the findings, worst first
 * @unchecked: checks that were not possible: bit N for finding N, and
 *	UNCHECKED_SYSCTLS for the sysctls of other network namespaces
 * @partly: checks that were not possible everywhere: bit N for finding N
 * @hidden: sockets with processes that the caller may not see
 * @first: index of the first finding on the current port
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
