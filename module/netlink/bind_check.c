// SPDX-License-Identifier: GPL-2.0
/* bind-check: whether a bind, and a listen after it, would succeed. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/in.h>
#include <linux/netlink.h>
#include <net/genetlink.h>
#include <net/ipv6.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "forecast/forecast.h"
#include "generated/netlink.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"
#include "owners/owners.h"
#include "sockets/sockets.h"

/* Socket options that a request may assume. */
#define PO_CHECK_FLAGS \
	(PORTOWNER_SOCK_FLAG_REUSEADDR | PORTOWNER_SOCK_FLAG_REUSEPORT | \
	 PORTOWNER_SOCK_FLAG_V6ONLY | PORTOWNER_SOCK_FLAG_FREEBIND | \
	 PORTOWNER_SOCK_FLAG_TRANSPARENT)

/**
 * struct po_check - a bind-check request and its answer
 * @want: the bind
 * @listen: whether a listen follows
 * @privileged: the user may bind privileged ports
 * @op: operation that would be refused
 * @err: positive errno of the refusal, 0 if there is none
 * @rule: rule of the refusal
 * @reason: why the address is not available
 * @unforeseen: enum portowner_unforeseen
 * @range: exhausted port range, or NULL
 * @culprits: conflicting sockets; NULL until answered
 */
struct po_check {
	struct po_want want;
	bool listen;
	bool privileged;
	enum portowner_reject_op op;
	int err;
	enum portowner_rule rule;
	struct po_reason reason;
	u32 unforeseen;
	struct po_range *range;
	struct po_snap *culprits;
};

/**
 * struct po_check_dump - state of a bind-check dump
 * @check: request, and its answer once its culprits are set
 * @quota: charged to the reader, or NULL for an administrator
 * @nr: index of the next culprit
 * @announced: the announcement of the answer was sent
 * @begun: the verdict was sent
 * @done: everything was sent
 * @owner: next owner of that culprit, or NULL to send all of it
 */
struct po_check_dump {
	struct po_check *check;
	struct po_quota *quota;
	u32 nr;
	bool announced;
	bool begun;
	bool done;
	const struct po_owner *owner;
};

static struct po_check_dump *po_check_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct po_check_dump) > sizeof(cb->ctx));

	return (struct po_check_dump *)cb->ctx;
}

static void po_check_free(struct po_check *check)
{
	if (!check)
		return;

	po_range_put(check->range);
	po_snap_free(check->culprits);
	kfree(check);
}

static int po_parse_endpoint(struct po_sock *sock, struct nlattr **attrs,
			     struct netlink_ext_ack *extack)
{
	struct nlattr *family = attrs[PORTOWNER_A_CHECK_FAMILY];
	struct nlattr *proto = attrs[PORTOWNER_A_CHECK_PROTO];
	struct nlattr *addr = attrs[PORTOWNER_A_CHECK_ADDR];
	int err, len;

	if (!family || !proto || !attrs[PORTOWNER_A_CHECK_PORT]) {
		NL_SET_ERR_MSG(extack, "family, proto and port are required");
		return -EINVAL;
	}

	err = po_parse_family(&sock->family, family, extack) ?:
	      po_parse_proto(&sock->proto, proto, extack);
	if (err)
		return err;
	sock->port = nla_get_u16(attrs[PORTOWNER_A_CHECK_PORT]);

	len = sock->family == AF_INET ? sizeof(struct in_addr) :
					sizeof(struct in6_addr);
	if (addr && nla_len(addr) != len) {
		NL_SET_ERR_MSG_ATTR(extack, addr,
				    "addr length does not match family");
		return -EINVAL;
	}
	if (sock->family == AF_INET)
		ipv6_addr_set_v4mapped(addr ? nla_get_in_addr(addr) : 0,
				       &sock->addr);
	else if (addr)
		sock->addr = nla_get_in6_addr(addr);

	return 0;
}

/* Set V6ONLY as binding to an IPv6 address does. */
static void po_check_implied(struct po_sock *sock)
{
	if (sock->family == AF_INET)
		sock->flags &= ~PORTOWNER_SOCK_FLAG_V6ONLY;
	else if (sock->proto != IPPROTO_SCTP && !ipv6_addr_any(&sock->addr) &&
		 !ipv6_addr_v4mapped(&sock->addr))
		sock->flags |= PORTOWNER_SOCK_FLAG_V6ONLY;
}

