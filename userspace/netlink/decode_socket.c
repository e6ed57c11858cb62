// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink attributes into the model.
 *
 * A socket with many owners, or a reject with many culprits, comes in several
 * messages; those after the first have the name of the thing and the rest.
 * Functions that return an int return 0 or a negative libnl error.
 */

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/errno.h>
#include <netlink/genl/genl.h>

#include "lib/util.h"
#include "model/proc_cache.h"
#include "netlink/attr.h"
#include "netlink/decode.h"
#include "netlink/decode_priv.h"

static const struct nla_policy owner_policy[PORTOWNER_A_OWNER_MAX + 1] = {
	[PORTOWNER_A_OWNER_PID]		= { .type = NLA_U32 },
	[PORTOWNER_A_OWNER_FD]		= { .type = NLA_U32 },
	[PORTOWNER_A_OWNER_COMM]	= { .type = NLA_STRING },
	[PORTOWNER_A_OWNER_EXE]		= { .type = NLA_STRING },
	[PORTOWNER_A_OWNER_UID]		= { .type = NLA_U32 },
	[PORTOWNER_A_OWNER_CGROUP]	= { .type = NLA_STRING },
	[PORTOWNER_A_OWNER_REPEATED]	= { .type = NLA_FLAG },
};

static const struct nla_policy binder_policy[PORTOWNER_A_BINDER_MAX + 1] = {
	[PORTOWNER_A_BINDER_PID]	= { .type = NLA_U32 },
	[PORTOWNER_A_BINDER_COMM]	= { .type = NLA_STRING },
	[PORTOWNER_A_BINDER_UID]	= { .type = NLA_U32 },
	[PORTOWNER_A_BINDER_ALIVE]	= { .type = NLA_FLAG },
};

static const struct nla_policy
untracked_policy[PORTOWNER_A_UNSEEN_AT_MAX + 1] = {
	[PORTOWNER_A_UNSEEN_AT_WHERE]	= { .type = NLA_U32 },
	[PORTOWNER_A_UNSEEN_AT_PID]	= { .type = NLA_U32 },
	[PORTOWNER_A_UNSEEN_AT_COMM]	= { .type = NLA_STRING },
};

/* Where the numbers of a socket go; they make up most of a long list. */
#define U16(member)	{ offsetof(struct psock, member), sizeof(__u16) }
#define U32(member)	{ offsetof(struct psock, member), sizeof(__u32) }
#define U64(member)	{ offsetof(struct psock, member), sizeof(__u64) }

static const struct {
	unsigned short offset;
	unsigned short size;
} socket_numbers[PORTOWNER_A_SOCKET_MAX + 1] = {
	[PORTOWNER_A_SOCKET_FAMILY]	= U16(ep.family),
	[PORTOWNER_A_SOCKET_PROTO]	= U16(ep.proto),
	[PORTOWNER_A_SOCKET_PORT]	= U16(ep.port),
	[PORTOWNER_A_SOCKET_STATE]	= U32(state),
	[PORTOWNER_A_SOCKET_NETNS]	= U32(netns),
	[PORTOWNER_A_SOCKET_COOKIE]	= U64(cookie),
	[PORTOWNER_A_SOCKET_INODE]	= U64(inode),
	[PORTOWNER_A_SOCKET_UID]	= U32(uid),
	[PORTOWNER_A_SOCKET_FLAGS]	= U32(ep.flags),
	[PORTOWNER_A_SOCKET_SHARE]	= U32(share),
	[PORTOWNER_A_SOCKET_GROUP_SIZE]	= U32(group_size),
	[PORTOWNER_A_SOCKET_UNSEEN_REFS] = U32(untracked_refs),
	[PORTOWNER_A_SOCKET_AGE]	= U64(age_ns),
	[PORTOWNER_A_SOCKET_BACKLOG]	= U32(backlog),
	[PORTOWNER_A_SOCKET_BACKLOG_MAX] = U32(backlog_max),
	[PORTOWNER_A_SOCKET_EXPIRES]	= U64(expires_ns),
	[PORTOWNER_A_SOCKET_PEER_PORT]	= U16(peer_port),
};

/* The other attributes of a socket. */
static const struct nla_policy socket_policy[PORTOWNER_A_SOCKET_MAX + 1] = {
	[PORTOWNER_A_SOCKET_IFINDEX]	= { .type = NLA_U32 },
	[PORTOWNER_A_SOCKET_DEV]	= { .type = NLA_STRING },
	[PORTOWNER_A_SOCKET_KERNEL_OWNER] = { .type = NLA_STRING },
	[PORTOWNER_A_SOCKET_PORT_BY_KERNEL] = { .type = NLA_U8 },
};

