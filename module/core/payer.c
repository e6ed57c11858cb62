// SPDX-License-Identifier: GPL-2.0
/*
 * Which user is charged for resources that all users share. The creator of a
 * user namespace can have any number of uids in it, so they all count as one
 * user: the creator.
 */

#include <linux/cred.h>
#include <linux/user_namespace.h>

#include "core/core.h"

/**
 * po_payer() - get the user who is charged for the resources a task takes
 * @cred: credentials of the task
 *
 * Context: any.
 * Return: the real user in the initial user namespace; elsewhere the owner of
 * the outermost user namespace below the initial one.
 */
kuid_t po_payer(const struct cred *cred)
{
	const struct user_namespace *ns = cred->user_ns;

	if (ns == &init_user_ns)
		return cred->uid;

	while (ns->parent != &init_user_ns)
		ns = ns->parent;

	return ns->owner;
}
