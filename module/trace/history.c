// SPDX-License-Identifier: GPL-2.0
/*
 * The latest calls. Permissions are checked for each reader, in its own time;
 * numbers reveal missed calls. When memory runs out, the user with the largest
 * share of it loses its oldest call.
 */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sched/task.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <net/net_namespace.h>

#include "core/core.h"
#include "trace/ring.h"

/* Memory limit for the calls of all namespaces together. */
#define PO_HISTORY_BYTES	SZ_1M

/*
 * Limit on callers inspected per user and update: that takes far longer than
 * all else. Executable and cgroup of further callers stay unknown.
 */
#define PO_HISTORY_INSPECT	16

/* Protects everything below, and the state in switch.c. */
DEFINE_MUTEX(po_history_mutex);

/* Calls, oldest first. */
static LIST_HEAD(po_history);
static size_t po_history_bytes;
static size_t po_history_bytes_of[PO_TRACE_USERS];

/* The ring not being filled, or NULL while nothing is traced. */
static struct po_trace_ring *po_spare_ring;

static void po_ring_release(const struct po_trace_slot *slot)
{
	put_cred(slot->cred);
	put_pid(slot->pid);
	put_net(slot->net);
}

static size_t po_traced_bytes(const struct po_traced *call)
{
	return sizeof(*call) + po_proc_bytes(call->proc);
}

static void po_history_drop(struct po_traced *call)
{
	size_t bytes = po_traced_bytes(call);

	list_del(&call->node);
	po_history_bytes -= bytes;
	po_history_bytes_of[call->user] -= bytes;
	po_proc_free(call->proc);
	kfree(call);
}

/* Drop the oldest call of the user with the largest share of memory. */
static void po_history_drop_one(void)
{
	struct po_traced *call;
	unsigned int i;
	u8 most = 0;

	for (i = 1; i < PO_TRACE_USERS; i++)
		if (po_history_bytes_of[i] > po_history_bytes_of[most])
			most = i;
	list_for_each_entry(call, &po_history, node) {
		if (call->user == most) {
			po_history_drop(call);
			return;
		}
	}
}

/* Add details of the caller, unless it has exited. */
static void po_inspect_caller(struct po_traced *call,
			      const struct po_trace_slot *slot)
{
	struct task_struct *task = get_pid_task(slot->pid, PIDTYPE_TGID);

	if (!task)
		return;

	po_proc_inspect(call->proc, task, PO_PATHS_NEAR, GFP_KERNEL | __GFP_NOWARN);
	put_task_struct(task);
}

/* Without memory the call is lost, leaving a gap in the numbers. */
static void po_history_add(const struct po_trace_slot *slot, bool inspect)
{
	struct po_traced *call = kzalloc(sizeof(*call),
					 GFP_KERNEL | __GFP_NOWARN);

	if (!call)
		return;

	call->proc = po_proc_new(slot->pid, slot->cred, slot->comm,
				 GFP_KERNEL | __GFP_NOWARN);
	if (!call->proc) {
		kfree(call);
		return;
	}
	if (inspect)
		po_inspect_caller(call, slot);
	call->net_id = po_trace_net(slot->net)->id;
	call->user = slot->user;
	call->seq = slot->seq;
	call->seq_all = slot->seq_all;
	call->time = slot->time;
	call->op = slot->op;
	call->err = slot->err;
	call->want = slot->want;
	call->port = slot->port;
	list_add_tail(&call->node, &po_history);
	po_history_bytes += po_traced_bytes(call);
	po_history_bytes_of[call->user] += po_traced_bytes(call);
	while (po_history_bytes > PO_HISTORY_BYTES)
		po_history_drop_one();
}

/**
 * po_history_update() - move the recorded calls into the history
 *
 * Context: work item, since paths are resolved against its root directory;
 * po_history_mutex is held.
 */