/**
 * decode_string() - Decode a string.
 * @attr: the string, or NULL
 *
 * Return: an allocated copy, or NULL.
 */
char *decode_string(struct nlattr *attr)
{
	return attr ? xstrdup(nla_get_string(attr)) : NULL;
}

/**
 * decode_addr() - Decode an address.
 * @ep: its family is set; gets the address
 * @attr: the address, or NULL
 *
 * Return: 0, or a negative libnl error.
 */
int decode_addr(struct endpoint *ep, struct nlattr *attr)
{
	return decode_peer(ep->family, attr, ep->addr);
}

/**
 * decode_addr_family() - The family of an address.
 * @attr: the address, or NULL
 *
 * An IPv6 socket may have requested an IPv4 address, and vice versa.
 *
 * Return: AF_INET or AF_INET6.
 */
__u16 decode_addr_family(const struct nlattr *attr)
{
	return attr && attr_len(attr) == 4 ? AF_INET : AF_INET6;
}

/**
 * decode_peer() - Decode the address of a peer.
 * @family: AF_INET or AF_INET6
 * @attr: the address, or NULL
 * @addr: set to its 4 or 16 bytes
 *
 * Return: 0, or a negative libnl error.
 */
int decode_peer(int family, struct nlattr *attr, unsigned char *addr)
{
	int len = family == AF_INET ? 4 : 16;

	if (family != AF_INET && family != AF_INET6)
		return -NLE_AF_NOSUPPORT;
	if (!attr || attr_len(attr) != len)
		return -NLE_INVAL;
	memcpy(addr, attr_data(attr), len);
	return 0;
}

static enum port_origin origin_of(const struct nlattr *by_kernel)
{
	if (!by_kernel)
		return PORT_ORIGIN_UNKNOWN;
	return *(const __u8 *)attr_data(by_kernel) ? PORT_ORIGIN_KERNEL :
						     PORT_ORIGIN_PROGRAM;
}

/**
 * decode_dev() - Decode the name of a device.
 * @dev: the name, or NULL if it was renamed or is gone
 * @ifindex: its index, or NULL without a device
 *
 * Return: an allocated name, "if" and the index if need be, or NULL.
 */
char *decode_dev(struct nlattr *dev, struct nlattr *ifindex)
{
	char name[16];

	if (dev || !ifindex)
		return decode_string(dev);
	snprintf(name, sizeof(name), "if%u", nla_get_u32(ifindex));
	return xstrdup(name);
}

static const char *text_of(struct nlattr *attr)
{
	return attr ? attr_data(attr) : NULL;
}

static int decode_owner(struct psock_list *list, struct psock *sock,
			struct nlattr *nest)
{
	struct nlattr *tb[PORTOWNER_A_OWNER_MAX + 1];
	struct owner *owner;
	int err;

	err = attr_parse_nested(tb, PORTOWNER_A_OWNER_MAX, nest,
				owner_policy);
	if (err < 0)
		return err;
	owner = psock_add_owner(list, sock);
	owner->pid = get_u32(tb[PORTOWNER_A_OWNER_PID]);
	owner->fd = get_u32(tb[PORTOWNER_A_OWNER_FD]);
	if (tb[PORTOWNER_A_OWNER_REPEATED])
		return proc_cache_repeat(list->proc_cache, owner);
	owner->uid = get_u32(tb[PORTOWNER_A_OWNER_UID]);
	proc_cache_add(&list->proc_cache, owner,
		       text_of(tb[PORTOWNER_A_OWNER_COMM]),
		       text_of(tb[PORTOWNER_A_OWNER_EXE]),
		       text_of(tb[PORTOWNER_A_OWNER_CGROUP]));
	return 0;
}

static int decode_untracked(struct psock *sock, struct nlattr *nest)
{
	struct nlattr *tb[PORTOWNER_A_UNSEEN_AT_MAX + 1];
	struct untracked *untracked;
	int err;

	err = attr_parse_nested(tb, PORTOWNER_A_UNSEEN_AT_MAX, nest,
				untracked_policy);
	if (err < 0)
		return err;
	untracked = psock_add_untracked(sock);
	untracked->where = get_u32(tb[PORTOWNER_A_UNSEEN_AT_WHERE]);
	untracked->pid = get_u32(tb[PORTOWNER_A_UNSEEN_AT_PID]);
	untracked->comm = decode_string(tb[PORTOWNER_A_UNSEEN_AT_COMM]);
	return 0;
}

