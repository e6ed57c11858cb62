/* SPDX-License-Identifier: GPL-2.0 */
/* References to a socket that cannot be traced to a descriptor, in words. */
#ifndef PORTOWNER_UNTRACKED_H
#define PORTOWNER_UNTRACKED_H

#include "model/model.h"

const char *untracked_name(__u32 where);
void untracked_print(const struct psock *sock);

#endif /* PORTOWNER_UNTRACKED_H */
