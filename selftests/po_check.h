/* SPDX-License-Identifier: GPL-2.0 */
/* The answer of bind-check as a C structure, and what the kernel really does. */
#ifndef SELFTEST_PORTOWNER_PO_CHECK_H
#define SELFTEST_PORTOWNER_PO_CHECK_H

#include "po.h"
#include "verdict.h"

/* @failed is the negative errno of the question itself. */
struct po_check {
	int failed;
	bool refused;
	__u32 op;
	__u32 err;
	__u32 rule;
	__u32 unforeseen;
	struct po_range range;
	int n_culprits;
	struct po_sock *culprits;
};

struct po_check po_check(struct nl *nl, const struct question *q);
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
