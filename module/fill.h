/* SPDX-License-Identifier: GPL-2.0 */
/* What is put into messages for sockets as for refused binds. */

#ifndef _PO_FILL_H
#define _PO_FILL_H

#include <linux/skbuff.h>
#include <linux/uidgid.h>
#include <net/netlink.h>

struct po_proc;
struct po_sock;
struct po_viewer;

/* The flags that more follows, of a socket and of the record around it. */
#define PO_SLACK	(2 * NLA_HDRLEN)

static inline bool po_full(const struct sk_buff *skb)
{
	return skb_tailroom(skb) < PO_SLACK;
}

int po_put_pid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, const struct po_proc *proc);
int po_put_addr(struct sk_buff *skb, int attrtype, const struct po_sock *sock);
int po_put_string(struct sk_buff *skb, int attrtype, const char *string);
int po_put_uid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, kuid_t uid);

#endif /* _PO_FILL_H */
