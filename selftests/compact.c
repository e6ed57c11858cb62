// SPDX-License-Identifier: GPL-2.0
/* A compact dump contains the same as a full one. */
#define _GNU_SOURCE
#include <sys/resource.h>
#include <time.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

/* Enough for several messages. */
#define MANY	500

/* More than the module keeps at a time. */
#define TEMPLATES	300

FIXTURE(compact)
{
	struct nl nl;
};

FIXTURE_SETUP(compact)
{
	const struct rlimit files = { 16384, 16384 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(compact)
{
	nl_close(&self->nl);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static bool same_owner(const struct pt_owner *a, const struct pt_owner *b)
{
	return a->has_pid == b->has_pid && a->pid == b->pid && a->fd == b->fd &&
	       a->uid == b->uid && same_text(a->comm, b->comm) &&
	       same_text(a->exe, b->exe) && same_text(a->cgroup, b->cgroup);
}

static bool same_sock(const struct pt_sock *a, const struct pt_sock *b)
{
	int i;

	for (i = 0; i < a->n_owners && i < b->n_owners; i++)
		if (!same_owner(&a->owners[i], &b->owners[i]))
			return false;
	return a->n_owners == b->n_owners && a->family == b->family &&
	       a->proto == b->proto && a->port == b->port &&
	       !memcmp(a->addr, b->addr, sizeof(a->addr)) &&
	       a->ifindex == b->ifindex && same_text(a->dev, b->dev) &&
	       a->state == b->state && a->netns == b->netns &&
	       a->cookie == b->cookie && a->inode == b->inode &&
	       a->has_uid == b->has_uid && a->uid == b->uid &&
	       a->flags == b->flags && a->share == b->share &&
	       a->group_size == b->group_size &&
	       same_text(a->kernel_owner, b->kernel_owner) &&
	       a->unseen_refs == b->unseen_refs &&
	       a->n_unseen == b->n_unseen &&
	       a->owners_hidden == b->owners_hidden &&
	       a->has_backlog == b->has_backlog && a->backlog == b->backlog &&
	       a->backlog_max == b->backlog_max &&
	       !a->expires == !b->expires &&
	       a->peer_port == b->peer_port &&
	       a->peer_addr_len == b->peer_addr_len &&
	       !memcmp(a->peer_addr, b->peer_addr, sizeof(a->peer_addr)) &&
	       a->has_port_by_kernel == b->has_port_by_kernel &&
	       a->port_by_kernel == b->port_by_kernel &&
	       a->binder.present == b->binder.present &&
	       a->binder.pid == b->binder.pid;
}

/* Until the peers have answered, which may take a while. */
static bool all_quiet(struct nl *nl)
{
	time_t end = time(NULL) + 20;

	while (pt_port(nl, 0, PT_BIT(FIN_WAIT_1)).n)
		if (time(NULL) > end)
			return false;
	return true;
}

/* Number of sockets in compact form; -1 if the contents differ. */
static int compare(struct nl *nl)
{
	struct pt_filter filter = { .states = PT_ALL_STATES };
	struct pt_socks full, compact;
	int i;

	if (!all_quiet(nl))
		return -1;
	full = pt_socks(nl, &filter);
	filter.compact = true;
	compact = pt_socks(nl, &filter);
	if (full.err || compact.err || full.n_compact || full.n != compact.n)
		return -1;
	for (i = 0; i < full.n; i++)
		if (!same_sock(&full.v[i], &compact.v[i]))
			return -1;
	return compact.n_compact;
}

static void connect_many(int listener, const char *ip, int n)
{
	int fd;

	while (n--) {
		fd = sock_new(ip, SOCK_STREAM);
		if (sock_connect(fd, ip, sock_port(listener)) ||
		    accept(listener, NULL, NULL) < 0)
			_exit(KSFT_FAIL);
	}
}

TEST_F(compact, one)
{
	struct sock_pair pair;

	EXPECT_EQ(0, compare(&self->nl));
	sock_pair(&pair, "127.0.0.1", 0);
	close(pair.client);
	close(pair.listener);
	EXPECT_EQ(0, compare(&self->nl));
}

TEST_F_TIMEOUT(compact, many, 180)
{
	connect_many(sock_listening("127.0.0.1", 0), "127.0.0.1", MANY);
	connect_many(sock_listening("::1", 0), "::1", MANY);
	/* except for two templates, one for each end, in each message */
	EXPECT_LT(4 * MANY * 9 / 10, compare(&self->nl));
	EXPECT_LT(1, self->nl.messages);
}

/* Sockets without a compact form, among those with one. */
TEST_F(compact, all_sorts)
{
	static const char *const ips[] = { "127.0.0.1", "::1", "127.0.0.2" };
	int i, fd, via[2];

	for (i = 0; i < 300; i++) {
		const char *ip = ips[i % 3];
		struct sock_pair pair;

		sock_pair(&pair, ip, i & 1);
		if (i % 7 == 0)
			dup(pair.child);
		if (i % 11 == 0)
			sock_set(pair.client, SOL_SOCKET, SO_REUSEPORT, 1);
		if (i % 13 == 0)
			ASSERT_EQ(0, shutdown(pair.client, SHUT_WR));
		if (i % 17 == 0)
			sock_time_wait(ip, 0);
		if (i % 19 == 0) {
			ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, via));
			fd_send(via[0], pair.child);
			close(pair.child);
		}
		fd = sock_new(ip, SOCK_DGRAM);
		ASSERT_EQ(0, sock_connect(fd, ip, sock_port(pair.client)));
		if (i % 23 == 0)
			sock_set(sock_bound(ip, SOCK_DGRAM, 0), SOL_SOCKET,
				 SO_BINDTOIFINDEX, 1);
	}
	EXPECT_LT(0, compare(&self->nl));
}

TEST_F_TIMEOUT(compact, many_templates, 180)
{
	int i, round, listener = sock_listening("0.0.0.0", 0);
	char ip[32];

	for (round = 0; round < 3; round++) {
		for (i = 0; i < TEMPLATES; i++) {
			snprintf(ip, sizeof(ip), "127.1.%d.%d", i / 200, 1 + i % 200);
			connect_many(listener, ip, 1);
		}
	}
	EXPECT_LT(3 * TEMPLATES * 9 / 10, compare(&self->nl));
}

struct crowd {
	int listener;
	uid_t uid;
};

static void live(struct proc *parent, void *arg)
{
	const struct crowd *crowd = arg;

	connect_many(crowd->listener, "127.0.0.1", 50);
	proc_become(crowd->uid, NO_CAP);
	connect_many(crowd->listener, "127.0.0.1", 50);
	proc_tell(parent);
	proc_await(parent);
}

/* Sockets of many processes, some of which are hidden from some users. */
TEST_F_TIMEOUT(compact, processes, 120)
{
	struct crowd crowd = { .listener = sock_listening("127.0.0.1", 0) };
	struct proc procs[12];
	int i;

	for (i = 0; i < 12; i++) {
		crowd.uid = USER + i % 2;
		proc_start(&procs[i], live, &crowd);
		proc_await(&procs[i]);
	}
	EXPECT_LT(12 * 200 * 9 / 10, compare(&self->nl));
	nl_close(&self->nl);

	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&self->nl));
	i = compare(&self->nl);
	EXPECT_LT(6 * 200 / 2, i);
	EXPECT_GT(6 * 200, i);
}

static void live_alone(struct proc *parent, void *arg)
{
	connect_many(*(const int *)arg, "127.0.0.1", 1);
	proc_tell(parent);
	proc_await(parent);
}

/* The owner of a template may be what does not fit into a message. */
TEST_F_TIMEOUT(compact, many_processes, 180)
{
	int i, listener = sock_listening("127.0.0.1", 0);
	struct proc procs[100];

	for (i = 0; i < 100; i++) {
		proc_start(&procs[i], live_alone, &listener);
		proc_await(&procs[i]);
	}
	/* so that messages end elsewhere each time */
	for (i = 0; i < 10; i++) {
		sock_listening("127.0.0.1", 0);
		EXPECT_LE(0, compare(&self->nl));
	}
}

TEST_HARNESS_MAIN
