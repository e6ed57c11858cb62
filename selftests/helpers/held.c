// SPDX-License-Identifier: GPL-2.0
/*
 * Have calls of bind() wait, in the middle of it, until there is something to read
 * on stdin:
 *
 *	held [COUNT [UID [linger]]]
 *
 * Another thread has their socket, in a send() that waits for memory, for which
 * userfaultfd asks this program. Meanwhile the descriptor is closed. Prints
 * "ready" when all that is so. Each bind() is refused, since the socket has a
 * port, and then nobody has the socket any more.
 *
 * With "linger" they are let go before that. The last one closes the socket on its
 * way back to user space, where it waits for a peer that reads nothing, as SO_LINGER
 * says: "ready" is printed when it does, and the peer reads when there is something on
 * stdin.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/userfaultfd.h>

#include "../lib/die.h"
#include "../lib/sock.h"

#define MAX	2000

/* All threads use it before it is closed. */
static int fd;
static void *page;
static pid_t binders[MAX];
/* Calls of bind() that have returned. */
static int returned;

/* A descriptor that reports accesses to the page, which are delayed. */
static int hold_page(long size)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.mode = UFFDIO_REGISTER_MODE_MISSING,
		.range.len = size,
	};
	int faults = syscall(SYS_userfaultfd, O_CLOEXEC);

	page = mmap(NULL, size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	reg.range.start = (unsigned long)page;
	if (faults < 0 || page == MAP_FAILED || ioctl(faults, UFFDIO_API, &api) ||
	    ioctl(faults, UFFDIO_REGISTER, &reg))
		die_errno("userfaultfd");
	return faults;
}

static void release_page(int faults, long size)
{
	struct uffdio_zeropage zero = {
		.range = { .start = (unsigned long)page, .len = size },
	};

	if (ioctl(faults, UFFDIO_ZEROPAGE, &zero))
		die_errno("UFFDIO_ZEROPAGE");
}

static void *sending(void *unused)
{
	if (send(fd, page, 64, 0) != 64)
		die_errno("send");
	return NULL;
}

/* At low priority, so that the sender releases the socket first. */
static void *binding(void *binder)
{
	if (setpriority(PRIO_PROCESS, gettid(), 19))
		die_errno("setpriority");
	__atomic_store_n((pid_t *)binder, gettid(), __ATOMIC_RELEASE);
	if (sock_bind(fd, "127.0.0.1", 1025) != -EINVAL)
		die("bind was not refused as it should be");
	__atomic_add_fetch(&returned, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* 0 if it has ended. */
static char state_of(pid_t tid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (!file)
		return 0;
	if (fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		die_errno(path);
	fclose(file);
	return state;
}

/* What waits for a socket cannot be interrupted, and nothing else here is. */
static int waits(pid_t tid)
{
	return state_of(tid) == 'D';
}

static pthread_t run(void *(*function)(void *), void *arg)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 32768);
	errno = pthread_create(&thread, &attr, function, arg);
	if (errno)
		die_errno("pthread_create");
	return thread;
}

/* Too much for the peer, but not for the send queue: so close() has to wait. */
static void fill_peer(const struct sock_pair *pair)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 3600 };
	static char bytes[65536];
	int i;

	if (setsockopt(pair->client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)))
		die_errno("SO_LINGER");
	sock_set(pair->child, SOL_SOCKET, SO_RCVBUF, 4096);
	sock_set(pair->client, SOL_SOCKET, SO_SNDBUF, 8 * sizeof(bytes));
	for (i = 0; i < 3; i++)
		if (send(pair->client, bytes, sizeof(bytes), 0) != sizeof(bytes))
			die_errno("send");
}

static void read_all(int peer)
{
	static char bytes[65536];
	ssize_t n;

	do {
		n = read(peer, bytes, sizeof(bytes));
	} while (n > 0);
	if (n)
		die_errno("read");
}

/* Until all have returned but one, which sleeps in close(). */
static void await_lingering(int count)
{
	int i, sleep = 0;

	while (!sleep) {
		if (__atomic_load_n(&returned, __ATOMIC_ACQUIRE) == count)
			die("the sender was the last one to have the socket");
		usleep(1000);
		if (__atomic_load_n(&returned, __ATOMIC_ACQUIRE) != count - 1)
			continue;
		for (i = 0; i < count; i++)
			sleep += state_of(binders[i]) == 'S';
	}
}

int main(int argc, char **argv)
{
	int i, faults, count = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t sender, threads[MAX];
	long size = sysconf(_SC_PAGESIZE);
	struct uffd_msg msg;
	struct sock_pair pair;

	if (count < 1 || count > MAX)
		die("usage: held [COUNT [UID [linger]]]");
	sock_pair(&pair, "127.0.0.1", 0);
	fd = pair.client;
	if (argc > 3)
		fill_peer(&pair);
	faults = hold_page(size);
	/* Handling faults requires privileges, which the waiting tasks do not have. */
	if (argc > 2 && setresuid(atoi(argv[2]), atoi(argv[2]), atoi(argv[2])))
		die_errno("setresuid");
	sender = run(sending, NULL);
	if (read(faults, &msg, sizeof(msg)) != sizeof(msg))
		die_errno("read of a fault");
	for (i = 0; i < count; i++)
		threads[i] = run(binding, &binders[i]);
	for (i = 0; i < count; i++)
		while (!__atomic_load_n(&binders[i], __ATOMIC_ACQUIRE) ||
		       !waits(binders[i]))
			usleep(1000);
	close(fd);
	if (argc > 3) {
		release_page(faults, size);
		await_lingering(count);
	}

	puts("ready");
	fflush(stdout);
	getchar();

	if (argc > 3)
		read_all(pair.child);
	else
		release_page(faults, size);
	pthread_join(sender, NULL);
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
