// SPDX-License-Identifier: GPL-2.0
/*
 * The ends of sockets, as they happen: the kernel multicasts the end of each
 * socket of TCP and UDP in this network namespace, to any user who listens. A
 * filter on the receiving socket leaves those of one port.
 */

#include <errno.h>
#include <linux/filter.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <unistd.h>

#include "diag/closings.h"
#include "lib/util.h"

/* The messages of other ports are not even queued. */
static bool only_port(int fd, __u16 port)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
			 NLMSG_HDRLEN +
				 offsetof(struct inet_diag_msg, id.idiag_sport)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, ~0U),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog program = {
		.len = ARRAY_SIZE(code),
		.filter = code,
	};

	return !setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program,
			   sizeof(program));
}

static bool join(int fd, int group)
{
	return !setsockopt(fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group,
			   sizeof(group));
}

static bool prepare(int fd, __u16 transport, __u16 port)
{
	struct sockaddr_nl any = { .nl_family = AF_NETLINK };

	/* Without a number of its own the socket would receive nothing. */
	if (bind(fd, (struct sockaddr *)&any, sizeof(any)) ||
	    !only_port(fd, port))
		return false;
	if (transport != IPPROTO_UDP &&
	    (!join(fd, SKNLGRP_INET_TCP_DESTROY) ||
	     !join(fd, SKNLGRP_INET6_TCP_DESTROY)))
		return false;
	return transport == IPPROTO_TCP ||
	       (join(fd, SKNLGRP_INET_UDP_DESTROY) &&
		join(fd, SKNLGRP_INET6_UDP_DESTROY));
}

/**
 * closings_open() - Listen to the ends of sockets that have a port.
 * @transport: IPPROTO_TCP, IPPROTO_UDP, or 0 for both
 * @port: the port
 *
 * A socket that gives its port up and lives on is not reported, nor is the end
 * of TIME_WAIT. While somebody listens, the end of each socket costs the kernel
 * a message.
 *
 * Return: a descriptor that is readable after one, or -1 if the kernel does not
 * report them.
 */
int closings_open(__u16 transport, __u16 port)
{
	int fd;

	if (transport && transport != IPPROTO_TCP && transport != IPPROTO_UDP)
		return -1;
	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    NETLINK_SOCK_DIAG);
	if (fd < 0 || prepare(fd, transport, port))
		return fd;
	close(fd);
	return -1;
}

/**
 * closings_drain() - Discard what was reported so far.
 * @fd: result of closings_open()
 */
void closings_drain(int fd)
{
	char byte;

	/* Lost messages are news, too. */
	while (recv(fd, &byte, sizeof(byte), 0) >= 0 || errno == ENOBUFS ||
	       errno == EINTR)
		;
}
