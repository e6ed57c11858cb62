// SPDX-License-Identifier: GPL-2.0
/*
 * portowner log --journal: refused binds into the journal, each once.
 *
 * What has been written is remembered after each look at the log, in the
 * directory that the service manager gives us, so that the next run goes on from
 * there. Without one, only what is refused from now on is written.
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
 * log_journal_open() - Find out what the journal has.
 * @journal: the journal
 * @cursor: empty; set to how far the log has been read by those before us
 *
 * Return: 0, or what to exit with.
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
 * Not after each entry: anybody can make namespaces, which all have a line, and
 * refusals, and the file would be written as often.
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
 * @list: the rejects, those of each network namespace by number
 *
 * Return: 0, or what to exit with.
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
	/* Also if the journal is gone, for what it has. */
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
