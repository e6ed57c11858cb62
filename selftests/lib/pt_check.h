/* SPDX-License-Identifier: GPL-2.0 */
/* The answer of bind-check as a C structure, and what the kernel does. */
#ifndef SELFTEST_PORTOWNER_PT_CHECK_H
#define SELFTEST_PORTOWNER_PT_CHECK_H

#include "pt.h"
#include "verdict.h"

/* @failed is the negative errno of the request itself. */
struct pt_check {
	int failed;
	bool refused;
	__u32 op;
	__u32 err;
	__u32 rule;
	struct pt_reason reason;
	__u32 unforeseen;
	struct pt_range range;
	int n_culprits;
	struct pt_sock *culprits;
};

struct pt_check pt_check(struct nl *nl, const struct question *q);
int question_socket(const struct question *q);
int question_try(const struct question *q, int *op);
int question_bind(const struct question *q, int fd);

/* A question about PORT, or about another port. */
#define TCP_AT(at, ...)	{ .proto = IPPROTO_TCP, .port = (at), __VA_ARGS__ }
#define UDP_AT(at, ...)	{ .proto = IPPROTO_UDP, .port = (at), __VA_ARGS__ }
#define TCP(...)	TCP_AT(PORT, __VA_ARGS__)
#define UDP(...)	UDP_AT(PORT, __VA_ARGS__)

#define RULE(name)	PORTOWNER_RULE_##name
#define FLAG(name)	PORTOWNER_SOCK_FLAG_##name

#endif
