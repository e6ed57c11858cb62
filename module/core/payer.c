// SPDX-License-Identifier: GPL-2.0
/*
 * Which user is charged for resources that all users share. The creator of a
 * user namespace can have any number of uids in it, so they all count as one
 * user: the creator. A container engine run by root makes namespaces for others,
 * who must not use up root's own share: there, the root of the namespace pays, or
 * if there is none, the first user that is mapped.
 */

#include <linux/cred.h>
#include <linux/sched.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>

#include "core/core.h"

/* The root of a namespace, or if that is not mapped, the first user who is. */
static kuid_t po_first_uid(struct user_namespace *ns)
{
	const struct uid_gid_map *map = &ns->uid_map;
	const struct uid_gid_extent *extents = map->extent;
	kuid_t root = make_kuid(ns, 0);
	u32 nr;

	if (uid_valid(root))
		return root;

	/* The kernel writes it once, the number of extents last. */
	nr = smp_load_acquire(&map->nr_extents);
	if (nr > UID_GID_MAP_MAX_BASE_EXTENTS)
		extents = map->forward;

	/* Without a map, only its owner can be in it. */
	return nr ? make_kuid(ns, extents->first) : ns->owner;
}

/* The owner of the outermost namespace below the initial one; see above. */
static kuid_t po_payer_in(struct user_namespace *ns)
{
	while (ns->parent != &init_user_ns)
		ns = ns->parent;

	return uid_eq(ns->owner, GLOBAL_ROOT_UID) ? po_first_uid(ns) : ns->owner;
}

/**
 * po_payer() - get the user who is charged for the resources a task takes
 * @cred: credentials of the task
 *
 * Context: any.
 * Return: the real user in the initial user namespace; elsewhere the owner of
 * the outermost user namespace below the initial one, or its root if the owner
 * is root, or its first user if it has no root.
 */
kuid_t po_payer(const struct cred *cred)
{
	if (cred->user_ns == &init_user_ns)
		return cred->uid;

	return po_payer_in(cred->user_ns);
}

/**
 * po_payer_net() - get the user who is charged for what a network namespace takes
 * @net: namespace
 *
 * Context: any.
 * Return: as po_payer(); root for namespaces of the initial user namespace.
 */
kuid_t po_payer_net(const struct net *net)
{
	return net->user_ns == &init_user_ns ? GLOBAL_ROOT_UID :
					       po_payer_in(net->user_ns);
}

/**
 * po_payer_current() - get the user who is charged for a call of this task
 * @net: network namespace of the socket
 *
 * Kernel threads act for others: MPTCP binds subflows in a work item, as root.
 * They are charged to the user of the network namespace.
 *
 * Context: any; the task that makes the call.
 * Return: as po_payer().
 */
kuid_t po_payer_current(const struct net *net)
{
	if (current->flags & PF_KTHREAD && net->user_ns != &init_user_ns)
		return po_payer_in(net->user_ns);

	return po_payer(current_cred());
}
