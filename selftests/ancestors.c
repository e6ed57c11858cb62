// SPDX-License-Identifier: GPL-2.0
/* Rejects of a process and its descendants, and of all network namespaces. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	3300

FIXTURE(ancestors)
{
	struct nl nl;
};

FIXTURE_SETUP(ancestors)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	sock_listening("0.0.0.0", PORT);
}

FIXTURE_TEARDOWN(ancestors)
{
	nl_close(&self->nl);
}

/* A new address each time, or all would be one record. */
static void refuse_here(void)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM), pid = getpid();
	static unsigned char n;
	char ip[32];

	snprintf(ip, sizeof(ip), "127.%d.%d.%d", pid >> 8 & 0xff, pid & 0xff,
		 ++n);
	if (sock_bind(fd, ip, PORT) != -EADDRINUSE)
		_exit(1);
	close(fd);
}

static void refuse(struct proc *parent, void *arg)
{
	refuse_here();
	proc_tell(parent);
	proc_await(parent);
}

/* A child of ours, whose own child is refused. */
static void refuse_below(struct proc *parent, void *arg)
{
	struct proc child;

	proc_start(&child, refuse, NULL);
	proc_await(&child);
	proc_tell(parent);
	proc_await(parent);
	proc_end(&child);
}

/* Like a daemon: the process in between is gone when it is refused. */
static void refuse_as_daemon(struct proc *parent, void *arg)
{
	struct proc self = { .in = parent->in, .out = parent->out };

	if (fork())
		_exit(0);
	while (getppid() != *(pid_t *)arg)
		sched_yield();
	setsid();
	refuse(&self, NULL);
}

static struct pt_rejects below(struct nl *nl, pid_t pid)
{
	struct pt_reject_filter filter = { .ancestor = pid };

	return pt_rejects_of(nl, &filter);
}

TEST_F(ancestors, of_a_child)
{
	struct proc one, two;
	struct pt_rejects r;

	proc_start(&one, refuse, NULL);
	proc_await(&one);
	proc_start(&two, refuse, NULL);
	proc_await(&two);
	EXPECT_EQ(2, pt_rejects(&self->nl, 0).n);
	EXPECT_EQ(2, below(&self->nl, getpid()).n);
	EXPECT_EQ(2, below(&self->nl, getppid()).n);
	r = below(&self->nl, one.pid);
	ASSERT_EQ(1, r.n);
	EXPECT_EQ(one.pid, r.v[0].pid);
	r = below(&self->nl, two.pid);
	ASSERT_EQ(1, r.n);
	EXPECT_EQ(two.pid, r.v[0].pid);
	proc_end(&one);
	proc_end(&two);
	/* it was a descendant then */
	EXPECT_EQ(2, below(&self->nl, getpid()).n);
}

TEST_F(ancestors, of_a_grandchild)
{
	struct proc child, other;
	struct pt_rejects r;

	proc_start(&other, refuse, NULL);
	proc_await(&other);
	proc_start(&child, refuse_below, NULL);
	proc_await(&child);
	r = below(&self->nl, child.pid);
	ASSERT_EQ(1, r.n);
	EXPECT_NE(child.pid, r.v[0].pid);
	EXPECT_EQ(1, below(&self->nl, r.v[0].pid).n);
	EXPECT_EQ(2, below(&self->nl, getpid()).n);
	proc_end(&child);
	proc_end(&other);
}

TEST_F(ancestors, of_a_daemon)
{
	pid_t pid = getpid();
	struct proc child;
	int status;

	ASSERT_EQ(0, prctl(PR_SET_CHILD_SUBREAPER, 1));
	proc_start(&child, refuse_as_daemon, &pid);
	ASSERT_EQ(child.pid, waitpid(child.pid, &status, 0));
	proc_await(&child);
	EXPECT_EQ(1, below(&self->nl, getpid()).n);
	proc_tell(&child);
	ASSERT_LT(0, wait(&status));
	EXPECT_EQ(0, status);
}

/* Nothing is left of it but the log. */
TEST_F(ancestors, gone)
{
	struct proc child;
	pid_t pid;

	proc_start(&child, refuse_below, NULL);
	proc_await(&child);
	pid = child.pid;
	EXPECT_EQ(1, below(&self->nl, pid).n);
	proc_end(&child);
	EXPECT_EQ(-ESRCH, below(&self->nl, pid).err);
	EXPECT_EQ(1, below(&self->nl, getpid()).n);
}

TEST_F(ancestors, nobody)
{
	EXPECT_EQ(-ESRCH, below(&self->nl, 0x7ffffffe).err);
	EXPECT_NE(NULL, strstr(self->nl.text, "no such process"));
}

/* A descendant's refusals follow the same visibility rules as all others. */
TEST_F(ancestors, not_more_than_may_be_seen)
{
	struct proc child;
	struct nl nl;

	proc_start(&child, refuse, NULL);
	proc_await(&child);
	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(0, below(&nl, getpid()).n);
	proc_end(&child);
}

