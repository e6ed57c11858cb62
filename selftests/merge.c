// SPDX-License-Identifier: GPL-2.0
/* Equal refusals are one record: what is equal, and which are dropped. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../kselftest_harness.h"

#include "lib/clock.h"
#include "lib/die.h"
#include "lib/pt.h"
#include "lib/proc.h"
#include "lib/sock.h"

#define PORT	4200
#define OTHER	1001

FIXTURE(merge)
{
	struct nl nl;
	int holder;
};

FIXTURE_SETUP(merge)
{
	ns_enter();
	ASSERT_EQ(0, nl_open(&self->nl));
	self->holder = sock_listening("127.0.0.1", PORT);
}

FIXTURE_TEARDOWN(merge)
{
	nl_close(&self->nl);
}

static void refuse(const char *ip, int type, int port)
{
	int fd = sock_new(ip, type);

	if (!sock_bind(fd, ip, port))
		die("bound to %s port %d", ip, port);
	close(fd);
}

/* The one that all others are compared with. */
static void refuse_plain(void)
{
	refuse("127.0.0.1", SOCK_STREAM, PORT);
}

/* Get refused in a process of its own. */
static void in_child(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		fn();
		_exit(0);
	}
	if (waitpid(pid, &status, 0) != pid || status)
		die("child: status %d", status);
}

#define EXPECT_RECORDS(nr, total)					\
	do {								\
		struct pt_rejects rs = pt_rejects(&self->nl, 0);	\
		EXPECT_EQ(nr, rs.n);					\
		EXPECT_EQ(total, pt_counts(&rs));			\
	} while (0)

TEST_F(merge, counts)
{
	struct pt_rejects first, last;
	struct pt_stats stats;
	int i;

	refuse_plain();
	first = pt_rejects(&self->nl, 0);
	ASSERT_EQ(1, first.n);
	EXPECT_EQ(1, first.v->count);
	EXPECT_EQ(first.v->time, first.v->first_time);
	for (i = 0; i < 9; i++)
		refuse_plain();
	last = pt_rejects(&self->nl, 0);
	ASSERT_EQ(1, last.n);
	EXPECT_EQ(10, last.v->count);
	EXPECT_EQ(10, last.v->seq);
	EXPECT_EQ(first.v->time, last.v->first_time);
	EXPECT_LT(first.v->time, last.v->time);
	EXPECT_EQ(1, last.v->n_culprits);
	stats = pt_stats(&self->nl);
	EXPECT_EQ(10, stats.seen);
	EXPECT_EQ(1, stats.kept);
	EXPECT_EQ(10, stats.counted);
	EXPECT_EQ(0, stats.dropped);
}

/* A repeated refusal moves behind all others, and is new again. */
TEST_F(merge, moves)
{
	struct pt_rejects rejects;

	refuse_plain();
	refuse("192.0.2.1", SOCK_STREAM, PORT);
	refuse_plain();
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(2, rejects.n);
	EXPECT_EQ(2, rejects.v[0].seq);
	EXPECT_EQ(3, rejects.v[1].seq);
	EXPECT_EQ(2, rejects.v[1].count);
	rejects = pt_rejects(&self->nl, 2);
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(3, rejects.v->seq);
	EXPECT_EQ(0, pt_rejects(&self->nl, 3).n);
}

/* A restarted program is the same one; the record names the last process. */
TEST_F(merge, processes)
{
	struct pt_rejects rejects;

	in_child(refuse_plain);
	in_child(refuse_plain);
	refuse_plain();
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(1, rejects.n);
	EXPECT_EQ(3, rejects.v->count);
	EXPECT_EQ(getpid(), rejects.v->pid);
}

TEST_F(merge, endpoint)
{
	refuse_plain();
	sock_listening("127.0.0.1", PORT + 1);
	refuse("127.0.0.1", SOCK_STREAM, PORT + 1);
	EXPECT_RECORDS(2, 2);
	refuse("0.0.0.0", SOCK_STREAM, PORT);
	EXPECT_RECORDS(3, 3);
	refuse("::", SOCK_STREAM, PORT);
	EXPECT_RECORDS(4, 4);
	sock_bound("127.0.0.1", SOCK_DGRAM, PORT);
	refuse("127.0.0.1", SOCK_DGRAM, PORT);
	EXPECT_RECORDS(5, 5);
	refuse("127.0.0.1", SOCK_DGRAM, PORT);
	refuse("::", SOCK_STREAM, PORT);
	refuse("0.0.0.0", SOCK_STREAM, PORT);
	refuse_plain();
	EXPECT_RECORDS(5, 9);
}

