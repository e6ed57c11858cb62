// SPDX-License-Identifier: GPL-2.0
/*
 * JSON. Each socket and each reject is an object of its own while it is
 * printed, so that memory does not grow with the number of them.
 */

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

#include "enums.h"
#include "escape.h"
#include "print.h"
#include "story.h"

static struct json_object *json_checked(struct json_object *json)
{
	if (!json)
		exit(complain(STATUS_FAILED, "out of memory"));
	return json;
}

static struct json_object *json_subject(const struct field *fields,
					const struct subject *s);

static struct json_object *json_string(const struct value *v)
{
	char *text = escape_utf8(v->str, v->len);
	struct json_object *json = json_checked(json_object_new_string(text));

	free(text);
	return json;
}

static struct json_object *json_owners(const struct psock *sock)
{
	struct subject s = { .ep = &sock->ep, .sock = sock };
	struct json_object *json = json_checked(json_object_new_array());
	size_t i;

	for (i = 0; i < sock->n_owners; i++) {
		s.owner = &sock->owners[i];
		json_object_array_add(json, json_subject(owner_fields, &s));
	}
	return json;
}

static struct json_object *json_socket(const struct psock *sock)
{
	struct subject s = { .ep = &sock->ep, .sock = sock };

	return json_subject(socket_fields, &s);
}

static struct json_object *json_sockets(const struct psock_list *list)
{
	struct json_object *json = json_checked(json_object_new_array());
	size_t i;

	for (i = 0; i < list->n; i++)
		json_object_array_add(json, json_socket(&list->v[i]));
	return json;
}

static struct json_object *json_reject(const struct reject *reject)
{
	struct subject s = { .ep = &reject->ep, .reject = reject };

	return json_subject(reject_fields, &s);
}

static struct json_object *json_value(const struct subject *s,
				      const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		return NULL;
	case VALUE_BOOL:
		return json_checked(json_object_new_boolean(v->num));
	case VALUE_NUMBER:
		return json_checked(json_object_new_uint64(v->num));
	case VALUE_STRING:
		return json_string(v);
	case VALUE_BINDER:
		return json_subject(binder_fields, s);
	case VALUE_OWNERS:
		return json_owners(s->sock);
	case VALUE_CULPRITS:
		return json_sockets(&s->reject->culprits);
	}
	return NULL;
}

static struct json_object *json_subject(const struct field *fields,
					const struct subject *s)
{
	struct json_object *json = json_checked(json_object_new_object());
	struct value v;

	for (; fields->get; fields++) {
		if (!fields->key)
			continue;
		v.type = VALUE_NULL;
		fields->get(s, &v);
		json_object_object_add_ex(json, fields->key, json_value(s, &v),
					  JSON_C_OBJECT_ADD_KEY_IS_NEW |
					  JSON_C_OBJECT_KEY_IS_CONSTANT);
	}
	return json;
}

static void print_and_put(struct json_object *json)
{
	const char *text;

	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		json_checked(NULL);
	escape_json_print(stdout, text);
	json_object_put(json);
}

/**
 * print_sockets_json() - Print sockets as one object.
 * @list: the sockets
 */
void print_sockets_json(const struct psock_list *list)
{
	size_t i;

	fputs("{\"source\":\"module\",\"sockets\":[", stdout);
	for (i = 0; i < list->n; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		print_and_put(json_socket(&list->v[i]));
	}
	fputs("]}\n", stdout);
}

/**
 * print_rejects_json() - Print rejects as one object.
 * @list: the rejects
 */
void print_rejects_json(const struct reject_list *list)
{
	size_t i;

	fputs("{\"rejects\":[", stdout);
	for (i = 0; i < list->n; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		print_and_put(json_reject(&list->v[i]));
	}
	fputs("]}\n", stdout);
}

/**
 * print_rejects_json_lines() - Print each reject as an object on a line.
 * @list: the rejects
 */
void print_rejects_json_lines(const struct reject_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		print_and_put(json_reject(&list->v[i]));
		fputc('\n', stdout);
		flush_output();
	}
}

/* A null if there is nothing to tell. */
static void add_text(struct json_object *object, const char *key,
		     const char *text)
{
	json_object_object_add(object, key, !text ? NULL :
			       json_checked(json_object_new_string(text)));
}

