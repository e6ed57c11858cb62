// SPDX-License-Identifier: GPL-2.0
/*
 * Rejects as journal entries: a message, fields for journalctl to select by,
 * and each JSON key of the reject as a field of its own.
 */

#include <ctype.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

#include "lib/cgroup.h"
#include "lib/process.h"
#include "model/enums.h"
#include "print/field.h"
#include "print/journal.h"
#include "print/json.h"
#include "print/phrase.h"

/* Of every reject: explained by portowner.catalog. */
#define MESSAGE_ID	"6511bdb342b34775bcfb1fc9bc821d4f"

__printf(2, 3)
static void add(struct journal_entry *entry, const char *fmt, ...)
{
	va_list args;
	char *text;

	if (entry->n == JOURNAL_FIELDS)
		return;
	va_start(args, fmt);
	text = xvasprintf(fmt, args);
	va_end(args);
	entry->v[entry->n].iov_base = text;
	entry->v[entry->n++].iov_len = strlen(text);
}

/* The single line shown by journalctl and systemctl status. */
static void add_message(struct journal_entry *entry, const struct reject *reject)
{
	char *text = phrase_refusal(reject);

	add(entry, "MESSAGE=%s", text);
	free(text);
}

/* The pid may have been reused. */
static bool is_other_process(const struct reject *reject)
{
	char *now = process_comm(reject->pid);
	bool other = now && (!reject->comm || strcmp(now, reject->comm));

	free(now);
	return other;
}

/*
 * journald adds what it knows about the process, which may have ended already.
 * So the unit comes from the record: journalctl --unit looks for it in entries
 * of root.
 */
static void add_object(struct journal_entry *entry, const struct reject *reject)
{
	struct slice system, user;

	if (reject->pid && !is_other_process(reject))
		add(entry, "OBJECT_PID=%u", reject->pid);
	if (!cgroup_system_unit(reject->cgroup, &system))
		return;
	add(entry, "OBJECT_SYSTEMD_UNIT=%.*s", (int)system.len, system.str);
	if (cgroup_unit(reject->cgroup, &user) && user.str != system.str)
		add(entry, "OBJECT_SYSTEMD_USER_UNIT=%.*s", (int)user.len,
		    user.str);
}

static void add_key(struct journal_entry *entry, const char *key,
		    struct json_object *value)
{
	char *name, *c;

	if (!value)
		return;
	name = xstrdup(key);
	for (c = name; *c; c++)
		*c = toupper(*c);
	add(entry, "PORTOWNER_%s=%s", name,
	    json_object_get_type(value) == json_type_string ?
	    json_object_get_string(value) :
	    json_object_to_json_string_ext(value, JSON_C_TO_STRING_PLAIN |
					   JSON_C_TO_STRING_NOSLASHESCAPE));
	free(name);
}

/* Objects and arrays remain JSON. */
static void add_keys(struct journal_entry *entry, const struct reject *reject)
{
	struct json_object *json = json_reject(reject);
	struct json_object_iterator it = json_object_iter_begin(json);
	struct json_object_iterator end = json_object_iter_end(json);

	for (; !json_object_iter_equal(&it, &end); json_object_iter_next(&it))
		add_key(entry, json_object_iter_peek_name(&it),
			json_object_iter_peek_value(&it));
	json_object_put(json);
}

/* For readers who look for a unit without parsing JSON. */
static void add_units(struct journal_entry *entry, const struct reject *reject)
{
	const struct psock *sock = reject->culprits.v;
	char *unit = phrase_unit(reject->cgroup);

	if (unit)
		add(entry, "PORTOWNER_UNIT=%s", unit);
	free(unit);
	if (!reject->culprits.n || !sock->n_owners)
		return;
	add(entry, "PORTOWNER_CULPRIT_PID=%u", sock->owners->pid);
	unit = phrase_unit(sock->owners->cgroup);
	if (unit)
		add(entry, "PORTOWNER_CULPRIT_UNIT=%s", unit);
	free(unit);
}

/**
 * journal_entry_fill() - Make a journal entry of a reject.
 * @entry: set to it
 * @reject: the reject
 */
void journal_entry_fill(struct journal_entry *entry,
			const struct reject *reject)
{
	entry->n = 0;
	add_message(entry, reject);
	add(entry, "MESSAGE_ID=" MESSAGE_ID);
	add(entry, "PRIORITY=%d", LOG_WARNING);
	add(entry, "SYSLOG_IDENTIFIER=" PROGRAM);
	add(entry, "ERRNO=%u", reject->err);
	add_object(entry, reject);
	add_keys(entry, reject);
	add_units(entry, reject);
}

/**
 * journal_entry_free() - Free the contents of an entry.
 * @entry: the entry
 */
void journal_entry_free(struct journal_entry *entry)
{
	while (entry->n)
		free(entry->v[--entry->n].iov_base);
}
