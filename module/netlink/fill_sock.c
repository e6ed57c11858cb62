// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets as netlink attributes, as far as the reader may see them.
 *
 * What does not fit goes into the next message. Each function leaves room for
 * the flags that announce it.
 */

#include <linux/kallsyms.h>
#include <net/netlink.h>

#include "core/core.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"
#include "sockets/sockets.h"

/* A single socket is also shared if several processes hold it. */
static u32 po_share_of(const struct po_sock *sock)
{
	const struct po_owner *owner;

	if (sock->share != PORTOWNER_SHARE_EXCLUSIVE)
		return sock->share;
	for (owner = sock->owners; owner; owner = owner->next) {
		if (owner->proc != sock->owners->proc)
			return PORTOWNER_SHARE_INHERITED;
		po_fill_resched(owner);
	}

	return PORTOWNER_SHARE_EXCLUSIVE;
}

static int po_put_kernel_owner(struct sk_buff *skb, const void *handler)
{
	char name[KSYM_NAME_LEN];

	po_kernel_name(handler, name, sizeof(name));

	return nla_put_string(skb, PORTOWNER_A_SOCKET_KERNEL_OWNER, name);
}

/* Put a listener's backlog, or the remaining lifetime of a closed socket. */
static int po_put_waiting(struct sk_buff *skb, const struct po_sock *sock)
{
	if (sock->state == PORTOWNER_STATE_LISTEN &&
	    (nla_put_u32(skb, PORTOWNER_A_SOCKET_BACKLOG, sock->backlog) ||
	     nla_put_u32(skb, PORTOWNER_A_SOCKET_BACKLOG_MAX,
			 sock->backlog_max)))
		return -EMSGSIZE;
	if (sock->state != PORTOWNER_STATE_LISTEN &&
	    (sock->expires || sock->state == PORTOWNER_STATE_TIME_WAIT) &&
	    nla_put_u64_64bit(skb, PORTOWNER_A_SOCKET_EXPIRES, sock->expires,
			      PORTOWNER_A_SOCKET_PAD))
		return -EMSGSIZE;

	return 0;
}

/* Attributes of 16 and 32 bits, as laid out in a message. */
struct po_attr_u16 {
	struct nlattr nla;
	u16 value;
	u16 pad;
};

struct po_attr_u32 {
	struct nlattr nla;
	u32 value;
};

static struct po_attr_u16 po_attr_u16(int attrtype, u16 value)
{
	return (struct po_attr_u16){
		.nla.nla_type = attrtype,
		.nla.nla_len = nla_attr_size(sizeof(value)),
		.value = value,
	};
}

static struct po_attr_u32 po_attr_u32(int attrtype, u32 value)
{
	return (struct po_attr_u32){
		.nla.nla_type = attrtype,
		.nla.nla_len = nla_attr_size(sizeof(value)),
		.value = value,
	};
}

/**
 * struct po_sock_numbers - attributes of every socket, as in a message
 * @family: address family
 * @proto: protocol
 * @port: local port
 * @state: state
 * @netns: network namespace
 * @flags: socket options
 * @share: why other sockets may share the port
 * @group_size: number of sockets that share it
 *
 * Room is checked once for all of them, at 5 instructions each.
 */
struct po_sock_numbers {
	struct po_attr_u16 family;
	struct po_attr_u16 proto;
	struct po_attr_u16 port;
	struct po_attr_u32 state;
	struct po_attr_u32 netns;
	struct po_attr_u32 flags;
	struct po_attr_u32 share;
	struct po_attr_u32 group_size;
};

static int po_put_sock_numbers(struct sk_buff *skb, const struct po_sock *sock)
{
	struct po_sock_numbers *numbers;

	if (skb_tailroom(skb) < sizeof(*numbers))
		return -EMSGSIZE;

	numbers = __skb_put(skb, sizeof(*numbers));
	*numbers = (struct po_sock_numbers){
		.family = po_attr_u16(PORTOWNER_A_SOCKET_FAMILY, sock->family),
		.proto = po_attr_u16(PORTOWNER_A_SOCKET_PROTO, sock->proto),
		.port = po_attr_u16(PORTOWNER_A_SOCKET_PORT, sock->port),
		.state = po_attr_u32(PORTOWNER_A_SOCKET_STATE, sock->state),
		.netns = po_attr_u32(PORTOWNER_A_SOCKET_NETNS, sock->netns),
		.flags = po_attr_u32(PORTOWNER_A_SOCKET_FLAGS, sock->flags),
		.share = po_attr_u32(PORTOWNER_A_SOCKET_SHARE,
				     po_share_of(sock)),
		.group_size = po_attr_u32(PORTOWNER_A_SOCKET_GROUP_SIZE,
					  sock->group_size),
	};

	return 0;
}

