/* SPDX-License-Identifier: GPL-2.0 */
/* Apply the bind rules to the listed sockets. */
#ifndef PORTOWNER_DIAG_CHECK_H
#define PORTOWNER_DIAG_CHECK_H

#include "model/check.h"
#include "model/filter.h"

struct filter diag_check_filter(const struct bind_request *request);
void diag_check(const struct bind_request *request, struct psock_list *holders,
		struct check *check);

#endif /* PORTOWNER_DIAG_CHECK_H */
