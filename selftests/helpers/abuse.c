// SPDX-License-Identifier: GPL-2.0
/*
 * How an ordinary user, 1234, can try to delay others in this network namespace:
 *
 *	abuse refused PORT THREADS	threads that are refused in a loop
 *	abuse binding THREADS		threads that bind and close in a loop
 *	abuse traced PORT TASKS		tasks stopped by a tracer as a refused bind()
 *					is about to return
 *
 * Prints "ready" once everything is running, and continues until there is something
 * to read on stdin; then it checks that all tasks continue normally.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/ptrace.h>

#include "../lib/die.h"
#include "../lib/sock.h"

#define USER	1234
#define MAX	2000

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

int main(int argc, char **argv)
{
	int nr = argc > 3 ? atoi(argv[3]) : argc > 2 ? atoi(argv[2]) : 0;

	if (argc > 3)
		port = atoi(argv[2]);
	if (nr < 1 || nr > MAX)
		die("usage: abuse refused|traced PORT TASKS | binding THREADS");
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
