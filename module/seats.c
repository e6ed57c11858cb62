// SPDX-License-Identifier: GPL-2.0
/*
 * Fair shares of the calls that a probe can see at once.
 *
 * A probe that waits for a function to return has a fixed number of instances,
 * and a caller can be made to sleep in the function for as long as somebody
 * likes: another thread has the socket, and faults on memory that does not
 * come. So that nobody takes all instances that way, each user has a count of
 * those it has, and who has more than a fair share gets none; that is counted.
 *
 * An ordinary call writes nothing that another CPU writes as well: each CPU
 * counts the calls that began on it, few at a time, and these counts are added
 * up only for who has many on this CPU.
 */

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/uidgid.h>

#include "calls.h"
#include "internal.h"

/* Users that are told apart in one probe on one CPU: a cache line. */
#define PO_USERS	8

/**
 * struct po_seats - calls under way in one probe that began on one CPU
 * @payer: user; probe handlers on this CPU alone write it, with preemption off,
 *	and only while @held is 0
 * @held: how many of that user's; the return may be on any CPU
 *
 * A user for whom there is no entry is not counted: then as many others are
 * asleep in this very probe, and none of them is to suffer for it.
 */
struct po_seats {
	kuid_t payer[PO_USERS];
	atomic_t held[PO_USERS];
} ____cacheline_aligned;

static DEFINE_PER_CPU_ALIGNED(struct po_seats, po_seats[PO_NR_POOLS]);

static const u32 po_seats_max[] = {
	[PO_POOL_BIND]		= PO_SEATS_BIND,
	[PO_POOL_BIND6]		= PO_SEATS_BIND6,
	[PO_POOL_LISTEN]	= PO_SEATS_LISTEN,
	[PO_POOL_SCTP_LISTEN]	= PO_SEATS_SCTP_LISTEN,
	[PO_POOL_AUTOBIND]	= PO_SEATS_AUTOBIND,
};

/*
 * So many a user may have on each CPU before all CPUs are asked: together a
 * sixteenth. Written before there are probes.
 */
static int po_seats_few[PO_NR_POOLS] __read_mostly;

static atomic64_t po_refused = ATOMIC64_INIT(0);

/* Seats are numbered from 1 on, by CPU, pool and user. */
#define PO_POOL_BITS	3
#define PO_USER_BITS	3

static u32 po_seat_number(unsigned int cpu, enum po_pool pool, unsigned int user)
{
	BUILD_BUG_ON(PO_NR_POOLS > 1 << PO_POOL_BITS ||
		     PO_USERS > 1 << PO_USER_BITS);

	return (((cpu << PO_POOL_BITS) + pool) << PO_USER_BITS) + user + 1;
}

/**
 * po_seats_init() - find out how many are few on this machine
 *
 * Context: no probe is in place yet.
 */
void __init po_seats_init(void)
{
	unsigned int pool;

	for (pool = 0; pool < PO_NR_POOLS; pool++)
		po_seats_few[pool] = max_t(int, 1, po_seats_max[pool] / 16 /
						   num_possible_cpus());
}

static noinline bool po_seat_fair(enum po_pool pool, kuid_t payer)
{
	const struct po_seats *seats;
	u32 all = 0, held = 0;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		seats = per_cpu_ptr(&po_seats[pool], cpu);
		for (i = 0; i < PO_USERS; i++) {
			u32 nr = atomic_read(&seats->held[i]);

			all += nr;
			if (uid_eq(seats->payer[i], payer))
				held += nr;
		}
	}

	/* All these include the one in question. */
	return all <= po_seats_max[pool] &&
	       po_fair(held - 1, po_seats_max[pool] - all + 1);
}

/* The entry of a user, or one that nobody needs. */
static noinline int po_seat_find(struct po_seats *seats, kuid_t payer)
{
	int i;

	for (i = 0; i < PO_USERS; i++)
		if (uid_eq(seats->payer[i], payer))
			return i;
	for (i = 0; i < PO_USERS; i++)
		if (!atomic_read(&seats->held[i])) {
			seats->payer[i] = payer;
			return i;
		}

	return -ENOENT;
}

/**
 * po_seat_take() - charge the current user for a call that begins
 * @pool: which probe sees it
 * @seat: result: what to give back by po_seat_leave()
 *
 * Context: atomic, with preemption off: a probe handler.
 * Return: false if the user has more than its share; the call is not to be seen.
 */
bool po_seat_take(enum po_pool pool, u32 *seat)
{
	struct po_seats *seats = this_cpu_ptr(&po_seats[pool]);
	kuid_t payer = po_payer(current_cred());
	int i = 0;

	/* Most often the same user as the last time. */
	if (!uid_eq(seats->payer[0], payer))
		i = po_seat_find(seats, payer);
	if (i < 0) {
		*seat = PO_NO_SEAT;
		return true;
	}

	if (atomic_inc_return(&seats->held[i]) > po_seats_few[pool] &&
	    !po_seat_fair(pool, payer)) {
		atomic_dec(&seats->held[i]);
		atomic64_inc(&po_refused);
		return false;
	}
	*seat = po_seat_number(smp_processor_id(), pool, i);

	return true;
}

/**
 * po_seat_leave() - a call has returned
 * @seat: what po_seat_take() gave
 *
 * Context: any, on any CPU.
 */
void po_seat_leave(u32 seat)
{
	u32 nr = seat - 1;
	unsigned int user = nr & (BIT(PO_USER_BITS) - 1);
	unsigned int pool = nr >> PO_USER_BITS & (BIT(PO_POOL_BITS) - 1);
	unsigned int cpu = nr >> (PO_USER_BITS + PO_POOL_BITS);

	if (seat != PO_NO_SEAT)
		atomic_dec(&per_cpu_ptr(&po_seats[pool], cpu)->held[user]);
}

/**
 * po_seats_refused() - calls that were not seen for the share of their user
 *
 * Return: their number since the module was loaded.
 */
u64 po_seats_refused(void)
{
	return atomic64_read(&po_refused);
}
