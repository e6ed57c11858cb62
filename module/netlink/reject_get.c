// SPDX-License-Identifier: GPL-2.0
/* reject-get: the dump of the log of refused binds. */

#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/genetlink.h>

#include "core/core.h"
#include "forecast/forecast.h"
#include "generated/netlink.h"
#include "netlink/fill.h"
#include "netlink/netlink.h"
#include "rejects/rejects.h"

/*
 * Ranges whose ports are counted in one dump, each by a walk over all descriptors: users
 * can exhaust any number of them, in namespaces of their own.
 */
#define PO_RANGES_COUNTED	16

/**
 * struct po_reject_request - a dump of refused binds
 * @dump: state of the answer; NULL until that is announced
 * @ancestor: only rejects of it and its descendants, referenced, or NULL
 * @announced: the request was checked, and the announcement sent
 */
struct po_reject_request {
	struct po_reject_dump *dump;
	struct pid *ancestor;
	bool announced;
};

/**
 * struct po_reject_dump - state of the answer to a request
 * @rej: record being dumped, referenced, or NULL
 * @caller: process refused last, referenced, or NULL
 * @mark: mutable state of @rej to dump
 * @range: port range counted last in this namespace, referenced, or NULL
 * @nr_ranges: ranges counted so far
 * @netns_asked: as in &struct po_viewer
 * @owner: next owner of the next culprit, or NULL to send all of it
 * @log: index of the log being read, or 0
 * @nr: index of the next culprit of @rej
 * @begun: @rej was sent, except for its culprits from @nr on
 * @marked: @marks is set, for @log
 * @next: index of the next entry of @marks
 * @nr_marks: number of entries in @marks
 * @marks: records found in the log; not referenced, so that a reader who stops
 *	reading keeps no dropped record alive
 */
struct po_reject_dump {
	struct po_reject *rej;
	struct po_caller *caller;
	const struct po_mark *mark;
	struct po_range *range;
	u32 nr_ranges;
	u32 netns_asked;
	const struct po_owner *owner;
	u32 log;
	u32 nr;
	bool begun;
	bool marked;
	u32 next;
	u32 nr_marks;
	struct po_mark marks[PO_LOG_RECORDS];
};

static struct po_reject_request *po_reject_request(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct po_reject_request) > sizeof(cb->ctx));

	return (struct po_reject_request *)cb->ctx;
}

static struct po_reject_dump *po_reject_dump(struct netlink_callback *cb)
{
	return po_reject_request(cb)->dump;
}

/* Number after which to start in each log: per namespace, or over all. */
static u64 po_reject_since(struct netlink_callback *cb, int attrtype)
{
	struct nlattr *since = po_dump_attrs(cb)[attrtype];

	return since ? nla_get_u64(since) : 0;
}

/* Whether to read the logs of all namespaces. */
static bool po_reject_all(struct netlink_callback *cb)
{
	return po_dump_attrs(cb)[PORTOWNER_A_REJECT_ALL_NETNS];
}

static int po_reject_check_request(struct netlink_callback *cb)
{
	struct nlattr **attrs = po_dump_attrs(cb);
	struct nlattr *ancestor = attrs[PORTOWNER_A_REJECT_ANCESTOR];
	struct po_reject_request *request = po_reject_request(cb);

	if (attrs[PORTOWNER_A_REJECT_SINCE_ALL] && !po_reject_all(cb)) {
		NL_SET_ERR_MSG_ATTR(cb->extack,
				    attrs[PORTOWNER_A_REJECT_SINCE_ALL],
				    "since-all requires all-netns");
		return -EINVAL;
	}
	if (!ancestor)
		return 0;

	request->ancestor = find_get_pid(nla_get_u32(ancestor));
	if (!request->ancestor) {
		NL_SET_ERR_MSG_ATTR(cb->extack, ancestor, "no such process");
		return -ESRCH;
	}

	return 0;
}

/* Not under generic netlink's lock, so this may wait for memory. */
static int po_reject_begin_dump(struct netlink_callback *cb)
{
	struct po_reject_dump *dump = kvzalloc(sizeof(*dump),
					       GFP_KERNEL_ACCOUNT);

	if (!dump)
		return -ENOMEM;

	if (!po_reject_all(cb))
		dump->log = po_logs_of(sock_net(cb->skb->sk));
	po_reject_request(cb)->dump = dump;

	return 0;
}

