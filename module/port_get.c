// SPDX-License-Identifier: GPL-2.0
/* port-get: the request, and the dump of sockets that answers it. */

#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "alike.h"
#include "generated/netlink.h"
#include "internal.h"

/**
 * struct po_port_dump - state of a dump of sockets
 * @snap: all that will be dumped; taken at once, so the order is fixed
 * @quota: counts it for the reader, or NULL for an administrator
 * @kinds: what the reader knows of sockets, or NULL if it wants each in full
 * @known: what it knows of processes, see struct po_viewer
 * @owner: next owner of the next socket, or NULL for all of it
 * @nr: next socket
 * @accepted: the request makes sense, and is counted
 * @begun: the message in front of the answer was sent
 */
struct po_port_dump {
	struct po_snap *snap;
	struct po_quota *quota;
	struct po_kinds *kinds;
	unsigned long *known;
	const struct po_owner *owner;
	u32 nr;
	bool accepted;
	bool begun;
};

static struct po_port_dump *po_port_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct po_port_dump) > sizeof(cb->ctx));

	return (struct po_port_dump *)cb->ctx;
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
					    "proto must be that of TCP, MPTCP, UDP, UDPLITE, SCTP, ICMP or RAW");
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
	if (all && !po_capable(cb->skb, &init_user_ns, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_ATTR(cb->extack, all,
				    "all-netns requires CAP_NET_ADMIN in the initial user namespace");
		return -EPERM;
	}

	err = po_parse_kinds(filter, attrs, cb->extack);

	return err ?: po_parse_ports(filter, attrs, cb->extack);
}

/* Look at the request only. */
static int po_port_accept(struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	struct po_filter filter = {};
	int err;

	err = po_parse_filter(&filter, cb) ?:
	      po_quota_count(cb, &dump->quota);
	dump->accepted = !err;

	return err;
}

/* What the reader has been told of, which is nothing yet. */
static int po_port_forget(struct netlink_callback *cb,
			  const struct po_snap *snap)
{
	struct po_port_dump *dump = po_port_dump(cb);

	/* There already if there was no memory for the rest before. */
	if (!dump->kinds && snap->nr > 1 &&
	    po_dump_attrs(cb)[PORTOWNER_A_PORT_BRIEF]) {
		dump->kinds = po_kinds_new();
		if (!dump->kinds)
			return -ENOMEM;
	}
	dump->known = kvcalloc(BITS_TO_LONGS(snap->nr_procs),
			       sizeof(*dump->known), GFP_KERNEL_ACCOUNT);

	return dump->known ? 0 : -ENOMEM;
}

/*
 * Take the snapshot that a dump will show. The request is read once more: who
 * receives may be another one than who asked.
 */
static int po_port_collect(struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	struct po_filter filter = {};
	struct po_snap *snap;
	int err;

	err = po_parse_filter(&filter, cb);
	if (err)
		return err;

	snap = po_quota_snap(dump->quota);
	if (!snap)
		return -ENOMEM;

	err = po_collect(snap, &filter) ?: po_find_binders(snap) ?:
	      po_find_owners(snap) ?: po_find_unseen(snap) ?:
	      po_port_forget(cb, snap);
	if (err) {
		po_snap_free(snap);
		return po_quota_exceeded(cb, err);
	}
	dump->snap = snap;

	return 0;
}

/*
 * The usual answer about one port is found within a few microseconds, so that it
 * may be looked for at once. False: it takes longer, or there is no memory.
 */
static bool po_port_quick(struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	struct po_filter filter = {};
	struct po_snap *snap;

	if (po_parse_filter(&filter, cb) || filter.all_netns ||
	    filter.port_first != filter.port_last)
		return false;

	snap = po_snap_new_bounded(PO_QUICK_BYTES);
	if (!snap)
		return false;

	if (po_collect(snap, &filter) || po_find_binders(snap) ||
	    po_find_owners(snap) || !po_snap_complete(snap) ||
	    po_port_forget(cb, snap)) {
		po_snap_free(snap);
		return false;
	}
	dump->snap = snap;

	return true;
}

/**
 * po_port_get_start() - begin a dump of sockets
 * @cb: dump
 *
 * Older kernels have no way to say here what is wrong with a request; the
 * first po_port_get_dumpit() does it then.
 *
 * Context: may sleep, in the task that asks, under generic netlink's lock.
 * Return: 0 or a negative errno, with an extack message for a wrong request.
 */
int po_port_get_start(struct netlink_callback *cb)
{
	/* Nobody calls done() if this fails, and then nothing was counted. */
	return cb->extack ? po_port_accept(cb) : 0;
}

