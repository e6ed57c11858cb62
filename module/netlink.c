// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family: requests, and the dumps that answer them. */

#include <linux/capability.h>
#include <linux/in.h>
#include <linux/limits.h>
#include <linux/netlink.h>
#include <net/genetlink.h>

#include "generated/netlink.h"
#include "internal.h"

/* Room for a record with the two longest paths, whatever the reader offers. */
#define PO_MIN_DUMP_ALLOC	(2 * PATH_MAX + 4096)

/*
 * What a dumpit returns: 0 if all is put, so that the end of the dump goes into
 * the same message; else what was filled, or the error if nothing was.
 */
static int po_dump_result(const struct sk_buff *skb, int err)
{
	if (!err)
		return 0;

	return skb->len ?: err;
}

/* ---- port-get ---- */

/**
 * struct po_port_dump - state of a dump of sockets
 * @snap: all that will be dumped; taken at the start, so the order is fixed
 * @nr: next socket
 * @owner: next owner of that socket, or NULL for all of it
 */
struct po_port_dump {
	struct po_snap *snap;
	u32 nr;
	const struct po_owner *owner;
};

static struct po_port_dump *po_port_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct po_port_dump) > sizeof(cb->ctx));

	return (struct po_port_dump *)cb->ctx;
}

static bool po_proto_known(u16 proto)
{
	return proto == IPPROTO_MPTCP || po_table_of(proto) >= 0;
}

static int po_parse_ports(struct po_filter *filter, struct nlattr **attrs,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *first = attrs[PORTOWNER_A_PORT_PORT];
	struct nlattr *last = attrs[PORTOWNER_A_PORT_PORT_LAST];

	filter->port_first = 1;
	filter->port_last = U16_MAX;
	if (first) {
		filter->port_first = nla_get_u16(first);
		filter->port_last = filter->port_first;
		if (!filter->port_first) {
			NL_SET_ERR_MSG_ATTR(extack, first, "port must not be 0");
			return -EINVAL;
		}
	}
	if (last) {
		filter->port_last = nla_get_u16(last);
		if (!first) {
			NL_SET_ERR_MSG_ATTR(extack, last,
					    "port-last requires port");
			return -EINVAL;
		}
		if (filter->port_last < filter->port_first) {
			NL_SET_ERR_MSG_ATTR(extack, last,
					    "port-last must not be below port");
			return -EINVAL;
		}
	}

	return 0;
}

static int po_parse_kinds(struct po_filter *filter, struct nlattr **attrs,
			  struct netlink_ext_ack *extack)
{
	struct nlattr *attr;

	attr = attrs[PORTOWNER_A_PORT_FAMILY];
	if (attr) {
		filter->family = nla_get_u16(attr);
		if (filter->family != AF_INET && filter->family != AF_INET6) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "family must be AF_INET or AF_INET6");
			return -EINVAL;
		}
	}

	attr = attrs[PORTOWNER_A_PORT_PROTO];
	if (attr) {
		filter->proto = nla_get_u16(attr);
		if (!po_proto_known(filter->proto)) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "proto must be IPPROTO_TCP, IPPROTO_MPTCP or IPPROTO_UDP");
			return -EPROTONOSUPPORT;
		}
	}

	filter->states = PO_STATES_DEFAULT;
	attr = attrs[PORTOWNER_A_PORT_STATES];
	if (attr) {
		filter->states = nla_get_u32(attr);
		if (!filter->states || filter->states & ~PO_STATES_ALL) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "states must have bits of known states only, and one at least");
			return -EINVAL;
		}
	}

	return 0;
}

static int po_parse_filter(struct po_filter *filter,
			   struct netlink_callback *cb)
{
	struct nlattr **attrs = po_dump_attrs(cb);
	struct nlattr *all = attrs[PORTOWNER_A_PORT_ALL_NETNS];
	int err;

	filter->net = sock_net(cb->skb->sk);
	filter->all_netns = all;
	if (all && !netlink_capable(cb->skb, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_ATTR(cb->extack, all,
				    "all-netns requires CAP_NET_ADMIN in the initial user namespace");
		return -EPERM;
	}

	err = po_parse_kinds(filter, attrs, cb->extack);

	return err ?: po_parse_ports(filter, attrs, cb->extack);
}

/* Take the snapshot that a dump will show. */
static int po_port_begin(struct netlink_callback *cb)
{
	struct po_filter filter = {};
	struct po_snap *snap;
	int err;

	err = po_parse_filter(&filter, cb);
	if (err)
		return err;

	snap = po_snap_new(SIZE_MAX);
	if (!snap)
		return -ENOMEM;

	err = po_collect(snap, &filter) ?: po_find_binders(snap) ?:
	      po_find_owners(snap, true);
	if (err) {
		po_snap_free(snap);
		return err;
	}
	po_port_dump(cb)->snap = snap;

	return 0;
}

/**
 * po_port_get_start() - begin a dump of sockets
 * @cb: dump
 *
 * Older kernels have no way to say here what is wrong with a request; the
 * first po_port_get_dumpit() does it then.
 *
 * Context: may sleep, in the task that asks.
 * Return: 0 or a negative errno, with an extack message for a wrong request.
 */
int po_port_get_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = PO_MIN_DUMP_ALLOC;

