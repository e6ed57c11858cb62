// SPDX-License-Identifier: GPL-2.0
/*
 * The users' shares of a log. If it is full, the oldest record of the user with
 * the largest share, including the new record, is dropped. So a flood of
 * refusals by one user cannot drop the records of another whose share is
 * smaller.
 */

#include <linux/slab.h>

#include "core/core.h"
#include "rejects/log_users.h"
#include "rejects/rejects.h"

/*
 * Users remembered per log: twice as many as can have a record, so that some
 * users without a record keep their count of dropped refusals.
 */
#define PO_LOG_USERS	(2 * PO_LOG_RECORDS)

/**
 * po_log_users_init() - set up an empty list of users
 * @users: users of a log
 *
 * Context: before anyone else knows the log.
 */
void po_log_users_init(struct po_log_users *users)
{
	INIT_LIST_HEAD(&users->list);
	users->nr = 0;
}

/**
 * po_log_users_destroy() - forget all users
 * @users: users of a log without records
 *
 * Context: when nobody else uses the log any more.
 */
void po_log_users_destroy(struct po_log_users *users)
{
	struct po_log_user *user, *next;

	list_for_each_entry_safe(user, next, &users->list, node)
		kfree(user);
}

/**
 * po_log_user_new() - preallocate a user for po_log_users_get()
 * @payer: the user
 *
 * Context: any that is not atomic on PREEMPT_RT.
 * Return: user, to be freed unless po_log_users_get() takes it; NULL without
 * memory.
 */
struct po_log_user *po_log_user_new(kuid_t payer)
{
	struct po_log_user *user = kzalloc(sizeof(*user), PO_GFP_REFUSED);

	if (!user)
		return NULL;

	user->payer = payer;
	INIT_LIST_HEAD(&user->records);

	return user;
}

static struct po_log_user *po_log_users_find(const struct po_log_users *users,
					     kuid_t payer)
{
	struct po_log_user *user;

	list_for_each_entry(user, &users->list, node)
		if (uid_eq(user->payer, payer))
			return user;

	return NULL;
}

/* Replace a user without records by another one. */
static struct po_log_user *po_log_users_reuse(struct po_log_users *users,
					      kuid_t payer)
{
	struct po_log_user *user;

	list_for_each_entry(user, &users->list, node) {
		if (user->kept)
			continue;
		user->payer = payer;
		user->dropped = 0;
		list_move_tail(&user->node, &users->list);
		return user;
	}

	return NULL;
}

/**
 * po_log_users_get() - find or add a user of a log
 * @users: users of the log
 * @payer: the user
 * @new: from po_log_user_new(); set to NULL if it was taken
 *
 * Context: under the lock of the log.
 * Return: the user, or NULL if it is new and there was no memory.
 */
struct po_log_user *po_log_users_get(struct po_log_users *users, kuid_t payer,
				     struct po_log_user **new)
{
	struct po_log_user *user = po_log_users_find(users, payer);

	if (user)
		return user;
	if (users->nr == PO_LOG_USERS)
		return po_log_users_reuse(users, payer);

	user = *new;
	if (!user)
		return NULL;

	*new = NULL;
	list_add_tail(&user->node, &users->list);
	users->nr++;

	return user;
}

/**
 * po_log_users_add() - account for a record that was added
 * @users: users of the log
 * @rej: newest record, with its user set
 * @bytes: memory used by the record
 *
 * Context: under the lock of the log.
 */
void po_log_users_add(struct po_log_users *users, struct po_reject *rej,
		      size_t bytes)
{
	struct po_log_user *user = rej->user;

	user->kept++;
	user->bytes += bytes;
	list_add_tail(&rej->in_user, &user->records);
}

/**
 * po_log_users_remove() - account for a record that was dropped
 * @users: users of the log
 * @rej: record
 * @bytes: memory used by the record
 *
 * Context: under the lock of the log.
 */
void po_log_users_remove(struct po_log_users *users, struct po_reject *rej,
			 size_t bytes)
{
	struct po_log_user *user = rej->user;

	user->kept--;
	user->bytes -= bytes;
	user->dropped += rej->count;
	list_del(&rej->in_user);
}

/**
 * po_log_users_victim() - choose the record to drop
 * @users: users of the log, which is not empty
 * @of: by what to compare shares
 * @user: user of the new record, or NULL if there is none
 * @more: what the new record adds to the share of @user
 *
 * Context: under the lock of the log.
 * Return: the oldest record of the user whose share would be largest.
 */
struct po_reject *po_log_users_victim(const struct po_log_users *users,
				      enum po_log_share of,
				      const struct po_log_user *user, size_t more)
{
	const struct po_log_user *candidate, *largest = NULL;
	size_t share, max = 0;

	list_for_each_entry(candidate, &users->list, node) {
		if (!candidate->kept)
			continue;
		share = of == PO_SHARE_OF_BYTES ? candidate->bytes : candidate->kept;
		if (candidate == user)
			share += more;
		if (share > max || (share == max && candidate == user)) {
			largest = candidate;
			max = share;
		}
	}

	return list_first_entry(&largest->records, struct po_reject, in_user);
}

/**
 * po_log_users_dropped() - refusals of a user counted in dropped records
 * @users: users of the log
 * @payer: the user
 *
 * Context: under the lock of the log.
 * Return: number of refusals; 0 if the user is not remembered.
 */
u64 po_log_users_dropped(const struct po_log_users *users, kuid_t payer)
{
	const struct po_log_user *user = po_log_users_find(users, payer);

	return user ? user->dropped : 0;
}