static int po_parse_device(struct po_want *want, struct net *net,
			   struct nlattr **attrs,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *attr = attrs[PORTOWNER_A_CHECK_IFINDEX];
	struct nlattr *scope = attrs[PORTOWNER_A_CHECK_SCOPE];
	struct po_sock *sock = &want->sock;
	bool found, scoped;

	if (attr) {
		sock->ifindex = nla_get_u32(attr);
		rcu_read_lock();
		found = dev_get_by_index_rcu(net, sock->ifindex);
		rcu_read_unlock();
		if (!found) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "no such device");
			return -ENODEV;
		}
	}
	/* Ping sockets use the scope regardless of the address. */
	scoped = __ipv6_addr_needs_scope_id(ipv6_addr_type(&sock->addr));
	if (scope && (scoped || sock->proto == IPPROTO_ICMP))
		want->scope = nla_get_u32(scope);
	/* The scope overrides the device, except in SCTP. */
	if (want->scope && scoped && sock->proto != IPPROTO_SCTP)
		sock->ifindex = want->scope;
	sock->l3mdev = po_l3mdev(net, sock->ifindex);

	return 0;
}

static int po_parse_user(struct po_check *check, struct netlink_callback *cb,
			 struct nlattr **attrs)
{
	struct nlattr *attr = attrs[PORTOWNER_A_CHECK_UID];
	struct net *net = sock_net(cb->skb->sk);
	struct po_sock *sock = &check->want.sock;

	sock->uid = current_fsuid();
	check->privileged = po_capable(cb->skb, net->user_ns,
				       CAP_NET_BIND_SERVICE);
	if (attr) {
		kuid_t uid = make_kuid(current_user_ns(), nla_get_u32(attr));

		if (!uid_valid(uid)) {
			NL_SET_ERR_MSG_ATTR(cb->extack, attr,
					    "uid is not mapped in this user namespace");
			return -EINVAL;
		}
		if (!uid_eq(uid, sock->uid)) {
			if (!po_capable(cb->skb, net->user_ns,
					CAP_NET_ADMIN)) {
				NL_SET_ERR_MSG_ATTR(cb->extack, attr,
						    "uid of another user requires CAP_NET_ADMIN");
				return -EPERM;
			}
			sock->uid = uid;
			check->privileged =
				uid_eq(uid, make_kuid(net->user_ns, 0));
		}
	}
	sock->conflict_uid = sock->uid;

	return 0;
}

static int po_parse_check(struct po_check *check, struct netlink_callback *cb)
{
	struct nlattr **attrs = po_dump_attrs(cb);
	struct net *net = sock_net(cb->skb->sk);
	struct nlattr *flags = attrs[PORTOWNER_A_CHECK_FLAGS];
	struct po_sock *sock = &check->want.sock;
	int err;

	err = po_parse_endpoint(sock, attrs, cb->extack);
	if (err)
		return err;

	if (flags) {
		sock->flags = nla_get_u32(flags);
		if (sock->flags & ~PO_CHECK_FLAGS) {
			NL_SET_ERR_MSG_ATTR(cb->extack, flags,
					    "unsupported bit in flags");
			return -EINVAL;
		}
	}
	po_check_implied(sock);
	sock->netns = net->ns.inum;
	check->listen = attrs[PORTOWNER_A_CHECK_LISTEN];
	if (check->listen && (po_is_udp(sock) || !po_has_ports(sock))) {
		NL_SET_ERR_MSG_ATTR(cb->extack,
				    attrs[PORTOWNER_A_CHECK_LISTEN],
				    "sockets of this protocol do not listen");
		return -EOPNOTSUPP;
	}

	return po_parse_device(&check->want, net, attrs, cb->extack) ?:
	       po_parse_user(check, cb, attrs);
}

static int po_check_forecast(struct po_check *check, struct net *net,
			     struct po_snap *culprits)
{
	int err;

	err = po_forecast(net, &check->want, check->privileged, check->listen,
			  culprits, &check->op);
	/* Failures of the check, not verdicts. */
	if (err == -ENOMEM || err == -EINTR || err == -EFBIG || err == -E2BIG)
		return err;

	check->unforeseen = po_unchecked(check->want.sock.family);
	if (!err)
		return 0;

	check->err = -err;
	check->want.listening = check->op == PORTOWNER_REJECT_OP_LISTEN;
	check->rule = po_rule_of_errno(net, &check->want, check->op, check->err,
				       culprits);
	po_reason_of(net, &check->want, check->rule, check->err, &check->reason);
	if (check->rule == PORTOWNER_RULE_EPHEMERAL_EXHAUSTED)
		check->range = po_range_new(net,
					    po_transport(&check->want.sock));

	return po_find_binders(culprits) ?: po_find_owners(culprits);
}

static int po_check_answer(struct netlink_callback *cb)
{
	struct po_check_dump *dump = po_check_dump(cb);
	struct po_snap *culprits = po_quota_snap(dump->quota);
	int err;

	if (!culprits)
		return -ENOMEM;

	err = po_check_forecast(dump->check, sock_net(cb->skb->sk), culprits);
	if (err) {
		po_snap_free(culprits);
		return po_quota_exceeded(cb, err);
	}
	dump->check->culprits = culprits;

	return 0;
}

