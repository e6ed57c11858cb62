// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets as netlink attributes, as far as the reader may see them.
 *
 * What does not fit goes into the next message. Each function leaves room for the
 * flags that announce it.
 */

#include <linux/kallsyms.h>
#include <linux/pid.h>
#include <linux/user_namespace.h>
#include <net/netlink.h>

#include "core/core.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"
#include "sockets/sockets.h"

/**
 * po_put_pid() - put the number of a process
 * @skb: message
 * @attrtype: attribute, absent if the reader's pid namespace does not see it
 * @viewer: reader
 * @proc: process
 *
 * Return: 0 or -EMSGSIZE.
 */
int po_put_pid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, const struct po_proc *proc)
{
	pid_t nr = pid_nr_ns(proc->pid, viewer->pid_ns);

	return nr ? nla_put_u32(skb, attrtype, nr) : 0;
}

/*
 * Like nla_reserve(), in 14 instructions instead of 70, for attributes that every
 * socket or owner has. The length needs no padding. Returns NULL without room.
 */
static void *po_reserve(struct sk_buff *skb, int attrtype, int len)
{
	struct nlattr *attr = (struct nlattr *)skb_tail_pointer(skb);

	if (skb_tailroom(skb) < nla_total_size(len))
		return NULL;

	__skb_put(skb, nla_total_size(len));
	attr->nla_type = attrtype;
	attr->nla_len = nla_attr_size(len);

	return nla_data(attr);
}

static int po_put_u32(struct sk_buff *skb, int attrtype, u32 value)
{
	u32 *data = po_reserve(skb, attrtype, sizeof(value));

	if (!data)
		return -EMSGSIZE;

	*data = value;

	return 0;
}

static int po_put_u64(struct sk_buff *skb, int attrtype, u64 value)
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

/**
 * po_put_addr() - put an address
 * @skb: message
 * @attrtype: attribute, of 4 bytes or 16
 * @sock: what has it
 *
 * Return: 0 or -EMSGSIZE.
 */
int po_put_addr(struct sk_buff *skb, int attrtype, const struct po_sock *sock)
{
	bool v4 = sock->family == AF_INET;
	int len = v4 ? sizeof(struct in_addr) : sizeof(struct in6_addr);
	void *data = po_reserve(skb, attrtype, len);

	if (!data)
		return -EMSGSIZE;

	if (v4)
		*(__be32 *)data = sock->addr.s6_addr32[3];
	else
		memcpy(data, &sock->addr, sizeof(sock->addr));

	return 0;
}

/**
 * po_put_peer() - put the address of the other end
 * @skb: message
 * @attrtype: attribute, of 4 bytes or 16
 * @sock: what has it
 *
 * Return: 0 or -EMSGSIZE.
 */
int po_put_peer(struct sk_buff *skb, int attrtype, const struct po_sock *sock)
{
	if (sock->family == AF_INET)
		return nla_put(skb, attrtype, sizeof(__be32),
			       &sock->peer.s6_addr32[3]);

	return nla_put(skb, attrtype, sizeof(sock->peer), &sock->peer);
}

static u32 po_uid(const struct po_viewer *viewer, kuid_t uid)
{
	/* Nothing to translate, and nearly everybody asks from there. */
	if (viewer->user_ns == &init_user_ns)
		return __kuid_val(uid);

	return from_kuid_munged(viewer->user_ns, uid);
}

/**
 * po_put_string() - put a text
 * @skb: message
 * @attrtype: attribute
 * @string: text, or NULL for nothing
 *
 * Return: 0 or -EMSGSIZE.
 */
int po_put_string(struct sk_buff *skb, int attrtype, const char *string)
{
	return string ? nla_put_string(skb, attrtype, string) : 0;
}

/**
 * po_put_uid() - put a user
 * @skb: message
 * @attrtype: attribute
 * @viewer: reader, in whose user namespace it is numbered
 * @uid: user
 *
 * Return: 0 or -EMSGSIZE.
 */
int po_put_uid(struct sk_buff *skb, int attrtype,
	       const struct po_viewer *viewer, kuid_t uid)
{
	return po_put_u32(skb, attrtype, po_uid(viewer, uid));
}

