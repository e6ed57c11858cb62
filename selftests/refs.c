// SPDX-License-Identifier: GPL-2.0
/* References that are not descriptors, and sockets without a file. */
#define _GNU_SOURCE
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/syscall.h>

#include "../kselftest_harness.h"

#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	1700

FIXTURE(refs)
{
	struct nl nl;
};

FIXTURE_SETUP(refs)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
}

FIXTURE_TEARDOWN(refs)
{
	nl_close(&self->nl);
}

/* Wait until a thread of this or another process sleeps. */
static void await_sleep(int pid, int tid)
{
	char path[64], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", pid, tid);
	while (state != 'S') {
		file = fopen(path, "r");
		if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
			die_errno(path);
		fclose(file);
	}
}

static void in_poll(struct proc *parent, void *arg)
{
	struct pollfd wait = { .fd = *(int *)arg, .events = POLLIN };

	proc_tell(parent);
	poll(&wait, 1, -1);
}

/* poll() holds the file as long as it waits; that is no unseen reference. */
TEST_F(refs, waiting_in_poll)
{
	struct proc child;
	struct pt_sock *s;
	int fd;

	fd = sock_listening("127.0.0.1", PORT);
	proc_start(&child, in_poll, &fd);
	proc_await(&child);
	await_sleep(child.pid, child.pid);

	s = pt_sock_of(&self->nl, fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(2, s->n_owners);
	EXPECT_EQ(0, s->unseen_refs);
	EXPECT_EQ(PORTOWNER_SHARE_INHERITED, s->share);
	kill(child.pid, SIGKILL);
}

struct acceptor {
	int fd;
	int tid;
	pthread_barrier_t ready;
};

static void *in_accept(void *arg)
{
	struct acceptor *acceptor = arg;

	acceptor->tid = syscall(SYS_gettid);
	pthread_barrier_wait(&acceptor->ready);
	accept(acceptor->fd, NULL, NULL);
	return NULL;
}

/* So does accept(), if another thread could close the descriptor. */
TEST_F(refs, waiting_in_accept)
{
	struct acceptor acceptor;
	struct pt_sock *s;
	pthread_t thread;

	acceptor.fd = sock_listening("127.0.0.1", PORT);
	ASSERT_EQ(0, pthread_barrier_init(&acceptor.ready, NULL, 2));
	ASSERT_EQ(0, pthread_create(&thread, NULL, in_accept, &acceptor));
	pthread_barrier_wait(&acceptor.ready);
	await_sleep(getpid(), acceptor.tid);

	s = pt_sock_of(&self->nl, acceptor.fd);
	ASSERT_NE(NULL, s);
	EXPECT_EQ(1, s->n_owners);
	EXPECT_EQ(0, s->unseen_refs);
}

/* In flight in a message: it has no owner, but is held. */
TEST_F(refs, in_flight)
{
	struct pt_socks socks;
	int fd, pair[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	fd = sock_listening("127.0.0.1", PORT);
	fd_send(pair[0], fd);
	close(fd);

	socks = pt_port(&self->nl, PORT, 0);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(0, socks.v[0].n_owners);
	EXPECT_FALSE(socks.v[0].owners_hidden);
	EXPECT_EQ(1, socks.v[0].unseen_refs);
	EXPECT_EQ(getpid(), socks.v[0].binder.pid);

	/* once delivered, it is like any other */
	fd = fd_receive(pair[1]);
	socks = pt_port(&self->nl, PORT, 0);
	ASSERT_EQ(1, socks.n);
	ASSERT_EQ(1, socks.v[0].n_owners);
	EXPECT_EQ(fd, socks.v[0].owners[0].fd);
	EXPECT_EQ(0, socks.v[0].unseen_refs);
}

/* The TCP socket beneath has no file; the owner is that of the one above. */
TEST_F(refs, mptcp)
{
	union sock_addr addr;
	struct pt_socks socks;
	socklen_t len;
	int fd;

	fd = socket(AF_INET, SOCK_STREAM, IPPROTO_MPTCP);
	if (fd < 0)
		SKIP(return, "no MPTCP in this kernel: %s", strerror(errno));
	len = sock_addr(&addr, "127.0.0.1", PORT);
	ASSERT_EQ(0, bind(fd, &addr.sa, len));
	ASSERT_EQ(0, listen(fd, 1));

	socks = pt_port(&self->nl, PORT, 0);
	ASSERT_EQ(1, socks.n);
	EXPECT_EQ(IPPROTO_MPTCP, socks.v[0].proto);
	EXPECT_EQ(sock_inode(fd), socks.v[0].inode);
	ASSERT_EQ(1, socks.v[0].n_owners);
	EXPECT_EQ(getpid(), socks.v[0].owners[0].pid);
	EXPECT_EQ(fd, socks.v[0].owners[0].fd);
	EXPECT_EQ(0, socks.v[0].unseen_refs);
}

TEST_HARNESS_MAIN
