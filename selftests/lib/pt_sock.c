// SPDX-License-Identifier: GPL-2.0
/* One socket of an answer as a C structure. */
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "pt.h"

void *pt_grow(void *v, int n, size_t size)
{
	v = realloc(v, (n + 1) * size);
	if (!v)
		die("out of memory");
	memset((char *)v + n * size, 0, size);
	return v;
}

int pt_read_addr(const struct nlattr *nla, unsigned char *addr)
{
	int len = nla_size(nla);

	if (len != 4 && len != 16)
		die("address of %d bytes", len);
	memcpy(addr, nla_bytes(nla), len);
	return len;
}

static void read_binder(const struct nlattr *nest, struct pt_binder *b)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	b->present = true;
	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_BINDER_PID:
			b->pid = nla_u32(nla);
			break;
		case PORTOWNER_A_BINDER_COMM:
			b->comm = nla_str(nla);
			break;
		case PORTOWNER_A_BINDER_UID:
			b->uid = nla_u32(nla);
			break;
		case PORTOWNER_A_BINDER_ALIVE:
			b->alive = true;
			break;
		default:
			die("unknown binder attribute %d", nla_id(nla));
		}
	}
}

static void read_sock_where(const struct nlattr *nla, struct pt_sock *s)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_SOCKET_FAMILY:
		s->family = nla_u16(nla);
		break;
	case PORTOWNER_A_SOCKET_PROTO:
		s->proto = nla_u16(nla);
		break;
	case PORTOWNER_A_SOCKET_ADDR:
		s->addr_len = pt_read_addr(nla, s->addr);
		break;
	case PORTOWNER_A_SOCKET_PORT:
		s->port = nla_u16(nla);
		break;
	case PORTOWNER_A_SOCKET_IFINDEX:
		s->ifindex = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_DEV:
		s->dev = nla_str(nla);
		break;
	case PORTOWNER_A_SOCKET_STATE:
		s->state = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_NETNS:
		s->netns = nla_u32(nla);
		break;
	}
}

static void read_sock_peer(const struct nlattr *nla, struct pt_sock *s)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_SOCKET_PEER_ADDR:
		s->peer_addr_len = pt_read_addr(nla, s->peer_addr);
		break;
	case PORTOWNER_A_SOCKET_PEER_PORT:
		s->peer_port = nla_u16(nla);
		break;
	case PORTOWNER_A_SOCKET_PORT_BY_KERNEL:
		s->has_port_by_kernel = true;
		s->port_by_kernel = nla_u8(nla);
		break;
	}
}

static void read_sock_what(const struct nlattr *nla, struct pt_sock *s)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_SOCKET_COOKIE:
		s->cookie = nla_u64(nla);
		break;
	case PORTOWNER_A_SOCKET_INODE:
		s->inode = nla_u64(nla);
		break;
	case PORTOWNER_A_SOCKET_UID:
		s->has_uid = true;
		s->uid = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_FLAGS:
		s->flags = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_SHARE:
		s->has_share = true;
		s->share = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_GROUP_SIZE:
		s->group_size = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_KERNEL_OWNER:
		s->kernel_owner = nla_str(nla);
		break;
	case PORTOWNER_A_SOCKET_UNSEEN_REFS:
		s->unseen_refs = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_OWNERS_HIDDEN:
		s->owners_hidden = true;
		break;
	case PORTOWNER_A_SOCKET_OWNERS_INCOMPLETE:
		s->owners_incomplete = true;
		break;
	case PORTOWNER_A_SOCKET_MORE_OWNERS:
		s->more = true;
		break;
	case PORTOWNER_A_SOCKET_BACKLOG:
		s->backlog = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_BACKLOG_MAX:
		s->has_backlog = true;
		s->backlog_max = nla_u32(nla);
		break;
	case PORTOWNER_A_SOCKET_EXPIRES:
		s->expires = nla_u64(nla);
		break;
	case PORTOWNER_A_SOCKET_BINDER:
		read_binder(nla, &s->binder);
		break;
	}
}

void pt_read_sock(const struct nlattr *nest, struct pt_sock *s)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	s->parts = 1;
	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) > PORTOWNER_A_SOCKET_MAX)
			die("unknown socket attribute %d", nla_id(nla));
		read_sock_where(nla, s);
		read_sock_peer(nla, s);
		read_sock_what(nla, s);
		if (nla_id(nla) == PORTOWNER_A_SOCKET_UNSEEN) {
			s->unseen = pt_grow(s->unseen, s->n_unseen,
					    sizeof(*s->unseen));
			pt_read_unseen(nla, &s->unseen[s->n_unseen++]);
		}
		if (nla_id(nla) != PORTOWNER_A_SOCKET_OWNER)
			continue;
		s->owners = pt_grow(s->owners, s->n_owners, sizeof(*s->owners));
		pt_read_owner(nla, &s->owners[s->n_owners++]);
	}
	if (!s->cookie)
		die("socket without a cookie");
}

/* Does @s continue @last, as the more-owners flag announced? */
bool pt_join_owners(struct pt_sock *last, const struct pt_sock *s)
{
	int i;

	if (last->cookie != s->cookie)
		return false;
	if (s->port || s->family || !s->n_owners)
		die("the rest of a socket has more than cookie and owners");
	for (i = 0; i < s->n_owners; i++) {
		last->owners = pt_grow(last->owners, last->n_owners,
				       sizeof(*last->owners));
		last->owners[last->n_owners++] = s->owners[i];
	}
	last->more = s->more;
	last->parts++;
	return true;
}
