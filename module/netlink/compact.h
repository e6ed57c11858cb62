/* SPDX-License-Identifier: GPL-2.0 */
/* Private to netlink/: sockets in compact form. */

#ifndef _PO_COMPACT_H
#define _PO_COMPACT_H

#include <linux/skbuff.h>

struct po_snap;
struct po_sock;
struct po_templates;
struct po_viewer;

struct po_templates *po_templates_new(gfp_t gfp);
void po_templates_clear(struct po_templates *templates);
bool po_templates_match(const struct po_templates *templates,
			const struct po_sock *sock);
int po_templates_add(struct po_templates *templates, struct po_viewer *viewer,
		     const struct po_sock *sock);
int po_fill_compact(struct sk_buff *skb, int attrtype,
		    const struct po_templates *templates,
		    const struct po_snap *snap, u32 *nr);

#endif /* _PO_COMPACT_H */
