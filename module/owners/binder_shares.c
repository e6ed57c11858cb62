// SPDX-License-Identifier: GPL-2.0
/*
 * When more sockets are bound than the limit on records permits, the oldest
 * records of the user with the most of them are evicted.
 */

#include <linux/bitops.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/xarray.h>

#include "owners/binder.h"

/* Users from whom records are evicted at a time; any others have to wait. */
#define PO_EVICT_USERS	8

/* Ages are rounded down to their highest bit and the four bits below it. */
#define PO_AGE_BITS	4
#define PO_AGES		((64 - PO_AGE_BITS + 1) << PO_AGE_BITS)

/**
 * struct po_shares - the users' shares of all records, and an eviction
 * @counts: number of records by user
 * @last: user of the record visited last
 * @nr_last: records of @last not yet added to @counts
 * @now: reference for ages, in nanoseconds of CLOCK_BOOTTIME
 * @victim: user to evict from
 * @to_evict: records still to evict from @victim
 * @min_age: rounded age from which records are evicted
 * @freed: evicted records
 * @ages: number of records of @victim by rounded age; at @min_age, of those
 *	still to evict
 */
struct po_shares {
	struct xarray counts;
	kuid_t last;
	u32 nr_last;
	u64 now;
	kuid_t victim;
	u32 to_evict;
	u32 min_age;
	struct po_free_batch freed;
	u32 ages[PO_AGES];
};

/* Rounded age, as an index that grows with the age. */
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

/* Call @visit for each record in use. */
static void po_visit_records(struct po_shares *shares,
			     void (*visit)(struct po_shares *shares,
					   struct po_binder *binder,
					   u64 cookie))
{
	struct po_chunk *chunk;
	u64 cookie;
	u32 i;

	for (chunk = po_pool_chunks(); chunk; chunk = chunk->next) {
		for (i = 0; i < PO_BINDERS_CHUNK; i++) {
			/* Pairs with po_binder_replace(). */
			cookie = atomic64_read_acquire(&chunk->binders[i].cookie);
			if (cookie)
				visit(shares, &chunk->binders[i], cookie);
		}
		cond_resched();
	}
}

/* A user who cannot be counted for lack of memory is spared. */
static void po_shares_flush(struct po_shares *shares)
{
	unsigned long uid = __kuid_val(shares->last);
	void *nr = xa_load(&shares->counts, uid);

	if (shares->nr_last)
		xa_store(&shares->counts, uid,
			 xa_mk_value((nr ? xa_to_value(nr) : 0) +
				     shares->nr_last), GFP_KERNEL);
	shares->nr_last = 0;
}

static void po_count_share(struct po_shares *shares, struct po_binder *binder,
			   u64 cookie)
{
	kuid_t payer = READ_ONCE(binder->payer);

	/* Records of one user tend to be adjacent: add them up first. */
	if (!uid_eq(payer, shares->last)) {
		po_shares_flush(shares);
		shares->last = payer;
	}
	shares->nr_last++;
}

static void po_count_age(struct po_shares *shares, struct po_binder *binder,
			 u64 cookie)
{
	if (uid_eq(READ_ONCE(binder->payer), shares->victim))
		shares->ages[po_age(shares, binder)]++;
}

static bool po_release_any(const struct po_binder *binder)
{
	return true;
}

static void po_evict_one(struct po_shares *shares, struct po_binder *binder,
			 u64 cookie)
{
	u32 age;

	if (!uid_eq(READ_ONCE(binder->payer), shares->victim))
		return;

	age = po_age(shares, binder);
	if (age < shares->min_age ||
	    (age == shares->min_age && !shares->ages[age]))
		return;

	if (!po_binder_release(binder, cookie, READ_ONCE(binder->slot),
			       po_release_any, &shares->freed))
		return;
	if (age == shares->min_age)
		shares->ages[age]--;
	shares->to_evict--;
}

/* Choose the victim. Returns its records, and the runner-up's in *@second. */
static u32 po_find_largest_share(struct po_shares *shares, u32 *second)
{
	unsigned long uid;
	u32 nr, largest = 0;
	void *value;

	*second = 0;
	xa_for_each(&shares->counts, uid, value) {
		nr = xa_to_value(value);
		if (nr > largest) {
			*second = largest;
			largest = nr;
			shares->victim = KUIDT_INIT(uid);
		} else {
			*second = max(*second, nr);
		}
	}

	return largest;
}

/* Evict the @nr oldest records of the victim. */
static void po_evict_oldest(struct po_shares *shares, u32 nr)
{
	u32 age = PO_AGES, older = 0;

	memset(shares->ages, 0, sizeof(shares->ages));
	po_visit_records(shares, po_count_age);
	while (age && older < nr)
		older += shares->ages[--age];
	shares->min_age = age;
	/* Not all records of the youngest age evicted may have to go. */
	shares->ages[age] -= older - min(older, nr);
	shares->to_evict = nr;
	po_visit_records(shares, po_evict_one);
}

static u32 po_evict_records(struct po_shares *shares, u32 nr)
{
	u32 i, largest, second, part, evicted = 0;

	for (i = 0; i < PO_EVICT_USERS && evicted < nr; i++) {
		largest = po_find_largest_share(shares, &second);
		if (!largest)
			break;
		part = max(largest - second, nr / PO_EVICT_USERS + 1);
		part = min3(part, nr - evicted, largest);
		po_evict_oldest(shares, part);
		evicted += part - shares->to_evict;
		xa_store(&shares->counts, __kuid_val(shares->victim),
			 xa_mk_value(largest - part), GFP_KERNEL);
	}

	return evicted;
}

/**
 * po_binders_evict() - evict records of the users with the most of them
 * @nr: number of records
 *
 * Context: may sleep; one task at a time.
 * Return: number of records evicted.
 */
u32 po_binders_evict(u32 nr)
{
	struct po_shares *shares = kvzalloc(sizeof(*shares), GFP_KERNEL);
	u32 evicted;

	if (!shares)
		return 0;

	xa_init(&shares->counts);
	shares->now = ktime_get_boottime_ns();
	po_visit_records(shares, po_count_share);
	po_shares_flush(shares);
	evicted = po_evict_records(shares, nr);
	po_free_batch_put(&shares->freed);
	xa_destroy(&shares->counts);
	kvfree(shares);

	return evicted;
}
