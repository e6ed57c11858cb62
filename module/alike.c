// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets of a dump that have nearly all in common, as those of a server do.
 *
 * A reader that can take it gets the first of a kind in full, and then three
 * numbers for each other one: 24 bytes, where a connection in full takes 150.
 */

#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "alike.h"
#include "internal.h"

/* Kinds that are known at a time, and the places where one may be. */
#define PO_KINDS	256
#define PO_KIND_PLACES	4

/* What PORTOWNER_A_PORT_ALIKE has for each socket. */
#define PO_ALIKE_NUMBERS	3

/**
 * struct po_kinds - the kinds that the reader was told of
 * @of: a socket of each, in full in the message that is being filled, or NULL
 */
struct po_kinds {
	const struct po_sock *of[PO_KINDS];
};

/**
 * po_kinds_new() - know of no kind
 *
 * Context: may sleep.
 * Return: to be freed by kfree(), or NULL without memory.
 */
struct po_kinds *po_kinds_new(void)
{
	return kzalloc(sizeof(struct po_kinds), GFP_KERNEL_ACCOUNT);
}

/**
 * po_kinds_forget() - know of no kind any more
 * @kinds: kinds
 *
 * To be called for each message: what its reader may see is found out anew, and
 * the sockets in front of it are freed.
 */
void po_kinds_forget(struct po_kinds *kinds)
{
	memset(kinds, 0, sizeof(*kinds));
}

/* All that comes with a socket is in what po_is_alike() compares. */
static bool po_may_be_alike(const struct po_sock *sock)
{
	return sock->owners && !sock->owners->next && !sock->owners_cut &&
	       !sock->handler && !sock->bound && !sock->unseen &&
	       po_unseen_refs(sock) <= 0 && !sock->ifindex &&
	       sock->state != PORTOWNER_STATE_LISTEN &&
	       sock->state != PORTOWNER_STATE_TIME_WAIT;
}

static bool po_is_alike(const struct po_sock *a, const struct po_sock *b)
{
	return a->owners->proc == b->owners->proc &&
	       ipv6_addr_equal(&a->addr, &b->addr) &&
	       uid_eq(a->uid, b->uid) && a->netns == b->netns &&
	       a->group_size == b->group_size && a->family == b->family &&
	       a->proto == b->proto && a->state == b->state &&
	       a->flags == b->flags && a->share == b->share;
}

static u32 po_kind_place(const struct po_sock *sock)
{
	u32 proc = (unsigned long)sock->owners->proc >> 4;

	return hash_32(proc ^ (__force u32)sock->addr.s6_addr32[3] ^ sock->state,
		       ilog2(PO_KINDS));
}

/**
 * po_kinds_add() - take a socket as that of a kind
 * @kinds: kinds
 * @viewer: reader
 * @sock: socket, in a message in full; stays till po_kinds_forget()
 *
 * Return: the number of the kind, or a negative one if the socket has too much
 * of its own.
 */
int po_kinds_add(struct po_kinds *kinds, struct po_viewer *viewer,
		 const struct po_sock *sock)
{
	u32 i, nr, place;

	if (!po_may_be_alike(sock) ||
	    !po_viewer_sees_proc(viewer, sock->owners->proc))
		return -1;

	place = po_kind_place(sock);
	for (i = 0; i < PO_KIND_PLACES; i++) {
		nr = (place + i) % PO_KINDS;
		if (!kinds->of[nr])
			break;
	}
	kinds->of[nr] = sock;

	return nr;
}

/* The number of a kind, or a negative one. */
static int po_kinds_find(const struct po_kinds *kinds,
			 const struct po_sock *sock)
{
	u32 i, nr, place;

	if (!po_may_be_alike(sock))
		return -1;

	place = po_kind_place(sock);
	for (i = 0; i < PO_KIND_PLACES; i++) {
		nr = (place + i) % PO_KINDS;
		if (!kinds->of[nr])
			break;
		if (po_is_alike(kinds->of[nr], sock))
			return nr;
	}

	return -1;
}

/**
 * po_kinds_know() - can a socket come with others that are alike?
 * @kinds: kinds
 * @sock: socket
 *
 * Return: true if po_fill_alike() would put it.
 */
bool po_kinds_know(const struct po_kinds *kinds, const struct po_sock *sock)
{
	return po_kinds_find(kinds, sock) >= 0;
}

/**
 * po_fill_alike() - put the sockets into a message of which the kind is known
 * @skb: message
 * @attrtype: attribute to put them into
 * @kinds: kinds
 * @snap: the sockets
 * @nr: in: the first of them, see po_kinds_know(); out: the first that was not put
 *
 * Context: may sleep.
 * Return: 0 if that one can't come with these, 1 if there was no room for it,
 * -EMSGSIZE if nothing fitted.
 */
int po_fill_alike(struct sk_buff *skb, int attrtype,
		  const struct po_kinds *kinds, const struct po_snap *snap,
		  u32 *nr)
{
	u32 room = min_t(u32, skb_tailroom(skb), U16_MAX), len = NLA_HDRLEN;
	struct nlattr *attr = (struct nlattr *)skb_tail_pointer(skb);
	const struct po_sock *sock;
	u64 numbers[PO_ALIKE_NUMBERS];
	int kind;

	for (; *nr < snap->nr; ++*nr) {
		sock = po_snap_sock(snap, *nr);
		kind = po_kinds_find(kinds, sock);
		if (kind < 0 || room < len + sizeof(numbers))
			break;
		numbers[0] = sock->cookie;
		numbers[1] = sock->inode;
		numbers[2] = (u64)kind << 48 | (u64)sock->port << 32 |
			     sock->owners->fd;
		memcpy((u8 *)attr + len, numbers, sizeof(numbers));
		len += sizeof(numbers);
		cond_resched();
	}
	if (len == NLA_HDRLEN)
		return -EMSGSIZE;

	attr->nla_type = attrtype;
	attr->nla_len = len;
	skb_put(skb, len);

	return *nr < snap->nr && kind >= 0;
}
