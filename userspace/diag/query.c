// SPDX-License-Identifier: GPL-2.0
/*
 * sock_diag dumps. A request names one protocol and one family, so there is one
 * dump for each; a protocol that the kernel lacks has no sockets. Only the old
 * request for TCP returns both families, having read the connections once.
 */

#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/utsname.h>
#include <netlink/msg.h>

#include "diag/query.h"
#include "lib/progress.h"
#include "lib/util.h"
#include "model/enums.h"

/* States of TCP sockets only bound; the latter is TCPF_BOUND_INACTIVE. */
#define BOUND		0x80U
#define BOUND_ONLY	0x2000U

/* Each has its own inet_diag handler. */
static const struct {
	__u16 proto;
	unsigned int wanted_by;
} protos[] = {
	{ IPPROTO_TCP,		FILTER_TCP | FILTER_MPTCP },
	{ IPPROTO_MPTCP,	FILTER_TCP | FILTER_MPTCP },
	{ IPPROTO_UDP,		FILTER_UDP },
	{ IPPROTO_UDPLITE,	FILTER_UDPLITE },
	{ IPPROTO_SCTP,		FILTER_SCTP },
	{ IPPROTO_RAW,		FILTER_RAW },
};

/**
 * diag_lists_bound_tcp() - Does sock_diag list TCP sockets that are only bound?
 *
 * Linux does since 6.8; until there is such a socket, only the version number tells.
 *
 * Return: true if it does.
 */
bool diag_lists_bound_tcp(void)
{
	unsigned int major, minor;
	struct utsname name;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major > 6 || (major == 6 && minor >= 8);
}

/*
 * TCP's table of connections may be long. It has no sockets that are only
 * bound, so those are requested by their own bit, to spare the kernel that
 * table.
 */
static __u32 states_of(__u16 proto, __u32 states)
{
	/* SCTP has its own states, which these bits do not select. */
	if (proto == IPPROTO_SCTP)
		return STATES_ALL;
	if (proto != IPPROTO_TCP || !(states & BOUND))
		return states;
	states &= ~BOUND;
	return diag_lists_bound_tcp() ? states | BOUND_ONLY : states;
}

/*
 * A port range, as a program that the kernel runs for each socket: a port is
 * the second half of the instruction after its comparison.
 */
static void put_range(struct nl_msg *msg, const struct filter *filter)
{
	const int size = sizeof(struct inet_diag_bc_op);
	const struct inet_diag_bc_op program[] = {
		{ INET_DIAG_BC_S_GE, 2 * size, 4 * size + 4 },
		{ INET_DIAG_BC_NOP, 0, filter->port },
		{ INET_DIAG_BC_S_LE, 2 * size, 2 * size + 4 },
		{ INET_DIAG_BC_NOP, 0, filter->port_last },
	};

	nla_put(msg, INET_DIAG_REQ_BYTECODE, sizeof(program), program);
}

/* AF_UNSPEC stands for both families, for TCP only. */
static struct nl_msg *request(__u16 proto, __u16 family,
			      const struct filter *filter)
{
	struct inet_diag_req_v2 req = {
		.sdiag_family = family,
		/* The number of MPTCP is too large for this field. */
		.sdiag_protocol = proto > 255 ? IPPROTO_TCP : proto,
		.idiag_states = states_of(proto, filter->states),
	};
	struct inet_diag_req both = { .idiag_states = req.idiag_states };
	struct nl_msg *msg;
	int err;

	req.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
	req.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
	if (filter->port == filter->port_last)
		req.id.idiag_sport = htons(filter->port);
	both.id = req.id;
	msg = nlmsg_alloc_simple(family ? SOCK_DIAG_BY_FAMILY : TCPDIAG_GETSOCK,
				 NLM_F_DUMP);
	if (!msg)
		exit(complain(STATUS_FAILED, "out of memory"));
	err = family ? nlmsg_append(msg, &req, sizeof(req), NLMSG_ALIGNTO) :
		       nlmsg_append(msg, &both, sizeof(both), NLMSG_ALIGNTO);
	if (err < 0)
		exit(complain(STATUS_FAILED, "out of memory"));
	if (proto > 255)
		nla_put_u32(msg, INET_DIAG_REQ_PROTOCOL, proto);
	if (filter->port_last > filter->port)
		put_range(msg, filter);
	return msg;
}

