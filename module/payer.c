// SPDX-License-Identifier: GPL-2.0
/*
 * Who is charged for a share of what all users have in common. Users of a user
 * namespace cost nothing to make, so all of them count as the one who made it.
 */

#include <linux/cred.h>
#include <linux/user_namespace.h>

#include "internal.h"

/**
 * po_payer() - the user who is charged for what a task takes
 * @cred: credentials of the task
 *
 * Context: any.
 * Return: the real user; inside user namespaces, who made the outermost one.
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