void po_history_update(void)
{
	u8 inspected[PO_TRACE_USERS] = {};
	struct po_trace_ring *ring;
	struct po_trace_slot *slot;
	u32 i;

	lockdep_assert_held(&po_history_mutex);

	if (!po_spare_ring)
		return;

	ring = po_ring_swap(po_spare_ring);
	for (i = 0; i < ring->nr; i++) {
		slot = &ring->slots[i];
		po_trace_notify(slot->net);
		po_history_add(slot, inspected[slot->user] < PO_HISTORY_INSPECT);
		if (inspected[slot->user] < PO_HISTORY_INSPECT)
			inspected[slot->user]++;
		po_ring_release(slot);
		cond_resched();
	}
	/* Subscribers to all namespaces are in the initial one. */
	if (ring->nr && po_trace_all)
		po_trace_notify(&init_net);
	ring->nr = 0;
	memset(ring->taken, 0, sizeof(ring->taken));
	po_spare_ring = ring;
}

/**
 * po_history_stop() - stop recording calls, and drop the history
 *
 * Context: may sleep; po_history_mutex is held.
 */
void po_history_stop(void)
{
	struct po_trace_ring *ring;
	struct po_traced *call, *next;
	u32 i;

	lockdep_assert_held(&po_history_mutex);

	if (!po_spare_ring)
		return;

	ring = po_ring_swap(NULL);
	for (i = 0; i < ring->nr; i++)
		po_ring_release(&ring->slots[i]);
	kvfree(ring);
	kvfree(po_spare_ring);
	po_spare_ring = NULL;
	list_for_each_entry_safe(call, next, &po_history, node)
		po_history_drop(call);
}

/**
 * po_history_lock() - lock the history for a reader
 *
 * Context: may sleep; unlock with po_history_unlock().
 * Return: 0, or -EINTR if the reader is being killed.
 */
int po_history_lock(void)
{
	return mutex_lock_killable(&po_history_mutex);
}

/**
 * po_history_lock_started() - start recording calls, and lock the history
 *
 * The memory is charged to the reader, who may have to wait for it: not with the
 * history locked, for which others wait.
 *
 * Context: may sleep; unlock with po_history_unlock(), after po_trace_begin().
 * Return: 0, also if already started, -ENOMEM, or -EINTR if the reader is being
 * killed.
 */
int po_history_lock_started(void)
{
	struct po_trace_ring *ring, *spare;
	int err = po_history_lock();

	if (err || po_spare_ring)
		return err;

	po_history_unlock();
	ring = kvzalloc(sizeof(*ring), GFP_KERNEL_ACCOUNT);
	spare = kvzalloc(sizeof(*spare), GFP_KERNEL_ACCOUNT);
	err = ring && spare ? po_history_lock() : -ENOMEM;
	if (!err && !po_spare_ring) {
		po_ring_swap(ring);
		po_spare_ring = spare;
		return 0;
	}
	kvfree(ring);
	kvfree(spare);

	return err;
}

/**
 * po_history_unlock() - unlock the history
 *
 * Context: after po_history_lock() or po_history_lock_started().
 */
void po_history_unlock(void)
{
	mutex_unlock(&po_history_mutex);
}

/**
 * po_history_next() - get the next call for a reader
 * @call: previous call, or NULL to start
 * @net: only calls in this namespace, unless @all
 * @all: calls in all namespaces
 * @since: only calls with a higher number, see po_traced_seq()
 *
 * Context: between po_history_lock() and po_history_unlock().
 * Return: the call, or NULL if there are no more.
 */
const struct po_traced *po_history_next(const struct po_traced *call,
					const struct net *net, bool all,
					u64 since)
{
	const u64 net_id = po_trace_net(net)->id;

	lockdep_assert_held(&po_history_mutex);

	call = call ? list_next_entry(call, node) :
		      list_first_entry(&po_history, struct po_traced, node);
	list_for_each_entry_from(call, &po_history, node)
		if ((all || call->net_id == net_id) &&
		    po_traced_seq(call, all) > since)
			return call;

	return NULL;
}