static bool po_reject_descends(const struct po_caller *caller,
			       const struct pid *ancestor)
{
	u32 i;

	if (caller->proc->pid == ancestor)
		return true;
	for (i = 0; i < caller->nr_ancestors; i++)
		if (caller->ancestors[i] == ancestor)
			return true;

	return false;
}

static bool po_reject_wanted(struct netlink_callback *cb,
			     const struct po_viewer *viewer)
{
	const struct po_caller *caller = po_reject_dump(cb)->caller;
	const struct pid *ancestor = po_reject_request(cb)->ancestor;

	return po_viewer_sees_reject(viewer, caller->proc) &&
	       (!ancestor || po_reject_descends(caller, ancestor));
}

/* Release the current record. */
static void po_reject_drop(struct po_reject_dump *dump)
{
	if (!dump->rej)
		return;

	po_reject_put(dump->rej);
	po_caller_put(dump->caller);
	dump->rej = NULL;
	dump->caller = NULL;
	dump->nr = 0;
	dump->begun = false;
}

/* Find the next record of the log that is requested and visible. */
static bool po_reject_next_of(struct netlink_callback *cb,
			      const struct po_viewer *viewer)
{
	struct po_reject_dump *dump = po_reject_dump(cb);

	if (!dump->marked) {
		dump->nr_marks =
			po_log_mark(dump->log,
				    po_reject_since(cb, PORTOWNER_A_REJECT_SINCE),
				    po_reject_since(cb, PORTOWNER_A_REJECT_SINCE_ALL),
				    dump->marks);
		dump->next = 0;
		dump->marked = true;
	}
	while (dump->next < dump->nr_marks) {
		dump->mark = &dump->marks[dump->next++];
		dump->rej = po_log_get(dump->log, dump->mark, &dump->caller);
		if (!dump->rej)
			continue;
		if (po_reject_wanted(cb, viewer))
			return true;
		po_reject_drop(dump);
	}

	return false;
}

/*
 * Find the next record; false at the end. If a namespace ends during the dump,
 * its unread records come last, and those already read may come twice.
 */
static bool po_reject_next(struct netlink_callback *cb,
			   const struct po_viewer *viewer)
{
	struct po_reject_dump *dump = po_reject_dump(cb);

	if (dump->rej)
		return true;

	while (!dump->log || !po_reject_next_of(cb, viewer)) {
		if (!po_reject_all(cb) || fatal_signal_pending(current) ||
		    !po_logs_next(&dump->log))
			return false;
		dump->marked = false;
		po_range_put(dump->range);
		dump->range = NULL;
		cond_resched();
	}

	return true;
}

/* Whether the range counted last is that of the current record. */
static bool po_reject_same_range(const struct po_reject_dump *dump)
{
	const struct po_range *range = dump->range;
	const struct po_reject *rej = dump->rej;

	return range && range->proto == po_transport(&rej->want.sock) &&
	       range->first == rej->range_first &&
	       range->last == rej->range_last;
}

/*
 * Get the exhausted range of the current record. Its first reader counts the
 * ports, once for all records of the dump with the same range. Returns NULL
 * if the record has none, its namespace has ended, the reader is being killed,
 * there is no memory, or enough ranges were counted.
 */
static struct po_range *po_reject_range(struct po_reject_dump *dump)
{
	struct po_reject *rej = dump->rej;
	struct po_range *range;
	struct net *net;

	if (!rej->range_first)
		return NULL;

	range = po_log_range(dump->log, rej, NULL);
	if (range)
		return range;

	/* Ports of a namespace that has ended can no longer be counted. */
	net = po_reject_same_range(dump) || dump->nr_ranges == PO_RANGES_COUNTED ?
	      NULL : po_logs_net(dump->log);
	if (net) {
		dump->nr_ranges++;
		po_range_put(dump->range);
		dump->range = po_range_between(net,
					       po_transport(&rej->want.sock),
					       rej->range_first,
					       rej->range_last);
		put_net(net);
	}

	return po_reject_same_range(dump) ?
	       po_log_range(dump->log, rej, dump->range) : NULL;
}