/* ---- all namespaces ---- */

struct elsewhere {
	int refusals;
	__u32 netns;
};

static void refuse_elsewhere(struct proc *parent, void *arg)
{
	const struct elsewhere *e = arg;
	int i;

	ns_enter();
	sock_listening("0.0.0.0", PORT);
	for (i = 0; i < e->refusals; i++)
		refuse_here();
	proc_tell(parent);
	proc_await(parent);
}

/* Number of rejects in a namespace. */
static int nr_below(const struct pt_rejects *r, __u32 netns)
{
	int i, n = 0;

	for (i = 0; i < r->n; i++)
		n += r->v[i].netns == netns;
	return n;
}

/*
 * Keep only the refusals of this process and its children: records outlive
 * their namespaces, whose numbers may be reused.
 */
static void keep_ours(struct pt_rejects *r, const struct proc *child, int nr)
{
	int i, j, n = 0;

	for (i = 0; i < r->n; i++) {
		for (j = 0; j < nr && r->v[i].pid != child[j].pid; j++)
			;
		if (j < nr || r->v[i].pid == getpid())
			r->v[n++] = r->v[i];
	}
	r->n = n;
}

TEST_F(ancestors, all_netns)
{
	struct elsewhere three = { .refusals = 3 }, one = { .refusals = 1 };
	struct pt_reject_filter filter = { .all_netns = true };
	struct proc child[2];
	struct pt_rejects r;
	int i, j;

	refuse_here();
	refuse_here();
	proc_start(&child[0], refuse_elsewhere, &three);
	proc_await(&child[0]);
	proc_start(&child[1], refuse_elsewhere, &one);
	proc_await(&child[1]);
	EXPECT_EQ(2, pt_rejects(&self->nl, 0).n);

	r = pt_rejects_of(&self->nl, &filter);
	ASSERT_EQ(0, r.err);
	EXPECT_LE(6, r.n);
	keep_ours(&r, child, 2);
	EXPECT_EQ(6, r.n);
	EXPECT_EQ(2, nr_below(&r, ns_inode()));
	/* one namespace after the other */
	for (i = 1; i < r.n; i++)
		for (j = i + 1; j < r.n && r.v[i].netns != r.v[i - 1].netns; j++)
			EXPECT_NE(r.v[i - 1].netns, r.v[j].netns);

	filter.ancestor = getpid();
	r = pt_rejects_of(&self->nl, &filter);
	EXPECT_EQ(6, r.n);
	filter.ancestor = child[0].pid;
	r = pt_rejects_of(&self->nl, &filter);
	ASSERT_EQ(3, r.n);
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(child[0].pid, r.v[i].pid);
		EXPECT_EQ(i + 1, r.v[i].seq);
	}

	/* numbers are per namespace */
	filter.since = 1;
	filter.ancestor = getpid();
	r = pt_rejects_of(&self->nl, &filter);
	EXPECT_EQ(3, r.n);
	EXPECT_EQ(1, nr_below(&r, ns_inode()));
	filter.since = 3;
	EXPECT_EQ(0, pt_rejects_of(&self->nl, &filter).n);

	proc_end(&child[0]);
	proc_end(&child[1]);
}

/* More than fits into one message, from more than one namespace. */
TEST_F_TIMEOUT(ancestors, all_netns_many, 120)
{
	struct elsewhere many = { .refusals = 100 };
	struct pt_reject_filter filter = { .all_netns = true };
	struct proc child[3];
	struct pt_rejects r;
	int i;

	for (i = 0; i < 3; i++) {
		proc_start(&child[i], refuse_elsewhere, &many);
		proc_await(&child[i]);
	}
	filter.ancestor = getpid();
	r = pt_rejects_of(&self->nl, &filter);
	EXPECT_EQ(0, r.err);
	EXPECT_EQ(300, r.n);
	for (i = 0; i < r.n; i++)
		EXPECT_EQ(1, r.v[i].n_culprits);
	for (i = 0; i < 3; i++)
		proc_end(&child[i]);
}

TEST_F(ancestors, all_netns_denied)
{
	struct pt_reject_filter filter = { .all_netns = true };
	struct nl nl;

	refuse_here();
	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(-EPERM, pt_rejects_of(&nl, &filter).err);
	EXPECT_NE(NULL, strstr(nl.text, "CAP_NET_ADMIN"));
}

/* The capability counts in the initial user namespace only. */
TEST_F(ancestors, all_netns_denied_to_root_elsewhere)
{
	struct pt_reject_filter filter = { .all_netns = true };
	struct nl nl;

	ASSERT_EQ(0, unshare(CLONE_NEWUSER | CLONE_NEWNET));
	ASSERT_EQ(0, nl_open(&nl));
	EXPECT_EQ(-EPERM, pt_rejects_of(&nl, &filter).err);
}

TEST_HARNESS_MAIN
