// SPDX-License-Identifier: GPL-2.0
/*
 * Share groups: which of the bound and listening sockets of one port overlap,
 * and which option permits that.
 *
 * Sockets are not compared in pairs: since a wildcard overlaps with every
 * address, that would be quadratic. They are counted by device and by kind of
 * address. Whether two sockets with different addresses overlap depends only on
 * their kinds, so a group consists of all sockets of some kinds on the relevant
 * devices. Sockets with the same address are counted separately; sorting makes
 * them adjacent.
 */

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/xarray.h>
#include <net/ipv6.h>

#include "conflict/conflict.h"
#include "core/core.h"

/* Number of values of po_addr_kind(). */
#define PO_NR_KINDS	16

/**
 * struct po_count - number of sockets of one kind
 * @nr: all sockets
 * @reuseport: sockets with SO_REUSEPORT
 */
struct po_count {
	u32 nr;
	u32 reuseport;
};

/**
 * struct po_tally - sockets counted by kind
 * @kinds: one count per kind
 */
struct po_tally {
	struct po_count kinds[PO_NR_KINDS];
};

/**
 * struct po_port_count - counts of the sockets of one port
 * @gfp: flags for all allocations
 * @all: all sockets
 * @any_dev: sockets not bound to a device
 * @devs: sockets of each device, as struct po_tally by ifindex
 * @lowest: of each kind, a socket with the lowest address
 * @highest: of each kind, a socket with the highest address
 * @addr: sockets with the current address
 * @addr_any_dev: the part of @addr not bound to a device
 * @addr_dev: the part of @addr bound to the current device
 * @addr_sample: of each kind, one socket of @addr
 */
struct po_port_count {
	gfp_t gfp;
	struct po_tally all;
	struct po_tally any_dev;
	struct xarray devs;
	const struct po_sock *lowest[PO_NR_KINDS];
	const struct po_sock *highest[PO_NR_KINDS];
	struct po_tally addr;
	struct po_tally addr_any_dev;
	struct po_tally addr_dev;
	const struct po_sock *addr_sample[PO_NR_KINDS];
};

static int po_cmp_u64(u64 a, u64 b)
{
	return a < b ? -1 : a > b;
}

static int po_cmp_port(const struct po_sock *a, const struct po_sock *b)
{
	return po_cmp_u64(a->netns, b->netns) ?:
	       po_cmp_u64(po_transport(a), po_transport(b)) ?:
	       po_cmp_u64(a->port, b->port);
}

static int po_cmp_addr(const struct po_sock *a, const struct po_sock *b)
{
	return ipv6_addr_cmp(&a->addr, &b->addr);
}

/* Everything that decides whether two different addresses overlap. */
static unsigned int po_addr_kind(const struct po_sock *sock)
{
	return (sock->family == AF_INET) | po_is_v4(sock) << 1 |
	       po_is_any(sock) << 2 |
	       !!(sock->flags & PORTOWNER_SOCK_FLAG_V6ONLY) << 3;
}

static bool po_sets_reuseport(const struct po_sock *sock)
{
	return sock->flags & PORTOWNER_SOCK_FLAG_REUSEPORT;
}

/* Sockets of a port that compare equal share it with the same sockets. */
static int po_cmp_share_key(const struct po_sock *a, const struct po_sock *b)
{
	return po_cmp_addr(a, b) ?:
	       po_cmp_u64(a->ifindex, b->ifindex) ?:
	       po_cmp_u64(po_addr_kind(a), po_addr_kind(b)) ?:
	       po_cmp_u64(po_sets_reuseport(a), po_sets_reuseport(b));
}

static int po_cmp_socks(const void *a, const void *b, const void *killable)
{
	const struct po_sock *x = *(const struct po_sock **)a;
	const struct po_sock *y = *(const struct po_sock **)b;

	/* sort_r() of older kernels does not reschedule. */
	cond_resched();
	/* sort_r() cannot be aborted: skip the remaining comparisons. */
	if (killable && fatal_signal_pending(current))
		return 0;

	return po_cmp_port(x, y) ?: po_cmp_share_key(x, y);
}

/* Whether two sockets overlap, devices aside. */
static bool po_addrs_overlap(const struct po_sock *a, const struct po_sock *b)
{
	/* The numbers of raw and ping sockets are separate for each family. */
	if (!po_has_ports(a) && a->family != b->family)
		return false;

	return po_addr_equal(a, b);
}

static void po_tally_add(struct po_tally *tally, const struct po_sock *sock)
{
	struct po_count *count = &tally->kinds[po_addr_kind(sock)];

	count->nr++;
	count->reuseport += po_sets_reuseport(sock);
}

