// SPDX-License-Identifier: GPL-2.0
/*
 * The protocols' tables of sockets with a port, behind one interface. The lock
 * of a bucket protects its list and the port of each socket in it.
 */

#include <linux/in.h>
#include <net/mptcp.h>

#include "sockets/sockets.h"
#include "sockets/tables.h"

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
 * po_proto_of() - get the protocol of a socket, as reported to readers
 * @sk: full socket
 *
 * The TCP subflows of an MPTCP socket are reported as MPTCP, and raw sockets as
 * RAW, regardless of their protocol number.
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
		/* Both families share one space of identifiers. */
		return IPPROTO_ICMP;
	default:
		return sk->sk_protocol;
	}
}

/**
 * po_proto_known() - whether the module supports a protocol
 * @proto: IPPROTO_*
 *
 * Also true if the running kernel lacks the protocol, and so has no sockets of
 * it, but false for SCTP if the module was built without it.
 *
 * Context: any.
 * Return: true if it does.
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
 * po_table_of() - get the table that contains a socket once it has a port
 * @sk: full socket
 *
 * Context: any.
 * Return: index in po_tables, or -1 if there is none.
 */
int po_table_of(const struct sock *sk)
{
	unsigned int i;
	u16 proto;

	/* Called for each bind, nearly always of one of these. */
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
 * po_tables_init() - find the tables that are not exported to modules
 *
 * Context: may sleep.
 */
void __init po_tables_init(void)
{
	int err = po_ping_init();

	if (err)
		pr_warn("ping sockets will not be listed: %pe\n", ERR_PTR(err));
	po_sctp_init();
}

/**
 * po_tables_exit() - undo po_tables_init()
 *
 * Context: may sleep.
 */
void po_tables_exit(void)
{
	po_sctp_exit();
}
