// SPDX-License-Identifier: GPL-2.0
/*
 * Which socket is in the way of which bind, as inet_csk_bind_conflict() and
 * udp_lib_lport_inuse() decide it for each pair.
 */

#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "internal.h"

/**
 * po_is_v4() - whether a socket has an address of IPv4
 * @sock: socket
 *
 * Context: any.
 * Return: true if it is one, or is mapped.
 */
bool po_is_v4(const struct po_sock *sock)
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

static bool po_v6only(const struct po_sock *sock)
{
	return sock->flags & PORTOWNER_SOCK_FLAG_V6ONLY;
}

/* What the kernel has as the IPv4 address of a socket, whatever its family. */
static __be32 po_v4_addr(const struct po_sock *sock)
{
	if (po_is_v4(sock))
		return sock->addr.s6_addr32[3];

	return po_is_any(sock) ? 0 : LOOPBACK4_IPV6;
}

/* Addresses of which one at least is IPv4, mapped or not. */
static bool po_v4_equal(const struct po_sock *want,
			const struct po_sock *holder)
{
	__be32 a = po_v4_addr(want), b = po_v4_addr(holder);

	return !po_v6only(holder) && (a == b || !a || !b);
}

/**
 * po_addr_equal() - whether packets could be for either of two addresses
 * @want: address, family and v6only of a socket
 * @holder: those of another one
 *
 * As inet_rcv_saddr_equal() with wildcards that match. Of a holder with another
 * address than @want has, it asks no more than whether that is IPv4, and whether
 * it is a wildcard; po_share() counts on that.
 *
 * Context: any.
 * Return: true if they could.
 */
bool po_addr_equal(const struct po_sock *want, const struct po_sock *holder)
{
	if (want->family == AF_INET ||
	    (po_is_v4(want) && po_is_v4(holder)))
		return po_v4_equal(want, holder);
	if (po_is_any(want) && !po_is_v4(want))
		return !(po_v6only(want) && po_is_v4(holder));
	if (po_is_any(holder) && !po_is_v4(holder))
		return !(po_v6only(holder) && po_is_v4(want));

	return holder->family == AF_INET6 &&
	       ipv6_addr_equal(&want->addr, &holder->addr);
}

/*
 * As TCP decides for one address, by the hash of addresses that later kernels
 * have: sockets with that address are asked, and those with a wildcard.
 */
static bool po_addr_hashed(const struct po_sock *want,
			   const struct po_sock *holder)
{
	if (po_v6only(holder) && po_is_v4(want))
		return false;
	if (ipv6_addr_equal(&want->addr, &holder->addr))
		return true;
	if (!po_is_any(holder))
		return false;
	if (!po_is_v4(holder))
		return true;
	/* An oddity of 6.1. */
	if (PO_MISSES_MAPPED_ANY && want->family == AF_INET6 &&
	    holder->hash_family == AF_INET6)
		return false;

	return po_is_v4(want);
}

/* Whether TCP looks for the sockets that are in the way by their address. */
static bool po_uses_hash(const struct po_sock *want)
{
	return PO_HASHES_ADDRS && po_transport(want) == IPPROTO_TCP &&
	       !po_is_any(want);
}

static bool po_l3mdev_differs(const struct po_sock *want,
			      const struct po_sock *holder)
{
	if (po_transport(want) != IPPROTO_TCP)
		return false;

	return want->l3mdev != (po_uses_hash(want) ? holder->hash_l3mdev :
						     holder->l3mdev);
}

/*
 * As sctp_bind_addr_conflict(). Mapped addresses are those of IPv4 there, but
 * not the one of the socket itself as it listens.
 */
static bool po_sctp_conflict(const struct po_want *want,
			     const struct po_sock *holder)
{
	const struct po_sock *sock = &want->sock;
	const struct po_sock *judge = holder->family == AF_INET6 ? holder : sock;
	bool v6 = !po_is_v4(sock) ||
		  (want->listening && sock->family == AF_INET6);

	if (po_v6only(judge) && v6 == po_is_v4(holder))
		return false;

	return (v6 ? ipv6_addr_any(&sock->addr) : po_is_any(sock)) ||
	       po_is_any(holder) ||
	       ipv6_addr_equal(&sock->addr, &holder->addr);
}

