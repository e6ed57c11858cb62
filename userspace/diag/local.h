/* SPDX-License-Identifier: GPL-2.0 */
/* Can an address be bound here, and a port by us? */
#ifndef PORTOWNER_DIAG_LOCAL_H
#define PORTOWNER_DIAG_LOCAL_H

#include "model/check.h"

bool diag_address_ok(const struct bind_request *request);
bool diag_port_ok(const struct bind_request *request);

#endif /* PORTOWNER_DIAG_LOCAL_H */
