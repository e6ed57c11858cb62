// SPDX-License-Identifier: GPL-2.0
/* Sockets and network namespaces to test with. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "die.h"
#include "sock.h"

/* Enter a network namespace of our own, with the loopback device up. */
void ns_enter(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET))
		die_errno("unshare(CLONE_NEWNET)");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		die_errno("lo up");
	close(fd);
}

int ns_open(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		die_errno("/proc/thread-self/ns/net");
	return fd;
}

void ns_switch(int fd)
{
	if (setns(fd, CLONE_NEWNET))
		die_errno("setns");
}

__u32 ns_inode(void)
{
	struct stat st;

	if (stat("/proc/thread-self/ns/net", &st))
		die_errno("/proc/thread-self/ns/net");
	return st.st_ino;
}

/* @name is a path below /proc/sys/net, which shows our own namespace. */
void sysctl_write(const char *name, const char *value)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/sys/net/%s", name);
	file = fopen(path, "w");
	if (!file || fputs(value, file) < 0 || fclose(file))
		die_errno(path);
}

/* Convert an address from text to bytes; returns their number. */
int sock_addr_bytes(const char *ip, void *addr)
{
	if (inet_pton(AF_INET, ip, addr) == 1)
		return 4;
	if (inet_pton(AF_INET6, ip, addr) == 1)
		return 16;
	die("no address: %s", ip);
}

socklen_t sock_addr(union sock_addr *addr, const char *ip, int port)
{
	memset(addr, 0, sizeof(*addr));
	if (!strchr(ip, ':')) {
		addr->in.sin_family = AF_INET;
		addr->in.sin_port = htons(port);
		sock_addr_bytes(ip, &addr->in.sin_addr);
		return sizeof(addr->in);
	}
	addr->in6.sin6_family = AF_INET6;
	addr->in6.sin6_port = htons(port);
	sock_addr_bytes(ip, &addr->in6.sin6_addr);
	return sizeof(addr->in6);
}

/* A socket of the family of @ip. */
int sock_new(const char *ip, int type)
{
	int fd = socket(strchr(ip, ':') ? AF_INET6 : AF_INET, type, 0);

	if (fd < 0)
		die_errno("socket");
	return fd;
}

void sock_set(int fd, int level, int opt, int val)
{
	if (setsockopt(fd, level, opt, &val, sizeof(val)))
		die("setsockopt(%d, %d): %m", level, opt);
}

int sock_get(int fd, int level, int opt)
{
	socklen_t len = sizeof(int);
	int val = 0;

	if (getsockopt(fd, level, opt, &val, &len))
		die("getsockopt(%d, %d): %m", level, opt);
	return val;
}

int sock_bind(int fd, const char *ip, int port)
{
	union sock_addr addr;
	socklen_t len = sock_addr(&addr, ip, port);

	return bind(fd, &addr.sa, len) ? -errno : 0;
}

int sock_listen(int fd)
{
	return listen(fd, 16) ? -errno : 0;
}

int sock_connect(int fd, const char *ip, int port)
{
	union sock_addr addr;
	socklen_t len = sock_addr(&addr, ip, port);

	return connect(fd, &addr.sa, len) ? -errno : 0;
}

static void bind_or_die(int fd, const char *ip, int port)
{
	int err = sock_bind(fd, ip, port);

	if (err)
		die("bind %s port %d: %s", ip, port, strerror(-err));
}

int sock_bound(const char *ip, int type, int port)
{
	int fd = sock_new(ip, type);

	bind_or_die(fd, ip, port);
	return fd;
}

int sock_bound_with(const char *ip, int type, int opt, int port)
{
	int fd = sock_new(ip, type);

	sock_set(fd, SOL_SOCKET, opt, 1);
	bind_or_die(fd, ip, port);
	return fd;
}

int sock_listening(const char *ip, int port)
{
	int fd = sock_bound(ip, SOCK_STREAM, port);

	if (sock_listen(fd))
		die_errno("listen");
	return fd;
}

int sock_port(int fd)
{
	union sock_addr addr;
	socklen_t len = sizeof(addr);

	if (getsockname(fd, &addr.sa, &len))
		die_errno("getsockname");
	/* the port is at the same offset in both families */
	return ntohs(addr.in.sin_port);
}

__u64 sock_cookie(int fd)
{
	socklen_t len = sizeof(__u64);
	__u64 cookie;

	if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len))
		die_errno("SO_COOKIE");
	return cookie;
}

__u64 sock_inode(int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		die_errno("fstat");
	return st.st_ino;
}

void sock_pair(struct sock_pair *pair, const char *ip, int reuseaddr)
{
	pair->listener = sock_new(ip, SOCK_STREAM);
	sock_set(pair->listener, SOL_SOCKET, SO_REUSEADDR, reuseaddr);
	if (sock_bind(pair->listener, ip, 0) || sock_listen(pair->listener))
		die_errno("listen");
	pair->port = sock_port(pair->listener);
	pair->client = sock_new(ip, SOCK_STREAM);
	if (sock_connect(pair->client, ip, pair->port))
		die_errno("connect");
	pair->child = accept(pair->listener, NULL, NULL);
	if (pair->child < 0)
		die_errno("accept");
}

static bool in_time_wait(const char *ip, int port)
{
	FILE *f = fopen(strchr(ip, ':') ? "/proc/thread-self/net/tcp6" :
					  "/proc/thread-self/net/tcp", "r");
	unsigned int local, state;
	bool found = false;
	char line[512];

	if (!f)
		die_errno("/proc/thread-self/net/tcp");
	while (!found && fgets(line, sizeof(line), f))
		found = sscanf(line, "%*d: %*[0-9A-F]:%X %*s %X", &local,
			       &state) == 2 && local == port && state == 6;
	fclose(f);
	return found;
}

/*
 * Leave a TIME_WAIT behind on a server's port, by closing first there.
 * Returns the port, which nothing else holds any more.
 */
int sock_time_wait(const char *ip, int reuseaddr)
{
	struct sock_pair pair;
	char byte;

	sock_pair(&pair, ip, reuseaddr);
	close(pair.child);
	close(pair.listener);
	/* end of file: the server's FIN has arrived, ours ends the exchange */
	if (read(pair.client, &byte, 1))
		die_errno("end of file awaited");
	close(pair.client);
	/* a slow machine may need a moment */
	while (!in_time_wait(ip, pair.port))
		;
	return pair.port;
}
