// SPDX-License-Identifier: GPL-2.0
/* Who may see what: the rights of ss -p, and of the log. */
#define _GNU_SOURCE
#include <sched.h>
#include <sys/prctl.h>

#include <linux/capability.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	7000
#define OTHER	1001

/*
 * root		holds PORT (the test process, before it becomes a user)
 * friend	a process of USER, holds PORT + 1
 * stranger	a process of OTHER, holds PORT + 2, and was refused PORT
 * secret	a process of USER that is not dumpable, holds PORT + 3
 */
FIXTURE(permissions)
{
	int fd;
	struct proc friend;
	struct proc stranger;
	struct proc secret;
	struct nl nl;
};

struct person {
	uid_t uid;
	int port;
	bool dumpable;
	bool refused;
};

static void live(struct proc *parent, void *arg)
{
	const struct person *who = arg;
	int fd;

	proc_become(who->uid, NO_CAP);
	fd = sock_listening("127.0.0.1", who->port);
	if (prctl(PR_SET_DUMPABLE, who->dumpable))
		_exit(1);
	if (who->refused) {
		fd = sock_new("127.0.0.1", SOCK_STREAM);
		if (sock_bind(fd, "127.0.0.1", PORT) != -EADDRINUSE)
			_exit(2);
	}
	proc_tell(parent);
	proc_await(parent);
}

FIXTURE_SETUP(permissions)
{
	static const struct person people[] = {
		{ USER, PORT + 1, true, false },
		{ OTHER, PORT + 2, true, true },
		{ USER, PORT + 3, false, false },
	};
	struct proc *procs[] = {
		&self->friend, &self->stranger, &self->secret,
	};
	int i;

	ns_enter();
	for (i = 0; i < 3; i++) {
		/* PORT is bound late, lest those before inherit it */
		if (people[i].refused)
			self->fd = sock_listening("127.0.0.1", PORT);
		proc_start(procs[i], live, (void *)&people[i]);
		proc_await(procs[i]);
	}
}

FIXTURE_TEARDOWN(permissions)
{
	proc_end(&self->friend);
	proc_end(&self->stranger);
	proc_end(&self->secret);
}

static struct pt_sock *on_port(struct nl *nl, int port)
{
	struct pt_socks socks = pt_port(nl, port, 0);

	return socks.n == 1 ? socks.v : NULL;
}

/* Become @uid with @cap, and open a socket as that user. */
static int enter_as(struct nl *nl, uid_t uid, int cap)
{
	proc_become(uid, cap);
	return nl_open(nl);
}

TEST_F(permissions, root_sees_all)
{
	struct pt_sock *s;
	int i;

	ASSERT_EQ(0, nl_open(&self->nl));
	for (i = 0; i < 4; i++) {
		s = on_port(&self->nl, PORT + i);
		ASSERT_NE(NULL, s);
		EXPECT_FALSE(s->owners_hidden);
		EXPECT_LT(0, s->n_owners);
	}
	s = on_port(&self->nl, PORT + 3);
	EXPECT_NE(NULL, pt_owner_of(s, self->secret.pid));
}

TEST_F(permissions, user_lists_every_socket)
{
	struct pt_socks socks;
	int i;

	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	socks = pt_socks(&self->nl, NULL);
	ASSERT_EQ(0, socks.err);
	ASSERT_EQ(4, socks.n);
	for (i = 0; i < 4; i++) {
		EXPECT_NE(0, socks.v[i].cookie);
		EXPECT_NE(0, socks.v[i].inode);
		EXPECT_TRUE(socks.v[i].has_uid);
	}
}

TEST_F(permissions, user_sees_own_processes)
{
	struct pt_sock *s;

	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	s = on_port(&self->nl, PORT + 1);
	ASSERT_NE(NULL, s);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(self->friend.pid, s->owners[0].pid);
	EXPECT_EQ(USER, s->owners[0].uid);
	EXPECT_NE(NULL, s->owners[0].exe);
	EXPECT_FALSE(s->owners_hidden);
}

TEST_F(permissions, user_sees_no_others)
{
	struct pt_sock *s;

	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	s = on_port(&self->nl, PORT + 2);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(OTHER, s->uid);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_TRUE(s->owners_hidden);
	EXPECT_FALSE(s->binder.present);
}

