/* SPDX-License-Identifier: GPL-2.0 */
/* Paths of control groups by id. */
#ifndef PORTOWNER_DIAG_CGROUPS_H
#define PORTOWNER_DIAG_CGROUPS_H

#include "diag/decode.h"

void diag_cgroups(struct psock_list *list, const struct diag_fact *facts);

#endif /* PORTOWNER_DIAG_CGROUPS_H */
