// SPDX-License-Identifier: GPL-2.0
/* Sockets in compact form: only what differs from a template. */

#include <string.h>
#include <sys/socket.h>
#include <netlink/attr.h>
#include <netlink/errno.h>

#include "model/model.h"
#include "netlink/attr.h"
#include "netlink/decode_priv.h"

/* Anything else on such a socket would be attributed to others, too. */
static bool may_be_template(const struct psock *sock)
{
	return sock->n_owners == 1 && !sock->more && !sock->ep.dev &&
	       !sock->kernel_owner && !sock->binder && !sock->n_untracked;
}

/**
 * decode_template_id() - Decode the number that makes a socket a template.
 * @list: its last socket is the template
 * @attr: the number
 *
 * Return: 0, or a negative libnl error.
 */
int decode_template_id(struct psock_list *list, struct nlattr *attr)
{
	if (!may_be_template(&list->v[list->n - 1]))
		return -NLE_RANGE;
	psock_list_set_template(list, attr_u16(attr));
	return 0;
}

/* Size of an element of each array. */
static const unsigned char element_size[PORTOWNER_A_COMPACT_MAX + 1] = {
	[PORTOWNER_A_COMPACT_TEMPLATE_ID]	= sizeof(__u16),
	[PORTOWNER_A_COMPACT_COOKIE]		= sizeof(__u64),
	[PORTOWNER_A_COMPACT_INODE]		= sizeof(__u64),
	[PORTOWNER_A_COMPACT_PORT]		= sizeof(__u16),
	[PORTOWNER_A_COMPACT_FD]		= sizeof(__u32),
	[PORTOWNER_A_COMPACT_PEER_ADDR]		= 16,
	[PORTOWNER_A_COMPACT_PEER_PORT]		= sizeof(__u16),
};

/* Number of elements in every array, or a negative libnl error. */
static int count_elements(struct nlattr **tb)
{
	int type, n;

	if (!tb[PORTOWNER_A_COMPACT_TEMPLATE_ID])
		return -NLE_MISSING_ATTR;
	n = attr_len(tb[PORTOWNER_A_COMPACT_TEMPLATE_ID]) / sizeof(__u16);
	for (type = 1; type <= PORTOWNER_A_COMPACT_MAX; type++) {
		if (!tb[type])
			return -NLE_MISSING_ATTR;
		if (attr_len(tb[type]) != n * element_size[type])
			return -NLE_RANGE;
	}
	return n;
}

static __u16 u16_at(const struct nlattr *array, int i)
{
	return ((const __u16 *)attr_data(array))[i];
}

static __u32 u32_at(const struct nlattr *array, int i)
{
	return ((const __u32 *)attr_data(array))[i];
}

/* Attributes are not aligned to that many bytes. */
static __u64 u64_at(const struct nlattr *array, int i)
{
	__u64 value;

	memcpy(&value, (const char *)attr_data(array) + i * sizeof(value),
	       sizeof(value));
	return value;
}

static void set_peer(struct psock *sock, struct nlattr **tb, int i)
{
	const unsigned char *addr = attr_data(tb[PORTOWNER_A_COMPACT_PEER_ADDR]);
	bool v4 = sock->ep.family == AF_INET;

	sock->peer_port = u16_at(tb[PORTOWNER_A_COMPACT_PEER_PORT], i);
	memcpy(sock->peer_addr, addr + i * 16 + (v4 ? 12 : 0), v4 ? 4 : 16);
}

/**
 * decode_compact() - Decode sockets in compact form.
 * @list: they are added here
 * @nest: the attribute
 *
 * Return: 0, or a negative libnl error.
 */
int decode_compact(struct psock_list *list, struct nlattr *nest)
{
	static const struct nla_policy policy[PORTOWNER_A_COMPACT_MAX + 1];
	struct nlattr *tb[PORTOWNER_A_COMPACT_MAX + 1];
	struct psock *sock;
	int err, i, n;
	__u16 id;

	err = attr_parse_nested(tb, PORTOWNER_A_COMPACT_MAX, nest, policy);
	if (err < 0)
		return err;
	n = count_elements(tb);
	if (n < 0)
		return n;
	for (i = 0; i < n; i++) {
		id = u16_at(tb[PORTOWNER_A_COMPACT_TEMPLATE_ID], i);
		sock = psock_list_add_like(list, id);
		if (!sock)
			return -NLE_MISSING_ATTR;
		sock->cookie = u64_at(tb[PORTOWNER_A_COMPACT_COOKIE], i);
		sock->inode = u64_at(tb[PORTOWNER_A_COMPACT_INODE], i);
		sock->ep.port = u16_at(tb[PORTOWNER_A_COMPACT_PORT], i);
		sock->owners->fd = u32_at(tb[PORTOWNER_A_COMPACT_FD], i);
		set_peer(sock, tb, i);
	}
	return 0;
}
