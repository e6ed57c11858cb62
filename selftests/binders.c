// SPDX-License-Identifier: GPL-2.0
/*
 * The binder of a socket is known as long as the socket lives, whatever binds
 * and closes beside it; what is kept for closed sockets is reused; and if there
 * are too many sockets, the user with most of them loses.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT		4711
#define MAX_PARAM	"/sys/module/portowner/parameters/binders_max"

/* More than the records there are before the first one is reused. */
#define ROUNDS		4000
/* Held meanwhile; and the descriptor limit of a process. */
#define HELD		200
#define FILES		20000

/* Behind one port, more than are examined for each record. */
#define CONNECTIONS	600
#define CROWD		600

#define FEW		1024
#define FLOOD		8000

static void files_max(void)
{
	const struct rlimit files = { FILES, FILES };

	if (setrlimit(RLIMIT_NOFILE, &files))
		die_errno("RLIMIT_NOFILE");
}

static void bind_and_close(const char *ip, int type, int port, int rounds)
{
	while (rounds-- > 0)
		close(sock_bound(ip, type, port));
}

FIXTURE(binders)
{
	struct nl nl;
};

FIXTURE_VARIANT(binders)
{
	const char *ip;
	int type;
};

FIXTURE_VARIANT_ADD(binders, tcp4) { .ip = "127.0.0.1", .type = SOCK_STREAM };
FIXTURE_VARIANT_ADD(binders, tcp6) { .ip = "::1", .type = SOCK_STREAM };
FIXTURE_VARIANT_ADD(binders, udp4) { .ip = "127.0.0.1", .type = SOCK_DGRAM };
FIXTURE_VARIANT_ADD(binders, udp6) { .ip = "::1", .type = SOCK_DGRAM };

