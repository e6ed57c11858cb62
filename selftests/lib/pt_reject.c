// SPDX-License-Identifier: GPL-2.0
/* The answers of the portowner family about refused binds as C structures. */
#include <errno.h>
#include <string.h>

#include "die.h"
#include "pt.h"

static void read_reject_who(const struct nlattr *nla, struct pt_reject *r)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_REJECT_PID:
		r->has_pid = true;
		r->pid = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_COMM:
		r->comm = nla_str(nla);
		break;
	case PORTOWNER_A_REJECT_EXE:
		r->exe = nla_str(nla);
		break;
	case PORTOWNER_A_REJECT_UID:
		r->uid = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_CGROUP:
		r->cgroup = nla_str(nla);
		break;
	}
}

static void read_reject_where(const struct nlattr *nla, struct pt_reject *r)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_REJECT_FAMILY:
		r->family = nla_u16(nla);
		break;
	case PORTOWNER_A_REJECT_PROTO:
		r->proto = nla_u16(nla);
		break;
	case PORTOWNER_A_REJECT_ADDR:
		r->addr_len = pt_read_addr(nla, r->addr);
		break;
	case PORTOWNER_A_REJECT_PORT:
		r->port = nla_u16(nla);
		break;
	case PORTOWNER_A_REJECT_IFINDEX:
		r->ifindex = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_DEV:
		r->dev = nla_str(nla);
		break;
	case PORTOWNER_A_REJECT_NETNS:
		r->netns = nla_u32(nla);
		break;
	}
}

static void read_reject_why(const struct nlattr *nla, struct pt_reject *r)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_REJECT_RULE:
		r->rule = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_REASON:
		r->reason.value = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_REASON_DEV:
		r->reason.dev = nla_str(nla);
		break;
	case PORTOWNER_A_REJECT_REASON_NETNS:
		r->reason.netns = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_BPF_PROG_ID:
		r->prog_id = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_BPF_PROG_NAME:
		r->prog_name = nla_str(nla);
		break;
	case PORTOWNER_A_REJECT_PEER_ADDR:
		r->peer_addr_len = pt_read_addr(nla, r->peer_addr);
		break;
	case PORTOWNER_A_REJECT_PEER_PORT:
		r->peer_port = nla_u16(nla);
		break;
	case PORTOWNER_A_REJECT_CALLER_FLAGS:
		r->caller_flags = nla_u32(nla);
		break;
	}
}

static void read_reject_what(const struct nlattr *nla, struct pt_reject *r)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_REJECT_SEQ:
		r->seq = nla_u64(nla);
		break;
	case PORTOWNER_A_REJECT_TIME:
		r->time = nla_u64(nla);
		break;
	case PORTOWNER_A_REJECT_FIRST_TIME:
		r->first_time = nla_u64(nla);
		break;
	case PORTOWNER_A_REJECT_COUNT:
		r->count = nla_u64(nla);
		break;
	case PORTOWNER_A_REJECT_OP:
		r->op = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_ERRNO:
		r->err = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_FLAGS:
		r->flags = nla_u32(nla);
		break;
	case PORTOWNER_A_REJECT_CULPRITS_INCOMPLETE:
		r->culprits_incomplete = true;
		break;
	case PORTOWNER_A_REJECT_MORE:
		r->more = true;
		break;
	}
}

static void read_range_holder(const struct nlattr *nest,
			      struct pt_range_holder *h)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_RANGE_HOLDER_PID:
			h->has_pid = true;
			h->pid = nla_u32(nla);
			break;
		case PORTOWNER_A_RANGE_HOLDER_COMM:
			h->comm = nla_str(nla);
			break;
		case PORTOWNER_A_RANGE_HOLDER_UID:
			h->uid = nla_u32(nla);
			break;
		case PORTOWNER_A_RANGE_HOLDER_PORTS:
			h->ports = nla_u32(nla);
			break;
		default:
			die("unknown range holder attribute %d", nla_id(nla));
		}
	}
}

void pt_read_range(const struct nlattr *nest, struct pt_range *r)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	r->present = true;
	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_RANGE_FIRST:
			r->first = nla_u16(nla);
			break;
		case PORTOWNER_A_RANGE_LAST:
			r->last = nla_u16(nla);
			break;
		case PORTOWNER_A_RANGE_RESERVED:
			r->reserved = nla_u32(nla);
			break;
		case PORTOWNER_A_RANGE_TAKEN:
			r->taken = nla_u32(nla);
			break;
		case PORTOWNER_A_RANGE_TIME:
			r->time = nla_u64(nla);
			break;
		case PORTOWNER_A_RANGE_HOLDER:
			r->holders = pt_grow(r->holders, r->n_holders,
					     sizeof(*r->holders));
			read_range_holder(nla, &r->holders[r->n_holders++]);
			break;
		default:
			die("unknown range attribute %d", nla_id(nla));
		}
	}
}

