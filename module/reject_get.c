// SPDX-License-Identifier: GPL-2.0
/* reject-get: the dump of the log of refused binds. */

#include <linux/capability.h>
#include <linux/netlink.h>
#include <linux/pid.h>
#include <linux/rwsem.h>
#include <net/genetlink.h>

#include "generated/netlink.h"
#include "internal.h"

/**
 * struct po_reject_dump - state of a dump of refused binds
 * @rej: record that is being dumped, referenced, or NULL
 * @ancestor: only rejects of this and its descendants, referenced, or NULL
 * @seq: number of the last record taken from the log; rising, so the order
 *	is fixed while new records come
 * @netns: inode number of the namespace whose log is read; rising as well
 * @nr: next culprit of @rej
 * @checked: what is asked for makes sense and is allowed
 * @begun: @rej is there but for its culprits from @nr on
 * @owner: next owner of that culprit, or NULL for all of it
 */
struct po_reject_dump {
	struct po_reject *rej;
	struct pid *ancestor;
	u64 seq;
	u32 netns;
	u32 nr;
	bool checked;
	bool begun;
	const struct po_owner *owner;
};

static struct po_reject_dump *po_reject_dump(struct netlink_callback *cb)
{
	BUILD_BUG_ON(sizeof(struct po_reject_dump) > sizeof(cb->ctx));

	return (struct po_reject_dump *)cb->ctx;
}

/* Where to begin in each log. */
static u64 po_reject_since(struct netlink_callback *cb)
{
	struct nlattr *since = po_dump_attrs(cb)[PORTOWNER_A_REJECT_SINCE];

	return since ? nla_get_u64(since) : 0;
}

/* Whether to read the logs of all namespaces. */
static bool po_reject_all(struct netlink_callback *cb)
{
	return po_dump_attrs(cb)[PORTOWNER_A_REJECT_ALL_NETNS];
}

/**
 * po_reject_get_start() - begin a dump of refused binds
 * @cb: dump
 *
 * What is asked for is looked at in the first po_reject_get_dumpit(): there is
 * no extack here.
 *
 * Return: 0.
 */
int po_reject_get_start(struct netlink_callback *cb)
{
	po_reject_dump(cb)->seq = po_reject_since(cb);
	cb->min_dump_alloc = PO_MIN_DUMP_ALLOC;

	return 0;
}

static int po_reject_begin_dump(struct netlink_callback *cb)
{
	struct nlattr **attrs = po_dump_attrs(cb);
	struct nlattr *all = attrs[PORTOWNER_A_REJECT_ALL_NETNS];
	struct nlattr *ancestor = attrs[PORTOWNER_A_REJECT_ANCESTOR];
	struct po_reject_dump *dump = po_reject_dump(cb);

	dump->checked = true;
	if (all && !po_capable(cb->skb, &init_user_ns, CAP_NET_ADMIN)) {
		NL_SET_ERR_MSG_ATTR(cb->extack, all,
				    "all-netns requires CAP_NET_ADMIN in the initial user namespace");
		return -EPERM;
	}
	if (ancestor) {
		dump->ancestor = find_get_pid(nla_get_u32(ancestor));
		if (!dump->ancestor) {
			NL_SET_ERR_MSG_ATTR(cb->extack, ancestor,
					    "no such process");
			return -ESRCH;
		}
	}

	return 0;
}

static bool po_reject_descends(const struct po_reject *rej,
			       const struct pid *ancestor)
{
	u32 i;

	if (rej->caller->pid == ancestor)
		return true;
	for (i = 0; i < rej->nr_ancestors; i++)
		if (rej->ancestors[i] == ancestor)
			return true;

	return false;
}

static bool po_reject_wanted(const struct po_reject_dump *dump,
			     const struct po_viewer *viewer,
			     const struct po_reject *rej)
{
	return po_viewer_sees_reject(viewer, rej) &&
	       (!dump->ancestor || po_reject_descends(rej, dump->ancestor));
}

/* The next record of a namespace that is asked for and may be seen, or NULL. */
static struct po_reject *po_reject_next_of(struct po_reject_dump *dump,
					   struct net *net,
					   const struct po_viewer *viewer)
{
	struct po_reject *rej;

	while ((rej = po_log_next(net, dump->seq))) {
		dump->seq = rej->seq;
		if (po_reject_wanted(dump, viewer, rej))
			break;
		po_reject_put(rej);
	}

	return rej;
}

/*
 * The namespace with records whose number is the lowest from @netns on,
 * referenced, or NULL. So none has to be held till the reader comes again.
 */
static struct net *po_reject_net(u32 netns, u64 since)
{
	struct net *net, *found = NULL;

	down_read(&net_rwsem);
	for_each_net(net) {
		if (net->ns.inum < netns || po_log_last(net) <= since ||
		    (found && net->ns.inum > found->ns.inum) ||
		    !maybe_get_net(net))
			continue;
		if (found)
			put_net(found);
		found = net;
	}
	up_read(&net_rwsem);

	return found;
}

/* The next record of any namespace. */
static struct po_reject *po_reject_next_any(struct netlink_callback *cb,
					    const struct po_viewer *viewer)
{
	struct po_reject_dump *dump = po_reject_dump(cb);
	u64 since = po_reject_since(cb);
	struct po_reject *rej = NULL;
	struct net *net;

	while (!rej) {
		net = po_reject_net(dump->netns, since);
		if (!net)
			break;
		dump->netns = net->ns.inum;
		rej = po_reject_next_of(dump, net, viewer);
		if (!rej) {
			/* The next one may have the next number. */
			dump->netns++;
			dump->seq = since;
		}
		put_net(net);
		cond_resched();
	}

	return rej;
}

/* Find the next record; false at the end. */
static bool po_reject_next(struct netlink_callback *cb,
			   const struct po_viewer *viewer)
{
	struct po_reject_dump *dump = po_reject_dump(cb);

	if (!dump->rej)
		dump->rej = po_reject_all(cb) ?
			po_reject_next_any(cb, viewer) :
			po_reject_next_of(dump, sock_net(cb->skb->sk), viewer);

	return dump->rej;
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
	int err = 0;

	if (!dump->checked)
		err = po_reject_begin_dump(cb);
	if (err)
		return err;

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
	put_pid(dump->ancestor);

	return 0;
}