static int decode_binder(struct psock *sock, struct nlattr *nest)
{
	struct nlattr *tb[PORTOWNER_A_BINDER_MAX + 1];
	int err;

	if (!nest)
		return 0;
	err = nla_parse_nested(tb, PORTOWNER_A_BINDER_MAX, nest, binder_policy);
	if (err < 0)
		return err;
	sock->binder = xcalloc(1, sizeof(*sock->binder));
	sock->binder->pid = get_u32(tb[PORTOWNER_A_BINDER_PID]);
	sock->binder->uid = get_u32(tb[PORTOWNER_A_BINDER_UID]);
	sock->binder->comm = decode_string(tb[PORTOWNER_A_BINDER_COMM]);
	sock->binder->alive = tb[PORTOWNER_A_BINDER_ALIVE];
	return 0;
}

/**
 * struct parts - Attributes of a socket that are not numbers.
 * @seen: bit of each attribute present, including numbers
 * @addr: address, or NULL
 * @ifindex: index of its device, or NULL
 * @dev: name of its device, or NULL
 * @kernel_owner: part of the kernel that created it, or NULL
 * @peer_addr: address of the peer, or NULL
 * @port_by_kernel: whether the kernel chose the port, or NULL
 * @binder: who bound it, or NULL
 * @many: the first attribute that may be repeated
 * @left: number of bytes from there on
 */
struct parts {
	__u32 seen;
	struct nlattr *addr;
	struct nlattr *ifindex;
	struct nlattr *dev;
	struct nlattr *kernel_owner;
	struct nlattr *peer_addr;
	struct nlattr *port_by_kernel;
	struct nlattr *binder;
	struct nlattr *many;
	int left;
};

_Static_assert(PORTOWNER_A_SOCKET_MAX < 32, "bits in struct parts");

static bool has(const struct parts *parts, int type)
{
	return parts->seen & 1U << type;
}

static int decode_number(struct psock *sock, const struct nlattr *attr,
			 int type)
{
	char *to = (char *)sock + socket_numbers[type].offset;
	const void *from = attr_data(attr);
	int size = socket_numbers[type].size;

	if (attr_len(attr) < size)
		return -NLE_RANGE;
	if (size == sizeof(__u32))
		memcpy(to, from, sizeof(__u32));
	else if (size == sizeof(__u64))
		memcpy(to, from, sizeof(__u64));
	else
		memcpy(to, from, sizeof(__u16));
	return 0;
}

static int note_part(struct parts *parts, struct nlattr *attr, int left,
		     int type)
{
	switch (type) {
	case PORTOWNER_A_SOCKET_ADDR:
		parts->addr = attr;
		break;
	case PORTOWNER_A_SOCKET_IFINDEX:
		parts->ifindex = attr;
		break;
	case PORTOWNER_A_SOCKET_DEV:
		parts->dev = attr;
		break;
	case PORTOWNER_A_SOCKET_KERNEL_OWNER:
		parts->kernel_owner = attr;
		break;
	case PORTOWNER_A_SOCKET_PEER_ADDR:
		parts->peer_addr = attr;
		break;
	case PORTOWNER_A_SOCKET_PORT_BY_KERNEL:
		parts->port_by_kernel = attr;
		break;
	case PORTOWNER_A_SOCKET_BINDER:
		parts->binder = attr;
		break;
	case PORTOWNER_A_SOCKET_OWNER:
	case PORTOWNER_A_SOCKET_UNSEEN:
		if (!parts->many) {
			parts->many = attr;
			parts->left = left;
		}
		break;
	}
	return attr_check(attr, socket_policy[type].type);
}

static int decode_parts(struct psock *sock, struct parts *parts,
			struct nlattr *nest)
{
	struct nlattr *attr = (struct nlattr *)attr_data(nest);
	int type, err, left = attr_len(nest);

	for (; attr_ok(attr, left); attr = attr_next(attr, &left)) {
		type = attr_type(attr);
		if (type > PORTOWNER_A_SOCKET_MAX)
			continue;
		parts->seen |= 1U << type;
		err = socket_numbers[type].size ?
			      decode_number(sock, attr, type) :
			      note_part(parts, attr, left, type);
		if (err < 0)
			return err;
	}
	return 0;
}

static int decode_many(struct psock_list *list, struct psock *sock,
		       const struct parts *parts)
{
	struct nlattr *attr = parts->many;
	int err = 0, left = parts->left;

	for (; err >= 0 && attr_ok(attr, left); attr = attr_next(attr, &left)) {
		if (attr_type(attr) == PORTOWNER_A_SOCKET_OWNER)
			err = decode_owner(list, sock, attr);
		else if (attr_type(attr) == PORTOWNER_A_SOCKET_UNSEEN)
			err = decode_untracked(sock, attr);
	}
	return err;
}

