// SPDX-License-Identifier: GPL-2.0
/*
 * Options that sock_diag does not report, read from the sockets themselves:
 * whoever may trace a process may copy its descriptor for as long as it takes
 * to ask. A socket that its process closes meanwhile keeps its port that long;
 * so this is done for few sockets, and only if the options are wanted.
 *
 * By then the descriptor may refer to another file, whose server has to be
 * asked when the copy is closed. Another user could make us wait there forever,
 * so only processes of our own user are asked.
 */

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "diag/peek.h"
#include "lib/host.h"

/* Maximum number of sockets to read from. */
#define PEEKED_MAX	256

static int copy_fd(const struct owner *owner)
{
	int pidfd = syscall(SYS_pidfd_open, owner->pid, 0), fd;

	if (pidfd < 0)
		return -1;
	fd = syscall(SYS_pidfd_getfd, pidfd, owner->fd, 0);
	close(pidfd);
	return fd;
}

/* The descriptor may refer to another socket by now. */
static bool is_it(const struct psock *sock, int fd)
{
	socklen_t len = sizeof(__u64);
	__u64 cookie;

	return !getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len) &&
	       cookie == sock->cookie;
}

static void take_option(struct psock *sock, int fd, int option, __u32 flag)
{
	socklen_t len = sizeof(int);
	int on = 0;

	if (!getsockopt(fd, SOL_SOCKET, option, &on, &len) && on)
		sock->ep.flags |= flag;
}

static const struct owner *own_process(const struct psock *sock)
{
	size_t i;

	for (i = 0; i < sock->n_owners; i++)
		if (sock->owners[i].uid == host_uid())
			return &sock->owners[i];
	return NULL;
}

static void peek(struct psock *sock)
{
	const struct owner *owner = own_process(sock);
	int fd = owner ? copy_fd(owner) : -1;

	if (fd < 0)
		return;
	if (is_it(sock, fd)) {
		take_option(sock, fd, SO_REUSEADDR,
			    PORTOWNER_SOCK_FLAG_REUSEADDR);
		take_option(sock, fd, SO_REUSEPORT,
			    PORTOWNER_SOCK_FLAG_REUSEPORT);
		sock->unknown &= ~UNKNOWN_REUSE;
	}
	close(fd);
}

/**
 * diag_peek() - Read options from sockets, as far as permitted.
 * @list: the sockets, with their owners
 *
 * SCTP has another option with the same effect, and an MPTCP subflow has no
 * descriptor of its own.
 */
void diag_peek(struct psock_list *list)
{
	struct psock *sock = list->v;
	size_t i, n = 0;

	for (i = 0; i < list->n && n < PEEKED_MAX; i++, sock++) {
		if (!sock->n_owners || sock->ep.proto == IPPROTO_SCTP ||
		    sock->ep.proto == IPPROTO_MPTCP)
			continue;
		peek(sock);
		n++;
	}
}
