// SPDX-License-Identifier: GPL-2.0
/*
 * JSON. What is listed is printed one by one, so that memory does not grow with
 * the number, and as text, see json_text.c; all else becomes objects of json-c.
 */

#include <json-c/json.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/escape.h"
#include "model/enums.h"
#include "print/client_ports.h"
#include "print/json.h"
#include "print/json_priv.h"
#include "print/kernel_dev.h"
#include "print/kernel_part.h"
#include "print/print.h"
#include "print/proxy.h"
#include "print/sharing.h"
#include "print/untracked.h"

/**
 * json_checked() - Exit if json-c had no memory for an object.
 * @json: what json-c returned
 *
 * Return: the same.
 */
struct json_object *json_checked(struct json_object *json)
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

/**
 * json_add_bytes() - Add a string of untrusted bytes to an object.
 * @object: the object
 * @key: its key, a constant
 * @bytes: the string; NULL adds null
 */
void json_add_bytes(struct json_object *object, const char *key,
		    const char *bytes)
{
	struct value v = { 0 };

	value_string(&v, bytes);
	json_object_object_add(object, key, bytes ? json_string(&v) : NULL);
}

/**
 * json_add_number() - Add a number to an object.
 * @object: the object
 * @key: its key, a constant
 * @num: the number
 */
void json_add_number(struct json_object *object, const char *key, __u64 num)
{
	json_object_object_add(object, key,
			       json_checked(json_object_new_uint64(num)));
}

static struct json_object *json_purpose(const struct psock *sock)
{
	const struct kernel_part *part = kernel_part_find(sock->kernel_owner);
	struct json_object *json = json_checked(json_object_new_object());
	char *command = kernel_purpose_command(part, kernel_dev_find(sock));

	json_add_text(json, "what", part->what);
	json_add_text(json, "command", command);
	free(command);
	return json;
}

static struct json_object *json_forwarded(const struct psock *sock)
{
	struct json_object *json = json_checked(json_object_new_object());
	const struct owner *proxy = proxy_of(sock);
	struct forwarded to;
	__u64 port;

	proxy_forwarded(proxy, &to);
	json_add_text(json, "engine", proxy_engine(proxy));
	json_add_bytes(json, "container", to.name);
	json_add_bytes(json, "addr", to.addr);
	if (to.port && number_parse(to.port, strlen(to.port), 0, 65535, &port))
		json_add_number(json, "port", port);
	else
		json_object_object_add(json, "port", NULL);
	forwarded_clear(&to);
	return json;
}

/* A user, or any with none, and the options that it takes. */
static void add_joining(struct json_object *array, const __u32 *uid,
			bool reuseaddr, bool reuseport)
{
	struct json_object *json = json_checked(json_object_new_object());

	if (uid)
		json_add_number(json, "uid", *uid);
	else
		json_object_object_add(json, "uid", NULL);
	json_object_object_add(json, "reuseaddr",
			       json_checked(json_object_new_boolean(reuseaddr)));
	json_object_object_add(json, "reuseport",
			       json_checked(json_object_new_boolean(reuseport)));
	json_object_array_add(array, json);
}

static struct json_object *json_joining(const struct subject *s)
{
	struct json_object *json = json_checked(json_object_new_array());
	const struct joining *joining = sharing_joining(s->sharing, s->sock);

	if (s->ep->proto == IPPROTO_RAW) {
		add_joining(json, NULL, false, false);
		return json;
	}
	if (joining->anyone)
		add_joining(json, NULL, true, false);
	if (joining->user)
		add_joining(json, &joining->uid, false, true);
	else if (joining->user_both && !joining->anyone)
		add_joining(json, &joining->uid, true, true);
	return json;
}

static struct json_object *json_untracked(const struct psock *sock)
{
	struct json_object *json = json_checked(json_object_new_array());
	struct json_object *place;
	size_t i;

	for (i = 0; i < sock->n_untracked; i++) {
		place = json_checked(json_object_new_object());
		json_add_text(place, "where",
			      untracked_name(sock->untracked[i].where));
		json_add_number(place, "pid", sock->untracked[i].pid);
		json_add_bytes(place, "comm", sock->untracked[i].comm);
		json_object_array_add(json, place);
	}
	return json;
}

/**
 * json_socket() - Convert a socket to an object.
 * @sock: the socket
 * @sharing: all sockets on its port, or NULL if these are not known
 *
 * Return: the object.
 */
struct json_object *json_socket(const struct psock *sock,
				struct sharing *sharing)
{
	struct subject s = {
		.ep = &sock->ep, .sock = sock, .sharing = sharing
	};

	return json_subject(socket_fields, &s);
}

