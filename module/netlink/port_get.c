// SPDX-License-Identifier: GPL-2.0
/* port-get: the request, and the dump of sockets that answers it. */

#include <linux/cred.h>
#include <linux/in.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/pid_namespace.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "generated/netlink.h"
#include "netlink/compact.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"
#include "owners/owners.h"
#include "sockets/sockets.h"

/**
 * struct po_port_dump - state of a dump of sockets
 * @snap: sockets to dump; collected in one go, so the order is fixed
 * @quota: charged to the reader, or NULL for an administrator
 * @templates: for the compact form, or NULL to send each socket in full
 * @known: processes already described, see &struct po_viewer
 * @owner: next owner of the next socket, or NULL to send all of it
 * @nr: index of the next socket
 * @accepted: the request is valid, and was charged
 * @begun: the message in front of the answer was sent, or is not needed
 */
struct po_port_dump {
	struct po_snap *snap;
	struct po_quota *quota;
	struct po_templates *templates;
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

static int po_parse_states(struct po_filter *filter, struct nlattr **attrs,
			   struct netlink_ext_ack *extack)
{
	struct nlattr *states = attrs[PORTOWNER_A_PORT_STATES];

	filter->states = states ? nla_get_u32(states) : PO_STATES_DEFAULT;
	if (!filter->states || filter->states & ~PO_STATES_ALL) {
		NL_SET_ERR_MSG_ATTR(extack, states,
				    "states must contain at least one state, and only known ones");
		return -EINVAL;
	}

	return 0;
}

static int po_parse_filter(struct po_filter *filter,
			   struct netlink_callback *cb)
{
	struct nlattr **attrs = po_dump_attrs(cb);
	struct nlattr *family = attrs[PORTOWNER_A_PORT_FAMILY];
	struct nlattr *proto = attrs[PORTOWNER_A_PORT_PROTO];
	struct nlattr *all = attrs[PORTOWNER_A_PORT_ALL_NETNS];

	filter->net = sock_net(cb->skb->sk);
	filter->all_netns = all;

	return po_check_all_netns(cb, all) ?:
	       po_parse_family(&filter->family, family, cb->extack) ?:
	       po_parse_proto(&filter->proto, proto, cb->extack) ?:
	       po_parse_states(filter, attrs, cb->extack) ?:
	       po_parse_ports(filter, attrs, cb->extack);
}

/* Check the request, and charge the reader. */
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

/* Allocate the state of what the reader knows, which is nothing yet. */
static int po_port_alloc_known(struct netlink_callback *cb,
			       const struct po_snap *snap)
{
	struct po_port_dump *dump = po_port_dump(cb);

	/* Already allocated if an earlier attempt ran out of memory. */
	if (!dump->templates && snap->nr > 1 &&
	    po_dump_attrs(cb)[PORTOWNER_A_PORT_ACCEPT_COMPACT]) {
		dump->templates = po_templates_new(snap->gfp);
		if (!dump->templates)
			return -ENOMEM;
	}
	dump->known = kvcalloc(BITS_TO_LONGS(snap->nr_procs),
			       sizeof(*dump->known), snap->gfp);

	return dump->known ? 0 : -ENOMEM;
}

/*
 * Collect the snapshot to dump. The request is checked again, because the
 * receiving task may not be the requesting one.
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
	      po_find_owners(snap) ?: po_find_untracked(snap) ?:
	      po_port_alloc_known(cb, snap);
	if (err) {
		po_snap_free(snap);
		return po_quota_exceeded(cb, err);
	}
	dump->snap = snap;

	return 0;
}

/*
 * An answer for one port usually takes microseconds, and is then collected
 * immediately: within the bounds of a refused bind, and without waiting for
 * memory, since others wait for generic netlink's lock. Returns false if it
 * takes longer.
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

	snap->paths = PO_PATHS_NEAR;
	if (po_collect(snap, &filter) || po_find_binders(snap) ||
	    po_find_owners(snap) || !po_snap_complete(snap) ||
	    po_port_alloc_known(cb, snap)) {
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
 * On older kernels, which have no extack here, the first po_port_get_dumpit()
 * reports an invalid request.
 *
 * Context: may sleep; the requesting task, under generic netlink's lock.
 * Return: 0 or a negative errno, with an extack message for an invalid request.
 */
int po_port_get_start(struct netlink_callback *cb)
{
	/* On failure done() is not called, and nothing was charged. */
	return cb->extack ? po_port_accept(cb) : 0;
}

static void *po_port_put_header(struct sk_buff *skb,
				struct netlink_callback *cb)
{
	void *hdr = po_dump_put(skb, cb, PORTOWNER_CMD_PORT_GET);

