// SPDX-License-Identifier: GPL-2.0
/* Traced calls from netlink attributes. See decode_socket.c. */

#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>

#include "netlink/attr.h"
#include "netlink/decode.h"
#include "netlink/decode_priv.h"

static const struct nla_policy call_policy[PORTOWNER_A_CALL_MAX + 1] = {
	[PORTOWNER_A_CALL_SEQ]		= { .type = NLA_U64 },
	[PORTOWNER_A_CALL_TIME]		= { .type = NLA_U64 },
	[PORTOWNER_A_CALL_BOOTTIME]	= { .type = NLA_U64 },
	[PORTOWNER_A_CALL_OP]		= { .type = NLA_U32 },
	[PORTOWNER_A_CALL_ERRNO]	= { .type = NLA_U32 },
	[PORTOWNER_A_CALL_FAMILY]	= { .type = NLA_U16 },
	[PORTOWNER_A_CALL_PROTO]	= { .type = NLA_U16 },
	[PORTOWNER_A_CALL_ADDR]		= { .type = NLA_UNSPEC },
	[PORTOWNER_A_CALL_PORT]		= { .type = NLA_U16 },
	[PORTOWNER_A_CALL_BOUND_PORT]	= { .type = NLA_U16 },
	[PORTOWNER_A_CALL_IFINDEX]	= { .type = NLA_U32 },
	[PORTOWNER_A_CALL_DEV]		= { .type = NLA_STRING },
	[PORTOWNER_A_CALL_NETNS]	= { .type = NLA_U32 },
	[PORTOWNER_A_CALL_FLAGS]	= { .type = NLA_U32 },
	[PORTOWNER_A_CALL_PID]		= { .type = NLA_U32 },
	[PORTOWNER_A_CALL_COMM]		= { .type = NLA_STRING },
	[PORTOWNER_A_CALL_UID]		= { .type = NLA_U32 },
	[PORTOWNER_A_CALL_EXE]		= { .type = NLA_STRING },
	[PORTOWNER_A_CALL_CGROUP]	= { .type = NLA_STRING },
};

static int decode_head(struct reject *call, struct nlattr **tb)
{
	struct nlattr *addr = tb[PORTOWNER_A_CALL_ADDR];

	if (!tb[PORTOWNER_A_CALL_TIME] || !tb[PORTOWNER_A_CALL_ERRNO] ||
	    !tb[PORTOWNER_A_CALL_PROTO])
		return -NLE_MISSING_ATTR;
	call->seq = get_u64(tb[PORTOWNER_A_CALL_SEQ]);
	call->time_ns = get_u64(tb[PORTOWNER_A_CALL_TIME]);
	call->first_time_ns = call->time_ns;
	call->boot_ns = get_u64(tb[PORTOWNER_A_CALL_BOOTTIME]);
	call->first_boot_ns = call->boot_ns;
	call->count = 1;
	call->fresh = 1;
	call->op = get_u32(tb[PORTOWNER_A_CALL_OP]);
	call->err = get_u32(tb[PORTOWNER_A_CALL_ERRNO]);
	call->family = get_u16(tb[PORTOWNER_A_CALL_FAMILY]);
	call->ep.family = decode_addr_family(addr);
	call->ep.proto = get_u16(tb[PORTOWNER_A_CALL_PROTO]);
	call->ep.port = get_u16(tb[PORTOWNER_A_CALL_PORT]);
	call->ep.flags = get_u32(tb[PORTOWNER_A_CALL_FLAGS]);
	call->ep.dev = decode_dev(tb[PORTOWNER_A_CALL_DEV],
				  tb[PORTOWNER_A_CALL_IFINDEX]);
	call->bound_port = get_u16(tb[PORTOWNER_A_CALL_BOUND_PORT]);
	call->netns = get_u32(tb[PORTOWNER_A_CALL_NETNS]);
	call->pid = get_u32(tb[PORTOWNER_A_CALL_PID]);
	call->uid = get_u32(tb[PORTOWNER_A_CALL_UID]);
	call->comm = decode_string(tb[PORTOWNER_A_CALL_COMM]);
	call->exe = decode_string(tb[PORTOWNER_A_CALL_EXE]);
	call->cgroup = decode_string(tb[PORTOWNER_A_CALL_CGROUP]);
	return decode_addr(&call->ep, addr);
}

/**
 * decode_call() - Decode a message of the trace-get dump.
 * @nlh: the message
 * @list: the call is added here
 * @end: set by the last message to the number of the last call that the answer
 *	covers
 *
 * Return: 0, or a negative libnl error.
 */
int decode_call(struct nlmsghdr *nlh, struct reject_list *list, __u64 *end)
{
	struct nlattr *tb[PORTOWNER_A_CALL_MAX + 1];
	int err;

	err = genlmsg_parse(nlh, 0, tb, PORTOWNER_A_CALL_MAX, call_policy);
	if (err < 0)
		return err;
	/* The answer follows. */
	if (!genlmsg_attrlen(nlmsg_data(nlh), 0))
		return 0;
	if (!tb[PORTOWNER_A_CALL_SEQ])
		return -NLE_MISSING_ATTR;
	if (tb[PORTOWNER_A_CALL_OP])
		return decode_head(reject_list_add(list), tb);
	*end = get_u64(tb[PORTOWNER_A_CALL_SEQ]);
	return 0;
}
