/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, in sentences, and what can be done about it. */
#ifndef PORTOWNER_REPORT_H
#define PORTOWNER_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <linux/types.h>

#include "lib/util.h"

struct context;
struct json_object;
struct reject_list;

/**
 * struct fact - Sentences about one aspect of a refusal.
 * @label: printed in front of them
 * @words: the sentences; untrusted bytes in them are escaped
 */
struct fact {
	const char *label;
	char *words;
};

/**
 * struct advice - A remedy.
 * @words: a sentence, ending with a colon if there is a command
 * @command: lines to be copied, or NULL
 * @is_sketch: these are not whole shell commands
 * @is_setting: they do without all commands
 */
struct advice {
	char *words;
	char *command;
	bool is_sketch;
	bool is_setting;
};

/**
 * struct actor - A process that a remedy has to reckon with.
 * @pid: its process id, or 0 if there is none
 * @comm: its command name
 */
struct actor {
	__u32 pid;
	char *comm;
};

/**
 * struct report - What happened, and what can be done.
 * @title: what was refused, in one line; NULL for a check
 * @relation: how what is in the way and the refused process are related; NULL if
 *	they are not, as far as is known
 * @restarter: would start the owner of the port again
 * @runner: owns the port, and runs other programs
 * @debugger: has stopped an owner of the port
 * @suspended: owners of the port are suspended
 * @frozen: owners of the port are in a control group that is frozen
 * @deaf: an owner of the port ignores SIGTERM
 * @facts: array
 * @n_facts: elements in @facts
 * @facts_room: elements allocated
 * @advice: array, the best first
 * @n_advice: elements in @advice
 * @advice_room: elements allocated
 */
struct report {
	char *title;
	const char *relation;
	struct actor restarter;
	struct actor runner;
	struct actor debugger;
	bool suspended;
	bool frozen;
	bool deaf;
	struct fact *facts;
	size_t n_facts;
	size_t facts_room;
	struct advice *advice;
	size_t n_advice;
	size_t advice_room;
};

void report_add(struct report *report, const char *label, char *words);
__printf(3, 4)
void report_advise(struct report *report, char *command, const char *fmt, ...);
__printf(3, 4)
void report_sketch(struct report *report, char *text, const char *fmt, ...);
__printf(3, 4)
void report_setting(struct report *report, char *text, const char *fmt, ...);
char *report_text(const struct report *report);
char *report_advice_text(const struct advice *advice);
void report_print(const struct report *report, const char *title);
void report_add_json(struct json_object *object, const struct report *report);
bool report_begins_with_words(const struct report *report);
bool report_has_setting(const struct report *report);
bool report_print_commands(const struct report *report);
void report_print_json(const struct reject_list *list,
		       const struct report *report, const struct context *ctx,
		       const char *source);
void report_free(struct report *report);

#endif /* PORTOWNER_REPORT_H */
