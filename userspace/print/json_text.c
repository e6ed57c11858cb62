// SPDX-License-Identifier: GPL-2.0
/*
 * Fields as JSON without an object for each: a list of 200,000 sockets has
 * seven million of them, and json-c takes 2,000 instructions for each. Rare
 * types, and any string with a character special to JSON or a terminal, are
 * left to json-c, so that escaping is in one place. Sockets of one template make
 * the same text but for a few values: to copy the rest takes 1,900 instructions
 * a socket, and to get all fields 6,500.
 */

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"
#include "model/model.h"
#include "print/json.h"
#include "print/json_priv.h"

/* Room for a key, punctuation and a number. */
#define FIELD_ROOM	128

/* Number of socket fields whose keys are cached as text; others cost more. */
#define KEYS_MAX	96

/* Room for the fields that all descriptors of a process share. */
#define PROCESS_ROOM	1024

/**
 * struct process_text - The end of an owner, which all its descriptors share.
 * @owner: an owner of that process, whose names still exist
 * @text: the fields after the descriptor
 * @len: bytes in @text, or 0 if there is none
 */
struct process_text {
	struct owner owner;
	char text[PROCESS_ROOM];
	size_t len;
};

/* Room for a socket that others are printed like, and for its own values. */
#define SOCKET_ROOM	2048
#define OWN_MAX		8

/* Number of such sockets that are kept; they take a megabyte at most. */
#define LIKES_MAX	512

/**
 * struct own_value - A value in which sockets of one template differ.
 * @field: its field
 * @start: offset of the value in the text
 * @end: offset of what follows
 */
struct own_value {
	const struct field *field;
	size_t start;
	size_t end;
};

/**
 * struct like - A socket that others of its template are printed like.
 * @template_id: their template, or 0 for none
 * @own: the values that each has of its own, in order
 * @n: number of these values; those beyond OWN_MAX are not in @own
 * @text: the socket as JSON
 * @len: bytes in @text
 */
struct like {
	__u32 template_id;
	struct own_value own[OWN_MAX];
	size_t n;
	char text[SOCKET_ROOM];
	size_t len;
};

/**
 * struct text - Output.
 * @buf: its pending part
 * @len: bytes in @buf
 * @flushes: number of times that @buf was written
 * @known: text of the last process
 * @like: gets the own values of the socket being printed, or NULL
 */
struct text {
	char buf[16384];
	size_t len;
	unsigned long flushes;
	struct process_text known;
	struct like *like;
};

static void begin(struct text *text)
{
	text->len = 0;
	text->flushes = 0;
	text->known.len = 0;
	text->like = NULL;
}

static void flush(struct text *text)
{
	write_output(text->buf, text->len);
	text->len = 0;
	text->flushes++;
}

/* Make room for a few bytes. */
static void reserve(struct text *text, size_t len)
{
	if (text->len + len > sizeof(text->buf))
		flush(text);
}

static void put(struct text *text, const char *str, size_t len)
{
	memcpy(text->buf + text->len, str, len);
	text->len += len;
}

static bool is_simple(const char *str, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (str[i] < ' ' || str[i] > '~' || str[i] == '"' ||
		    str[i] == '\\')
			return false;
	return true;
}

static void put_object(struct text *text, const struct subject *s,
		       const struct value *v)
{
	struct json_object *json = json_value(s, v);

	if (!json) {
		put(text, "null", 4);
		return;
	}
	flush(text);
	json_write(stdout, json);
}

static void put_string(struct text *text, const struct subject *s,
		       const struct value *v)
{
	if (v->len > sizeof(text->buf) - FIELD_ROOM ||
	    !is_simple(v->str, v->len)) {
		put_object(text, s, v);
		return;
	}
	reserve(text, v->len + FIELD_ROOM);
	put(text, "\"", 1);
	put(text, v->str, v->len);
	put(text, "\"", 1);
}

static void put_subject(struct text *text, const struct field *fields,
			const struct subject *s);
static void put_fields(struct text *text, const struct field *fields,
		       const struct field *end, const struct subject *s);

/* The first of the trailing fields that depend on the process only. */
static const struct field *of_process(void)
{
	const struct field *field, *first = owner_fields;

	for (field = owner_fields; field->get; field++)
		if (!(field->flags & FIELD_OF_PROCESS))
			first = field + 1;
	return first;
}

static void put_owner(struct text *text, const struct subject *s)
{
	struct process_text *known = &text->known;
	const struct field *rest = of_process();
	unsigned long flushes;
	size_t start;

	put(text, "{", 1);
	put_fields(text, owner_fields, rest, s);
	put(text, ",", 1);
	reserve(text, PROCESS_ROOM);
	if (known->len && owner_same_process(&known->owner, s->owner)) {
		put(text, known->text, known->len);
		return;
	}
	start = text->len;
	flushes = text->flushes;
	put_fields(text, rest, NULL, s);
	put(text, "}", 1);
	known->len = text->len - start;
	if (text->flushes != flushes || known->len > sizeof(known->text)) {
		known->len = 0;
		return;
	}
	known->owner = *s->owner;
	memcpy(known->text, text->buf + start, known->len);
}

static void put_owners(struct text *text, const struct psock *sock)
{
	struct subject s = { .ep = &sock->ep, .sock = sock };
	size_t i;

	put(text, "[", 1);
	for (i = 0; i < sock->n_owners; i++) {
		s.owner = &sock->owners[i];
		reserve(text, FIELD_ROOM);
		if (i)
			put(text, ",", 1);
		put_owner(text, &s);
	}
	reserve(text, FIELD_ROOM);
	put(text, "]", 1);
}

