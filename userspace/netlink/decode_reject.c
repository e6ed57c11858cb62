// SPDX-License-Identifier: GPL-2.0
/* Refused binds from netlink attributes. See decode_socket.c. */

#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>

#include "netlink/attr.h"
#include "netlink/decode.h"
#include "netlink/decode_priv.h"

static const struct nla_policy reject_policy[PORTOWNER_A_REJECT_MAX + 1] = {
	[PORTOWNER_A_REJECT_SEQ]	= { .type = NLA_U64 },
	[PORTOWNER_A_REJECT_TIME]	= { .type = NLA_U64 },
	[PORTOWNER_A_REJECT_OP]		= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_ERRNO]	= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_FAMILY]	= { .type = NLA_U16 },
	[PORTOWNER_A_REJECT_PROTO]	= { .type = NLA_U16 },
	[PORTOWNER_A_REJECT_ADDR]	= { .type = NLA_UNSPEC },
	[PORTOWNER_A_REJECT_PORT]	= { .type = NLA_U16 },
	[PORTOWNER_A_REJECT_IFINDEX]	= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_DEV]	= { .type = NLA_STRING },
	[PORTOWNER_A_REJECT_NETNS]	= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_FLAGS]	= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_PID]	= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_COMM]	= { .type = NLA_STRING },
	[PORTOWNER_A_REJECT_EXE]	= { .type = NLA_STRING },
	[PORTOWNER_A_REJECT_UID]	= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_CGROUP]	= { .type = NLA_STRING },
	[PORTOWNER_A_REJECT_RULE]	= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_CULPRIT]	= { .type = NLA_NESTED },
	[PORTOWNER_A_REJECT_MORE]	= { .type = NLA_FLAG },
	[PORTOWNER_A_REJECT_RANGE]	= { .type = NLA_NESTED },
	[PORTOWNER_A_REJECT_COUNT]	= { .type = NLA_U64 },
	[PORTOWNER_A_REJECT_FIRST_TIME]	= { .type = NLA_U64 },
	[PORTOWNER_A_REJECT_REASON]	= { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_REASON_DEV]	= { .type = NLA_STRING },
	[PORTOWNER_A_REJECT_REASON_NETNS] = { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_BPF_PROG_ID] = { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_BPF_PROG_NAME] = { .type = NLA_STRING },
	[PORTOWNER_A_REJECT_PEER_ADDR]	= { .type = NLA_UNSPEC },
	[PORTOWNER_A_REJECT_PEER_PORT]	= { .type = NLA_U16 },
	[PORTOWNER_A_REJECT_CALLER_FLAGS] = { .type = NLA_U32 },
	[PORTOWNER_A_REJECT_BOOTTIME]	= { .type = NLA_U64 },
	[PORTOWNER_A_REJECT_FIRST_BOOTTIME] = { .type = NLA_U64 },
	[PORTOWNER_A_REJECT_SEQ_ALL]	= { .type = NLA_U64 },
};

/* Without a count, it is 1. */
static void decode_count(struct reject *reject, struct nlattr **tb)
{
	reject->count = tb[PORTOWNER_A_REJECT_COUNT] ?
			get_u64(tb[PORTOWNER_A_REJECT_COUNT]) : 1;
	reject->fresh = reject->count;
	reject->first_time_ns = tb[PORTOWNER_A_REJECT_FIRST_TIME] ?
				get_u64(tb[PORTOWNER_A_REJECT_FIRST_TIME]) :
				reject->time_ns;
}

/* Details besides the rule. */
static int decode_reason(struct reject *reject, struct nlattr **tb)
{
	reject->reason = get_u32(tb[PORTOWNER_A_REJECT_REASON]);
	reject->reason_dev = decode_string(tb[PORTOWNER_A_REJECT_REASON_DEV]);
	reject->reason_netns = get_u32(tb[PORTOWNER_A_REJECT_REASON_NETNS]);
	reject->prog_id = get_u32(tb[PORTOWNER_A_REJECT_BPF_PROG_ID]);
	reject->prog_name = decode_string(tb[PORTOWNER_A_REJECT_BPF_PROG_NAME]);
	reject->caller_flags = get_u32(tb[PORTOWNER_A_REJECT_CALLER_FLAGS]);
	reject->peer_port = get_u16(tb[PORTOWNER_A_REJECT_PEER_PORT]);
	return reject->peer_port ? decode_peer(reject->ep.family,
					       tb[PORTOWNER_A_REJECT_PEER_ADDR],
					       reject->peer_addr) : 0;
}

