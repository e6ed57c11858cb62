/* SPDX-License-Identifier: GPL-2.0 */
/* Dumps of sock_diag: all sockets of a network namespace that a filter wants. */
#ifndef PORTOWNER_DIAG_QUERY_H
#define PORTOWNER_DIAG_QUERY_H

#include "diag/decode.h"
#include "source/channel.h"

bool diag_lists_bound_tcp(void);
int diag_query(struct channel *channel, struct diag_answer *answer);

#endif /* PORTOWNER_DIAG_QUERY_H */
