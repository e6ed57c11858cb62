// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets in compact form: most connections of a process differ only in a few
 * numbers.
 *
 * A reader that accepts this form gets one such socket in full, as a template,
 * and only these numbers of the others: 42 bytes instead of 190.
 */

#include <linux/hash.h>
#include <linux/log2.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/netlink.h>

#include "core/core.h"
#include "netlink/compact.h"
#include "netlink/netlink.h"
#include "sockets/sockets.h"

/* Templates at a time, and slots in which each may be stored. */
#define PO_TEMPLATES	256
#define PO_TEMPLATE_WAYS	4

/**
 * struct po_templates - templates in the message being filled
 * @of: socket used as a template, or NULL, by template id
 */
struct po_templates {
	const struct po_sock *of[PO_TEMPLATES];
};

/**
 * po_templates_new() - allocate an empty set of templates
 * @gfp: allocation flags
 *
 * Context: may sleep if @gfp allows it.
 * Return: set, to be freed by kfree(), or NULL without memory.
 */
struct po_templates *po_templates_new(gfp_t gfp)
{
	return kzalloc(sizeof(struct po_templates), gfp);
}

/**
 * po_templates_clear() - remove all templates
 * @templates: templates
 *
 * Must be called before each message: permissions are evaluated again, and
 * sockets of earlier messages have been freed.
 *
 * Context: any.
 */
void po_templates_clear(struct po_templates *templates)
{
	memset(templates, 0, sizeof(*templates));
}

/* Whether a socket has no details beyond those po_matches() compares. */
static bool po_compactable(const struct po_sock *sock)
{
	return sock->owners && !sock->owners->next && !sock->owners_incomplete &&
	       !sock->handler && !sock->bound && !sock->untracked &&
	       po_untracked_refs(sock) <= 0 && !sock->ifindex &&
	       sock->state != PORTOWNER_STATE_LISTEN &&
	       sock->state != PORTOWNER_STATE_TIME_WAIT;
}

static bool po_matches(const struct po_sock *template,
		       const struct po_sock *sock)
{
	return template->owners->proc == sock->owners->proc &&
	       ipv6_addr_equal(&template->addr, &sock->addr) &&
	       uid_eq(template->uid, sock->uid) &&
	       template->netns == sock->netns &&
	       template->group_size == sock->group_size &&
	       template->family == sock->family &&
	       template->proto == sock->proto &&
	       template->state == sock->state &&
	       template->flags == sock->flags &&
	       template->port_origin == sock->port_origin &&
	       template->share == sock->share;
}

/*
 * The first slot where a template for a socket may be stored. Readers see it as
 * the template id, so it must not depend on addresses in memory.
 */
static u32 po_template_slot(const struct po_sock *sock)
{
	u32 proc = sock->owners->proc->nr;

	return hash_32(proc ^ (__force u32)sock->addr.s6_addr32[3] ^ sock->state,
		       ilog2(PO_TEMPLATES));
}

/**
 * po_templates_add() - add a socket as a template
 * @templates: templates
 * @viewer: reader
 * @sock: socket sent in full; must stay valid until po_templates_clear()
 *
 * Context: the task that receives the reply.
 * Return: template id, or a negative value if the socket does not suit the
 * compact form, or its owner is hidden.
 */
int po_templates_add(struct po_templates *templates, struct po_viewer *viewer,
		     const struct po_sock *sock)
{
	u32 i, id, slot;

	if (!po_compactable(sock) ||
	    !po_viewer_sees_proc(viewer, sock->owners->proc))
		return -1;

	slot = po_template_slot(sock);
	for (i = 0; i < PO_TEMPLATE_WAYS; i++) {
		id = (slot + i) % PO_TEMPLATES;
		if (!templates->of[id])
			break;
	}
	templates->of[id] = sock;

	return id;
}

/* Get the id of the template that a socket matches, or a negative value. */
static int po_templates_find(const struct po_templates *templates,
			     const struct po_sock *sock)
{
	u32 i, id, slot;

	if (!po_compactable(sock))
		return -1;

	slot = po_template_slot(sock);
	for (i = 0; i < PO_TEMPLATE_WAYS; i++) {
		id = (slot + i) % PO_TEMPLATES;
		if (!templates->of[id])
			break;
		if (po_matches(templates->of[id], sock))
			return id;
	}

	return -1;
}

/**
 * po_templates_match() - whether a socket can be sent in compact form
 * @templates: templates
 * @sock: socket
 *
 * Context: any.
 * Return: true if po_fill_compact() would send it.
 */
bool po_templates_match(const struct po_templates *templates,
			const struct po_sock *sock)
{
	return po_templates_find(templates, sock) >= 0;
}

/* 64-bit values in attributes are aligned to NLA_ALIGNTO only. */
struct po_compact_u64 {
	u64 value;
} __packed __aligned(NLA_ALIGNTO);

/**
 * struct po_compact - arrays of PORTOWNER_A_PORT_COMPACT being filled
 * @id: template ids
 * @cookie: cookies
 * @inode: inode numbers
 * @port: ports
 * @fd: descriptors
 * @peer: remote addresses
 * @peer_port: remote ports
 *
 * Each is placed for a full message; if there are fewer sockets,
 * po_compact_end() closes the gaps.
 */
struct po_compact {
	u16 *id;
	struct po_compact_u64 *cookie;
	struct po_compact_u64 *inode;
	u16 *port;
	u32 *fd;
	struct in6_addr *peer;
	u16 *peer_port;
};

