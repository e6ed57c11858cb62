/* SPDX-License-Identifier: GPL-2.0 */
/* The network namespaces of the host, and netlink sockets in them. */
#ifndef PORTOWNER_HOST_NETNS_H
#define PORTOWNER_HOST_NETNS_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

struct nl_sock;

/**
 * struct netns - A network namespace that can be referred to.
 * @inode: inode number
 * @path: a file by which to enter it
 */
struct netns {
	__u32 inode;
	char *path;
};

size_t netns_all(const struct netns **all);
bool netns_incomplete(void);
struct nl_sock *netns_connect(const struct netns *netns, int protocol);
void netns_forget(void);
const char *netns_new(void);

#endif /* PORTOWNER_HOST_NETNS_H */
