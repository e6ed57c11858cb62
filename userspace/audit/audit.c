// SPDX-License-Identifier: GPL-2.0
/*
 * Audit the host: sockets in, findings out. Sockets arrive sorted by port;
 * those on the same port are examined together.
 */

#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit_priv.h"
#include "lib/util.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/names.h"
#include "print/field.h"
#include "print/phrase.h"

static void look_at_port(struct audit *audit, const struct psock_list *port)
{
	const struct psock *sock = port->v;
	size_t i;

	audit->first = audit->findings.n;
	for (i = 0; i < port->n; i++, sock++) {
		if (!psock_is_passive(sock) || !proto_has_ports(sock->ep.proto) ||
		    !audit->wanted(sock, audit->arg))
			continue;
		audit->hidden += who_is_hidden(sock);
		audit_socket(audit, sock);
	}
	audit_port(audit, port);
}

/* Note what could not be checked: without the module, or for hidden owners. */
static void find_unchecked(struct audit *audit)
{
	if (!audit->module)
		audit->unchecked |= 1U << FINDING_KERNEL_OWNER |
				    1U << FINDING_INHERITED_SOCKET |
				    1U << FINDING_BINDER_GONE |
				    1U << FINDING_FIXED_PORT_IN_RANGE;
	if (audit->hidden)
		audit->partly |= 1U << FINDING_SHARED_BY_PROGRAMS |
				 1U << FINDING_DELETED_BINARY |
				 1U << FINDING_INHERITED_SOCKET |
				 1U << FINDING_BINDER_GONE |
				 1U << FINDING_CONTAINER_PORT;
	if (audit->host && !audit->has_unprivileged)
		audit->unchecked |= 1U << FINDING_PRIVILEGED_RANGE;
	if (!audit->ephemeral.known || !audit->ephemeral.reserved)
		audit->unchecked |= 1U << FINDING_FIXED_PORT_IN_RANGE;
	if (audit->all_netns)
		audit->unchecked |= UNCHECKED_SYSCTLS;
	audit->partly &= ~audit->unchecked;
}

/**
 * audit_run() - Run all checks.
 * @audit: the audit, still without findings; they are added
 */
void audit_run(struct audit *audit)
{
	struct psock_list port;
	size_t i, next;

	for (i = 0; i < audit->all->n; i = next) {
		for (next = i + 1; next < audit->all->n; next++)
			if (audit->all->v[next].ep.port !=
			    audit->all->v[i].ep.port)
				break;
		port = (struct psock_list){
			.v = audit->all->v + i, .n = next - i
		};
		look_at_port(audit, &port);
	}
	audit_sysctls(audit);
	find_unchecked(audit);
	finding_list_sort(&audit->findings);
}

/**
 * audit_clear() - Free the findings.
 * @audit: the audit
 */
void audit_clear(struct audit *audit)
{
	finding_list_clear(&audit->findings);
	ephemeral_free(&audit->ephemeral);
}