/* Headers of the attribute and its arrays, and padding after each array. */
#define PO_COMPACT_HEAD	(NLA_HDRLEN + PORTOWNER_A_COMPACT_MAX * \
				      (NLA_HDRLEN + NLA_ALIGNTO - 1))

/* Lay out the arrays. Returns the number of sockets that fit. */
static u32 po_compact_begin(struct po_compact *arrays,
			    const struct sk_buff *skb)
{
	u32 size = sizeof(*arrays->id) + sizeof(*arrays->cookie) +
		   sizeof(*arrays->inode) + sizeof(*arrays->port) +
		   sizeof(*arrays->fd) + sizeof(*arrays->peer) +
		   sizeof(*arrays->peer_port);
	u32 room = min_t(u32, skb_tailroom(skb), U16_MAX);
	/* After the headers of the attribute and of the first array. */
	u8 *at = skb_tail_pointer(skb) + 2 * NLA_HDRLEN;

	room = room < PO_COMPACT_HEAD ? 0 : (room - PO_COMPACT_HEAD) / size;
	arrays->id = (u16 *)at;
	at += nla_total_size(room * sizeof(*arrays->id));
	arrays->cookie = (struct po_compact_u64 *)at;
	at += nla_total_size(room * sizeof(*arrays->cookie));
	arrays->inode = (struct po_compact_u64 *)at;
	at += nla_total_size(room * sizeof(*arrays->inode));
	arrays->port = (u16 *)at;
	at += nla_total_size(room * sizeof(*arrays->port));
	arrays->fd = (u32 *)at;
	at += nla_total_size(room * sizeof(*arrays->fd));
	arrays->peer = (struct in6_addr *)at;
	at += nla_total_size(room * sizeof(*arrays->peer));
	arrays->peer_port = (u16 *)at;

	return room;
}

static void po_compact_set(const struct po_compact *arrays, u32 n, u16 id,
			   const struct po_sock *sock)
{
	arrays->id[n] = id;
	arrays->cookie[n].value = sock->cookie;
	arrays->inode[n].value = sock->inode;
	arrays->port[n] = sock->port;
	arrays->fd[n] = sock->owners->fd;
	arrays->peer[n] = sock->peer;
	arrays->peer_port[n] = sock->peer_port;
}

/* Put an array whose elements are in the tailroom of the message. */
static void po_put_array(struct sk_buff *skb, int attrtype, const void *from,
			 int len)
{
	struct nlattr *attr = skb_put(skb, nla_total_size(len));

	if (nla_data(attr) != from)
		memmove(nla_data(attr), from, len);
	attr->nla_type = attrtype;
	attr->nla_len = nla_attr_size(len);
	memset(nla_data(attr) + len, 0, nla_padlen(len));
}

static void po_compact_end(const struct po_compact *arrays,
			   struct sk_buff *skb, int attrtype, u32 n)
{
	struct nlattr *nest = skb_put(skb, NLA_HDRLEN);

	po_put_array(skb, PORTOWNER_A_COMPACT_TEMPLATE_ID, arrays->id,
		     n * sizeof(*arrays->id));
	po_put_array(skb, PORTOWNER_A_COMPACT_COOKIE, arrays->cookie,
		     n * sizeof(*arrays->cookie));
	po_put_array(skb, PORTOWNER_A_COMPACT_INODE, arrays->inode,
		     n * sizeof(*arrays->inode));
	po_put_array(skb, PORTOWNER_A_COMPACT_PORT, arrays->port,
		     n * sizeof(*arrays->port));
	po_put_array(skb, PORTOWNER_A_COMPACT_FD, arrays->fd,
		     n * sizeof(*arrays->fd));
	po_put_array(skb, PORTOWNER_A_COMPACT_PEER_ADDR, arrays->peer,
		     n * sizeof(*arrays->peer));
	po_put_array(skb, PORTOWNER_A_COMPACT_PEER_PORT, arrays->peer_port,
		     n * sizeof(*arrays->peer_port));
	nest->nla_type = attrtype | NLA_F_NESTED;
	nla_nest_end(skb, nest);
}

/**
 * po_fill_compact() - put sockets that match a template into a message
 * @skb: message
 * @attrtype: attribute to put them into
 * @templates: templates
 * @snap: the sockets
 * @nr: in: index of the first one, see po_templates_match(); out: index of the
 *	first one not put
 *
 * Context: may sleep.
 * Return: 0 if that one has to be sent in full, or there is none; 1 if there was
 * no room for it; -EMSGSIZE if nothing fitted.
 */
int po_fill_compact(struct sk_buff *skb, int attrtype,
		    const struct po_templates *templates,
		    const struct po_snap *snap, u32 *nr)
{
	struct po_compact arrays;
	u32 n, room;
	int id = 0;

	room = po_compact_begin(&arrays, skb);
	for (n = 0; n < room && *nr < snap->nr; n++, ++*nr) {
		const struct po_sock *sock = po_snap_sock(snap, *nr);

		id = po_templates_find(templates, sock);
		if (id < 0)
			break;
		po_compact_set(&arrays, n, id, sock);
		cond_resched();
	}
	if (!n)
		return -EMSGSIZE;

	po_compact_end(&arrays, skb, attrtype, n);

	return *nr < snap->nr && id >= 0;
}
