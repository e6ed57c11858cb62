/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	docs/netlink/specs/portowner.yaml */
/* YNL-GEN kernel header */
/* YNL-ARG --function-prefix po */
/* To regenerate run: docs/netlink/regen.sh */

#ifndef _LINUX_PORTOWNER_GEN_H
#define _LINUX_PORTOWNER_GEN_H

#include <net/netlink.h>
#include <net/genetlink.h>

#include <uapi/linux/portowner.h>

int po_port_get_start(struct netlink_callback *cb);
int po_bind_check_start(struct netlink_callback *cb);
int po_port_get_done(struct netlink_callback *cb);
int po_reject_get_done(struct netlink_callback *cb);
int po_bind_check_done(struct netlink_callback *cb);

int po_port_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int po_reject_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int po_stats_get_doit(struct sk_buff *skb, struct genl_info *info);
int po_bind_check_dumpit(struct sk_buff *skb, struct netlink_callback *cb);
int po_trace_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb);

enum {
	PORTOWNER_NLGRP_REJECTS,
	PORTOWNER_NLGRP_CALLS,
};

extern struct genl_family portowner_nl_family;

#endif /* _LINUX_PORTOWNER_GEN_H */
