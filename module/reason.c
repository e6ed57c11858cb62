// SPDX-License-Identifier: GPL-2.0
/* From an errno, and the sockets that were in the way, to the rule. */

#include <linux/errno.h>
#include <net/ip.h>

#include "internal.h"

/**
 * po_main_culprit() - the socket to blame first
 * @culprits: sockets that are in the way
 *
 * Context: any.
 * Return: one that listens or is bound rather than a connection, NULL if there
 * is none at all.
 */
const struct po_sock *po_main_culprit(const struct po_snap *culprits)
{
	u32 i;

	for (i = 0; i < culprits->nr; i++)
		if (po_holds_port(po_snap_sock(culprits, i)))
			return po_snap_sock(culprits, i);

	return culprits->nr ? po_snap_sock(culprits, 0) : NULL;
}

static enum portowner_rule po_reason_in_use(const struct po_want *want,
					    const struct po_snap *culprits)
{
	const struct po_sock *culprit = po_main_culprit(culprits);

	if (!want->sock.port)
		return PORTOWNER_RULE_EPHEMERAL_EXHAUSTED;
	/* Gone between the refusal and the search. */
	if (!culprit)
		return PORTOWNER_RULE_ADDRESS_IN_USE;

	return po_rule_between(want, culprit);
}

static enum portowner_rule po_reason_of(struct net *net,
					const struct po_want *want,
					enum portowner_op op, int err,
					const struct po_snap *culprits)
{
	u16 port = want->sock.port;

	if (want->by_lsm)
		return PORTOWNER_RULE_DENIED_BY_LSM;
	/* It fails with EADDRNOTAVAIL or EAGAIN, for want of a port alone. */
	if (op == PORTOWNER_OP_AUTOBIND)
		return PORTOWNER_RULE_EPHEMERAL_EXHAUSTED;

	switch (err) {
	case EADDRINUSE:
		return po_reason_in_use(want, culprits);
	case EADDRNOTAVAIL:
		return PORTOWNER_RULE_ADDRESS_NOT_LOCAL;
	case EACCES:
		if (port && inet_port_requires_bind_service(net, port))
			return PORTOWNER_RULE_PRIVILEGED_PORT;
		return PORTOWNER_RULE_OTHER;
	case EPERM:
		return PORTOWNER_RULE_DENIED_BY_BPF;
	case EINVAL:
		if (op == PORTOWNER_OP_BIND && want->had_port)
			return PORTOWNER_RULE_ALREADY_BOUND;
		return PORTOWNER_RULE_INVALID_ARGUMENT;
	case EAGAIN:
		/* What SCTP says where others say EADDRINUSE. */
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
 * po_reason() - the rule by which a bind is refused
 * @net: namespace
 * @want: the bind
 * @op: what is refused
 * @err: positive errno
 * @culprits: sockets that are in the way
 *
 * Context: any.
 * Return: rule.
 */
enum portowner_rule po_reason(struct net *net, const struct po_want *want,
			      enum portowner_op op, int err,
			      const struct po_snap *culprits)
{
	enum portowner_rule rule = po_reason_of(net, want, op, err, culprits);

	/* From 5.18 on a program may set an errno of its own. */
	if (rule == PORTOWNER_RULE_OTHER && op == PORTOWNER_OP_BIND && want->bpf)
		return PORTOWNER_RULE_DENIED_BY_BPF;

	return rule;
}
