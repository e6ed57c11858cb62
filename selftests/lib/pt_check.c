// SPDX-License-Identifier: GPL-2.0
/* The answer of bind-check as a C structure, and what the kernel does. */
#include <errno.h>
#include <net/if.h>
#include <unistd.h>

#include "die.h"
#include "pt_check.h"
#include "sock.h"

static void read_verdict(const struct nlattr *nla, struct pt_check *check)
{
	switch (nla_id(nla)) {
	case PORTOWNER_A_CHECK_OP:
		check->op = nla_u32(nla);
		break;
	case PORTOWNER_A_CHECK_ERRNO:
		check->refused = true;
		check->err = nla_u32(nla);
		break;
	case PORTOWNER_A_CHECK_RULE:
		check->rule = nla_u32(nla);
		break;
	case PORTOWNER_A_CHECK_REASON:
		check->reason.value = nla_u32(nla);
		break;
	case PORTOWNER_A_CHECK_REASON_DEV:
		check->reason.dev = nla_str(nla);
		break;
	case PORTOWNER_A_CHECK_REASON_NETNS:
		check->reason.netns = nla_u32(nla);
		break;
	case PORTOWNER_A_CHECK_UNFORESEEN:
		check->unforeseen = nla_u32(nla);
		break;
	case PORTOWNER_A_CHECK_RANGE:
		pt_read_range(nla, &check->range);
		break;
	case PORTOWNER_A_CHECK_CULPRIT:
		pt_read_culprit(nla, &check->culprits, &check->n_culprits);
		break;
	case PORTOWNER_A_CHECK_MORE:
		break;
	default:
		die("unknown check attribute %d", nla_id(nla));
	}
}

static void read_check(const struct nlmsghdr *hdr, void *arg)
{
	const struct nlattr *nla;
	struct nla_iter iter;

	nla_iter_msg(&iter, hdr);
	while (nla_next(&iter, &nla))
		read_verdict(nla, arg);
}

struct pt_check pt_check(struct nl *nl, const struct question *q)
{
	struct pt_check check = {};
	struct nl_msg msg;

	question_put(&msg, nl, q);
	check.failed = nl_talk(nl, &msg, read_check, &check);
	if (!check.failed && !nl->messages)
		die("bind-check: no answer");
	return check;
}

/* ---- the real thing ---- */

/* A socket with the options of the question, made by the current user. */
int question_socket(const struct question *q)
{
	bool v4 = !strchr(q->ip, ':');
	bool ping = q->proto == IPPROTO_ICMP;
	bool dgram = q->proto == IPPROTO_UDP || q->proto == IPPROTO_UDPLITE;
	int fd = socket(v4 ? AF_INET : AF_INET6,
			dgram || ping ? SOCK_DGRAM : SOCK_STREAM,
			ping && !v4 ? IPPROTO_ICMPV6 : q->proto);
	char dev[IF_NAMESIZE];

	if (fd < 0)
		die_errno("socket");
	if (q->flags & PORTOWNER_SOCK_FLAG_REUSEADDR)
		sock_set(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (q->flags & PORTOWNER_SOCK_FLAG_REUSEPORT)
		sock_set(fd, SOL_SOCKET, SO_REUSEPORT, 1);
	if (q->flags & PORTOWNER_SOCK_FLAG_V6ONLY)
		sock_set(fd, SOL_IPV6, IPV6_V6ONLY, 1);
	if (q->flags & PORTOWNER_SOCK_FLAG_FREEBIND)
		sock_set(fd, v4 ? SOL_IP : SOL_IPV6,
			 v4 ? IP_FREEBIND : IPV6_FREEBIND, 1);
	if (q->flags & PORTOWNER_SOCK_FLAG_TRANSPARENT)
		sock_set(fd, v4 ? SOL_IP : SOL_IPV6,
			 v4 ? IP_TRANSPARENT : IPV6_TRANSPARENT, 1);
	if (q->ifindex &&
	    (!if_indextoname(q->ifindex, dev) ||
	     setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, dev, strlen(dev))))
		die_errno("SO_BINDTODEVICE");
	return fd;
}

/* Returns a positive errno. */
int question_bind(const struct question *q, int fd)
{
	union sock_addr addr;
	socklen_t len = sock_addr(&addr, q->ip, q->port);

	if (q->scope)
		addr.in6.sin6_scope_id = q->scope;
	return bind(fd, &addr.sa, len) ? errno : 0;
}

/* Do it, and undo it; returns a positive errno, and the failed call. */
int question_try(const struct question *q, int *op)
{
	int fd = question_socket(q);
	int err;

	*op = PORTOWNER_REJECT_OP_BIND;
	err = question_bind(q, fd);
	if (!err && q->listen) {
		*op = PORTOWNER_REJECT_OP_LISTEN;
		err = -sock_listen(fd);
	}
	close(fd);
	return err;
}
