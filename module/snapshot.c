// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets and owners of one moment, as plain values.
 *
 * A snapshot holds no socket, file or network namespace, so a reader that
 * never finishes its dump keeps nothing of the host alive but processes' ids,
 * credentials and user namespaces.
 */

#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "internal.h"

/* What a process takes to describe, but for the paths; what each byte of these. */
#define PO_COST_PROC	4000
#define PO_COST_PATH	20

/* What a further owner takes to note. */
#define PO_COST_OWNER	700

static struct po_snap *po_snap_alloc(size_t bytes_max, gfp_t gfp)
{
	struct po_snap *snap = kzalloc(sizeof(*snap), gfp);

	if (!snap)
		return NULL;

	xa_init_flags(&snap->procs, XA_FLAGS_ACCOUNT);
	snap->bytes = sizeof(*snap);
	snap->bytes_max = bytes_max;
	snap->gfp = gfp;
	snap->left = S64_MAX;

	return snap;
}

/**
 * po_snap_new() - make an empty snapshot
 * @bytes_max: memory that it may take; sockets and owners beyond are left out
 *
 * Context: may sleep.
 * Return: a snapshot, to be freed by po_snap_free(), or NULL without memory.
 */
struct po_snap *po_snap_new(size_t bytes_max)
{
	return po_snap_alloc(bytes_max, GFP_KERNEL_ACCOUNT);
}

/**
 * po_snap_new_bounded() - make a snapshot while somebody's system call waits
 * @bytes_max: memory that it may take; sockets and owners beyond are left out
 *
 * What is filled in takes no more than what is set as its @left from time to
 * time, waits for no memory, and is marked where it is not complete.
 *
 * Context: may sleep.
 * Return: as po_snap_new().
 */
struct po_snap *po_snap_new_bounded(size_t bytes_max)
{
	struct po_snap *snap = po_snap_alloc(bytes_max, PO_GFP_REFUSED);

	if (snap)
		snap->bounded = true;

	return snap;
}

/**
 * po_snap_asked() - make an empty snapshot for a reader
 * @bytes_max: memory that it may take; for more it fails with -E2BIG
 *
 * Context: may sleep.
 * Return: as po_snap_new().
 */
struct po_snap *po_snap_asked(size_t bytes_max)
{
	struct po_snap *snap = po_snap_new(bytes_max);

	if (snap)
		snap->asked = true;

	return snap;
}

/**
 * po_snap_check() - whether a search may go on
 * @snap: what it fills, or NULL
 *
 * Context: any.
 * Return: 0, -ETIME if all that it may take is spent, or -EINTR if the caller is
 * being killed or what it does is cancelled.
 */
int po_snap_check(const struct po_snap *snap)
{
	if (snap && snap->left <= 0)
		return -ETIME;
	if (fatal_signal_pending(current) ||
	    (snap && snap->cancelled && READ_ONCE(*snap->cancelled)))
		return -EINTR;

	return 0;
}

/**
 * po_snap_complete() - whether a bounded search has found all there is
 * @snap: snapshot with owners
 *
 * Return: false if a socket or an owner may be missing, or if references are left
 * that no owner explains.
 */
bool po_snap_complete(const struct po_snap *snap)
{
	const struct po_sock *sock;
	u32 i;

	if (snap->cut || snap->torn)
		return false;
	for (i = 0; i < snap->nr; i++) {
		sock = po_snap_sock(snap, i);
		if (sock->owners_cut || sock->refs > 0)
			return false;
	}

	return true;
}

