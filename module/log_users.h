/* SPDX-License-Identifier: GPL-2.0 */
/* log_users.c: whose the records of a log are */

#ifndef _PO_LOG_USERS_H
#define _PO_LOG_USERS_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct po_reject;

/**
 * struct po_log_user - who has records in a log, or had
 * @node: among all of the log
 * @payer: the user
 * @kept: records
 * @bytes: memory these take
 * @dropped: refusals in records that were dropped
 * @records: records, in the order of their numbers
 */
struct po_log_user {
	struct list_head node;
	kuid_t payer;
	u32 kept;
	size_t bytes;
	u64 dropped;
	struct list_head records;
};

/**
 * struct po_log_users - all who have records in a log, or had
 * @list: &struct po_log_user
 * @nr: how many these are
 *
 * Protected by the lock of the log.
 */
struct po_log_users {
	struct list_head list;
	u32 nr;
};

void po_log_users_init(struct po_log_users *users);
void po_log_users_destroy(struct po_log_users *users);
struct po_log_user *po_log_user_new(kuid_t payer);
struct po_log_user *po_log_users_get(struct po_log_users *users, kuid_t payer,
				     struct po_log_user **new);
void po_log_users_add(struct po_log_users *users, struct po_reject *rej,
		      size_t bytes);
void po_log_users_remove(struct po_log_users *users, struct po_reject *rej,
			 size_t bytes);
struct po_reject *po_log_users_victim(const struct po_log_users *users,
				      const struct po_log_user *user,
				      size_t bytes);
u64 po_log_users_dropped(const struct po_log_users *users, kuid_t payer);

#endif /* _PO_LOG_USERS_H */
