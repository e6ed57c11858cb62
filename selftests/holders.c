// SPDX-License-Identifier: GPL-2.0
/* Many holders of a socket, or one hidden in a thread. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>

#include "../kselftest_harness.h"

#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define CHILDREN	100
#define DUPS		8

FIXTURE(holders)
{
	struct nl nl;
	int fd;
	int port;
};

FIXTURE_SETUP(holders)
{
	const struct rlimit files = { 8192, 8192 };

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->fd = sock_listening("127.0.0.1", 0);
	self->port = sock_port(self->fd);
}

FIXTURE_TEARDOWN(holders)
{
	nl_close(&self->nl);
}

/* More owners than fit into a message: none is lost, none repeated. */
TEST_F_TIMEOUT(holders, many_owners, 90)
{
	struct proc_dups dups = { .fd = self->fd, .nr = DUPS - 1 };
	const int all = 1 + CHILDREN * DUPS;
	struct proc child[CHILDREN];
	struct pt_sock *s;
	int i, k, found;

	for (i = 0; i < CHILDREN; i++)
		proc_start(&child[i], proc_hold_dups, &dups);
	for (i = 0; i < CHILDREN; i++)
		proc_await(&child[i]);

	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(all, s->n_owners);
	EXPECT_LT(1, s->parts);
	for (i = 0; i < CHILDREN; i++) {
		for (k = 0, found = 0; k < s->n_owners; k++)
			found += s->owners[k].pid == child[i].pid;
		EXPECT_EQ(DUPS, found);
	}
	for (i = 0; i < CHILDREN; i++)
		proc_end(&child[i]);
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(1, s->n_owners);
}

/* The same, as the culprit of a refused bind. */
TEST_F_TIMEOUT(holders, many_owners_of_a_culprit, 90)
{
	struct proc_dups dups = { .fd = self->fd, .nr = DUPS - 1 };
	struct proc child[CHILDREN];
	struct pt_reject *r;
	int i, fd;

	for (i = 0; i < CHILDREN; i++)
		proc_start(&child[i], proc_hold_dups, &dups);
	for (i = 0; i < CHILDREN; i++)
		proc_await(&child[i]);
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", self->port));
	for (i = 0; i < CHILDREN; i++)
		proc_end(&child[i]);

	r = pt_last_reject(&self->nl);
	ASSERT_NE(NULL, r);
	ASSERT_EQ(1, r->n_culprits);
	EXPECT_EQ(sock_cookie(self->fd), r->culprits[0].cookie);
	/* a record is bounded, but must not deny what it leaves out */
	EXPECT_LT(0, r->culprits[0].n_owners);
	EXPECT_GE(1 + CHILDREN * DUPS, r->culprits[0].n_owners);
}

struct place {
	pthread_barrier_t barrier;
	int fd;
	int socket;
	int port;
};

static void *private_table(void *arg)
{
	struct place *place = arg;

	if (unshare(CLONE_FILES))
		return NULL;
	place->fd = sock_listening("127.0.0.1", place->port);
	pthread_barrier_wait(&place->barrier);
	pthread_barrier_wait(&place->barrier);
	close(place->fd);
	return place;
}

/* A thread with a descriptor table of its own, unlike that of the leader. */
TEST_F(holders, private_table)
{
	struct place place = { .port = 1600 };
	struct pt_socks socks;
	pthread_t thread;
	void *done;

	ASSERT_EQ(0, pthread_barrier_init(&place.barrier, NULL, 2));
	ASSERT_EQ(0, pthread_create(&thread, NULL, private_table, &place));
	pthread_barrier_wait(&place.barrier);
	socks = pt_port(&self->nl, 1600, 0);
	ASSERT_EQ(1, socks.n);
	ASSERT_EQ(1, socks.v[0].n_owners);
	EXPECT_EQ(getpid(), socks.v[0].owners[0].pid);
	EXPECT_EQ(place.fd, socks.v[0].owners[0].fd);
	EXPECT_NE(NULL, socks.v[0].owners[0].exe);
	pthread_barrier_wait(&place.barrier);
	ASSERT_EQ(0, pthread_join(thread, &done));
	EXPECT_EQ(&place, done);
	EXPECT_EQ(0, pt_port(&self->nl, 1600, 0).n);
}