static int po_reject_put_first(struct sk_buff *skb, struct netlink_callback *cb,
			       struct po_viewer *viewer)
{
	struct po_reject_dump *dump = po_reject_dump(cb);
	struct po_range *range = po_reject_range(dump);
	int err = po_fill_reject(skb, viewer, dump->rej, dump->caller,
				 dump->mark, range);

	po_range_put(range);

	return err;
}

/*
 * Put a record, or more of its culprits. Returns 0 if the record is complete, 1
 * if another message has to follow, -EMSGSIZE if nothing fitted.
 */
static int po_reject_put_msg(struct sk_buff *skb, struct netlink_callback *cb,
			     struct po_viewer *viewer)
{
	struct po_reject_dump *dump = po_reject_dump(cb);
	bool progress = !dump->begun;
	int err = -EMSGSIZE;
	void *hdr;

	hdr = po_dump_put(skb, cb, PORTOWNER_CMD_REJECT_GET);
	if (!hdr)
		return err;

	if (nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_SEQ, dump->mark->seq,
			      PORTOWNER_A_REJECT_PAD) ||
	    (!dump->begun && po_reject_put_first(skb, cb, viewer)))
		goto err_cancel;

	err = po_fill_culprits(skb, PORTOWNER_A_REJECT_CULPRIT, viewer,
			       dump->rej->culprits, &dump->nr, &dump->owner);
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

/* Announce the answer, and the number of the last refusal that it covers. */
static int po_reject_announce(struct sk_buff *skb, struct netlink_callback *cb)
{
	u64 seq = po_log_total_seq();
	int len = po_dump_begin(skb, cb, PORTOWNER_CMD_REJECT_GET, 0);

	if (len < 0 || !po_dump_attrs(cb)[PORTOWNER_A_REJECT_SINCE_ALL])
		return len;

	if (nla_put_u64_64bit(skb, PORTOWNER_A_REJECT_SEQ_ALL, seq,
			      PORTOWNER_A_REJECT_PAD))
		return -EMSGSIZE;
	nlmsg_end(skb, nlmsg_hdr(skb));

	return skb->len;
}

/**
 * po_reject_get_dumpit() - continue a dump of refused binds
 * @skb: message to fill
 * @cb: dump
 *
 * There may be very many logs, and counting the ports of a range may take long,
 * so the first call only announces the answer, see po_dump_begin().
 *
 * Context: may sleep; the requesting task at first, then the receiving one.
 * Return: bytes filled, 0 at the end, or a negative errno.
 */
int po_reject_get_dumpit(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct po_reject_request *request = po_reject_request(cb);
	struct po_viewer viewer;
	int err;

	/* Each time: the receiving task may not be the requesting one. */
	err = po_check_all_netns(cb, po_dump_attrs(cb)[PORTOWNER_A_REJECT_ALL_NETNS]);
	if (err)
		return err;

	if (!request->announced) {
		err = po_reject_check_request(cb);
		if (err)
			return err;
		request->announced = true;
		return po_reject_announce(skb, cb);
	}
	if (!request->dump) {
		err = po_reject_begin_dump(cb);
		if (err)
			return err;
	}

	err = po_viewer_init(&viewer, cb->skb);
	if (err)
		return err;

	viewer.netns_asked = &request->dump->netns_asked;
	while (!err && po_reject_next(cb, &viewer)) {
		err = po_reject_put_msg(skb, cb, &viewer);
		if (!err) {
			/* Its processes may be freed, and addresses reused. */
			po_viewer_forget(&viewer);
			po_reject_drop(request->dump);
		}
	}
	po_viewer_destroy(&viewer);

	return po_dump_result(skb, err);
}

/**
 * po_reject_get_done() - end a dump of refused binds
 * @cb: dump
 *
 * Context: may sleep.
 * Return: 0.
 */
int po_reject_get_done(struct netlink_callback *cb)
{
	struct po_reject_request *request = po_reject_request(cb);
	struct po_reject_dump *dump = request->dump;

	if (dump) {
		po_reject_drop(dump);
		po_range_put(dump->range);
		kvfree(dump);
	}
	put_pid(request->ancestor);

	return 0;
}
