// SPDX-License-Identifier: GPL-2.0
/* User and network namespaces, and what a process may do in them. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>

#include "die.h"
#include "sock.h"
#include "spaces.h"

/* Like proc_become(), with a group, several capabilities and a dumpable process. */
void become(uid_t uid, gid_t gid, unsigned long caps)
{
	struct __user_cap_header_struct hdr = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {
		{ .permitted = caps, .effective = caps },
	};

	if (setgroups(0, NULL) || setresgid(gid, gid, gid) ||
	    prctl(PR_SET_KEEPCAPS, 1) || setresuid(uid, uid, uid) ||
	    syscall(SYS_capset, &hdr, data) || prctl(PR_SET_DUMPABLE, 1))
		die_errno("become");
}

void spaces_enter(const struct spaces *spaces, int user, int net)
{
	ns_switch(spaces->net[net]);
	if (user == OWN && setns(spaces->user, CLONE_NEWUSER))
		die_errno("setns(CLONE_NEWUSER)");
}

/* As USER, make a user namespace, and in it a network namespace. */
static void own_spaces(struct proc *parent, void *arg)
{
	become(USER, USER, 0);
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		die_errno("unshare(CLONE_NEWUSER)");
	proc_tell(parent);
	proc_await(parent);
}

static void map_all(pid_t pid, const char *what)
{
	char path[64];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, what);
	file = fopen(path, "w");
	if (!file || fputs("0 0 65536", file) < 0 || fclose(file))
		die_errno(path);
}

/* Open a namespace of a process, named as in /proc. */
int space_open(pid_t pid, const char *what)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/%s", pid, what);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die_errno(path);
	return fd;
}

void spaces_make(struct spaces *spaces)
{
	spaces->net[FIRST] = ns_open();
	proc_start(&spaces->owner, own_spaces, NULL);
	proc_await(&spaces->owner);
	map_all(spaces->owner.pid, "uid_map");
	map_all(spaces->owner.pid, "gid_map");
	spaces->user = space_open(spaces->owner.pid, "user");
	spaces->net[OWN] = space_open(spaces->owner.pid, "net");
}

void spaces_end(struct spaces *spaces)
{
	proc_end(&spaces->owner);
}