/* The nest of an owner, and what each owner in it has. NULL: it does not fit. */
static struct nlattr *po_start_owner(struct sk_buff *skb,
				     const struct po_owner *owner, pid_t nr,
				     bool repeated)
{
	struct nlattr *nest = (struct nlattr *)skb_tail_pointer(skb);

	if (!po_reserve(skb, PORTOWNER_A_SOCKET_OWNER | NLA_F_NESTED, 0))
		return NULL;
	if ((nr && po_put_u32(skb, PORTOWNER_A_OWNER_PID, nr)) ||
	    po_put_u32(skb, PORTOWNER_A_OWNER_FD, owner->fd) ||
	    (repeated && !po_reserve(skb, PORTOWNER_A_OWNER_REPEATED, 0))) {
		nla_nest_cancel(skb, nest);
		return NULL;
	}

	return nest;
}

/* What an owner has of its process, but for the id. */
static int po_fill_owner_proc(struct sk_buff *skb,
			      const struct po_viewer *viewer,
			      const struct po_proc *proc)
{
	return po_put_uid(skb, PORTOWNER_A_OWNER_UID, viewer, proc->cred->euid) ?:
	       po_put_string(skb, PORTOWNER_A_OWNER_COMM, proc->comm) ?:
	       po_put_string(skb, PORTOWNER_A_OWNER_EXE, proc->exe) ?:
	       po_put_string(skb, PORTOWNER_A_OWNER_CGROUP,
			     po_viewer_cgroup(viewer, proc));
}

static int po_fill_owner(struct sk_buff *skb, const struct po_viewer *viewer,
			 const struct po_owner *owner)
{
	const struct po_proc *proc = owner->proc;
	pid_t nr = pid_nr_ns(proc->pid, viewer->pid_ns);
	bool repeats = viewer->known && nr && !proc->pid_reused;
	bool repeated = repeats && test_bit(proc->nr, viewer->known);
	struct nlattr *nest;
	int err;

	nest = po_start_owner(skb, owner, nr, repeated);
	if (!nest)
		return -EMSGSIZE;

	err = repeated ? 0 : po_fill_owner_proc(skb, viewer, proc);
	if (err || po_full(skb)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	/* From here on it is in the message: po_fill_sock() keeps it. */
	if (repeats && !repeated)
		__set_bit(proc->nr, viewer->known);

	return 0;
}

/* A socket may have a million of them; nearly all have one. */
static void po_fill_breathe(const struct po_owner *owner)
{
	if (owner->next)
		cond_resched();
}

static bool po_owners_hidden(struct po_viewer *viewer,
			     const struct po_sock *sock)
{
	const struct po_owner *owner;

	for (owner = sock->owners; owner; owner = owner->next) {
		if (!po_viewer_sees_proc(viewer, owner->proc))
			return true;
		po_fill_breathe(owner);
	}

	return false;
}

/* One socket alone is shared all the same if several processes hold it. */
static u32 po_share_of(const struct po_sock *sock)
{
	const struct po_owner *owner;

	if (sock->share != PORTOWNER_SHARE_EXCLUSIVE)
		return sock->share;
	for (owner = sock->owners; owner; owner = owner->next) {
		if (owner->proc != sock->owners->proc)
			return PORTOWNER_SHARE_INHERITED;
		po_fill_breathe(owner);
	}

	return PORTOWNER_SHARE_EXCLUSIVE;
}

/* If it has the socket still, by what was known of it as an owner. */
static bool po_sees_binder(struct po_viewer *viewer, const struct po_sock *sock)
{
	const struct po_owner *owner;

	for (owner = sock->owners; owner; owner = owner->next)
		if (owner->proc->pid == sock->bound->pid)
			return po_viewer_sees_proc(viewer, owner->proc);

	return po_viewer_sees_bound(viewer, sock->bound);
}

static int po_fill_binder(struct sk_buff *skb, struct po_viewer *viewer,
			  const struct po_sock *sock)
{
	const struct po_bound *bound = sock->bound;
	pid_t nr = pid_nr_ns(bound->pid, viewer->pid_ns);
	struct nlattr *nest;

	if (nla_put_u64_64bit(skb, PORTOWNER_A_SOCKET_AGE, bound->age,
			      PORTOWNER_A_SOCKET_PAD))
		return -EMSGSIZE;
	if (!po_sees_binder(viewer, sock))
		return 0;

	nest = nla_nest_start(skb, PORTOWNER_A_SOCKET_BINDER);
	if (!nest)
		return -EMSGSIZE;

	/* The caller cancels all if it does not fit. */
	if ((nr && nla_put_u32(skb, PORTOWNER_A_BINDER_PID, nr)) ||
	    nla_put_string(skb, PORTOWNER_A_BINDER_COMM, bound->comm) ||
	    po_put_uid(skb, PORTOWNER_A_BINDER_UID, viewer, bound->uid) ||
	    (bound->alive && nla_put_flag(skb, PORTOWNER_A_BINDER_ALIVE)))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);

	return 0;
}

