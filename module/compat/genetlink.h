/* SPDX-License-Identifier: GPL-2.0 */
/* Operations, multicast groups and dumps of generic netlink. */

#ifndef _PO_COMPAT_GENETLINK_H
#define _PO_COMPAT_GENETLINK_H

#include <net/genetlink.h>

/* Before 6.2 there are no split ops; genl_ops has all members that we use. */
#ifndef PO_HAS_GENL_SPLIT_OPS
#define genl_split_ops	genl_ops
#define split_ops	ops
#define n_split_ops	n_ops
#endif

/* Before the flags there was a single bit, for CAP_SYS_ADMIN. */
#ifdef GENL_MCAST_CAP_NET_ADMIN
#define PO_MCGRP_NET_ADMIN	.flags = GENL_MCAST_CAP_NET_ADMIN
#else
#define PO_MCGRP_NET_ADMIN	.cap_sys_admin = 1
#endif

/* In 6.7 the parsed attributes of a dump moved into struct genl_info. */
static inline struct nlattr **po_dump_attrs(struct netlink_callback *cb)
{
#ifndef PO_HAS_GENL_INFO_DUMP
	return genl_dumpit_info(cb)->attrs;
#else
	return genl_info_dump(cb)->attrs;
#endif
}

#endif /* _PO_COMPAT_GENETLINK_H */