static void *outlive(void *arg)
{
	struct proc *parent = arg;

	proc_tell(parent);
	proc_await(parent);
	_exit(0);
}

static void leave_a_thread(struct proc *parent, void *arg)
{
	pthread_t thread;

	close(*(int *)arg);
	sock_listening("127.0.0.1", 1700);
	if (pthread_create(&thread, NULL, outlive, parent))
		_exit(1);
	pthread_exit(NULL);
}

static bool leader_gone(pid_t pid)
{
	char path[64], line[128] = {};
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(line, sizeof(line), file))
		line[0] = 0;
	fclose(file);
	return strstr(line, ") Z ");
}

/* The main thread has exited; ss and lsof find no process here. */
TEST_F(holders, leader_exited)
{
	struct pt_socks socks;
	struct proc child;
	int tries = 1000000;

	proc_start(&child, leave_a_thread, &self->fd);
	proc_await(&child);
	while (!leader_gone(child.pid) && --tries)
		sched_yield();
	ASSERT_TRUE(leader_gone(child.pid));
	socks = pt_port(&self->nl, 1700, 0);
	ASSERT_EQ(1, socks.n);
	ASSERT_EQ(1, socks.v[0].n_owners);
	EXPECT_EQ(child.pid, socks.v[0].owners[0].pid);
	proc_end(&child);
}

/* Two processes with one descriptor table: both hold the socket. */
static int share_table(void *arg)
{
	struct proc *parent = arg;

	proc_tell(parent);
	proc_await(parent);
	return 0;
}

TEST_F(holders, shared_table)
{
	static char stack[65536];
	struct proc child, parent = {};
	int down[2], up[2];
	struct pt_sock *s;

	ASSERT_EQ(0, pipe(down));
	ASSERT_EQ(0, pipe(up));
	parent.in = down[0];
	parent.out = up[1];
	child.in = up[0];
	child.out = down[1];
	child.pid = clone(share_table, stack + sizeof(stack),
			  CLONE_FILES | SIGCHLD, &parent);
	ASSERT_LT(0, child.pid);
	proc_await(&child);
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(2, s->n_owners);
	EXPECT_NE(NULL, pt_owner_of(s, getpid()));
	EXPECT_NE(NULL, pt_owner_of(s, child.pid));
	proc_end(&child);
}

/* Closed by its process, but still waiting for the other side. */
TEST_F(holders, orphan)
{
	struct pt_socks socks;
	struct sock_pair pair;
	__u64 cookie;

	sock_pair(&pair, "127.0.0.1", 0);
	cookie = sock_cookie(pair.client);
	/* long enough that FIN_WAIT2 stays a full socket */
	sock_set(pair.client, SOL_TCP, TCP_LINGER2, 120);
	close(pair.client);
	socks = pt_port(&self->nl, 0, PT_BIT(FIN_WAIT_1) |
			PT_BIT(FIN_WAIT_2) | PT_BIT(TIME_WAIT));
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(cookie, socks.v[0].cookie);
	EXPECT_EQ(0, socks.v[0].inode);
	EXPECT_EQ(0, socks.v[0].n_owners);
	EXPECT_FALSE(socks.v[0].owners_hidden);
}

/* Descriptors with high numbers in a large, sparse table. */
TEST_F(holders, sparse_table)
{
	struct pt_sock *s;

	ASSERT_EQ(8000, fcntl(self->fd, F_DUPFD, 8000));
	ASSERT_EQ(0, close(self->fd));
	self->fd = 8000;
	s = pt_sock_of(&self->nl, self->fd);
	ASSERT_NE(NULL, s);
	ASSERT_EQ(1, s->n_owners);
	EXPECT_EQ(8000, s->owners[0].fd);
}

TEST_HARNESS_MAIN