/* Get the tally of a device; NULL if it is new and memory is short. */
static struct po_tally *po_dev_tally(struct po_port_count *pc, int ifindex)
{
	struct po_tally *tally;
	int err;

	if (!ifindex)
		return &pc->any_dev;

	tally = xa_load(&pc->devs, ifindex);
	if (tally)
		return tally;

	tally = kzalloc(sizeof(*tally), pc->gfp);
	if (!tally)
		return NULL;

	err = xa_err(xa_store(&pc->devs, ifindex, tally, pc->gfp));
	if (err) {
		kfree(tally);
		return NULL;
	}

	return tally;
}

/* Reschedule every PO_SNAP_BATCH iterations. Returns -EINTR to give up. */
static int po_share_resched(u32 i, bool killable)
{
	if (i % PO_SNAP_BATCH)
		return 0;

	cond_resched();

	return killable && fatal_signal_pending(current) ? -EINTR : 0;
}

/* Count the sockets of a port; @socks is sorted. */
static int po_count_port(struct po_port_count *pc, struct po_sock **socks,
			 u32 nr, bool killable)
{
	struct po_tally *tally;
	unsigned int kind;
	u32 i;

	for (i = 0; i < nr; i++) {
		tally = po_dev_tally(pc, socks[i]->ifindex);
		if (!tally)
			return -ENOMEM;
		po_tally_add(tally, socks[i]);
		po_tally_add(&pc->all, socks[i]);
		kind = po_addr_kind(socks[i]);
		if (!pc->lowest[kind])
			pc->lowest[kind] = socks[i];
		pc->highest[kind] = socks[i];
		if (po_share_resched(i, killable))
			return -EINTR;
	}

	return 0;
}

static void po_free_devs(struct po_port_count *pc)
{
	struct po_tally *tally;
	unsigned long ifindex;

	xa_for_each(&pc->devs, ifindex, tally) {
		kfree(tally);
		cond_resched();
	}
	xa_destroy(&pc->devs);
}

static struct po_count po_sum(struct po_count a, struct po_count b)
{
	return (struct po_count){ a.nr + b.nr, a.reuseport + b.reuseport };
}

/* Count the sockets of one kind that share with @sock, itself included. */
static struct po_count po_count_sharing(struct po_port_count *pc,
					const struct po_sock *sock, u32 kind)
{
	struct po_count all = pc->all.kinds[kind];
	struct po_count same = pc->addr.kinds[kind];
	const struct po_sock *other;
	struct po_count sum = {};

	/* Sockets bound to different devices do not overlap. */
	if (sock->ifindex) {
		all = po_sum(pc->any_dev.kinds[kind],
			     po_dev_tally(pc, sock->ifindex)->kinds[kind]);
		same = po_sum(pc->addr_any_dev.kinds[kind],
			      pc->addr_dev.kinds[kind]);
	}

	if (same.nr && po_addrs_overlap(sock, pc->addr_sample[kind]))
		sum = same;
	if (all.nr == same.nr)
		return sum;

	/* All other addresses of this kind give the same result: try one. */
	other = pc->lowest[kind];
	if (!po_cmp_addr(sock, other))
		other = pc->highest[kind];
	if (po_addrs_overlap(sock, other)) {
		sum.nr += all.nr - same.nr;
		sum.reuseport += all.reuseport - same.reuseport;
	}

	return sum;
}

static void po_share_sock(struct po_port_count *pc, struct po_sock *sock)
{
	bool reuseport = po_sets_reuseport(sock);
	struct po_count sum = {};
	u32 kind;

	for (kind = 0; kind < PO_NR_KINDS; kind++)
		if (pc->all.kinds[kind].nr)
			sum = po_sum(sum, po_count_sharing(pc, sock, kind));
	if (po_addrs_overlap(sock, sock)) {
		sum.nr--;
		sum.reuseport -= reuseport;
	}
	if (!sum.nr)
		return;

	sock->group_size += sum.nr;
	/* Raw sockets share without any option; REUSEADDR comes closest. */
	sock->share = reuseport && sum.reuseport ? PORTOWNER_SHARE_REUSEPORT :
						   PORTOWNER_SHARE_REUSEADDR;
}

