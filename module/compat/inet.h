/* SPDX-License-Identifier: GPL-2.0 */
/* Properties of inet sockets, and addresses they may be bound to. */

#ifndef _PO_COMPAT_INET_H
#define _PO_COMPAT_INET_H

#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ipv6.h>
#include <linux/uidgid.h>
#include <net/addrconf.h>
#include <net/inet_sock.h>
#include <net/ip.h>
#include <net/net_namespace.h>
#include <net/sock.h>

/* From 5.14 on closed sockets may stay in their reuseport group. */
#ifndef PO_HAS_GROUP_CLOSED
#define po_group_closed(group)	0
#else
#define po_group_closed(group)	READ_ONCE((group)->num_closed_socks)
#endif

/* From 6.3 on a socket may have its own ephemeral port range. */
#ifdef PO_HAS_SK_PORT_RANGE
#define po_sk_port_range(sk, first, last) \
	inet_sk_get_local_port_range(sk, first, last)
#else
#define po_sk_port_range(sk, first, last) \
	inet_get_local_port_range(sock_net(sk), first, last)
#endif

/* 6.6 moved bitfields of struct inet_sock into inet_flags. */
#ifdef inet_test_bit
#define po_inet_freebind(sk)	inet_test_bit(FREEBIND, sk)
#define po_inet_transparent(sk)	inet_test_bit(TRANSPARENT, sk)
#else
#define po_inet_freebind(sk)	(inet_sk(sk)->freebind)
#define po_inet_transparent(sk)	(inet_sk(sk)->transparent)
#endif

/**
 * po_conflict_uid() - get the user that the kernel compares for SO_REUSEPORT
 * @sk: full socket that the caller keeps alive
 *
 * Older kernels take it from the inode: a socket without an inode is root's.
 *
 * Context: any but hard interrupts; may take sk_callback_lock.
 * Return: user.
 */
static inline kuid_t po_conflict_uid(struct sock *sk)
{
#ifdef PO_HAS_SOCK_I_UID
	return sock_i_uid(sk);
#else
	return READ_ONCE(sk->sk_uid);
#endif
}

/* From 6.2 on SCTP takes the device of a socket into account. */
#ifndef PO_HAS_SCTP_DEVICES
#define PO_SCTP_DEVICES	0
#else
#define PO_SCTP_DEVICES	1
#endif

/* Without CONFIG_IPV6 there is no net->ipv6. */
static inline bool po_v6_nonlocal_bind(const struct net *net)
{
#if IS_ENABLED(CONFIG_IPV6)
	return READ_ONCE(net->ipv6.sysctl.ip_nonlocal_bind);
#else
	return false;
#endif
}

/* Booted with ipv6.disable=1, the kernel has no table of addresses. */
static inline bool po_v6_has_addr(struct net *net, const struct in6_addr *addr,
				  const struct net_device *dev, int strict)
{
	return IS_ENABLED(CONFIG_IPV6) && ipv6_mod_enabled() &&
	       ipv6_chk_addr(net, addr, dev, strict);
}

#endif /* _PO_COMPAT_INET_H */
