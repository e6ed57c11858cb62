// SPDX-License-Identifier: GPL-2.0
/* What happened, in sentences, and what can be done about it. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "print.h"
#include "prose.h"
#include "story.h"

/**
 * story_add() - Add a fact.
 * @story: where
 * @label: what it is about
 * @words: sentences; freed with the story, at once if there is none
 */
void story_add(struct story *story, const char *label, char *words)
{
	struct fact *fact;

	if (!*words) {
		free(words);
		return;
	}
	story->facts = xgrow(story->facts, story->n_facts, &story->facts_room,
			     sizeof(*story->facts));
	fact = &story->facts[story->n_facts++];
	fact->label = label;
	fact->words = words;
}

/**
 * story_advise() - Add an advice.
 * @story: where
 * @command: line to be copied, freed with the story; or NULL
 * @fmt: printf format of a sentence; untrusted bytes must be escaped; a colon at
 *	its end becomes a full stop if there is no line
 */
void story_advise(struct story *story, char *command, const char *fmt, ...)
{
	struct advice *advice;
	va_list args;
	size_t len;

	story->advice = xgrow(story->advice, story->n_advice,
			      &story->advice_room, sizeof(*story->advice));
	advice = &story->advice[story->n_advice++];
	advice->command = command;
	va_start(args, fmt);
	advice->words = xvasprintf(fmt, args);
	va_end(args);
	len = strlen(advice->words);
	if (!command && len && advice->words[len - 1] == ':')
		advice->words[len - 1] = '.';
}

/**
 * story_text() - All sentences one after the other.
 * @story: the story
 *
 * Return: the text; to be freed.
 */
char *story_text(const struct story *story)
{
	size_t i, len;
	char *text;
	FILE *out;

	out = prose_open(&text, &len);
	if (story->title)
		fprintf(out, "%s.", story->title);
	for (i = 0; i < story->n_facts; i++)
		fprintf(out, "%s%s", ftell(out) ? " " : "",
			story->facts[i].words);
	fclose(out);
	return text;
}

/**
 * advice_text() - An advice and its command in a line.
 * @advice: the advice
 *
 * Return: the text; to be freed.
 */
char *advice_text(const struct advice *advice)
{
	if (!advice->command)
		return xstrdup(advice->words);
	return xasprintf("%s %s", advice->words, advice->command);
}

static void print_command(const char *command)
{
	size_t len;

	for (; *command; command += len + !!command[len]) {
		len = strcspn(command, "\n");
		printf(INDENT INDENT "%.*s\n", (int)len, command);
	}
}

/**
 * story_print() - Print facts under their labels, then what can be done.
 * @story: the story
 * @title: what stands before the advice
 */
void story_print(const struct story *story, const char *title)
{
	const struct advice *advice = story->advice;
	size_t i;

	for (i = 0; i < story->n_facts; i++)
		print_fact(story->facts[i].label, story->facts[i].words);
	if (!story->n_advice)
		return;
	printf("\n%s\n", title);
	for (i = 0; i < story->n_advice; i++, advice++) {
		fputs("- ", stdout);
		print_words(advice->words, 2, 2);
		if (advice->command)
			print_command(advice->command);
	}
}

/**
 * story_free() - Free what a story has.
 * @story: the story, empty afterwards
 */
void story_free(struct story *story)
{
	size_t i;

	for (i = 0; i < story->n_facts; i++)
		free(story->facts[i].words);
	for (i = 0; i < story->n_advice; i++) {
		free(story->advice[i].words);
		free(story->advice[i].command);
	}
	free(story->title);
	free(story->facts);
	free(story->advice);
	memset(story, 0, sizeof(*story));
}
