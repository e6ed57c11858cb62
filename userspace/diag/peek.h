/* SPDX-License-Identifier: GPL-2.0 */
/* Options that sock_diag does not report, read from the sockets themselves. */
#ifndef PORTOWNER_DIAG_PEEK_H
#define PORTOWNER_DIAG_PEEK_H

#include "model/model.h"

void diag_peek(struct psock_list *list);

#endif /* PORTOWNER_DIAG_PEEK_H */