	return cb->extack ? po_port_begin(cb) : 0;
}

/* One message: a socket, or some more of its owners. As po_fill_sock(). */
static int po_port_put(struct sk_buff *skb, struct netlink_callback *cb,
		       struct po_viewer *viewer)
{
	struct po_port_dump *dump = po_port_dump(cb);
	void *hdr;
	int err;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &portowner_nl_family, NLM_F_MULTI,
			  PORTOWNER_CMD_PORT_GET);
	if (!hdr)
		return -EMSGSIZE;

	err = po_fill_sock(skb, PORTOWNER_A_PORT_SOCKET, viewer,
			   &dump->snap->socks[dump->nr], &dump->owner);
	if (err < 0) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	if (dump->snap->torn)
		genlmsg_nlhdr(hdr)->nlmsg_flags |= NLM_F_DUMP_INTR;
	genlmsg_end(skb, hdr);

	return err;
}

/**
 * po_port_get_dumpit() - continue a dump of sockets
 * @skb: message to fill
 * @cb: dump
 *
 * Context: may sleep, in the task that receives.
 * Return: bytes filled, 0 at the end, or a negative errno.
 */
int po_port_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	struct po_viewer viewer;
	int err;

	if (!dump->snap) {
		err = po_port_begin(cb);
		if (err)
			return err;
	}
	err = po_viewer_init(&viewer, cb->skb);
	if (err)
		return err;

	while (!err && dump->nr < dump->snap->nr) {
		err = po_port_put(skb, cb, &viewer);
		if (!err)
			dump->nr++;
	}
	po_viewer_destroy(&viewer);

	return po_dump_result(skb, err);
}

/**
 * po_port_get_done() - end a dump of sockets
 * @cb: dump
 *
 * Return: 0.
 */
int po_port_get_done(struct netlink_callback *cb)
{
	po_snap_free(po_port_dump(cb)->snap);

	return 0;
}

/* ---- reject-get ---- */

/**
 * struct po_reject_dump - state of a dump of refused binds
 * @rej: record that is being dumped, referenced, or NULL
 * @seq: number of the last record taken from the log; rising, so the order
 *	is fixed while new records come
 * @nr: next culprit of @rej
 * @begun: @rej is there but for its culprits from @nr on
 * @owner: next owner of that culprit, or NULL for all of it
 */
struct po_reject_dump {
	struct po_reject *rej;
	u64 seq;
	u32 nr;
	bool begun;
	const struct po_owner *owner;
};

static struct po_reject_dump *po_reject_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct po_reject_dump) > sizeof(cb->ctx));

	return (struct po_reject_dump *)cb->ctx;
}

/**
 * po_reject_get_start() - begin a dump of refused binds
 * @cb: dump
 *
 * Return: 0.
 */
int po_reject_get_start(struct netlink_callback *cb)
{
	struct nlattr *since = po_dump_attrs(cb)[PORTOWNER_A_REJECT_SINCE];

	if (since)
		po_reject_dump(cb)->seq = nla_get_u64(since);
	cb->min_dump_alloc = PO_MIN_DUMP_ALLOC;

	return 0;
}

/* The next record that the reader may see; false at the end of the log. */
static bool po_reject_next(struct netlink_callback *cb,
			   const struct po_viewer *viewer)
{
	struct po_reject_dump *dump = po_reject_dump(cb);
	struct net *net = sock_net(cb->skb->sk);

	while (!dump->rej) {
		dump->rej = po_log_next(net, dump->seq);
		if (!dump->rej)
			return false;
		dump->seq = dump->rej->seq;
		if (!po_viewer_sees_reject(viewer, dump->rej)) {
			po_reject_put(dump->rej);
			dump->rej = NULL;
		}
	}

	return true;
}

/* As many culprits as fit. Returns 0 if all did, or as po_fill_sock(). */
static int po_reject_put_culprits(struct sk_buff *skb,
				  struct po_reject_dump *dump,
				  struct po_viewer *viewer)
{
	const struct po_snap *culprits = dump->rej->culprits;
	u32 first = dump->nr;
	int err = 0;

	while (!err && dump->nr < culprits->nr) {
		err = po_fill_sock(skb, PORTOWNER_A_REJECT_CULPRIT, viewer,
				   &culprits->socks[dump->nr], &dump->owner);
		if (!err)
			dump->nr++;
	}

	return err < 0 && dump->nr > first ? 1 : err;
}

/*
 * One message: a record, or some more of its culprits. Returns 0 if the record
 * is complete, 1 if another message has to follow, -EMSGSIZE if nothing fitted.
 */
