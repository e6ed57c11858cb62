// SPDX-License-Identifier: GPL-2.0
/* The decision of udp_lib_get_port(), without a socket. */

#include <net/ip.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/protocols.h"
#include "sockets/sockets.h"

/* Sockets of other ports and namespaces passed at the cost of a comparison. */
#define PO_UDP_PASS	32

enum po_udp_verdict {
	PO_UDP_GO_ON,
	PO_UDP_FREE,
	PO_UDP_TAKEN,
};

/*
 * The first overlapping socket decides, by whether it permits SO_REUSEPORT. If
 * there are too many sockets before it, the port counts as taken.
 */
static enum po_udp_verdict po_udp_judge(const struct net *net,
					const struct po_want *want,
					struct sock *sk, u16 port, int *budget)
{
	struct po_sock holder;
	u8 both;

	if (*budget <= 0)
		return PO_UDP_TAKEN;

	--*budget;
	if (!net_eq(sock_net(sk), net) || udp_sk(sk)->udp_port_hash != port)
		return PO_UDP_GO_ON;

	*budget -= PO_UDP_PASS - 1;
	po_sock_init(&holder, sk);
	po_sock_addr(&holder, sk);
	both = holder.flags & want->sock.flags;
	if (both & PORTOWNER_SOCK_FLAG_REUSEADDR ||
	    !po_overlaps(want, &holder))
		return PO_UDP_GO_ON;

	if (both & PORTOWNER_SOCK_FLAG_REUSEPORT && !want->grouped &&
	    uid_eq(want->sock.conflict_uid, po_conflict_uid(sk)))
		return PO_UDP_FREE;

	return PO_UDP_TAKEN;
}

static bool po_udp_slot_free(const struct net *net, const struct po_want *want,
			     struct udp_hslot *slot, u16 port)
{
	enum po_udp_verdict verdict = PO_UDP_GO_ON;
	int budget = PO_COMPARE_MAX * PO_UDP_PASS;
	struct sock *sk;

	sk_for_each(sk, &slot->head) {
		verdict = po_udp_judge(net, want, sk, port, &budget);
		/* If the kernel chooses the port, it looks at all sockets. */
		if (verdict == PO_UDP_TAKEN ||
		    (verdict == PO_UDP_FREE && want->sock.port))
			break;
	}

	return verdict != PO_UDP_TAKEN;
}

/* Called with the lock of the slot by port held; takes that of @slot inside. */
static bool po_udp_slot2_free(const struct net *net,
			      const struct po_want *want,
			      struct udp_hslot *slot, u16 port)
{
	enum po_udp_verdict verdict = PO_UDP_GO_ON;
	int budget = PO_COMPARE_MAX * PO_UDP_PASS;
	struct sock *sk;

	spin_lock(&slot->lock);
	udp_portaddr_for_each_entry(sk, &slot->head) {
		verdict = po_udp_judge(net, want, sk, port, &budget);
		if (verdict != PO_UDP_GO_ON)
			break;
	}
	spin_unlock(&slot->lock);

	return verdict != PO_UDP_TAKEN;
}

static unsigned int po_udp_hash2(const struct net *net,
				 const struct po_sock *sock,
				 const struct in6_addr *addr, u16 port)
{
	if (sock->family == AF_INET)
		return ipv4_portaddr_hash(net, addr->s6_addr32[3], 0) ^ port;

	return ipv6_portaddr_hash(net, addr, 0) ^ port;
}

/* For a crowded slot, the kernel uses the hash by address and port. */
static bool po_udp_free_by_addr(const struct net *net,
				const struct po_want *want,
				struct udp_table *table,
				struct udp_hslot *slot, u16 port)
{
	const struct po_sock *sock = &want->sock;
	unsigned int hash, hash_any;
	struct udp_hslot *slot2;

	hash = po_udp_hash2(net, sock, &sock->addr, port) & table->mask;
	hash_any = po_udp_hash2(net, sock, &in6addr_any, port) & table->mask;
	slot2 = udp_hashslot2(table, hash);
	if (slot->count < slot2->count)
		return po_udp_slot_free(net, want, slot, port);

	return po_udp_slot2_free(net, want, slot2, port) &&
	       (hash == hash_any ||
		po_udp_slot2_free(net, want, udp_hashslot2(table, hash_any),
				  port));
}

/* NULL if the kernel lacks the protocol, such as UDP-Lite from 7.3 on. */
static struct udp_table *po_udp_table_of(const struct net *net, u16 proto)
{
	unsigned int i;

	for (i = 0; i < po_nr_tables; i++)
		if (po_tables[i]->proto == proto)
			return po_tables[i]->hash_table(net);

	return NULL;
}

/**
 * po_udp_port_free() - whether a port is available
 * @net: namespace
 * @want: the bind; if its port is 0, the kernel chooses
 * @port: port
 *
 * As in the kernel, the result depends on the order of earlier binds. A port
 * with more than PO_COMPARE_MAX sockets before the one that decides counts as
 * taken.
 *
 * Context: any but hard interrupts; takes the locks of the hash slots.
 * Return: true if it is.
 */
bool po_udp_port_free(struct net *net, const struct po_want *want, u16 port)
{
	struct udp_table *table = po_udp_table_of(net, want->sock.proto);
	struct udp_hslot *slot;
	bool ok;

	if (!table)
		return true;

	slot = udp_hashslot(table, net, port);
	spin_lock_bh(&slot->lock);
	if (want->sock.port && slot->count > PO_UDP_MANY &&
	    (PO_UDP_HASHES_ANY || !po_is_any(&want->sock)))
		ok = po_udp_free_by_addr(net, want, table, slot, port);
	else
		ok = po_udp_slot_free(net, want, slot, port);
	spin_unlock_bh(&slot->lock);

	return ok;
}
