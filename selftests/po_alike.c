// SPDX-License-Identifier: GPL-2.0
/* Sockets that came in brief, as C structures. */
#include <string.h>

#include "die.h"
#include "po.h"

/* The last socket is that of a kind. */
void po_read_kind(const struct nlattr *nla, struct po_socks *socks)
{
	const struct po_sock *last = &socks->v[socks->n - 1];
	__u32 kind = nla_u32(nla);

	if (kind >= PO_KINDS)
		die("kind %u", kind);
	if (last->n_owners != 1 || last->more)
		die("kind %u has %d owners", kind, last->n_owners);
	socks->kinds[kind] = socks->n;
}

static void read_one(struct po_socks *socks, const __u64 *numbers)
{
	__u32 kind = numbers[2] >> 48;
	const struct po_sock *like;
	struct po_sock s;

	if (kind >= PO_KINDS || !socks->kinds[kind])
		die("kind %u was not there before", kind);
	like = &socks->v[socks->kinds[kind] - 1];
	s = *like;
	s.cookie = numbers[0];
	s.inode = numbers[1];
	s.port = numbers[2] >> 32;
	s.owners = po_grow(NULL, 0, sizeof(*s.owners));
	*s.owners = *like->owners;
	s.owners->fd = numbers[2];
	socks->v = po_grow(socks->v, socks->n, sizeof(s));
	socks->v[socks->n++] = s;
	socks->n_alike++;
}

void po_read_alike(const struct nlattr *nla, struct po_socks *socks)
{
	const char *at = nla_bytes(nla);
	int left = nla_size(nla);
	__u64 numbers[3];

	if (!left || left % sizeof(numbers))
		die("alike of %d bytes", left);
	for (; left; left -= sizeof(numbers), at += sizeof(numbers)) {
		memcpy(numbers, at, sizeof(numbers));
		read_one(socks, numbers);
	}
}