/* Where references may be that no owner explains, as far as it may be told. */
static int po_fill_unseen(struct sk_buff *skb, struct po_viewer *viewer,
			  const struct po_sock *sock)
{
	const struct po_untracked *unseen;
	struct nlattr *nest;

	for (unseen = sock->untracked; unseen; unseen = unseen->next) {
		if (!po_viewer_sees_proc(viewer, unseen->proc))
			continue;
		nest = nla_nest_start(skb, PORTOWNER_A_SOCKET_UNSEEN);
		/* The caller cancels all if it does not fit. */
		if (!nest ||
		    nla_put_u32(skb, PORTOWNER_A_UNSEEN_AT_WHERE,
				unseen->where) ||
		    po_put_pid(skb, PORTOWNER_A_UNSEEN_AT_PID, viewer,
			       unseen->proc) ||
		    nla_put_string(skb, PORTOWNER_A_UNSEEN_AT_COMM,
				   unseen->proc->comm))
			return -EMSGSIZE;
		nla_nest_end(skb, nest);
	}

	return 0;
}

static int po_put_kernel_owner(struct sk_buff *skb, const void *handler)
{
	char name[KSYM_NAME_LEN];

	po_kernel_name(handler, name, sizeof(name));

	return nla_put_string(skb, PORTOWNER_A_SOCKET_KERNEL_OWNER, name);
}

/* Who waits for a listener, and for how long others wait for a closed socket. */
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

/* Attributes of 16 and 32 bits as they are in a message. */
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
 * struct po_sock_numbers - what each socket has, as it is in a message
 * @family: PORTOWNER_A_SOCKET_FAMILY, and so on
 * @proto: protocol
 * @port: local port
 * @state: state
 * @netns: network namespace
 * @flags: options
 * @share: why others may have the port as well
 * @group_size: how many have it
 *
 * The room left is checked once for all of them, at 5 instructions each.
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

/* The other end of a connection, and who chose the port. */
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

/* Unknown if the search for descriptors was cut short. */
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
	if (sock->bound && po_fill_binder(skb, viewer, sock))
		return -EMSGSIZE;
	if (po_fill_unseen(skb, viewer, sock))
		return -EMSGSIZE;
	if (po_owners_hidden(viewer, sock) &&
	    nla_put_flag(skb, PORTOWNER_A_SOCKET_OWNERS_HIDDEN))
		return -EMSGSIZE;
	if (sock->owners_incomplete &&
	    nla_put_flag(skb, PORTOWNER_A_SOCKET_OWNERS_INCOMPLETE))
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
 * Return: 0 if all is put, 1 if @from tells what is left, -EMSGSIZE if nothing
 * fitted.
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

	for (; owner; owner = owner->next) {
		if (!po_viewer_sees_proc(viewer, owner->proc)) {
			po_fill_breathe(owner);
			continue;
		}
		if (po_fill_owner(skb, viewer, owner))
			break;
		progress = true;
	}
	if (!progress && owner)
		goto err_cancel;

	/* Cannot fail: PO_SLACK. */
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
 * @owner: as po_fill_sock() has it, for that socket
 *
 * Context: the task that receives the reply.
 * Return: 0 if all is put, 1 if something is left, -EMSGSIZE if nothing fitted.
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
