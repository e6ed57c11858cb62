/* SPDX-License-Identifier: GPL-2.0 */
/* portowner log --journal: refused binds into the journal, each once. */
#ifndef PORTOWNER_LOG_JOURNAL_H
#define PORTOWNER_LOG_JOURNAL_H

#include "model/log_cursor.h"

/**
 * struct log_journal - The journal, and what it has.
 * @path: file that says what it has, or NULL
 * @boot: the present boot
 * @sent: what it has
 * @skip: what is logged already is not written
 */
struct log_journal {
	char *path;
	char *boot;
	struct log_cursor sent;
	bool skip;
};

int log_journal_open(struct log_journal *journal, struct log_cursor *cursor);
int log_journal_write(struct log_journal *journal,
		      const struct reject_list *list);
void log_journal_free(struct log_journal *journal);

#endif /* PORTOWNER_LOG_JOURNAL_H */
