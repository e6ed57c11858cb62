/* SPDX-License-Identifier: GPL-2.0 */
/* portowner log --journal: write refused binds to the journal, each once. */
#ifndef PORTOWNER_LOG_JOURNAL_H
#define PORTOWNER_LOG_JOURNAL_H

#include "model/log_cursor.h"

/**
 * struct log_journal - The journal, and what it contains.
 * @path: file that records what it contains, or NULL
 * @boot: the current boot
 * @sent: what it contains
 * @skip: rejects logged so far are not written
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
