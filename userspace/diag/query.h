/* SPDX-License-Identifier: GPL-2.0 */
/* sock_diag dumps: all sockets of a network namespace that match a filter. */
#ifndef PORTOWNER_DIAG_QUERY_H
#define PORTOWNER_DIAG_QUERY_H

#include "diag/decode.h"
#include "source/channel.h"

bool diag_lists_bound_tcp(void);
int diag_query(struct channel *channel, struct diag_answer *answer);

#endif /* PORTOWNER_DIAG_QUERY_H */