FIXTURE_SETUP(binders)
{
	files_max();
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(binders)
{
	nl_close(&self->nl);
}

static int known(struct nl *nl)
{
	struct pt_socks socks = pt_socks(nl, NULL);
	int i, n = 0;

	if (socks.err)
		die("dump: %s", strerror(-socks.err));
	for (i = 0; i < socks.n; i++)
		n += socks.v[i].binder.present &&
		     socks.v[i].binder.pid == (__u32)getpid();
	return n;
}

/* Several sweeps: on ports of their own, on a held one, on a free one. */
TEST_F_TIMEOUT(binders, churn, 120)
{
	int fds[HELD], i, tries, net = ns_open();

	/* Earlier binds may have left too few records for all of them. */
	for (tries = 0; tries < 100; tries++) {
		for (i = 0; i < HELD; i++)
			fds[i] = sock_bound(variant->ip, variant->type, 0);
		if (known(&self->nl) == HELD)
			break;
		for (i = 0; i < HELD; i++)
			close(fds[i]);
	}
	bind_and_close(variant->ip, variant->type, PORT, ROUNDS);
	bind_and_close(variant->ip, variant->type, 0, ROUNDS);
	EXPECT_EQ(HELD, known(&self->nl));

	/* The same port in another namespace. */
	ns_enter();
	bind_and_close(variant->ip, variant->type, sock_port(fds[0]), ROUNDS);
	ns_switch(net);
	EXPECT_EQ(HELD, known(&self->nl));
	for (i = 0; i < HELD; i++)
		close(fds[i]);
}

/* A socket that is bound again gets the last binder. */
static void bind_again(struct proc *parent, void *arg)
{
	union sock_addr none = { .sa.sa_family = AF_UNSPEC };
	int fd = *(int *)arg;

	if (connect(fd, &none.sa, sizeof(none)) ||
	    sock_bind(fd, "127.0.0.1", PORT + 1))
		die_errno("bind again");
	proc_tell(parent);
	proc_await(parent);
}

TEST_F_TIMEOUT(binders, again, 60)
{
	struct proc child;
	struct pt_sock *s;
	int fd;

	if (variant->type != SOCK_DGRAM || variant->ip[0] == ':')
		SKIP(return, "of a UDP socket of IPv4 only");
	fd = sock_bound(variant->ip, variant->type, 0);
	/* A port chosen by the kernel is lost together with the peer. */
	ASSERT_EQ(0, sock_connect(fd, variant->ip, PORT));
	proc_start(&child, bind_again, &fd);
	proc_await(&child);
	bind_and_close(variant->ip, variant->type, PORT, ROUNDS);
	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_TRUE(s->binder.present);
	EXPECT_EQ(child.pid, s->binder.pid);
	proc_end(&child);
}

FIXTURE(crowds)
{
	struct nl nl;
};

FIXTURE_SETUP(crowds)
{
	files_max();
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(crowds)
{
	nl_close(&self->nl);
}

/* A listener with a crowd of connections on its port. */
TEST_F_TIMEOUT(crowds, connections, 120)
{
	int listener = sock_listening("127.0.0.1", PORT), i;
	struct pt_sock *s;

	for (i = 0; i < CONNECTIONS; i++) {
		int fd = sock_new("127.0.0.1", SOCK_STREAM);

		ASSERT_EQ(0, sock_connect(fd, "127.0.0.1", PORT));
		ASSERT_LE(0, accept(listener, NULL, NULL));
	}
	bind_and_close("127.0.0.1", SOCK_STREAM, PORT + 1, ROUNDS);
	bind_and_close("127.0.0.2", SOCK_STREAM, PORT, ROUNDS);
	s = pt_sock_of(&self->nl, listener);
	ASSERT_NE(NULL, s);
	EXPECT_TRUE(s->binder.present);
	EXPECT_EQ(getpid(), s->binder.pid);
}

/*
 * Hundreds of sockets of one port, while others of it come and go: the binder
 * of each that stays is known, and no more is kept of closed ones than usual.
 */
TEST_F_TIMEOUT(crowds, one_port, 180)
{
	__u64 before = pt_stats(&self->nl).binders;
	char ip[32];
	int i;

	for (i = 0; i < CROWD; i++) {
		snprintf(ip, sizeof(ip), "127.0.%d.%d", 1 + i / 200,
			 1 + i % 200);
		sock_bound(ip, SOCK_DGRAM, PORT);
	}
	for (i = 0; i < 3; i++)
		bind_and_close("127.0.0.1", SOCK_DGRAM, PORT, ROUNDS);
	EXPECT_EQ(CROWD, known(&self->nl));
	/* Nothing may be left of the third that the second had a place for. */
	EXPECT_GT(before + CROWD + 2 * ROUNDS, pt_stats(&self->nl).binders);
}

/* What was kept for thousands of sockets is free once these are closed. */
TEST_F_TIMEOUT(crowds, comes_back, 180)
{
	int fds[2 * ROUNDS], i, rounds = 10;
	__u64 left;

	for (i = 0; i < 2 * ROUNDS; i++)
		fds[i] = sock_bound("127.0.0.1", SOCK_DGRAM, 0);
	/* Binds may have been faster than the sweep. */
	EXPECT_LE(2 * ROUNDS, pt_stats(&self->nl).binders);
	for (i = 0; i < 2 * ROUNDS; i++)
		close(fds[i]);
	do {
		bind_and_close("127.0.0.1", SOCK_DGRAM, PORT, ROUNDS);
		left = pt_stats(&self->nl).binders;
	} while (left > ROUNDS && rounds--);
	EXPECT_GE(ROUNDS, left);
}

/* ---- more sockets than records ---- */

static unsigned int param(void)
{
	FILE *file = fopen(MAX_PARAM, "r");
	unsigned int value = 0;

	if (!file)
		die_errno(MAX_PARAM);
	if (fscanf(file, "%u", &value) != 1)
		die("%s", MAX_PARAM);
	fclose(file);
	return value;
}

static void set_param(unsigned int value)
{
	FILE *file = fopen(MAX_PARAM, "w");

	if (!file || fprintf(file, "%u", value) < 0 || fclose(file))
		die_errno(MAX_PARAM);
}

FIXTURE(shares)
{
	struct nl nl;
	unsigned int max;
};

FIXTURE_SETUP(shares)
{
	files_max();
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->max = param();
	set_param(FEW);
}

FIXTURE_TEARDOWN(shares)
{
	set_param(self->max);
	nl_close(&self->nl);
}

static void flood(struct proc *parent, void *arg)
{
	int i, first, last = 0;

	proc_become(USER, NO_CAP);
	proc_name("flood");
	first = sock_bound("127.0.0.1", SOCK_DGRAM, 0);
	for (i = 0; i < FLOOD; i++)
		last = sock_bound("127.0.0.1", SOCK_DGRAM, 0);
	*(__u64 *)arg = sock_cookie(first);
	((__u64 *)arg)[1] = sock_cookie(last);
	proc_tell(parent);
	proc_await(parent);
}

static bool binder_known(struct nl *nl, int fd)
{
	struct pt_sock *s = pt_sock_of(nl, fd);

	return s && s->binder.present && s->binder.pid == (__u32)getpid();
}

/* A work item drops excess records when a CPU next needs a batch. */
static struct pt_stats settled(struct nl *nl, __u64 evicted)
{
	struct pt_stats stats = pt_stats(nl);
	int i;

	for (i = 0; i < 100 && (stats.binders > 4 * FEW ||
				stats.evicted < evicted + FLOOD / 2); i++) {
		bind_and_close("127.0.0.1", SOCK_STREAM, PORT + 1, 64);
		usleep(50000);
		stats = pt_stats(nl);
	}
	return stats;
}

/*
 * Another user has many times as many sockets as there are records: that user
 * loses the oldest, and no one else loses any, old or new.
 */
TEST_F_TIMEOUT(shares, flood, 180)
{
	__u64 *cookies = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int old = sock_listening("127.0.0.1", PORT), fds[50], i, n = 0;
	struct pt_stats before = pt_stats(&self->nl), after;
	struct proc child;
	struct pt_socks socks;
	struct pt_sock *s;

	ASSERT_NE(MAP_FAILED, cookies);
	EXPECT_EQ(FEW, before.binders_max);
	proc_start(&child, flood, cookies);
	/* In the middle of the flood. */
	for (i = 0; i < 50; i++) {
		fds[i] = sock_bound("127.0.0.1", SOCK_STREAM, 0);
		EXPECT_TRUE(binder_known(&self->nl, fds[i]));
	}
	proc_await(&child);
	after = settled(&self->nl, before.evicted);
	EXPECT_LE(before.evicted + FLOOD / 2, after.evicted);
	EXPECT_GE(4 * FEW, after.binders);
	EXPECT_TRUE(binder_known(&self->nl, old));
	for (i = 0; i < 50; i++)
		EXPECT_TRUE(binder_known(&self->nl, fds[i]));

	socks = pt_socks(&self->nl, NULL);
	ASSERT_EQ(0, socks.err);
	s = pt_by_cookie(&socks, cookies[0]);
	ASSERT_NE(NULL, s);
	EXPECT_FALSE(s->binder.present);
	for (i = 0; i < socks.n; i++)
		n += socks.v[i].binder.present;
	EXPECT_LE(FEW / 2, n);
	EXPECT_GE(4 * FEW, n);
	proc_end(&child);
}

TEST_HARNESS_MAIN
