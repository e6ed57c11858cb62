/* SPDX-License-Identifier: GPL-2.0 */
/* Which sockets share a port, as far as known. */
#ifndef PORTOWNER_DIAG_SHARE_H
#define PORTOWNER_DIAG_SHARE_H

#include "model/model.h"

void diag_share(struct psock_list *list, bool lists_bound_tcp);

#endif /* PORTOWNER_DIAG_SHARE_H */
