// SPDX-License-Identifier: GPL-2.0
/*
 * BPF tracing programs on functions that the module probes, or that are called
 * in between: each sees what it would see alone, whichever came first.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/bpf.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/reload.h"
#include "lib/sock.h"

#define PORT	3300
#define ROUNDS	20

/* Calls of each round below: bind() twice, one of them refused. */
static const char * const symbols[] = {
	"inet_bind",
	"inet_csk_get_port",
	"security_socket_bind",
};

#define NR_SYMBOLS	(sizeof(symbols) / sizeof(*symbols))

FIXTURE(fentry)
{
	struct nl nl;
	struct bpf_tracer tracers[NR_SYMBOLS];
	/* refusals seen by the module */
	int seen;
};

FIXTURE_VARIANT(fentry)
{
	enum bpf_attach_type type;
};

FIXTURE_VARIANT_ADD(fentry, entry) {
	.type = BPF_TRACE_FENTRY,
};

FIXTURE_VARIANT_ADD(fentry, exit) {
	.type = BPF_TRACE_FEXIT,
};

FIXTURE_SETUP(fentry)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(fentry)
{
	nl_close(&self->nl);
}

/* The name of a function that cannot be traced, or NULL. */
static const char *trace(struct bpf_tracer *tracers, enum bpf_attach_type type)
{
	int i;

	for (i = 0; i < NR_SYMBOLS; i++)
		if (bpf_trace(&tracers[i], symbols[i], type))
			return symbols[i];
	return NULL;
}

/* A port that is held, and refused to another socket. */
static void expect_round(struct __test_metadata *_metadata, struct nl *nl,
			 int port)
{
	int fd = sock_bound("127.0.0.1", SOCK_STREAM, port);
	int other = sock_new("127.0.0.1", SOCK_STREAM);
	struct pt_reject *r;
	struct pt_sock *s;

	ASSERT_EQ(-EADDRINUSE, sock_bind(other, "127.0.0.1", port));
	s = pt_sock_of(nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_TRUE(s->binder.present);
	EXPECT_EQ(getpid(), s->binder.pid);
	r = pt_last_reject(nl);
	ASSERT_NE(NULL, r);
	EXPECT_EQ(PORTOWNER_REJECT_OP_BIND, r->op);
	EXPECT_EQ(EADDRINUSE, r->err);
	EXPECT_EQ(port, r->port);
	EXPECT_EQ(getpid(), r->pid);
	EXPECT_EQ(PORTOWNER_RULE_ADDRESS_IN_USE, r->rule);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(fd), r->culprits->cookie);
	EXPECT_EQ(getpid(), r->culprits->binder.pid);
	close(other);
	close(fd);
}

#define EXPECT_ROUNDS() do {						\
	int i;								\
									\
	for (i = 0; i < ROUNDS; i++)					\
		expect_round(_metadata, &self->nl,			\
			     PORT + self->seen + i);			\
	self->seen += ROUNDS;						\
	EXPECT_EQ(self->seen, pt_stats(&self->nl).seen);		\
	EXPECT_EQ(0, pt_stats(&self->nl).missed);			\
} while (0)

/* And the tracers see every call, exactly once. */
#define EXPECT_TRACED_ROUNDS() do {					\
	__u64 before[NR_SYMBOLS];					\
	int k;								\
									\
	for (k = 0; k < NR_SYMBOLS; k++)				\
		before[k] = bpf_traced(&self->tracers[k]);		\
	EXPECT_ROUNDS();						\
	for (k = 0; k < NR_SYMBOLS; k++)				\
		EXPECT_EQ(before[k] + 2 * ROUNDS,			\
			  bpf_traced(&self->tracers[k]));		\
} while (0)

#define UNTRACE() do {							\
	int i;								\
									\
	for (i = 0; i < NR_SYMBOLS; i++)				\
		bpf_trace_end(&self->tracers[i]);			\
} while (0)

/* The counters start from zero again, too. */
#define RELOAD() do {							\
	nl_close(&self->nl);						\
	reload();							\
	ASSERT_EQ(0, nl_open(&self->nl));				\
	self->seen = 0;							\
} while (0)

/* On functions that are already probed; the tracer leaves first. */
TEST_F_TIMEOUT(fentry, after_module, 120)
{
	const char *symbol;

	RELOAD();
	symbol = trace(self->tracers, variant->type);
	if (symbol)
		SKIP(return, "this kernel cannot trace %s", symbol);
	EXPECT_TRACED_ROUNDS();
	UNTRACE();
	EXPECT_ROUNDS();
}

/* The module is loaded, unloaded and loaded again while there is a tracer. */
TEST_F_TIMEOUT(fentry, before_module, 120)
{
	const char *symbol = trace(self->tracers, variant->type);

	if (symbol)
		SKIP(return, "this kernel cannot trace %s", symbol);
	RELOAD();
	EXPECT_TRACED_ROUNDS();
	RELOAD();
	EXPECT_TRACED_ROUNDS();
	UNTRACE();
	EXPECT_ROUNDS();
}

TEST_HARNESS_MAIN
