// SPDX-License-Identifier: GPL-2.0
/*
 * The processes that hold sockets: one walk of /proc, which compares the inode
 * of each descriptor with those of the sockets.
 *
 * It visits all processes even for one socket: any of them may have inherited
 * or received a descriptor of it, and the kernel does not report its reference
 * count, which would tell when all were found.
 *
 * readlink() on a descriptor costs a little more than statx(), but yields the
 * inode of a socket as well, and never asks the server of a network file
 * system, which may not respond.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diag/inodes.h"
#include "diag/owners.h"
#include "lib/progress.h"
#include "lib/util.h"
#include "model/proc_cache.h"

/* Inode of the initial pid namespace, PROC_PID_INIT_INO in the kernel. */
#define FIRST_PIDNS	0xEFFFFFFCU

/* Room for the longest cgroup path, after the lines of version 1. */
#define FILE_ROOM	16384

/**
 * struct walk - A walk of /proc.
 * @search: what it could not inspect
 * @inodes: the sockets
 * @proc: descriptor of /proc
 * @pid: the process
 * @known: the process cache contains @pid
 */
struct walk {
	struct owner_search *search;
	struct inodes inodes;
	int proc;
	__u32 pid;
	bool known;
};

static DIR *open_dir(int at, const char *path)
{
	int fd = openat(at, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir;

	if (fd < 0)
		return NULL;
	dir = fdopendir(fd);
	if (!dir)
		close(fd);
	return dir;
}

/* The next entry that is a number, or NULL at the end. */
static const char *next_number(DIR *dir, __u64 *number)
{
	struct dirent *entry;

	while ((entry = readdir(dir)))
		if (number_parse(entry->d_name, strlen(entry->d_name), 0,
				 INT_MAX, number))
			return entry->d_name;
	return NULL;
}

/* Read a file about the process, and add a zero byte. */
static bool read_file(const struct walk *walk, const char *name, char *text)
{
	char path[64];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%u/%s", walk->pid, name);
	fd = openat(walk->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	len = read(fd, text, FILE_ROOM - 1);
	close(fd);
	if (len < 0)
		return false;
	text[len] = '\0';
	return true;
}

/* The second number is the effective user; -1 if the process has ended. */
static __u32 effective_uid(const struct walk *walk)
{
	static const char key[] = "\nUid:";
	char text[FILE_ROOM];
	const char *line;
	__u32 uid = (__u32)-1;

	line = read_file(walk, "status", text) ? strstr(text, key) : NULL;
	if (line)
		sscanf(line + strlen(key), "%*u %u", &uid);
	return uid;
}

/* The line of the cgroup v2 hierarchy. */
static const char *find_cgroup(char *text)
{
	char *line = text;

	for (; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, "0::", 3))
			continue;
		line[strcspn(line, "\n")] = '\0';
		return line + 3;
	}
	return NULL;
}

static const char *find_exe(const struct walk *walk, char *exe)
{
	char path[64];
	ssize_t len;

	snprintf(path, sizeof(path), "%u/exe", walk->pid);
	len = readlinkat(walk->proc, path, exe, PATH_MAX);
	if (len < 0)
		return NULL;
	exe[len] = '\0';
	return exe;
}

/* The one that the kernel adds: a name may have others in it. */
static void drop_newline(char *comm)
{
	size_t len = strlen(comm);

	if (len && comm[len - 1] == '\n')
		comm[len - 1] = '\0';
}

static void describe_first(struct walk *walk, struct owner *owner)
{
	char comm[FILE_ROOM], cgroup[FILE_ROOM], exe[PATH_MAX + 1];

	if (read_file(walk, "comm", comm))
		drop_newline(comm);
	else
		*comm = '\0';
	owner->uid = effective_uid(walk);
	proc_cache_add(&walk->inodes.list->proc_cache, owner, comm,
		       find_exe(walk, exe),
		       read_file(walk, "cgroup", cgroup) ?
			       find_cgroup(cgroup) : NULL);
	walk->known = true;
}

/*
 * Described once, then shared by all sockets that the process holds. Most calls
 * are repeated ones, which should not pay for the large buffers of the first.
 */
static void describe(struct walk *walk, struct owner *owner)
{
	if (!walk->known ||
	    proc_cache_repeat(walk->inodes.list->proc_cache, owner))
		describe_first(walk, owner);
}

static void add_owner(struct walk *walk, struct psock *sock, __u32 fd)
{
	struct owner *owner = psock_add_owner(walk->inodes.list, sock);

	owner->pid = walk->pid;
	owner->fd = fd;
	describe(walk, owner);
}

static bool is_forbidden(void)
{
	return errno == EACCES || errno == EPERM;
}