static void put_value(struct text *text, const struct subject *s,
		      const struct value *v)
{
	switch (v->type) {
	case VALUE_NULL:
		put(text, "null", 4);
		break;
	case VALUE_BOOL:
		if (v->num)
			put(text, "true", 4);
		else
			put(text, "false", 5);
		break;
	case VALUE_NUMBER:
		text->len += number_format(text->buf + text->len, v->num);
		break;
	case VALUE_STRING:
		put_string(text, s, v);
		break;
	case VALUE_OBJECT:
		put_subject(text, v->fields, s);
		break;
	case VALUE_OWNERS:
		put_owners(text, s->sock);
		break;
	default:
		put_object(text, s, v);
	}
}

/* Key of a socket field as text, preceded by a comma; created on first use. */
static const char *socket_key(const struct field *field, size_t *len)
{
	static struct {
		char text[FIELD_ROOM / 2];
		size_t len;
	} keys[KEYS_MAX];
	size_t i = field - socket_fields;

	if (!keys[i].len)
		keys[i].len = snprintf(keys[i].text, sizeof(keys[i].text),
				       ",\"%s\":", field->key);
	*len = keys[i].len;
	return keys[i].text;
}

/* Note a value just printed, from @start on, if it may differ in a template. */
static void note_own(struct text *text, const struct field *field, size_t start)
{
	struct like *like = text->like;

	if (!like || !(field->flags & FIELD_OF_ONE))
		return;
	if (like->n < OWN_MAX)
		like->own[like->n] = (struct own_value){
			.field = field, .start = start, .end = text->len
		};
	like->n++;
}

/* Fields up to @end, or all that remain; at least one has a key. */
static void put_fields(struct text *text, const struct field *fields,
		       const struct field *end, const struct subject *s)
{
	bool socket = fields == socket_fields;
	const char *key;
	struct value v;
	size_t len, start, skip = 1;

	for (; fields->get && fields != end; fields++) {
		if (!fields->key)
			continue;
		reserve(text, FIELD_ROOM);
		if (socket && fields - socket_fields < KEYS_MAX) {
			key = socket_key(fields, &len);
			put(text, key + skip, len - skip);
		} else {
			put(text, ",\"" + skip, 2 - skip);
			put(text, fields->key, strlen(fields->key));
			put(text, "\":", 2);
		}
		skip = 0;
		v.type = VALUE_NULL;
		fields->get(s, &v);
		start = text->len;
		put_value(text, s, &v);
		note_own(text, fields, start);
	}
	reserve(text, FIELD_ROOM);
}

static void put_subject(struct text *text, const struct field *fields,
			const struct subject *s)
{
	put(text, "{", 1);
	put_fields(text, fields, NULL, s);
	put(text, "}", 1);
}

/* Print a socket like an earlier one of its template. */
static void put_like(struct text *text, const struct like *like,
		     const struct subject *subject)
{
	const struct own_value *own = like->own;
	struct subject s = *subject;
	size_t i, at = 0;
	struct value v;

	s.owner = s.sock->owners;
	for (i = 0; i < like->n; i++, own++) {
		reserve(text, own->start - at + FIELD_ROOM);
		put(text, like->text + at, own->start - at);
		v.type = VALUE_NULL;
		own->field->get(&s, &v);
		put_value(text, &s, &v);
		at = own->end;
	}
	reserve(text, like->len - at + FIELD_ROOM);
	put(text, like->text + at, like->len - at);
}

/* Print a socket, and keep its text unless it is long or json-c wrote some. */
static void put_kept(struct text *text, struct like *like,
		     const struct subject *s)
{
	unsigned long flushes;

	like->template_id = 0;
	like->n = 0;
	/* Then the socket begins where the buffer does. */
	flush(text);
	flushes = text->flushes;
	text->like = like;
	put_subject(text, socket_fields, s);
	text->like = NULL;
	if (text->flushes != flushes || text->len > sizeof(like->text) ||
	    like->n > OWN_MAX)
		return;
	like->template_id = s->sock->template_id;
	like->len = text->len;
	memcpy(like->text, text->buf, text->len);
}

static void put_socket(struct text *text, struct like **likes,
		       const struct subject *s)
{
	__u32 id = s->sock->template_id;
	struct like **like = &likes[id % LIKES_MAX];

	if (!id) {
		put_subject(text, socket_fields, s);
		return;
	}
	if (!*like)
		*like = xcalloc(1, sizeof(**like));
	if ((*like)->template_id == id)
		put_like(text, *like, s);
	else
		put_kept(text, *like, s);
}

/**
 * json_print_subject() - Print an object with all fields of a subject.
 * @fields: its fields; those with a key are printed, in this order
 * @s: the subject
 */
void json_print_subject(const struct field *fields, const struct subject *s)
{
	struct text text;

	begin(&text);
	put_subject(&text, fields, s);
	flush(&text);
}

/**
 * json_print_sockets() - Print sockets as the elements of an array.
 * @list: the sockets
 * @sharing: all sockets on their ports, or NULL if these are not known
 */
void json_print_sockets(const struct psock_list *list, struct sharing *sharing)
{
	struct like **likes = xcalloc(LIKES_MAX, sizeof(*likes));
	struct subject s = { .sharing = sharing };
	struct text text;
	size_t i;

	begin(&text);
	for (i = 0; i < list->n; i++) {
		s.sock = &list->v[i];
		s.ep = &s.sock->ep;
		reserve(&text, FIELD_ROOM);
		if (i)
			put(&text, ",", 1);
		put(&text, "\n", 1);
		put_socket(&text, likes, &s);
	}
	flush(&text);
	for (i = 0; i < LIKES_MAX; i++)
		free(likes[i]);
	free(likes);
}
