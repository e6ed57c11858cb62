/* SPDX-License-Identifier: GPL-2.0 */
/* Private to netlink/: records as netlink attributes. */

#ifndef _PO_FILL_H
#define _PO_FILL_H

#include <linux/sched.h>
#include <linux/skbuff.h>
#include <linux/string.h>
#include <linux/uidgid.h>
#include <net/netlink.h>

#include "core/core.h"

struct po_caller;
struct po_mark;
struct po_range;
struct po_reason;
struct po_reject;
struct po_viewer;

/* Room for the "more" flags of a socket and of the record around it. */
#define PO_SLACK	(2 * NLA_HDRLEN)

static inline bool po_full(const struct sk_buff *skb)
{
	return skb_tailroom(skb) < PO_SLACK;
}

/* ---- frequent single values ---- */

/*
 * Like nla_reserve(), in 14 instructions instead of 70, for attributes of every
 * socket or owner. @len must be a multiple of NLA_ALIGNTO. Returns NULL without
 * room.
 */
static inline void *po_reserve(struct sk_buff *skb, int attrtype, int len)
{
	struct nlattr *attr = (struct nlattr *)skb_tail_pointer(skb);

	if (skb_tailroom(skb) < nla_total_size(len))
		return NULL;

	__skb_put(skb, nla_total_size(len));
	attr->nla_type = attrtype;
	attr->nla_len = nla_attr_size(len);

	return nla_data(attr);
}

static inline int po_put_u32(struct sk_buff *skb, int attrtype, u32 value)
{
	u32 *data = po_reserve(skb, attrtype, sizeof(value));

	if (!data)
		return -EMSGSIZE;

	*data = value;

	return 0;
}

static inline int po_put_u64(struct sk_buff *skb, int attrtype, u64 value)
{
	void *data;

	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS))
		return nla_put_u64_64bit(skb, attrtype, value,
					 PORTOWNER_A_SOCKET_PAD);

	data = po_reserve(skb, attrtype, sizeof(value));
	if (!data)
		return -EMSGSIZE;

	memcpy(data, &value, sizeof(value));

	return 0;
}

/* Put a string, or nothing for NULL. */
static inline int po_put_string(struct sk_buff *skb, int attrtype,
				const char *string)
{
	return string ? nla_put_string(skb, attrtype, string) : 0;
}

/* ---- fill_attr.c: other single values ---- */

int po_put_addr(struct sk_buff *skb, int attrtype, const struct po_sock *sock);
int po_put_peer(struct sk_buff *skb, int attrtype, const struct po_sock *sock);
int po_put_uid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, kuid_t uid);
int po_put_pid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, const struct po_proc *proc);

/* ---- fill_owner.c: processes of a socket ---- */

/* A socket may have a million owners; nearly all have one. */
static inline void po_fill_resched(const struct po_owner *owner)
{
	if (owner->next)
		cond_resched();
}

int po_fill_sock_procs(struct sk_buff *skb, struct po_viewer *viewer,
		       const struct po_sock *sock);
bool po_fill_owners(struct sk_buff *skb, struct po_viewer *viewer,
		    const struct po_owner **from);

/* ---- fill_reason.c: why an address is not available ---- */

/**
 * struct po_reason_attrs - attributes of a reason
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

/* ---- fill_sock.c, fill_reject.c: records as netlink attributes ---- */

int po_fill_sock(struct sk_buff *skb, int attrtype, struct po_viewer *viewer,
		 const struct po_sock *sock, const struct po_owner **from);
int po_fill_culprits(struct sk_buff *skb, int attrtype,
		     struct po_viewer *viewer, const struct po_snap *culprits,
		     u32 *nr, const struct po_owner **owner);
int po_fill_range(struct sk_buff *skb, int attrtype, struct po_viewer *viewer,
		  const struct po_range *range);
int po_fill_reject(struct sk_buff *skb, struct po_viewer *viewer,
		   const struct po_reject *rej, const struct po_caller *last,
		   const struct po_mark *mark, const struct po_range *range);

#endif /* _PO_FILL_H */
