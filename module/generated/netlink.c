// SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause)
/* Do not edit directly, auto-generated from: */
/*	docs/netlink/specs/portowner.yaml */
/* YNL-GEN kernel source */
/* YNL-ARG --function-prefix po */
/* To regenerate run: docs/netlink/regen.sh */

#include <net/netlink.h>
#include <net/genetlink.h>

#include "netlink.h"

#include <uapi/linux/portowner.h>

/* PORTOWNER_CMD_PORT_GET - dump */
static const struct nla_policy portowner_port_get_nl_policy[PORTOWNER_A_PORT_ACCEPT_COMPACT + 1] = {
	[PORTOWNER_A_PORT_FAMILY] = NLA_POLICY_RANGE(NLA_U16, 2, 10),
	[PORTOWNER_A_PORT_PROTO] = NLA_POLICY_RANGE(NLA_U16, 1, 262),
	[PORTOWNER_A_PORT_PORT] = NLA_POLICY_MIN(NLA_U16, 1),
	[PORTOWNER_A_PORT_PORT_LAST] = NLA_POLICY_MIN(NLA_U16, 1),
	[PORTOWNER_A_PORT_STATES] = NLA_POLICY_MASK(NLA_U32, 0xfffe),
	[PORTOWNER_A_PORT_ALL_NETNS] = { .type = NLA_FLAG, },
	[PORTOWNER_A_PORT_ACCEPT_COMPACT] = { .type = NLA_FLAG, },
};

/* PORTOWNER_CMD_REJECT_GET - dump */
static const struct nla_policy portowner_reject_get_nl_policy[PORTOWNER_A_REJECT_SINCE_ALL + 1] = {
	[PORTOWNER_A_REJECT_SINCE] = { .type = NLA_U64, },
	[PORTOWNER_A_REJECT_ANCESTOR] = { .type = NLA_U32, },
	[PORTOWNER_A_REJECT_ALL_NETNS] = { .type = NLA_FLAG, },
	[PORTOWNER_A_REJECT_SINCE_ALL] = { .type = NLA_U64, },
};

/* PORTOWNER_CMD_BIND_CHECK - dump */
static const struct nla_policy portowner_bind_check_nl_policy[PORTOWNER_A_CHECK_LISTEN + 1] = {
	[PORTOWNER_A_CHECK_FAMILY] = NLA_POLICY_RANGE(NLA_U16, 2, 10),
	[PORTOWNER_A_CHECK_PROTO] = NLA_POLICY_RANGE(NLA_U16, 1, 262),
	[PORTOWNER_A_CHECK_ADDR] = { .type = NLA_BINARY, },
	[PORTOWNER_A_CHECK_PORT] = { .type = NLA_U16, },
	[PORTOWNER_A_CHECK_IFINDEX] = { .type = NLA_U32, },
	[PORTOWNER_A_CHECK_SCOPE] = { .type = NLA_U32, },
	[PORTOWNER_A_CHECK_FLAGS] = NLA_POLICY_MASK(NLA_U32, 0x3f),
	[PORTOWNER_A_CHECK_UID] = { .type = NLA_U32, },
	[PORTOWNER_A_CHECK_LISTEN] = { .type = NLA_FLAG, },
};

/* PORTOWNER_CMD_TRACE_GET - dump */
static const struct nla_policy portowner_trace_get_nl_policy[PORTOWNER_A_CALL_ALL_NETNS + 1] = {
	[PORTOWNER_A_CALL_SINCE] = { .type = NLA_U64, },
	[PORTOWNER_A_CALL_ALL_NETNS] = { .type = NLA_FLAG, },
};

/* Ops table for portowner */
static const struct genl_split_ops portowner_nl_ops[] = {
	{
		.cmd		= PORTOWNER_CMD_PORT_GET,
		.start		= po_port_get_start,
		.dumpit		= po_port_get_dumpit,
		.done		= po_port_get_done,
		.policy		= portowner_port_get_nl_policy,
		.maxattr	= PORTOWNER_A_PORT_ACCEPT_COMPACT,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= PORTOWNER_CMD_REJECT_GET,
		.dumpit		= po_reject_get_dumpit,
		.done		= po_reject_get_done,
		.policy		= portowner_reject_get_nl_policy,
		.maxattr	= PORTOWNER_A_REJECT_SINCE_ALL,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd	= PORTOWNER_CMD_STATS_GET,
		.doit	= po_stats_get_doit,
		.flags	= GENL_CMD_CAP_DO,
	},
	{
		.cmd		= PORTOWNER_CMD_BIND_CHECK,
		.start		= po_bind_check_start,
		.dumpit		= po_bind_check_dumpit,
		.done		= po_bind_check_done,
		.policy		= portowner_bind_check_nl_policy,
		.maxattr	= PORTOWNER_A_CHECK_LISTEN,
		.flags		= GENL_CMD_CAP_DUMP,
	},
	{
		.cmd		= PORTOWNER_CMD_TRACE_GET,
		.dumpit		= po_trace_get_dumpit,
		.policy		= portowner_trace_get_nl_policy,
		.maxattr	= PORTOWNER_A_CALL_ALL_NETNS,
		.flags		= GENL_UNS_ADMIN_PERM | GENL_CMD_CAP_DUMP,
	},
};

static const struct genl_multicast_group portowner_nl_mcgrps[] = {
	[PORTOWNER_NLGRP_REJECTS] = { "rejects", },
	[PORTOWNER_NLGRP_CALLS] = { "calls", },
};

struct genl_family portowner_nl_family __ro_after_init = {
	.name		= PORTOWNER_FAMILY_NAME,
	.version	= PORTOWNER_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.split_ops	= portowner_nl_ops,
	.n_split_ops	= ARRAY_SIZE(portowner_nl_ops),
	.mcgrps		= portowner_nl_mcgrps,
	.n_mcgrps	= ARRAY_SIZE(portowner_nl_mcgrps),
};
