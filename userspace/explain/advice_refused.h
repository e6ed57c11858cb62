/* SPDX-License-Identifier: GPL-2.0 */
/* Remedies for what binds on behalf of something else. */
#ifndef PORTOWNER_ADVICE_REFUSED_H
#define PORTOWNER_ADVICE_REFUSED_H

#include "explain/context.h"
#include "explain/report.h"

bool advice_refused_start(const struct context *ctx, struct report *report);
bool advice_refused_port(const struct context *ctx, struct report *report);

#endif /* PORTOWNER_ADVICE_REFUSED_H */
