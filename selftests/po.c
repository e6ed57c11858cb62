// SPDX-License-Identifier: GPL-2.0
/*
 * The answers of the portowner family about sockets as C structures, and counters.
 *
 * Nothing is freed: each test is a process of its own.
 */
#include <errno.h>
#include <string.h>

#include "die.h"
#include "po.h"
#include "sock.h"

void *po_grow(void *v, int n, size_t size)
{
	v = realloc(v, (n + 1) * size);
	if (!v)
		die("out of memory");
	memset((char *)v + n * size, 0, size);
	return v;
}

int po_read_addr(const struct nlattr *nla, unsigned char *addr)
{
	int len = nla_size(nla);

	if (len != 4 && len != 16)
		die("address of %d bytes", len);
	memcpy(addr, nla_bytes(nla), len);
	return len;
}

static void read_binder(const struct nlattr *nest, struct po_binder *b)
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

static void read_sock_where(const struct nlattr *nla, struct po_sock *s)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_SOCKET_FAMILY:
		s->family = nla_u16(nla);
		break;
	case PORTOWNER_A_SOCKET_PROTO:
		s->proto = nla_u16(nla);
		break;
	case PORTOWNER_A_SOCKET_ADDR:
		s->addr_len = po_read_addr(nla, s->addr);
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

static void read_sock_what(const struct nlattr *nla, struct po_sock *s)
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

void po_read_sock(const struct nlattr *nest, struct po_sock *s)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	s->parts = 1;
	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) > PORTOWNER_A_SOCKET_MAX)
			die("unknown socket attribute %d", nla_id(nla));
		read_sock_where(nla, s);
		read_sock_what(nla, s);
		if (nla_id(nla) == PORTOWNER_A_SOCKET_UNSEEN) {
			s->unseen = po_grow(s->unseen, s->n_unseen,
					    sizeof(*s->unseen));
			po_read_unseen(nla, &s->unseen[s->n_unseen++]);
		}
		if (nla_id(nla) != PORTOWNER_A_SOCKET_OWNER)
			continue;
		s->owners = po_grow(s->owners, s->n_owners, sizeof(*s->owners));
		po_read_owner(nla, &s->owners[s->n_owners++]);
	}
	if (!s->cookie)
		die("socket without a cookie");
}

/* Is @s the rest of @last, as the more-owners flag announced? */
bool po_join_owners(struct po_sock *last, const struct po_sock *s)
{
	int i;

	if (last->cookie != s->cookie)
		return false;
	if (s->port || s->family || !s->n_owners)
		die("the rest of a socket has more than cookie and owners");
	for (i = 0; i < s->n_owners; i++) {
		last->owners = po_grow(last->owners, last->n_owners,
				       sizeof(*last->owners));
		last->owners[last->n_owners++] = s->owners[i];
	}
	last->more = s->more;
	last->parts++;
	return true;
}

static void read_port_reply(const struct nlmsghdr *hdr, void *arg)
{
	const struct nlattr *nla, *kind = NULL;
	struct po_socks *socks = arg;
	struct po_sock s = {};
	struct po_sock *last;
	struct nla_iter iter;

	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_PORT_SOCKET:
			po_read_sock(nla, &s);
			break;
		case PORTOWNER_A_PORT_KIND:
			kind = nla;
			break;
		case PORTOWNER_A_PORT_ALIKE:
			po_read_alike(nla, socks);
			return;
		default:
			die("unknown reply attribute %d", nla_id(nla));
		}
	}
	po_repeat_owners(socks, &s);
	last = socks->n ? &socks->v[socks->n - 1] : NULL;
	if (last && last->more) {
		if (!po_join_owners(last, &s))
			die("more owners announced, another socket followed");
		return;
	}
	if (!s.port || !s.family || !s.state)
		die("socket without port, family or state");
	socks->v = po_grow(socks->v, socks->n, sizeof(s));
	socks->v[socks->n++] = s;
	if (kind)
		po_read_kind(kind, socks);
}