static void *po_port_put_header(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	void *hdr = genlmsg_put(skb, NETLINK_CB(cb->skb).portid,
				cb->nlh->nlmsg_seq, &portowner_nl_family,
				NLM_F_MULTI, PORTOWNER_CMD_PORT_GET);

	if (hdr && po_port_dump(cb)->snap->torn)
		genlmsg_nlhdr(hdr)->nlmsg_flags |= NLM_F_DUMP_INTR;

	return hdr;
}

/* A socket that is in the message as a whole may be the one of a kind. */
static void po_port_put_kind(struct sk_buff *skb, struct po_port_dump *dump,
			     struct po_viewer *viewer)
{
	int kind;

	if (skb_tailroom(skb) < nla_total_size(sizeof(u32)))
		return;

	kind = po_kinds_add(dump->kinds, viewer,
			    po_snap_sock(dump->snap, dump->nr));
	if (kind >= 0)
		nla_put_u32(skb, PORTOWNER_A_PORT_KIND, kind);
}

/* One message: a socket, or some more of its owners. As po_fill_sock(). */
static int po_port_put(struct sk_buff *skb, struct netlink_callback *cb,
		       struct po_viewer *viewer)
{
	struct po_port_dump *dump = po_port_dump(cb);
	bool first = !dump->owner;
	void *hdr;
	int err;

	hdr = po_port_put_header(skb, cb);
	if (!hdr)
		return -EMSGSIZE;

	err = po_fill_sock(skb, PORTOWNER_A_PORT_SOCKET, viewer,
			   po_snap_sock(dump->snap, dump->nr), &dump->owner);
	if (err < 0) {
		genlmsg_cancel(skb, hdr);
		return err;
	}
	if (!err && first && dump->kinds)
		po_port_put_kind(skb, dump, viewer);
	genlmsg_end(skb, hdr);

	return err;
}

/* One message: the sockets that come next, as far as their kind is known. */
static int po_port_put_alike(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	void *hdr;
	int err;

	hdr = po_port_put_header(skb, cb);
	if (!hdr)
		return -EMSGSIZE;

	err = po_fill_alike(skb, PORTOWNER_A_PORT_ALIKE, dump->kinds,
			    dump->snap, &dump->nr);
	if (err < 0)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);

	return err;
}

/* Another message. As po_fill_sock(). */
static int po_port_put_next(struct sk_buff *skb, struct netlink_callback *cb,
			    struct po_viewer *viewer)
{
	struct po_port_dump *dump = po_port_dump(cb);
	int err;

	if (dump->kinds && !dump->owner &&
	    po_kinds_know(dump->kinds, po_snap_sock(dump->snap, dump->nr)))
		return po_port_put_alike(skb, cb);

	err = po_port_put(skb, cb, viewer);
	if (!err)
		dump->nr++;

	return err;
}

/* As much as fits. Returns as po_fill_sock(). */
static int po_port_fill(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	struct po_viewer viewer;
	int err;

	err = po_viewer_init(&viewer, cb->skb);
	if (err)
		return err;

	/* Numbers of other pid namespaces are used again sooner than known. */
	if (viewer.pid_ns == &init_pid_ns)
		viewer.known = dump->known;
	if (dump->kinds)
		po_kinds_forget(dump->kinds);
	while (!err && dump->nr < dump->snap->nr) {
		err = po_port_put_next(skb, cb, &viewer);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	po_viewer_destroy(&viewer);
	po_snap_pass(dump->snap, dump->nr);

	return err;
}

/**
 * po_port_get_dumpit() - continue a dump of sockets
 * @skb: message to fill
 * @cb: dump
 *
 * Unless the answer is found in no time, the first call has no more to say than
 * that others will follow, see po_dump_begin(); the second one collects the
 * sockets.
 *
 * Context: may sleep; in the task that asks, and in who receives from then on.
 * Return: bytes filled, 0 at the end, or a negative errno.
 */
int po_port_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	int err;

	if (!dump->accepted) {
		err = po_port_accept(cb);
		if (err)
			return err;
	}
	if (!dump->begun) {
		dump->begun = true;
		if (!po_port_quick(cb))
			return po_dump_begin(skb, cb, PORTOWNER_CMD_PORT_GET,
					     0);
	}
	if (!dump->snap) {
		err = po_port_collect(cb);
		if (err)
			return err;
	}

	return po_dump_result(skb, po_port_fill(skb, cb));
}

/**
 * po_port_get_done() - end a dump of sockets
 * @cb: dump
 *
 * Context: may sleep.
 * Return: 0.
 */
int po_port_get_done(struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);

	po_snap_free(dump->snap);
	kfree(dump->kinds);
	kvfree(dump->known);
	po_quota_drop(dump->quota);

	return 0;
}
