// SPDX-License-Identifier: GPL-2.0
/* A network namespace of our own, in which no other process has a port. */

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <netlink/netlink.h>

#include "lib/host_netns.h"
#include "lib/util.h"

/* The first device of each network namespace is its loopback device. */
#define LOOPBACK_INDEX	1

static bool write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), err;
	size_t len = strlen(text);
	bool done;

	if (fd < 0)
		return false;
	done = write(fd, text, len) == (ssize_t)len;
	err = errno;
	close(fd);
	errno = err;
	return done;
}

static bool write_map(const char *path, unsigned int id)
{
	char *map = xasprintf("%u %u 1", id, id);
	bool done = write_to(path, map);

	free(map);
	return done;
}

/*
 * A user who may not create network namespaces may do so in a new user
 * namespace, which maps the user to itself.
 */
static bool unshare_as_user(void)
{
	uid_t uid = geteuid();
	gid_t gid = getegid();

	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return false;
	/* The kernel requires this first. */
	return write_to("/proc/self/setgroups", "deny") &&
	       write_map("/proc/self/uid_map", uid) &&
	       write_map("/proc/self/gid_map", gid);
}

static bool loopback_up(void)
{
	struct ifinfomsg up = {
		.ifi_index = LOOPBACK_INDEX,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct nl_sock *sk = nl_socket_alloc();
	int err;

	if (!sk)
		exit(complain(STATUS_FAILED, "out of memory"));
	err = nl_connect(sk, NETLINK_ROUTE);
	if (!err)
		err = nl_send_simple(sk, RTM_NEWLINK, NLM_F_ACK, &up, sizeof(up));
	if (err >= 0)
		err = nl_wait_for_ack(sk);
	nl_socket_free(sk);
	errno = err == -NLE_PERM ? EPERM : EIO;
	return err >= 0;
}

/**
 * netns_new() - Enter a new network namespace, with its loopback device up.
 *
 * Without the privilege, enter a new user namespace as well, as the same user.
 *
 * Return: NULL, or the failed action, to follow "cannot"; errno says why.
 */
const char *netns_new(void)
{
	if (unshare(CLONE_NEWNET) && (errno != EPERM || !unshare_as_user()))
		return "make a network namespace";
	return loopback_up() ? NULL : "bring up the loopback device";
}
