// SPDX-License-Identifier: GPL-2.0
/* Other processes and users to test with. */
#define _GNU_SOURCE
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/capability.h>

#include "die.h"
#include "proc.h"

/* Is the running kernel older than @major.@minor? */
bool kernel_before(int major, int minor)
{
	struct utsname uts;
	int has[2];

	if (uname(&uts) || sscanf(uts.release, "%d.%d", &has[0], &has[1]) != 2)
		die_errno("uname");

	return has[0] < major || (has[0] == major && has[1] < minor);
}

/* Does it have PREEMPT_RT, where spinlocks sleep? */
bool kernel_is_rt(void)
{
	struct utsname uts;

	if (uname(&uts))
		die_errno("uname");

	return strstr(uts.version, "PREEMPT_RT");
}

/* Run @fn in a child, which ends when @fn returns or we are gone. */
void proc_start(struct proc *child, proc_fn fn, void *arg)
{
	struct proc parent = {};
	int down[2], up[2];

	if (pipe(down) || pipe(up))
		die_errno("pipe");
	child->pid = fork();
	if (child->pid < 0)
		die_errno("fork");
	if (!child->pid) {
		close(down[1]);
		close(up[0]);
		parent.in = down[0];
		parent.out = up[1];
		fn(&parent, arg);
		_exit(0);
	}
	close(down[0]);
	close(up[1]);
	child->in = up[0];
	child->out = down[1];
}

void proc_tell(struct proc *peer)
{
	if (write(peer->out, "x", 1) != 1)
		die_errno("pipe");
}

/* Wait for the other side; a child without its parent ends here. */
void proc_await(struct proc *peer)
{
	char byte;

	switch (read(peer->in, &byte, 1)) {
	case 1:
		return;
	case 0:
		if (peer->pid)
			die("child %d ended early", peer->pid);
		_exit(1);
	default:
		die_errno("pipe");
	}
}

/* Let the child go on, and wait until it has gone. */
void proc_end(struct proc *child)
{
	int status;

	signal(SIGPIPE, SIG_IGN);
	if (write(child->out, "x", 1) != 1)
		fprintf(stderr, "# child %d is gone already\n", child->pid);
	if (waitpid(child->pid, &status, 0) != child->pid)
		die_errno("waitpid");
	close(child->in);
	close(child->out);
	if (status)
		die("child ended with status %#x", status);
}

void proc_hold_dups(struct proc *parent, void *arg)
{
	const struct proc_dups *dups = arg;
	int i;

	for (i = 0; i < dups->nr; i++)
		if (dup(dups->fd) < 0)
			die_errno("dup");
	proc_tell(parent);
	proc_await(parent);
}

/* Run a shell command. */
void proc_run(const char *command)
{
	if (system(command))
		die("failed: %s", command);
}

/**
 * proc_become() - become another user for good, as a login would
 * @uid: real, effective and saved user and group id
 * @cap: a capability to keep, or NO_CAP
 *
 * The change makes a process that has not called execve() undumpable, and so
 * hides it from its own user; that is undone.
 */
void proc_become(uid_t uid, int cap)
{
	struct __user_cap_header_struct hdr = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[2] = {};

	if (setgroups(0, NULL) || setresgid(uid, uid, uid))
		die_errno("setresgid");
	if (prctl(PR_SET_KEEPCAPS, cap != NO_CAP))
		die_errno("PR_SET_KEEPCAPS");
	if (setresuid(uid, uid, uid))
		die_errno("setresuid");
	if (cap != NO_CAP) {
		data[cap / 32].permitted = 1U << (cap % 32);
		data[cap / 32].effective = 1U << (cap % 32);
	}
	if (syscall(SYS_capset, &hdr, data))
		die_errno("capset");
	if (prctl(PR_SET_DUMPABLE, 1))
		die_errno("PR_SET_DUMPABLE");
}

/* Set the owner of new sockets; the process stays what it is. */
void proc_fs_uid(uid_t uid)
{
	setfsuid(uid);
	if (setfsuid(-1) != (int)uid)
		die("setfsuid(%u) failed", uid);
}

void proc_name(const char *comm)
{
	if (prctl(PR_SET_NAME, comm))
		die_errno("PR_SET_NAME");
}

union fd_msg {
	struct cmsghdr hdr;
	char buf[CMSG_SPACE(sizeof(int))];
};

static void fd_msghdr(struct msghdr *msg, struct iovec *iov, char *bytes,
		      size_t len, union fd_msg *control)
{
	memset(control, 0, sizeof(*control));
	iov->iov_base = bytes;
	iov->iov_len = len;
	memset(msg, 0, sizeof(*msg));
	msg->msg_iov = iov;
	msg->msg_iovlen = 1;
	msg->msg_control = control;
	msg->msg_controllen = sizeof(*control);
}

/* Send it in a message of one byte, and @more. */
void fd_send_more(int via, int fd, size_t more)
{
	char bytes[256] = "x";
	union fd_msg control;
	struct msghdr msg;
	struct iovec iov;

	if (more >= sizeof(bytes))
		die("message too long");
	fd_msghdr(&msg, &iov, bytes, 1 + more, &control);
	control.hdr.cmsg_level = SOL_SOCKET;
	control.hdr.cmsg_type = SCM_RIGHTS;
	control.hdr.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.hdr), &fd, sizeof(fd));
	if (sendmsg(via, &msg, 0) != (ssize_t)(1 + more))
		die_errno("SCM_RIGHTS send");
}

void fd_send(int via, int fd)
{
	fd_send_more(via, fd, 0);
}

int fd_receive(int via)
{
	union fd_msg control;
	struct msghdr msg;
	struct iovec iov;
	char byte;
	int fd;

	fd_msghdr(&msg, &iov, &byte, 1, &control);
	if (recvmsg(via, &msg, 0) != 1 || control.hdr.cmsg_type != SCM_RIGHTS)
		die_errno("SCM_RIGHTS receive");
	memcpy(&fd, CMSG_DATA(&control.hdr), sizeof(fd));
	return fd;
}
