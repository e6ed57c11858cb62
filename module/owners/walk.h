/* SPDX-License-Identifier: GPL-2.0 */
/* Private to owners/: the walk over descriptor tables. */

#ifndef _PO_WALK_H
#define _PO_WALK_H

#include <linux/hash.h>
#include <linux/types.h>

struct file;
struct files_struct;
struct pid;
struct po_snap;
struct po_sock;
struct task_struct;

/* ---- file_index.c: from a file to its socket ---- */

/**
 * struct po_file_index - the sockets of a snapshot, indexed by file
 * @snap: snapshot
 * @filter: one byte per value of a short hash of the file, nonzero if a socket
 *	has that hash
 * @heads: per hash bucket the number + 1 of its first socket, in pages; the key
 *	is the file, or the inode number for sockets without one
 * @filter_shift: 64 - log2 of the size of @filter
 * @shift: 64 - log2 of the number of buckets
 * @by_inode: some sockets are indexed by inode number
 */
struct po_file_index {
	struct po_snap *snap;
	u8 *filter;
	u32 **heads;
	unsigned int filter_shift;
	unsigned int shift;
	bool by_inode;
};

/* The top bits of a multiplicative hash; @shift is 64 - their number. */
static inline unsigned long po_file_hash(unsigned long key, unsigned int shift)
{
	return ((u64)key * GOLDEN_RATIO_64) >> shift;
}

int po_file_index_init(struct po_file_index *index, struct po_snap *snap);
void po_file_index_destroy(struct po_file_index *index);
u32 po_file_index_find(const struct po_file_index *index, struct file *file);
u32 po_file_index_next_same(const struct po_file_index *index, u32 nr);

/* ---- fd_scan.c: one descriptor table ---- */

/* Descriptor slots read before all locks are dropped, about 20 us. */
#define PO_SCAN_FDS	1024

/* Matching descriptors buffered under locks, to be recorded without them. */
#define PO_HITS		32

/**
 * struct po_hit - a descriptor that refers to a socket of the snapshot
 * @sock: number of the socket + 1, from po_file_index_find()
 * @fd: descriptor
 */
struct po_hit {
	u32 sock;
	unsigned int fd;
};

/**
 * struct po_scan - progress through the descriptor table of one thread
 * @task: thread
 * @files: the table at the time of the first hit; only its address is used
 * @slots: file array of the part read last, to compute descriptor numbers
 * @fd: next descriptor to read
 * @more: there are descriptors left to read
 * @only_user: no other process shared @files
 * @had_hits: @files and @only_user are set
 * @shared: table to pass to po_fdtables_remember() before reading, or NULL
 * @cost: estimated instructions not yet passed to po_spend()
 * @nr: entries in @hits
 * @hits: matching descriptors of the part read last
 */
struct po_scan {
	struct task_struct *task;
	const struct files_struct *files;
	struct file __rcu **slots;
	unsigned int fd;
	bool more;
	bool only_user;
	bool had_hits;
	const struct files_struct *shared;
	u32 cost;
	unsigned int nr;
	struct po_hit hits[PO_HITS];
};

static inline void po_scan_init(struct po_scan *scan, struct task_struct *task)
{
	scan->task = task;
	scan->fd = 0;
	scan->nr = 0;
	scan->more = true;
	scan->had_hits = false;
	scan->shared = NULL;
	scan->cost = 0;
}

void po_scan_table(const struct po_file_index *index, struct po_scan *scan);

/* ---- hints.c: owners of sockets that are older than the module ---- */

void po_hints_publish(const struct po_snap *snap);
struct pid *po_hint(const struct po_sock *sock);
void po_hints_drop(void);

#endif /* _PO_WALK_H */