TEST_F(merge, options)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM);

	refuse_plain();
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	EXPECT_RECORDS(2, 3);
}

TEST_F(merge, operation_and_errno)
{
	int fd = sock_new("127.0.0.1", SOCK_STREAM), other;

	refuse_plain();
	/* refused because of the holder, then because it has a port */
	ASSERT_EQ(-EADDRINUSE, sock_bind(fd, "127.0.0.1", PORT));
	ASSERT_EQ(0, sock_bind(fd, "127.0.0.1", PORT + 1));
	ASSERT_EQ(-EINVAL, sock_bind(fd, "127.0.0.1", PORT));
	EXPECT_RECORDS(2, 3);
	/* two with the same bind, of which one listens */
	other = sock_new("127.0.0.1", SOCK_STREAM);
	sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	sock_set(other, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, sock_bind(other, "127.0.0.1", PORT + 1));
	ASSERT_EQ(0, sock_listen(fd));
	ASSERT_EQ(-EADDRINUSE, sock_listen(other));
	ASSERT_EQ(-EADDRINUSE, sock_listen(other));
	EXPECT_RECORDS(3, 5);
}

/* Another socket on the same port is another cause. */
TEST_F(merge, culprit)
{
	struct pt_rejects rejects;

	refuse_plain();
	refuse_plain();
	close(self->holder);
	self->holder = sock_listening("127.0.0.1", PORT);
	refuse_plain();
	rejects = pt_rejects(&self->nl, 0);
	ASSERT_EQ(2, rejects.n);
	EXPECT_EQ(2, rejects.v[0].count);
	EXPECT_EQ(1, rejects.v[1].count);
	ASSERT_EQ(1, rejects.v[1].n_culprits);
	EXPECT_EQ(sock_cookie(self->holder), rejects.v[1].culprits->cookie);
}

static void refuse_as_user(void)
{
	proc_become(USER, NO_CAP);
	refuse_plain();
}

TEST_F(merge, user)
{
	refuse_plain();
	in_child(refuse_as_user);
	EXPECT_RECORDS(2, 2);
	in_child(refuse_as_user);
	EXPECT_RECORDS(2, 3);
}

static void refuse_below(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die_errno("PR_SET_CHILD_SUBREAPER");
	in_child(refuse_plain);
	in_child(refuse_plain);
}

/* So "run" is never shown a refusal under a process that is not below it. */
TEST_F(merge, reaper)
{
	refuse_plain();
	in_child(refuse_below);
	EXPECT_RECORDS(2, 3);
	refuse_plain();
	EXPECT_RECORDS(2, 4);
}

/* The rules without a culprit. */
TEST_F(merge, no_culprit)
{
	int i;

	for (i = 0; i < 3; i++)
		refuse("192.0.2.1", SOCK_DGRAM, PORT);
	EXPECT_RECORDS(1, 3);
	for (i = 0; i < 3; i++)
		refuse("2001:db8::1", SOCK_STREAM, PORT);
	EXPECT_RECORDS(2, 6);
}

/* A port with more sockets than a quick look covers. */
TEST_F(merge, crowded)
{
	int i, fd;

	for (i = 0; i < 300; i++) {
		fd = sock_new("127.0.0.1", SOCK_DGRAM);
		sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
		ASSERT_EQ(0, sock_bind(fd, i ? "127.0.0.2" : "127.0.0.1",
				       PORT));
	}
	for (i = 0; i < 3; i++)
		refuse("127.0.0.1", SOCK_DGRAM, PORT);
	EXPECT_RECORDS(1, 3);
}

#define THREADS	8

static void *flood(void *arg)
{
	const int *stop = arg;
	long n = 0;
	int fd, port;

	do {
		for (port = PORT; port < PORT + 40; port++, n++) {
			fd = sock_new("192.0.2.1", SOCK_DGRAM);
			if (sock_bind(fd, "192.0.2.1", port) != -EADDRNOTAVAIL)
				die("no refusal");
			close(fd);
		}
	} while (!__atomic_load_n(stop, __ATOMIC_ACQUIRE));
	return (void *)n;
}

/*
 * While records move, each reader reaches the end, sees each once, and misses
 * none.
 */
