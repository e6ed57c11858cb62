// SPDX-License-Identifier: GPL-2.0
/*
 * The tables in which the protocols keep the sockets that have a port, behind
 * one interface. A bucket is read under its own lock, which protects its list
 * and the port of each socket in it.
 */

#include <linux/in.h>
#include <net/mptcp.h>

#include "internal.h"
#include "tables.h"

enum {
	PO_TABLE_TCP,
	PO_TABLE_UDP,
};

const struct po_table * const po_tables[] = {
	[PO_TABLE_TCP] = &po_table_tcp,
	[PO_TABLE_UDP] = &po_table_udp,
#ifdef PO_UDPLITE
	&po_table_udplite,
#endif
#ifdef PO_RAW
	&po_table_raw_v4,
#if IS_ENABLED(CONFIG_IPV6)
	&po_table_raw_v6,
#endif
#endif
	&po_table_ping,
#ifdef PO_SCTP
	&po_table_sctp,
#endif
};

const unsigned int po_nr_tables = ARRAY_SIZE(po_tables);
static_assert(ARRAY_SIZE(po_tables) <= PO_TABLES_MAX);

/**
 * po_proto_of() - the protocol of a socket, as it is reported
 * @sk: full socket
 *
 * As the application sees it: MPTCP uses TCP sockets beneath its own. A raw
 * socket has the number of any protocol without being one of its sockets.
 *
 * Context: any.
 * Return: IPPROTO_*.
 */
u16 po_proto_of(const struct sock *sk)
{
	if (sk->sk_type == SOCK_RAW)
		return IPPROTO_RAW;

	switch (sk->sk_protocol) {
	case IPPROTO_TCP:
		return sk_is_mptcp(sk) ? IPPROTO_MPTCP : IPPROTO_TCP;
	case IPPROTO_ICMPV6:
		/* Both families take their identifiers from the same numbers. */
		return IPPROTO_ICMP;
	default:
		return sk->sk_protocol;
	}
}

/**
 * po_proto_known() - whether sockets of a protocol are looked for
 * @proto: IPPROTO_*
 *
 * Also true for what this kernel happens not to have: it has no such sockets. But
 * not for SCTP where it cannot be walked, or was left out as this was built.
 *
 * Context: any.
 * Return: true if they are.
 */
bool po_proto_known(u16 proto)
{
	switch (proto) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
#ifdef PO_SCTP
	case IPPROTO_SCTP:
#endif
	case IPPROTO_ICMP:
	case IPPROTO_RAW:
		return true;
	default:
		return false;
	}
}

/**
 * po_table_of() - the table that has a socket, or would have it
 * @sk: full socket
 *
 * Context: any.
 * Return: index in po_tables, or -1 if there is none.
 */
int po_table_of(const struct sock *sk)
{
	unsigned int i;
	u16 proto;

	/* Each bind asks this, and nearly all are of one of these. */
	if (sk->sk_type == SOCK_STREAM && sk->sk_protocol == IPPROTO_TCP)
		return PO_TABLE_TCP;
	if (sk->sk_type == SOCK_DGRAM && sk->sk_protocol == IPPROTO_UDP)
		return PO_TABLE_UDP;

	proto = po_proto_of(sk);
	if (proto == IPPROTO_MPTCP)
		proto = IPPROTO_TCP;

	for (i = 0; i < po_nr_tables; i++)
		if (po_tables[i]->proto == proto &&
		    (!po_tables[i]->family ||
		     po_tables[i]->family == sk->sk_family))
			return i;

	return -1;
}

/**
 * po_tables_init() - find the tables that have no name for a module
 *
 * Context: may sleep.
 */
void __init po_tables_init(void)
{
	int err = po_ping_init();

	if (err)
		pr_warn("ping sockets will not be listed: %pe\n", ERR_PTR(err));
}
