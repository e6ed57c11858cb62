/* SPDX-License-Identifier: GPL-2.0 */
/* Refused processes that bind on behalf of something else. */
#ifndef PORTOWNER_REFUSED_H
#define PORTOWNER_REFUSED_H

#include "explain/context.h"
#include "explain/report.h"

bool refused_is_socket_unit(const struct reject *reject);
bool refused_asks_kernel(const struct reject *reject);
const char *refused_engine(const struct reject *reject);
char *phrase_refused(const struct context *ctx);

bool refused_start_again(const struct context *ctx, struct report *report);
bool refused_other_port(const struct context *ctx, struct report *report);

#endif /* PORTOWNER_REFUSED_H */
