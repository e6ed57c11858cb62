// SPDX-License-Identifier: GPL-2.0
/*
 * How an ordinary user, 1234, can try to delay others in this network namespace:
 *
 *	abuse refused PORT THREADS	threads that are refused in a loop
 *	abuse binding THREADS		threads that bind and close in a loop
 *	abuse traced PORT TASKS		tasks stopped by a tracer as a refused bind()
 *					is about to return
 *	abuse busy			a task that is refused early in a system call
 *					that takes very long without sleeping
 *
 * Prints "ready" once everything is running, and continues until there is something
 * to read on stdin; then it checks that all tasks continue normally.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "../lib/die.h"
#include "../lib/ring.h"
#include "../lib/sock.h"

#define USER	1234
#define MAX	2000

/* Reads of a busy task, of 64 MiB each, and seconds until it is killed anyway. */
#define READS	4000
#define BYTES	(64 << 20)
#define SECONDS	30

static int port;
static int stopping;
static pthread_barrier_t all_there;

static void become_user(void)
{
	if (setgroups(0, NULL) || setresgid(USER, USER, USER) ||
	    setresuid(USER, USER, USER))
		die_errno("setresuid");
}

static void run(pthread_t *thread, void *(*function)(void *), void *arg)
{
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	errno = pthread_create(thread, &attr, function, arg);
	if (errno)
		die_errno("pthread_create");
}

/* Until there is something to read on stdin. */
static void ready(void)
{
	puts("ready");
	fflush(stdout);
	getchar();
}

static void *refusing(void *unused)
{
	int own = sock_new("127.0.0.1", SOCK_STREAM);

	pthread_barrier_wait(&all_there);
	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED))
		if (sock_bind(own, "127.0.0.1", port) != -EADDRINUSE)
			die("bind was not refused");
	return NULL;
}

static void *binding(void *unused)
{
	pthread_barrier_wait(&all_there);
	while (!__atomic_load_n(&stopping, __ATOMIC_RELAXED))
		close(sock_bound("127.0.0.1", SOCK_DGRAM, 0));
	return NULL;
}

static void in_threads(void *(*function)(void *), int nr)
{
	static pthread_t threads[MAX];
	int i;

	/* The first threads would slow down the creation of the last ones. */
	pthread_barrier_init(&all_there, NULL, nr + 1);
	for (i = 0; i < nr; i++)
		run(&threads[i], function, NULL);
	pthread_barrier_wait(&all_there);
	ready();
	__atomic_store_n(&stopping, 1, __ATOMIC_RELAXED);
	for (i = 0; i < nr; i++)
		pthread_join(threads[i], NULL);
}

static void expect_exit(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid || status)
		die("a task ended with %#x", status);
}

static void refused_once(int own)
{
	if (sock_bind(own, "127.0.0.1", port) != -EADDRINUSE)
		die("bind was not refused");
}

/* Let a child continue until it enters or leaves a system call. */
static void until_syscall(pid_t pid, struct ptrace_syscall_info *info)
{
	int status;

	ptrace(PTRACE_SYSCALL, pid, 0, 0);
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
	    WSTOPSIG(status) != (SIGTRAP | 0x80) ||
	    ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof(*info), info) <= 0)
		die("the traced task did not stop: %#x", status);
}

/* Stops as its first bind() is about to return. */
static pid_t traced_child(void)
{
	struct ptrace_syscall_info info;
	pid_t pid = fork();
	int own, status;

	if (!pid) {
		own = sock_new("127.0.0.1", SOCK_STREAM);
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		refused_once(own);
		_exit(0);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die_errno("fork");
	ptrace(PTRACE_SETOPTIONS, pid, 0,
	       PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL);
	do
		until_syscall(pid, &info);
	while (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != SYS_bind);
	until_syscall(pid, &info);
	return pid;
}

static void traced(int nr)
{
	static pid_t pids[MAX];
	int i;

	for (i = 0; i < nr; i++)
		pids[i] = traced_child();
	ready();
	for (i = 0; i < nr; i++) {
		ptrace(PTRACE_DETACH, pids[i], 0, 0);
		expect_exit(pids[i]);
	}
}

/* Four ports to choose from, which are taken. */
static void no_port(void)
{
	int fd = open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY);
	int i;

	if (fd < 0 || write(fd, "40000 40003", 11) != 11)
		die_errno("ip_local_port_range");
	close(fd);
	for (i = 0; i < 4; i++)
		sock_bound("0.0.0.0", SOCK_STREAM, 40000 + i);
}

/* Gets no port for a connection, and then fills @mem again and again. */
static void submit_reads(void *mem)
{
	int i, zero = open("/dev/zero", O_RDONLY);
	struct io_uring_sqe *sqe;
	union sock_addr addr;
	struct ring ring;

	if (zero < 0 || ring_open(&ring, READS + 1))
		die("no /dev/zero, or no io_uring");
	sqe = ring_prepare(&ring, IORING_OP_CONNECT, sock_new("127.0.0.1", SOCK_STREAM));
	sqe->off = sock_addr(&addr, "127.0.0.1", 9);
	sqe->addr = (unsigned long)&addr;
	for (i = 0; i < READS; i++) {
		sqe = ring_prepare(&ring, IORING_OP_READ, zero);
		sqe->addr = (unsigned long)mem;
		sqe->len = BYTES;
	}
	ring_submit(&ring);
}

static void busy(void)
{
	char *mem = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct pollfd pfd = { .fd = 0, .events = POLLIN };
	pid_t pid;

	if (mem == MAP_FAILED)
		die_errno("mmap");
	mem[0] = 1;
	pid = fork();
	if (!pid) {
		submit_reads(mem);
		_exit(0);
	}
	/* The first read has begun, and so the connect was refused. */
	while (__atomic_load_n(mem, __ATOMIC_RELAXED))
		if (waitpid(pid, NULL, WNOHANG))
			die("it ended early");
	puts("ready");
	fflush(stdout);
	poll(&pfd, 1, SECONDS * 1000);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	int nr = argc > 3 ? atoi(argv[3]) : argc > 2 ? atoi(argv[2]) : 0;

	if (argc > 3)
		port = atoi(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "busy")) {
		no_port();
		become_user();
		busy();
		return 0;
	}
	if (nr < 1 || nr > MAX)
		die("usage: abuse refused|traced PORT TASKS | binding THREADS | busy");
	become_user();
	if (port)
		sock_listening("127.0.0.1", port);
	if (!strcmp(argv[1], "refused"))
		in_threads(refusing, nr);
	else if (!strcmp(argv[1], "binding"))
		in_threads(binding, nr);
	else if (!strcmp(argv[1], "traced"))
		traced(nr);
	else
		die("no such abuse");
	return 0;
}