void po_socks_ask(struct nl *nl, const struct po_filter *filter)
{
	struct nl_msg msg;

	nl_msg_init(&msg, nl, PORTOWNER_CMD_PORT_GET, NLM_F_DUMP);
	if (filter->family)
		nl_put_u16(&msg, PORTOWNER_A_PORT_FAMILY, filter->family);
	if (filter->proto)
		nl_put_u16(&msg, PORTOWNER_A_PORT_PROTO, filter->proto);
	if (filter->port)
		nl_put_u16(&msg, PORTOWNER_A_PORT_PORT, filter->port);
	if (filter->port_last)
		nl_put_u16(&msg, PORTOWNER_A_PORT_PORT_LAST, filter->port_last);
	if (filter->states)
		nl_put_u32(&msg, PORTOWNER_A_PORT_STATES, filter->states);
	if (filter->all_netns)
		nl_put_flag(&msg, PORTOWNER_A_PORT_ALL_NETNS);
	if (filter->brief)
		nl_put_flag(&msg, PORTOWNER_A_PORT_BRIEF);
	nl_ask(nl, &msg);
}

struct po_socks po_socks_hear(struct nl *nl)
{
	struct po_socks socks = {};

	socks.err = nl_hear(nl, read_port_reply, &socks);
	return socks;
}

struct po_socks po_socks(struct nl *nl, const struct po_filter *filter)
{
	static const struct po_filter none;
	struct po_socks socks;
	int tries = 20;

	do {
		po_socks_ask(nl, filter ?: &none);
		socks = po_socks_hear(nl);
	} while (nl->interrupted && --tries);
	return socks;
}

struct po_socks po_port(struct nl *nl, int port, __u32 states)
{
	struct po_filter filter = { .port = port, .states = states };

	return po_socks(nl, &filter);
}

struct po_sock *po_by_cookie(const struct po_socks *socks, __u64 cookie)
{
	struct po_sock *found = NULL;
	int i;

	for (i = 0; i < socks->n; i++) {
		if (socks->v[i].cookie != cookie)
			continue;
		if (found)
			die("socket %llu is listed twice", cookie);
		found = &socks->v[i];
	}
	return found;
}

/* The record of the socket behind @fd, whatever its state, or NULL. */
struct po_sock *po_sock_of(struct nl *nl, int fd)
{
	struct po_socks socks = po_port(nl, sock_port(fd), PO_ALL_STATES);

	if (socks.err)
		die("dump: %s", strerror(-socks.err));
	return po_by_cookie(&socks, sock_cookie(fd));
}

struct po_owner *po_owner_of(const struct po_sock *sock, int pid)
{
	int i;

	for (i = 0; i < sock->n_owners; i++)
		if (sock->owners[i].pid == (__u32)pid)
			return &sock->owners[i];
	return NULL;
}

static void read_stats(const struct nlmsghdr *hdr, void *arg)
{
	struct po_stats *stats = arg;
	const struct nlattr *nla;
	struct nla_iter iter;

	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_STATS_REJECTS_SEEN:
			stats->seen = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_REJECTS_KEPT:
			stats->kept = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_REJECTS_DROPPED:
			stats->dropped = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_REJECTS_MAX:
			stats->max = nla_u32(nla);
			break;
		case PORTOWNER_A_STATS_REJECTS_COUNTED:
			stats->counted = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_REJECTS_UNRECORDED:
			stats->unrecorded = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_REJECTS_DROPPED_OWN:
			stats->dropped_own = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_REJECTS_DROPPED_LAST:
			stats->dropped_last = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_PROBE_MISSED:
			stats->missed = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_BINDERS:
			stats->binders = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_BINDERS_EVICTED:
			stats->evicted = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_BINDERS_MAX:
			stats->binders_max = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_DUMPS:
			stats->dumps = nla_u64(nla);
			break;
		case PORTOWNER_A_STATS_DUMPS_REFUSED:
			stats->dumps_refused = nla_u64(nla);
			break;
		}
	}
}

struct po_stats po_stats(struct nl *nl)
{
	struct po_stats stats = {};
	struct nl_msg msg;

	nl_msg_init(&msg, nl, PORTOWNER_CMD_STATS_GET, NLM_F_ACK);
	stats.err = nl_talk(nl, &msg, read_stats, &stats);
	if (!stats.err && !nl->messages)
		die("stats: an acknowledgment, but no answer");
	return stats;
}