/* Check the request, and charge the reader. */
static int po_check_accept(struct netlink_callback *cb)
{
	struct po_check_dump *dump = po_check_dump(cb);
	struct po_check *check;
	int err;

	/* The quota limits the number of these, too. */
	check = kzalloc(sizeof(*check), PO_GFP_LOCKED);
	if (!check)
		return -ENOMEM;

	err = po_parse_check(check, cb);
	if (!err)
		err = po_quota_count(cb, &dump->quota);
	if (err) {
		po_check_free(check);
		return err;
	}
	dump->check = check;

	return 0;
}

/**
 * po_bind_check_start() - begin a bind-check dump
 * @cb: dump
 *
 * On older kernels the first dump call reports an invalid request, as with
 * po_port_get_start().
 *
 * Context: may sleep; the requesting task, under generic netlink's lock.
 * Return: 0 or a negative errno, with an extack message for an invalid request.
 */
int po_bind_check_start(struct netlink_callback *cb)
{
	/* On failure done() is not called, and nothing is left to free. */
	return cb->extack ? po_check_accept(cb) : 0;
}

static int po_fill_verdict(struct sk_buff *skb, struct po_viewer *viewer,
			   const struct po_check *check)
{
	static const struct po_reason_attrs attrs = {
		.reason	= PORTOWNER_A_CHECK_REASON,
		.dev	= PORTOWNER_A_CHECK_REASON_DEV,
		.netns	= PORTOWNER_A_CHECK_REASON_NETNS,
	};

	if (check->unforeseen &&
	    nla_put_u32(skb, PORTOWNER_A_CHECK_UNFORESEEN, check->unforeseen))
		return -EMSGSIZE;
	if (!check->err)
		return 0;

	if (nla_put_u32(skb, PORTOWNER_A_CHECK_OP, check->op) ||
	    nla_put_u32(skb, PORTOWNER_A_CHECK_ERRNO, check->err) ||
	    nla_put_u32(skb, PORTOWNER_A_CHECK_RULE, check->rule) ||
	    po_fill_reason(skb, &attrs, viewer, &check->want.sock,
			   &check->reason))
		return -EMSGSIZE;

	return po_fill_range(skb, PORTOWNER_A_CHECK_RANGE, viewer,
			     check->range);
}

/* Put the verdict, or more culprits. Returns like po_fill_culprits(). */
static int po_check_put(struct sk_buff *skb, struct netlink_callback *cb,
			struct po_viewer *viewer)
{
	struct po_check_dump *dump = po_check_dump(cb);
	bool first = !dump->begun;
	int err = -EMSGSIZE;
	void *hdr;

	hdr = po_dump_put(skb, cb, PORTOWNER_CMD_BIND_CHECK);
	if (!hdr)
		return err;

	if (first && po_fill_verdict(skb, viewer, dump->check))
		goto err_cancel;

	err = po_fill_culprits(skb, PORTOWNER_A_CHECK_CULPRIT, viewer,
			       dump->check->culprits, &dump->nr, &dump->owner);
	if (err < 0 && !first)
		goto err_cancel;

	dump->begun = true;
	/* Cannot fail: po_fill_sock() and po_fill_range() left room. */
	if (err)
		nla_put_flag(skb, PORTOWNER_A_CHECK_MORE);
	genlmsg_end(skb, hdr);

	return err ? 1 : 0;

err_cancel:
	genlmsg_cancel(skb, hdr);
	return err;
}

/**
 * po_bind_check_dumpit() - send the next part of the answer
 * @skb: message to fill
 * @cb: dump
 *
 * The first call only announces the answer, see po_dump_begin(); the second one
 * computes it.
 *
 * Context: may sleep; the requesting task at first, then the receiving one.
 * Return: bytes filled, 0 at the end, or a negative errno.
 */
int po_bind_check_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_check_dump *dump = po_check_dump(cb);
	struct po_viewer viewer;
	int err;

	if (!dump->check) {
		err = po_check_accept(cb);
		if (err)
			return err;
	}
	if (!dump->announced) {
		dump->announced = true;
		return po_dump_begin(skb, cb, PORTOWNER_CMD_BIND_CHECK,
				     PORTOWNER_A_CHECK_MORE);
	}
	if (!dump->check->culprits) {
		err = po_check_answer(cb);
		if (err)
			return err;
	}
	if (dump->done)
		return 0;

	err = po_viewer_init(&viewer, cb->skb);
	if (err)
		return err;

	do {
		err = po_check_put(skb, cb, &viewer);
		cond_resched();
	} while (err > 0);
	dump->done = !err;
	po_viewer_destroy(&viewer);

	return po_dump_result(skb, err);
}

/**
 * po_bind_check_done() - release the answer
 * @cb: dump
 *
 * Context: may sleep; takes po_quota_lock.
 * Return: 0.
 */
int po_bind_check_done(struct netlink_callback *cb)
{
	struct po_check_dump *dump = po_check_dump(cb);

	po_check_free(dump->check);
	po_quota_drop(dump->quota);

	return 0;
}