TEST_F_TIMEOUT(merge, flood, 120)
{
	pthread_t thread[THREADS];
	struct pt_rejects rejects;
	struct pt_stats stats;
	int i, k, stop = 0;
	bool seen[40];
	long n = 0;
	void *ret;

	for (i = 0; i < THREADS; i++)
		ASSERT_EQ(0, pthread_create(&thread[i], NULL, flood, &stop));
	for (k = 0; k < 20; k++) {
		memset(seen, 0, sizeof(seen));
		/* pt_rejects() ends the test if one comes twice */
		rejects = pt_rejects(&self->nl, 0);
		ASSERT_EQ(0, rejects.err);
		ASSERT_GE(40, rejects.n);
		for (i = 0; i < rejects.n; i++) {
			ASSERT_FALSE(seen[rejects.v[i].port - PORT]);
			seen[rejects.v[i].port - PORT] = true;
		}
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (i = 0; i < THREADS; i++) {
		ASSERT_EQ(0, pthread_join(thread[i], &ret));
		n += (long)ret;
	}
	rejects = pt_rejects(&self->nl, 0);
	stats = pt_stats(&self->nl);
	EXPECT_EQ(40, rejects.n);
	EXPECT_EQ(n, stats.seen);
	EXPECT_EQ(n, pt_counts(&rejects) + stats.dropped);
	EXPECT_EQ(stats.counted, pt_counts(&rejects));
}

static void refuse_many(void)
{
	int i;

	proc_become(USER, NO_CAP);
	for (i = 0; i < 1000; i++)
		refuse("192.0.2.1", SOCK_DGRAM, 10000 + i);
}

static void refuse_some(void)
{
	int i;

	proc_become(OTHER, NO_CAP);
	for (i = 0; i < 50; i++)
		refuse("192.0.2.1", SOCK_DGRAM, 20000 + i);
}

/* Flooding the log drops the flooder's own records. */
TEST_F_TIMEOUT(merge, fair, 90)
{
	struct pt_rejects rejects;
	struct pt_stats stats;
	int i, k, left;

	in_child(refuse_some);
	for (k = 0; k < 2; k++) {
		in_child(refuse_many);
		rejects = pt_rejects(&self->nl, 0);
		for (i = 0, left = 0; i < rejects.n; i++)
			left += rejects.v[i].uid == OTHER;
		EXPECT_EQ(50, left);
		stats = pt_stats(&self->nl);
		EXPECT_EQ(stats.seen, pt_counts(&rejects) + stats.dropped);
		EXPECT_EQ(stats.max, stats.kept);
	}
	/* none of the reader's records were dropped */
	EXPECT_EQ(0, stats.dropped_own);
	EXPECT_LT(0, stats.dropped);
	proc_become(USER, NO_CAP);
	EXPECT_EQ(stats.dropped, pt_stats(&self->nl).dropped_own);
}

/* Executables whose paths are long and differ at the end, as many as a log has room for. */
#define LINKS	120
#define DEPTH	14
#define LENGTH	250
#define RUNS	50

/* What such an executable does: print how long the shortest of some refusals took. */
static void __attribute__((constructor)) be_refused(int argc, char **argv)
{
	long long best = -1, took;
	int i, fd;

	if (argc != 4 || strcmp(argv[1], "be-refused"))
		return;
	fd = sock_new("127.0.0.1", SOCK_STREAM);
	for (i = 0; i < atoi(argv[3]); i++) {
		took = now_ns();
		if (!sock_bind(fd, "127.0.0.1", atoi(argv[2])))
			die("bound");
		took = now_ns() - took;
		if (best < 0 || took < best)
			best = took;
	}
	printf("%lld\n", best);
	exit(0);
}

static const char *link_name(int nr)
{
	static char name[LENGTH + 1];

	snprintf(name, sizeof(name), "%0*d", LENGTH, nr);
	return name;
}

static long long refuse_link(int nr, int port, int runs)
{
	char command[LENGTH + 64];
	long long took;
	FILE *out;

	snprintf(command, sizeof(command), "./%s be-refused %d %d", link_name(nr),
		 port, runs);
	out = popen(command, "r");
	if (!out || fscanf(out, "%lld", &took) != 1 || pclose(out))
		die("be-refused");
	return took;
}

static void make_deep(void)
{
	int i;

	for (i = 0; i < DEPTH; i++)
		if (mkdir(link_name(i), 0755) || chdir(link_name(i)))
			die_errno("directory");
}

static void remove_deep(void)
{
	int i;

	for (i = DEPTH - 1; i >= 0; i--)
		if (chdir("..") || rmdir(link_name(i)))
			die_errno("rmdir");
}

static void enter_deep(void)
{
	char root[] = "/tmp/merge.XXXXXX";

	if (!mkdtemp(root) || chdir(root))
		die_errno(root);
	make_deep();
}

static void make_links(void)
{
	int from = open("/proc/self/exe", O_RDONLY);
	int to = open(link_name(0), O_WRONLY | O_CREAT, 0755);
	char first[LENGTH + 1];
	struct stat st;
	off_t off = 0;
	int i;

	if (from < 0 || to < 0 || fstat(from, &st))
		die_errno("executable");
	while (off < st.st_size)
		if (sendfile(to, from, &off, st.st_size - off) <= 0)
			die_errno("sendfile");
	close(from);
	close(to);
	strcpy(first, link_name(0));
	for (i = 1; i < LINKS; i++)
		if (link(first, link_name(i)))
			die_errno("link");
}

static void remove_links(void)
{
	int i;

	for (i = 0; i < LINKS; i++)
		unlink(link_name(i));
}

/* Telling them apart takes no longer than without the others. */
TEST_F_TIMEOUT(merge, long_paths, 240)
{
	int i, other = sock_listening("127.0.0.1", PORT + 1);
	long long crowded, alone;

	/* Each record would describe its executable as an owner, too. */
	if (fcntl(self->holder, F_SETFD, FD_CLOEXEC) ||
	    fcntl(other, F_SETFD, FD_CLOEXEC))
		die_errno("FD_CLOEXEC");
	enter_deep();
	make_links();
	for (i = 0; i < LINKS; i++)
		refuse_link(i, PORT, 1);
	EXPECT_RECORDS(LINKS, LINKS);
	crowded = refuse_link(0, PORT, RUNS);
	EXPECT_RECORDS(LINKS, LINKS + RUNS);
	alone = refuse_link(0, PORT + 1, RUNS);
	EXPECT_RECORDS(LINKS + 1, LINKS + 2 * RUNS);
	remove_links();
	remove_deep();
	TH_LOG("%lld ns, %lld ns beside others", alone, crowded);
	EXPECT_GT(3 * alone, crowded);
}

static void refuse_256(int port)
{
	int i;

	for (i = 0; i < 256; i++)
		refuse("192.0.2.1", SOCK_DGRAM, port + i);
}

static void refuse_in_root(void)
{
	refuse_256(10000);
}

static void enter_cgroup(void)
{
	int fd = open("cgroup.procs", O_WRONLY);

	if (fd < 0 || write(fd, "0", 1) != 1)
		die_errno("cgroup.procs");
	close(fd);
}

static void refuse_again_in_deep(void)
{
	enter_cgroup();
	refuse_256(10000);
}

static void refuse_others_in_deep(void)
{
	enter_cgroup();
	refuse_256(20000);
}

/* Records that grow, since they name a longer control group, do not exceed the log. */
TEST_F_TIMEOUT(merge, long_cgroup, 90)
{
	char dir[] = "/tmp/merge.XXXXXX";
	struct pt_stats before, grown, new;
	struct pt_rejects rejects;

	ASSERT_EQ(0, unshare(CLONE_NEWNS));
	ASSERT_EQ(0, mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	ASSERT_NE(NULL, mkdtemp(dir));
	ASSERT_EQ(0, mount("none", dir, "cgroup2", 0, NULL));
	ASSERT_EQ(0, chdir(dir));
	make_deep();

	in_child(refuse_in_root);
	before = pt_stats(&self->nl);
	in_child(refuse_again_in_deep);
	grown = pt_stats(&self->nl);
	rejects = pt_rejects(&self->nl, 0);
	in_child(refuse_others_in_deep);
	new = pt_stats(&self->nl);
	remove_deep();

	TH_LOG("%llu records, %llu when grown, %llu new ones", before.kept,
	       grown.kept, new.kept);
	EXPECT_EQ(256, before.kept);
	/* there are as many of them as if that had been their length from the start */
	EXPECT_GE(new.kept + 1, grown.kept);
	EXPECT_LE(new.kept, grown.kept + 1);
	EXPECT_EQ(grown.seen, pt_counts(&rejects) + grown.dropped);
	EXPECT_EQ(grown.counted, pt_counts(&rejects));
}

TEST_HARNESS_MAIN
