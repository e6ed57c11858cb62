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

#include "model.h"
#include "util.h"

/**
 * enum value_type - What a field may be.
 * @VALUE_NULL: not known, or not there
 * @VALUE_BOOL: in num
 * @VALUE_NUMBER: in num
 * @VALUE_STRING: str and len; untrusted bytes
 * @VALUE_BINDER: the binder of the socket
 * @VALUE_OWNERS: the owners of the socket
 * @VALUE_CULPRITS: the culprits of the reject
 */
enum value_type {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_NUMBER,
	VALUE_STRING,
	VALUE_BINDER,
	VALUE_OWNERS,
	VALUE_CULPRITS,
};

/**
 * struct value - A field of one subject.
 * @type: which of the others count
 * @num: number or truth
 * @str: bytes in the model or in @buf
 * @len: number of bytes
 * @buf: room for what is not in the model
 */
struct value {
	enum value_type type;
	__u64 num;
	const char *str;
	size_t len;
	char buf[80];
};

/**
 * struct subject - What a field is a field of.
 * @ep: address of the socket or reject
 * @sock: socket, or NULL
 * @owner: one of its owners, or NULL
 * @reject: reject, or NULL
 * @numeric: no names of users and namespaces
 */
struct subject {
	const struct endpoint *ep;
	const struct psock *sock;
	const struct owner *owner;
	const struct reject *reject;
	bool numeric;
};

/*
 * No flags of libsmartcols: the same for all descriptors of a process; not the
 * same for all sockets of a kind, see struct psock.
 */
#define FIELD_OF_PROCESS	0x40000000
#define FIELD_OF_ONE		0x20000000

/**
 * struct field - Something that can be shown.
 * @key: JSON key, or NULL if it is a column only
 * @column: heading, or NULL if it is in JSON only
 * @flags: SCOLS_FL_*, FIELD_OF_*
 * @color: of the column, or NULL
 * @help: what it is, for those with a column
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
extern const struct field binder_fields[];
extern const struct field owner_fields[];
extern const struct field reject_fields[];

/* Getters that sockets and rejects have in common. */
void get_proto(const struct subject *s, struct value *v);
void get_family(const struct subject *s, struct value *v);
void get_addr(const struct subject *s, struct value *v);
void get_address(const struct subject *s, struct value *v);
void get_port(const struct subject *s, struct value *v);
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
void value_bytes(struct value *v, const char *str, size_t len);
__printf(2, 3)
void value_printf(struct value *v, const char *fmt, ...);
void value_user(struct value *v, __u32 uid, bool numeric);
void value_holder(struct value *v, const struct psock *sock);
void value_first_owner(struct value *v, const struct psock *sock);
void value_container(struct value *v, const char *cgroup);
void value_unit(struct value *v, const char *cgroup);

#endif /* PORTOWNER_FIELD_H */
