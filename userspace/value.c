// SPDX-License-Identifier: GPL-2.0
/* Values, and those that more than one kind of subject has. */

#include <arpa/inet.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cgroup.h"
#include "enums.h"
#include "field.h"
#include "names.h"

/* As many digits of a container's identifier as its manager prints. */
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
 * @numeric: do not look for the name
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
 * value_holder() - Set a value to who holds a socket, if no owner is shown.
 * @v: value
 * @sock: socket
 *
 * The brackets of a forged name are no risk: such a row has no pid.
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
 * If there is none to show, to what value_holder() gives, else to the state.
 */
void value_first_owner(struct value *v, const struct psock *sock)
{
	const struct owner *owner = sock->owners;

	if (sock->n_owners)
		value_printf(v, "%.48s[%u]", owner->comm ? owner->comm : "",
			     owner->pid);
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
 * value_unit() - Set a value to the container of a cgroup, else to its unit.
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

/* A number that has no name here still can be looked up. */
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

/* inet_ntop() goes through printf(): too slow for what each row has. */
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

void get_addr(const struct subject *s, struct value *v)
{
	if (s->ep->family == AF_INET) {
		value_bytes(v, v->buf, format_ipv4(v->buf, s->ep->addr));
		return;
	}
	inet_ntop(s->ep->family, s->ep->addr, v->buf, sizeof(v->buf));
	value_string(v, v->buf);
}

/* As ss does: a socket bound to a device has not the whole address. */
void get_address(const struct subject *s, struct value *v)
{
	size_t len;

	get_addr(s, v);
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

void get_dev(const struct subject *s, struct value *v)
{
	value_string(v, s->ep->dev);
}

void get_reuseaddr(const struct subject *s, struct value *v)
{
	value_bool(v, s->ep->flags & PORTOWNER_SOCK_FLAG_REUSEADDR);
}

void get_reuseport(const struct subject *s, struct value *v)
{
	value_bool(v, s->ep->flags & PORTOWNER_SOCK_FLAG_REUSEPORT);
}

void get_v6only(const struct subject *s, struct value *v)
{
	value_bool(v, s->ep->flags & PORTOWNER_SOCK_FLAG_V6ONLY);
}

void get_freebind(const struct subject *s, struct value *v)
{
	value_bool(v, s->ep->flags & PORTOWNER_SOCK_FLAG_FREEBIND);
}

void get_transparent(const struct subject *s, struct value *v)
{
	value_bool(v, s->ep->flags & PORTOWNER_SOCK_FLAG_TRANSPARENT);
}

/* All options that are set, as one word. */
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
