// SPDX-License-Identifier: GPL-2.0
/*
 * How many answers a user may leave unread. Each keeps a snapshot of perhaps
 * hundreds of thousands of sockets in memory, and a netlink socket for it is
 * cheap to open.
 */

#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uidgid.h>

#include "internal.h"

#define PO_QUOTA_USER	16
#define PO_QUOTA_ALL	256

/**
 * struct po_quota - one answer under way
 * @list: in po_quotas; protected by po_quota_lock
 * @uid: for whom
 */
struct po_quota {
	struct list_head list;
	kuid_t uid;
};

static LIST_HEAD(po_quotas);
static DEFINE_MUTEX(po_quota_lock);	/* po_quotas */

/* Returns -EBUSY if the user, or all together, have too many. */
static struct po_quota *po_quota_take(kuid_t uid)
{
	struct po_quota *quota = kmalloc(sizeof(*quota), GFP_KERNEL_ACCOUNT);
	unsigned int own = 0, all = 0;
	struct po_quota *other;

	if (!quota)
		return ERR_PTR(-ENOMEM);

	quota->uid = uid;
	mutex_lock(&po_quota_lock);
	list_for_each_entry(other, &po_quotas, list) {
		own += uid_eq(other->uid, uid);
		all++;
	}
	if (own < PO_QUOTA_USER && all < PO_QUOTA_ALL) {
		list_add(&quota->list, &po_quotas);
	} else {
		kfree(quota);
		quota = ERR_PTR(-EBUSY);
	}
	mutex_unlock(&po_quota_lock);

	return quota;
}

/**
 * po_quota_count() - count an answer that is about to be made
 * @cb: the dump, whose reader it is for
 * @quota: result: what po_quota_drop() wants
 *
 * Nobody counts those of an administrator.
 *
 * Context: may sleep, in the task that asks.
 * Return: 0, -EBUSY with an extack message, or -ENOMEM.
 */
int po_quota_count(struct netlink_callback *cb, struct po_quota **quota)
{
	struct po_quota *new;

	if (po_capable(cb->skb, &init_user_ns, CAP_NET_ADMIN))
		return 0;

	new = po_quota_take(current_uid());
	if (new == ERR_PTR(-EBUSY))
		NL_SET_ERR_MSG(cb->extack, "too many dumps are under way");
	if (IS_ERR(new))
		return PTR_ERR(new);
	*quota = new;

	return 0;
}

/**
 * po_quota_drop() - an answer is read, or given up
 * @quota: what po_quota_take() returned, or NULL
 *
 * Context: may sleep; takes po_quota_lock.
 */
void po_quota_drop(struct po_quota *quota)
{
	if (!quota)
		return;

	mutex_lock(&po_quota_lock);
	list_del(&quota->list);
	mutex_unlock(&po_quota_lock);
	kfree(quota);
}
