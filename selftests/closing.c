// SPDX-License-Identifier: GPL-2.0
/*
 * Closing or connecting a unix socket is not delayed by a search of what is in
 * flight: the other end hears of it immediately, not once a query has ended.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/clock.h"
#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"
#include "lib/tables.h"

#define PORT		1840
/* What to search for: as much as a query searches for together. */
#define SOUGHT		16
/*
 * Queues full of descriptors, which take long to search, and the socket that is
 * closed after them: together as many as are searched in a row.
 */
#define FULL		15
#define FIRST_FULL	20
#define CLOSED		(FIRST_FULL + FULL)
#define PER_MESSAGE	253
#define MESSAGES	8
/* Unix sockets that a query searches after these, in this many tables. */
#define THREADS		1000
#define PAIRS		200
#define ROUNDS		1000
#define LATE		5

/* Shared by the processes. */
struct shared {
	struct sockaddr_un addr;
	/* when the closer started what the other end waits for */
	long connect;
	long close;
	/* queries so far, and their total time */
	long queries;
	long queries_us;
};

FIXTURE(closing)
{
	struct nl nl;
	struct shared *shared;
	struct proc closer;
	struct proc crowd;
	struct proc reader;
	int server;
};

/* Many references to one file, none of which is searched for. */
static void send_many(int via, int fd)
{
	union {
		struct cmsghdr hdr;
		char buf[CMSG_SPACE(PER_MESSAGE * sizeof(int))];
	} control = {
		.hdr.cmsg_level = SOL_SOCKET,
		.hdr.cmsg_type = SCM_RIGHTS,
		.hdr.cmsg_len = CMSG_LEN(PER_MESSAGE * sizeof(int)),
	};
	char byte = 'x';
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	int i;

	for (i = 0; i < PER_MESSAGE; i++)
		memcpy(CMSG_DATA(&control.hdr) + i * sizeof(fd), &fd,
		       sizeof(fd));
	if (sendmsg(via, &msg, 0) != 1)
		die_errno("SCM_RIGHTS send");
}

static void fill_queues(void)
{
	int file = open("/dev/null", O_RDONLY), i, k, pair[2];

	for (i = 0; i < FULL; i++) {
		if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair))
			die_errno("socketpair");
		for (k = 0; k < MESSAGES; k++)
			send_many(pair[0], file);
		if (dup2(pair[1], FIRST_FULL + i) < 0)
			die_errno("dup2");
		close(pair[0]);
		close(pair[1]);
	}
}

static void connect_and_close(struct shared *shared)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (dup2(fd, CLOSED) < 0)
		die_errno("dup2");
	close(fd);
	shared->connect = now_us();
	if (connect(CLOSED, (struct sockaddr *)&shared->addr,
		    sizeof(shared->addr)))
		die_errno("connect");
	/* At any moment of a query. */
	usleep(random() % 5000);
	shared->close = now_us();
	close(CLOSED);
}

static void closer(struct proc *parent, void *arg)
{
	fill_queues();
	proc_tell(parent);
	for (;;) {
		proc_await(parent);
		connect_and_close(arg);
	}
}

static void crowd(struct proc *parent, void *arg)
{
	int i, pair[2];

	for (i = 0; i < PAIRS; i++)
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			die_errno("socketpair");
	tables_start(THREADS);
	proc_tell(parent);
	proc_await(parent);
}

static void reader(struct proc *parent, void *arg)
{
	const struct pt_filter sought = {
		.port = PORT, .port_last = PORT + SOUGHT - 1,
	};
	struct shared *shared = arg;
	struct pt_socks socks;
	struct nl nl;
	long begin;

	if (nl_open(&nl))
		die("no portowner family");
	/* It does not check whether to go on. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		begin = now_us();
		socks = pt_socks(&nl, &sought);
		shared->queries_us += now_us() - begin;
		if (socks.err || socks.n != SOUGHT || !socks.v[0].unseen_refs)
			die("error %d, %d sockets", socks.err, socks.n);
		if (!shared->queries++)
			proc_tell(parent);
	}
}

FIXTURE_SETUP(closing)
{
	int i, fd, pair[2];

	ns_enter();
	self->shared = mmap(NULL, sizeof(*self->shared), PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, self->shared);
	self->shared->addr.sun_family = AF_UNIX;
	snprintf(self->shared->addr.sun_path + 1,
		 sizeof(self->shared->addr.sun_path) - 1, "closing.%d", getpid());

	/* Tables are searched by pid: the crowd's come after this one. */
	proc_start(&self->closer, closer, self->shared);
	proc_await(&self->closer);
	self->server = socket(AF_UNIX, SOCK_STREAM, 0);
	ASSERT_EQ(0, bind(self->server, (struct sockaddr *)&self->shared->addr,
			  sizeof(self->shared->addr)));
	ASSERT_EQ(0, listen(self->server, 1));
	/* What is searched for is found last. */
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	for (i = 0; i < SOUGHT; i++) {
		fd = sock_listening("127.0.0.1", PORT + i);
		fd_send(pair[0], fd);
		close(fd);
	}
	proc_start(&self->crowd, crowd, NULL);
	proc_await(&self->crowd);
	close(pair[0]);
	close(pair[1]);
	proc_start(&self->reader, reader, self->shared);
	proc_await(&self->reader);
}

FIXTURE_TEARDOWN(closing)
{
	const struct proc *children[] = {
		&self->reader, &self->crowd, &self->closer,
	};
	int i;

	for (i = 0; i < 3; i++) {
		kill(children[i]->pid, SIGKILL);
		waitpid(children[i]->pid, NULL, 0);
	}
}

TEST_F_TIMEOUT(closing, heard_at_once, 300)
{
	long query, accepted, ended, accepts = 0, ends = 0, worst = 0;
	int i, fd, late = 0;
	char byte;

	if (!kernel_before(7, 0) || kernel_is_rt())
		SKIP(return, "from 7.0 on, and on RT, queues of unix sockets are not read");
	query = self->shared->queries_us / self->shared->queries;
	for (i = 0; i < ROUNDS; i++) {
		proc_tell(&self->closer);
		fd = accept(self->server, NULL, NULL);
		ASSERT_LE(0, fd);
		accepted = now_us() - self->shared->connect;
		ASSERT_EQ(0, read(fd, &byte, 1));
		ended = now_us() - self->shared->close;
		close(fd);
		/* Less than if it waited for a query. */
		late += accepted > query / 4 || ended > query / 4;
		accepts += accepted;
		ends += ended;
		worst = ended > worst ? ended : worst;
	}
	TH_LOG("%ld queries of %ld us; accept after %ld us, end after %ld us, at most %ld, %d late",
	       self->shared->queries, query, accepts / ROUNDS,
	       ends / ROUNDS, worst, late);
	/*
	 * A quarter of it must exceed the delays of an emulated processor, or
	 * the two could not be told apart.
	 */
	ASSERT_LT(50000, query);
	/* An emulated processor may be delayed. */
	EXPECT_GE(LATE, late);
}

TEST_HARNESS_MAIN
