// SPDX-License-Identifier: GPL-2.0
/* Derive the rule of a refusal from its errno and the conflicting sockets. */

#include <linux/errno.h>
#include <net/ip.h>

#include "conflict/conflict.h"
#include "core/core.h"

/**
 * po_main_culprit() - get the socket to blame first
 * @culprits: sockets that conflict with the bind
 *
 * Context: any.
 * Return: the first listening or bound socket, else the first connection, NULL
 * if there are no culprits.
 */
const struct po_sock *po_main_culprit(const struct po_snap *culprits)
{
	u32 i;

	for (i = 0; i < culprits->nr; i++)
		if (po_holds_port(po_snap_sock(culprits, i)))
			return po_snap_sock(culprits, i);

	return culprits->nr ? po_snap_sock(culprits, 0) : NULL;
}

/* Other protocols, such as L2TP over IP, may use port 0 differently. */
static bool po_has_range(const struct po_sock *sock)
{
	switch (sock->proto) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
	case IPPROTO_SCTP:
	case IPPROTO_ICMP:
		return true;
	default:
		return false;
	}
}

static enum portowner_rule po_rule_of_culprit(const struct po_want *want,
					      const struct po_snap *culprits)
{
	const struct po_sock *culprit = po_main_culprit(culprits);

	if (!want->sock.port && po_has_range(&want->sock))
		return PORTOWNER_RULE_EPHEMERAL_EXHAUSTED;
	/* The culprit was closed between the refusal and the search. */
	if (!culprit)
		return PORTOWNER_RULE_ADDRESS_IN_USE;

	return po_rule_between(want, culprit);
}

static enum portowner_rule po_rule_of_request(struct net *net,
					      const struct po_want *want,
					      enum portowner_reject_op op, int err,
					      const struct po_snap *culprits)
{
	u16 port = want->sock.port;

	if (want->by_lsm)
		return PORTOWNER_RULE_DENIED_BY_LSM;
	if (op == PORTOWNER_REJECT_OP_AUTOBIND && want->sock.peer_port)
		return po_rule_of_culprit(want, culprits);
	/* EADDRNOTAVAIL or EAGAIN: autobind fails only for lack of a port. */
	if (op == PORTOWNER_REJECT_OP_AUTOBIND)
		return PORTOWNER_RULE_EPHEMERAL_EXHAUSTED;

	switch (err) {
	case EADDRINUSE:
		return po_rule_of_culprit(want, culprits);
	case EADDRNOTAVAIL:
		return PORTOWNER_RULE_ADDRESS_NOT_LOCAL;
	case EACCES:
		if (port && inet_port_requires_bind_service(net, port))
			return PORTOWNER_RULE_PRIVILEGED_PORT;
		return PORTOWNER_RULE_OTHER;
	case EPERM:
		return PORTOWNER_RULE_DENIED_BY_BPF;
	case EINVAL:
		if (op == PORTOWNER_REJECT_OP_BIND && want->had_port)
			return PORTOWNER_RULE_ALREADY_BOUND;
		return PORTOWNER_RULE_INVALID_ARGUMENT;
	case EAGAIN:
		/* From listen() of SCTP; other protocols return EADDRINUSE. */
		return port ? PORTOWNER_RULE_OTHER :
			      PORTOWNER_RULE_EPHEMERAL_EXHAUSTED;
	case EAFNOSUPPORT:
	case ENODEV:
		return PORTOWNER_RULE_INVALID_ARGUMENT;
	default:
		return PORTOWNER_RULE_OTHER;
	}
}

/**
 * po_rule_of_errno() - get the rule by which an operation was refused
 * @net: namespace
 * @want: the bind
 * @op: operation
 * @err: positive errno
 * @culprits: sockets that conflict with the bind
 *
 * Context: any.
 * Return: rule.
 */
enum portowner_rule po_rule_of_errno(struct net *net, const struct po_want *want,
				     enum portowner_reject_op op, int err,
				     const struct po_snap *culprits)
{
	enum portowner_rule rule =
		po_rule_of_request(net, want, op, err, culprits);

	/* From Linux 5.18 on a BPF program may choose the errno. */
	if (rule == PORTOWNER_RULE_OTHER && op == PORTOWNER_REJECT_OP_BIND && want->bpf)
		return PORTOWNER_RULE_DENIED_BY_BPF;

	return rule;
}
