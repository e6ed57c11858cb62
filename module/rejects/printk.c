// SPDX-License-Identifier: GPL-2.0
/*
 * One line in the kernel log for a refused bind.
 *
 * A work item prints it: a console may be a serial line, where printing takes
 * milliseconds, and a caller of printk() may have to wait for another one.
 *
 * The number of lines is limited, and each user has a fair share of it, so that a
 * flood of refusals by one user does not keep those of others out of the log.
 */

#include <linux/ctype.h>
#include <linux/hash.h>
#include <linux/in.h>
#include <linux/jiffies.h>
#include <linux/llist.h>
#include <linux/pid_namespace.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include <net/ipv6.h>
#include <net/net_namespace.h>

#include "conflict/conflict.h"
#include "core/core.h"
#include "rejects/refusal.h"
#include "rejects/rejects.h"
#include "sockets/sockets.h"

unsigned int po_log_printk = PO_PRINTK_INITIAL;

/* Lines per interval, and its length in jiffies; for one user, see po_fair(). */
#define PO_LINES		40
#define PO_LINES_INTERVAL	(5 * HZ)

/* log2 of the number of shares: users with the same hash have one share. */
#define PO_LINES_BITS		6

/**
 * struct po_line_shares - lines in the present interval
 * @lock: protects all other members
 * @since: start of the interval, in jiffies
 * @left: lines left
 * @skipped: lines left out since the last one that was printed
 * @seed: random seed of the hash, new in each interval
 * @taken: lines by hash of the user
 */
static struct po_line_shares {
	spinlock_t lock;	/* protects all others */
	unsigned long since;
	u32 left;
	u32 skipped;
	u32 seed;
	u8 taken[1 << PO_LINES_BITS];
} po_line_shares = {
	.lock = __SPIN_LOCK_UNLOCKED(po_line_shares.lock),
};

/* Bytes of the longest line. */
#define PO_LINE_SIZE	352

/**
 * struct po_line - a line to print
 * @node: in po_lines
 * @text: the line, without a newline
 */
struct po_line {
	struct llist_node node;
	char text[PO_LINE_SIZE];
};

/* Lines to print, newest first. */
static LLIST_HEAD(po_lines);

static void po_print_lines(struct work_struct *work)
{
	struct llist_node *lines = llist_del_all(&po_lines);
	struct po_line *line, *next;

	lines = llist_reverse_order(lines);
	llist_for_each_entry_safe(line, next, lines, node) {
		pr_info("%s\n", line->text);
		kfree(line);
	}
}

static DECLARE_WORK(po_print_work, po_print_lines);

static const char * const po_op_names[] = {
	[PORTOWNER_REJECT_OP_BIND]	= "bind",
	[PORTOWNER_REJECT_OP_LISTEN]	= "listen",
	[PORTOWNER_REJECT_OP_AUTOBIND]	= "autobind",
};

/* Format a process, with its name escaped, since it can contain anything. */
static void po_print_proc(char *buf, size_t size, const struct po_proc *proc)
{
	char comm[TASK_COMM_LEN];
	char *c;

	/* %pE does not escape printable Latin-1, which is not valid UTF-8. */
	strscpy(comm, proc->comm, sizeof(comm));
	for (c = comm; *c; c++)
		if (!isascii(*c))
			*c = '?';
	snprintf(buf, size, "%*pE[%d]", (int)(c - comm), comm,
		 pid_nr(proc->pid));
}

/*
 * The kernel log has no namespaces: a line about a process in one namespace can
 * be read in any other. Processes of the host appear in it anyway.
 */
static bool po_proc_is_initial(const struct po_proc *proc)
{
	return ns_of_pid(proc->pid) == &init_pid_ns &&
	       proc->cred->user_ns == &init_user_ns;
}

static bool po_may_print(const struct po_reject *rej, const struct net *net,
			 enum po_printk which)
{
	return which == PO_PRINTK_ALL ||
	       (which == PO_PRINTK_INITIAL && net_eq(net, &init_net) &&
		po_proc_is_initial(rej->caller->proc));
}

/* The caller holds the lock. A time that is in the future has wrapped around. */
static void po_lines_renew(struct po_line_shares *shares)
{
	if (shares->seed &&
	    time_in_range(jiffies, shares->since, shares->since + PO_LINES_INTERVAL))
		return;

	shares->since = jiffies;
	shares->left = PO_LINES;
	shares->seed = get_random_u32() | 1;
	memset(shares->taken, 0, sizeof(shares->taken));
}

