/* SPDX-License-Identifier: GPL-2.0 */
/* How a socket option is set in a program that everybody knows. */
#ifndef PORTOWNER_HOWTO_H
#define PORTOWNER_HOWTO_H

#include "model.h"

char *howto_set(const char *exe, __u32 flag, const struct endpoint *ep);

#endif /* PORTOWNER_HOWTO_H */
