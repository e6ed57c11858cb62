// SPDX-License-Identifier: GPL-2.0
/* The network namespaces of the host, and netlink sockets in them. */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>
#include <linux/magic.h>
#include <netlink/netlink.h>
#include <netlink/socket.h>

#include "lib/host_netns.h"
#include "lib/util.h"

/* Our own namespace comes first, since most answers are there. */
#define OURS	"/proc/self/ns/net"

static struct netns *found;
static size_t n_found, room;
static bool incomplete;

static int by_inode(const void *left, const void *right)
{
	const struct netns *a = left, *b = right;

	return compare(a->inode, b->inode);
}

/* Open without blocking on a FIFO at that path. */
static int open_netns(const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct statfs fs;

	if (fd >= 0 && (fstatfs(fd, &fs) || fs.f_type != NSFS_MAGIC)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

static void add(char *path)
{
	struct stat st;
	int fd = open_netns(path);

	if (fd >= 0 && !fstat(fd, &st)) {
		found = xgrow(found, n_found, &room, sizeof(*found));
		found[n_found++] = (struct netns){ st.st_ino, path };
	} else {
		free(path);
	}
	if (fd >= 0)
		close(fd);
}

static void add_named(void)
{
	DIR *dir = opendir("/run/netns");
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			add(xasprintf("/run/netns/%s", entry->d_name));
	if (dir)
		closedir(dir);
}

/* Skip repetitions: thousands of processes share a few namespaces. */
static void add_of_processes(void)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	__u32 last = 0;
	struct stat st;
	char *path;
	__u64 pid;

	while (dir && (entry = readdir(dir))) {
		if (!number_parse(entry->d_name, strlen(entry->d_name), 1,
				  INT_MAX, &pid))
			continue;
		path = xasprintf("/proc/%s/ns/net", entry->d_name);
		if (stat(path, &st)) {
			incomplete |= errno == EACCES || errno == EPERM;
			free(path);
			continue;
		}
		if (st.st_ino == last) {
			free(path);
			continue;
		}
		last = st.st_ino;
		add(path);
	}
	if (dir)
		closedir(dir);
}

static void drop_repeated(void)
{
	size_t i, kept = 0;

	for (i = 0; i < n_found; i++)
		if (kept && found[kept - 1].inode == found[i].inode)
			free(found[i].path);
		else
			found[kept++] = found[i];
	n_found = kept;
}

static void ours_first(void)
{
	struct netns ours;
	struct stat st;
	size_t i;

	if (stat(OURS, &st))
		return;
	for (i = 0; i < n_found && found[i].inode != st.st_ino; i++)
		;
	if (i == n_found)
		return;
	ours = found[i];
	memmove(found + 1, found, i * sizeof(*found));
	found[0] = ours;
}

/**
 * netns_all() - Network namespaces that have a process or a name.
 * @all: set to them, our own first; valid until netns_forget()
 *
 * Namespaces whose processes the caller may not inspect are left out, as are
 * those that only a descriptor keeps alive. They are looked up once.
 *
 * Return: number of namespaces.
 */
size_t netns_all(const struct netns **all)
{
	if (!n_found) {
		add(xstrdup(OURS));
		add_named();
		add_of_processes();
		if (n_found)
			qsort(found, n_found, sizeof(*found), by_inode);
		drop_repeated();
		ours_first();
	}
	*all = found;
	return n_found;
}

/**
 * netns_incomplete() - Did netns_all() leave out what it may not inspect?
 *
 * Return: true if there may be more namespaces.
 */
bool netns_incomplete(void)
{
	return incomplete;
}

static struct nl_sock *connect_here(int protocol)
{
	struct nl_sock *sk = nl_socket_alloc();

	if (!sk)
		exit(complain(STATUS_FAILED, "out of memory"));
	if (nl_connect(sk, protocol)) {
		nl_socket_free(sk);
		return NULL;
	}
	return sk;
}

/**
 * netns_connect() - Open a netlink socket in a network namespace.
 * @netns: the namespace
 * @protocol: NETLINK_*
 *
 * The caller returns to its own namespace: a socket stays where it was created.
 *
 * Return: the socket, to be freed with nl_socket_free(); NULL if the namespace
 * is gone or the caller may not enter it.
 */
struct nl_sock *netns_connect(const struct netns *netns, int protocol)
{
	struct nl_sock *sk = NULL;
	struct stat st;
	int ours, fd;

	if (!stat(OURS, &st) && st.st_ino == netns->inode)
		return connect_here(protocol);
	ours = open_netns(OURS);
	fd = open_netns(netns->path);
	/* The pid in the path may have been reused. */
	if (ours >= 0 && fd >= 0 && !fstat(fd, &st) &&
	    st.st_ino == netns->inode && !setns(fd, CLONE_NEWNET)) {
		sk = connect_here(protocol);
		if (setns(ours, CLONE_NEWNET))
			exit(complain(STATUS_FAILED,
				      "cannot return to our own network namespace: %s",
				      strerror(errno)));
	}
	if (fd >= 0)
		close(fd);
	if (ours >= 0)
		close(ours);
	return sk;
}

/**
 * netns_forget() - Free the result of netns_all().
 */
void netns_forget(void)
{
	while (n_found)
		free(found[--n_found].path);
	free(found);
	found = NULL;
	room = 0;
	incomplete = false;
}