static int decode(struct nlmsghdr *nlh, void *result)
{
	const struct diag_answer *answer = result;

	progress_count("reading sockets", answer->list->n);
	return diag_decode(nlh, result);
}

static bool is_absent(const struct channel *channel, __u16 family)
{
	/* To the kernel, a request that it does not know is invalid. */
	if (family == AF_UNSPEC && channel->refusal == EINVAL)
		return true;
	return channel->refusal == ENOENT || channel->refusal == EOPNOTSUPP ||
	       channel->refusal == EPROTONOSUPPORT ||
	       channel->refusal == EAFNOSUPPORT;
}

/*
 * A kernel may lack IPv6, other protocols, and the request for both families,
 * but not IPv4 TCP and UDP.
 */
static int absent(struct diag_answer *answer, __u16 family)
{
	__u16 proto = answer->proto;

	if (proto == IPPROTO_RAW)
		answer->absent |= FILTER_RAW;
	if (family != AF_INET ||
	    (proto != IPPROTO_TCP && proto != IPPROTO_UDP))
		return 0;
	return complain(STATUS_FAILED,
			"cannot list sockets: the kernel has no sock_diag for %s",
			proto_name(proto));
}

static int dump(struct channel *channel, struct diag_answer *answer,
		__u16 family)
{
	int err;

	err = channel_exchange(channel,
			       request(answer->proto, family, answer->filter),
			       decode, answer);
	if (err >= 0 && is_absent(channel, family))
		return absent(answer, family);
	/* Sockets come and go; one that stays is not missed. */
	if (err == -NLE_DUMP_INTR)
		err = 0;
	return channel_report(channel, err, "list sockets");
}

static int by_inode(const void *left, const void *right)
{
	return compare(*(const __u64 *)left, *(const __u64 *)right);
}

/*
 * MPTCP subflows are TCP sockets on its ports, which some kernels do not tell
 * every user. They have the inode of the MPTCP socket and stand for it: the
 * sockets of @list from @first on are dropped again.
 */
static void merge_mptcp(struct psock_list *list, size_t first)
{
	size_t i, n = list->n - first;
	__u64 *inodes = xcalloc(n + 1, sizeof(*inodes));

	for (i = 0; i < n; i++)
		inodes[i] = list->v[first + i].inode;
	qsort(inodes, n, sizeof(*inodes), by_inode);
	while (list->n > first)
		psock_list_drop_last(list);
	for (i = 0; i < list->n; i++)
		if (list->v[i].ep.proto == IPPROTO_TCP && list->v[i].inode &&
		    bsearch(&list->v[i].inode, inodes, n, sizeof(*inodes),
			    by_inode))
			list->v[i].ep.proto = IPPROTO_MPTCP;
	free(inodes);
}

static int query_proto(struct channel *channel, struct diag_answer *answer)
{
	bool both = answer->proto == IPPROTO_TCP;
	size_t first = answer->list->n;
	int status = 0;

	if (both) {
		status = dump(channel, answer, AF_UNSPEC);
		both = !channel->refusal;
	}
	if (!status && !both)
		status = dump(channel, answer, AF_INET);
	if (!status && !both)
		status = dump(channel, answer, AF_INET6);
	if (!status && answer->proto == IPPROTO_MPTCP)
		merge_mptcp(answer->list, first);
	return status;
}

/**
 * diag_query() - Add the sockets of the network namespace of a channel.
 * @channel: a NETLINK_SOCK_DIAG socket
 * @answer: gets the sockets
 *
 * Both families are queried, whichever is wanted: a socket of the other one may
 * have the same port.
 *
 * Return: 0 or the exit status.
 */
int diag_query(struct channel *channel, struct diag_answer *answer)
{
	unsigned int wanted = answer->filter->protos;
	int status = 0;
	size_t i;

	answer->absent |= FILTER_ICMP;
	for (i = 0; i < ARRAY_SIZE(protos) && !status; i++) {
		if (wanted && !(wanted & protos[i].wanted_by))
			continue;
		answer->proto = protos[i].proto;
		status = query_proto(channel, answer);
	}
	return status;
}