static void po_sock_destroy(struct po_sock *sock)
{
	struct po_owner *owner, *next;
	struct po_unseen *unseen;

	while (sock->unseen) {
		unseen = sock->unseen;
		sock->unseen = unseen->next;
		kfree(unseen);
	}
	for (owner = sock->twin ? NULL : sock->owners; owner; owner = next) {
		next = owner->next;
		if (owner != &sock->owner)
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
 * The allocator keeps free pages for the CPU. Those of whoever frees and
 * allocates nothing it gives back at one go, under a lock: 0.4 ms for a large
 * snapshot. So ask for one after that, of the same node; it need not be there.
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

/* Free the chunks that no socket below @nr is in. */
static void po_snap_shrink(struct po_snap *snap, u32 nr)
{
	u32 size;

	while (snap->nr_chunks) {
		size = po_chunk_size(snap->nr_chunks - 1);
		if (nr > snap->room - size)
			break;
		snap->room -= size;
		snap->bytes -= size * sizeof(**snap->chunks);
		po_chunk_free(snap->chunks[--snap->nr_chunks], size);
		cond_resched();
	}
}

/**
 * po_snap_pass() - drop sockets in front of one, and give their memory back
 * @snap: snapshot
 * @nr: this and all after it stay; no less than the last time
 *
 * Context: may sleep.
 */
void po_snap_pass(struct po_snap *snap, u32 nr)
{
	struct po_sock *socks;
	u32 i, size;

	/* Its owners are with one of those in front. */
	if (nr < snap->nr && po_snap_sock(snap, nr)->twin)
		return;

	while (snap->nr_passed < snap->nr_chunks) {
		size = po_chunk_size(snap->nr_passed);
		if (nr < snap->gone + size && nr < snap->nr)
			break;
		socks = snap->chunks[snap->nr_passed];
		for (i = 0; i < size && snap->gone + i < snap->nr; i++) {
			po_sock_destroy(&socks[i]);
			cond_resched();
		}
		po_chunk_free(socks, size);
		snap->nr_passed++;
		snap->gone += size;
	}
}

/**
 * po_snap_free() - drop a snapshot
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

	po_snap_pass(snap, snap->nr);
	xa_for_each(&snap->procs, tgid, proc) {
		po_proc_free(proc);
		cond_resched();
	}
	xa_destroy(&snap->procs);
	kvfree(snap->chunks);
	kfree(snap);
}

/**
 * po_snap_reserve() - make room for another socket
 * @snap: snapshot
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or, if it is full or can't have that many, -EFBIG; -E2BIG
 * if it was asked for and may not have more.
 */
int po_snap_reserve(struct po_snap *snap)
{
	u32 nr = snap->nr_chunks, size = po_chunk_size(nr);
	struct po_sock **chunks, *chunk;

	if (snap->nr < snap->room)
		return 0;
	if (snap->room > U32_MAX / 2)
		return -EFBIG;
	if (snap->bytes >= snap->bytes_max)
		return snap->asked ? -E2BIG : -EFBIG;

	/* Whenever the number of chunks is a power of two there is no more. */
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
	snap->room += size;
	snap->bytes += size * sizeof(*chunk);
	cond_resched();

	return 0;
}

/**
 * po_snap_prune() - drop the sockets that are marked to be skipped
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
	po_snap_shrink(snap, nr);
}

/**
 * po_snap_join_twins() - let records of the same socket have the same owners
 * @snap: snapshot in which the first of them has its owners
 *
 * Context: may sleep.
 */
void po_snap_join_twins(struct po_snap *snap)
{
	const struct po_sock *first;
	struct po_sock *sock;
	u32 i;

	for (i = 1; i < snap->nr; i++) {
		if (i % PO_SNAP_BATCH == 0)
			cond_resched();
		if (!po_is_twin(snap, i))
			continue;
		first = po_snap_sock(snap, i - 1);
		sock = po_snap_sock(snap, i);
		sock->twin = true;
		sock->owners = first->owners;
		sock->last = first->last;
		sock->refs = first->refs;
		sock->owners_cut = first->owners_cut;
	}
}

static struct po_proc *po_snap_proc(struct po_snap *snap,
				    struct task_struct *task)
{
	struct po_proc *proc, *old = snap->last_proc;
	int err;

	if (old && old->pid == task_tgid(task))
		return old;

	old = xa_load(&snap->procs, task->tgid);
	if (old && old->pid == task_tgid(task)) {
		snap->last_proc = old;
		return old;
	}

	proc = po_proc_of(task, snap->gfp);
	if (!proc)
		return ERR_PTR(pid_alive(task) ? -ENOMEM : -ESRCH);

	po_spend(snap, PO_COST_PROC + PO_COST_PATH * po_proc_bytes(proc));
	err = xa_err(xa_store(&snap->procs, task->tgid, proc, snap->gfp));
	if (err) {
		po_proc_free(proc);
		return ERR_PTR(err);
	}
	proc->nr = snap->nr_procs++;
	/* Owners point to the old one still. */
	proc->older = old;
	if (old) {
		old->not_alone = true;
		proc->not_alone = true;
	}
	snap->last_proc = proc;
	snap->bytes += po_proc_bytes(proc);

	return proc;
}

/**
 * po_snap_add_owner() - add an owner to a socket
 * @snap: snapshot
 * @sock: socket in @snap
 * @task: thread whose table has the descriptor; the caller holds a reference
 * @fd: descriptor
 *
 * Nothing is added if the process is gone since, or the snapshot is full.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -E2BIG for a snapshot that was asked for and is full.
 */
int po_snap_add_owner(struct po_snap *snap, struct po_sock *sock,
		      struct task_struct *task, unsigned int fd)
{
	struct po_owner *owner;
	struct po_proc *proc;

	if (snap->bytes >= snap->bytes_max) {
		if (snap->asked)
			return -E2BIG;
		sock->owners_cut = true;
		return 0;
	}

	proc = po_snap_proc(snap, task);
	if (IS_ERR(proc))
		return PTR_ERR(proc) == -ESRCH ? 0 : PTR_ERR(proc);

	po_spend(snap, PO_COST_OWNER);
	if (sock->owners) {
		owner = kmalloc(sizeof(*owner), snap->gfp);
		if (!owner)
			return -ENOMEM;
		snap->bytes += sizeof(*owner);
	} else {
		owner = &sock->owner;
	}

	owner->next = NULL;
	owner->proc = proc;
	owner->fd = fd;
	if (sock->last)
		sock->last->next = owner;
	else
		sock->owners = owner;
	sock->last = owner;

	return 0;
}

/**
 * po_snap_add_unseen() - add a place where references may be
 * @snap: snapshot
 * @sock: socket in @snap
 * @task: thread of the process; the caller holds a reference
 * @where: what of it
 *
 * Context: may sleep.
 * Return: 0 or -ENOMEM.
 */
int po_snap_add_unseen(struct po_snap *snap, struct po_sock *sock,
		       struct task_struct *task, enum portowner_unseen where)
{
	struct po_proc *proc = po_snap_proc(snap, task);
	struct po_unseen *unseen;

	if (IS_ERR(proc))
		return PTR_ERR(proc) == -ESRCH ? 0 : PTR_ERR(proc);

	unseen = kmalloc(sizeof(*unseen), snap->gfp);
	if (!unseen)
		return -ENOMEM;

	unseen->proc = proc;
	unseen->where = where;
	unseen->next = sock->unseen;
	sock->unseen = unseen;
	snap->bytes += sizeof(*unseen);

	return 0;
}

/**
 * po_snap_drop_unseen() - take places back
 * @sock: socket
 * @where: of this kind
 */
void po_snap_drop_unseen(struct po_sock *sock, enum portowner_unseen where)
{
	struct po_unseen **link = &sock->unseen, *unseen;

	while (*link) {
		unseen = *link;
		if (unseen->where == where) {
			*link = unseen->next;
			kfree(unseen);
		} else {
			link = &unseen->next;
		}
	}
}
