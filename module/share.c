// SPDX-License-Identifier: GPL-2.0
/*
 * Share groups: which of the sockets that listen or are bound on one port
 * overlap, and by which option the kernel lets them.
 *
 * A wildcard overlaps with every address, so sockets are not compared with each
 * other. They are counted by kind: with one that has another address a socket
 * overlaps if it does with all of that kind. What it shares its port with then is
 * all of some kinds on the devices that matter to it, and those with its own
 * address apart, which are beside it once the sockets are sorted.
 */

#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/xarray.h>
#include <net/ipv6.h>

#include "internal.h"

/* Kinds of addresses, as po_kind() numbers them. */
#define PO_NR_KINDS	16

/**
 * struct po_count - sockets of one kind
 * @nr: how many there are
 * @reuseport: how many of these have SO_REUSEPORT
 */
struct po_count {
	u32 nr;
	u32 reuseport;
};

/**
 * struct po_tally - sockets of a port that are counted together
 * @of: those of each kind
 */
struct po_tally {
	struct po_count of[PO_NR_KINDS];
};

/**
 * struct po_party - the sockets of one port, counted
 * @all: all of them
 * @any_dev: those that are bound to no device
 * @devs: those of each device, a struct po_tally by its number
 * @first: of each kind, one whose address is the lowest
 * @last: of each kind, one whose address is the highest
 * @same: those that have the address that is looked at
 * @same_any_dev: of these, those that are bound to no device
 * @same_dev: of these, those that are bound to the device that is looked at
 * @like: of each kind, one of @same
 */
struct po_party {
	struct po_tally all;
	struct po_tally any_dev;
	struct xarray devs;
	const struct po_sock *first[PO_NR_KINDS];
	const struct po_sock *last[PO_NR_KINDS];
	struct po_tally same;
	struct po_tally same_any_dev;
	struct po_tally same_dev;
	const struct po_sock *like[PO_NR_KINDS];
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

static int po_cmp_addr(const struct po_sock *a, const struct po_sock *b)
{
	return ipv6_addr_cmp(&a->addr, &b->addr);
}

/* All that decides whether two addresses overlap, but for their being the same. */
static unsigned int po_kind(const struct po_sock *sock)
{
	return (sock->family == AF_INET) | po_is_v4(sock) << 1 |
	       po_is_any(sock) << 2 |
	       !!(sock->flags & PORTOWNER_SOCK_FLAG_V6ONLY) << 3;
}

static bool po_reuseport(const struct po_sock *sock)
{
	return sock->flags & PORTOWNER_SOCK_FLAG_REUSEPORT;
}

/* By what decides with which others a socket of one port shares it. */
static int po_cmp_alike(const struct po_sock *a, const struct po_sock *b)
{
	return po_cmp_addr(a, b) ?:
	       po_cmp(a->ifindex, b->ifindex) ?:
	       po_cmp(po_kind(a), po_kind(b)) ?:
	       po_cmp(po_reuseport(a), po_reuseport(b));
}

static int po_cmp_socks(const void *a, const void *b, const void *killable)
{
	const struct po_sock *x = *(const struct po_sock **)a;
	const struct po_sock *y = *(const struct po_sock **)b;

	/* sort() of older kernels does not do it for long arrays. */
	cond_resched();
	/* It has to come to its end all the same. */
	if (killable && fatal_signal_pending(current))
		return 0;

	return po_cmp_port(x, y) ?: po_cmp_alike(x, y);
}

/* Whether two sockets share the port as far as devices leave it to addresses. */
static bool po_coexist(const struct po_sock *a, const struct po_sock *b)
{
	/* What has no ports but numbers has those of its family only. */
	if (!po_has_ports(a) && a->family != b->family)
		return false;

	return po_addr_equal(a, b);
}

static void po_count(struct po_tally *tally, const struct po_sock *sock)
{
	struct po_count *count = &tally->of[po_kind(sock)];

	count->nr++;
	count->reuseport += po_reuseport(sock);
}

/* The tally of a device. Only if it has one already, nothing can fail. */
static struct po_tally *po_tally_of(struct po_party *party, int ifindex)
{
	struct po_tally *tally;
	int err;

	if (!ifindex)
		return &party->any_dev;

	tally = xa_load(&party->devs, ifindex);
	if (tally)
		return tally;

	tally = kzalloc(sizeof(*tally), GFP_KERNEL_ACCOUNT);
	if (!tally)
		return NULL;

	err = xa_err(xa_store(&party->devs, ifindex, tally,
			      GFP_KERNEL_ACCOUNT));
	if (err) {
		kfree(tally);
		return NULL;
	}