static struct json_object *json_sockets(const struct psock_list *list)
{
	struct json_object *json = json_checked(json_object_new_array());
	size_t i;

	for (i = 0; i < list->n; i++)
		json_object_array_add(json, json_socket(&list->v[i], NULL));
	return json;
}

/**
 * json_reject() - Convert a reject to an object.
 * @reject: the reject
 *
 * Return: the object.
 */
struct json_object *json_reject(const struct reject *reject)
{
	struct subject s = { .ep = &reject->ep, .reject = reject };

	return json_subject(reject_fields, &s);
}

/**
 * json_value() - Convert a field.
 * @s: whose
 * @v: its value
 *
 * Return: the object, or NULL for null.
 */
struct json_object *json_value(const struct subject *s, const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
	case VALUE_TEXT:
		return NULL;
	case VALUE_BOOL:
		return json_checked(json_object_new_boolean(v->num));
	case VALUE_NUMBER:
		return json_checked(json_object_new_uint64(v->num));
	case VALUE_STRING:
		return json_string(v);
	case VALUE_OBJECT:
		return json_subject(v->fields, s);
	case VALUE_OWNERS:
		return json_owners(s->sock);
	case VALUE_PURPOSE:
		return json_purpose(s->sock);
	case VALUE_FORWARDED:
		return json_forwarded(s->sock);
	case VALUE_JOINING:
		return json_joining(s);
	case VALUE_UNTRACKED:
		return json_untracked(s->sock);
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

/**
 * json_write() - Write an object to a stream, and free it.
 * @out: the stream
 * @json: the object
 */
void json_write(FILE *out, struct json_object *json)
{
	const char *text;

	text = json_object_to_json_string_ext(json, JSON_C_TO_STRING_PLAIN |
					      JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		json_checked(NULL);
	escape_json_print(out, text);
	json_object_put(json);
}

/**
 * json_print() - Print an object, and free it.
 * @json: the object
 */
void json_print(struct json_object *json)
{
	json_write(stdout, json);
}

/**
 * print_sockets_json() - Print sockets as one object.
 * @list: the sockets
 * @source: name of the source that they are from
 */
void print_sockets_json(const struct psock_list *list, const char *source)
{
	printf("{\"source\":\"%s\",\"sockets\":[", source);
	json_print_sockets(list, NULL);
	fputs("]}\n", stdout);
}

static void add_note(void *array, const char *words, const char *command)
{
	char *text = command ? xasprintf("%s %s", words, command) :
			       xstrdup(words);

	json_add_element(array, text);
	free(text);
}

/**
 * print_who_json() - Print all that is known of sockets as one object.
 * @list: the sockets
 * @rest: the other sockets on their ports
 * @all: both
 * @source: name of the source that they are from
 * @redirects: where packets to ports without a socket go, or NULL if that is not
 *	known; freed
 */
void print_who_json(const struct psock_list *list,
		    const struct psock_list *rest,
		    const struct psock_list *all, const char *source,
		    struct json_object *redirects)
{
	struct json_object *notes = json_checked(json_object_new_array());
	struct sharing sharing = { .all = all };

	printf("{\"source\":\"%s\",\"sockets\":[", source);
	json_print_sockets(list, &sharing);
	fputs("],\"others\":[", stdout);
	json_print_sockets(rest, NULL);
	fputs("],\"notes\":", stdout);
	client_ports_explain(list, all, add_note, notes);
	json_print(notes);
	fputs(",\"redirects\":", stdout);
	if (redirects)
		json_print(redirects);
	else
		fputs("null", stdout);
	fputs("}\n", stdout);
}

static void print_rejects_array(const struct reject_list *list)
{
	size_t i;

	fputs("{\"rejects\":[", stdout);
	for (i = 0; i < list->n; i++) {
		fputs(i ? ",\n" : "\n", stdout);
		json_print(json_reject(&list->v[i]));
	}
	fputc(']', stdout);
}

/**
 * print_rejects_json() - Print rejects as one object.
 * @list: the rejects
 */
void print_rejects_json(const struct reject_list *list)
{
	print_rejects_array(list);
	fputs("}\n", stdout);
}

/**
 * print_run_json() - Print what a command was refused as one object.
 * @list: the rejects
 * @exit_status: of the command
 */
void print_run_json(const struct reject_list *list, int exit_status)
{
	print_rejects_array(list);
	printf(",\"status\":%d}\n", exit_status);
}

static void print_lines(const struct field *fields,
			const struct reject_list *list)
{
	struct subject s = { 0 };
	size_t i;

	for (i = 0; i < list->n; i++) {
		s.ep = &list->v[i].ep;
		s.reject = &list->v[i];
		json_print_subject(fields, &s);
		fputc('\n', stdout);
		flush_output();
	}
}

/**
 * print_rejects_json_lines() - Print rejects as one object a line.
 * @list: the rejects
 */
void print_rejects_json_lines(const struct reject_list *list)
{
	print_lines(reject_fields, list);
}

/**
 * print_calls_json_lines() - Print traced calls as one object a line.
 * @list: the calls
 */
void print_calls_json_lines(const struct reject_list *list)
{
	print_lines(call_fields, list);
}

/**
 * json_add_text() - Add a string to an object.
 * @object: the object
 * @key: its key, a constant
 * @text: the string; NULL adds null
 */
void json_add_text(struct json_object *object, const char *key,
		   const char *text)
{
	json_object_object_add(object, key, !text ? NULL :
			       json_checked(json_object_new_string(text)));
}

/**
 * json_add_element() - Add a string to an array.
 * @array: the array
 * @text: the string
 */
void json_add_element(struct json_object *array, const char *text)
{
	json_object_array_add(array, json_checked(json_object_new_string(text)));
}

/**
 * json_check() - Say whether a bind would succeed.
 * @check: the answer
 *
 * Return: the object.
 */
struct json_object *json_check(const struct check *check)
{
	const struct reject *would = &check->would;
	bool has_rule = would->err && !check->rule_unknown;
	struct json_object *object = json_checked(json_object_new_object());
	const char *name = errno_name(would->err);
	char number[12];

	snprintf(number, sizeof(number), "%u", would->err);
	json_add_text(object, "verdict", check->undecided ? NULL :
		      would->err ? "refused" : "ok");
	json_add_text(object, "errno", !would->err ? NULL : name ? name : number);
	json_add_text(object, "rule", has_rule ? rule_name(would->rule) : NULL);
	json_add_text(object, "reason", reason_name(would->reason));
	json_add_text(object, "reason_dev", would->reason_dev);
	json_object_object_add(object, "reason_netns", !would->reason_netns ? NULL :
			       json_checked(json_object_new_uint64(would->reason_netns)));
	json_object_object_add(object, "culprits",
			       json_sockets(&would->culprits));
	return object;
}

/* How many sockets there are of each protocol; into @object, if there is one. */
static void print_socket_counts(const struct counters *counters,
				struct json_object *object)
{
	struct json_object *sockets = NULL;
	const char *name;
	__u64 n;
	size_t i;

	if (object) {
		sockets = json_checked(json_object_new_object());
		json_object_object_add(object, "sockets", sockets);
	}
	for (i = 0; i < COUNTED_PROTOS && counters->sockets[i].proto; i++) {
		name = proto_name(counters->sockets[i].proto);
		n = counters->sockets[i].n;
		if (object)
			json_add_number(sockets, name, n);
		else
			printf("sockets_%-12s %llu\n", name,
			       (unsigned long long)n);
	}
}

static struct json_object *json_rule_count(__u32 op, __u32 rule, __u64 count)
{
	struct json_object *object = json_checked(json_object_new_object());

	json_add_text(object, "op", op_name(op));
	json_add_text(object, "rule", rule_name(rule));
	json_add_number(object, "count", count);
	return object;
}

/* Refusals by operation and rule: into an array, or one line for each. */
static void show_by_rule(const struct counters *counters,
			 struct json_object *array)
{
	__u32 op, rule;
	__u64 n;

	for (op = 0; op < COUNTED_OPS; op++) {
		for (rule = 0; rule < COUNTED_RULES; rule++) {
			n = counters->by_rule[op][rule];
			if (n && array)
				json_object_array_add(array, json_rule_count(op, rule, n));
			else if (n)
				printf("%-20s %llu %s %s\n", "rejects_by_rule",
				       (unsigned long long)n, op_name(op),
				       rule_name(rule));
		}
	}
}

/**
 * print_counters() - Print statistics.
 * @counters: the statistics
 * @json: print JSON instead of one line for each
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
	struct json_object *object = NULL, *by_rule = NULL;
	bool none = counters->only_sockets;
	__u64 n;
	size_t i;

	if (json)
		object = json_checked(json_object_new_object());
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		n = counters->v[names[i].attr];
		if (json)
			json_object_object_add(object, names[i].key, none ? NULL :
					       json_checked(json_object_new_uint64(n)));
		else if (none)
			printf("%-20s -\n", names[i].key);
		else
			printf("%-20s %llu\n", names[i].key,
			       (unsigned long long)n);
	}
	if (json && !none)
		by_rule = json_checked(json_object_new_array());
	show_by_rule(counters, by_rule);
	if (none)
		print_socket_counts(counters, object);
	if (json) {
		json_object_object_add(object, "rejects_by_rule", by_rule);
		json_print(object);
		fputc('\n', stdout);
	}
}
