/* SPDX-License-Identifier: GPL-2.0 */
/* Which sockets conflict on a port, and by which rule of the kernel. */

#ifndef _PO_CONFLICT_H
#define _PO_CONFLICT_H

#include <linux/bits.h>
#include <linux/types.h>

#include <uapi/linux/portowner.h>

#include "core/core.h"

/* ---- rules.c: whether two sockets conflict ---- */

/**
 * struct po_want - a requested bind, or connection
 * @sock: the requesting socket: address, port, options, user, identity; with a
 *	peer port, it requests a connection from its port to the peer
 * @family: family of the socket; @sock has that of the address, which may
 *	differ
 * @scope: sin6_scope_id of the address, or 0; for a link-local address, all
 *	protocols but SCTP also make it the device of @sock
 * @had_port: the socket already had a port
 * @grouped: the socket is in a reuseport group and can join no other
 * @by_lsm: a security module refused the bind
 * @bpf: a BPF program attached to the cgroup checked the bind
 * @listening: the socket holds the port, and requests it again to listen
 */
struct po_want {
	struct po_sock sock;
	u16 family;
	int scope;
	bool had_port;
	bool grouped;
	bool by_lsm;
	bool bpf;
	bool listening;
};

bool po_is_v4(const struct po_sock *sock);
bool po_is_any(const struct po_sock *sock);
bool po_addr_equal(const struct po_sock *want, const struct po_sock *holder);
bool po_addr_within(const struct po_sock *want, const struct po_sock *fast);
bool po_overlaps(const struct po_want *want, const struct po_sock *holder);
enum portowner_rule po_rule_between(const struct po_want *want,
				    const struct po_sock *holder);

/* ---- share.c: which sockets share a port ---- */

#define PO_STATES_DEFAULT \
	(BIT(PORTOWNER_STATE_BOUND) | BIT(PORTOWNER_STATE_LISTEN))
#define PO_STATES_ALL \
	GENMASK(PORTOWNER_STATE_SHUTDOWN_ACK_SENT, PORTOWNER_STATE_ESTABLISHED)

/* Whether a socket is bound or listening, rather than a connection. */
static inline bool po_holds_port(const struct po_sock *sock)
{
	return BIT(sock->state) & PO_STATES_DEFAULT;
}

int po_share(struct po_snap *snap, bool killable);

/* ---- rule_of_errno.c: which rule an errno stands for ---- */

const struct po_sock *po_main_culprit(const struct po_snap *culprits);
enum portowner_rule po_rule_of_errno(struct net *net, const struct po_want *want,
				     enum portowner_reject_op op, int err,
				     const struct po_snap *culprits);

#endif /* _PO_CONFLICT_H */
