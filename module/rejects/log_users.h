/* SPDX-License-Identifier: GPL-2.0 */
/* Private to rejects/: the users' shares of a log. */

#ifndef _PO_LOG_USERS_H
#define _PO_LOG_USERS_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/uidgid.h>

struct po_reject;

/**
 * struct po_log_user - share of one user in a log
 * @node: in the list of the log's users
 * @payer: the user
 * @kept: records in the log
 * @bytes: memory used by these records
 * @dropped: refusals counted in dropped records
 * @records: records in the log, sorted by &struct po_reject @seq
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
 * struct po_log_users - users with records in a log, and some without
 * @list: list of &struct po_log_user
 * @nr: number of users
 *
 * Protected by the lock of the log.
 */
struct po_log_users {
	struct list_head list;
	u32 nr;
};

/* By what the shares of users are compared. */
enum po_log_share {
	PO_SHARE_OF_RECORDS,
	PO_SHARE_OF_BYTES,
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
				      enum po_log_share of,
				      const struct po_log_user *user, size_t more);
u64 po_log_users_dropped(const struct po_log_users *users, kuid_t payer);

#endif /* _PO_LOG_USERS_H */
