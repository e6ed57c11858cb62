/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel without the module: sock_diag and /proc. */
#ifndef PORTOWNER_DIAG_H
#define PORTOWNER_DIAG_H

#include "source/source.h"

/* What can be known without the module, KNOWS_* */
#define DIAG_KNOWS	(KNOWS_CHECK | KNOWS_STATS)

int diag_open(struct source **source, bool quiet);

#endif /* PORTOWNER_DIAG_H */