	return tally;
}

/* Now and then let others run. Returns -EINTR to give up. */
static int po_share_pause(u32 i, bool killable)
{
	if (i % PO_SNAP_BATCH)
		return 0;

	cond_resched();

	return killable && fatal_signal_pending(current) ? -EINTR : 0;
}

/* Count the sockets of a port, which are sorted. */
static int po_party_count(struct po_party *party, struct po_sock **socks,
			  u32 nr, bool killable)
{
	struct po_tally *tally;
	unsigned int kind;
	u32 i;

	for (i = 0; i < nr; i++) {
		tally = po_tally_of(party, socks[i]->ifindex);
		if (!tally)
			return -ENOMEM;
		po_count(tally, socks[i]);
		po_count(&party->all, socks[i]);
		kind = po_kind(socks[i]);
		if (!party->first[kind])
			party->first[kind] = socks[i];
		party->last[kind] = socks[i];
		if (po_share_pause(i, killable))
			return -EINTR;
	}

	return 0;
}

static void po_party_clear(struct po_party *party)
{
	struct po_tally *tally;
	unsigned long ifindex;

	xa_for_each(&party->devs, ifindex, tally) {
		kfree(tally);
		cond_resched();
	}
	xa_destroy(&party->devs);
}

static struct po_count po_sum(struct po_count a, struct po_count b)
{
	return (struct po_count){ a.nr + b.nr, a.reuseport + b.reuseport };
}

/* Of one kind, the sockets that share the port with @sock, itself included. */
static struct po_count po_shares_kind(struct po_party *party,
				      const struct po_sock *sock, u32 kind)
{
	struct po_count all = party->all.of[kind];
	struct po_count same = party->same.of[kind];
	const struct po_sock *other;
	struct po_count sum = {};

	/* Those on other devices are no concern of who is bound to one. */
	if (sock->ifindex) {
		all = po_sum(party->any_dev.of[kind],
			     po_tally_of(party, sock->ifindex)->of[kind]);
		same = po_sum(party->same_any_dev.of[kind],
			      party->same_dev.of[kind]);
	}

	if (same.nr && po_coexist(sock, party->like[kind]))
		sum = same;
	if (all.nr == same.nr)
		return sum;

	/* Any other address says what all others say. */
	other = party->first[kind];
	if (!po_cmp_addr(sock, other))
		other = party->last[kind];
	if (po_coexist(sock, other)) {
		sum.nr += all.nr - same.nr;
		sum.reuseport += all.reuseport - same.reuseport;
	}

	return sum;
}

static void po_share_one(struct po_party *party, struct po_sock *sock)
{
	bool reuseport = po_reuseport(sock);
	struct po_count sum = {};
	u32 kind;

	for (kind = 0; kind < PO_NR_KINDS; kind++)
		if (party->all.of[kind].nr)
			sum = po_sum(sum, po_shares_kind(party, sock, kind));
	if (po_coexist(sock, sock)) {
		sum.nr--;
		sum.reuseport -= reuseport;
	}
	if (!sum.nr)
		return;

	sock->group_size += sum.nr;
	/* Nothing keeps raw sockets apart; of all words this says so. */
	sock->share = reuseport && sum.reuseport ? PORTOWNER_SHARE_REUSEPORT :
						   PORTOWNER_SHARE_REUSEADDR;
}

/* Sockets with the address that is looked at, and on one device. */
static int po_share_dev(struct po_party *party, struct po_sock **socks, u32 nr,
			bool killable)
{
	u32 i;

	memset(&party->same_dev, 0, sizeof(party->same_dev));
	for (i = 0; i < nr; i++) {
		po_count(&party->same_dev, socks[i]);
		if (po_share_pause(i, killable))
			return -EINTR;
	}
	for (i = 0; i < nr; i++) {
		if (po_share_pause(i, killable))
			return -EINTR;
		if (!i || po_cmp_alike(socks[i - 1], socks[i])) {
			po_share_one(party, socks[i]);
			continue;
		}
		socks[i]->share = socks[i - 1]->share;
		socks[i]->group_size = socks[i - 1]->group_size;
	}

	return 0;
}

/* Sockets with one address. */
static int po_share_addr(struct po_party *party, struct po_sock **socks,
			 u32 nr, bool killable)
{
	u32 from, i;
	int err = 0;

	memset(&party->same, 0, sizeof(party->same));
	memset(&party->same_any_dev, 0, sizeof(party->same_any_dev));
	for (i = 0; i < nr; i++) {
		po_count(&party->same, socks[i]);
		if (!socks[i]->ifindex)
			po_count(&party->same_any_dev, socks[i]);
		party->like[po_kind(socks[i])] = socks[i];
		if (po_share_pause(i, killable))
			return -EINTR;
	}
	for (from = 0, i = 1; i <= nr && !err; i++) {
		if (i < nr && socks[from]->ifindex == socks[i]->ifindex)
			continue;
		err = po_share_dev(party, socks + from, i - from, killable);
		from = i;
	}

	return err;
}

/* Sockets of one port, sorted. */
static int po_share_port(struct po_party *party, struct po_sock **socks,
			 u32 nr, bool killable)
{
	u32 from, i;
	int err;

	if (nr < 2)
		return 0;

	memset(party, 0, sizeof(*party));
	xa_init_flags(&party->devs, XA_FLAGS_ACCOUNT);
	err = po_party_count(party, socks, nr, killable);
	for (from = 0, i = 1; i <= nr && !err; i++) {
		if (i < nr && !po_cmp_addr(socks[from], socks[i]))
			continue;
		err = po_share_addr(party, socks + from, i - from, killable);
		from = i;
		cond_resched();
	}
	po_party_clear(party);

	return err;
}

/* All that are to be looked at, sorted by port. */
static int po_share_socks(struct po_sock **socks, u32 nr, bool killable)
{
	struct po_party *party = kmalloc(sizeof(*party), GFP_KERNEL_ACCOUNT);
	u32 from, i;
	int err = 0;

	if (!party)
		return -ENOMEM;

	for (from = 0, i = 1; i <= nr && !err; i++) {
		if (i < nr && !po_cmp_port(socks[from], socks[i]))
			continue;
		err = po_share_port(party, socks + from, i - from, killable);
		from = i;
		if (!err)
			err = po_share_pause(i, killable);
	}
	kfree(party);

	return err;
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
	struct po_sock **socks;
	u32 i, nr = 0;
	int err;

	for (i = 0; i < snap->nr; i++) {
		po_snap_sock(snap, i)->share = PORTOWNER_SHARE_EXCLUSIVE;
		po_snap_sock(snap, i)->group_size = 1;
		nr += po_holds_port(po_snap_sock(snap, i));
		if (po_share_pause(i, killable))
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
	err = po_share_socks(socks, nr, killable);
	kvfree(socks);

	return err;
}
