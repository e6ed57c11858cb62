// SPDX-License-Identifier: GPL-2.0
/* What happened, in sentences, and what can be done about it. */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "explain/report.h"
#include "print/phrase.h"
#include "print/words.h"

/**
 * report_add() - Add a fact.
 * @report: where to add it
 * @label: its subject
 * @words: sentences, freed with the report; if empty, no fact is added
 */
void report_add(struct report *report, const char *label, char *words)
{
	struct fact *fact;

	if (!*words) {
		free(words);
		return;
	}
	report->facts = xgrow(report->facts, report->n_facts,
			      &report->facts_room, sizeof(*report->facts));
	fact = &report->facts[report->n_facts++];
	fact->label = label;
	fact->words = words;
}

static struct advice *advise(struct report *report, char *command,
			     const char *fmt, va_list args)
{
	struct advice *advice;
	size_t len;

	report->advice = xgrow(report->advice, report->n_advice,
			       &report->advice_room, sizeof(*report->advice));
	advice = &report->advice[report->n_advice++];
	advice->command = command;
	advice->is_sketch = false;
	advice->is_setting = false;
	advice->words = xvasprintf(fmt, args);
	len = strlen(advice->words);
	if (!command && len && advice->words[len - 1] == ':')
		advice->words[len - 1] = '.';
	return advice;
}

/**
 * report_advise() - Add a piece of advice.
 * @report: where to add it
 * @command: shell commands to paste, one per line; freed with the report; or
 *	NULL
 * @fmt: printf format of a sentence; untrusted bytes must be escaped. A final
 *	colon becomes a full stop without a command.
 */
void report_advise(struct report *report, char *command, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	advise(report, command, fmt, args);
	va_end(args);
}

/**
 * report_sketch() - Add advice with lines that are not whole commands.
 * @report: where to add it
 * @text: lines of a program or a configuration, or an incomplete command; freed
 *	with the report; or NULL
 * @fmt: as for report_advise()
 */
void report_sketch(struct report *report, char *text, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	advise(report, text, fmt, args)->is_sketch = true;
	va_end(args);
}

/**
 * report_setting() - Add an alternative to the commands that is no command.
 * @report: the report
 * @text: the line that sets it, freed with the report; or NULL
 * @fmt: as for report_advise()
 */
void report_setting(struct report *report, char *text, const char *fmt, ...)
{
	struct advice *advice;
	va_list args;

	va_start(args, fmt);
	advice = advise(report, text, fmt, args);
	va_end(args);
	advice->is_sketch = true;
	advice->is_setting = text;
}

/**
 * report_text() - Join title and facts into one text.
 * @report: the report
 *
 * Return: the text; to be freed.
 */
char *report_text(const struct report *report)
{
	size_t i, len;
	char *text;
	FILE *out;

	out = phrase_open(&text, &len);
	if (report->title)
		fprintf(out, "%s.", report->title);
	for (i = 0; i < report->n_facts; i++)
		fprintf(out, "%s%s", ftell(out) ? " " : "",
			report->facts[i].words);
	fclose(out);
	return text;
}

/**
 * report_advice_text() - Join a piece of advice and its command.
 * @advice: the advice
 *
 * Return: the text; to be freed.
 */
char *report_advice_text(const struct advice *advice)
{
	if (!advice->command)
		return xstrdup(advice->words);
	return xasprintf("%s %s", advice->words, advice->command);
}

static void print_command(const char *command, const char *indent)
{
	size_t len;

	for (; *command; command += len + !!command[len]) {
		len = strcspn(command, "\n");
		printf("%s%.*s\n", indent, (int)len, command);
	}
}

/**
 * report_print() - Print facts under their labels, then what can be done.
 * @report: the report
 * @title: heading of the advice
 */
void report_print(const struct report *report, const char *title)
{
	const struct advice *advice = report->advice;
	size_t i;

	for (i = 0; i < report->n_facts; i++)
		print_fact(report->facts[i].label, report->facts[i].words);
	if (!report->n_advice)
		return;
	printf("\n%s\n", title);
	for (i = 0; i < report->n_advice; i++, advice++) {
		fputs("- ", stdout);
		print_words(advice->words, 2, 2);
		if (advice->command)
			print_command(advice->command, INDENT INDENT);
	}
}

static bool is_command(const struct advice *advice)
{
	return advice->command && !advice->is_sketch;
}

/**
 * report_begins_with_words() - Is the best advice no command?
 * @report: the report
 *
 * Return: true if report_print_commands() leaves it out.
 */
bool report_begins_with_words(const struct report *report)
{
	return report->n_advice && !is_command(report->advice);
}

/**
 * report_has_setting() - Can a setting do without all commands?
 * @report: the report
 *
 * Return: true if report_setting() added one.
 */
bool report_has_setting(const struct report *report)
{
	size_t i;

	for (i = 0; i < report->n_advice; i++)
		if (report->advice[i].is_setting)
			return true;
	return false;
}

/**
 * report_print_commands() - Print only what can be pasted into a shell.
 * @report: the report
 *
 * Return: false if there is nothing.
 */
bool report_print_commands(const struct report *report)
{
	const struct advice *advice = report->advice;
	bool any = false;
	size_t i;

	for (i = 0; i < report->n_advice; i++, advice++) {
		if (!is_command(advice))
			continue;
		print_command(advice->command, "");
		any = true;
	}
	return any;
}

/**
 * report_free() - Free the contents of a report.
 * @report: the report, empty afterwards
 */
void report_free(struct report *report)
{
	size_t i;

	for (i = 0; i < report->n_facts; i++)
		free(report->facts[i].words);
	for (i = 0; i < report->n_advice; i++) {
		free(report->advice[i].words);
		free(report->advice[i].command);
	}
	free(report->title);
	free(report->restarter.comm);
	free(report->runner.comm);
	free(report->debugger.comm);
	free(report->facts);
	free(report->advice);
	memset(report, 0, sizeof(*report));
}
