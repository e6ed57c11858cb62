/* SPDX-License-Identifier: GPL-2.0 */
/* Differences between two audits. */
#ifndef PORTOWNER_CHANGES_H
#define PORTOWNER_CHANGES_H

#include <stddef.h>
#include <linux/types.h>

#include "audit/finding.h"

/**
 * struct change - A difference between two audits.
 * @was: the earlier finding, or NULL if it is new
 * @is: the present finding, or NULL if it is gone; not both
 *
 * If both are set, the port has a new owner.
 */
struct change {
	const struct finding *was;
	const struct finding *is;
};

/**
 * struct change_list - Changes, worst first.
 * @v: array
 * @n: elements in @v
 * @room: elements allocated
 */
struct change_list {
	struct change *v;
	size_t n;
	size_t room;
};

const char *change_name(const struct change *change);
void changes_find(struct change_list *changes, const struct finding_list *was,
		  const struct finding_list *is, __u32 unchecked);
void changes_clear(struct change_list *changes);

#endif /* PORTOWNER_CHANGES_H */