/* Handle the sockets with the current address on one device. */
static int po_share_dev(struct po_port_count *pc, struct po_sock **socks,
			u32 nr, bool killable)
{
	u32 i;

	memset(&pc->addr_dev, 0, sizeof(pc->addr_dev));
	for (i = 0; i < nr; i++) {
		po_tally_add(&pc->addr_dev, socks[i]);
		if (po_share_resched(i, killable))
			return -EINTR;
	}
	for (i = 0; i < nr; i++) {
		if (po_share_resched(i, killable))
			return -EINTR;
		if (!i || po_cmp_share_key(socks[i - 1], socks[i])) {
			po_share_sock(pc, socks[i]);
			continue;
		}
		socks[i]->share = socks[i - 1]->share;
		socks[i]->group_size = socks[i - 1]->group_size;
	}

	return 0;
}

/* Handle the sockets with one address. */
static int po_share_addr(struct po_port_count *pc, struct po_sock **socks,
			 u32 nr, bool killable)
{
	u32 from, i;
	int err = 0;

	memset(&pc->addr, 0, sizeof(pc->addr));
	memset(&pc->addr_any_dev, 0, sizeof(pc->addr_any_dev));
	for (i = 0; i < nr; i++) {
		po_tally_add(&pc->addr, socks[i]);
		if (!socks[i]->ifindex)
			po_tally_add(&pc->addr_any_dev, socks[i]);
		pc->addr_sample[po_addr_kind(socks[i])] = socks[i];
		if (po_share_resched(i, killable))
			return -EINTR;
	}
	for (from = 0, i = 1; i <= nr && !err; i++) {
		if (i < nr && socks[from]->ifindex == socks[i]->ifindex)
			continue;
		err = po_share_dev(pc, socks + from, i - from, killable);
		from = i;
	}

	return err;
}

/* Handle the sockets of one port. */
static int po_share_port(struct po_port_count *pc, struct po_sock **socks,
			 u32 nr, gfp_t gfp, bool killable)
{
	u32 from, i;
	int err;

	if (nr < 2)
		return 0;

	memset(pc, 0, sizeof(*pc));
	pc->gfp = gfp;
	xa_init_flags(&pc->devs, XA_FLAGS_ACCOUNT);
	err = po_count_port(pc, socks, nr, killable);
	for (from = 0, i = 1; i <= nr && !err; i++) {
		if (i < nr && !po_cmp_addr(socks[from], socks[i]))
			continue;
		err = po_share_addr(pc, socks + from, i - from, killable);
		from = i;
		cond_resched();
	}
	po_free_devs(pc);

	return err;
}

/* Handle all bound and listening sockets, sorted by port. */
static int po_share_socks(struct po_sock **socks, u32 nr, gfp_t gfp,
			  bool killable)
{
	struct po_port_count *pc = kmalloc(sizeof(*pc), gfp);
	u32 from, i;
	int err = 0;

	if (!pc)
		return -ENOMEM;

	for (from = 0, i = 1; i <= nr && !err; i++) {
		if (i < nr && !po_cmp_port(socks[from], socks[i]))
			continue;
		err = po_share_port(pc, socks + from, i - from, gfp, killable);
		from = i;
		if (!err)
			err = po_share_resched(i, killable);
	}
	kfree(pc);

	return err;
}

/**
 * po_share() - find out which sockets of a snapshot share a port, and why
 * @snap: snapshot with all bound and listening sockets of each of its ports
 * @killable: give up when the caller is being killed
 *
 * Sets share and group_size of each socket. Connections share with nothing.
 *
 * Context: may sleep, but waits for memory only if @snap does.
 * Return: 0, -ENOMEM, or -EINTR.
 */
int po_share(struct po_snap *snap, bool killable)
{
	struct po_sock **socks;
	u32 i, nr = 0;
	int err;

	for (i = 0; i < snap->nr; i++) {
		po_snap_sock(snap, i)->share = PORTOWNER_SHARE_EXCLUSIVE;
		po_snap_sock(snap, i)->group_size = 1;
		nr += po_holds_port(po_snap_sock(snap, i));
		if (po_share_resched(i, killable))
			return -EINTR;
	}
	if (nr < 2)
		return 0;

	socks = kvmalloc_array(nr, sizeof(*socks), snap->gfp);
	if (!socks)
		return -ENOMEM;

	for (nr = 0, i = 0; i < snap->nr; i++) {
		if (po_holds_port(po_snap_sock(snap, i)))
			socks[nr++] = po_snap_sock(snap, i);
		if (i % PO_SNAP_BATCH == 0)
			cond_resched();
	}
	sort_r(socks, nr, sizeof(*socks), po_cmp_socks, NULL,
	       killable ? &killable : NULL);
	err = po_share_socks(socks, nr, snap->gfp, killable);
	kvfree(socks);

	return err;
}
