/* SPDX-License-Identifier: GPL-2.0 */
/* alike.c: sockets that have nearly all in common */

#ifndef _PO_ALIKE_H
#define _PO_ALIKE_H

#include <linux/skbuff.h>

struct po_kinds;
struct po_snap;
struct po_sock;
struct po_viewer;

struct po_kinds *po_kinds_new(void);
void po_kinds_forget(struct po_kinds *kinds);
bool po_kinds_know(const struct po_kinds *kinds, const struct po_sock *sock);
int po_kinds_add(struct po_kinds *kinds, struct po_viewer *viewer,
		 const struct po_sock *sock);
int po_fill_alike(struct sk_buff *skb, int attrtype,
		  const struct po_kinds *kinds, const struct po_snap *snap,
		  u32 *nr);

#endif /* _PO_ALIKE_H */
