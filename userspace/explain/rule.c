// SPDX-License-Identifier: GPL-2.0
/* The explanation for each rule. */

#include <errno.h>

#include "explain/explain.h"
#include "model/enums.h"
#include "print/phrase.h"

static const struct {
	__u32 rule;
	void (*explain)(const struct context *ctx, struct report *report,
			FILE *out);
} explanations[] = {
	{ PORTOWNER_RULE_ADDRESS_IN_USE,	explain_in_use },
	{ PORTOWNER_RULE_WILDCARD_COVERS,	explain_in_use },
	{ PORTOWNER_RULE_DUAL_STACK_COVERS,	explain_in_use },
	{ PORTOWNER_RULE_REUSEPORT_UID_DIFFERS,	explain_uid_differs },
	{ PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING, explain_holder_listening },
	{ PORTOWNER_RULE_TIME_WAIT,		explain_time_wait },
	{ PORTOWNER_RULE_EPHEMERAL_EXHAUSTED,	explain_exhausted },
	{ PORTOWNER_RULE_ADDRESS_NOT_LOCAL,	explain_not_local },
	{ PORTOWNER_RULE_PRIVILEGED_PORT,	explain_privileged },
	{ PORTOWNER_RULE_ALREADY_BOUND,		explain_already_bound },
	{ PORTOWNER_RULE_DENIED_BY_LSM,		explain_lsm },
	{ PORTOWNER_RULE_DENIED_BY_BPF,		explain_bpf },
	{ PORTOWNER_RULE_INVALID_ARGUMENT,	explain_invalid },
};

/**
 * explain_rule() - Say why a bind was refused, and what can be done.
 * @ctx: the context
 * @report: where to add it
 */
void explain_rule(const struct context *ctx, struct report *report)
{
	bool tuple = ctx->reject->reason == PORTOWNER_REASON_TUPLE_IN_USE;
	size_t i, len;
	char *text;
	FILE *out;

	for (i = 0; i < ARRAY_SIZE(explanations) && !tuple; i++)
		if (explanations[i].rule == ctx->reject->rule)
			break;
	out = phrase_open(&text, &len);
	if (tuple)
		explain_tuple(ctx, report, out);
	else if (ctx->reject->err == EADDRINUSE &&
		 !proto_is_searched(ctx->reject->ep.proto))
		explain_not_searched(ctx, report, out);
	else if (i < ARRAY_SIZE(explanations))
		explanations[i].explain(ctx, report, out);
	else
		explain_other(ctx, report, out);
	fclose(out);
	report_add(report, "why", text);
}
