/* SPDX-License-Identifier: GPL-2.0 */
/* The refused process, or a related one, is in its own way. */
#ifndef PORTOWNER_OWN_H
#define PORTOWNER_OWN_H

#include "explain/context.h"
#include "explain/report.h"

bool holder_is_heir(const struct psock *sock);
bool holder_is_leftover(const struct psock *sock);
bool holder_is_relative(const struct context *ctx);
bool own_can_share(const struct context *ctx);
void put_relation(const struct context *ctx, struct report *report, FILE *out);
void advise_own(const struct context *ctx, struct report *report);
void advise_own_gone(const struct context *ctx, struct report *report);
void advise_passed(const struct context *ctx, struct report *report);
void advise_heir(const struct context *ctx, struct report *report);

#endif /* PORTOWNER_OWN_H */
