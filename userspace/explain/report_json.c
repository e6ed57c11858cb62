// SPDX-License-Identifier: GPL-2.0
/* A report as JSON. */

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "explain/context.h"
#include "explain/report.h"
#include "model/enums.h"
#include "model/model.h"
#include "print/json.h"
#include "print/phrase.h"

/* One element for each line. */
static struct json_object *json_lines(const char *lines)
{
	struct json_object *array = json_checked(json_object_new_array());
	char *copy = lines ? xstrdup(lines) : NULL, *rest = copy, *line;

	while ((line = strsep(&rest, "\n")))
		json_add_element(array, line);
	free(copy);
	return array;
}

static struct json_object *json_advice(const struct advice *advice)
{
	const char *command = advice->command;
	struct json_object *json = json_checked(json_object_new_object());

	json_add_text(json, "words", advice->words);
	json_object_object_add(json, "commands",
			       json_lines(advice->is_sketch ? NULL : command));
	json_object_object_add(json, "sketch",
			       json_lines(advice->is_sketch ? command : NULL));
	return json;
}

static void add_actor(struct json_object *object, const char *key,
		      const struct actor *actor)
{
	struct json_object *json = NULL;

	if (actor->pid) {
		json = json_checked(json_object_new_object());
		json_add_number(json, "pid", actor->pid);
		json_add_bytes(json, "comm", actor->comm);
	}
	json_object_object_add(object, key, json);
}

static void add_bool(struct json_object *object, const char *key, bool value)
{
	json_object_object_add(object, key,
			       json_checked(json_object_new_boolean(value)));
}

/**
 * report_add_json() - Add a report to an object.
 * @object: gets the keys from explanation to ignores_sigterm
 * @report: the report; if it says nothing, there is no explanation
 */
void report_add_json(struct json_object *object, const struct report *report)
{
	struct json_object *remedy = json_checked(json_object_new_array());
	struct json_object *advice = json_checked(json_object_new_array());
	char *text = report_text(report);
	size_t i;

	json_add_text(object, "explanation", *text ? text : NULL);
	free(text);
	for (i = 0; i < report->n_advice; i++) {
		text = report_advice_text(&report->advice[i]);
		json_object_array_add(remedy,
				      json_checked(json_object_new_string(text)));
		free(text);
		json_object_array_add(advice, json_advice(&report->advice[i]));
	}
	json_object_object_add(object, "remedy", remedy);
	json_object_object_add(object, "advice", advice);
	json_add_text(object, "relation", report->relation);
	add_actor(object, "restarter", &report->restarter);
	add_actor(object, "runner", &report->runner);
	add_actor(object, "debugger", &report->debugger);
	add_bool(object, "suspended", report->suspended);
	add_bool(object, "frozen", report->frozen);
	add_bool(object, "ignores_sigterm", report->deaf);
}

/* What became of what was in the way, and how the kernel would answer now. */
static struct json_object *json_now(const struct context *ctx)
{
	struct json_object *now = json_checked(json_object_new_object());
	const struct reject *would = ctx->would;
	char *error = would && would->err ? phrase_error(would->err) : NULL;

	/* Without a reject there is only the answer. */
	if (ctx->reject && context_is_conflict(ctx)) {
		json_add_number(now, "still", ctx->still);
		json_add_number(now, "others", ctx->others);
	} else {
		json_object_object_add(now, "still", NULL);
		json_object_object_add(now, "others", NULL);
	}
	json_add_text(now, "verdict", !would ? NULL :
				      error ? "refused" : "ok");
	json_add_text(now, "errno", error);
	json_add_text(now, "rule", error && !ctx->rule_unknown ?
				      rule_name(would->rule) : NULL);
	free(error);
	return now;
}

/**
 * report_print_json() - Print a report and the reject that it is about.
 * @list: the reject, or none
 * @report: the report
 * @ctx: what has become of the reject, or NULL
 * @source: name of their source
 */
void report_print_json(const struct reject_list *list,
		       const struct report *report, const struct context *ctx,
		       const char *source)
{
	struct json_object *object = json_checked(json_object_new_object());
	struct json_object *array = json_checked(json_object_new_array());
	size_t i;

	json_add_text(object, "source", source);
	for (i = 0; i < list->n; i++)
		json_object_array_add(array, json_reject(&list->v[i]));
	json_object_object_add(object, "rejects", array);
	report_add_json(object, report);
	json_object_object_add(object, "now", ctx ? json_now(ctx) : NULL);
	json_print(object);
	putchar('\n');
}
