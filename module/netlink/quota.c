// SPDX-License-Identifier: GPL-2.0
/*
 * Limits on the number and size of answers in progress. Each may keep a
 * snapshot of hundreds of thousands of sockets in memory, and costs its reader
 * only a netlink socket.
 *
 * A user may have at most PO_QUOTA_USER unread answers. More user ids in user
 * namespaces cost nothing either, so the creator of the namespace gets one fair
 * share for all of them, which always leaves room for another user's first
 * answer.
 */

#include <linux/cred.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

#include "core/core.h"
#include "netlink/netlink.h"

#define PO_QUOTA_USER	16
#define PO_QUOTA_ALL	256

/* Memory of a snapshot: 300,000 sockets, or 2.4 million. */
#define PO_BYTES_USER	SZ_64M
#define PO_BYTES_ADMIN	SZ_512M

/**
 * struct po_quota - an answer in progress
 * @list: in po_quotas; protected by po_quota_lock
 * @uid: real user of the requesting task
 * @payer: user charged for it
 */
struct po_quota {
	struct list_head list;
	kuid_t uid;
	kuid_t payer;
};

static LIST_HEAD(po_quotas);
static u64 po_quota_used;	/* length of po_quotas */
static u64 po_quota_refused;	/* requests refused */
static DEFINE_MUTEX(po_quota_lock);	/* protects the above */

/* Whether the user may have one more answer. */
static bool po_quota_room(const struct po_quota *quota)
{
	unsigned int own = 0, charged = 0;
	const struct po_quota *other;

	list_for_each_entry(other, &po_quotas, list) {
		own += uid_eq(other->uid, quota->uid);
		charged += uid_eq(other->payer, quota->payer);
	}

	return own < PO_QUOTA_USER &&
	       po_fair(charged, PO_QUOTA_ALL - po_quota_used);
}

/* Count an answer. Returns false if it exceeds a limit. */
static bool po_quota_take(struct po_quota *quota)
{
	bool taken;

	mutex_lock(&po_quota_lock);
	taken = po_quota_room(quota);
	if (taken) {
		list_add(&quota->list, &po_quotas);
		po_quota_used++;
	} else {
		po_quota_refused++;
	}
	mutex_unlock(&po_quota_lock);

	return taken;
}

/**
 * po_quota_count() - charge a reader for an answer
 * @cb: dump
 * @quota: result, to be passed to po_quota_drop()
 *
 * Answers to an administrator are not counted.
 *
 * Context: may sleep, but does not wait for memory; the requesting task.
 * Return: 0, -EBUSY with an extack message, or -ENOMEM.
 */
int po_quota_count(struct netlink_callback *cb, struct po_quota **quota)
{
	struct po_quota *new;

	if (po_capable(cb->skb, &init_user_ns, CAP_NET_ADMIN))
		return 0;

	new = kmalloc(sizeof(*new), PO_GFP_LOCKED);
	if (!new)
		return -ENOMEM;

	/* The real user: a set-user-ID program acts for its caller. */
	new->uid = current_uid();
	new->payer = po_payer(current_cred());
	if (!po_quota_take(new)) {
		kfree(new);
		NL_SET_ERR_MSG(cb->extack, "too many dumps in progress");
		return -EBUSY;
	}
	*quota = new;

	return 0;
}

/**
 * po_quota_snap() - create a snapshot with the memory limit of its reader
 * @quota: result of po_quota_count()
 *
 * Context: may sleep.
 * Return: an empty snapshot, to be freed by po_snap_free(), or NULL.
 */
struct po_snap *po_quota_snap(const struct po_quota *quota)
{
	return po_snap_new_for_reader(quota ? PO_BYTES_USER : PO_BYTES_ADMIN);
}

/**
 * po_quota_exceeded() - report to a reader that its answer is too large
 * @cb: the dump
 * @err: negative errno of the failure
 *
 * Context: any.
 * Return: @err.
 */
int po_quota_exceeded(struct netlink_callback *cb, int err)
{
	if (err == -E2BIG)
		NL_SET_ERR_MSG(cb->extack,
			       "answer too large: request a range of ports, a protocol or some states");

	return err;
}

/**
 * po_quota_drop() - release an answer that was read or abandoned
 * @quota: result of po_quota_count()
 *
 * Context: may sleep; takes po_quota_lock.
 */
void po_quota_drop(struct po_quota *quota)
{
	if (!quota)
		return;

	mutex_lock(&po_quota_lock);
	list_del(&quota->list);
	po_quota_used--;
	mutex_unlock(&po_quota_lock);
	kfree(quota);
}

/**
 * po_quota_stats() - count the answers in progress
 * @used: result: answers in progress, except those of administrators
 * @refused: result: requests refused since the module was loaded
 *
 * Context: may sleep; takes po_quota_lock.
 */
void po_quota_stats(u64 *used, u64 *refused)
{
	mutex_lock(&po_quota_lock);
	*used = po_quota_used;
	*refused = po_quota_refused;
	mutex_unlock(&po_quota_lock);
}
