// SPDX-License-Identifier: GPL-2.0
/* One explanation for each rule. */

#include "explain.h"
#include "prose.h"

static const struct {
	__u32 rule;
	void (*explain)(const struct situation *sit, struct story *story,
			FILE *out);
} explanations[] = {
	{ PORTOWNER_RULE_ADDRESS_IN_USE,	explain_in_use },
	{ PORTOWNER_RULE_WILDCARD_COVERS,	explain_in_use },
	{ PORTOWNER_RULE_DUAL_STACK_COVERS,	explain_in_use },
	{ PORTOWNER_RULE_REUSEPORT_UID_DIFFERS,	explain_user },
	{ PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING, explain_listening },
	{ PORTOWNER_RULE_TIME_WAIT,		explain_time_wait },
	{ PORTOWNER_RULE_EPHEMERAL_EXHAUSTED,	explain_exhausted },
	{ PORTOWNER_RULE_ADDRESS_NOT_LOCAL,	explain_not_local },
	{ PORTOWNER_RULE_PRIVILEGED_PORT,	explain_privileged },
	{ PORTOWNER_RULE_ALREADY_BOUND,		explain_bound },
	{ PORTOWNER_RULE_DENIED_BY_LSM,		explain_lsm },
	{ PORTOWNER_RULE_DENIED_BY_BPF,		explain_bpf },
	{ PORTOWNER_RULE_INVALID_ARGUMENT,	explain_invalid },
};

/**
 * explain_rule() - Say why a bind was refused, and what can be done.
 * @sit: the situation
 * @story: where
 */
void explain_rule(const struct situation *sit, struct story *story)
{
	size_t i, len;
	char *text;
	FILE *out;

	for (i = 0; i < ARRAY_SIZE(explanations); i++)
		if (explanations[i].rule == sit->reject->rule)
			break;
	out = prose_open(&text, &len);
	if (i < ARRAY_SIZE(explanations))
		explanations[i].explain(sit, story, out);
	else
		explain_other(sit, story, out);
	fclose(out);
	story_add(story, "why", text);
}
