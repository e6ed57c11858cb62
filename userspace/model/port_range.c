// SPDX-License-Identifier: GPL-2.0
/* The ephemeral port range, once it is exhausted. */

#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "model/port_range.h"

/**
 * port_range_add_holder() - Append an empty holder.
 * @range: the range
 *
 * Return: the holder; valid until the next one is added.
 */
struct range_holder *port_range_add_holder(struct port_range *range)
{
	struct range_holder *holder;

	range->holders = xgrow(range->holders, range->n_holders, &range->room,
			       sizeof(*range->holders));
	holder = &range->holders[range->n_holders++];
	memset(holder, 0, sizeof(*holder));
	return holder;
}

/**
 * port_range_free() - Free a range.
 * @range: the range, or NULL
 */
void port_range_free(struct port_range *range)
{
	size_t i;

	if (!range)
		return;
	for (i = 0; i < range->n_holders; i++)
		free(range->holders[i].comm);
	free(range->holders);
	free(range);
}
