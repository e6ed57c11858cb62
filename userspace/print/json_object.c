// SPDX-License-Identifier: GPL-2.0
/* Sockets, rejects and answers of check as json-c objects. */

#include <json-c/json.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/check.h"
#include "model/enums.h"
#include "print/json.h"
#include "print/json_priv.h"
#include "print/kernel_dev.h"
#include "print/kernel_part.h"
#include "print/proxy.h"
#include "print/sharing.h"
#include "print/untracked.h"

static struct json_object *json_subject(const struct field *fields,
					const struct subject *s);

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

/* A user, or NULL for any, and the options that it takes. */
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
 * json_value() - Convert the value of a field.
 * @s: its subject
 * @v: the value
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
 * json_check() - Convert an answer of check.
 * @check: the answer
 * @source: name of its source
 *
 * Return: the object.
 */
struct json_object *json_check(const struct check *check, const char *source)
{
	const struct reject *would = &check->would;
	bool has_rule = would->err && !check->rule_unknown;
	struct json_object *object = json_checked(json_object_new_object());
	const char *name = errno_name(would->err);
	char number[12];

	snprintf(number, sizeof(number), "%u", would->err);
	json_add_text(object, "source", source);
	json_add_text(object, "verdict", check->undecided ? NULL :
		      would->err ? "refused" : "ok");
	json_add_text(object, "errno", !would->err ? NULL : name ? name : number);
	json_add_text(object, "rule", has_rule ? rule_name(would->rule) : NULL);
	json_add_text(object, "reason", reason_name(reject_reason(would)));
	json_add_text(object, "reason_dev", would->reason_dev);
	json_object_object_add(object, "reason_netns", !would->reason_netns ? NULL :
			       json_checked(json_object_new_uint64(would->reason_netns)));
	json_object_object_add(object, "culprits",
			       json_sockets(&would->culprits));
	return object;
}
