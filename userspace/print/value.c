// SPDX-License-Identifier: GPL-2.0
/* Values, and getters shared by several kinds of subject. */

#include <arpa/inet.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/cgroup.h"
#include "lib/escape.h"
#include "model/endpoint.h"
#include "model/enums.h"
#include "model/names.h"
#include "print/field.h"

/* Longer than any command name, even that of a kernel thread. */
#define COMM_MAX	48

/* As many digits of a container id as its manager prints. */
#define SHORT_ID_LEN	12

/**
 * value_bool() - Set a value to true or false.
 * @v: value
 * @truth: which
 */
void value_bool(struct value *v, bool truth)
{
	v->type = VALUE_BOOL;
	v->num = truth;
}

/**
 * value_number() - Set a value to a number.
 * @v: value
 * @num: number
 */
void value_number(struct value *v, __u64 num)
{
	v->type = VALUE_NUMBER;
	v->num = num;
}

/**
 * value_bytes() - Set a value to a part of a string.
 * @v: value
 * @str: bytes, which must outlive the value
 * @len: how many
 */
void value_bytes(struct value *v, const char *str, size_t len)
{
	v->type = VALUE_STRING;
	v->str = str;
	v->len = len;
}

/**
 * value_string() - Set a value to a string.
 * @v: value
 * @str: string, which must outlive the value; NULL makes it null
 */
void value_string(struct value *v, const char *str)
{
	if (str)
		value_bytes(v, str, strlen(str));
	else
		v->type = VALUE_NULL;
}

/**
 * value_object() - Set a value to some fields of its subject.
 * @v: value
 * @fields: of the object
 */
void value_object(struct value *v, const struct field *fields)
{
	v->type = VALUE_OBJECT;
	v->fields = fields;
}

/**
 * value_printf() - Set a value to a short string.
 * @v: value
 * @fmt: printf format
 */
void value_printf(struct value *v, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(v->buf, sizeof(v->buf), fmt, args);
	va_end(args);
	value_string(v, v->buf);
}

/**
 * value_user() - Set a value to a user.
 * @v: value
 * @uid: user id
 * @numeric: do not look up the name
 */
void value_user(struct value *v, __u32 uid, bool numeric)
{
	const char *name = numeric ? NULL : user_name(uid);

	if (name)
		value_string(v, name);
	else
		value_printf(v, "%u", uid);
}

/**
 * value_process() - Set a value to a process, as command[pid].
 * @v: value
 * @comm: command name, or NULL
 * @pid: process id
 */
void value_process(struct value *v, const char *comm, __u32 pid)
{
	size_t len = comm ? strnlen(comm, COMM_MAX) : 0;
	char *end = v->buf;

	if (len)
		end = mempcpy(end, comm, len);
	*end++ = '[';
	end += number_format(end, pid);
	*end++ = ']';
	value_bytes(v, v->buf, end - v->buf);
}

/**
 * value_holder() - Set a value to the holder where no owner is visible.
 * @v: value
 * @sock: socket
 *
 * A forged name with brackets is harmless: such a row has no pid.
 */
void value_holder(struct value *v, const struct psock *sock)
{
	if (sock->owners_hidden)
		value_string(v, "(hidden)");
	else if (sock->owners_incomplete)
		value_string(v, "(not found in time)");
	else if (sock->kernel_owner)
		value_printf(v, "[%s]", sock->kernel_owner);
	else
		value_string(v, NULL);
}

/**
 * value_first_owner() - Set a value to one process behind a socket.
 * @v: value
 * @sock: socket
 *
 * Without one, set it as value_holder() does, or else to the state.
 */
void value_first_owner(struct value *v, const struct psock *sock)
{
	const struct owner *owner = sock->owners;

	if (sock->n_owners)
		value_process(v, owner->comm, owner->pid);
	else
		value_holder(v, sock);
	if (v->type == VALUE_NULL)
		value_printf(v, "(%s)", state_name(sock->state));
}

/**
 * value_container() - Set a value to the container of a cgroup.
 * @v: value
 * @cgroup: path, or NULL
 */
void value_container(struct value *v, const char *cgroup)
{
	struct slice name;

	if (!cgroup_container(cgroup, &name)) {
		value_string(v, NULL);
		return;
	}
	cgroup_unescape(&name, v->buf, sizeof(v->buf));
	value_bytes(v, name.str, name.len);
}

/**
 * value_unit() - Set a value to the container of a cgroup, or else to its unit.
 * @v: value
 * @cgroup: path, or NULL
 */
void value_unit(struct value *v, const char *cgroup)
{
	struct value container = { 0 };
	struct slice name;

	value_container(&container, cgroup);
	if (container.type == VALUE_STRING)
		value_printf(v, "container:%.*s",
			     (int)(container.len == 64 ? SHORT_ID_LEN :
							 container.len),
			     container.str);
	else if (cgroup_unit(cgroup, &name))
		value_bytes(v, name.str, name.len);
	else
		value_string(v, NULL);
}

/**
 * value_text() - A value as one word of printable text.
 * @v: the value
 *
 * Return: the text; to be freed.
 */
