/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets by inode number. */
#ifndef PORTOWNER_DIAG_INODES_H
#define PORTOWNER_DIAG_INODES_H

#include "model/model.h"

/**
 * struct inodes - A hash table of sockets.
 * @list: the sockets
 * @heads: for each hash, 0 or 1 + the index of a socket in @list
 * @next: for each socket, 0 or 1 + the index of the next one with its hash
 * @mask: number of @heads minus one
 * @n: number of sockets in the table: those with an inode
 */
struct inodes {
	struct psock_list *list;
	__u32 *heads;
	__u32 *next;
	__u32 mask;
	size_t n;
};

void inodes_init(struct inodes *inodes, struct psock_list *list);
struct psock *inodes_find(const struct inodes *inodes, __u64 inode,
			  const struct psock *after);
void inodes_free(struct inodes *inodes);

#endif /* PORTOWNER_DIAG_INODES_H */