static void add_culprit(struct pt_sock **v, int *n, const struct pt_sock *s)
{
	struct pt_sock *last = *n ? &(*v)[*n - 1] : NULL;

	if (last && last->cookie == s->cookie) {
		pt_join_owners(last, s);
		return;
	}
	*v = pt_grow(*v, *n, sizeof(*s));
	(*v)[(*n)++] = *s;
}

/* A culprit, or further owners of the last of @n culprits. */
void pt_read_culprit(const struct nlattr *nla, struct pt_sock **v, int *n)
{
	struct pt_sock s = {};

	pt_read_sock(nla, &s);
	add_culprit(v, n, &s);
}

static void read_reject(const struct nlmsghdr *hdr, void *arg)
{
	struct pt_rejects *rejects = arg;
	const struct nlattr *nla;
	struct pt_reject r = {};
	struct pt_reject *last;
	struct nla_iter iter;
	int i;

	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla)) {
		if (nla_id(nla) > PORTOWNER_A_REJECT_MAX)
			die("unknown reject attribute %d", nla_id(nla));
		read_reject_who(nla, &r);
		read_reject_where(nla, &r);
		read_reject_why(nla, &r);
		read_reject_what(nla, &r);
		if (nla_id(nla) == PORTOWNER_A_REJECT_RANGE)
			pt_read_range(nla, &r.range);
		if (nla_id(nla) != PORTOWNER_A_REJECT_CULPRIT)
			continue;
		pt_read_culprit(nla, &r.culprits, &r.n_culprits);
	}
	if (!r.seq)
		die("reject without a number");

	last = rejects->n ? &rejects->v[rejects->n - 1] : NULL;
	if (last && last->more) {
		if (last->seq != r.seq)
			die("more culprits announced, reject %llu followed",
			    r.seq);
		for (i = 0; i < r.n_culprits; i++)
			add_culprit(&last->culprits, &last->n_culprits,
				    &r.culprits[i]);
		last->more = r.more;
		return;
	}
	/* A namespace that has ended may have had the number of another one. */
	if (last && !rejects->all_netns && last->seq >= r.seq)
		die("reject %llu after %llu", r.seq, last->seq);
	rejects->v = pt_grow(rejects->v, rejects->n, sizeof(r));
	rejects->v[rejects->n++] = r;
}

struct pt_rejects pt_rejects_of(struct nl *nl,
				const struct pt_reject_filter *filter)
{
	struct pt_rejects rejects = { .all_netns = filter->all_netns };
	struct nl_msg msg;
	int tries = 20;

	do {
		rejects.n = 0;
		nl_msg_init(&msg, nl, PORTOWNER_CMD_REJECT_GET, NLM_F_DUMP);
		if (filter->since)
			nl_put_u64(&msg, PORTOWNER_A_REJECT_SINCE,
				   filter->since);
		if (filter->ancestor)
			nl_put_u32(&msg, PORTOWNER_A_REJECT_ANCESTOR,
				   filter->ancestor);
		if (filter->all_netns)
			nl_put_flag(&msg, PORTOWNER_A_REJECT_ALL_NETNS);
		rejects.err = nl_talk(nl, &msg, read_reject, &rejects);
	} while (nl->interrupted && --tries);
	return rejects;
}

struct pt_rejects pt_rejects(struct nl *nl, __u64 since)
{
	struct pt_reject_filter filter = { .since = since };

	return pt_rejects_of(nl, &filter);
}

/*
 * The record of this network namespace, if there is only one, and only one
 * refusal was seen; otherwise NULL.
 */
struct pt_reject *pt_only_reject(struct nl *nl)
{
	struct pt_rejects rejects = pt_rejects(nl, 0);

	if (rejects.err)
		die("dump: %s", strerror(-rejects.err));
	return rejects.n == 1 && pt_stats(nl).seen == 1 ? rejects.v : NULL;
}

/* The newest record of this network namespace, or NULL. */
struct pt_reject *pt_last_reject(struct nl *nl)
{
	struct pt_rejects rejects = pt_rejects(nl, 0);

	if (rejects.err)
		die("dump: %s", strerror(-rejects.err));
	return rejects.n ? &rejects.v[rejects.n - 1] : NULL;
}

/* Number of refusals in all records. */
__u64 pt_counts(const struct pt_rejects *rejects)
{
	__u64 n = 0;
	int i;

	for (i = 0; i < rejects->n; i++)
		n += rejects->v[i].count;
	return n;
}