/**
 * print_check_json() - Print what would become of a bind.
 * @would: what would be refused; its error is 0 if nothing would be
 */
void print_check_json(const struct reject *would)
{
	struct json_object *object = json_checked(json_object_new_object());
	const char *name = errno_name(would->err);
	char number[12];

	snprintf(number, sizeof(number), "%u", would->err);
	add_text(object, "verdict", would->err ? "refused" : "ok");
	add_text(object, "errno", !would->err ? NULL : name ? name : number);
	add_text(object, "rule", would->err ? rule_name(would->rule) : NULL);
	json_object_object_add(object, "culprits",
			       json_sockets(&would->culprits));
	print_and_put(object);
	putchar('\n');
}

/**
 * print_why_json() - Print what was refused, why, and what can be done.
 * @list: the reject
 * @story: what there is to tell
 */
void print_why_json(const struct reject_list *list, const struct story *story)
{
	struct json_object *object = json_checked(json_object_new_object());
	struct json_object *array = json_checked(json_object_new_array());
	struct json_object *remedy = json_checked(json_object_new_array());
	char *text = story_text(story);
	size_t i;

	for (i = 0; i < list->n; i++)
		json_object_array_add(array, json_reject(&list->v[i]));
	json_object_object_add(object, "rejects", array);
	add_text(object, "explanation", list->n ? text : NULL);
	free(text);
	for (i = 0; i < story->n_advice; i++) {
		text = advice_text(&story->advice[i]);
		json_object_array_add(remedy,
				      json_checked(json_object_new_string(text)));
		free(text);
	}
	json_object_object_add(object, "remedy", remedy);
	print_and_put(object);
	putchar('\n');
}

/**
 * print_counters() - Print statistics.
 * @counters: the statistics
 * @json: as JSON, else a line each
 */
void print_counters(const struct counters *counters, bool json)
{
	static const struct {
		int attr;
		const char *key;
	} names[] = {
		{ PORTOWNER_A_STATS_REJECTS_SEEN,	"rejects_seen" },
		{ PORTOWNER_A_STATS_REJECTS_KEPT,	"rejects_kept" },
		{ PORTOWNER_A_STATS_REJECTS_DROPPED,	"rejects_dropped" },
		{ PORTOWNER_A_STATS_REJECTS_MAX,	"rejects_max" },
		{ PORTOWNER_A_STATS_PROBE_MISSED,	"probe_missed" },
		{ PORTOWNER_A_STATS_BINDERS,		"binders" },
		{ PORTOWNER_A_STATS_BINDERS_EVICTED,	"binders_evicted" },
		{ PORTOWNER_A_STATS_MISSED_NO_INSTANCE,	"missed_no_instance" },
		{ PORTOWNER_A_STATS_MISSED_NESTED,	"missed_nested" },
		{ PORTOWNER_A_STATS_MISSED_SHARE,	"missed_share" },
		{ PORTOWNER_A_STATS_REJECTS_COUNTED,	"rejects_counted" },
		{ PORTOWNER_A_STATS_REJECTS_UNRECORDED,	"rejects_unrecorded" },
		{ PORTOWNER_A_STATS_REJECTS_DROPPED_OWN, "rejects_dropped_own" },
		{ PORTOWNER_A_STATS_REJECTS_DROPPED_LAST, "rejects_dropped_last" },
		{ PORTOWNER_A_STATS_BINDERS_MAX,	"binders_max" },
		{ PORTOWNER_A_STATS_DUMPS,		"dumps" },
		{ PORTOWNER_A_STATS_DUMPS_REFUSED,	"dumps_refused" },
	};
	struct json_object *object = json_checked(json_object_new_object());
	__u64 n;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		n = counters->v[names[i].attr];
		if (!json)
			printf("%-20s %llu\n", names[i].key,
			       (unsigned long long)n);
		json_object_object_add(object, names[i].key,
				       json_checked(json_object_new_uint64(n)));
	}
	if (json) {
		print_and_put(object);
		fputc('\n', stdout);
	} else {
		json_object_put(object);
	}
}
