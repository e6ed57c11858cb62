/* SPDX-License-Identifier: GPL-2.0 */
/* Requests and answers: what a reader may see, and how much at a time. */

#ifndef _PO_NETLINK_H
#define _PO_NETLINK_H

#include <linux/gfp.h>
#include <linux/limits.h>
#include <linux/netlink.h>
#include <linux/sizes.h>
#include <linux/types.h>

struct cred;
struct pid_namespace;
struct po_bound;
struct po_proc;
struct po_snap;
struct sk_buff;
struct user_namespace;

/* ---- viewer.c: what a reader may see ---- */

/**
 * struct po_viewer - the reader of a reply
 * @skb: its request
 * @user_ns: namespace of user ids
 * @pid_ns: namespace of process ids
 * @cgroup_root: path of its cgroup namespace's root, NULL if the root of all
 * @known: bitmap, by process number, of processes already described in this
 *	dump; NULL to describe each every time
 * @netns_asked: number of network namespaces asked for an address so far in this
 *	dump, see po_fill_reason(); NULL for no limit
 * @last: process checked last; only its address is used
 * @last_visible: whether @last is visible
 */
struct po_viewer {
	const struct sk_buff *skb;
	struct user_namespace *user_ns;
	struct pid_namespace *pid_ns;
	char *cgroup_root;
	unsigned long *known;
	u32 *netns_asked;
	const struct po_proc *last;
	bool last_visible;
};

bool po_capable(const struct sk_buff *skb, struct user_namespace *ns, int cap);
bool po_sees_host(const struct sk_buff *skb);
int po_viewer_init(struct po_viewer *viewer, const struct sk_buff *skb);
void po_viewer_destroy(struct po_viewer *viewer);
void po_viewer_forget(struct po_viewer *viewer);
bool po_viewer_sees_proc(struct po_viewer *viewer, const struct po_proc *proc);
bool po_viewer_sees_bound(const struct po_viewer *viewer,
			  const struct po_bound *bound);
bool po_viewer_sees_reject(const struct po_viewer *viewer,
			   const struct po_proc *caller);
bool po_viewer_sees_caller(const struct po_viewer *viewer,
			   const struct po_proc *caller);
const char *po_viewer_cgroup(const struct po_viewer *viewer,
			     const struct po_proc *proc);

/* ---- request.c: attributes common to several requests ---- */

int po_parse_family(u16 *family, const struct nlattr *attr,
		    struct netlink_ext_ack *extack);
int po_parse_proto(u16 *proto, const struct nlattr *attr,
		   struct netlink_ext_ack *extack);
int po_check_all_netns(struct netlink_callback *cb, const struct nlattr *attr);

/* ---- quota.c: limits on the number and size of answers ---- */

struct po_quota;

/*
 * Flags for allocations under generic netlink's lock, for which the whole host
 * may wait: no reclaim. Not charged, since a full memory control group could
 * then send no request; so only for what is small and limited in number.
 */
#define PO_GFP_LOCKED	(GFP_NOWAIT | __GFP_NOWARN)

/* Memory for an answer collected under generic netlink's lock. */
#define PO_QUICK_BYTES	SZ_32K

int po_quota_count(struct netlink_callback *cb, struct po_quota **quota);
struct po_snap *po_quota_snap(const struct po_quota *quota);
int po_quota_exceeded(struct netlink_callback *cb, int err);
void po_quota_drop(struct po_quota *quota);
void po_quota_stats(u64 *used, u64 *refused);

/* ---- dump.c: the messages of a dump ---- */

void *po_dump_put(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd);
int po_dump_begin(struct sk_buff *skb, struct netlink_callback *cb, u8 cmd,
		  int more);

/* ---- port_get.c, reject_get.c, bind_check.c: dumps ---- */

/* Room for a record with two paths of maximum length. */
#define PO_MIN_DUMP_ALLOC	(2 * PATH_MAX + 4096)

/*
 * Return value of a dumpit: 0 if everything was put, so that the end of the
 * dump goes into the same message; else the bytes filled, or the error if none.
 */
static inline int po_dump_result(const struct sk_buff *skb, int err)
{
	if (!err)
		return 0;

	return skb->len ?: err;
}

/* ---- family.c: the generic netlink family ---- */

int po_netlink_init(void);
void po_netlink_exit(void);

#endif /* _PO_NETLINK_H */
