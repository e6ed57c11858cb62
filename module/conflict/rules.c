// SPDX-License-Identifier: GPL-2.0
/*
 * Whether a socket conflicts with a bind, decided for each pair as
 * inet_csk_bind_conflict() and udp_lib_lport_inuse() do.
 */

#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "conflict/conflict.h"
#include "core/core.h"

/**
 * po_is_v4() - whether a socket has an IPv4 address
 * @sock: socket
 *
 * Context: any.
 * Return: true for AF_INET and for v4-mapped IPv6 addresses.
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
 * Return: true for 0.0.0.0, ::ffff:0.0.0.0 and ::.
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

/* The sk_rcv_saddr of a socket, which the kernel also sets for IPv6. */
static __be32 po_v4_addr(const struct po_sock *sock)
{
	if (po_is_v4(sock))
		return sock->addr.s6_addr32[3];

	return po_is_any(sock) ? 0 : LOOPBACK4_IPV6;
}

/* For addresses of which at least one is IPv4, mapped or not. */
static bool po_v4_equal(const struct po_sock *want,
			const struct po_sock *holder)
{
	__be32 a = po_v4_addr(want), b = po_v4_addr(holder);

	return !po_v6only(holder) && (a == b || !a || !b);
}

/**
 * po_addr_equal() - whether a packet could match the addresses of two sockets
 * @want: first socket: address, family and v6only
 * @holder: second socket: address, family and v6only
 *
 * Like inet_rcv_saddr_equal() with match_wildcard set. If the addresses differ,
 * the result depends only on family, v6only, and whether each address is IPv4
 * or a wildcard; po_share() relies on that.
 *
 * Context: any.
 * Return: true if it could.
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
 * From 6.1 on, TCP looks up conflicts with a specific address in a hash by
 * address: it compares only sockets with this address or the wildcard.
 */
static bool po_addr_overlaps_hashed(const struct po_sock *want,
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
	/* A kernel bug: these sockets are not found. */
	if (PO_MISSES_MAPPED_ANY && want->family == AF_INET6 &&
	    holder->hash_family == AF_INET6)
		return false;

	return po_is_v4(want);
}

/* Whether the kernel looks up conflicts in TCP's hash by address. */
static bool po_uses_addr_hash(const struct po_sock *want)
{
	return PO_HASHES_ADDRS && po_transport(want) == IPPROTO_TCP &&
	       !po_is_any(want);
}

static bool po_l3mdev_differs(const struct po_sock *want,
			      const struct po_sock *holder)
{
	if (po_transport(want) != IPPROTO_TCP)
		return false;

	return want->l3mdev != (po_uses_addr_hash(want) ? holder->hash_l3mdev :
						     holder->l3mdev);
}

/*
 * Like sctp_bind_addr_conflict(), which treats v4-mapped addresses as IPv4,
 * except a listening socket's own address.
 */
static bool po_addr_overlaps_sctp(const struct po_want *want,
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

/* Whether the kernel considers two addresses to overlap. */
static bool po_addr_overlaps(const struct po_want *want,
			     const struct po_sock *holder)
{
	if (want->sock.proto == IPPROTO_SCTP)
		return po_addr_overlaps_sctp(want, holder);
	if (po_uses_addr_hash(&want->sock))
		return po_addr_overlaps_hashed(&want->sock, holder);

	return po_addr_equal(&want->sock, holder);
}

/**
 * po_addr_within() - whether an address is covered by that of an earlier bind
 * @want: socket to be bound
 * @fast: address, family and v6only that a bind bucket cached
 *
 * Like the comparison in sk_reuseport_match(), which decides whether a socket
 * with SO_REUSEPORT is bound without looking at the other sockets: a wildcard
 * matches only on the side of @fast.
 *
 * Context: any.
 * Return: true if it is covered.
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

/* The rule to report for two addresses that overlap. */
static enum portowner_rule po_overlap_rule(const struct po_sock *a,
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

/* Whether a packet from one device could match both sockets. */
static bool po_dev_overlaps(const struct po_sock *a,
			    const struct po_sock *b)
{
	return !a->ifindex || !b->ifindex || a->ifindex == b->ifindex;
}

/**
 * po_overlaps() - whether addresses and devices of two sockets overlap
 * @want: the bind
 * @holder: a socket with the same protocol, port and network namespace
 *
 * Context: any.
 * Return: true if they do, so that only socket options can permit the bind.
 */
bool po_overlaps(const struct po_want *want, const struct po_sock *holder)
{
	bool devices = PO_SCTP_DEVICES || want->sock.proto != IPPROTO_SCTP;

	/* Ping identifiers conflict regardless of address and device. */
	if (want->sock.proto == IPPROTO_ICMP)
		return holder->sk != want->sock.sk;

	return holder->sk != want->sock.sk &&
	       (!devices || po_dev_overlaps(&want->sock, holder)) &&
	       !po_l3mdev_differs(&want->sock, holder) &&
	       po_addr_overlaps(want, holder);
}

static bool po_both(const struct po_sock *a, const struct po_sock *b, u8 flag)
{
	return a->flags & b->flags & flag;
}

/*
 * Whether socket options permit an overlap. Sets @why if both sockets have set
 * an option that does not help. UDP ignores whether @holder listens.
 */
static bool po_may_share(const struct po_want *want,
			 const struct po_sock *holder,
			 enum portowner_rule *why)
{
	bool listens = holder->state == PORTOWNER_STATE_LISTEN &&
		       !po_is_udp(&want->sock);

	if (po_both(&want->sock, holder, PORTOWNER_SOCK_FLAG_REUSEPORT) &&
	    !want->grouped) {
		/* The kernel keeps no user for time-wait sockets. */
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

/* Whether two sockets with the same port have the same 4-tuple. */
static bool po_same_tuple(const struct po_sock *want,
			  const struct po_sock *holder)
{
	return holder->sk != want->sk && holder->peer_port == want->peer_port &&
	       ipv6_addr_equal(&holder->peer, &want->peer) &&
	       ipv6_addr_equal(&holder->addr, &want->addr);
}

/**
 * po_rule_between() - get the rule by which a socket conflicts with a bind
 * @want: the bind
 * @holder: a socket with the same protocol, port and network namespace
 *
 * Context: any.
 * Return: the rule, or PORTOWNER_RULE_OTHER if there is no conflict.
 */
enum portowner_rule po_rule_between(const struct po_want *want,
				    const struct po_sock *holder)
{
	enum portowner_rule why = PORTOWNER_RULE_OTHER;

	if (want->sock.peer_port && !po_same_tuple(&want->sock, holder))
		return PORTOWNER_RULE_OTHER;
	if (want->sock.peer_port)
		return holder->state == PORTOWNER_STATE_TIME_WAIT ?
			       PORTOWNER_RULE_TIME_WAIT :
			       PORTOWNER_RULE_ADDRESS_IN_USE;
	if (!po_overlaps(want, holder) ||
	    po_may_share(want, holder, &why))
		return PORTOWNER_RULE_OTHER;
	if (holder->state == PORTOWNER_STATE_TIME_WAIT)
		return PORTOWNER_RULE_TIME_WAIT;
	if (why != PORTOWNER_RULE_OTHER)
		return why;

	return po_overlap_rule(&want->sock, holder);
}
