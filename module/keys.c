// SPDX-License-Identifier: GPL-2.0
/*
 * Find the socket of a snapshot that a file belongs to. Nearly all files belong
 * to none: a filter tells so in five instructions.
 */

#include <linux/hash.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "internal.h"

/*
 * One byte for each value that a short hash can have says whether a socket has
 * it: 32 bytes for each socket, within these limits, as powers of two.
 */
#define PO_FILTER_MORE	4
#define PO_FILTER_MIN	9
#define PO_FILTER_MAX	15

/* Hash buckets in one page, as a power of two. */
#define PO_PAGE_BITS	10

/* Sockets that are added before others may run. */
#define PO_KEYS_BATCH	512

static u32 *po_head(const struct po_keys *keys, unsigned long key)
{
	/* Other bits than the filter looks at: what it lets pass is not alike. */
	unsigned long slot = po_hash(key << PO_FILTER_MAX, keys->shift);

	return &keys->heads[slot >> PO_PAGE_BITS]
			   [slot & ((1UL << PO_PAGE_BITS) - 1)];
}

static void po_keys_add(struct po_keys *keys, u32 i)
{
	struct po_sock *sock = po_snap_sock(keys->snap, i);
	unsigned long key;
	u32 *head;

	if (!sock->inode || po_is_twin(keys->snap, i))
		return;

	keys->by_inode |= !sock->file;
	key = sock->file ? (unsigned long)sock->file : sock->inode;
	head = po_head(keys, key);
	sock->next_by_key = *head;
	*head = i + 1;
	keys->filter[po_hash(key, keys->filter_shift)] = 1;
}

/* The buckets, in pages: clearing them in one go would take too long. */
static int po_keys_heads(struct po_keys *keys, unsigned int bits)
{
	unsigned int page = min_t(unsigned int, bits, PO_PAGE_BITS);
	unsigned long i, pages = 1UL << (bits - page);

	keys->shift = 64 - bits;
	keys->heads = kvcalloc(pages, sizeof(*keys->heads), keys->snap->gfp);
	for (i = 0; keys->heads && i < pages; i++) {
		keys->heads[i] = kcalloc(1UL << page, sizeof(**keys->heads),
					 keys->snap->gfp);
		if (!keys->heads[i])
			return -ENOMEM;
		cond_resched();
	}

	return keys->heads ? 0 : -ENOMEM;
}

/**
 * po_keys_init() - make it possible to find sockets by their files
 * @keys: result; in any case to be destroyed by po_keys_destroy()
 * @snap: the sockets
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_keys_init(struct po_keys *keys, struct po_snap *snap)
{
	unsigned int bits = order_base_2(snap->nr) + 1;
	unsigned int filter = clamp_t(unsigned int, bits + PO_FILTER_MORE,
				      PO_FILTER_MIN, PO_FILTER_MAX);
	u32 i;

	memset(keys, 0, sizeof(*keys));
	keys->snap = snap;
	keys->filter_shift = 64 - filter;
	keys->filter = kzalloc(1UL << filter, snap->gfp);
	if (!keys->filter || po_keys_heads(keys, bits))
		return -ENOMEM;

	for (i = 0; i < snap->nr; i++) {
		po_keys_add(keys, i);
		if (i % PO_KEYS_BATCH == 0)
			cond_resched();
	}
	/* Any file may lead to a socket that has the inode number. */
	if (keys->by_inode)
		memset(keys->filter, 1, 1UL << filter);

	return 0;
}

/**
 * po_keys_destroy() - free what po_keys_init() allocated
 * @keys: keys
 *
 * Context: may sleep.
 */
void po_keys_destroy(struct po_keys *keys)
{
	unsigned long i, buckets = keys->heads ? 1UL << (64 - keys->shift) : 0;

	for (i = 0; i << PO_PAGE_BITS < buckets; i++) {
		kfree(keys->heads[i]);
		cond_resched();
	}
	kvfree(keys->heads);
	kfree(keys->filter);
}

/*
 * Whether a file leads to a socket of the snapshot. The file was read from a
 * table in this RCU read-side section, but it may be another than the one that
 * was recorded at the same address: only the same inode number with the same
 * struct sock is the same socket. The file of an MPTCP socket has a struct
 * sock above the one that has the port.
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
 * po_keys_find() - find the socket behind a file
 * @keys: the sockets
 * @file: a file that the filter let pass, or NULL; read from a descriptor table
 *	in this RCU read-side section
 *
 * Context: under RCU.
 * Return: number of the socket + 1, or 0.
 */
u32 po_keys_find(const struct po_keys *keys, struct file *file)
{
	const struct po_sock *sock;
	struct socket *socket;
	u32 i;

	if (!file)
		return 0;

	for (i = *po_head(keys, (unsigned long)file); i;
	     i = sock->next_by_key) {
		sock = po_snap_sock(keys->snap, i - 1);
		if (sock->file == file && po_leads_to(file, sock))
			return i;
	}
	if (!keys->by_inode)
		return 0;

	socket = po_sock_from_file(file);
	if (!socket)
		return 0;

	for (i = *po_head(keys, SOCK_INODE(socket)->i_ino); i;
	     i = sock->next_by_key) {
		sock = po_snap_sock(keys->snap, i - 1);
		if (!sock->file && po_leads_to(file, sock))
			return i;
	}

	return 0;
}

/**
 * po_keys_same() - find the next socket that has the same file
 * @keys: the sockets
 * @nr: number of a socket + 1
 *
 * Each connection beneath one MPTCP socket has a port, and the file is that of
 * the socket above.
 *
 * Context: any.
 * Return: number of the other socket + 1, or 0.
 */
u32 po_keys_same(const struct po_keys *keys, u32 nr)
{
	const struct po_sock *sock = po_snap_sock(keys->snap, nr - 1), *other;
	u32 i;

	if (sock->proto != IPPROTO_MPTCP)
		return 0;

	for (i = sock->next_by_key; i; i = other->next_by_key) {
		other = po_snap_sock(keys->snap, i - 1);
		if (other->file == sock->file && other->inode == sock->inode)
			return i;
	}

	return 0;
}