/* Put the peer of a connection, and who chose the port. */
static int po_fill_sock_peer(struct sk_buff *skb, const struct po_sock *sock)
{
	if (sock->port_origin != PO_PORT_UNKNOWN &&
	    nla_put_u8(skb, PORTOWNER_A_SOCKET_PORT_BY_KERNEL,
		       sock->port_origin == PO_PORT_BY_KERNEL))
		return -EMSGSIZE;
	if (!sock->peer_port)
		return 0;

	if (po_put_peer(skb, PORTOWNER_A_SOCKET_PEER_ADDR, sock) ||
	    nla_put_u16(skb, PORTOWNER_A_SOCKET_PEER_PORT, sock->peer_port))
		return -EMSGSIZE;

	return 0;
}

/* The number is unknown if the search for owners was cut short. */
static int po_put_untracked_refs(struct sk_buff *skb,
				 const struct po_sock *sock)
{
	long refs = po_untracked_refs(sock);

	if (refs <= 0 || sock->owners_incomplete)
		return 0;

	return po_put_u32(skb, PORTOWNER_A_SOCKET_UNSEEN_REFS, refs);
}

static int po_fill_sock_numbers(struct sk_buff *skb,
				const struct po_viewer *viewer,
				const struct po_sock *sock)
{
	if (po_put_u64(skb, PORTOWNER_A_SOCKET_COOKIE, sock->cookie) ||
	    po_put_u64(skb, PORTOWNER_A_SOCKET_INODE, sock->inode) ||
	    po_put_sock_numbers(skb, sock) ||
	    po_put_addr(skb, PORTOWNER_A_SOCKET_ADDR, sock) ||
	    po_put_untracked_refs(skb, sock))
		return -EMSGSIZE;
	if (sock->ifindex &&
	    po_put_u32(skb, PORTOWNER_A_SOCKET_IFINDEX, sock->ifindex))
		return -EMSGSIZE;
	if (uid_valid(sock->uid) &&
	    po_put_uid(skb, PORTOWNER_A_SOCKET_UID, viewer, sock->uid))
		return -EMSGSIZE;

	return 0;
}

static int po_fill_sock_head(struct sk_buff *skb, struct po_viewer *viewer,
			     const struct po_sock *sock)
{
	if (po_fill_sock_numbers(skb, viewer, sock) ||
	    po_fill_sock_peer(skb, sock))
		return -EMSGSIZE;
	if (po_kernel_holds(sock) && po_put_kernel_owner(skb, sock->handler))
		return -EMSGSIZE;
	if (*sock->dev &&
	    nla_put_string(skb, PORTOWNER_A_SOCKET_DEV, sock->dev))
		return -EMSGSIZE;
	if (po_fill_sock_procs(skb, viewer, sock))
		return -EMSGSIZE;

	return po_put_waiting(skb, sock);
}

/**
 * po_fill_sock() - put a socket, or the rest of its owners, into a message
 * @skb: message
 * @attrtype: attribute to put it into
 * @viewer: reader
 * @sock: socket
 * @from: in: first owner to be put, or NULL for the socket with all owners;
 *	out: first owner that did not fit
 *
 * Context: the task that receives the reply.
 * Return: 0 if everything was put, 1 if owners are left from @from on,
 * -EMSGSIZE if nothing fitted.
 */
int po_fill_sock(struct sk_buff *skb, int attrtype, struct po_viewer *viewer,
		 const struct po_sock *sock, const struct po_owner **from)
{
	const struct po_owner *owner = *from ?: sock->owners;
	bool progress = !*from;
	struct nlattr *nest;

	nest = nla_nest_start(skb, attrtype);
	if (!nest)
		return -EMSGSIZE;

	if (*from ? nla_put_u64_64bit(skb, PORTOWNER_A_SOCKET_COOKIE,
				      sock->cookie, PORTOWNER_A_SOCKET_PAD) :
		    po_fill_sock_head(skb, viewer, sock))
		goto err_cancel;
	if (po_full(skb))
		goto err_cancel;

	if (po_fill_owners(skb, viewer, &owner))
		progress = true;
	if (!progress && owner)
		goto err_cancel;

	/* Cannot fail: PO_SLACK was left. */
	if (owner)
		nla_put_flag(skb, PORTOWNER_A_SOCKET_MORE_OWNERS);
	nla_nest_end(skb, nest);
	*from = owner;

	return owner ? 1 : 0;

err_cancel:
	nla_nest_cancel(skb, nest);
	return -EMSGSIZE;
}

/**
 * po_fill_culprits() - put as many sockets into a message as fit
 * @skb: message
 * @attrtype: attribute to put each of them into
 * @viewer: reader
 * @culprits: the sockets
 * @nr: in: the first one to be put; out: the first that did not fit
 * @owner: as @from of po_fill_sock(), for that socket
 *
 * Context: the task that receives the reply.
 * Return: 0 if everything was put, 1 if something is left, -EMSGSIZE if nothing
 * fitted.
 */
int po_fill_culprits(struct sk_buff *skb, int attrtype,
		     struct po_viewer *viewer, const struct po_snap *culprits,
		     u32 *nr, const struct po_owner **owner)
{
	u32 first = *nr;
	int err = 0;

	while (!err && *nr < culprits->nr) {
		err = po_fill_sock(skb, attrtype, viewer,
				   po_snap_sock(culprits, *nr), owner);
		if (!err)
			++*nr;
	}

	return err < 0 && *nr > first ? 1 : err;
}
