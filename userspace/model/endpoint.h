/* SPDX-License-Identifier: GPL-2.0 */
/* Properties of local addresses, and whether two of them overlap. */
#ifndef PORTOWNER_ENDPOINT_H
#define PORTOWNER_ENDPOINT_H

#include <stdbool.h>
#include <linux/types.h>

#include "model/model.h"

/**
 * enum endpoint_scope - From where an address can be reached, at most.
 * @SCOPE_LOCAL: from this host, through loopback
 * @SCOPE_LINK: from hosts on the same link
 * @SCOPE_OPEN: from anywhere, as far as routes and packet filters allow
 */
enum endpoint_scope {
	SCOPE_LOCAL,
	SCOPE_LINK,
	SCOPE_OPEN,
};

void addr_unmap(__u16 *family, unsigned char *addr);

__u16 endpoint_transport(const struct endpoint *ep);
__u16 endpoint_family(const struct endpoint *ep);
bool endpoint_can_listen(const struct endpoint *ep);
bool endpoint_is_any(const struct endpoint *ep);
bool endpoint_is_multicast(const struct endpoint *ep);
bool endpoint_is_discovery(const struct endpoint *ep);
bool endpoint_is_localhost(const struct endpoint *ep);
enum endpoint_scope endpoint_scope(const struct endpoint *ep);
bool endpoint_is_dual(const struct endpoint *ep);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
bool endpoint_overlaps(const struct endpoint *a, const struct endpoint *b);
bool endpoint_blocks(const struct endpoint *had, const struct endpoint *wanted);

#endif /* PORTOWNER_ENDPOINT_H */
