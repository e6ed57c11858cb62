// SPDX-License-Identifier: GPL-2.0
/*
 * Find the socket of a snapshot behind a file. Nearly all files are something
 * else: a filter rules them out in five instructions.
 */

#include <linux/hash.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "core/core.h"
#include "owners/walk.h"

/*
 * The filter has one byte per value of a short hash: about 32 bytes per socket,
 * within these limits. All three are log2.
 */
#define PO_FILTER_EXTRA	4
#define PO_FILTER_MIN	9
#define PO_FILTER_MAX	15

/* log2 of the number of hash buckets in one page. */
#define PO_PAGE_BITS	10

/* Sockets added between two calls of cond_resched(). */
#define PO_INDEX_BATCH	512

static u32 *po_file_index_head(const struct po_file_index *index,
			       unsigned long key)
{
	/* Not the hash bits of the filter, to spread its false positives. */
	unsigned long slot = po_file_hash(key << PO_FILTER_MAX, index->shift);

	return &index->heads[slot >> PO_PAGE_BITS]
			   [slot & ((1UL << PO_PAGE_BITS) - 1)];
}

static void po_file_index_add(struct po_file_index *index, u32 i)
{
	struct po_sock *sock = po_snap_sock(index->snap, i);
	unsigned long key;
	u32 *head;

	if (!sock->inode || po_is_alias(index->snap, i))
		return;

	index->by_inode |= !sock->file;
	key = sock->file ? (unsigned long)sock->file : sock->inode;
	head = po_file_index_head(index, key);
	sock->next_by_key = *head;
	*head = i + 1;
	index->filter[po_file_hash(key, index->filter_shift)] = 1;
}

/* Allocate the buckets in pages: clearing all at once would take too long. */
static int po_file_index_alloc(struct po_file_index *index, unsigned int bits)
{
	unsigned int page = min_t(unsigned int, bits, PO_PAGE_BITS);
	unsigned long i, pages = 1UL << (bits - page);

	index->shift = 64 - bits;
	index->heads = kvcalloc(pages, sizeof(*index->heads), index->snap->gfp);
	for (i = 0; index->heads && i < pages; i++) {
		index->heads[i] = kcalloc(1UL << page, sizeof(**index->heads),
					  index->snap->gfp);
		if (!index->heads[i])
			return -ENOMEM;
		cond_resched();
	}

	return index->heads ? 0 : -ENOMEM;
}

/**
 * po_file_index_init() - index the sockets of a snapshot by file
 * @index: index; to be destroyed with po_file_index_destroy(), even on error
 * @snap: snapshot
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_file_index_init(struct po_file_index *index, struct po_snap *snap)
{
	unsigned int bits = order_base_2(snap->nr) + 1;
	unsigned int filter = clamp_t(unsigned int, bits + PO_FILTER_EXTRA,
				      PO_FILTER_MIN, PO_FILTER_MAX);
	u32 i;

	memset(index, 0, sizeof(*index));
	index->snap = snap;
	index->filter_shift = 64 - filter;
	index->filter = kzalloc(1UL << filter, snap->gfp);
	if (!index->filter || po_file_index_alloc(index, bits))
		return -ENOMEM;

	for (i = 0; i < snap->nr; i++) {
		po_file_index_add(index, i);
		if (i % PO_INDEX_BATCH == 0)
			cond_resched();
	}
	/* Sockets indexed by inode number can have any file. */
	if (index->by_inode)
		memset(index->filter, 1, 1UL << filter);

	return 0;
}

/**
 * po_file_index_destroy() - free what po_file_index_init() allocated
 * @index: index
 *
 * Context: may sleep.
 */
void po_file_index_destroy(struct po_file_index *index)
{
	unsigned long i, buckets = index->heads ? 1UL << (64 - index->shift) : 0;

	for (i = 0; i << PO_PAGE_BITS < buckets; i++) {
		kfree(index->heads[i]);
		cond_resched();
	}
	kvfree(index->heads);
	kfree(index->filter);
}

/*
 * Whether a file refers to a socket of the snapshot. It was read from a table
 * in this RCU read-side section, but the address may have been reused since the
 * snapshot, so compare inode number and struct sock, too. The file of an MPTCP
 * socket refers to the MPTCP-level struct sock, not to the subflow with the
 * port.
 */
static bool po_leads_to(struct file *file, const struct po_sock *sock)
{
	struct socket *socket = po_sock_from_file(file);

	if (!socket || SOCK_INODE(socket)->i_ino != sock->inode)
		return false;

	return READ_ONCE(socket->sk) == sock->sk ||
	       sock->proto == IPPROTO_MPTCP;
}

/**
 * po_file_index_find() - find the socket behind a file
 * @index: index
 * @file: file that passed the filter, or NULL; read from a descriptor table in
 *	this RCU read-side section
 *
 * Context: under RCU.
 * Return: number of the socket + 1, or 0.
 */
u32 po_file_index_find(const struct po_file_index *index, struct file *file)
{
	const struct po_sock *sock;
	struct socket *socket;
	u32 i;

	if (!file)
		return 0;

	for (i = *po_file_index_head(index, (unsigned long)file); i;
	     i = sock->next_by_key) {
		sock = po_snap_sock(index->snap, i - 1);
		if (sock->file == file && po_leads_to(file, sock))
			return i;
	}
	if (!index->by_inode)
		return 0;

	socket = po_sock_from_file(file);
	if (!socket)
		return 0;

	for (i = *po_file_index_head(index, SOCK_INODE(socket)->i_ino); i;
	     i = sock->next_by_key) {
		sock = po_snap_sock(index->snap, i - 1);
		if (!sock->file && po_leads_to(file, sock))
			return i;
	}

	return 0;
}

/**
 * po_file_index_next_same() - find the next socket with the same file
 * @index: index
 * @nr: number of a socket + 1
 *
 * Each subflow of an MPTCP socket has a port, and all have the same file.
 *
 * Context: any.
 * Return: number of the next socket + 1, or 0.
 */
u32 po_file_index_next_same(const struct po_file_index *index, u32 nr)
{
	const struct po_sock *sock = po_snap_sock(index->snap, nr - 1), *other;
	u32 i;

	if (sock->proto != IPPROTO_MPTCP)
		return 0;

	for (i = sock->next_by_key; i; i = other->next_by_key) {
		other = po_snap_sock(index->snap, i - 1);
		if (other->file == sock->file && other->inode == sock->inode)
			return i;
	}

	return 0;
}