static int po_reject_put_msg(struct sk_buff *skb, struct netlink_callback *cb,
			     struct po_viewer *viewer)
{
	struct po_reject_dump *dump = po_reject_dump(cb);
	bool progress = !dump->begun;
	int err = -EMSGSIZE;
	void *hdr;

	hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
			  &portowner_nl_family, NLM_F_MULTI,
			  PORTOWNER_CMD_REJECT_GET);
	if (!hdr)
		return err;

	if (nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_SEQ, dump->rej->seq,
			      PORTOWNER_A_REJECT_PAD) ||
	    (!dump->begun && po_fill_reject(skb, viewer, dump->rej)))
		goto err_cancel;

	err = po_reject_put_culprits(skb, dump, viewer);
	if (err < 0 && !progress)
		goto err_cancel;

	dump->begun = true;
	/* Cannot fail: po_fill_reject() and po_fill_sock() left room. */
	if (err)
		nla_put_flag(skb, PORTOWNER_A_REJECT_MORE);
	genlmsg_end(skb, hdr);

	return err ? 1 : 0;

err_cancel:
	genlmsg_cancel(skb, hdr);
	return err;
}

/**
 * po_reject_get_dumpit() - continue a dump of refused binds
 * @skb: message to fill
 * @cb: dump
 *
 * Context: may sleep, in the task that receives.
 * Return: bytes filled, 0 at the end, or a negative errno.
 */
int po_reject_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_reject_dump *dump = po_reject_dump(cb);
	struct po_viewer viewer;
	int err;

	err = po_viewer_init(&viewer, cb->skb);
	if (err)
		return err;

	while (!err && po_reject_next(cb, &viewer)) {
		err = po_reject_put_msg(skb, cb, &viewer);
		if (!err) {
			po_reject_put(dump->rej);
			dump->rej = NULL;
			dump->nr = 0;
			dump->begun = false;
		}
	}
	po_viewer_destroy(&viewer);

	return po_dump_result(skb, err);
}

/**
 * po_reject_get_done() - end a dump of refused binds
 * @cb: dump
 *
 * Return: 0.
 */
int po_reject_get_done(struct netlink_callback *cb)
{
	struct po_reject_dump *dump = po_reject_dump(cb);

	if (dump->rej)
		po_reject_put(dump->rej);

	return 0;
}

/* ---- stats-get ---- */

static int po_fill_stats(struct sk_buff *skb, const struct net *net)
{
	struct po_log_stats stats;
	u64 binders, evicted;

	po_log_stats(net, &stats);
	po_binders_stats(&binders, &evicted);
	if (nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_SEEN, stats.seen,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_KEPT, stats.kept,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_REJECTS_DROPPED,
			      stats.dropped, PORTOWNER_A_STATS_PAD) ||
	    nla_put_u32(skb, PORTOWNER_A_STATS_REJECTS_MAX, PO_LOG_RECORDS) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_PROBE_MISSED,
			      po_hooks_missed(), PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_BINDERS, binders,
			      PORTOWNER_A_STATS_PAD) ||
	    nla_put_u64_64bit(skb, PORTOWNER_A_STATS_BINDERS_EVICTED, evicted,
			      PORTOWNER_A_STATS_PAD))
		return -EMSGSIZE;

	return 0;
}

/**
 * po_stats_get_doit() - answer a request for counters
 * @skb: request
 * @info: request
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int po_stats_get_doit(struct sk_buff *skb, struct genl_info *info)
{
	struct sk_buff *rsp;
	void *hdr;
	int err;

	rsp = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!rsp)
		return -ENOMEM;

	err = -EMSGSIZE;
	hdr = genlmsg_put_reply(rsp, info, &portowner_nl_family, 0,
				PORTOWNER_CMD_STATS_GET);
	if (!hdr)
		goto err_free_msg;

	err = po_fill_stats(rsp, genl_info_net(info));
	if (err)
		goto err_free_msg;

	genlmsg_end(rsp, hdr);

	return genlmsg_reply(rsp, info);

err_free_msg:
	nlmsg_free(rsp);
	return err;
}

/* ---- the family ---- */

static const struct genl_multicast_group po_mcgrps[] = {
	[PORTOWNER_NLGRP_REJECTS] = {
		.name = PORTOWNER_MCGRP_REJECTS,
		PO_MCGRP_NET_ADMIN,
	},
};

/**
 * po_netlink_init() - register the family
 *
 * Return: 0 or a negative errno.
 */
int __init po_netlink_init(void)
{
	/* The generator leaves out who may join a group. */
	portowner_nl_family.mcgrps = po_mcgrps;

	return genl_register_family(&portowner_nl_family);
}

/**
 * po_netlink_exit() - unregister the family
 */
void po_netlink_exit(void)
{
	genl_unregister_family(&portowner_nl_family);
}
