// SPDX-License-Identifier: GPL-2.0
/*
 * Which socket is in the way of which bind, as inet_csk_bind_conflict() and
 * udp_lib_lport_inuse() decide it.
 */

#include <net/ipv6.h>

#include "internal.h"

static bool po_is_v4(const struct po_sock *sock)
{
	return sock->family == AF_INET || ipv6_addr_v4mapped(&sock->addr);
}

/**
 * po_is_any() - whether a socket has the wildcard address
 * @sock: socket
 *
 * Context: any.
 * Return: true for that of its family; ::ffff:0.0.0.0 is that of IPv4.
 */
bool po_is_any(const struct po_sock *sock)
{
	if (po_is_v4(sock))
		return !sock->addr.s6_addr32[3];

	return ipv6_addr_any(&sock->addr);
}

/* An IPv6 wildcard that takes IPv4 as well. */
static bool po_is_dual(const struct po_sock *sock)
{
	return !po_is_v4(sock) && po_is_any(sock) &&
	       !(sock->flags & PORTOWNER_SOCK_FLAG_V6ONLY);
}

/* The rule by which two addresses overlap; OTHER if they don't. */
static enum portowner_rule po_addr_rule(const struct po_sock *a,
					const struct po_sock *b)
{
	if (po_is_v4(a) != po_is_v4(b)) {
		if (po_is_dual(a) || po_is_dual(b))
			return PORTOWNER_RULE_DUAL_STACK_COVERS;
		/* A connected IPv6 socket also counts as having 127.0.0.6. */
		if (a->family == AF_INET && po_is_any(a) &&
		    !(b->flags & PORTOWNER_SOCK_FLAG_V6ONLY))
			return PORTOWNER_RULE_WILDCARD_COVERS;
		return PORTOWNER_RULE_OTHER;
	}
	if (po_is_any(a) && po_is_any(b))
		return PORTOWNER_RULE_ADDRESS_IN_USE;
	if (po_is_any(a) || po_is_any(b))
		return PORTOWNER_RULE_WILDCARD_COVERS;
	if (ipv6_addr_equal(&a->addr, &b->addr))
		return PORTOWNER_RULE_ADDRESS_IN_USE;

	return PORTOWNER_RULE_OTHER;
}

static bool po_dev_compatible(const struct po_sock *a, const struct po_sock *b)
{
	return !a->ifindex || !b->ifindex || a->ifindex == b->ifindex;
}

/**
 * po_overlap() - whether packets could be for either of two sockets
 * @a: socket
 * @b: another socket with the same protocol, port and network namespace
 *
 * Context: any.
 * Return: true if addresses and devices overlap.
 */
bool po_overlap(const struct po_sock *a, const struct po_sock *b)
{
	return po_dev_compatible(a, b) &&
	       po_addr_rule(a, b) != PORTOWNER_RULE_OTHER;
}

static bool po_both(const struct po_sock *a, const struct po_sock *b, u8 flag)
{
	return a->flags & b->flags & flag;
}

/* Whether options make the kernel tolerate an overlap; why not, if set. */
static bool po_may_share(const struct po_want *want,
			 const struct po_sock *holder,
			 enum portowner_rule *why)
{
	bool listens = holder->state == PORTOWNER_STATE_LISTEN;

	if (po_both(&want->sock, holder, PORTOWNER_SOCK_FLAG_REUSEPORT)) {
		/* In time-wait there is no user to differ. */
		if (!uid_valid(holder->conflict_uid) ||
		    uid_eq(want->sock.conflict_uid, holder->conflict_uid))
			return true;
		*why = PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	}
	if (po_both(&want->sock, holder, PORTOWNER_SOCK_FLAG_REUSEADDR)) {
		/* UDP does not ask for users or states. */
		if (po_transport(&want->sock) != IPPROTO_TCP || !listens)
			return true;
		*why = PORTOWNER_RULE_REUSEADDR_HOLDER_LISTENING;
	}

	return false;
}

/**
 * po_rule_between() - why a socket is in the way of a bind
 * @want: the bind
 * @holder: a socket with the same protocol, port and network namespace
 *
 * Context: any.
 * Return: the rule, or PORTOWNER_RULE_OTHER if @holder is not in the way.
 */
enum portowner_rule po_rule_between(const struct po_want *want,
				    const struct po_sock *holder)
{
	enum portowner_rule rule, why = PORTOWNER_RULE_OTHER;

	if (holder->sk == want->sock.sk ||
	    !po_dev_compatible(&want->sock, holder))
		return PORTOWNER_RULE_OTHER;
	if (po_transport(holder) == IPPROTO_TCP &&
	    holder->l3mdev != want->sock.l3mdev)
		return PORTOWNER_RULE_OTHER;

	rule = po_addr_rule(&want->sock, holder);
	if (rule == PORTOWNER_RULE_OTHER || po_may_share(want, holder, &why))
		return PORTOWNER_RULE_OTHER;
	if (holder->state == PORTOWNER_STATE_TIME_WAIT)
		return PORTOWNER_RULE_TIME_WAIT;

	return why != PORTOWNER_RULE_OTHER ? why : rule;
}
