/* SPDX-License-Identifier: GPL-2.0 */
/* What is not as it was. */
#ifndef PORTOWNER_CHANGES_H
#define PORTOWNER_CHANGES_H

#include <stddef.h>
#include <linux/types.h>

#include "audit/finding.h"

/**
 * struct change - Something that is not as it was.
 * @was: what was found before, or NULL if it is new
 * @is: what is found now, or NULL if it is gone; not both
 *
 * With both, it is another who has the port.
 */
struct change {
	const struct finding *was;
	const struct finding *is;
};

/**
 * struct change_list - Changes, the worst first.
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
