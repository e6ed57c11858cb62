// SPDX-License-Identifier: GPL-2.0
/*
 * Share groups: which of the sockets that listen or are bound on one port
 * overlap, and by which option the kernel lets them.
 *
 * Sockets that are alike in all that counts form a class, and classes are
 * compared, so that ten thousand members of a group cost no more than two.
 */

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <net/ipv6.h>

#include "internal.h"

/**
 * struct po_class - sockets of one port that are alike
 * @first: one of them
 * @nr: how many there are
 */
struct po_class {
	struct po_sock *first;
	u32 nr;
};

static int po_cmp(u64 a, u64 b)
{
	return a < b ? -1 : a > b;
}

/* By port. */
static int po_cmp_port(const struct po_sock *a, const struct po_sock *b)
{
	return po_cmp(a->netns, b->netns) ?:
	       po_cmp(po_transport(a), po_transport(b)) ?:
	       po_cmp(a->port, b->port);
}

/* What counts: which member of a group is chosen does not. */
static u8 po_options(const struct po_sock *sock)
{
	return sock->flags & ~PORTOWNER_SOCK_FLAG_SELECTOR;
}

/* By class: wildcards first, then by address. */
static int po_cmp_class(const struct po_sock *a, const struct po_sock *b)
{
	return po_cmp(!po_is_any(a), !po_is_any(b)) ?:
	       ipv6_addr_cmp(&a->addr, &b->addr) ?:
	       po_cmp(a->ifindex, b->ifindex) ?:
	       po_cmp(po_options(a), po_options(b)) ?:
	       po_cmp(__kuid_val(a->uid), __kuid_val(b->uid));
}

static int po_cmp_socks(const void *a, const void *b)
{
	const struct po_sock *x = *(const struct po_sock **)a;
	const struct po_sock *y = *(const struct po_sock **)b;

	/* sort() of older kernels does not do it for long arrays. */
	cond_resched();

	return po_cmp_port(x, y) ?: po_cmp_class(x, y);
}

/* What has no ports but numbers of ICMP and IP has those of its family only. */
static bool po_coexist(const struct po_sock *a, const struct po_sock *b)
{
	if ((a->proto == IPPROTO_RAW || a->proto == IPPROTO_ICMP) &&
	    a->family != b->family)
		return false;

	return po_overlap(a, b);
}

/* Tell the members of class @a that those of @b share their port. */
static void po_share_with(struct po_class *a, const struct po_class *b, u32 nr)
{
	struct po_sock *sock = a->first;

	if (!nr || !po_coexist(sock, b->first))
		return;

	sock->group_size += nr;
	if (sock->flags & b->first->flags & PORTOWNER_SOCK_FLAG_REUSEPORT)
		sock->share = PORTOWNER_SHARE_REUSEPORT;
	/* Nothing keeps raw sockets apart; of all words this says so. */
	else if (sock->share == PORTOWNER_SHARE_EXCLUSIVE)
		sock->share = PORTOWNER_SHARE_REUSEADDR;
}

static bool po_same_addr(const struct po_class *a, const struct po_class *b)
{
	return ipv6_addr_equal(&a->first->addr, &b->first->addr);
}

/*
 * A wildcard may overlap with any class, so with those at the start of the
 * array all are compared; others only with their like, who are beside them.
 */
static int po_share_classes(struct po_class *classes, u32 nr, bool killable)
{
	struct po_class *a, *b, *end = classes + nr;

	for (a = classes; a < end; a++) {
		po_share_with(a, a, a->nr - 1);
		for (b = a + 1; b < end; b++) {
			if (!po_is_any(a->first) && !po_same_addr(a, b))
				break;
			po_share_with(a, b, b->nr);
			po_share_with(b, a, a->nr);
		}
		if (killable && fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
	}

	return 0;
}

/* Sockets of one port, sorted by class. @classes has room for all. */
static int po_share_port(struct po_sock **socks, u32 nr,
			 struct po_class *classes, bool killable)
{
	u32 i, nr_classes = 0;
	struct po_class *class;
	int err;

	for (i = 0; i < nr; i++) {
		if (!i || po_cmp_class(socks[i - 1], socks[i])) {
			classes[nr_classes].first = socks[i];
			classes[nr_classes++].nr = 0;
		}
		classes[nr_classes - 1].nr++;
	}
	err = po_share_classes(classes, nr_classes, killable);
	if (err)
		return err;

	for (class = classes, i = 0; i < nr; i++) {
		if (i && po_cmp_class(socks[i - 1], socks[i]))
			class++;
		socks[i]->share = class->first->share;
		socks[i]->group_size = class->first->group_size;
	}

	return 0;
}

/**
 * po_share() - find out which sockets of a snapshot share a port, and why
 * @snap: snapshot that has all sockets that listen or are bound on each port
 * @killable: give up when the caller is being killed
 *
 * Fills share and group_size of each socket; others than these share nothing.
 *
 * Context: may sleep.
 * Return: 0, -ENOMEM, or -EINTR.
 */
int po_share(struct po_snap *snap, bool killable)
{
	struct po_class *classes;
	struct po_sock **socks;
	u32 i, from, nr = 0;
	int err = 0;

	for (i = 0; i < snap->nr; i++) {
		po_snap_sock(snap, i)->share = PORTOWNER_SHARE_EXCLUSIVE;
		po_snap_sock(snap, i)->group_size = 1;
		nr += po_holds_port(po_snap_sock(snap, i));
		if (i % PO_SNAP_BATCH == 0)
			cond_resched();
	}
	if (nr < 2)
		return 0;

	socks = kvmalloc_array(nr, sizeof(*socks), GFP_KERNEL_ACCOUNT);
	classes = kvmalloc_array(nr, sizeof(*classes), GFP_KERNEL_ACCOUNT);
	if (!socks || !classes) {
		kvfree(classes);
		kvfree(socks);
		return -ENOMEM;
	}

	for (nr = 0, i = 0; i < snap->nr; i++) {
		if (po_holds_port(po_snap_sock(snap, i)))
			socks[nr++] = po_snap_sock(snap, i);
		if (i % PO_SNAP_BATCH == 0)
			cond_resched();
	}
	sort(socks, nr, sizeof(*socks), po_cmp_socks, NULL);

	for (from = 0, i = 1; i <= nr && !err; i++) {
		if (i < nr && !po_cmp_port(socks[from], socks[i]))
			continue;
		err = po_share_port(socks + from, i - from, classes, killable);
		from = i;
	}
	kvfree(classes);
	kvfree(socks);

	return err;
}