char *value_text(const struct value *v)
{
	char number[NUMBER_ROOM];

	if (v->type == VALUE_BOOL)
		return xstrdup(v->num ? "yes" : "no");
	if (v->type == VALUE_NUMBER) {
		number[number_format(number, v->num)] = '\0';
		return xstrdup(number);
	}
	if (v->type == VALUE_TEXT)
		return xasprintf("%.*s", (int)v->len, v->str);
	if (v->type == VALUE_STRING && v->len)
		return escape_text(v->str, v->len);
	/* An empty cell would shift the others. */
	return xstrdup("-");
}

/* A number without a known name can still be looked up. */
void get_proto(const struct subject *s, struct value *v)
{
	const char *name = proto_name(s->ep->proto);

	if (name)
		value_string(v, name);
	else
		value_printf(v, "proto-%u", s->ep->proto);
}

void get_family(const struct subject *s, struct value *v)
{
	value_string(v, family_name(s->ep->family));
}

/* inet_ntop() uses printf(), which is too slow for every row. */
static size_t format_ipv4(char *buf, const unsigned char *addr)
{
	char *end = buf;
	size_t i;

	for (i = 0; i < 4; i++) {
		end += number_format(end, addr[i]);
		*end++ = '.';
	}
	*--end = '\0';
	return end - buf;
}

static void put_addr(__u16 family, const unsigned char *addr, struct value *v)
{
	if (family == AF_INET) {
		value_bytes(v, v->buf, format_ipv4(v->buf, addr));
		return;
	}
	inet_ntop(family, addr, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

void get_addr(const struct subject *s, struct value *v)
{
	put_addr(s->ep->family, s->ep->addr, v);
}

/* As in ss: a socket bound to a device does not hold the whole address. */
void get_address(const struct subject *s, struct value *v)
{
	size_t len;

	get_addr(s, v);
	if (s->twin)
		value_printf(v, "%s", endpoint_is_any(s->ep) ? "*" :
							       "localhost");
	if (!s->ep->dev)
		return;
	len = v->len;
	snprintf(v->buf + len, sizeof(v->buf) - len, "%%%.*s", IFNAMSIZ,
		 s->ep->dev);
	value_string(v, v->buf);
}

void get_port(const struct subject *s, struct value *v)
{
	value_number(v, s->ep->port);
}

static __u16 peer_port(const struct subject *s)
{
	return s->sock ? s->sock->peer_port : s->reject->peer_port;
}

static void get_peer_addr(const struct subject *s, struct value *v)
{
	const unsigned char *addr = s->sock ? s->sock->peer_addr :
					      s->reject->peer_addr;

	put_addr(s->ep->family, addr, v);
}

static void get_peer_port(const struct subject *s, struct value *v)
{
	value_number(v, peer_port(s));
}

static const struct field peer_fields[] = {
	{ "addr", NULL, 0, NULL, NULL, get_peer_addr },
	{ "port", NULL, 0, NULL, NULL, get_peer_port },
	{ 0 }
};

void get_peer(const struct subject *s, struct value *v)
{
	if (peer_port(s))
		value_object(v, peer_fields);
	else
		value_string(v, NULL);
}

void get_peer_text(const struct subject *s, struct value *v)
{
	bool v6 = s->ep->family == AF_INET6;
	size_t len;

	if (!peer_port(s)) {
		value_string(v, NULL);
		return;
	}
	get_peer_addr(s, v);
	if (v6) {
		memmove(v->buf + 1, v->buf, v->len);
		v->buf[0] = '[';
		v->buf[v->len + 1] = ']';
	}
	len = v->len + (v6 ? 2 : 0);
	v->buf[len++] = ':';
	len += number_format(v->buf + len, peer_port(s));
	value_bytes(v, v->buf, len);
}

void get_dev(const struct subject *s, struct value *v)
{
	value_string(v, s->ep->dev);
}

/* Whether an option is set; null if the source does not know. */
static void put_flag(const struct subject *s, struct value *v, __u32 flag,
		     __u32 unknown)
{
	if (s->sock && s->sock->unknown & unknown)
		value_string(v, NULL);
	else
		value_bool(v, s->ep->flags & flag);
}

void get_reuseaddr(const struct subject *s, struct value *v)
{
	put_flag(s, v, PORTOWNER_SOCK_FLAG_REUSEADDR, UNKNOWN_REUSE);
}

void get_reuseport(const struct subject *s, struct value *v)
{
	put_flag(s, v, PORTOWNER_SOCK_FLAG_REUSEPORT, UNKNOWN_REUSE);
}

void get_v6only(const struct subject *s, struct value *v)
{
	put_flag(s, v, PORTOWNER_SOCK_FLAG_V6ONLY, UNKNOWN_V6ONLY);
}

void get_freebind(const struct subject *s, struct value *v)
{
	put_flag(s, v, PORTOWNER_SOCK_FLAG_FREEBIND, UNKNOWN_IP_OPTIONS);
}

void get_transparent(const struct subject *s, struct value *v)
{
	put_flag(s, v, PORTOWNER_SOCK_FLAG_TRANSPARENT, UNKNOWN_IP_OPTIONS);
}

/* All set options, as one word. */
void get_flags(const struct subject *s, struct value *v)
{
	static const char * const names[] = {
		"reuseaddr", "reuseport", "v6only", "freebind", "transparent",
		"selector",
	};
	char *end = v->buf;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (!(s->ep->flags & 1U << i))
			continue;
		if (end != v->buf)
			*end++ = ',';
		end = stpcpy(end, names[i]);
	}
	value_string(v, end == v->buf ? NULL : v->buf);
}