/* Returns false if the descriptor may not be inspected. */
static bool look_at(struct walk *walk, int dir, const char *name, __u32 fd)
{
	static const char prefix[] = "socket:[";
	struct psock *sock = NULL;
	size_t len = strlen(prefix);
	char target[64];
	__u64 inode;
	ssize_t n;

	n = readlinkat(dir, name, target, sizeof(target));
	if (n < 0)
		return !is_forbidden();
	/* A path begins with a slash. */
	if ((size_t)n <= len + 1 || memcmp(target, prefix, len) ||
	    !number_parse(target + len, n - len - 1, 0, UINT_MAX, &inode))
		return true;
	while ((sock = inodes_find(&walk->inodes, inode, sock)))
		add_owner(walk, sock, fd);
	return true;
}

/*
 * Visit all descriptors of a table; false if they may not be inspected. With
 * the right to open any file they can be listed even then.
 */
static bool walk_fds(struct walk *walk, const char *path)
{
	DIR *dir = open_dir(walk->proc, path);
	bool permitted = true;
	const char *name;
	__u64 fd;

	if (!dir)
		return !is_forbidden();
	while (permitted && (name = next_number(dir, &fd)))
		permitted = look_at(walk, dirfd(dir), name, fd);
	closedir(dir);
	return permitted;
}

/* Do two threads share their descriptors? 1, 0, or -1 if not known. */
static int share_fds(__u32 a, __u32 b)
{
	long order = syscall(SYS_kcmp, a, b, KCMP_FILES, 0, 0);

	if (order < 0)
		return errno == ESRCH ? 1 : -1;
	return !order;
}

static void walk_thread(struct walk *walk, __u32 tid, __u32 *last)
{
	char path[64];
	int same;

	/* Not the table of the process? Perhaps that of the previous thread. */
	same = share_fds(walk->pid, tid);
	if (!same && *last)
		same = share_fds(*last, tid);
	if (same < 0)
		walk->search->threads = true;
	if (same)
		return;
	*last = tid;
	snprintf(path, sizeof(path), "%u/task/%u/fd", walk->pid, tid);
	walk_fds(walk, path);
}

/* A task directory has a link per thread, and two of its own. */
static void walk_threads(struct walk *walk)
{
	struct stat st;
	__u32 last = 0;
	char path[64];
	__u64 tid;
	DIR *dir;

	snprintf(path, sizeof(path), "%u/task", walk->pid);
	if (fstatat(walk->proc, path, &st, 0) || st.st_nlink < 4)
		return;
	dir = open_dir(walk->proc, path);
	if (!dir)
		return;
	while (next_number(dir, &tid))
		if (tid != walk->pid)
			walk_thread(walk, tid, &last);
	closedir(dir);
}

static void walk_process(struct walk *walk, __u32 pid)
{
	char path[32];

	walk->pid = pid;
	walk->known = false;
	snprintf(path, sizeof(path), "%u/fd", pid);
	if (walk_fds(walk, path))
		walk_threads(walk);
	else
		walk->search->hidden = true;
}

/* /proc may lack processes of other pid namespaces, or all but our own. */
static bool is_partial(int proc)
{
	struct stat st;

	return fstatat(proc, "1", &st, 0) ||
	       fstatat(proc, "self/ns/pid", &st, 0) ||
	       st.st_ino != FIRST_PIDNS;
}

static void walk_all(struct walk *walk)
{
	DIR *dir = open_dir(AT_FDCWD, "/proc");
	struct stat st;
	size_t n = 0;
	__u64 pid;

	if (!dir) {
		walk->search->hidden = true;
		return;
	}
	walk->proc = dirfd(dir);
	walk->search->hidden = is_partial(walk->proc);
	walk->search->no_proc = fstatat(walk->proc, "self", &st, 0);
	while (next_number(dir, &pid)) {
		progress_count("reading processes", n++);
		walk_process(walk, pid);
	}
	closedir(dir);
}

/* A user who sees all processes knows that there are no other owners. */
static void mark_hidden(struct psock_list *list, bool hidden)
{
	struct psock *sock;
	size_t i;

	for (i = 0; i < list->n && hidden; i++) {
		sock = &list->v[i];
		if (!sock->inode)
			continue;
		if (sock->n_owners)
			sock->unknown |= UNKNOWN_HIDDEN;
		else
			sock->owners_hidden = true;
	}
}

/**
 * diag_owners() - Find the processes that hold sockets.
 * @list: the sockets, without owners
 * @search: set to what could not be inspected
 */
void diag_owners(struct psock_list *list, struct owner_search *search)
{
	struct walk walk = { .search = search };

	memset(search, 0, sizeof(*search));
	inodes_init(&walk.inodes, list);
	/* No process has a descriptor of a socket without an inode. */
	if (walk.inodes.n)
		walk_all(&walk);
	inodes_free(&walk.inodes);
	mark_hidden(list, search->hidden);
}