/* One owner is ours, others are not: ours is shown, with a sign of more. */
TEST_F(permissions, mixed_owners)
{
	struct pt_sock *s;

	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	s = on_port(&self->nl, PORT);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(1, s->n_owners);
	EXPECT_NE(NULL, pt_owner_of(s, getpid()));
	EXPECT_EQ(NULL, pt_owner_of(s, self->stranger.pid));
	EXPECT_TRUE(s->owners_hidden);
}

/* Our own process, but one that ptrace may not access either. */
TEST_F(permissions, undumpable)
{
	struct pt_sock *s;

	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	s = on_port(&self->nl, PORT + 3);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_TRUE(s->owners_hidden);
}

/* A process always sees itself. */
TEST_F(permissions, self_undumpable)
{
	struct pt_sock *s;

	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	ASSERT_EQ(0, prctl(PR_SET_DUMPABLE, 0));
	s = on_port(&self->nl, PORT);
	ASSERT_NE(NULL, s);
	EXPECT_NE(NULL, pt_owner_of(s, getpid()));
}

static void sees_everybody(struct __test_metadata *_metadata, struct nl *nl)
{
	struct pt_sock *s;
	int i;

	for (i = 0; i < 4; i++) {
		s = on_port(nl, PORT + i);
		ASSERT_NE(NULL, s);
		EXPECT_LT(0, s->n_owners) TH_LOG("port %d", PORT + i);
		EXPECT_FALSE(s->owners_hidden) TH_LOG("port %d", PORT + i);
	}
}

TEST_F(permissions, sys_ptrace)
{
	ASSERT_EQ(0, enter_as(&self->nl, USER, CAP_SYS_PTRACE));
	sees_everybody(_metadata, &self->nl);
	/* that gives no right over the log */
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).n);
}

TEST_F(permissions, net_admin)
{
	ASSERT_EQ(0, enter_as(&self->nl, USER, CAP_NET_ADMIN));
	sees_everybody(_metadata, &self->nl);
	EXPECT_EQ(1, pt_rejects(&self->nl, 0).n);
}

TEST_F(permissions, other_capability)
{
	struct pt_sock *s;

	ASSERT_EQ(0, enter_as(&self->nl, USER, CAP_NET_RAW));
	s = on_port(&self->nl, PORT + 2);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).n);
}

/* Root of a new user namespace has no rights over those outside. */
TEST_F(permissions, user_namespace)
{
	struct pt_sock *s;

	proc_become(USER, NO_CAP);
	ASSERT_EQ(0, unshare(CLONE_NEWUSER));
	ASSERT_EQ(0, nl_open(&self->nl));
	s = on_port(&self->nl, PORT + 2);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_TRUE(s->owners_hidden);
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).n);
	/* of the same user, but outside */
	s = on_port(&self->nl, PORT + 1);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_FALSE(s->binder.present);
}

static void live_with_rights(struct proc *parent, void *arg)
{
	proc_become(USER, CAP_NET_RAW);
	sock_listening("127.0.0.1", PORT + 4);
	proc_tell(parent);
	proc_await(parent);
}

/* A process of the same user with one more capability is not shown. */
TEST_F(permissions, more_rights)
{
	struct proc child;
	struct pt_sock *s;

	proc_start(&child, live_with_rights, NULL);
	proc_await(&child);
	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	s = on_port(&self->nl, PORT + 4);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_TRUE(s->owners_hidden);
	proc_tell(&child);
}

static void ask_and_pass(struct proc *parent, void *arg)
{
	const struct pt_filter all = {};
	struct nl nl;

	proc_become(USER, NO_CAP);
	if (nl_open(&nl))
		_exit(1);
	proc_await(parent);
	pt_socks_ask(&nl, &all);
	fd_send(*(int *)arg, nl.fd);
	proc_await(parent);
}

