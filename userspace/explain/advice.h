/* SPDX-License-Identifier: GPL-2.0 */
/* Remedies for a refused bind, as advice in a report. */
#ifndef PORTOWNER_ADVICE_H
#define PORTOWNER_ADVICE_H

#include "explain/context.h"
#include "explain/report.h"

char *advice_in_netns(const struct context *ctx, char *command);

void advice_start_again(const struct context *ctx, struct report *report);
bool holder_is_unseen(const struct psock *sock);
void advice_unseen(const struct context *ctx, struct report *report);
void advice_orphans(const struct context *ctx, struct report *report);
void advice_stop(const struct context *ctx, struct report *report);
void advice_other_port(const struct context *ctx, struct report *report);
void advice_address(const struct context *ctx, struct report *report);
bool advice_option(const struct context *ctx, struct report *report,
		   __u32 flag);
void advice_check_reuseaddr(const struct context *ctx, struct report *report);
void advice_v6only(const struct context *ctx, struct report *report);
void advice_others(const struct context *ctx, struct report *report);
void advice_reserve(const struct context *ctx, struct report *report);

#endif /* PORTOWNER_ADVICE_H */
