// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets by inode number. Each descriptor of each process is looked up, and
 * most are none of these: the table is at most half full, however many sockets
 * there are.
 */

#include <stdlib.h>

#include "diag/inodes.h"
#include "lib/util.h"

/*
 * The kernel counts inodes up. Descriptors in a row are mostly of sockets made
 * one after the other, so that their heads are in the same cache line.
 */
static __u32 hash(const struct inodes *inodes, __u64 inode)
{
	return inode & inodes->mask;
}

/**
 * inodes_init() - Put sockets into a table.
 * @inodes: the table
 * @list: the sockets; no socket may be added to it or moved from now on
 */
void inodes_init(struct inodes *inodes, struct psock_list *list)
{
	size_t size = 16, i;
	__u32 *head;

	while (size < 2 * list->n)
		size *= 2;
	inodes->list = list;
	inodes->mask = size - 1;
	inodes->heads = xcalloc(size, sizeof(*inodes->heads));
	inodes->next = xcalloc(list->n + 1, sizeof(*inodes->next));
	inodes->n = 0;
	for (i = list->n; i-- > 0;) {
		if (!list->v[i].inode)
			continue;
		head = &inodes->heads[hash(inodes, list->v[i].inode)];
		inodes->next[i] = *head;
		*head = i + 1;
		inodes->n++;
	}
}

/**
 * inodes_find() - Find the sockets with an inode.
 * @inodes: the table
 * @inode: inode number
 * @after: the previous one, or NULL to begin
 *
 * Return: the next one, or NULL if there is none.
 */
struct psock *inodes_find(const struct inodes *inodes, __u64 inode,
			  const struct psock *after)
{
	struct psock *v = inodes->list->v;
	__u32 i;

	i = after ? inodes->next[after - v] : inodes->heads[hash(inodes, inode)];
	while (i && v[i - 1].inode != inode)
		i = inodes->next[i - 1];
	return i ? &v[i - 1] : NULL;
}

/**
 * inodes_free() - Free a table.
 * @inodes: the table; its sockets stay
 */
void inodes_free(struct inodes *inodes)
{
	free(inodes->heads);
	free(inodes->next);
}
