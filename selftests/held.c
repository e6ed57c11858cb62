// SPDX-License-Identifier: GPL-2.0
/*
 * Have calls of bind() wait, in the middle of it, until there is something to read
 * on stdin:
 *
 *	held [COUNT [UID]]
 *
 * Another thread has their socket, in a send() that waits for memory, for which
 * userfaultfd asks this program. Meanwhile the descriptor is closed. Prints
 * "ready" when all that is so. Each bind() is refused, since the socket has a
 * port, and then nobody has the socket any more.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/userfaultfd.h>

#include "die.h"
#include "sock.h"

#define MAX	2000

/* All threads have it before it is closed. */
static int fd;
static void *page;
static pid_t binders[MAX];

/* A descriptor that tells of reads of the page, which are held up. */
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

static void *binding(void *binder)
{
	__atomic_store_n((pid_t *)binder, gettid(), __ATOMIC_RELEASE);
	if (sock_bind(fd, "127.0.0.1", 1025) != -EINVAL)
		die("bind was not refused as it should be");
	return NULL;
}

/* What waits for a socket cannot be interrupted, and nothing else here is. */
static int waits(pid_t tid)
{
	char path[64], state = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%*d (%*[^)]) %c", &state) != 1)
		die_errno(path);
	fclose(file);
	return state == 'D';
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

int main(int argc, char **argv)
{
	int i, faults, count = argc > 1 ? atoi(argv[1]) : 1;
	pthread_t sender, threads[MAX];
	long size = sysconf(_SC_PAGESIZE);
	struct uffd_msg msg;
	struct sock_pair pair;

	if (count < 1 || count > MAX)
		die("usage: held [COUNT [UID]]");
	sock_pair(&pair, "127.0.0.1", 0);
	fd = pair.client;
	faults = hold_page(size);
	/* Who asks for its faults had to be privileged, who waits is not. */
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

	puts("ready");
	fflush(stdout);
	getchar();

	release_page(faults, size);
	pthread_join(sender, NULL);
	for (i = 0; i < count; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
