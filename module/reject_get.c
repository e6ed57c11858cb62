// SPDX-License-Identifier: GPL-2.0
/* reject-get: the dump of the log of refused binds. */

#include <linux/netlink.h>
#include <net/genetlink.h>

#include "generated/netlink.h"
#include "internal.h"

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
				   po_snap_sock(culprits, dump->nr), &dump->owner);
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
			/* Its processes may go, and their addresses be reused. */
			po_viewer_forget(&viewer);
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
