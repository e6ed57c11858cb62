// SPDX-License-Identifier: GPL-2.0
/* Findings about the sysctls of the tool's network namespace. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_priv.h"
#include "lib/host.h"
#include "lib/util.h"
#include "print/phrase.h"

/**
 * audit_fixed_port() - Does a program need a port that the kernel may give away?
 * @audit: the audit
 * @sock: a listening or bound socket that is wanted
 */
void audit_fixed_port(struct audit *audit, const struct psock *sock)
{
	const struct ephemeral *range = &audit->ephemeral;
	struct finding *finding;
	char *who;

	if (sock->netns != audit->netns ||
	    sock->port_origin != PORT_ORIGIN_PROGRAM || !range->reserved ||
	    !ephemeral_has(range, sock->ep.port) ||
	    ephemeral_reserves(range, sock->ep.port))
		return;
	finding = audit_found(audit, FINDING_FIXED_PORT_IN_RANGE, SEVERITY_LOW,
			      sock);
	if (!finding)
		return;
	who = audit_subject(audit, sock);
	finding->text = xasprintf("%s chose a port of %s (%u to %u), which the "
				  "kernel may give to a connection while the "
				  "program is not running.", who, SYSCTL_RANGE,
				  range->first, range->last);
	free(who);
}

static char *ports_to_reserve(const struct audit *audit)
{
	bool *need = xcalloc(65536, sizeof(*need));
	const struct finding *finding = audit->findings.v;
	char *list;
	size_t i;

	for (i = 0; i < audit->findings.n; i++, finding++)
		if (finding->id == FINDING_FIXED_PORT_IN_RANGE)
			need[finding->port] = true;
	list = ephemeral_list(&audit->ephemeral, need);
	free(need);
	return list;
}

static void reserve_ports(struct audit *audit)
{
	struct finding *finding = audit->findings.v;
	char *list = NULL;
	size_t i;

	for (i = 0; i < audit->findings.n; i++, finding++) {
		if (finding->id != FINDING_FIXED_PORT_IN_RANGE)
			continue;
		if (!list)
			list = ports_to_reserve(audit);
		finding->remedy = xasprintf("Reserve it, now and in "
					    "/etc/sysctl.d: sysctl -w %s=%s",
					    SYSCTL_RESERVED, list);
	}
	free(list);
}

static void look_at_range(struct audit *audit)
{
	struct finding *finding;

	if (!audit->host || !audit->has_unprivileged ||
	    audit->unprivileged >= PRIVILEGED_PORTS)
		return;
	finding = finding_add(&audit->findings);
	finding->id = FINDING_PRIVILEGED_RANGE;
	finding->severity = SEVERITY_MEDIUM;
	finding->port = audit->unprivileged;
	finding->text = xasprintf("%s is %u, and not %u: any user may bind the "
				  "ports from %u on.", SYSCTL_UNPRIVILEGED,
				  audit->unprivileged, PRIVILEGED_PORTS,
				  audit->unprivileged);
	finding->remedy = xasprintf("If that is not intended, give "
				    "CAP_NET_BIND_SERVICE to the services that "
				    "need low ports, then set it to %u.",
				    PRIVILEGED_PORTS);
}

/**
 * audit_sysctls() - Check the sysctls.
 * @audit: the audit, with all findings about sockets
 */
void audit_sysctls(struct audit *audit)
{
	look_at_range(audit);
	reserve_ports(audit);
}
