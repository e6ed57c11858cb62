// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets and their owners at one moment, as plain values.
 *
 * A snapshot references no socket, file or network namespace: a reader that
 * never finishes its dump keeps nothing alive but process ids, credentials and
 * user namespaces.
 */

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>

#include "core/core.h"

static struct po_snap *po_snap_alloc(size_t bytes_max, gfp_t gfp)
{
	struct po_snap *snap = kzalloc(sizeof(*snap), gfp);

	if (!snap)
		return NULL;

	xa_init_flags(&snap->procs, XA_FLAGS_ACCOUNT);
	snap->bytes = sizeof(*snap);
	snap->bytes_max = bytes_max;
	snap->paths = PO_PATHS_ALL;
	snap->gfp = gfp;
	snap->budget = S64_MAX;

	return snap;
}

/**
 * po_snap_new() - create an empty snapshot
 * @bytes_max: memory limit; sockets and owners beyond it are left out
 *
 * Context: may sleep.
 * Return: snapshot, to be freed by po_snap_free(), or NULL without memory.
 */
struct po_snap *po_snap_new(size_t bytes_max)
{
	return po_snap_alloc(bytes_max, GFP_KERNEL_ACCOUNT);
}

/**
 * po_snap_new_bounded() - create a snapshot whose cost is limited
 * @bytes_max: memory limit; sockets and owners beyond it are left out
 *
 * For a task returning from a refused system call. Each search that fills the
 * snapshot sets its budget first, ends when that is spent, never waits for
 * memory, and marks incomplete results.
 *
 * Context: may sleep.
 * Return: snapshot, to be freed by po_snap_free(), or NULL without memory.
 */
struct po_snap *po_snap_new_bounded(size_t bytes_max)
{
	struct po_snap *snap = po_snap_alloc(bytes_max, PO_GFP_REFUSED);

	if (!snap)
		return NULL;

	snap->paths = PO_PATHS_OWN;
	snap->bounded = true;

	return snap;
}

/**
 * po_snap_new_for_reader() - create an empty snapshot to answer a request
 * @bytes_max: memory limit; adding more than that fails with -E2BIG
 *
 * Context: may sleep.
 * Return: snapshot, to be freed by po_snap_free(), or NULL without memory.
 */
struct po_snap *po_snap_new_for_reader(size_t bytes_max)
{
	struct po_snap *snap = po_snap_new(bytes_max);

	if (snap)
		snap->for_reader = true;

	return snap;
}

/**
 * po_snap_check() - whether a search may continue
 * @snap: snapshot that it fills, or NULL
 *
 * Context: any.
 * Return: 0, -ETIME if the budget is spent, or -EINTR if the caller is being
 * killed or the search was cancelled.
 */
int po_snap_check(const struct po_snap *snap)
{
	if (snap && snap->budget <= 0)
		return -ETIME;
	if (fatal_signal_pending(current) ||
	    (snap && snap->cancelled && READ_ONCE(*snap->cancelled)))
		return -EINTR;

	return 0;
}

/**
 * po_snap_complete() - whether a bounded search found everything
 * @snap: snapshot with owners
 *
 * Context: any.
 * Return: false if sockets, owners or paths may be missing, or references to a file
 * are not explained by owners.
 */
bool po_snap_complete(const struct po_snap *snap)
{
	const struct po_sock *sock;
	u32 i;

	if (snap->truncated || snap->torn || snap->paths_skipped)
		return false;
	for (i = 0; i < snap->nr; i++) {
		sock = po_snap_sock(snap, i);
		if (sock->owners_incomplete || sock->refs > 0)
			return false;
	}

	return true;
}

static void po_sock_destroy(struct po_sock *sock)
{
	struct po_owner *owner, *next;
	struct po_untracked *entry;

	while (sock->untracked) {
		entry = sock->untracked;
		sock->untracked = entry->next;
		kfree(entry);
	}
	for (owner = sock->alias ? NULL : sock->owners; owner; owner = next) {
		next = owner->next;
		if (owner != &sock->first_owner)
			kfree(owner);
		cond_resched();
	}
	if (sock->bound)
		put_pid(sock->bound->pid);
	kfree(sock->bound);
}

static u32 po_chunk_size(u32 chunk)
{
	return chunk < PO_CHUNKS_DOUBLING ? PO_CHUNK_FIRST << chunk :
					    PO_CHUNK_LAST;
}

/*
 * The page allocator caches free pages per CPU. If pages are only freed and
 * none allocated, it returns them all to the buddy lists in one batch, under
 * zone->lock: 0.4 ms for a large snapshot. Allocating a page of the same node
 * after each free prevents that; the allocation may fail.
 */
static void po_chunk_free(struct po_sock *chunk, u32 size)
{
	struct page *page;
	int nid;

	if (size < PO_CHUNK_LAST || is_vmalloc_addr(chunk)) {
		kvfree(chunk);
		return;
	}

	nid = page_to_nid(virt_to_page(chunk));
	kfree(chunk);
	page = alloc_pages_node(nid, GFP_NOWAIT | __GFP_NOWARN, 0);
	if (page)
		__free_page(page);
}

