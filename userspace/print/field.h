/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One description of everything that can be shown. A field is a JSON key, a
 * column, or both; tables and JSON are printed from the same descriptions.
 */
#ifndef PORTOWNER_FIELD_H
#define PORTOWNER_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/types.h>

#include "lib/util.h"
#include "model/model.h"

struct field;
struct sharing;

/**
 * enum value_type - Types of a field.
 * @VALUE_NULL: unknown, or absent
 * @VALUE_BOOL: in num
 * @VALUE_NUMBER: in num
 * @VALUE_STRING: str and len; untrusted bytes
 * @VALUE_TEXT: str and len; escaped, but may contain blanks; for columns only
 * @VALUE_OBJECT: fields of the same subject, in fields
 * @VALUE_OWNERS: the owners of the socket
 * @VALUE_PURPOSE: purpose of a socket of the kernel
 * @VALUE_FORWARDED: the container on whose behalf the socket is held
 * @VALUE_JOINING: who else may bind the address of the socket
 * @VALUE_UNTRACKED: where untracked references to the socket are, or may be
 * @VALUE_CULPRITS: the culprits of the reject
 */
enum value_type {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_NUMBER,
	VALUE_STRING,
	VALUE_TEXT,
	VALUE_OBJECT,
	VALUE_OWNERS,
	VALUE_PURPOSE,
	VALUE_FORWARDED,
	VALUE_JOINING,
	VALUE_UNTRACKED,
	VALUE_CULPRITS,
};

/* Room for a command name with each byte escaped, and three numbers. */
#define VALUE_ROOM	112

/**
 * struct value - A field of one subject.
 * @type: which of the others are used
 * @num: number or truth
 * @str: bytes in the model or in @buf
 * @len: number of bytes
 * @fields: fields of an object
 * @buf: room for text that is not in the model
 */
struct value {
	enum value_type type;
	__u64 num;
	const char *str;
	size_t len;
	const struct field *fields;
	char buf[VALUE_ROOM];
};

/**
 * struct subject - What a field describes.
 * @ep: address of the socket or reject
 * @sock: socket, or NULL
 * @owner: one of its owners, or NULL
 * @reject: reject, or NULL
 * @sharing: all sockets on the port of @sock, or NULL if these are not known
 * @numeric: omit names of users and namespaces
 * @iso_time: print times in full
 * @whole: the row is about the whole socket, not just about @owner
 * @twin: it is also about the IPv6 socket that is otherwise the same
 */
struct subject {
	const struct endpoint *ep;
	const struct psock *sock;
	const struct owner *owner;
	const struct reject *reject;
	struct sharing *sharing;
	bool numeric;
	bool iso_time;
	bool whole;
	bool twin;
};

/**
 * enum field_flags - Properties of a field.
 * @FIELD_RIGHT: its column is right-aligned
 * @FIELD_CUT: its column is cut on a terminal that is too narrow
 * @FIELD_CUT_SHORT: the same; a few letters are enough to recognise the rest
 * @FIELD_CUT_LATE: the same, if cutting the others is not enough
 * @FIELD_CUT_LAST: the same, as the last resort
 * @FIELD_DROP: its column may be dropped, unless requested
 * @FIELD_OF_PROCESS: the same for all descriptors of a process
 * @FIELD_OF_ONE: may differ among sockets of one template, see struct psock
 * @FIELD_ASCII: takes one terminal column per byte
 */
enum field_flags {
	FIELD_RIGHT		= 1 << 0,
	FIELD_CUT		= 1 << 1,
	FIELD_OF_PROCESS	= 1 << 2,
	FIELD_OF_ONE		= 1 << 3,
	FIELD_ASCII		= 1 << 4,
	FIELD_CUT_SHORT		= 1 << 5,
	FIELD_CUT_LATE		= 1 << 6,
	FIELD_CUT_LAST		= 1 << 7,
	FIELD_DROP		= 1 << 8,
};

/* Escape sequences that set and reset colours. */
#define SGR_BOLD		"\033[1m"
#define SGR_RED			"\033[31m"
#define SGR_RESET		"\033[0m"

/**
 * struct field - Something that can be shown.
 * @key: JSON key, or NULL for a column only
 * @column: heading, or NULL for JSON only
 * @flags: enum field_flags
 * @color: escape sequence for the column's colour, or NULL
 * @help: description, if it has a column
 * @get: sets a value to the field of a subject
 */
struct field {
	const char *key;
	const char *column;
	int flags;
	const char *color;
	const char *help;
	void (*get)(const struct subject *s, struct value *v);
};

extern const struct field socket_fields[];
extern const struct field owner_fields[];
extern const struct field reject_fields[];
extern const struct field call_fields[];

/* Getters shared by sockets and rejects. */
void get_proto(const struct subject *s, struct value *v);
void get_family(const struct subject *s, struct value *v);
void get_addr(const struct subject *s, struct value *v);
void get_address(const struct subject *s, struct value *v);
void get_port(const struct subject *s, struct value *v);
void get_peer(const struct subject *s, struct value *v);
void get_peer_text(const struct subject *s, struct value *v);
void get_dev(const struct subject *s, struct value *v);
void get_reuseaddr(const struct subject *s, struct value *v);
void get_reuseport(const struct subject *s, struct value *v);
void get_v6only(const struct subject *s, struct value *v);
void get_freebind(const struct subject *s, struct value *v);
void get_transparent(const struct subject *s, struct value *v);
void get_flags(const struct subject *s, struct value *v);

void value_bool(struct value *v, bool truth);
void value_number(struct value *v, __u64 num);
void value_string(struct value *v, const char *str);
void value_object(struct value *v, const struct field *fields);
void value_bytes(struct value *v, const char *str, size_t len);
__printf(2, 3)
void value_printf(struct value *v, const char *fmt, ...);
void value_user(struct value *v, __u32 uid, bool numeric);
void value_process(struct value *v, const char *comm, __u32 pid);
void value_holder(struct value *v, const struct psock *sock);
void value_first_owner(struct value *v, const struct psock *sock);
void value_container(struct value *v, const char *cgroup);
void value_unit(struct value *v, const char *cgroup);
char *value_text(const struct value *v);

#endif /* PORTOWNER_FIELD_H */
