// SPDX-License-Identifier: GPL-2.0
/*
 * portowner log --journal: write refused binds to the journal, each once.
 *
 * After each read of the log, the position is saved in the directory provided
 * by the service manager, so that the next run continues from there. Without
 * one, only refusals from now on are written.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/log_journal.h"
#include "lib/host.h"
#include "lib/host_journal.h"
#include "lib/util.h"
#include "print/journal.h"

#define FILE_NAME	"log.cursor"

/* The first of the directories, if there are several. */
static char *cursor_path(void)
{
	const char *state = getenv("STATE_DIRECTORY");
	size_t len = state ? strcspn(state, ":") : 0;

	return len ? xasprintf("%.*s/" FILE_NAME, (int)len, state) : NULL;
}

/**
 * log_journal_open() - Find out what the journal contains.
 * @journal: the journal
 * @cursor: empty; set to how far earlier runs have read the log
 *
 * Return: 0 or the exit status.
 */
int log_journal_open(struct log_journal *journal, struct log_cursor *cursor)
{
	if (!host_journal_open())
		return STATUS_FAILED;
	journal->path = cursor_path();
	journal->boot = host_sysctl("kernel/random/boot_id");
	if (!journal->boot)
		journal->boot = xstrdup("unknown");
	journal->skip = !journal->path;
	if (journal->path) {
		log_cursor_load(cursor, journal->path, journal->boot);
		log_cursor_load(&journal->sent, journal->path, journal->boot);
	}
	return 0;
}

static int send(const struct reject *reject)
{
	struct journal_entry entry;
	int err;

	journal_entry_fill(&entry, reject);
	err = host_journal_send(entry.v, entry.n);
	journal_entry_free(&entry);
	if (err >= 0)
		return 0;
	return complain(STATUS_FAILED, "cannot write to the journal: %s",
			strerror(-err));
}

/*
 * Not after each entry: anyone can make namespaces, each with a line of its
 * own, and refusals, and the file would be written that often.
 */
static int remember(const struct log_journal *journal)
{
	if (!journal->path ||
	    log_cursor_save(&journal->sent, journal->path, journal->boot))
		return 0;
	return complain(STATUS_FAILED, "cannot write %s: %s", journal->path,
			strerror(errno));
}

/**
 * log_journal_write() - Write rejects to the journal.
 * @journal: the journal
 * @list: the rejects, by number within each network namespace
 *
 * Return: 0 or the exit status.
 */
int log_journal_write(struct log_journal *journal,
		      const struct reject_list *list)
{
	const struct reject *reject = list->v;
	int status = 0;
	size_t i;

	for (i = 0; i < list->n && !journal->skip; i++, reject++) {
		status = send(reject);
		if (status)
			break;
		log_cursor_advance(log_cursor_of(&journal->sent, reject->netns),
				   reject);
	}
	journal->skip = false;
	/* Even if the journal has failed, for what it received. */
	if (i && remember(journal))
		return STATUS_FAILED;
	return status;
}

/**
 * log_journal_free() - Free what log_journal_open() allocated.
 * @journal: the journal
 */
void log_journal_free(struct log_journal *journal)
{
	log_cursor_free(&journal->sent);
	free(journal->path);
	free(journal->boot);
}
