/* SPDX-License-Identifier: GPL-2.0 */
/* The parts of an audit. */
#ifndef PORTOWNER_AUDIT_PRIV_H
#define PORTOWNER_AUDIT_PRIV_H

#include "audit/audit.h"
#include "print/sharing.h"

struct finding *audit_found(struct audit *audit, enum finding_id id,
			    enum severity severity, const struct psock *sock);
char *audit_command(const struct finding *finding);
bool audit_is_found(const struct audit *audit, enum finding_id id,
		    const struct psock *sock);
char *audit_holder(const struct audit *audit, const struct psock *sock);
char *audit_subject(const struct audit *audit, const struct psock *sock);

/* Findings about a single socket. */
void audit_socket(struct audit *audit, const struct psock *sock);

/* Findings about the sockets on one port. */
void audit_port(struct audit *audit, const struct psock_list *port);

/* Findings about the sysctls. */
void audit_fixed_port(struct audit *audit, const struct psock *sock);
void audit_sysctls(struct audit *audit);

#endif /* PORTOWNER_AUDIT_PRIV_H */