/* Root reads the answer to a user's request, which is still the user's. */
TEST_F(permissions, read_by_root)
{
	struct pt_socks socks;
	struct proc child;
	int i, via[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, via));
	proc_start(&child, ask_and_pass, &via[0]);
	/* more than fits into one read */
	for (i = 0; i < 500; i++)
		sock_listening("127.0.0.1", PORT + 1000 + i);
	proc_tell(&child);
	ASSERT_EQ(0, nl_open(&self->nl));
	close(self->nl.fd);
	self->nl.fd = fd_receive(via[1]);
	/* the child has opened one, too, and sent a request */
	self->nl.seq++;
	socks = pt_socks_hear(&self->nl);
	ASSERT_EQ(0, socks.err);
	ASSERT_EQ(504, socks.n);
	for (i = 0; i < socks.n; i++) {
		if (socks.v[i].port < PORT + 1000)
			continue;
		EXPECT_EQ(0, socks.v[i].n_owners);
		EXPECT_TRUE(socks.v[i].owners_hidden);
		EXPECT_FALSE(socks.v[i].binder.present);
	}
	proc_end(&child);
}

/* A socket opened by root lends its rights to no one. */
TEST_F(permissions, borrowed_socket)
{
	struct pt_sock *s;

	ASSERT_EQ(0, nl_open(&self->nl));
	proc_become(USER, NO_CAP);
	s = on_port(&self->nl, PORT + 2);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).n);
}

/* Nor does a request made by root: whoever receives the answer must have the right. */
TEST_F(permissions, requested_by_root)
{
	struct nl_msg msg;
	struct nl log;

	ASSERT_EQ(0, nl_open(&self->nl));
	nl_msg_init(&msg, &self->nl, PORTOWNER_CMD_TRACE_GET, NLM_F_DUMP);
	nl_ask(&self->nl, &msg);
	ASSERT_EQ(0, nl_open(&log));
	nl_msg_init(&msg, &log, PORTOWNER_CMD_REJECT_GET, NLM_F_DUMP);
	nl_put_flag(&msg, PORTOWNER_A_REJECT_ALL_NETNS);
	nl_ask(&log, &msg);
	proc_become(USER, NO_CAP);
	EXPECT_EQ(-EPERM, nl_hear(&self->nl, NULL, NULL));
	EXPECT_EQ(-EPERM, nl_hear(&log, NULL, NULL));
	nl_close(&log);
}

/* Own rejects are shown, those of others are not; numbers have gaps. */
TEST_F(permissions, own_rejects)
{
	struct pt_rejects rejects;
	struct pt_sock *s;
	int fd;

	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	EXPECT_EQ(0, pt_rejects(&self->nl, 0).n);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT + 2));
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(2, rejects.v[0].seq);
	EXPECT_EQ(getpid(), rejects.v[0].pid);
	/* the culprit is there, but not its owner */
	ASSERT_EQ(1, rejects.v[0].n_culprits);
	s = rejects.v[0].culprits;
	EXPECT_EQ(PORT + 2, s->port);
	EXPECT_EQ(0, s->n_owners);
	EXPECT_TRUE(s->owners_hidden);
}

/* Own rejects tell about the process what /proc would. */
TEST_F(permissions, own_rejects_of_hidden)
{
	static const struct person people[] = {
		{ USER, PORT + 4, true, true },
		{ USER, PORT + 5, false, true },
	};
	struct pt_rejects rejects;
	struct proc procs[2];
	int i;

	ASSERT_EQ(0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	for (i = 0; i < 2; i++) {
		proc_start(&procs[i], live, (void *)&people[i]);
		proc_await(&procs[i]);
	}
	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	/* One record, of which the last process is known. */
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(2, rejects.v->count);
	EXPECT_EQ(procs[1].pid, rejects.v->pid);
	EXPECT_EQ(NULL, rejects.v->exe);
	EXPECT_EQ(0, rejects.v->caller_flags);
	for (i = 0; i < 2; i++)
		proc_end(&procs[i]);
}

/* A culprit of ours is named in our reject. */
TEST_F(permissions, own_culprit)
{
	struct pt_rejects rejects;
	int fd;

	ASSERT_EQ(0, enter_as(&self->nl, USER, NO_CAP));
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT + 1));
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(1, rejects.n);
	ASSERT_EQ(1, rejects.v[0].n_culprits);
	ASSERT_EQ(1, rejects.v[0].culprits[0].n_owners);
	EXPECT_EQ(self->friend.pid, rejects.v[0].culprits[0].owners[0].pid);
	EXPECT_FALSE(rejects.v[0].culprits[0].owners_hidden);
}

TEST_HARNESS_MAIN