static int decode_socket_head(struct psock *sock, const struct parts *parts)
{
	int err;

	if (!has(parts, PORTOWNER_A_SOCKET_PROTO) ||
	    !has(parts, PORTOWNER_A_SOCKET_PORT) ||
	    !has(parts, PORTOWNER_A_SOCKET_STATE))
		return -NLE_MISSING_ATTR;
	err = decode_addr(&sock->ep, parts->addr);
	if (err < 0)
		return err;
	if (sock->peer_port) {
		err = decode_peer(sock->ep.family, parts->peer_addr,
				  sock->peer_addr);
		if (err < 0)
			return err;
	}
	sock->port_origin = origin_of(parts->port_by_kernel);
	sock->ep.dev = decode_dev(parts->dev, parts->ifindex);
	sock->kernel_owner = decode_string(parts->kernel_owner);
	sock->has_uid = has(parts, PORTOWNER_A_SOCKET_UID);
	sock->has_backlog = has(parts, PORTOWNER_A_SOCKET_BACKLOG_MAX);
	sock->has_expires = has(parts, PORTOWNER_A_SOCKET_EXPIRES);
	sock->has_age = has(parts, PORTOWNER_A_SOCKET_AGE);
	return decode_binder(sock, parts->binder);
}

/* The socket with this cookie that more owners belong to. */
static struct psock *continued(struct psock_list *list, __u64 cookie)
{
	size_t i;

	for (i = list->n; i > 0; i--)
		if (list->v[i - 1].more && list->v[i - 1].cookie == cookie)
			return &list->v[i - 1];
	return NULL;
}

/**
 * decode_socket() - Decode a socket.
 * @list: it is added here, or its owners to the last socket here
 * @nest: the attribute
 *
 * Return: 0, or a negative libnl error.
 */
int decode_socket(struct psock_list *list, struct nlattr *nest)
{
	struct psock *sock = psock_list_add(list);
	struct parts parts = { 0 };
	__u64 cookie;
	int err;

	err = decode_parts(sock, &parts, nest);
	cookie = sock->cookie;
	if (err >= 0 && has(&parts, PORTOWNER_A_SOCKET_FAMILY)) {
		err = decode_socket_head(sock, &parts);
		if (err < 0)
			psock_list_drop_last(list);
	} else {
		psock_list_drop_last(list);
		sock = continued(list, cookie);
		if (!sock && err >= 0)
			err = -NLE_MISSING_ATTR;
	}
	if (err < 0)
		return err;
	sock->more = has(&parts, PORTOWNER_A_SOCKET_MORE_OWNERS);
	if (has(&parts, PORTOWNER_A_SOCKET_OWNERS_HIDDEN))
		sock->owners_hidden = true;
	if (has(&parts, PORTOWNER_A_SOCKET_OWNERS_INCOMPLETE))
		sock->owners_incomplete = true;
	return decode_many(list, sock, &parts);
}

/**
 * decode_port() - Decode a message of the port-get dump.
 * @nlh: the message
 * @list: its sockets are added here, or its owners to the last socket here
 *
 * Return: 0, or a negative libnl error.
 */
int decode_port(struct nlmsghdr *nlh, struct psock_list *list)
{
	static const struct nla_policy policy[PORTOWNER_A_PORT_MAX + 1] = {
		[PORTOWNER_A_PORT_TEMPLATE_ID] = { .type = NLA_U16 },
	};
	struct nlattr *tb[PORTOWNER_A_PORT_MAX + 1];
	struct genlmsghdr *ghdr;
	int err;

	if (!genlmsg_valid_hdr(nlh, 0))
		return -NLE_MSG_TOOSHORT;
	ghdr = genlmsg_hdr(nlh);
	err = attr_parse(tb, PORTOWNER_A_PORT_MAX, genlmsg_attrdata(ghdr, 0),
			 genlmsg_attrlen(ghdr, 0), policy);
	if (err < 0)
		return err;
	/* The answer follows. */
	if (!genlmsg_attrlen(ghdr, 0))
		return 0;
	if (tb[PORTOWNER_A_PORT_COMPACT])
		return decode_compact(list, tb[PORTOWNER_A_PORT_COMPACT]);
	if (!tb[PORTOWNER_A_PORT_SOCKET])
		return -NLE_MISSING_ATTR;
	err = decode_socket(list, tb[PORTOWNER_A_PORT_SOCKET]);
	if (err >= 0 && tb[PORTOWNER_A_PORT_TEMPLATE_ID])
		err = decode_template_id(list,
					 tb[PORTOWNER_A_PORT_TEMPLATE_ID]);
	return err;
}
