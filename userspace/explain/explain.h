/* SPDX-License-Identifier: GPL-2.0 */
/* What happened to a bind, which rule refused it, and what can be done. */
#ifndef PORTOWNER_EXPLAIN_H
#define PORTOWNER_EXPLAIN_H

#include "explain/context.h"
#include "explain/report.h"

void explain_rule(const struct context *ctx, struct report *report);
void explain_facts(const struct context *ctx, struct report *report);
char *explain_verdict(const struct endpoint *ep, const struct reject *would,
		      bool listens);

/* Called by explain_rule(): sentences go to @out, advice to @report. */
void explain_in_use(const struct context *ctx, struct report *report,
		    FILE *out);
void explain_not_searched(const struct context *ctx, struct report *report,
			  FILE *out);
void explain_uid_differs(const struct context *ctx, struct report *report,
			 FILE *out);
void explain_holder_listening(const struct context *ctx, struct report *report,
			      FILE *out);
void explain_time_wait(const struct context *ctx, struct report *report,
		       FILE *out);
void explain_exhausted(const struct context *ctx, struct report *report,
		       FILE *out);
void explain_not_local(const struct context *ctx, struct report *report,
		       FILE *out);
void explain_without_device(const struct context *ctx, struct report *report,
			    FILE *out);
void explain_chosen(const struct context *ctx, struct report *report,
		    FILE *out);
void explain_tuple(const struct context *ctx, struct report *report, FILE *out);
void explain_privileged(const struct context *ctx, struct report *report,
			FILE *out);
void explain_already_bound(const struct context *ctx, struct report *report,
			   FILE *out);
void explain_lsm(const struct context *ctx, struct report *report, FILE *out);
void explain_bpf(const struct context *ctx, struct report *report, FILE *out);
void explain_invalid(const struct context *ctx, struct report *report,
		     FILE *out);
void explain_other(const struct context *ctx, struct report *report, FILE *out);

#endif /* PORTOWNER_EXPLAIN_H */