/*
 * Whether a user may have one more line printed. Sets *@skipped to the number of
 * lines, of all users, that were left out before this one.
 */
static bool po_line_take(kuid_t payer, u32 *skipped)
{
	struct po_line_shares *shares = &po_line_shares;
	bool taken;
	u8 *own;

	spin_lock(&shares->lock);
	po_lines_renew(shares);
	own = &shares->taken[hash_32(__kuid_val(payer) ^ shares->seed,
				     PO_LINES_BITS)];
	taken = po_fair(*own, shares->left);
	if (taken) {
		++*own;
		shares->left--;
		*skipped = shares->skipped;
		shares->skipped = 0;
	} else {
		shares->skipped++;
	}
	spin_unlock(&shares->lock);

	return taken;
}

static const char *po_proto_name(const struct po_sock *sock)
{
	switch (sock->proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_MPTCP:
		return "mptcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_UDPLITE:
		return "udplite";
	case IPPROTO_SCTP:
		return "sctp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_RAW:
		return "raw";
	default:
		return "address";
	}
}

/* Format the holder of the port; empty if no socket was in the way. */
static void po_print_holder(char *buf, size_t size,
			    const struct po_snap *culprits,
			    enum po_printk which)
{
	const struct po_sock *culprit = po_main_culprit(culprits);
	char who[80] = "no process";

	buf[0] = '\0';
	/* "no process" is only known after a complete search. */
	if (!culprit || (culprit->owners_incomplete && !culprit->owners))
		return;
	if (culprit->owners && which != PO_PRINTK_ALL &&
	    !po_proc_is_initial(culprit->owners->proc))
		strscpy(who, "a process in another namespace", sizeof(who));
	else if (culprit->owners)
		po_print_proc(who, sizeof(who), culprit->owners->proc);
	else if (po_kernel_holds(culprit))
		po_kernel_name(culprit->handler, who, sizeof(who));
	snprintf(buf, size, ", held by %s%s", who,
		 po_kernel_holds(culprit) ? " in the kernel" : "");
}

/**
 * po_reject_print() - have a refused bind printed in the kernel log, if enabled
 * @rej: record of the refusal
 * @net: namespace
 *
 * Prints at most %PO_LINES lines per %PO_LINES_INTERVAL jiffies, of which each user
 * has a fair share, and none without memory.
 *
 * Context: process context.
 */
void po_reject_print(const struct po_reject *rej, const struct net *net)
{
	const enum po_printk which = READ_ONCE(po_log_printk);
	const struct po_sock *want = &rej->want.sock;
	char caller[80], holder[120], others[32] = "";
	union {
		struct sockaddr sa;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr = {};
	struct po_line *line;
	u32 skipped;

	if (!po_may_print(rej, net, which))
		return;

	/* First, so that each line taken is printed, with its number of skipped ones. */
	line = kmalloc(sizeof(*line), PO_GFP_REFUSED);
	if (!line)
		return;
	if (!po_line_take(rej->payer, &skipped)) {
		kfree(line);
		return;
	}

	addr.sa.sa_family = want->family;
	if (want->family == AF_INET) {
		addr.v4.sin_port = htons(want->port);
		addr.v4.sin_addr.s_addr = want->addr.s6_addr32[3];
	} else {
		addr.v6.sin6_port = htons(want->port);
		addr.v6.sin6_addr = want->addr;
	}
	po_print_proc(caller, sizeof(caller), rej->caller->proc);
	po_print_holder(holder, sizeof(holder), rej->culprits, which);
	if (skipped)
		snprintf(others, sizeof(others), " (%u lines left out)", skipped);

	snprintf(line->text, sizeof(line->text),
		 "%s of %s %pISpc in netns %u by %s refused: %pe%s%s",
		 po_op_names[rej->op],
		 po_proto_name(want),
		 &addr, want->netns, caller, ERR_PTR(-rej->err), holder, others);
	llist_add(&line->node, &po_lines);
	queue_work(po_unbound_wq, &po_print_work);
}

/**
 * po_reject_print_flush() - print all pending lines
 *
 * Context: may sleep; po_reject_print() is no longer called.
 */
void po_reject_print_flush(void)
{
	flush_work(&po_print_work);
}
