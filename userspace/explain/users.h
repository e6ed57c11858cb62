/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets of different users that set SO_REUSEPORT. */
#ifndef PORTOWNER_USERS_H
#define PORTOWNER_USERS_H

#include <stdio.h>

#include "explain/context.h"
#include "explain/report.h"

bool users_differ(const struct context *ctx);
bool users_are_one_program(const struct context *ctx);
void users_put(FILE *out, const struct context *ctx);
bool users_advise(const struct context *ctx, struct report *report);

#endif /* PORTOWNER_USERS_H */
