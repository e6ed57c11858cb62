// SPDX-License-Identifier: GPL-2.0
/* Owners of a socket, and places of its unseen references, as C structures. */
#include "die.h"
#include "pt.h"

void pt_read_owner(const struct nlattr *nest, struct pt_owner *o)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_OWNER_PID:
			o->has_pid = true;
			o->pid = nla_u32(nla);
			break;
		case PORTOWNER_A_OWNER_FD:
			o->fd = nla_u32(nla);
			break;
		case PORTOWNER_A_OWNER_COMM:
			o->comm = nla_str(nla);
			break;
		case PORTOWNER_A_OWNER_EXE:
			o->exe = nla_str(nla);
			break;
		case PORTOWNER_A_OWNER_UID:
			o->uid = nla_u32(nla);
			break;
		case PORTOWNER_A_OWNER_CGROUP:
			o->cgroup = nla_str(nla);
			break;
		case PORTOWNER_A_OWNER_REPEATED:
			o->repeated = true;
			break;
		default:
			die("unknown owner attribute %d", nla_id(nla));
		}
	}
	if (o->has_pid && !o->pid)
		die("owner with pid 0");
	if (o->repeated && (!o->has_pid || o->comm || o->exe || o->cgroup))
		die("a repeated owner without pid, or with names");
}

/* Complete an owner from an earlier one of @sock with the same pid. */
static bool repeat_from(const struct pt_sock *sock, struct pt_owner *o)
{
	int i;

	for (i = sock->n_owners - 1; i >= 0; i--) {
		if (sock->owners[i].pid != o->pid ||
		    sock->owners[i].repeated)
			continue;
		o->uid = sock->owners[i].uid;
		o->comm = sock->owners[i].comm;
		o->exe = sock->owners[i].exe;
		o->cgroup = sock->owners[i].cgroup;
		o->repeated = false;
		return true;
	}
	return false;
}

/* Complete the owners in @s from those before it in a dump. */
void pt_repeat_owners(const struct pt_socks *socks, struct pt_sock *s)
{
	struct pt_owner *o;
	int i, j;

	for (i = 0; i < s->n_owners; i++) {
		o = &s->owners[i];
		if (!o->repeated || repeat_from(s, o))
			continue;
		for (j = socks->n - 1; j >= 0; j--)
			if (repeat_from(&socks->v[j], o))
				break;
		if (o->repeated)
			die("repeated owner %u was not there before", o->pid);
	}
}

void pt_read_unseen(const struct nlattr *nest, struct pt_unseen *u)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	nla_iter_nest(&iter, nest);
	while (nla_next(&iter, &nla)) {
		switch (nla_id(nla)) {
		case PORTOWNER_A_UNSEEN_AT_WHERE:
			u->where = nla_u32(nla);
			break;
		case PORTOWNER_A_UNSEEN_AT_PID:
			u->pid = nla_u32(nla);
			break;
		case PORTOWNER_A_UNSEEN_AT_COMM:
			u->comm = nla_str(nla);
			break;
		default:
			die("unknown unseen attribute %d", nla_id(nla));
		}
	}
}
