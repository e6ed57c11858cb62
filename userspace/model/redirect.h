/* SPDX-License-Identifier: GPL-2.0 */
/* Rules that redirect packets to a port, whoever holds it. */
#ifndef PORTOWNER_REDIRECT_H
#define PORTOWNER_REDIRECT_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

/**
 * struct packet - The first packet to a port, to test rules with.
 * @family: AF_INET or AF_INET6
 * @proto: IPPROTO_*
 * @port: destination, in host byte order
 * @addr: destination, 4 or 16 bytes; NULL for any
 */
struct packet {
	__u16 family;
	__u16 proto;
	__u16 port;
	const unsigned char *addr;
};

/**
 * enum redirect_by - Owner of a rule.
 * @REDIRECT_BY_NFTABLES: nftables
 * @REDIRECT_BY_IPTABLES: iptables, with rules kept in nftables
 * @REDIRECT_BY_IPVS: IPVS
 */
enum redirect_by {
	REDIRECT_BY_NFTABLES,
	REDIRECT_BY_IPTABLES,
	REDIRECT_BY_IPVS,
};

/**
 * struct redirect - Where a rule redirects packets to a port.
 * @by: owner of the rule
 * @family: of the packets
 * @proto: of the packets
 * @certain: the rule, or one that leads to it, names the port; otherwise it may
 *	be for other ports only
 * @here: the packets stay on this host
 * @has_addr: @addr is known
 * @addr: new destination, 4 or 16 bytes
 * @to_family: of @addr, or 0 if it is @family
 * @port: new port in host byte order; 0 if it stays the same or is not known
 * @table_family: family of the table, as in "ip nat", or NULL for IPVS
 * @table: table of the rule, untrusted bytes, or NULL
 * @chain: its chain, untrusted bytes, or NULL
 */
struct redirect {
	enum redirect_by by;
	__u16 family;
	__u16 proto;
	bool certain;
	bool here;
	bool has_addr;
	unsigned char addr[16];
	__u16 to_family;
	__u16 port;
	const char *table_family;
	char *table;
	char *chain;
};

/**
 * struct redirect_list - Redirects of packets to a port, and what is unknown.
 * @v: array
 * @n: elements in @v
 * @room: elements allocated
 * @denied: the caller may not ask
 * @failed: the query failed for another reason
 * @legacy: there are rules in iptables tables outside nftables
 */
struct redirect_list {
	struct redirect *v;
	size_t n;
	size_t room;
	bool denied;
	bool failed;
	bool legacy;
};

void redirect_list_add(struct redirect_list *list, const struct redirect *redirect);
void redirect_list_clear(struct redirect_list *list);
const char *redirect_by_name(enum redirect_by by);

#endif /* PORTOWNER_REDIRECT_H */
