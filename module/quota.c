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

/**
 * po_quota_take() - count an answer
 * @uid: user who asks
 *
 * Context: may sleep; takes po_quota_lock.
 * Return: what po_quota_drop() wants, -EBUSY if the user or all together have
 * too many, or -ENOMEM.
 */
struct po_quota *po_quota_take(kuid_t uid)
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
