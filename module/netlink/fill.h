/* SPDX-License-Identifier: GPL-2.0 */
/* For the files of this folder: records as netlink attributes. */

#ifndef _PO_FILL_H
#define _PO_FILL_H

#include <linux/skbuff.h>
#include <linux/uidgid.h>
#include <net/netlink.h>

struct po_caller;
struct po_mark;
struct po_owner;
struct po_proc;
struct po_range;
struct po_reason;
struct po_reject;
struct po_snap;
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
int po_put_peer(struct sk_buff *skb, int attrtype, const struct po_sock *sock);
/**
 * struct po_reason_attrs - where a message has a reason
 * @reason: attribute for the reason
 * @dev: attribute for the device
 * @netns: attribute for the network namespace
 */
struct po_reason_attrs {
	int reason;
	int dev;
	int netns;
};

int po_fill_reason(struct sk_buff *skb, const struct po_reason_attrs *attrs,
		   const struct po_viewer *viewer, const struct po_sock *want,
		   const struct po_reason *reason);
int po_put_string(struct sk_buff *skb, int attrtype, const char *string);
int po_put_uid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, kuid_t uid);

/* ---- fill_sock.c, fill_reject.c: records as netlink attributes ---- */

int po_fill_sock(struct sk_buff *skb, int attrtype, struct po_viewer *viewer,
		 const struct po_sock *sock, const struct po_owner **from);
int po_fill_range(struct sk_buff *skb, int attrtype, struct po_viewer *viewer,
		  const struct po_range *range);
int po_fill_culprits(struct sk_buff *skb, int attrtype,
		     struct po_viewer *viewer, const struct po_snap *culprits,
		     u32 *nr, const struct po_owner **owner);
int po_fill_reject(struct sk_buff *skb, struct po_viewer *viewer,
		   const struct po_reject *rej, const struct po_caller *last,
		   const struct po_mark *mark, const struct po_range *range);

#endif /* _PO_FILL_H */