static int decode_reject_head(struct reject *reject, struct nlattr **tb)
{
	int err;

	if (!tb[PORTOWNER_A_REJECT_TIME] || !tb[PORTOWNER_A_REJECT_ERRNO] ||
	    !tb[PORTOWNER_A_REJECT_PROTO])
		return -NLE_MISSING_ATTR;
	reject->seq = get_u64(tb[PORTOWNER_A_REJECT_SEQ]);
	reject->time_ns = get_u64(tb[PORTOWNER_A_REJECT_TIME]);
	reject->boot_ns = get_u64(tb[PORTOWNER_A_REJECT_BOOTTIME]);
	reject->first_boot_ns = get_u64(tb[PORTOWNER_A_REJECT_FIRST_BOOTTIME]);
	decode_count(reject, tb);
	reject->op = get_u32(tb[PORTOWNER_A_REJECT_OP]);
	reject->err = get_u32(tb[PORTOWNER_A_REJECT_ERRNO]);
	reject->family = get_u16(tb[PORTOWNER_A_REJECT_FAMILY]);
	reject->ep.family = decode_addr_family(tb[PORTOWNER_A_REJECT_ADDR]);
	reject->ep.proto = get_u16(tb[PORTOWNER_A_REJECT_PROTO]);
	reject->ep.port = get_u16(tb[PORTOWNER_A_REJECT_PORT]);
	reject->ep.flags = get_u32(tb[PORTOWNER_A_REJECT_FLAGS]);
	reject->ep.dev = decode_dev(tb[PORTOWNER_A_REJECT_DEV],
				    tb[PORTOWNER_A_REJECT_IFINDEX]);
	reject->netns = get_u32(tb[PORTOWNER_A_REJECT_NETNS]);
	reject->pid = get_u32(tb[PORTOWNER_A_REJECT_PID]);
	reject->uid = get_u32(tb[PORTOWNER_A_REJECT_UID]);
	reject->comm = decode_string(tb[PORTOWNER_A_REJECT_COMM]);
	reject->exe = decode_string(tb[PORTOWNER_A_REJECT_EXE]);
	reject->cgroup = decode_string(tb[PORTOWNER_A_REJECT_CGROUP]);
	reject->rule = get_u32(tb[PORTOWNER_A_REJECT_RULE]);
	reject->culprits_incomplete = tb[PORTOWNER_A_REJECT_CULPRITS_INCOMPLETE];
	err = decode_reason(reject, tb);
	if (err < 0)
		return err;
	err = decode_range(tb[PORTOWNER_A_REJECT_RANGE], &reject->range);
	if (err < 0)
		return err;
	return decode_addr(&reject->ep, tb[PORTOWNER_A_REJECT_ADDR]);
}

static int decode_culprits(struct reject *reject, struct nlmsghdr *nlh)
{
	struct genlmsghdr *ghdr = genlmsg_hdr(nlh);
	struct nlattr *attr;
	int err, left;

	nla_for_each_attr(attr, genlmsg_attrdata(ghdr, 0),
			  genlmsg_attrlen(ghdr, 0), left) {
		if (nla_type(attr) != PORTOWNER_A_REJECT_CULPRIT)
			continue;
		err = decode_socket(&reject->culprits, attr);
		if (err < 0)
			return err;
	}
	return 0;
}

/**
 * decode_reject() - Decode a message of the reject-get dump.
 * @nlh: the message
 * @list: its reject is added here, or its culprits to the last reject here
 *
 * Return: 0, or a negative libnl error.
 */
int decode_reject(struct nlmsghdr *nlh, struct reject_list *list)
{
	struct nlattr *tb[PORTOWNER_A_REJECT_MAX + 1];
	struct reject *last = list->n ? &list->v[list->n - 1] : NULL;
	int err;

	err = genlmsg_parse(nlh, 0, tb, PORTOWNER_A_REJECT_MAX, reject_policy);
	if (err < 0)
		return err;
	/* The answer follows. */
	if (!genlmsg_attrlen(nlmsg_data(nlh), 0))
		return 0;
	if (tb[PORTOWNER_A_REJECT_SEQ_ALL]) {
		list->seq_all = get_u64(tb[PORTOWNER_A_REJECT_SEQ_ALL]);
		return 0;
	}
	if (!tb[PORTOWNER_A_REJECT_SEQ])
		return -NLE_MISSING_ATTR;
	if (!last || !last->more ||
	    last->seq != nla_get_u64(tb[PORTOWNER_A_REJECT_SEQ])) {
		last = reject_list_add(list);
		err = decode_reject_head(last, tb);
		if (err < 0)
			return err;
	}
	last->more = tb[PORTOWNER_A_REJECT_MORE];
	return decode_culprits(last, nlh);
}
