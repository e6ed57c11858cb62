/* SPDX-License-Identifier: GPL-2.0 */
/* Which rule refused a bind, in words, and what can be done. */
#ifndef PORTOWNER_EXPLAIN_H
#define PORTOWNER_EXPLAIN_H

#include "situation.h"
#include "story.h"

void explain_rule(const struct situation *sit, struct story *story);
void explain_facts(const struct situation *sit, struct story *story);

/* What explain_rule() calls; each writes its sentences to @out. */
void explain_in_use(const struct situation *sit, struct story *story,
		    FILE *out);
void explain_user(const struct situation *sit, struct story *story, FILE *out);
void explain_listening(const struct situation *sit, struct story *story,
		       FILE *out);
void explain_time_wait(const struct situation *sit, struct story *story,
		       FILE *out);
void explain_exhausted(const struct situation *sit, struct story *story,
		       FILE *out);
void explain_not_local(const struct situation *sit, struct story *story,
		       FILE *out);
void explain_privileged(const struct situation *sit, struct story *story,
			FILE *out);
void explain_bound(const struct situation *sit, struct story *story, FILE *out);
void explain_lsm(const struct situation *sit, struct story *story, FILE *out);
void explain_bpf(const struct situation *sit, struct story *story, FILE *out);
void explain_invalid(const struct situation *sit, struct story *story,
		     FILE *out);
void explain_other(const struct situation *sit, struct story *story, FILE *out);

#endif /* PORTOWNER_EXPLAIN_H */
