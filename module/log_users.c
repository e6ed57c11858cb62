// SPDX-License-Identifier: GPL-2.0
/*
 * Whose the records of a log are. When it is full, whoever has most of it, the
 * new record included, loses the oldest one: so no flood of one user drops what
 * another has, as long as that is not more than the flood itself leaves.
 */

#include <linux/slab.h>

#include "internal.h"
#include "log_users.h"

/*
 * Users that are remembered; twice as many as may have a record, so that of those
 * who have none some remain, with what was dropped of theirs.
 */
#define PO_LOG_USERS	(2 * PO_LOG_RECORDS)

/**
 * po_log_users_init() - nobody has anything
 * @users: users of a log
 */
void po_log_users_init(struct po_log_users *users)
{
	INIT_LIST_HEAD(&users->list);
	users->nr = 0;
}

/**
 * po_log_users_destroy() - forget all users
 * @users: users of a log without records
 */
void po_log_users_destroy(struct po_log_users *users)
{
	struct po_log_user *user, *next;

	list_for_each_entry_safe(user, next, &users->list, node)
		kfree(user);
}

/**
 * po_log_user_new() - prepare for a user that may be new
 * @payer: the user
 *
 * Context: any that is not atomic on PREEMPT_RT.
 * Return: what po_log_users_get() takes, to be freed if it does not; NULL
 * without memory.
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

/* Give the place of one who has no record to another. */
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
 * po_log_users_get() - a user of a log
 * @users: users of a log
 * @payer: the user
 * @new: what po_log_user_new() returned; set to NULL if it was taken
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
 * po_log_users_add() - a record was added
 * @users: users of a log
 * @rej: the newest record, which has its user
 * @bytes: memory that it takes
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
 * po_log_users_remove() - a record was dropped
 * @users: users of a log
 * @rej: record
 * @bytes: memory that it takes
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
 * po_log_users_victim() - what has to go for a new record
 * @users: users of a log that has records
 * @user: who wants to add one
 * @bytes: memory that it takes, if that is what there is too little of; else 0,
 *	and there are too many records
 *
 * Context: under the lock of the log.
 * Return: the oldest record of who would have most then.
 */
struct po_reject *po_log_users_victim(const struct po_log_users *users,
				      const struct po_log_user *user,
				      size_t bytes)
{
	const struct po_log_user *one, *most = NULL;
	size_t has, max = 0;

	list_for_each_entry(one, &users->list, node) {
		if (!one->kept)
			continue;
		has = bytes ? one->bytes : one->kept;
		if (one == user)
			has += bytes ?: 1;
		if (has > max || (has == max && one == user)) {
			most = one;
			max = has;
		}
	}

	return list_first_entry(&most->records, struct po_reject, in_user);
}

/**
 * po_log_users_dropped() - refusals of a user whose record was dropped
 * @users: users of a log
 * @payer: the user
 *
 * Context: under the lock of the log.
 * Return: how many, as far as the user is remembered.
 */
u64 po_log_users_dropped(const struct po_log_users *users, kuid_t payer)
{
	const struct po_log_user *user = po_log_users_find(users, payer);

	return user ? user->dropped : 0;
}
