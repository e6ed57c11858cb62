/* SPDX-License-Identifier: GPL-2.0 */
/* What local addresses have to do with each other. */
#ifndef PORTOWNER_ENDPOINT_H
#define PORTOWNER_ENDPOINT_H

#include <stdbool.h>
#include <linux/types.h>

#include "model.h"

void addr_unmap(__u16 *family, unsigned char *addr);

__u16 endpoint_transport(const struct endpoint *ep);
__u16 endpoint_family(const struct endpoint *ep);
bool endpoint_can_listen(const struct endpoint *ep);
bool endpoint_is_any(const struct endpoint *ep);
bool endpoint_is_dual(const struct endpoint *ep);
bool endpoint_equal(const struct endpoint *a, const struct endpoint *b);
bool endpoint_overlaps(const struct endpoint *a, const struct endpoint *b);

#endif /* PORTOWNER_ENDPOINT_H */
