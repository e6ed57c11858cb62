/* SPDX-License-Identifier: GPL-2.0 */
/* Rejects as journal entries. */
#ifndef PORTOWNER_JOURNAL_H
#define PORTOWNER_JOURNAL_H

#include <sys/uio.h>

#include "model/model.h"

/* More than there are. */
#define JOURNAL_FIELDS	64

/**
 * struct journal_entry - A journal entry.
 * @v: array: FIELD=value each, to be freed
 * @n: elements in @v
 */
struct journal_entry {
	struct iovec v[JOURNAL_FIELDS];
	int n;
};

void journal_entry_fill(struct journal_entry *entry,
			const struct reject *reject);
void journal_entry_free(struct journal_entry *entry);

#endif /* PORTOWNER_JOURNAL_H */
