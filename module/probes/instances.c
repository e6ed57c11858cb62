// SPDX-License-Identifier: GPL-2.0
/*
 * Fair shares of kretprobe instances.
 *
 * A kretprobe has a fixed number of instances, one per call in progress, and a
 * user can make a call sleep in the probed function indefinitely: another
 * thread locks the socket, and faults on memory that never becomes available.
 * Where no call can sleep, one of very many threads may still be preempted.
 * To prevent a user from occupying all instances that way, calls in progress
 * are counted by user, and a call that exceeds the user's fair share is only
 * counted, not watched.
 *
 * The common case writes no data that other CPUs write: each CPU counts the
 * calls that began on it, and the counts of all CPUs are summed up only for
 * users with many calls on one CPU.
 */

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/cred.h>
#include <linux/kernel.h>
#include <linux/percpu.h>
#include <linux/uidgid.h>

#include "core/core.h"
#include "probes/call.h"

/* Users counted separately per pool and CPU, in one cache line. */
#define PO_CHARGE_USERS	8

/**
 * struct po_charges - calls in progress of one pool that began on one CPU
 * @payer: user; written only by probe handlers on this CPU, with preemption
 *	disabled, and only while @held is 0
 * @held: number of calls of that user; a call may return on any CPU
 *
 * A user without an entry is not counted: all entries are taken by other users
 * with calls in progress, and that must not count against this one.
 */
struct po_charges {
	kuid_t payer[PO_CHARGE_USERS];
	atomic_t held[PO_CHARGE_USERS];
} ____cacheline_aligned;

static DEFINE_PER_CPU_ALIGNED(struct po_charges, po_charges[PO_NR_POOLS]);

/* Calls in progress per pool; scaled before probes are registered. */
static u32 po_instances_max[] __ro_after_init = {
	[PO_POOL_BIND]		= PO_INSTANCES_BIND,
	[PO_POOL_BIND6]		= PO_INSTANCES_BIND6,
	[PO_POOL_LISTEN]	= PO_INSTANCES_LISTEN,
	[PO_POOL_SCTP_LISTEN]	= PO_INSTANCES_SCTP_LISTEN,
	[PO_POOL_AUTOBIND]	= PO_INSTANCES_AUTOBIND,
	[PO_POOL_LSM]		= PO_INSTANCES_LSM,
	[PO_POOL_SUBFLOW]	= PO_INSTANCES_SUBFLOW,
};

/*
 * Calls of a user on one CPU up to which its share is not checked: over all
 * CPUs, a sixteenth of the pool, or one each. Written before probes are registered.
 */
static int po_instances_unchecked[PO_NR_POOLS] __read_mostly;

static atomic64_t po_nr_instances_denied = ATOMIC64_INIT(0);

/* A charge encodes CPU, pool and entry, plus 1. */
#define PO_POOL_BITS	3
#define PO_USER_BITS	3

static u32 po_charge_number(unsigned int cpu, enum po_instance_pool pool,
			    unsigned int user)
{
	BUILD_BUG_ON(PO_NR_POOLS > 1 << PO_POOL_BITS ||
		     PO_CHARGE_USERS > 1 << PO_USER_BITS);

	return (((cpu << PO_POOL_BITS) + pool) << PO_USER_BITS) + user + 1;
}

/**
 * po_instances_init() - set the limits for this number of CPUs
 *
 * Context: before probes are registered.
 */
void __init po_instances_init(void)
{
	unsigned int pool;

	for (pool = 0; pool < PO_NR_POOLS; pool++) {
		po_instances_max[pool] =
			po_instances_scaled(po_instances_max[pool]);
		po_instances_unchecked[pool] =
			max_t(int, 1, po_instances_max[pool] / 16 /
				      num_possible_cpus());
	}
}

static noinline bool po_instance_within_share(enum po_instance_pool pool,
					      kuid_t payer)
{
	const struct po_charges *charges;
	u32 all = 0, held = 0;
	unsigned int i;
	int cpu;

	for_each_possible_cpu(cpu) {
		charges = per_cpu_ptr(&po_charges[pool], cpu);
		for (i = 0; i < PO_CHARGE_USERS; i++) {
			u32 nr = atomic_read(&charges->held[i]);

			all += nr;
			if (uid_eq(READ_ONCE(charges->payer[i]), payer))
				held += nr;
		}
	}

	/* Both numbers include the call in question. */
	return all <= po_instances_max[pool] &&
	       po_fair(held - 1, po_instances_max[pool] - all + 1);
}

/* Get the index of a user's entry, taking over an unused one if necessary. */
static noinline int po_charge_user(struct po_charges *charges, kuid_t payer)
{
	int i;

	for (i = 0; i < PO_CHARGE_USERS; i++)
		if (uid_eq(charges->payer[i], payer))
			return i;
	for (i = 0; i < PO_CHARGE_USERS; i++)
		if (!atomic_read(&charges->held[i])) {
			WRITE_ONCE(charges->payer[i], payer);
			return i;
		}

	return -ENOENT;
}

/**
 * po_instance_charge() - charge the current user for an instance
 * @pool: pool of the instance
 * @charge: set to the value to pass to po_instance_uncharge()
 *
 * Context: probe handlers, with preemption disabled.
 * Return: false if the user exceeds its share; the call is not watched.
 */
bool po_instance_charge(enum po_instance_pool pool, u32 *charge)
{
	struct po_charges *charges = this_cpu_ptr(&po_charges[pool]);
	kuid_t payer = po_payer(current_cred());
	int held, i = 0;

	/* Usually the user of the first entry. */
	if (!uid_eq(charges->payer[0], payer))
		i = po_charge_user(charges, payer);
	if (i < 0) {
		*charge = PO_NO_CHARGE;
		return true;
	}

	held = atomic_inc_return(&charges->held[i]);
	if (held > po_instances_unchecked[pool] &&
	    !po_instance_within_share(pool, payer)) {
		atomic_dec(&charges->held[i]);
		atomic64_inc(&po_nr_instances_denied);
		return false;
	}
	*charge = po_charge_number(smp_processor_id(), pool, i);

	return true;
}

/**
 * po_instance_uncharge() - undo po_instance_charge() when the call returns
 * @charge: set by po_instance_charge(), or %PO_NO_CHARGE
 *
 * Context: any, on any CPU.
 */
void po_instance_uncharge(u32 charge)
{
	u32 nr = charge - 1;
	unsigned int user = nr & (BIT(PO_USER_BITS) - 1);
	unsigned int pool = nr >> PO_USER_BITS & (BIT(PO_POOL_BITS) - 1);
	unsigned int cpu = nr >> (PO_USER_BITS + PO_POOL_BITS);

	if (charge != PO_NO_CHARGE)
		atomic_dec(&per_cpu_ptr(&po_charges[pool], cpu)->held[user]);
}

/**
 * po_instances_denied() - calls not watched because of their user's share
 *
 * Context: any.
 * Return: number of calls since the module was loaded.
 */
u64 po_instances_denied(void)
{
	return atomic64_read(&po_nr_instances_denied);
}
