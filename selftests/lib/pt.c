// SPDX-License-Identifier: GPL-2.0
/*
 * Answers of the portowner family about sockets, compact or in full, and counters.
 *
 * Nothing is freed: each test is a process of its own.
 */
#include <errno.h>
#include <string.h>

#include "die.h"
#include "pt.h"
#include "sock.h"

/* Make the last socket a template. */
static void read_template_id(const struct nlattr *nla, struct pt_socks *socks)
{
	const struct pt_sock *last = &socks->v[socks->n - 1];
	__u16 id = nla_u16(nla);

	if (id >= PT_TEMPLATES)
		die("template %u", id);
	if (last->n_owners != 1 || last->more)
		die("template %u has %d owners", id, last->n_owners);
	socks->templates[id] = socks->n;
}

static void add_like(struct pt_socks *socks, __u16 id)
{
	const struct pt_sock *template;
	struct pt_sock s;

	if (id >= PT_TEMPLATES || !socks->templates[id])
		die("template %u was not there before", id);
	template = &socks->v[socks->templates[id] - 1];
	s = *template;
	s.owners = pt_grow(NULL, 0, sizeof(*s.owners));
	*s.owners = *template->owners;
	socks->v = pt_grow(socks->v, socks->n, sizeof(s));
	socks->v[socks->n++] = s;
	socks->n_compact++;
}

/* Copy element @i of an array; all arrays have @n elements. */
static void element(const struct nlattr *array, int n, int i, void *to,
		    size_t size)
{
	if (!array || nla_size(array) != n * size)
		die("an array of %d bytes for %d sockets",
		    array ? nla_size(array) : 0, n);
	memcpy(to, (const char *)nla_bytes(array) + i * size, size);
}

/* In compact form, addresses have 16 bytes, and port 0 means no peer. */
static void read_peer(const struct nlattr *const *arrays, int n, int i,
		      struct pt_sock *s)
{
	element(arrays[PORTOWNER_A_COMPACT_PEER_ADDR], n, i, s->peer_addr,
		sizeof(s->peer_addr));
	element(arrays[PORTOWNER_A_COMPACT_PEER_PORT], n, i, &s->peer_port,
		sizeof(s->peer_port));
	s->peer_addr_len = s->peer_port ? s->addr_len : 0;
	if (s->addr_len != 4)
		return;
	memmove(s->peer_addr, s->peer_addr + 12, 4);
	memset(s->peer_addr + 4, 0, 12);
}

static void read_compact(const struct nlattr *nest, struct pt_socks *socks)
{
	const struct nlattr *nla, *arrays[PORTOWNER_A_COMPACT_MAX + 1] = {};
	struct nla_iter iter;
	struct pt_sock *s;
	__u16 id;
	int i, n;

	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) > PORTOWNER_A_COMPACT_MAX ||
		    arrays[nla_id(nla)])
			die("unexpected compact attribute %d", nla_id(nla));
		arrays[nla_id(nla)] = nla;
	}
	if (!arrays[PORTOWNER_A_COMPACT_TEMPLATE_ID])
		die("sockets in compact form without templates");
	n = nla_size(arrays[PORTOWNER_A_COMPACT_TEMPLATE_ID]) / sizeof(id);
	if (!n)
		die("no sockets in compact form");
	for (i = 0; i < n; i++) {
		element(arrays[PORTOWNER_A_COMPACT_TEMPLATE_ID], n, i, &id,
			sizeof(id));
		add_like(socks, id);
		s = &socks->v[socks->n - 1];
		element(arrays[PORTOWNER_A_COMPACT_COOKIE], n, i, &s->cookie,
			sizeof(s->cookie));
		element(arrays[PORTOWNER_A_COMPACT_INODE], n, i, &s->inode,
			sizeof(s->inode));
		element(arrays[PORTOWNER_A_COMPACT_PORT], n, i, &s->port,
			sizeof(s->port));
		element(arrays[PORTOWNER_A_COMPACT_FD], n, i, &s->owners->fd,
			sizeof(s->owners->fd));
		read_peer(arrays, n, i, s);
	}
}

