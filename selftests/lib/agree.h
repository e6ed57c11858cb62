/* SPDX-License-Identifier: GPL-2.0 */
/* For tests that predict a bind, and then make it. */
#ifndef SELFTEST_PORTOWNER_AGREE_H
#define SELFTEST_PORTOWNER_AGREE_H

#include "../../kselftest_harness.h"

#include "pt_check.h"

/* Does the kernel do what bind-check predicts, @err by @rule? */
static inline struct pt_check agree(struct __test_metadata *_metadata,
				    struct nl *nl, const struct question *q,
				    int err, int rule)
{
	struct pt_check c = pt_check(nl, q);
	int op, real = question_try(q, &op);

	EXPECT_EQ(0, c.failed)
		TH_LOG("'%s'", nl->text);
	EXPECT_EQ(err, real)
		TH_LOG("%s port %d", q->ip, q->port);
	EXPECT_EQ(err, c.err)
		TH_LOG("%s port %d, rule %d", q->ip, q->port, c.rule);
	if (err)
		EXPECT_EQ(rule, c.rule);
	return c;
}

#endif
