// SPDX-License-Identifier: GPL-2.0
/* Sockets that have nearly all in common with one that was sent in full. */

#include <stdlib.h>
#include <string.h>
#include <netlink/attr.h>
#include <netlink/errno.h>

#include "attr.h"
#include "decode_parts.h"
#include "model.h"

/* What there is of each socket. */
enum {
	ALIKE_COOKIE,
	ALIKE_INODE,
	ALIKE_REST,
	ALIKE_NUMBERS,
};

/* What a socket has besides is not to be had by others too. */
static bool may_be_kind(const struct psock *sock)
{
	return sock->n_owners == 1 && !sock->more && !sock->ep.dev &&
	       !sock->kernel_owner && !sock->binder && !sock->n_unseen;
}

/**
 * decode_kind() - Read the number of a kind.
 * @list: its last socket is of that kind
 * @attr: the number
 *
 * Return: 0, or a negative error of libnl.
 */
int decode_kind(struct psock_list *list, struct nlattr *attr)
{
	__u32 kind = nla_get_u32(attr);

	if (kind >= KINDS_MAX || !may_be_kind(&list->v[list->n - 1]))
		return -NLE_RANGE;
	psock_list_set_kind(list, kind);
	return 0;
}

/**
 * decode_alike() - Read sockets of kinds that are known.
 * @list: they are added here
 * @attr: the attribute
 *
 * Return: 0, or a negative error of libnl.
 */
int decode_alike(struct psock_list *list, struct nlattr *attr)
{
	const unsigned char *at = attr_data(attr);
	const unsigned char *end = at + attr_len(attr);
	__u64 numbers[ALIKE_NUMBERS];
	struct psock *sock;

	for (; at < end; at += sizeof(numbers)) {
		if ((size_t)(end - at) < sizeof(numbers))
			return -NLE_RANGE;
		memcpy(numbers, at, sizeof(numbers));
		sock = psock_list_add_kind(list, numbers[ALIKE_REST] >> 48);
		if (!sock)
			return -NLE_MISSING_ATTR;
		sock->cookie = numbers[ALIKE_COOKIE];
		sock->inode = numbers[ALIKE_INODE];
		sock->ep.port = numbers[ALIKE_REST] >> 32;
		sock->owners->fd = numbers[ALIKE_REST];
	}
	return 0;
}