/* Free the chunks at the end that contain no socket below @nr. */
static void po_snap_trim(struct po_snap *snap, u32 nr)
{
	u32 size;

	while (snap->nr_chunks) {
		size = po_chunk_size(snap->nr_chunks - 1);
		if (nr > snap->capacity - size)
			break;
		snap->capacity -= size;
		snap->bytes -= size * sizeof(**snap->chunks);
		po_chunk_free(snap->chunks[--snap->nr_chunks], size);
		cond_resched();
	}
}

/**
 * po_snap_drop_before() - free the chunks that end before a given socket
 * @snap: snapshot
 * @nr: index of the first socket to keep; never decreases between calls
 *
 * Context: may sleep.
 */
void po_snap_drop_before(struct po_snap *snap, u32 nr)
{
	struct po_sock *socks;
	u32 i, size;

	/* An alias uses the owners of a preceding record. */
	if (nr < snap->nr && po_snap_sock(snap, nr)->alias)
		return;

	while (snap->nr_freed_chunks < snap->nr_chunks) {
		size = po_chunk_size(snap->nr_freed_chunks);
		if (nr < snap->nr_freed + size && nr < snap->nr)
			break;
		socks = snap->chunks[snap->nr_freed_chunks];
		for (i = 0; i < size && snap->nr_freed + i < snap->nr; i++) {
			po_sock_destroy(&socks[i]);
			cond_resched();
		}
		po_chunk_free(socks, size);
		snap->nr_freed_chunks++;
		snap->nr_freed += size;
	}
}

/**
 * po_snap_free() - free a snapshot
 * @snap: snapshot, or NULL
 *
 * Context: may sleep.
 */
void po_snap_free(struct po_snap *snap)
{
	struct po_proc *proc;
	unsigned long tgid;

	if (!snap)
		return;

	po_snap_drop_before(snap, snap->nr);
	xa_for_each(&snap->procs, tgid, proc) {
		po_proc_free(proc);
		cond_resched();
	}
	xa_destroy(&snap->procs);
	kvfree(snap->chunks);
	kfree(snap->further);
	kfree(snap);
}

/**
 * po_snap_reserve() - make room for another socket
 * @snap: snapshot
 *
 * Context: may sleep.
 * Return: 0; -ENOMEM; -EFBIG if a limit is reached, but -E2BIG if it is the
 * memory limit of a reader.
 */
int po_snap_reserve(struct po_snap *snap)
{
	u32 nr = snap->nr_chunks, size = po_chunk_size(nr);
	struct po_sock **chunks, *chunk;

	if (snap->nr < snap->capacity)
		return 0;
	if (snap->capacity > U32_MAX / 2)
		return -EFBIG;
	if (snap->bytes >= snap->bytes_max)
		return snap->for_reader ? -E2BIG : -EFBIG;

	/* The array of pointers is full when nr is 0 or a power of two. */
	if (!(nr & (nr - 1))) {
		chunks = kvmalloc_array(max(2 * nr, 1U), sizeof(*chunks),
					snap->gfp);
		if (!chunks)
			return -ENOMEM;
		if (nr)
			memcpy(chunks, snap->chunks, nr * sizeof(*chunks));
		kvfree(snap->chunks);
		snap->chunks = chunks;
	}

	chunk = kvmalloc_array(size, sizeof(*chunk), snap->gfp);
	if (!chunk)
		return -ENOMEM;

	snap->chunks[nr] = chunk;
	snap->nr_chunks++;
	snap->capacity += size;
	snap->bytes += size * sizeof(*chunk);
	cond_resched();

	return 0;
}

/**
 * po_snap_prune() - remove the sockets that are marked to be skipped
 * @snap: snapshot without owners
 *
 * Context: may sleep.
 */
void po_snap_prune(struct po_snap *snap)
{
	struct po_sock *sock;
	u32 i, nr = 0;

	for (i = 0; i < snap->nr; i++) {
		sock = po_snap_sock(snap, i);
		if (sock->skip)
			continue;
		if (nr != i)
			*po_snap_sock(snap, nr) = *sock;
		nr++;
		cond_resched();
	}
	snap->nr = nr;
	po_snap_trim(snap, nr);
}

/**
 * po_snap_join_aliases() - make all records of a socket point to its owners
 * @snap: snapshot in which the first record of each socket holds the owners
 *
 * Context: may sleep.
 */
void po_snap_join_aliases(struct po_snap *snap)
{
	const struct po_sock *first;
	struct po_sock *sock;
	u32 i;

	for (i = 1; i < snap->nr; i++) {
		if (i % PO_SNAP_BATCH == 0)
			cond_resched();
		if (!po_is_alias(snap, i))
			continue;
		first = po_snap_sock(snap, i - 1);
		sock = po_snap_sock(snap, i);
		sock->alias = true;
		sock->owners = first->owners;
		sock->last_owner = first->last_owner;
		sock->refs = first->refs;
		sock->owners_incomplete = first->owners_incomplete;
	}
}
