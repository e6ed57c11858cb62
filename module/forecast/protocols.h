/* SPDX-License-Identifier: GPL-2.0 */
/* Private to this folder: the checks of each protocol. */

#ifndef _PO_PROTOCOLS_H
#define _PO_PROTOCOLS_H

#include <linux/types.h>

struct net;
struct po_want;

/* ---- addr.c: addresses ---- */

bool po_nonlocal_ok(const struct net *net, const struct po_want *want,
		    u16 family);
bool po_v4_type_ok(struct net *net, const struct po_want *want,
		   unsigned int type);

/* ---- tcp.c, udp.c: whether a port is available ---- */

/* Limit on the sockets compared while their bucket is locked. */
#define PO_COMPARE_MAX	512

bool po_tcp_shortcut(struct net *net, const struct po_want *want);
bool po_tcp_port_free(struct net *net, const struct po_want *want, u16 port,
		      bool relax);
bool po_udp_port_free(struct net *net, const struct po_want *want, u16 port);

/* ---- ping.c, sctp.c: protocols with their own bind() ---- */

int po_ping_addr_ok(struct net *net, const struct po_want *want);

int po_sctp_addr_ok(struct net *net, const struct po_want *want);
int po_sctp_shortcut(struct net *net, const struct po_want *want);
int po_sctp_any_port(struct net *net);

#endif /* _PO_PROTOCOLS_H */
