// SPDX-License-Identifier: GPL-2.0
/*
 * When more sockets are bound than records are kept for, whoever has most of the
 * records loses the oldest of these.
 */

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/xarray.h>

#include "binders.h"
#include "internal.h"

/* Users that lose records at a time; if there are more, then the next time. */
#define PO_LOSERS	8

/* Ages are told apart by the place of their first bit, and four more. */
#define PO_AGE_BITS	4
#define PO_AGES		((64 - PO_AGE_BITS + 1) << PO_AGE_BITS)

/**
 * struct po_shares - who has how many records, and who loses some
 * @nr: number of records by user
 * @last: user of the records that were looked at last
 * @nr_last: how many these are, that are not in @nr yet
 * @now: when this began, in nanoseconds of CLOCK_BOOTTIME
 * @loser: who loses some
 * @lose: how many more
 * @oldest: the least age that is lost
 * @heap: where they go
 * @ages: how many of @loser have each age
 */
struct po_shares {
	struct xarray nr;
	kuid_t last;
	u32 nr_last;
	u64 now;
	kuid_t loser;
	u32 lose;
	u32 oldest;
	struct po_heap heap;
	u32 ages[PO_AGES];
};

static u32 po_age(const struct po_shares *shares,
		  const struct po_binder *binder)
{
	s64 age = max_t(s64, shares->now - READ_ONCE(binder->time), 0);
	u32 bits = fls64(age);

	if (bits <= PO_AGE_BITS)
		return age;

	return ((bits - PO_AGE_BITS) << PO_AGE_BITS) |
	       (age >> (bits - PO_AGE_BITS - 1) & (BIT(PO_AGE_BITS) - 1));
}

/* Call @see for each record that is in use. */
static void po_each_record(struct po_shares *shares,
			   void (*see)(struct po_shares *shares,
				       struct po_binder *binder, u64 cookie))
{
	struct po_chunk *chunk;
	u64 cookie;
	u32 i;

	for (chunk = po_pool_chunks(); chunk; chunk = chunk->next) {
		for (i = 0; i < PO_BINDERS_CHUNK; i++) {
			/* Pairs with the release of who let others have it. */
			cookie = atomic64_read_acquire(&chunk->binders[i].cookie);
			if (cookie)
				see(shares, &chunk->binders[i], cookie);
		}
		cond_resched();
	}
}

/* Whoever cannot be counted for want of memory loses nothing. */
static void po_shares_add(struct po_shares *shares)
{
	unsigned long uid = __kuid_val(shares->last);
	void *nr = xa_load(&shares->nr, uid);

	if (shares->nr_last)
		xa_store(&shares->nr, uid,
			 xa_mk_value((nr ? xa_to_value(nr) : 0) +
				     shares->nr_last), GFP_KERNEL);
	shares->nr_last = 0;
}

static void po_count_share(struct po_shares *shares, struct po_binder *binder,
			   u64 cookie)
{
	kuid_t payer = READ_ONCE(binder->payer);

	/* Most are next to others of the same user. */
	if (!uid_eq(payer, shares->last)) {
		po_shares_add(shares);
		shares->last = payer;
	}
	shares->nr_last++;
}

static void po_count_age(struct po_shares *shares, struct po_binder *binder,
			 u64 cookie)
{
	if (uid_eq(READ_ONCE(binder->payer), shares->loser))
		shares->ages[po_age(shares, binder)]++;
}

static bool po_gone_anyway(const struct po_binder *binder)
{
	return true;
}

static void po_lose_one(struct po_shares *shares, struct po_binder *binder,
			u64 cookie)
{
	u32 age;

	if (!uid_eq(READ_ONCE(binder->payer), shares->loser))
		return;

	age = po_age(shares, binder);
	if (age < shares->oldest ||
	    (age == shares->oldest && !shares->ages[age]))
		return;

	if (!po_binder_release(binder, cookie, READ_ONCE(binder->slot),
			       po_gone_anyway, &shares->heap))
		return;
	if (age == shares->oldest)
		shares->ages[age]--;
	shares->lose--;
}

/* Who has most, how many these are, and how many the next one has. */
static u32 po_find_loser(struct po_shares *shares, u32 *second)
{
	unsigned long uid;
	u32 nr, most = 0;
	void *value;

	*second = 0;
	xa_for_each(&shares->nr, uid, value) {
		nr = xa_to_value(value);
		if (nr > most) {
			*second = most;
			most = nr;
			shares->loser = KUIDT_INIT(uid);
		} else {
			*second = max(*second, nr);
		}
	}

	return most;
}

/* @lose of the oldest records of one user. */
static void po_lose_oldest(struct po_shares *shares, u32 lose)
{
	u32 age = PO_AGES, older = 0;

	memset(shares->ages, 0, sizeof(shares->ages));
	po_each_record(shares, po_count_age);
	while (age && older < lose)
		older += shares->ages[--age];
	shares->oldest = age;
	/* How many of these are among them. */
	shares->ages[age] -= older - min(older, lose);
	shares->lose = lose;
	po_each_record(shares, po_lose_one);
}

static u32 po_lose(struct po_shares *shares, u32 nr)
{
	u32 i, most, second, lose, lost = 0;

	for (i = 0; i < PO_LOSERS && lost < nr; i++) {
		most = po_find_loser(shares, &second);
		if (!most)
			break;
		lose = max(most - second, nr / PO_LOSERS + 1);
		lose = min3(lose, nr - lost, most);
		po_lose_oldest(shares, lose);
		lost += lose - shares->lose;
		xa_store(&shares->nr, __kuid_val(shares->loser),
			 xa_mk_value(most - lose), GFP_KERNEL);
	}

	return lost;
}

/**
 * po_binders_evict() - give up records of whoever has most of them
 * @nr: how many
 *
 * Context: may sleep; one task at a time.
 * Return: how many were given up.
 */
u32 po_binders_evict(u32 nr)
{
	struct po_shares *shares = kvzalloc(sizeof(*shares), GFP_KERNEL);
	u32 lost;

	if (!shares)
		return 0;

	xa_init(&shares->nr);
	shares->now = ktime_get_boottime_ns();
	po_each_record(shares, po_count_share);
	po_shares_add(shares);
	lost = po_lose(shares, nr);
	po_heap_give(&shares->heap);
	xa_destroy(&shares->nr);
	kvfree(shares);

	return lost;
}
