/* SPDX-License-Identifier: GPL-2.0 */
/* Can an address be bound here, and a port by us? */
#ifndef PORTOWNER_DIAG_LOCAL_H
#define PORTOWNER_DIAG_LOCAL_H

#include <net/if.h>
#include <stdio.h>

#include "model/check.h"

/* In the flags of an IPv6 address. */
#define FLAG_OPTIMISTIC		0x04
#define FLAG_DAD_FAILED		0x08
#define FLAG_TENTATIVE		0x40

/**
 * struct ipv6_place - A device that has an IPv6 address.
 * @dev: its name
 * @scope: scope of the address, as the kernel writes it
 * @flags: flags of the address
 */
struct ipv6_place {
	char dev[IF_NAMESIZE];
	unsigned int scope;
	unsigned int flags;
};

FILE *diag_ipv6_open(void);
bool diag_ipv6_next(FILE *file, const unsigned char *addr,
		    struct ipv6_place *place);
bool diag_ipv6_is_usable(const struct ipv6_place *place);
bool diag_address_ok(const struct bind_request *request);
bool diag_port_ok(const struct bind_request *request);
void diag_address_reason(const struct bind_request *request,
			 struct reject *would);

#endif /* PORTOWNER_DIAG_LOCAL_H */