	if (hdr && po_port_dump(cb)->snap->torn)
		genlmsg_nlhdr(hdr)->nlmsg_flags |= NLM_F_DUMP_INTR;

	return hdr;
}

/* A socket that was put with its only owner may be a template. */
static void po_port_put_template_id(struct sk_buff *skb,
				    struct po_port_dump *dump,
				    struct po_viewer *viewer)
{
	int id;

	if (skb_tailroom(skb) < nla_total_size(sizeof(u16)))
		return;

	id = po_templates_add(dump->templates, viewer,
			      po_snap_sock(dump->snap, dump->nr));
	if (id >= 0)
		nla_put_u16(skb, PORTOWNER_A_PORT_TEMPLATE_ID, id);
}

/* Put a socket, or more of its owners. Returns like po_fill_sock(). */
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
	if (!err && first && dump->templates)
		po_port_put_template_id(skb, dump, viewer);
	genlmsg_end(skb, hdr);

	return err;
}

/* Put one message with the next sockets that match a template. */
static int po_port_put_compact(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	void *hdr;
	int err;

	hdr = po_port_put_header(skb, cb);
	if (!hdr)
		return -EMSGSIZE;

	err = po_fill_compact(skb, PORTOWNER_A_PORT_COMPACT, dump->templates,
			      dump->snap, &dump->nr);
	if (err < 0)
		genlmsg_cancel(skb, hdr);
	else
		genlmsg_end(skb, hdr);

	return err;
}

/* Put the next message. Returns like po_fill_sock(). */
static int po_port_put_next(struct sk_buff *skb, struct netlink_callback *cb,
			    struct po_viewer *viewer)
{
	struct po_port_dump *dump = po_port_dump(cb);
	int err;

	if (dump->templates && !dump->owner &&
	    po_templates_match(dump->templates,
			       po_snap_sock(dump->snap, dump->nr)))
		return po_port_put_compact(skb, cb);

	err = po_port_put(skb, cb, viewer);
	if (!err)
		dump->nr++;

	return err;
}

/* Put as much as fits. Returns like po_fill_sock(). */
static int po_port_fill(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_port_dump *dump = po_port_dump(cb);
	struct po_viewer viewer;
	int err;

	err = po_viewer_init(&viewer, cb->skb);
	if (err)
		return err;

	/* In other pid namespaces, the reuse of an id may go unnoticed. */
	if (viewer.pid_ns == &init_pid_ns)
		viewer.known = dump->known;
	if (dump->templates)
		po_templates_clear(dump->templates);
	while (!err && dump->nr < dump->snap->nr) {
		err = po_port_put_next(skb, cb, &viewer);
		if (!err && fatal_signal_pending(current))
			err = -EINTR;
		cond_resched();
	}
	po_viewer_destroy(&viewer);
	po_snap_drop_before(dump->snap, dump->nr);

	return err;
}

/**
 * po_port_get_dumpit() - continue a dump of sockets
 * @skb: message to fill
 * @cb: dump
 *
 * The first call answers if that is quick. Otherwise it only announces the
 * answer, see po_dump_begin(), and the second call collects the sockets.
 *
 * Context: may sleep; the requesting task at first, then the receiving one.
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
	kfree(dump->templates);
	kvfree(dump->known);
	po_quota_drop(dump->quota);

	return 0;
}