/* Whether the kernel finds that two addresses overlap. */
static bool po_addr_conflict(const struct po_want *want,
			     const struct po_sock *holder)
{
	if (want->sock.proto == IPPROTO_SCTP)
		return po_sctp_conflict(want, holder);
	if (po_uses_hash(&want->sock))
		return po_addr_hashed(&want->sock, holder);

	return po_addr_equal(&want->sock, holder);
}

/**
 * po_addr_within() - whether an address is covered by a remembered one
 * @want: socket that is to be bound
 * @fast: address, family and v6only of a socket that was bound
 *
 * As the kernel decides whether members of a reuseport group need no look at
 * the other sockets: only the wildcard of @fast counts as one.
 *
 * Context: any.
 * Return: true if it is.
 */
bool po_addr_within(const struct po_sock *want, const struct po_sock *fast)
{
	bool equal = po_v4_addr(want) == po_v4_addr(fast);

	if (fast->family == AF_INET || (po_is_v4(want) && po_is_v4(fast)))
		return !po_v6only(want) && (equal || !po_v4_addr(fast));
	if (po_is_any(fast) && !po_is_v4(fast))
		return !(po_v6only(fast) && po_is_v4(want));

	return want->family == AF_INET6 &&
	       ipv6_addr_equal(&want->addr, &fast->addr);
}

/* The word for two addresses that overlap. */
static enum portowner_rule po_addr_rule(const struct po_sock *a,
					const struct po_sock *b)
{
	if (po_is_v4(a) != po_is_v4(b))
		return po_is_any(po_is_v4(a) ? b : a) ?
			       PORTOWNER_RULE_DUAL_STACK_COVERS :
			       PORTOWNER_RULE_WILDCARD_COVERS;
	if (po_is_any(a) != po_is_any(b))
		return PORTOWNER_RULE_WILDCARD_COVERS;

	return PORTOWNER_RULE_ADDRESS_IN_USE;
}

/* Whether packets from one device could be for both sockets. */
static bool po_dev_compatible(const struct po_sock *a,
			      const struct po_sock *b)
{
	return !a->ifindex || !b->ifindex || a->ifindex == b->ifindex;
}

/**
 * po_collides() - whether only options can let a socket be bound
 * @want: the bind
 * @holder: a socket with the same protocol, port and network namespace
 *
 * Context: any.
 * Return: true if the kernel finds that addresses and devices overlap.
 */
bool po_collides(const struct po_want *want, const struct po_sock *holder)
{
	bool devices = PO_SCTP_DEVICES || want->sock.proto != IPPROTO_SCTP;

	/* An identifier is one, whatever the address and the device are. */
	if (want->sock.proto == IPPROTO_ICMP)
		return holder->sk != want->sock.sk;

	return holder->sk != want->sock.sk &&
	       (!devices || po_dev_compatible(&want->sock, holder)) &&
	       !po_l3mdev_differs(&want->sock, holder) &&
	       po_addr_conflict(want, holder);
}

static bool po_both(const struct po_sock *a, const struct po_sock *b, u8 flag)
{
	return a->flags & b->flags & flag;
}

/*
 * Whether options make the kernel tolerate an overlap; why not, if set. Other
 * protocols than UDP ask whether the holder listens.
 */
static bool po_may_share(const struct po_want *want,
			 const struct po_sock *holder,
			 enum portowner_rule *why)
{
	bool listens = holder->state == PORTOWNER_STATE_LISTEN &&
		       !po_is_udp(&want->sock);

	if (po_both(&want->sock, holder, PORTOWNER_SOCK_FLAG_REUSEPORT) &&
	    !want->grouped) {
		/* In time-wait there is no user to differ. */
		if (!uid_valid(holder->conflict_uid) ||
		    uid_eq(want->sock.conflict_uid, holder->conflict_uid))
			return true;
		*why = PORTOWNER_RULE_REUSEPORT_UID_DIFFERS;
	}
	if (po_both(&want->sock, holder, PORTOWNER_SOCK_FLAG_REUSEADDR)) {
		if (!listens)
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
	enum portowner_rule why = PORTOWNER_RULE_OTHER;

	if (!po_collides(want, holder) ||
	    po_may_share(want, holder, &why))
		return PORTOWNER_RULE_OTHER;
	if (holder->state == PORTOWNER_STATE_TIME_WAIT)
		return PORTOWNER_RULE_TIME_WAIT;
	if (why != PORTOWNER_RULE_OTHER)
		return why;

	return po_addr_rule(&want->sock, holder);
}