static void read_port_reply(const struct nlmsghdr *hdr, void *arg)
{
	const struct nlattr *nla, *template_id = NULL;
	struct pt_socks *socks = arg;
	struct pt_sock s = {};
	struct pt_sock *last;
	struct nla_iter iter;

	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_PORT_SOCKET:
			pt_read_sock(nla, &s);
			break;
		case PORTOWNER_A_PORT_TEMPLATE_ID:
			template_id = nla;
			break;
		case PORTOWNER_A_PORT_COMPACT:
			read_compact(nla, socks);
			return;
		default:
			die("unknown reply attribute %d", nla_id(nla));
		}
	}
	pt_repeat_owners(socks, &s);
	last = socks->n ? &socks->v[socks->n - 1] : NULL;
	if (last && last->more) {
		if (!pt_join_owners(last, &s))
			die("more owners announced, another socket followed");
		return;
	}
	if (!s.port || !s.family || !s.state)
		die("socket without port, family or state");
	socks->v = pt_grow(socks->v, socks->n, sizeof(s));
	socks->v[socks->n++] = s;
	if (template_id)
		read_template_id(template_id, socks);
}

void pt_socks_ask(struct nl *nl, const struct pt_filter *filter)
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
	if (filter->compact)
		nl_put_flag(&msg, PORTOWNER_A_PORT_ACCEPT_COMPACT);
	nl_ask(nl, &msg);
}

struct pt_socks pt_socks_hear(struct nl *nl)
{
	struct pt_socks socks = {};

	socks.err = nl_hear(nl, read_port_reply, &socks);
	return socks;
}

struct pt_socks pt_socks(struct nl *nl, const struct pt_filter *filter)
{
	static const struct pt_filter none;
	struct pt_socks socks;
	int tries = 20;

	do {
		pt_socks_ask(nl, filter ?: &none);
		socks = pt_socks_hear(nl);
	} while (nl->interrupted && --tries);
	return socks;
}

struct pt_socks pt_port(struct nl *nl, int port, __u32 states)
{
	struct pt_filter filter = { .port = port, .states = states };

	return pt_socks(nl, &filter);
}

struct pt_sock *pt_by_cookie(const struct pt_socks *socks, __u64 cookie)
{
	struct pt_sock *found = NULL;
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
struct pt_sock *pt_sock_of(struct nl *nl, int fd)
{
	struct pt_socks socks = pt_port(nl, sock_port(fd), PT_ALL_STATES);

	if (socks.err)
		die("dump: %s", strerror(-socks.err));
	return pt_by_cookie(&socks, sock_cookie(fd));
}

struct pt_owner *pt_owner_of(const struct pt_sock *sock, int pid)
{
	int i;

	for (i = 0; i < sock->n_owners; i++)
		if (sock->owners[i].pid == (__u32)pid)
			return &sock->owners[i];
	return NULL;
}

static void read_rule_count(const struct nlattr *nest, struct pt_stats *stats)
{
	__u32 op = PT_OPS, rule = PT_RULES;
	const struct nlattr *nla;
	struct nla_iter iter;
	__u64 count = 0;

	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_RULE_COUNT_OP:
			op = nla_u32(nla);
			break;
		case PORTOWNER_A_RULE_COUNT_RULE:
			rule = nla_u32(nla);
			break;
		case PORTOWNER_A_RULE_COUNT_COUNT:
			count = nla_u64(nla);
			break;
		}
	}
	if (op >= PT_OPS || rule >= PT_RULES || !count || stats->by_rule[op][rule])
		die("stats: op %u, rule %u, count %llu", op, rule, count);
	stats->by_rule[op][rule] = count;
}

static void read_stats(const struct nlmsghdr *hdr, void *arg)
{
	struct pt_stats *stats = arg;
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
		case PORTOWNER_A_STATS_REJECTS_BY_RULE:
			read_rule_count(nla, stats);
			break;
		}
	}
}

struct pt_stats pt_stats(struct nl *nl)
{
	struct pt_stats stats = {};
	struct nl_msg msg;

	nl_msg_init(&msg, nl, PORTOWNER_CMD_STATS_GET, NLM_F_ACK);
	stats.err = nl_talk(nl, &msg, read_stats, &stats);
	if (!stats.err && !nl->messages)
		die("stats: an acknowledgment, but no answer");
	return stats;
}

/* Refusals of all operations by all rules. */
__u64 pt_by_rules(const struct pt_stats *stats)
{
	__u64 sum = 0;
	int op, rule;

	for (op = 0; op < PT_OPS; op++)
		for (rule = 0; rule < PT_RULES; rule++)
			sum += stats->by_rule[op][rule];
	return sum;
}
