/* SPDX-License-Identifier: GPL-2.0 */
/* What happened, in sentences, and what can be done about it. */
#ifndef PORTOWNER_STORY_H
#define PORTOWNER_STORY_H

#include <stddef.h>
#include <stdio.h>

#include "util.h"

/**
 * struct fact - Some sentences under a label.
 * @label: one word or two
 * @words: the sentences; untrusted bytes in it are escaped
 */
struct fact {
	const char *label;
	char *words;
};

/**
 * struct advice - Something that can be done.
 * @words: a sentence, which ends with a colon if there is a command
 * @command: a line to be copied, or NULL
 */
struct advice {
	char *words;
	char *command;
};

/**
 * struct story - What happened.
 * @title: in a line
 * @facts: array
 * @n_facts: elements in @facts
 * @facts_room: elements allocated
 * @advice: array, the best first
 * @n_advice: elements in @advice
 * @advice_room: elements allocated
 */
struct story {
	char *title;
	struct fact *facts;
	size_t n_facts;
	size_t facts_room;
	struct advice *advice;
	size_t n_advice;
	size_t advice_room;
};

void story_add(struct story *story, const char *label, char *words);
__printf(3, 4)
void story_advise(struct story *story, char *command, const char *fmt, ...);
char *story_text(const struct story *story);
char *advice_text(const struct advice *advice);
void story_print(const struct story *story, const char *title);
void story_free(struct story *story);

#endif /* PORTOWNER_STORY_H */
