// SPDX-License-Identifier: GPL-2.0
/* The automatic range of ports, when none of it was free. */

#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "range.h"
#include "util.h"
#include "when.h"

/* Processes that are named. */
#define NAMES_MAX	5

/**
 * range_add_holder() - Append an empty holder.
 * @range: where
 *
 * Return: the holder; it moves when a further one is added.
 */
struct range_holder *range_add_holder(struct port_range *range)
{
	struct range_holder *holder;

	range->holders = xgrow(range->holders, range->n_holders, &range->room,
			       sizeof(*range->holders));
	holder = &range->holders[range->n_holders++];
	memset(holder, 0, sizeof(*holder));
	return holder;
}

/**
 * range_free() - Free a range.
 * @range: the range, or NULL
 */
void range_free(struct port_range *range)
{
	size_t i;

	if (!range)
		return;
	for (i = 0; i < range->n_holders; i++)
		free(range->holders[i].comm);
	free(range->holders);
	free(range);
}

static void put_holder(FILE *out, const struct range_holder *holder)
{
	const char *comm = holder->comm ? holder->comm : "";
	char *name = escape_text(comm, strlen(comm));

	fprintf(out, "%s[%u] (%u)", name, holder->pid, holder->ports);
	free(name);
}

/* The ports are counted for whoever reads of the refusal first. */
static void put_delay(FILE *out, const struct port_range *range, __u64 refused)
{
	bool later = range->time > refused;
	__u64 delay = later ? range->time - refused : refused - range->time;
	char age[16];

	if (!range->time || delay < NSEC_PER_SEC)
		return;
	when_format_age(delay, age, sizeof(age));
	fprintf(out, " This was counted %s %s the refusal.", age,
		later ? "after" : "before");
}

/**
 * range_put() - Say where the ports of the range have gone.
 * @out: where
 * @range: the range
 * @refused: when none of it was free, in nanoseconds of CLOCK_REALTIME
 */
void range_put(FILE *out, const struct port_range *range, __u64 refused)
{
	size_t i, n = range->n_holders;

	fprintf(out, "Of the %u ports from %u to %u, %u %s a socket and %u %s reserved.",
		range->last - range->first + 1U, range->first, range->last,
		range->taken, range->taken == 1 ? "has" : "have",
		range->reserved, range->reserved == 1 ? "is" : "are");
	for (i = 0; i < n && i < NAMES_MAX; i++) {
		fputs(i ? ", " : " Most of them are held by: ", out);
		put_holder(out, &range->holders[i]);
	}
	if (n)
		fputs(i < n ? " and others." : ".", out);
	put_delay(out, range, refused);
}
