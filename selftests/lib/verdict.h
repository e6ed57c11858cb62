/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Does a bind succeed, as bind-check predicts and as the log says? Like pt.h,
 * but compact and without memory to be freed, for very many of them.
 */
#ifndef SELFTEST_PORTOWNER_VERDICT_H
#define SELFTEST_PORTOWNER_VERDICT_H

#include <stdbool.h>

#include <linux/types.h>

#include "nl.h"

#define CULPRITS_MAX	64

struct culprit {
	__u64 cookie;
	__u64 inode;
};

/* @err is a positive errno, or 0 without a refusal. */
struct verdict {
	__u64 seq;
	__u64 count;
	__u16 port;
	int err;
	__u32 op;
	__u32 rule;
	int n;
	struct culprit culprits[CULPRITS_MAX];
};

/* What is asked; @ip determines the family. */
struct question {
	__u16 proto;
	const char *ip;
	__u16 port;
	__u32 ifindex;
	__u32 scope;
	__u32 flags;
	bool for_uid;
	__u32 uid;
	bool listen;
};

typedef void (*verdict_fn)(const struct verdict *verdict, void *arg);

void question_put(struct nl_msg *msg, struct nl *nl, const struct question *q);
void verdict_read(const struct nlmsghdr *hdr, void *arg);
int verdict_check(struct nl *nl, const struct question *q, struct verdict *v);
void verdicts_log(struct nl *nl, __u64 since, verdict_fn fn, void *arg);
bool verdict_same(const struct verdict *a, const struct verdict *b);
void verdict_print(const char *what, const struct verdict *v);

#endif
